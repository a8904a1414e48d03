"""Gun entry, batches, undo (OPS1, O8)."""
