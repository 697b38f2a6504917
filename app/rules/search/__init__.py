"""Search: one tokeniser for both databases, what a person types, and what is shown of a hit. Pure."""
