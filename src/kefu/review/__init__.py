"""Inspectors' work: sampling plans, tasks, scoring beside the machine, coverage (QA6)."""
