"""One Chinese word, two English ones: which it is depends on where it stands (PLAT3)."""

import pytest
from django.utils import translation

from kefu.console import navigation
from kefu.console.views import audit_words, handbooks
from kefu.console.views.matters import notices
from kefu.handbook import builtin
from kefu.handbook.loader import read
from kefu.handbook.schema.vocabulary import EVENT_TITLES
from kefu.performance.queries import MEASURES

RAIL = {entry.name: entry.label for entry in navigation.ENTRIES}
FIGURES = {measure.key: measure.title for measure in MEASURES}


@pytest.mark.parametrize(
    ("table", "key", "chinese", "english"),
    [
        (RAIL, "customers", "客户", "Customers"),
        (audit_words.ACTORS, "customer", "客户", "Customer"),
        (RAIL, "cases", "工单", "Cases"),
        (audit_words.SUBJECTS, "case", "工单", "Case"),
        (RAIL, "conversations", "会话", "Conversations"),
        (audit_words.SUBJECTS, "conversation", "会话", "Conversation"),
        (RAIL, "parcels", "快件", "Parcels"),
        (audit_words.SUBJECTS, "parcel", "快件", "Parcel"),
        (EVENT_TITLES, "case.opened", "受理", "Case opened"),
        (EVENT_TITLES, "case.closed", "结案", "Case closed"),
        (EVENT_TITLES, "case.reopened", "重新打开", "Case reopened"),
        (handbooks.KIND_TITLES, "changed", "修改", "Changed"),
        (FIGURES, "cases_opened", "新建工单", "New cases"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_word_by_its_place(table, key, chinese, english):
    with translation.override("zh-hans"):
        assert str(table[key]) == chinese
    with translation.override("en"):
        assert str(table[key]) == english


@pytest.mark.parametrize(
    ("language", "expected"), [("zh-hans", "待人工告知客户（收到索赔）"), ("en", "A person has to tell the customer (Claim received)")]
)
def test_a_notice_in_the_timeline_is_named_in_the_language_of_the_reader(language, expected):
    book = read(builtin.text("best"), file="best.yaml", bases=builtin.text).handbook
    with translation.override(language):
        said = notices.SAYS["notice.person"]({"template": "claim_acknowledged", "reason": ""}, book)
    assert said.title.startswith(expected)


def test_buttons_keep_theirs():
    with translation.override("en"):
        told = [translation.gettext(word) for word in ("新建工单", "重新打开", "结案", "受理", "修改", "生效", "已过期")]
    assert told == ["New case", "Reopen", "Close case", "Open case", "Change", "Put in force", "Overdue"]
