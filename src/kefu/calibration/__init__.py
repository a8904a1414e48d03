"""Calibration of inspectors, 评分校准: blind scoring of the same conversations, agreement, the agreed mark (QA7)."""
