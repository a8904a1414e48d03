"""Bulk work on cases as durable jobs."""
