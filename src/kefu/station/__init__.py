"""The ten systems of an express station, a room each (OPS1–OPS10)."""
