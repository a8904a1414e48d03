"""Who signed, with whose consent, what was collected; undo by a supervisor; patterns of false signatures (OPS3, O10)."""
