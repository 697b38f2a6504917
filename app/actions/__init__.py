"""Verbs: the only code that changes data; plain async functions in the caller's transaction."""
