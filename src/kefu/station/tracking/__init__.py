"""One box for many numbers: own scans and carriers' traces merged (OPS7, O14)."""
