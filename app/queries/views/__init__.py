"""Saved views: which an agent sees, and their badges."""
