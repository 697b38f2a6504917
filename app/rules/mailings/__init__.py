"""Mails to the desk's own people: when they are due and what they say. Pure."""
