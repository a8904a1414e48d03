"""The fixed cast and ground, here too."""

from kefu.conftest import _fresh_cache, cast, django_db_setup, ground, handbooks, hire, now, own_databases

__all__ = ["_fresh_cache", "cast", "django_db_setup", "ground", "handbooks", "hire", "now", "own_databases"]
