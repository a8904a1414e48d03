"""Waybills keyed in or imported, billed weight, what is recorded but not sent (OPS2, O9)."""
