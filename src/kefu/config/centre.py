"""Commands that run the centre: ``up``, ``worker``, ``demo`` (PLAT1)."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from types import FrameType

import click
from django.core.management import call_command
from django.db import connection
from django.db.utils import OperationalError

from kefu.config import environment, parentage
from kefu.config.carriers import beside_demo


def prepare() -> None:
    """Bring database and static files to this version; waits for a database that is starting."""
    for attempt in range(30):
        try:
            connection.ensure_connection()
            break
        except OperationalError:
            if attempt == 29:
                raise click.ClickException("数据库无法连接，请检查 KEFU_DATABASE_URL。Database cannot be reached.") from None
            time.sleep(1)
    call_command("migrate", verbosity=0, interactive=False)
    call_command("collectstatic", verbosity=0, interactive=False, clear=False)
    from kefu.handbook.actions import install_builtin
    from kefu.kernel.actor import Actor
    from kefu.kernel.moment import now

    install_builtin(actor=Actor.system("setup"), now=now())


def _invite(host: str, port: int) -> None:
    """Nobody can sign in yet: say how the first administrator gets in. The code stands nowhere but here and in the data folder."""
    from kefu.people.founding import invitation

    if code := invitation():
        click.echo("\n还没有任何账号。请打开下面的地址，用设置码建立第一个管理员。")
        click.echo("Nobody can sign in yet. Open this address and make the first administrator with the setup code.\n")
        click.echo(f"  http://{host}:{port}/setup\n  设置码 Setup code: {code}\n")


def _server(host: str, port: int, workers: int) -> list[str]:
    return [
        sys.executable, "-m", "granian", "--interface", "asgi", "--host", host, "--port", str(port), "--workers", str(workers),
        "--backlog", "4096", "--backpressure", "4096", "--workers-kill-timeout", "10", "--no-ws", "--log-level", "warning",
        "kefu.config.asgi:application",
    ]  # fmt: skip


def run(host: str, port: int, workers: int) -> None:
    """Run server and worker until one of them ends or a signal comes; then end both."""
    environ = {**os.environ, parentage.VARIABLE: str(os.getpid())}
    children = [
        subprocess.Popen(_server(host, port, workers), env=environ),
        subprocess.Popen([sys.executable, "-m", "kefu.config.cli", "worker"], env=environ),
    ]

    def stop(_signal: int, _frame: FrameType | None) -> None:
        for child in children:
            child.terminate()

    for name in (signal.SIGTERM, signal.SIGINT):
        signal.signal(name, stop)
    while all(child.poll() is None for child in children):
        time.sleep(0.3)
    stop(0, None)
    for child in children:
        try:
            child.wait(15)
        except subprocess.TimeoutExpired:
            child.kill()


def _listening(function: Callable[..., None]) -> Callable[..., None]:
    function = click.option("--host", default=lambda: environment.address().host, help="监听地址 Address to listen on")(function)
    function = click.option("--port", type=int, default=lambda: environment.address().port, help="端口 Port")(function)
    help_ = "服务进程数，默认每个处理器一个，最多四个 Server processes, one for each processor, four at most"
    return click.option("--workers", type=click.IntRange(1), default=environment.server_processes, help=help_)(function)


@click.command()
@_listening
def up(host: str, port: int, workers: int) -> None:
    """启动服务与后台进程 Run the server and the worker."""
    prepare()
    click.echo(f"Kefu 客服 http://{host}:{port}/")
    _invite(host, port)
    run(host, port, workers)


@click.command()
def worker() -> None:
    """只运行后台进程 Run a worker only."""
    from kefu.jobs.worker import work

    parentage.end_with_parents()
    work()


@click.command()
@_listening
@click.option("--seed", type=int, default=20261122, help="随机种子 Seed of the generated centre")
@click.option("--scale", type=float, default=1.0, help="规模，1 为完整演示 Size, 1 is the full demo")
@click.option("--build-only", is_flag=True, help="只生成数据 Build the data and stop")
def demo(host: str, port: int, workers: int, seed: int, scale: float, build_only: bool) -> None:
    """建立演示中心并启动 Build the demo centre and run it."""
    # Nobody is told anything by a demo: messages go to a folder. For the server's processes, too.
    os.environ.setdefault("KEFU_NOTICE_FOLDER", "True")
    from kefu.demo.build import build, sign_ins

    prepare()
    build(seed=seed, scale=scale)
    if build_only:
        return
    click.echo(f"\nKefu 客服 http://{host}:{port}/\n")
    for role, username, password in sign_ins():
        click.echo(f"  {role:<12} {username:<14} {password}")
    click.echo("")
    if os.environ.get("KEFU_DEMO_ONCE"):
        return
    beside_demo(seed)
    run(host, port, workers)
