"""Judgments about knowledge: who may do what with an article, how it reads, what changed, what is found. Pure."""
