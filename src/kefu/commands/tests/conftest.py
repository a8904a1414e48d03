"""The commands of this floor behind one group, run in the process."""

from collections.abc import Callable

import click
import pytest
from click.testing import CliRunner, Result

from kefu.commands.catalogue import COMMANDS


@pytest.fixture
def run(db: None) -> Callable[..., Result]:
    """``run("audit", "verify", code=0)``; fails the test on another exit code."""
    group = click.Group("kefu", commands={str(one.name): one for one in COMMANDS})

    def go(*arguments: object, code: int = 0) -> Result:
        result = CliRunner().invoke(group, [str(one) for one in arguments])
        assert result.exit_code == code, (result.exit_code, result.output, result.exception)
        return result

    return go


def last(result: Result) -> str:
    """The line of counts."""
    return result.stdout.strip().splitlines()[-1]
