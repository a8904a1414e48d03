"""The lists, one file for each module they come from."""
