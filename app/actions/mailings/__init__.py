"""Mails to the desk's own people: what is saved, made and sent."""
