"""A process that others started ends when they are gone: killed servers must not leave workers behind that hold the port."""

import os
import signal
import threading
import time

_EVERY = 1.0
VARIABLE = "KEFU_STARTED_BY"


def _alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def _watch(parent: int, starter: int) -> None:
    while os.getppid() == parent and _alive(starter):
        time.sleep(_EVERY)
    os.kill(os.getpid(), signal.SIGTERM)


def end_with_parents() -> None:
    """Watch the parent and the process that started the whole, when it said who it is; end as by a signal when either is gone."""
    starter = int(os.environ.get(VARIABLE, "") or 0)
    if not starter:
        return
    threading.Thread(target=_watch, args=(os.getppid(), starter), name="parentage", daemon=True).start()
