"""Every command of this floor, for the composition root to add to ``kefu``."""

from typing import Final

import click

from kefu.commands.accounts import token, users
from kefu.commands.auditing import audit
from kefu.commands.backups import backup, restore
from kefu.commands.bench import bench
from kefu.commands.handbooks import handbook
from kefu.commands.importing import import_
from kefu.commands.inspecting import inspect
from kefu.commands.keys import keys
from kefu.commands.recordings import recordings
from kefu.commands.searching import search
from kefu.commands.sites import sites

COMMANDS: Final[tuple[click.Command, ...]] = (
    import_,
    inspect,
    bench,
    recordings,
    handbook,
    backup,
    restore,
    audit,
    keys,
    sites,
    users,
    token,
    search,
)
