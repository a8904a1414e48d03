"""Orders of platforms: accepted, assigned, collected, refused, each on its clocks (OPS9, O2, O16)."""
