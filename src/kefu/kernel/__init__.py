"""Ground floor: no domain word here."""
