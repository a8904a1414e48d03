"""Carriers and tracking services: signatures and wire formats (V3–V6). The port is ``station.tracking.carriers``."""
