"""Search, read: what documents say, which an index finds, and what is shown of them."""
