"""Lists as Excel and CSV, case files as PDF."""
