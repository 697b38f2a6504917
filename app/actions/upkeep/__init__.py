"""What keeps an inbox healthy: its silence and its allowance become alarms, and cease to be."""
