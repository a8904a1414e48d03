"""A call of three hours: measured in blocks, in the memory of a short one (QA3)."""

import json
import subprocess
import sys
from pathlib import Path

import soundfile

from kefu.sound.synthesis import call, exchange

_HOURS = 3
_MEASURE = """
import json, resource, sys
from kefu.sound.decoding import opened
from kefu.sound.measuring import measure
from kefu.sound.measured import pack
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
with open(sys.argv[1], "rb") as file, opened(file) as recording:
    found = measure(recording, ("agent", "customer"), method="energy")
grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
print(json.dumps({"seconds": found.seconds, "turns": len(found.turns), "grown": grown, "packed": len(pack(found))}))
"""


def test_three_hours_in_bounded_memory(tmp_path: Path) -> None:
    minute = call(list(exchange(60)), 60.0).T
    path = tmp_path / "long.wav"
    with soundfile.SoundFile(path, "w", 8000, 2, "ALAW") as file:
        for _minute in range(60 * _HOURS):
            file.write(minute)
    done = subprocess.run([sys.executable, "-c", _MEASURE, str(path)], check=True, capture_output=True, timeout=300)
    found = json.loads(done.stdout)
    assert found["seconds"] == 3600 * _HOURS
    assert found["turns"] > 1000
    # A block of both channels with its spectra; the whole file as numbers would be 700 MB.
    assert found["grown"] < 120_000, found
    assert found["packed"] < 500_000
