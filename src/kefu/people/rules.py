"""Pure decisions about sign-in (SEC5)."""

import hashlib
from datetime import datetime, timedelta

import pyotp

MAX_WRONG_BY_NAME = 5
MAX_WRONG_BY_IP = 50
WINDOW = timedelta(minutes=15)
TOTP_STEP = 30


def name_key(username: str) -> str:
    """What wrong tries are counted by: the name is not kept, somebody may have typed a password into its field."""
    return hashlib.sha256(username.strip().lower().encode()).hexdigest()


def lock_minutes(wrong_by_name: int, wrong_by_ip: int) -> int:
    """Minutes the door stays shut after so many wrong tries within the window; 0: open."""
    if wrong_by_name >= MAX_WRONG_BY_NAME or wrong_by_ip >= MAX_WRONG_BY_IP:
        return int(WINDOW.total_seconds() // 60)
    return 0


def accepted_step(secret: str, code: str, at: datetime, last_step: int) -> int | None:
    """Time step the code belongs to, one step of drift allowed each way; ``None`` if wrong or used before."""
    if not (code.isascii() and code.isdigit() and len(code) == 6):
        return None
    totp = pyotp.TOTP(secret)
    current = int(at.timestamp()) // TOTP_STEP
    for step in (current, current - 1, current + 1):
        if step > last_step and pyotp.utils.strings_equal(totp.at(step * TOTP_STEP), code):
            return step
    return None
