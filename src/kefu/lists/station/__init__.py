"""Lists of the ten systems of a station."""
