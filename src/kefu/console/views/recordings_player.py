"""The player on a call's page: the wave of both sides, what happens in it, and what was measured, as drawn by the server (QA3, QA5)."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _

from kefu.console.views import recordings_sound
from kefu.kernel.actor import Actor
from kefu.lists.recordings import STATES, TONES, length
from kefu.people.permissions import Permission
from kefu.recordings import queries, wording
from kefu.recordings.queries import Full, Recording, State
from kefu.sound.measured import Measured

WIDTH, HALF = 1200, 40
_FLAT = 1.0


@dataclass(frozen=True, slots=True)
class Wave:
    """One side's wave as a closed SVG path."""

    side: str
    title: str
    path: str


@dataclass(frozen=True, slots=True)
class Band:
    """Something that lasts: where it is drawn, in words, and the second it begins."""

    kind: str
    x: float
    width: float
    words: str
    at: float


@dataclass(frozen=True, slots=True)
class Figure:
    """A number with its name."""

    title: str
    value: str


@dataclass(frozen=True, slots=True)
class Player:
    """Everything the player shows."""

    row: Recording
    number: str
    state: str
    tone: str
    failure: str
    playable: bool
    waves: tuple[Wave, ...]
    bands: tuple[Band, ...]
    figures: tuple[Figure, ...]
    height: int
    stages: tuple[tuple[str, str], ...]
    notes: tuple[str, ...]
    full: Full
    removed: str = ""


def player(actor: Actor, conversation_id: int) -> Player | None:
    """The player of a call in reach; ``None`` when it has no recording or the reader may not listen."""
    if not actor.may(Permission.RECORDING_LISTEN):
        return None
    full = queries.of_conversation(actor, conversation_id)
    return None if full is None else _drawn(full)


def _drawn(full: Full) -> Player:
    row, sound = full.row, full.sound
    waves = _waves(sound) if sound else ()
    return Player(
        row=row,
        number=str(row),
        state=str(STATES[row.state]),
        tone=TONES[row.state],
        failure=wording.failure(row.failure),
        playable=row.removed_at is None and recordings_sound.type_of(row) != "application/octet-stream",
        waves=waves,
        bands=_bands(sound) if sound else (),
        figures=_figures(sound) if sound else (),
        height=2 * HALF * max(1, len(waves)),
        stages=_stages(row),
        notes=_notes(row, sound),
        full=full,
        removed=str(wording.REMOVED.get(row.removed_why, "")) if row.removed_at else "",
    )


def _waves(sound: Measured) -> tuple[Wave, ...]:
    order = [side for side in ("agent", "customer", "both") if side in sound.peaks]
    return tuple(
        Wave(side, str(wording.SIDES.get(side, side)), _path(sound.peaks[side], (2 * place + 1) * HALF)) for place, side in enumerate(order)
    )


def _path(peaks: Sequence[int], middle: int) -> str:
    """Up along the tops, back along the bottoms; a flat line where it is quiet."""
    if not peaks:
        return ""
    step = WIDTH / len(peaks)
    heights = [max(_FLAT, (HALF - 2) * peak / 255) for peak in peaks]
    above = [f"{place * step:.1f} {middle - height:.1f}" for place, height in enumerate(heights)]
    below = [f"{place * step:.1f} {middle + height:.1f}" for place, height in reversed(list(enumerate(heights)))]
    return f"M{' L'.join([*above, *below])} Z"


def _bands(sound: Measured) -> tuple[Band, ...]:
    out = []
    for one in sound.overlaps:
        if one.interrupts:
            words = _("客服插话") if one.by == "agent" else _("客户插话")
            out.append(_band(sound, "cut-in" if one.by == "agent" else "overlap", one.start, one.end, words))
    out += [
        _band(sound, "hold" if gap.hold else "silence", gap.start, gap.end, _("疑似等待") if gap.hold else _("静音"))
        for gap in sound.silences
    ]
    return tuple(sorted(out, key=lambda band: band.at))


def _band(sound: Measured, kind: str, start: float, end: float, words: str) -> Band:
    scale = WIDTH / (sound.seconds or 1)
    said = _("%(what)s %(at)s 起 %(seconds)s 秒") % {"what": words, "at": length(start), "seconds": f"{end - start:.1f}"}
    return Band(kind, round(start * scale, 1), round(max(2.0, (end - start) * scale), 1), said, round(start, 2))


def _figures(sound: Measured) -> tuple[Figure, ...]:
    silence = sum(one.end - one.start for one in sound.silences)
    out = [Figure(_("静音"), f"{silence:.0f} s · {100 * sound.silence_share():.0f}%")]
    if not sound.speakers:
        return tuple(out)
    share = sound.talk_share("agent")
    waits = [one.seconds for one in sound.delays if one.side == "agent"]
    holds = [one for one in sound.silences if one.hold]
    out += [
        Figure(_("客服说话占比"), "—" if share is None else f"{100 * share:.0f}%"),
        Figure(_("客服插话"), str(sum(one.interrupts and one.by == "agent" for one in sound.overlaps))),
        Figure(_("疑似等待"), f"{len(holds)} · {sum(one.end - one.start for one in holds):.0f} s"),
        Figure(_("客服应答间隔"), f"{sum(waits) / len(waits):.1f} s" if waits else "—"),
        Figure(_("客服响度"), _of("{:.0f} LUFS", sound.own_loudness("agent"))),
        Figure(_("客服音高"), _of("{:.0f} Hz", sound.own_pitch("agent"))),
    ]
    return tuple(out)


def _of(form: str, value: float | None) -> str:
    return "—" if value is None else form.format(value)


def _stages(row: Recording) -> tuple[tuple[str, str], ...]:
    """Name of every stage, and its tone."""
    heard = row.words_from != "" or row.transcribed_at is not None
    tones = ("good", "good" if row.measured_at else "quiet", "good" if heard else "quiet")
    return tuple((str(title), tone) for title, tone in zip(wording.STAGES.values(), tones, strict=True))


def _notes(row: Recording, sound: Measured | None) -> tuple[str, ...]:
    out = []
    if row.cut_off:
        out.append(_("文件不完整，只分析了写入的部分。"))
    if sound is not None and not sound.speakers:
        out.append(_("单声道录音分不清谁在说话，插话、应答间隔、响度和语速等按人判定的项目不评。"))
    if row.state == State.MEASURED and not row.words_from and not queries.engine():
        out.append(_("没有配置转写引擎，可以导入其他系统的转写结果。"))
    if row.engine:
        out.append(_("文字由 %(engine)s 转写，把握低的句子只提示复核。") % {"engine": row.engine})
    return tuple(out)
