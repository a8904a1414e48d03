"""Deadlines: several per subject, paused, warned, breached, explained."""
