"""Who is on duty when: shifts by team, two days off a week. Pure; conversations and cases go to who is there."""

from datetime import datetime

from django.utils import timezone

from kefu.demo.cast import StaffSeed, agents_of


def _shift(place: int, one: StaffSeed) -> tuple[float, float]:
    late = one.team == "晚班组" if one.team in ("早班组", "晚班组") else place % 3 == 2
    return (12.5, 22.0) if late else (7.5, 16.8)


def on_duty(desk: str, moment: datetime) -> list[StaffSeed]:
    """Agents of a desk at work then; when nobody is, all of them (somebody is on call)."""
    local = timezone.localtime(moment)
    hour, day = local.hour + local.minute / 60, local.toordinal()
    people = agents_of(desk)
    here = []
    for place, one in enumerate(people):
        start, end = _shift(place, one)
        if start <= hour < end and (day + place * 2) % 7 not in (0, 1):
            here.append(one)
    return here or people
