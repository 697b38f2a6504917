"""Verbs on whole cases: tickets put together, taken apart, and linked."""
