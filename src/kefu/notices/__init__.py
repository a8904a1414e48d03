"""Telling the customer: what is sent at each step of a case, by the way they chose, and what became of it (CASE5)."""
