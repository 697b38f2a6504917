"""Mikawaya (三河屋): a support contact centre."""
