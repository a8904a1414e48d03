"""Cases, their procedures and timeline."""
