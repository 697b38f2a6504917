"""What customer success does, and what is handed to them."""
