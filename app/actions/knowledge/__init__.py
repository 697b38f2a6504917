"""Writing articles down and letting people see them."""
