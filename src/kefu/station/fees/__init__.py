"""Rate cards by area, weight band and date; what a delivery earns; settlement and disputes (OPS4, O11)."""
