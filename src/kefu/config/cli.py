"""The ``kefu`` command: sets Django up, then hands over to the commands of each floor."""

import os
import sys


def main() -> None:
    """Entry point of ``kefu``."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "kefu.config.settings")
    import django

    django.setup()
    from kefu.config.commands import kefu

    sys.exit(kefu.main(standalone_mode=True))


if __name__ == "__main__":
    main()
