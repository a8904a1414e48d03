"""What an import is told beside its file, and the sites it names."""

from collections.abc import Mapping
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


@dataclass(frozen=True)
class Context:
    """Options with what they mean today, and the ids of sites by code."""

    options: Options
    now: datetime
    sites: Mapping[str, int] = field(default_factory=lambda: {site.code: pk for pk, site in people.sites_by_id().items()})

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
        return self.sites.get(code, NO_SITE) if code else self.options.site_id or NO_SITE
