"""What keeps an inbox healthy: whether its provider still reaches us, and how much of its allowance is left."""
