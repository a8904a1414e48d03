"""An engine in a process of its own: whatever it does, the worker lives, and no clear sound lies on the disk (SEC1).

A request is one line of JSON and the samples as 16-bit numbers on its input, an answer one line of JSON on its output.
"""

import json
import logging
import os
import subprocess
import sys
import threading
from collections.abc import Mapping, Sequence
from types import TracebackType
from typing import IO, Any

import numpy as np

from kefu.sound.arrays import Samples
from kefu.sound.engines.port import EngineBroken, EngineMissing, Heard, Hints, make

log = logging.getLogger(__name__)
_START_SECONDS = 120.0
_LOOK_SECONDS = 1.0


class Outside:
    """An engine in its process; to be used in a ``with``. ``patience``: seconds it may take for one of sound, never less than ``least``."""

    def __init__(self, name: str, options: Mapping[str, Any], *, patience: float = 3.0, least: float = 60.0) -> None:
        self._name, self._options = name, options
        self._patience, self._least = patience, least
        self._process: subprocess.Popen[bytes] | None = None
        self.label = name[:60]

    def __enter__(self) -> "Outside":
        command = [sys.executable, "-m", "kefu.sound.engines.outside", self._name, json.dumps(dict(self._options))]
        # Only what a program needs: no database address, no secret.
        kept = {key: os.environ[key] for key in ("PATH", "HOME", "LANG", "PYTHONPATH", "LD_LIBRARY_PATH", "TMPDIR") if key in os.environ}
        self._process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env={**kept, "PYTHONIOENCODING": "utf-8"}
        )
        try:
            greeting = self._answer(max(_START_SECONDS, self._least) if self._least >= 1 else self._least + _START_SECONDS)
            if "missing" in greeting:
                raise EngineMissing(why=greeting["missing"])
            self.label = str(greeting["label"])[:60]
        except BaseException:
            self._end()
            raise
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._end()

    def transcribe(self, samples: Samples, hints: Hints, *, seconds: float) -> Sequence[Heard]:
        """The words of one stretch of ``seconds``; raises ``EngineBroken``, after which the process is gone."""
        whole = np.round(np.clip(samples, -1, 1) * 32767).astype("<i2").tobytes()
        request = json.dumps({"bytes": len(whole), "words": list(hints.words)}).encode() + b"\n"
        found = self._answer(max(self._least, seconds * self._patience), request + whole)
        if "failed" in found:
            log.warning("engine %s failed: %s", self._name, found["failed"])
            raise EngineBroken(why=found["failed"])
        return [Heard(*one) for one in found["heard"]]

    def _answer(self, limit: float, request: bytes = b"") -> dict[str, Any]:
        """Write and read in a thread: neither may hold us up longer than the limit."""
        process = self._process
        assert process is not None
        assert process.stdin is not None
        assert process.stdout is not None
        got: list[bytes] = []
        thread = threading.Thread(target=_exchange, args=(process.stdin, process.stdout, request, got), daemon=True)
        thread.start()
        thread.join(limit)
        if thread.is_alive():
            self._end()
            thread.join(5)
            raise EngineBroken(code="engine_timeout", why=f"{limit:.0f} s")
        try:
            found: dict[str, Any] = json.loads(got[0])
        except (IndexError, ValueError) as error:
            self._end()
            raise EngineBroken(code="engine_crashed", why=str(process.returncode)) from error
        return found

    def _end(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            for stream in (self._process.stdin, self._process.stdout):
                try:
                    stream.close()  # type: ignore[union-attr]
                except OSError:
                    continue


def _exchange(to: IO[bytes], back: IO[bytes], request: bytes, got: list[bytes]) -> None:
    try:
        if request:
            to.write(request)
            to.flush()
        got.append(back.readline())
    except (OSError, ValueError):
        return


def serve(name: str, options: Mapping[str, Any], source: IO[bytes], target: IO[bytes]) -> None:
    """The other end: answer until the input ends."""

    def say(answer: Mapping[str, Any]) -> None:
        target.write(json.dumps(answer).encode() + b"\n")
        target.flush()

    try:
        engine = make(name, options)
    except EngineMissing as error:
        say({"missing": str(error.params.get("why", ""))})
        return
    say({"label": engine.label})
    while line := source.readline():
        request = json.loads(line)
        samples = (np.frombuffer(source.read(request["bytes"]), dtype="<i2") / 32767).astype(np.float32)
        try:
            heard = engine.transcribe(samples, Hints(request["words"]))
            say({"heard": [[one.start, one.end, one.text, one.confidence] for one in heard]})
        except Exception as error:
            say({"failed": f"{type(error).__name__}: {error}"[:200]})


def end_with(parent: int) -> None:
    """End this process when the one that started it is gone: a killed worker must not leave an engine behind."""
    while os.getppid() == parent:
        threading.Event().wait(_LOOK_SECONDS)
    os._exit(1)


if __name__ == "__main__":
    threading.Thread(target=end_with, args=(os.getppid(),), daemon=True).start()
    # Whatever an engine prints goes to the standard error, the answers to what was the standard output.
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    serve(sys.argv[1], json.loads(sys.argv[2]), sys.stdin.buffer, answers)
