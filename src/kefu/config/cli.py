"""The ``kefu`` command: sets Django up, then hands over to the commands of each floor."""

import os
import sys


def main() -> None:
    """Entry point of ``kefu``."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "kefu.config.settings")
    # The ranking model multiplies small matrices: handing them to several threads costs five times what it saves.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    import django

    django.setup()
    from kefu.config.commands import kefu

    sys.exit(kefu.main(standalone_mode=True))


if __name__ == "__main__":
    main()
