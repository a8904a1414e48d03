"""Takes the pictures of docs/station-day.md and docs/stories.md: plays the tests of that name in a browser and keeps what pages show.

``python scripts/played.py`` plays both, ``python scripts/played.py stories`` one; pictures go to ``docs/images``. Needs a Chromium
(``apt-get install chromium fonts-noto-cjk``).
"""

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
IMAGES = ROOT / "docs" / "images"
PLAYED = {
    "station-day": ("KEFU_STATION_DAY_PICTURES", "tests/station_day/test_station_day_browser.py"),
    "stories": ("KEFU_STORY_PICTURES", "tests/stories/test_stories_browser.py"),
}


def main() -> None:
    """Play once; what the tests check is checked on the way."""
    wanted = sys.argv[1:] or list(PLAYED)
    environment = {**os.environ, **{PLAYED[name][0]: str(IMAGES) for name in wanted}}
    tests = [PLAYED[name][1] for name in wanted]
    done = subprocess.run([sys.executable, "-m", "pytest", *tests], cwd=ROOT, env=environment, check=False)
    sys.exit(done.returncode)


if __name__ == "__main__":
    main()
