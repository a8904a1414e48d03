"""What the online shop of the demo sold, and what its people did about it."""
