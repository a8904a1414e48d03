"""A trial of the rule bench, for the matrix of callers."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from kefu.bench import actions
from kefu.conftest import NOW, Cast
from kefu.handbook import builtin

SINCE, UNTIL = NOW - timedelta(days=30), NOW + timedelta(days=1)


@dataclass(frozen=True)
class Bench:
    """A running trial of the station."""

    trial: int = 1


def build(cast: Cast) -> Bench:
    """One trial begun by the manager over what the station has."""
    text = builtin.text("best") or ""
    return Bench(actions.begin(actor=cast.manager, text=text, title="best", since=SINCE, until=UNTIL, now=NOW).pk)


def requests(w: Bench, conversation: int, version: int) -> dict[str, tuple[str, str, Any]]:
    """One request of each operation."""
    span = {"since": SINCE.isoformat(), "until": UNTIL.isoformat()}
    return {
        "list_bench_labels": ("GET", "/bench/labels", None),
        "add_bench_label": ("POST", "/bench/labels", {"subject_id": conversation, "item": "taboo", "breached": True}),
        "read_bench_scores": ("GET", "/bench/scores", None),
        "list_bench_trials": ("GET", "/bench/trials", None),
        "begin_bench_trial": ("POST", "/bench/trials", {"draft": version, **span}),
        "read_bench_trial": ("GET", f"/bench/trials/{w.trial}", None),
        "list_bench_changes": ("GET", f"/bench/trials/{w.trial}/changes", None),
        "stop_bench_trial": ("POST", f"/bench/trials/{w.trial}/stop", None),
    }
