"""The doors to the knowledge base."""
