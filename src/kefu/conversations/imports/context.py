"""What an import is told beside its file, and the sites it names."""

from dataclasses import asdict, dataclass, field
from datetime import date, datetime, time, tzinfo
from typing import Any

from django.utils import timezone

from kefu.people import queries as people

# No site has it; a draft with it is refused as an unknown site.
NO_SITE = 0


@dataclass(frozen=True, slots=True)
class Options:
    """Defaults for what a file leaves out. ``day`` dates conversations without times; ``channel`` is that of rows without one."""

    site_id: int | None = None
    day: date | None = None
    channel: str = "chat"
    source: str = "import"
    format: str = ""

    def as_json(self) -> dict[str, Any]:
        """To be kept with the run: another set of options is another run."""
        return {name: value.isoformat() if isinstance(value, date) else value for name, value in asdict(self).items()}


@dataclass
class Context:
    """Options with what they mean today, and site codes looked up once each."""

    options: Options
    now: datetime
    _codes: dict[str, int] = field(default_factory=dict)

    @property
    def zone(self) -> tzinfo:
        """Zone of times written without one."""
        return timezone.get_default_timezone()

    @property
    def day_start(self) -> datetime:
        """When a conversation without times is said to have begun."""
        day = self.options.day or timezone.localdate(self.now, self.zone)
        return timezone.make_aware(datetime.combine(day, time.min), self.zone)

    def site(self, code: str) -> int:
        """Id of the site with the code; without a code that of the options."""
        if not code:
            return self.options.site_id or NO_SITE
        if code not in self._codes:
            found = people.site_by_code(code)
            self._codes[code] = found.pk if found else NO_SITE
        return self._codes[code]
