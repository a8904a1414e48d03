"""Search walks from the newest rows to the index without passing anything over, whoever asks (PLAT1)."""

import pytest

from kefu.kernel import search
from kefu.kernel.search import Document

pytestmark = pytest.mark.django_db
COUNT = 2 * search.NEWEST + 300


@pytest.fixture
def documents():
    """Some thousand documents of three sites: one word in all, one in every twentieth, one in every 500th, one in the oldest only."""

    def text(number):
        words = ["快件", "破损" if number % 20 == 0 else "延误", "生鲜" if number % 500 == 0 else "文件", "花瓶" if number == 1 else "书籍"]
        return "，".join(words)

    made = [Document(number, number % 3 or None, text(number)) for number in range(1, COUNT + 1)]
    for start in range(0, COUNT, 1000):
        search.index("thing", made[start : start + 1000])
    search.index("other", [Document(number, 1, "快件，破损，生鲜，花瓶") for number in range(1, 20)])


def _walk(word, sites, limit):
    ids, before = [], None
    while True:
        found = search.find("thing", word, sites=sites, limit=limit, before=before)
        assert len(found.ids) == len(found.marks)
        ids.extend(found.ids)
        before = found.before
        if before is None:
            return ids


@pytest.mark.parametrize("sites", [None, frozenset({1}), frozenset({1, 2}), frozenset({2, 77})])
@pytest.mark.parametrize(("word", "fits"), [("破损", lambda n: n % 20 == 0), ("生鲜", lambda n: n % 500 == 0), ("花瓶", lambda n: n == 1)])
@pytest.mark.usefixtures("documents")
def test_every_match_is_found_once_newest_first(word, fits, sites):
    expected = [n for n in range(COUNT, 0, -1) if fits(n) and (sites is None or n % 3 in sites - {0})]
    assert _walk(word, sites, 25) == expected
    assert _walk(f"快件 {word}", sites, 25) == expected


@pytest.mark.usefixtures("documents")
def test_a_search_can_go_on_behind_any_of_its_finds():
    first = search.find("thing", "破损", sites=frozenset({1, 2}), limit=10)
    again = search.find("thing", "破损", sites=frozenset({1, 2}), limit=6, before=first.marks[3])
    assert again.ids == first.ids[4:10]
