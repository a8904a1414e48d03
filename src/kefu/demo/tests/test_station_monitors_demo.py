"""The demo's differences: each set has some at a site it makes sense for, and people are at them."""

from datetime import datetime

import pytest

from kefu.conftest import Cast
from kefu.conftest import Ground as Sites
from kefu.demo.ground import Ground
from kefu.demo.station import monitors
from kefu.kernel.actor import Actor
from kefu.station.monitors import queries
from kefu.station.monitors.queries import Wanted
from kefu.station.monitors.sets import SETS

pytestmark = pytest.mark.django_db


def test_every_set_has_some(cast: Cast, ground: Sites, now: datetime) -> None:
    sites = {"south": ground.station.pk, "north": ground.other_station.pk, "hub": ground.hub.pk}
    actors = {"clerk": cast.clerk}
    here = Ground(sites=sites, handbooks={}, staff_ids={}, actors=actors)
    assert monitors.make(here, now) == 50
    system = Actor.system("tests")
    empty = [key for key in SETS if not queries.page(system, Wanted(key), now=now).rows]
    assert empty == []
    rows = queries.page(cast.clerk, Wanted("not_arrived", work="taken"), now=now).rows
    assert len(rows) >= 4
    assert any(row.follow.urged_at for row in rows)
    assert any(row.follow.reported_at for row in rows)
    assert queries.page(system, Wanted("not_arrived", work="lost"), now=now).rows
