"""``python -m kefu.demo.score`` prints how well the inspection found what was planted; see ``scoring``."""

import os
import sys


def main() -> None:
    """Print the table; how the command ends says whether there was anything to score."""
    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "kefu.config.settings")
    django.setup()
    from kefu.demo.scoring import score, table

    lines = score()
    if not lines:
        sys.exit("没有可比对的演示数据，请先运行 kefu demo。No demo data to score.")
    sys.stdout.write(f"{table(lines)}\n")


if __name__ == "__main__":
    main()
