"""The typed REST API."""
