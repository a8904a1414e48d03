"""Coaching: notes between a lead and an agent, and the library of good passages (QA8, QA2)."""
