"""Settings, urls and entry points: the composition root."""
