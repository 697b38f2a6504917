"""What customer success sees."""
