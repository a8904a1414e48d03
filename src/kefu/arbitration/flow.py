"""The course of a filing as a table: what each step makes of each state (O6). Pure."""

from collections.abc import Mapping

from kefu.arbitration.vocabulary import State, Step

MOVES: Mapping[tuple[str, str], State] = {
    (State.FILED, Step.ACCEPT): State.REPLYING,
    (State.FILED, Step.REFUSE): State.REFUSED,
    (State.FILED, Step.WITHDRAW): State.WITHDRAWN,
    # The last of the accused to answer ends the wait; until then it stays.
    (State.REPLYING, Step.REPLY): State.JUDGING,
    (State.REPLYING, Step.FORWARD): State.JUDGING,
    (State.JUDGING, Step.RULE): State.AUDITING,
    (State.AUDITING, Step.CONFIRM): State.DECIDED,
    (State.AUDITING, Step.SEND_BACK): State.JUDGING,
    (State.DECIDED, Step.APPEAL): State.APPEALED,
    (State.DECIDED, Step.FINISH): State.FINAL,
    (State.APPEALED, Step.RULE): State.REVIEWING,
    # There is one appeal; what it ends in is final.
    (State.REVIEWING, Step.CONFIRM): State.FINAL,
    (State.REVIEWING, Step.SEND_BACK): State.APPEALED,
}


def after(state: str, step: str) -> State | None:
    """The state the step leads to; ``None`` when it does not belong there."""
    return MOVES.get((State(state), Step(step)))


def steps_in(state: str) -> frozenset[Step]:
    """What may be done in a state, whoever does it."""
    return frozenset(Step(step) for source, step in MOVES if source == state)
