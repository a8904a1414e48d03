"""Takes the pictures of docs/station-day.md, docs/stories.md and docs/inspection-month.md: plays these tests in a browser.

What pages show is kept in ``docs/images``. ``python scripts/played.py`` plays all, ``python scripts/played.py stories`` one.
Needs a Chromium (``apt-get install chromium fonts-noto-cjk``).
"""

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
IMAGES = ROOT / "docs" / "images"
PLAYED = {
    "station-day": ("KEFU_STATION_DAY_PICTURES", "tests/station_day/test_station_day_browser.py"),
    "month": ("KEFU_MONTH_PICTURES", "tests/month/test_month_browser.py"),
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
