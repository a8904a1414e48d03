"""Clauses inside sentences are read by their names."""

import pytest
from markupsafe import Markup

from kefu.console.citations import named

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("handbooks")]


def test_a_clause_in_a_sentence_is_named():
    assert named("不能退款（条款 best@1#clocks.call_back）。") == "不能退款（条款 《2 小时回电》）。"


def test_what_is_no_clause_stays():
    for text in ("", "邮箱 a@b.cn，第 1#楼", "best@1", "见 #texts"):
        assert named(text) == text


def test_a_clause_nobody_knows_keeps_its_last_word():
    assert named("依据 gone@7#texts.x") == "依据 《texts.x》"


def test_markup_stays_markup_and_text_stays_text():
    assert named(Markup("<b>best@1#clocks.call_back</b>")) == Markup("<b>《2 小时回电》</b>")
    assert not isinstance(named("<b>best@1#clocks.call_back</b>"), Markup)
