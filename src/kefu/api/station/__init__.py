"""The station over the API, a file for each of its systems (OPS1–OPS10)."""
