"""The difference sets between what was sent, arrived, delivered and signed (OPS5, O12)."""
