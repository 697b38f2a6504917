"""Reads: functions that return rows or shapes and never write."""
