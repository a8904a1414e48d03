"""The stand-in for carriers on the command line, and in the demo: only this floor knows both it and the centre (OPS7)."""

import logging
import threading
from datetime import UTC, datetime

import click

DEMO_PORT = 8397
_VENDORS = (("kuaidi100", "hub", "快递100（模拟）"), ("zto", "north", "中通（模拟）"), ("best", "south", "百世（模拟）"))


@click.group()
def carriers() -> None:
    """快递公司接口 Interfaces to carriers."""


@carriers.command("stand-in")
@click.option("--port", type=int, default=DEMO_PORT, help="端口 Port, on loopback only")
@click.option("--seed", type=int, default=20261122, help="随机种子 Seed of the made-up journeys")
@click.option("--push-after", type=float, default=5.0, help="订阅后几秒推送 Seconds from a subscription to its push")
def stand_in(port: int, seed: int, push_after: float) -> None:
    """运行模拟的快递公司接口（不是真的快递公司） Run a stand-in that answers like carriers; it is none of them."""
    from kefu.integrations.carriers.stand_in.answers import IDENTITY, SALT, SECRET
    from kefu.integrations.carriers.stand_in.server import NAME, StandIn, make

    logging.getLogger("kefu.stand_in").setLevel(logging.INFO)
    server = make(StandIn(seed=seed, push_after=push_after, anchor=_today()), port)
    click.echo(f"{NAME} http://127.0.0.1:{server.server_port}/<vendor>  账号 {IDENTITY}  密钥 {SECRET}  salt {SALT}")
    click.echo("这是模拟接口，不是快递公司。This is a stand-in, no carrier is behind it. Ctrl+C ends it.")
    try:
        server.serve_forever()
    except KeyboardInterrupt:
        server.server_close()


def beside_demo(seed: int) -> None:
    """Serve the stand-in beside the demo, and give the demo's sites accounts at it. Nothing happens when the port is taken."""
    from kefu.integrations.carriers.stand_in.server import StandIn, make

    try:
        server = make(StandIn(seed=seed, push_after=5.0, anchor=_today()), DEMO_PORT)
    except OSError:
        click.echo(f"模拟快递接口没有启动：端口 {DEMO_PORT} 被占用。The stand-in for carriers did not start: its port is taken.")
        return
    threading.Thread(target=server.serve_forever, name="carrier-stand-in", daemon=True).start()
    click.echo(f"模拟快递接口 Stand-in for carriers: http://127.0.0.1:{DEMO_PORT}/")
    _accounts()


def _today() -> datetime:
    """Journeys end around the morning of the day, so that they are the same whenever they are asked for on it."""
    return datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)


def _accounts() -> None:
    from kefu.demo.cast import SITES
    from kefu.integrations.carriers.stand_in.answers import IDENTITY, SALT, SECRET
    from kefu.kernel.actor import Actor
    from kefu.kernel.moment import now
    from kefu.people import queries as people
    from kefu.station.tracking.accounts import AccountDraft, add_account
    from kefu.station.tracking.errors import AccountTaken

    codes = {site.key: site.code for site in SITES}
    for vendor, key, name in _VENDORS:
        site = people.site_by_code(codes[key])
        if site is None:
            continue
        draft = AccountDraft(site.pk, vendor, name, f"http://127.0.0.1:{DEMO_PORT}/{vendor}", IDENTITY, SECRET, SALT)
        try:
            add_account(actor=Actor.system("demo-setup"), draft=draft, now=now())
        except AccountTaken:
            continue  # of an earlier start
