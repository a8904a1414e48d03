"""What the ten systems of the demo's stations hold."""
