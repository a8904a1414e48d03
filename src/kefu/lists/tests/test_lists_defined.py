"""What every list must be, whoever defined it; how filters are cleaned; the shelf of its views."""

import pytest

from kefu.exports import catalogue as exports
from kefu.kernel.errors import Invalid, NotFound
from kefu.lists import catalogue
from kefu.lists.catalogue import LISTS
from kefu.lists.customers import CUSTOMERS
from kefu.lists.definition import Filter, cleaned, day, whole
from kefu.lists.parcels import PARCELS, numbers_of
from kefu.lists.shelf import shelf_of

KINDS = {"choice", "text", "code", "day", "site", "staff", "id", "flag"}


@pytest.mark.parametrize("key", list(LISTS))
def test_a_list_is_whole(key):
    one = LISTS[key]
    assert (one.key, 0 < len(key) <= 40) == (key, True)
    assert one.permissions
    names, columns = [item.name for item in one.filters], [item.key for item in one.columns]
    assert len(set(names)) == len(names)
    assert len(set(columns)) == len(columns) >= 1
    assert {item.kind for item in one.filters} <= KINDS
    # Words of the address that belong to the page, not to a filter.
    assert not set(names) & {"cursor", "cols", "density", "saved", "size", "do", "all", "row"}
    assert all(item.choices for item in one.filters if item.kind == "choice")
    assert len({view.key for view in one.views}) == len(one.views)
    for view in one.views:
        assert one.clean(view.values) == dict(view.values)
    assert all(str(item.title) for item in (*one.filters, *one.columns, one))


def test_every_list_leaves_as_a_file():
    for key, one in LISTS.items():
        source = exports.named(key)
        assert (source.permissions, source.personal, source.clearable) == (one.permissions, one.personal, one.clearable)
        assert len(source.columns(None)) == len(one.columns)
        with pytest.raises(Invalid):
            source.clean({"bogus": "1"})


def test_an_unknown_list_is_not_found():
    with pytest.raises(NotFound):
        catalogue.named("nothing")


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"bogus": "1"}, "bogus"),
        ({"state": "flying"}, "state"),
        ({"site": "x"}, "site"),
        ({"site": "１"}, "site"),
        ({"sent": "yes"}, "sent"),
        ({"phone": "1" * 201}, "phone"),
        ({"q": "1" * 4001}, "q"),
    ],
)
def test_filters_that_cannot_be_are_refused_by_name_and_dropped_from_addresses(given, field):
    with pytest.raises(Invalid) as refused:
        PARCELS.clean(given)
    assert list(refused.value.fields) == [field]
    assert PARCELS.kept(given) == {}


def test_filters_are_cleaned():
    assert PARCELS.clean({"state": " signed ", "site": "3", "sent": "", "q": None}) == {"state": "signed", "site": "3"}
    with pytest.raises(Invalid) as refused:
        cleaned({"since": "day", "who": "id"}, {"since": "昨天", "who": "a"})
    assert set(refused.value.fields) == {"since", "who"}
    assert (whole("12"), whole("-1"), whole("1" * 18), day("2026-02-30"), str(day("2026-01-31"))) == (12, None, None, None, "2026-01-31")


def test_views_keep_nothing_personal():
    shelf = shelf_of(PARCELS)
    assert shelf.check({"state": "signed", "phone": "13812345678"}) == {"state": "signed"}
    assert shelf.kept({"phone": "13812345678", "old": "x"}) == {}
    assert shelf_of(CUSTOMERS).check({"q": "王小明"}) == {}


def test_numbers_of_a_text():
    assert numbers_of("5500011, 5500012\n5500011；") == ["5500011", "5500012"]
    assert len(numbers_of(" ".join(str(number) for number in range(600)))) == 500


def test_choices_may_depend_on_the_reader():
    one = Filter("x", "X", "choice", lambda actor: [(actor, "一")])
    assert one.options("me") == [("me", "一")]
