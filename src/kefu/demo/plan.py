"""How large the demo centre is, which days it covers, and its dice: one seed gives one centre (PLAT1)."""

import random
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from django.utils import timezone

DAYS = 30
WINDOW = timedelta(hours=12)


@dataclass(frozen=True, slots=True)
class Plan:
    """Seed, size (1 is the full demo) and the moment the thirty days end at."""

    seed: int
    scale: float
    end: datetime

    @property
    def start(self) -> datetime:
        """First moment of the simulated time."""
        return self.end - timedelta(days=DAYS)

    @property
    def parcels(self) -> int:
        """How many parcels."""
        return max(200, round(20_000 * self.scale))

    @property
    def conversations(self) -> int:
        """How many calls and chats."""
        return max(40, round(3_000 * self.scale))

    @property
    def cases(self) -> int:
        """How many cases."""
        return max(24, round(1_500 * self.scale))

    def windows(self) -> list[tuple[datetime, datetime]]:
        """The half days, from the first to the last."""
        count = int(DAYS * (timedelta(days=1) / WINDOW))
        return [(self.start + WINDOW * n, self.start + WINDOW * (n + 1)) for n in range(count)]

    def dice(self, *names: object) -> random.Random:
        """Dice of their own for each thing, so that one thing more does not change all that follow."""
        return random.Random("/".join(map(str, (self.seed, *names))))  # noqa: S311 (nothing secret: the same seed must give the same centre)

    def at(self, day: int, hour: float) -> datetime:
        """A local time of day: ``day`` 0 is the first of the thirty days."""
        first = timezone.localtime(self.start).replace(hour=0, minute=0, second=0, microsecond=0)
        return (first + timedelta(days=day, hours=hour)).astimezone(UTC)


def busy_hour(dice: random.Random) -> float:
    """A moment of the day at which customers call: mornings and afternoons, a few in the evening."""
    low, high = dice.choices([(8.6, 12.0), (13.0, 18.0), (18.0, 21.5), (7.5, 8.6)], weights=[42, 45, 11, 2])[0]
    return dice.uniform(low, high)


def working_time(moment: datetime, dice: random.Random) -> datetime:
    """The moment itself when somebody is at work then, else next morning."""
    local = timezone.localtime(moment)
    hour = local.hour + local.minute / 60
    if 8.5 <= hour < 20.5:
        return moment
    morning = local.replace(hour=8, minute=30, second=0, microsecond=0) + timedelta(minutes=dice.uniform(2, 70))
    return (morning if hour < 8.5 else morning + timedelta(days=1)).astimezone(UTC)
