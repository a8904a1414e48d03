"""Disputes over inspection verdicts, 质检申诉 (QA7)."""
