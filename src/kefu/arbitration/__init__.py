"""Arbitration 仲裁: headquarters fixes liability between sites and moves money among them (CASE7, O6, O17)."""
