"""Clocks: loops that claim rows, do one thing and write the result."""
