"""Workers and periodic work."""
