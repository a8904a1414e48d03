"""Cases over the API: reading, steps and upkeep, clocks, tasks, files."""
