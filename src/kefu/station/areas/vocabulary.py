"""Words of served areas as codes."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class AreaKind(models.TextChoices):
    """What a site does for a place."""

    HOME = "home", _("送货上门")
    STATION = "station", _("到站自提")
    NONE = "none", _("不派送")
    # For a time, because of weather, a road, an order of the authority: lies over the other kinds.
    SUSPENDED = "suspended", _("暂停派送")


class Verdict(models.TextChoices):
    """What the table says of an address."""

    HOME = "home", _("送货上门")
    STATION = "station", _("到站自提")
    NONE = "none", _("不派送")
    SUSPENDED = "suspended", _("暂停派送")
    # Some streets or villages of it are served otherwise than others.
    PARTLY = "partly", _("部分派送，请补全街道或村")
    UNKNOWN = "unknown", _("范围表没有记载")


SERVED = frozenset({Verdict.HOME.value, Verdict.STATION.value})
TONES = {
    "home": "good",
    "station": "accent",
    "none": "bad",
    "suspended": "warn",
    "partly": "warn",
    "unknown": "quiet",
}
