"""Judgments about accounts and what is handed to customer success. Pure."""
