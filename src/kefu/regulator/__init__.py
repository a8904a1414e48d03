"""Appeals to the postal authority (12305 邮政申诉): files, limits, answers, verdicts, rates (CASE5, R25–R31, R63)."""
