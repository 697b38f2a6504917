"""Customer success: doors."""
