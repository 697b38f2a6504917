"""Small servers that play the providers, for the demonstration and the tests."""
