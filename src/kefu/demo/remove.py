"""``python -m kefu.demo.remove`` takes the demo away; see ``removal``."""

import os
import sys


def main() -> None:
    """Remove the demo, or say why not."""
    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "kefu.config.settings")
    django.setup()
    from kefu.demo.removal import remove
    from kefu.kernel.errors import KefuError

    try:
        done = remove()
    except KefuError as error:
        sys.exit(str(error))
    sys.stdout.write("演示数据已清除。Demo removed.\n" if done else "这里没有演示数据。No demo here.\n")


if __name__ == "__main__":
    main()
