"""Everything that can be told from one recording without its words (QA3)."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Final

import numpy as np

from kefu.sound import turns as talk
from kefu.sound.arrays import Numbers, Samples
from kefu.sound.decoding import Recording
from kefu.sound.errors import SoundRefused
from kefu.sound.frames import BLOCK, RATE, Method, Track, VoiceNet, tracks, voice_net
from kefu.sound.loudness import HOP, SILENCE, lufs
from kefu.sound.measured import Measured, TurnSound
from kefu.sound.pace import voiced_seconds
from kefu.sound.turns import SIDES, Side, Turn
from kefu.sound.voice import Span, mean_pitch, speech

BOTH: Final = "both"
PEAKS = 1200
Progress = Callable[[float], None]
"""Told how far it is, 0..1."""


def measure(recording: Recording, sides: Sequence[str], *, method: Method = "net", progress: Progress = lambda _share: None) -> Measured:
    """One pass over the recording. ``sides`` names the channels (``agent``, ``customer``); with one channel for both it is ``["both"]``.

    ``method`` ``energy`` leaves the net out. Raises ``SoundRefused`` when nothing could be read.
    """
    heading = recording.heading
    channels = heading.channels
    nets = _nets(channels) if method == "net" else None
    blocks = _told(recording.blocks(RATE, BLOCK), heading.seconds, progress)
    found, count = tracks(blocks, channels, nets)
    if not count:
        raise SoundRefused("sound_no_samples")
    seconds = count / RATE
    by_side = _named(found, sides)
    heard = {side: speech(track) for side, track in by_side.items()}
    short = heading.cut_off or seconds < heading.seconds - 1
    peaks = {side: _peaks(track.peak) for side, track in by_side.items()}
    general = {side: lufs(track.power) for side, track in by_side.items()}
    using = "net" if nets else "energy"
    if set(by_side) != set(SIDES):
        return Measured(seconds, False, using, heard, peaks, silences=_mono(heard, seconds), loudness=general, cut_off=short)
    spoken = talk.turns({side: heard[side] for side in SIDES})
    return Measured(
        seconds=seconds,
        speakers=True,
        method=using,
        speech=heard,
        peaks=peaks,
        turns=tuple(_sound_of(one, by_side[one.side], heard[one.side]) for one in spoken),
        overlaps=tuple(talk.overlaps(spoken)),
        silences=tuple(talk.silences(spoken, seconds)),
        delays=tuple(talk.delays(spoken)),
        loudness=general,
        alone={side: talk.longest_alone(spoken, side, seconds) for side in SIDES},
        cut_off=short,
    )


def _nets(channels: int) -> list[VoiceNet] | None:
    found = [net for net in (voice_net() for _ in range(channels)) if net is not None]
    return found if len(found) == channels else None


def _told(blocks: Iterable[Samples], seconds: float, progress: Progress) -> Iterable[Samples]:
    done = 0
    for block in blocks:
        yield block
        done += block.shape[1]
        progress(min(1.0, done / RATE / seconds) if seconds else 1.0)


def _named(found: Sequence[Track], sides: Sequence[str]) -> Mapping[str, Track]:
    if len(found) == 2 and sorted(sides) == sorted(SIDES):
        return dict(zip(sides, found, strict=True))
    return {BOTH: found[0]} if len(found) == 1 else {BOTH: _mixed(found)}


def _mixed(found: Sequence[Track]) -> Track:
    """Two channels that are not known apart, as one."""
    return Track(*(np.fmax(*(getattr(track, name) for track in found)) for name in ("energy", "voice", "pitch", "power", "peak")))


def _mono(heard: Mapping[str, Sequence[Span]], seconds: float) -> tuple[talk.Silence, ...]:
    """Silences without saying who waited."""
    spans = heard[BOTH]
    found = talk.silences([Turn("agent", span.start, span.end) for span in spans], seconds)
    return tuple(talk.Silence(one.start, one.end, None, None, False) for one in found)


def _sound_of(turn: Turn, track: Track, spans: Sequence[Span]) -> TurnSound:
    power = track.power[round(turn.start / HOP) : max(round(turn.end / HOP), round(turn.start / HOP) + 1)]
    level = lufs(power)
    pitch = mean_pitch(track, Span(turn.start, turn.end))
    return TurnSound(
        side=turn.side,
        start=turn.start,
        end=turn.end,
        voiced=voiced_seconds(spans, turn.start, turn.end),
        loudness=level if level > SILENCE else None,
        pitch=pitch[0] if pitch else None,
        pitch_spread=pitch[1] if pitch else None,
    )


def _peaks(peak: Numbers) -> list[int]:
    """At most ``PEAKS`` of them, the loudest of each stretch, on a scale that lets quiet voices be seen."""
    if not len(peak):
        return []
    count = min(PEAKS, len(peak))
    edges = np.linspace(0, len(peak), count + 1).astype(int)[:-1]
    return [int(value) for value in np.round(255 * np.sqrt(np.clip(np.maximum.reduceat(peak, edges), 0, 1)))]


def side_at(found: Measured, moment: float) -> Side | None:
    """Who speaks at a moment; the one who began last when both do."""
    return next((one.side for one in reversed(found.turns) if one.start <= moment < one.end), None)
