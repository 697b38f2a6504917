"""Judgments: pure functions of values and `now`."""
