"""Which villages and streets a site delivers to, and since when; addresses taken apart (OPS2, OPS10, R19, R47)."""
