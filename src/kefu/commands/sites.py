"""``kefu sites``: the places of a centre, for the first ones before anybody can sign in."""

import click
from django.utils.translation import gettext as _

from kefu.commands.frame import Problem, command, operator
from kefu.commands.tally import Tally, tally
from kefu.handbook.actions import require_usable
from kefu.kernel import moment
from kefu.people import actions, queries


@click.group()
def sites() -> None:
    """站点 Sites."""


@command("create")
@click.argument("site_code")
@click.argument("name")
@click.option("--kind", type=click.Choice(["hq", "hub", "station", "shop"]), default="station", help="类型 Kind")
@click.option("--handbook", default="best", help="所用手册 Handbook it works by")
@click.option("--parent", default="", help="上级站点编号 Code of the site above")
@click.option("--city", default="", help="城市 City")
def create(site_code: str, name: str, kind: str, handbook: str, parent: str, city: str) -> Tally:
    """新建站点 Add a site."""
    now = moment.now()
    require_usable(handbook, now)
    above = queries.site_by_code(parent) if parent else None
    if parent and above is None:
        raise Problem(_("没有编号为“%(site_code)s”的站点。"), site_code=parent)
    actions.create_site(actor=operator(), code=site_code, name=name, kind=kind, handbook=handbook, parent=above, city=city, now=now)
    return tally((_("新建站点"), 1))


@command("list")
def list_sites() -> Tally:
    """站点列表 All sites."""
    found = sorted(queries.sites_by_id().values(), key=lambda site: site.path)
    for site in found:
        click.echo(f"{site.code:<12} {site.kind:<8} {site.handbook:<12} {site.name}")
    return tally((_("站点"), len(found)))


sites.add_command(create)
sites.add_command(list_sites)
