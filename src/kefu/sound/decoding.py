"""A recording of any usual format as blocks of samples at the rate wanted; memory does not grow with its length (CONV4)."""

import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import BinaryIO

import numpy as np
import soundfile

from kefu.sound.arrays import Samples
from kefu.sound.errors import SoundRefused
from kefu.sound.resampling import Resampler

MOST_SECONDS = 12 * 3600
_READ_SECONDS = 10
_PIECES = 5
_AMR = (b"#!AMR\n", b"#!AMR-WB\n")
_CONVERSION_SECONDS = 600
# Sizes that writers leave in a header when they do not know the length.
_UNKNOWN = (0, 0x7FFFFFFF, 0xFFFFFFFF)


@dataclass(frozen=True, slots=True)
class Heading:
    """What the file says of itself; ``cut_off`` when its header promises more than there is."""

    format: str
    coding: str
    rate: int
    channels: int
    seconds: float
    cut_off: bool = False


class Recording:
    """An open recording."""

    def __init__(self, file: soundfile.SoundFile, *, cut_off: bool) -> None:
        self._file = file
        self.heading = Heading(file.format, file.subtype, file.samplerate, file.channels, len(file) / file.samplerate, cut_off)

    def blocks(self, rate: int, size: int) -> Iterator[Samples]:
        """Blocks of exactly ``size`` samples at ``rate`` Hz, ``(channels, size)``; the last may be shorter. Always from the start."""
        self._file.seek(0)
        channels = self._file.channels
        made = Resampler(self._file.samplerate, rate, channels)
        waiting: list[Samples] = []
        count = 0
        ended = False
        while not ended:
            read, ended = self._read()
            part = made.feed(read, last=ended)
            waiting.append(part)
            count += part.shape[1]
            while count >= size or (ended and count):
                joined = np.concatenate(waiting, axis=1)
                yield joined[:, :size]
                waiting, count = [joined[:, size:]], max(0, count - size)

    def _read(self) -> tuple[Samples, bool]:
        """Some seconds, in small pieces: a damaged file loses no more than the piece that cannot be read."""
        rate, pieces = self._file.samplerate, []
        ended = False
        for _piece in range(_READ_SECONDS * _PIECES):
            try:
                read = self._file.read(rate // _PIECES, dtype="float32", always_2d=True)
            except soundfile.LibsndfileError:
                # Damaged from here on: what came before is kept, and the heading's length is larger than what was read.
                read = np.zeros((0, self._file.channels), dtype=np.float32)
            pieces.append(read)
            ended = len(read) < rate // _PIECES
            if ended:
                break
        return np.ascontiguousarray(np.nan_to_num(np.concatenate(pieces), posinf=1.0, neginf=-1.0).T), ended


@contextmanager
def opened(file: BinaryIO, *, ffmpeg: str | None = None) -> Iterator[Recording]:
    """Open a recording; raises ``SoundRefused``. The format is told from the content, never from the name.

    ``ffmpeg`` is the program that converts AMR; without one AMR is refused.
    """
    file.seek(0)
    start = file.read(64)
    if not start:
        raise SoundRefused("sound_empty")
    if start.startswith(_AMR):
        with _converted(file, ffmpeg) as plain, _sound(plain) as found:
            yield found
        return
    with _sound(file) as found:
        yield found


@contextmanager
def _sound(file: BinaryIO) -> Iterator[Recording]:
    cut_off = _is_cut_off(file)
    file.seek(0)
    try:
        sound = soundfile.SoundFile(file)
    except (soundfile.LibsndfileError, TypeError, ValueError, RuntimeError) as error:
        raise SoundRefused("sound_no_samples" if cut_off else "sound_unreadable") from error
    with sound:
        if not 4000 <= sound.samplerate <= 192_000:
            raise SoundRefused("sound_rate")
        if len(sound) <= 0:
            raise SoundRefused("sound_no_samples")
        if len(sound) / sound.samplerate > MOST_SECONDS:
            raise SoundRefused("sound_too_long")
        if sound.channels > 2:
            raise SoundRefused("sound_channels")
        yield Recording(sound, cut_off=cut_off)


def _is_cut_off(file: BinaryIO) -> bool:
    """Whether a WAV file is shorter than its header says."""
    file.seek(0)
    head = file.read(12)
    size = file.seek(0, 2)
    if len(head) < 12 or head[:4] != b"RIFF" or head[8:] != b"WAVE":
        return False
    promised = int.from_bytes(head[4:8], "little")
    return promised not in _UNKNOWN and promised < 0x7FFFF000 and promised + 8 > size


@contextmanager
def _converted(file: BinaryIO, ffmpeg: str | None) -> Iterator[BinaryIO]:
    program = ffmpeg or shutil.which("ffmpeg")
    if not program:
        raise SoundRefused("sound_amr")
    with tempfile.TemporaryDirectory() as folder:
        source, target = f"{folder}/in.amr", f"{folder}/out.wav"
        file.seek(0)
        with open(source, "wb") as copy:
            shutil.copyfileobj(file, copy)
        command = [program, "-nostdin", "-v", "error", "-y", "-i", source, "-c:a", "pcm_s16le", target]
        try:
            subprocess.run(command, check=True, capture_output=True, timeout=_CONVERSION_SECONDS)
        except (OSError, subprocess.SubprocessError) as error:
            raise SoundRefused("sound_amr_failed") from error
        with open(target, "rb") as made:
            yield made
