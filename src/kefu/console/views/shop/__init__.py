"""Pages of the online shop (SHOP1-SHOP6)."""
