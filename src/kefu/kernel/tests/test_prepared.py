"""Statements made once: they find what the query set finds, whatever the values, and what they cannot keep is asked anew."""

from datetime import timedelta

import pytest
from django.db.models import F, Value

from kefu.conftest import NOW
from kefu.kernel import paging, prepared
from kefu.kernel.models import ImportRun
from kefu.people.models import Site, Staff, Team

pytestmark = pytest.mark.django_db


def _of_site(*, site_id):
    return Staff.objects.filter(site_id=site_id).select_related("site", "team").order_by("pk")


def _partly(*, username):
    return Staff.objects.filter(username=username).select_related("site").only("name", "site__name")


def _teams(*, ids):
    return Team.objects.filter(site_id__in=ids).order_by("pk").values_list("pk", "name")


def _named(*, name):
    return Site.objects.filter(name=name).values_list("code", flat=True)


def _begins(*, name):
    return Site.objects.filter(name__startswith=name)


def _read(state, size, *, since, until):
    return ImportRun.objects.filter(kind=state, started_at__gte=since, started_at__lt=until).order_by("-pk")[:size]


def _a_day_before(*, when):
    return ImportRun.objects.filter(started_at__lt=when - timedelta(days=1))


def _nobody(*, pk):
    return Staff.objects.none().filter(pk=pk)


def _counts(*, site_id):
    return paging.counting([Staff.objects.filter(site_id=site_id), Staff.objects.none(), Staff.objects.all()])


def _same(build, *shape, **values):
    expected = list(build(*shape, **values))
    for _again in range(2):
        assert prepared.rows(build, *shape, **values) == expected
    return expected


@pytest.mark.parametrize("name", ["南市分部", "", "x' OR 1=1 --", "100%", "※mark-0001"])
def test_a_text_is_a_value_and_nothing_else(cast, name):
    _same(_named, name=name)


def test_the_rows_are_those_of_the_query_set_with_what_stands_beside(cast, django_assert_num_queries):
    for site_id in (cast.agent.site_id, cast.outsider.site_id, 10**9):
        _same(_of_site, site_id=site_id)
    with django_assert_num_queries(1):
        found = prepared.rows(_of_site, site_id=cast.agent.site_id)
        assert {one.site.name for one in found} == {"南市分部"}
        assert all(one.team is None or one.team.name for one in found)
    expected = Staff.objects.get(pk=cast.agent.id)
    mine = next(one for one in found if one.pk == cast.agent.id)
    assert {field.attname: getattr(mine, field.attname) for field in Staff._meta.concrete_fields} == {
        field.attname: getattr(expected, field.attname) for field in Staff._meta.concrete_fields
    }
    assert not mine._state.adding


def test_a_column_left_out_is_read_when_it_is_asked_for(cast, django_assert_num_queries):
    staff = Staff.objects.get(pk=cast.agent.id)
    found = prepared.first(_partly, username=staff.username)
    assert found.get_deferred_fields() == Staff.objects.only("name", "site").get(pk=staff.pk).get_deferred_fields()
    with django_assert_num_queries(1):
        assert found.staff_no == staff.staff_no


def _one(*, pk):
    return Staff.objects.filter(pk=pk)


def test_a_key_may_be_larger_than_any_column_holds(cast):
    for pk in (cast.agent.id, 2**31, 2**63, 10**30):
        _same(_one, pk=pk)


@pytest.mark.parametrize("count", [0, 1, 3, 5, 300])
def test_a_list_of_any_length(cast, count):
    ids = [cast.agent.site_id, cast.outsider.site_id, *range(10_000, 10_300)][:count]
    _same(_teams, ids=ids)


def test_moments_and_choices():
    for day in range(5):
        ImportRun.objects.create(
            kind="ab"[day % 2], file_hash=str(day), actor_name="甲", options={"日": day}, started_at=NOW + timedelta(days=day)
        )
    for kind, size, first, last in [("a", 5, 0, 5), ("a", 1, 0, 5), ("b", 5, 0, 1), ("b", 5, 1, 2)]:
        found = _same(_read, kind, size, since=NOW + timedelta(days=first), until=NOW + timedelta(days=last))
        assert [
            one.options for one in prepared.rows(_read, kind, size, since=NOW + timedelta(days=first), until=NOW + timedelta(days=last))
        ] == [one.options for one in found]
    assert prepared.is_kept(_read, "a", 5, since=NOW, until=NOW)


def test_what_makes_something_else_of_a_value_is_asked_anew(cast):
    ImportRun.objects.create(kind="a", file_hash="1", actor_name="甲", started_at=NOW)
    for name in ("南", "城", "%"):
        _same(_begins, name=name)
    assert not prepared.is_kept(_begins, name="南")
    assert [len(_same(_a_day_before, when=NOW + timedelta(days=days))) for days in (0, 1, 2)] == [0, 0, 1]
    assert not prepared.is_kept(_a_day_before, when=NOW)


def test_nothing_is_asked_where_nothing_can_be_found(django_assert_num_queries):
    with django_assert_num_queries(0):
        assert prepared.rows(_nobody, pk=5) == []
        assert prepared.first(_nobody, pk=6) is None


def _counted_beside(*, site_id):
    return Staff.objects.filter(site_id=site_id).annotate(twice=F("pk") * Value(2))


def test_a_row_with_more_on_it_is_asked_anew(cast):
    found = prepared.rows(_counted_beside, site_id=cast.agent.site_id)
    assert all(one.twice == 2 * one.pk for one in found)


def test_counts_are_one_statement(cast, django_assert_num_queries):
    for site_id in (cast.agent.site_id, cast.outsider.site_id):
        with django_assert_num_queries(1):
            here, none, everybody = paging.capped(prepared.fetch(_counts, site_id=site_id)[0])
        assert (here.value, none.value, everybody.value) == (Staff.objects.filter(site_id=site_id).count(), 0, Staff.objects.count())
