"""Doors: HTTP and WebSocket."""
