"""Inspection of every conversation and case."""
