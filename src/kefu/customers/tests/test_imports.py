"""Customers from tables (PLAT2)."""

import pytest

from kefu.conftest import NOW
from kefu.customers import queries
from kefu.customers.imports import run_import
from kefu.customers.models import Customer
from kefu.kernel.errors import NotFound
from kefu.kernel.models import ImportRun
from kefu.people.errors import MissingPermission

TABLE = "姓名,手机号,会员名\n王小明,13812345678,\n李四,,tb_88\n王小明,+86 138 1234 5678,\n赵六,没有,\n,,\n孙七,1.38E+10,\n"


def counts(run):
    return run.read, run.stored, run.present, run.refused


def test_customers_once_each(tmp_path, ground, cast):
    path = tmp_path / "customers.csv"
    path.write_bytes(TABLE.encode("gbk"))
    run = run_import(actor=cast.agent, path=path, now=NOW, site_id=ground.station.pk)
    assert counts(run) == (5, 2, 1, 2)
    assert counts(run_import(actor=cast.agent, path=path, now=NOW, site_id=ground.station.pk)) == (5, 0, 3, 2)
    assert sorted(row.name for row in queries.page(cast.agent).rows) == ["李*", "王*"]


@pytest.mark.parametrize(("part", "refusal"), [("clerk", MissingPermission), ("inspector", MissingPermission), ("outsider", NotFound)])
def test_who_may_not(tmp_path, ground, cast, part, refusal):
    path = tmp_path / "customers.csv"
    path.write_text(TABLE)
    with pytest.raises(refusal):
        run_import(actor=getattr(cast, part), path=path, now=NOW, site_id=ground.station.pk)
    assert Customer.objects.count() == ImportRun.objects.count() == 0
