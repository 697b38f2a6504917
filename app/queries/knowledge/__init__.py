"""Articles as screens and pages show them."""
