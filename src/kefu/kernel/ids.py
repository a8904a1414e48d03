"""Readable numbers for things people read out on the phone."""

import secrets

_ALPHABET = "23456789ABCDEFGHJKMNPQRSTVWXYZ"


def token(length: int = 32) -> str:
    """Random text for secrets; letters and digits that are not mistaken for each other."""
    return "".join(secrets.choice(_ALPHABET) for _ in range(length))
