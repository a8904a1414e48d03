"""The chain of a signed copy from the receiver back to the sender, and what is overdue on it (OPS6, O13)."""
