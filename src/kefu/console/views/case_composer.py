"""The composer of a case: two ways to write and one to take down, each with its draft kept on the server (CASE8)."""

from collections.abc import Mapping
from dataclasses import dataclass

from django.utils import timezone
from django.utils.translation import gettext as _

from kefu.cases import replies
from kefu.cases.queries import CaseDetail
from kefu.console.views import cases_words as words
from kefu.desk.drafts import Kept

MODES = ("reply", "note", "said")


@dataclass(frozen=True, slots=True)
class Box:
    """One form of the composer as it stands: a refused text first, else the draft."""

    mode: str
    text: str
    channel: str
    awaiting: bool
    revision: int
    saved: str
    error: str
    channel_error: str
    held: bool = False
    confirm: str = ""


@dataclass(frozen=True, slots=True)
class Composer:
    """All of them, which one is open, and the channels a message can take."""

    reply: Box
    note: Box
    said: Box
    mode: str
    channels: tuple[tuple[str, str], ...]


def composer(
    detail: CaseDetail, kept: Mapping[str, Kept], *, form: str, errors: Mapping[str, str], values: Mapping[str, str], stopped: bool
) -> Composer:
    """The forms with their drafts in ``kept``; ``form``, ``errors`` and ``values`` are of one that was not taken."""
    boxes = {}
    for mode in MODES:
        draft = kept.get(f"case:{detail.case.pk}:{mode}")
        sent = form == mode
        fields = values if sent else (draft.fields if draft else {})
        boxes[mode] = Box(
            mode=mode,
            text=values.get("text", "") if sent else (draft.text if draft else ""),
            channel=str(fields.get("channel", "")) or _usual(detail),
            awaiting=str(fields.get("awaiting", "")) == "1",
            revision=draft.revision if draft else 0,
            saved=saved_words(draft) if draft else "",
            error=errors.get("text", errors.get("", "")) if sent and not stopped else "",
            channel_error=errors.get("channel", "") if sent else "",
            held=sent and "confirm" in errors,
            confirm=values.get("confirm", "") if sent else "",
        )
    written = {mode: kept[subject].saved_at for mode in ("note", *MODES) if (subject := f"case:{detail.case.pk}:{mode}") in kept}
    mode = form if form in MODES else max(written, key=lambda one: written[one], default="note")
    return Composer(
        boxes["reply"], boxes["note"], boxes["said"], mode, tuple((key, str(words.TALK_TITLES[key])) for key in replies.CHANNELS)
    )


def saved_words(draft: Kept) -> str:
    """When the draft was kept last."""
    return _("草稿已保存 %(time)s") % {"time": timezone.localtime(draft.saved_at).strftime("%H:%M")}


def _usual(detail: CaseDetail) -> str:
    """The way the talk went last; of a case without one, the way it came."""
    for row in reversed(detail.timeline):
        if row.entry.kind in ("reply", "said") and row.entry.data.get("channel") in replies.CHANNELS:
            return str(row.entry.data["channel"])
    return detail.case.channel if detail.case.channel in replies.CHANNELS else "call"
