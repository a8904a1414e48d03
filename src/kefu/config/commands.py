"""All commands of ``kefu`` in one place: the composition root of the command line."""

import click

from kefu.commands.catalogue import COMMANDS
from kefu.config.carriers import carriers
from kefu.config.centre import demo, up, worker


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="kefu")
def kefu() -> None:
    """Kefu 客服：跑在手册上的客服中心。"""


for command in (up, demo, worker, carriers, *COMMANDS):
    kefu.add_command(command)
