"""Pages of the ten systems of a station."""
