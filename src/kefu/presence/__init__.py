"""Who is looking at a thing right now, and who is writing there."""
