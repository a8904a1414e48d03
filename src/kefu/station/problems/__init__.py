"""Reported, answered between sites, aged, closed (OPS8, O15)."""
