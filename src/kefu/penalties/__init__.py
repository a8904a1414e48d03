"""Penalties: the ledger of final breaches (QA8, PERF3)."""
