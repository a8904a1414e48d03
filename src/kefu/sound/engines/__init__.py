"""Transcription: the port, its adapters, and how an engine that breaks is handled (QA3)."""
