"""KPI definitions and daily facts."""
