"""Asked for, approved, handed on under a new number, settled (OPS10, O7)."""
