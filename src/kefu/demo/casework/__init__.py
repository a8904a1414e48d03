"""Casework of the demo centre: what happens to each case as a script made from the handbook's procedures, and its playing."""
