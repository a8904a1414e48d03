"""Handbooks: reading under lasting addresses, differences, drafts with problems, putting in force."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from kefu import conftest as whole_house
from kefu.conftest import Cast
from kefu.console.tests import test_conversations as talks
from kefu.handbook import actions, builtin, queries
from kefu.handbook.models import HandbookVersion
from kefu.handbook.schema import SECTIONS

pytestmark = [pytest.mark.urls("kefu.console.tests.product_urls"), pytest.mark.django_db, pytest.mark.usefixtures("handbooks")]

hire, enter, store = whole_house.hire, talks.enter, talks.store

SMALL = """handbook: tiny
title: 小手册
effective_from: 2026-01-01
sources:
  T: {title: 测试}
texts:
  rule:
    title: "规定 <script>alert(1)</script>"
    source: T1
    text: 先问好，再问事。
"""
WRONG = SMALL.replace("source: T1", "sauce: T1")


def draft(cast: Cast, text: str = SMALL) -> int:
    return actions.save_draft(actor=cast.manager, text=text, now=timezone.now()).id


@pytest.fixture
def versions() -> dict[str, int]:
    return dict(HandbookVersion.objects.values_list("key", "pk"))


def test_everybody_reads(cast: Cast, enter: Any) -> None:
    for part in ("agent", "clerk", "lead", "trainer", "manager", "outsider"):
        client = enter(getattr(cast, part))
        html = client.get("/handbooks").content.decode()
        assert "百世汇通客服工作手册" in html
        assert ("写新草稿" in html) == (part == "manager")
        assert client.get("/handbooks/best@1").status_code == 200


@pytest.mark.parametrize("key", builtin.KEYS)
def test_every_section_and_clause_can_be_read(key: str, cast: Cast, enter: Any) -> None:
    client = enter(cast.agent)
    book = queries.book(f"{key}@1")
    for section in SECTIONS:
        if not book.section(section):
            continue
        for language in ("en", "zh-hans") if key == "zto" else ("zh-hans",):
            client.cookies["django_language"] = language
            answer = client.get(f"/handbooks/{key}@1?section={section}")
            assert answer.status_code == 200, section
        html = answer.content.decode()
        for name in book.section(section):
            assert f'id="{section}.{name}"' in html
        first = next(iter(book.section(section)))
        page = client.get(f"/handbooks/{key}@1/clauses/{section}.{first}")
        assert page.status_code == 200
        assert f"{key}@1#{section}.{first}" in page.content.decode()


def test_parts_of_clauses_have_addresses_of_their_own(cast: Cast, enter: Any) -> None:
    client = enter(cast.agent)
    book = queries.book("best@1")
    seen = set()
    for clause_id, part in book.clauses():
        if clause_id.count(".") > 1 and type(part).__name__ not in seen:
            seen.add(type(part).__name__)
            answer = client.get(f"/handbooks/best@1/clauses/{clause_id}")
            assert answer.status_code == 200, clause_id
    assert len(seen) >= 4


def test_a_clock_is_said_in_a_sentence_and_links_work(cast: Cast, enter: Any) -> None:
    client = enter(cast.agent)
    html = client.get("/handbooks/best@1/clauses/clocks.call_back").content.decode()
    assert "从“受理”起，2 小时内“回电客户”" in html
    for address in sorted(set(re.findall(r'href="(/handbooks/best@1/clauses/[^"#?]+)"', html)))[::12]:
        assert client.get(address).status_code == 200, address


def test_the_scorecard_is_the_table_of_the_paper(cast: Cast, enter: Any) -> None:
    html = enter(cast.agent).get("/handbooks/best@1?section=scorecards").content.decode()
    for words in ("服务用语", "开场白", "服务禁语", "未执行（元）", "扣分"):
        assert words in html
    assert "1E+1" not in html


def test_a_procedure_is_drawn(cast: Cast, enter: Any) -> None:
    html = enter(cast.agent).get("/handbooks/best@1/clauses/procedures.delay").content.decode()
    assert "<svg" in html
    assert 'class="steps"' in html
    assert "style=" not in html


@pytest.mark.parametrize(
    "path",
    ["/handbooks/best@999", "/handbooks/nothing@1", "/handbooks/best@1/clauses/clocks.nothing", "/handbooks/best@1/clauses/x",
     "/handbooks/best@1/clauses/clocks.call_back.x", "/handbooks/999999/yaml", "/handbooks/best@99999999999999999999"],
)  # fmt: skip
def test_what_is_not_there(path: str, cast: Cast, enter: Any) -> None:
    assert enter(cast.agent).get(path).status_code == 404


def test_search_inside(cast: Cast, enter: Any) -> None:
    client = enter(cast.agent)
    html = client.get("/handbooks/best@1", {"q": "回电"}).content.decode()
    assert "clauses/clocks.call_back" in html
    assert "手册里没有这些词" in client.get("/handbooks/best@1", {"q": "不存在的词语"}).content.decode()
    bad = client.get("/handbooks/best@1", {"q": '"><script>alert(1)</script>'}).content.decode()
    assert "<script>alert" not in bad


def test_drafts_are_for_those_who_edit(cast: Cast, enter: Any) -> None:
    pk = draft(cast)
    for part in ("agent", "lead", "inspector", "clerk"):
        client = enter(getattr(cast, part))
        assert client.get("/handbooks/tiny@1").status_code == 404
        assert client.get("/handbooks/drafts/new").status_code == 403
        assert client.get(f"/handbooks/drafts/{pk}").status_code == 403
        assert client.post(f"/handbooks/{pk}/force").status_code == 403
        assert client.post(f"/handbooks/{pk}/copy").status_code == 403
        assert client.post(f"/handbooks/{pk}/discard").status_code == 403
        assert client.get(f"/handbooks/{pk}/yaml").status_code == 404
        assert client.get(f"/handbooks/{pk}/preview").status_code == 403
        assert client.post("/handbooks/check", {"text": SMALL}).status_code == 403
    assert HandbookVersion.objects.get(pk=pk).state == "draft"
    html = enter(cast.manager).get("/handbooks/tiny@1?section=texts").content.decode()
    assert "<script>alert" not in html
    assert "&lt;script&gt;alert(1)" in html


def test_problems_stand_beside_the_text_with_line_and_column(cast: Cast, enter: Any) -> None:
    client = enter(cast.manager)
    part = client.post("/handbooks/check", {"text": WRONG}, headers={"HX-Request": "true"}).content.decode()
    place = re.search(r'data-goto-line="(\d+)" data-goto-column="(\d+)"', part)
    assert place is not None
    assert WRONG.splitlines()[int(place[1]) - 1].strip().startswith(("sauce", "rule", "title"))
    assert "没有问题" in client.post("/handbooks/check", {"text": SMALL}).content.decode()
    looked = client.post("/handbooks/drafts/new", {"text": WRONG, "do": "check"})
    assert looked.status_code == 200
    assert "sauce: T1" in looked.content.decode()
    assert not HandbookVersion.objects.filter(key="tiny").exists()


@pytest.mark.parametrize("text", ["", "not yaml: [", "\t", "handbook: 1", "a: b\n" * 10, "\x00", "handbook: UPPER\n"])
def test_texts_that_are_no_handbook_are_not_kept(text: str, cast: Cast, enter: Any) -> None:
    before = HandbookVersion.objects.count()
    answer = enter(cast.manager).post("/handbooks/drafts/new", {"text": text, "do": "save"})
    assert answer.status_code == 422
    assert HandbookVersion.objects.count() == before


def test_from_a_file_to_in_force(cast: Cast, enter: Any) -> None:
    client = enter(cast.manager)
    upload = SimpleUploadedFile("tiny.yaml", WRONG.encode("gb18030"))
    saved = client.post("/handbooks/drafts/new", {"text": "", "file": upload, "do": "save", "note": "第一稿"})
    assert saved.status_code == 302
    row = HandbookVersion.objects.get(key="tiny")
    assert (row.text, row.note, row.state) == (WRONG, "第一稿", "draft")
    editor = client.get(f"/handbooks/drafts/{row.pk}").content.decode()
    assert "处问题" in editor
    refused = client.post(f"/handbooks/{row.pk}/force", {"from": ""})
    assert refused.status_code == 409
    assert "还有问题" in refused.content.decode()
    client.post(f"/handbooks/drafts/{row.pk}", {"text": SMALL, "do": "save", "row_version": row.version})
    assert client.post(f"/handbooks/{row.pk}/force", {"from": "someday"}).status_code == 409
    assert client.post(f"/handbooks/{row.pk}/force", {"from": "2001-01-01T00:00"}).status_code == 409
    assert HandbookVersion.objects.get(pk=row.pk).state == "draft"
    assert client.post(f"/handbooks/{row.pk}/force", {"from": ""}).status_code == 302
    assert queries.book("tiny@1").texts["rule"].text == "先问好，再问事。"
    assert client.get(f"/handbooks/drafts/{row.pk}").status_code == 409
    later = timezone.localtime(timezone.now() + timedelta(days=3)).strftime("%Y-%m-%dT%H:%M")
    client.post(f"/handbooks/{row.pk}/copy")
    copy = HandbookVersion.objects.get(key="tiny", number=2)
    assert client.post(f"/handbooks/{copy.pk}/force", {"from": later}).status_code == 302
    assert "待生效" in client.get("/handbooks").content.decode()


def test_two_people_on_one_draft(cast: Cast, enter: Any) -> None:
    pk = draft(cast)
    version = HandbookVersion.objects.get(pk=pk).version
    client = enter(cast.manager)
    mine = SMALL.replace("先问好", "我改的")
    assert client.post(f"/handbooks/drafts/{pk}", {"text": SMALL, "do": "save", "row_version": version}).status_code == 302
    stale = client.post(f"/handbooks/drafts/{pk}", {"text": mine, "do": "save", "row_version": version})
    assert stale.status_code == 409
    assert "我改的" in stale.content.decode()
    assert "我改的" not in HandbookVersion.objects.get(pk=pk).text


def test_a_draft_that_cannot_be_read_yet_shows_its_problems(cast: Cast, enter: Any) -> None:
    draft(cast, WRONG)
    html = enter(cast.manager).get("/handbooks/tiny@1").content.decode()
    assert "改好后才能按条款阅读" in html


def test_copy_download_discard(cast: Cast, enter: Any, versions: dict[str, int]) -> None:
    client = enter(cast.manager)
    given = client.get(f"/handbooks/{versions['best']}/yaml")
    assert given["Content-Disposition"] == 'attachment; filename="best-1.yaml"'
    assert given.content.decode() == builtin.text("best")
    assert client.post(f"/handbooks/{versions['best']}/copy").status_code == 302
    copy = HandbookVersion.objects.get(key="best", number=2)
    assert copy.text == builtin.text("best")
    assert client.post(f"/handbooks/{versions['best']}/discard").status_code == 409
    assert client.post(f"/handbooks/{copy.pk}/discard").status_code == 302
    assert not HandbookVersion.objects.filter(pk=copy.pk).exists()


def test_differences(cast: Cast, enter: Any) -> None:
    old = draft(cast)
    new = draft(cast, SMALL.replace("先问好", "先道歉").replace("rule:", "rule2:"))
    client = enter(cast.manager)
    html = client.get(f"/handbooks/compare?old={old}&new={new}").content.decode()
    assert "texts.rule2" in html
    assert "新增 1" in html
    assert "删除 1" in html
    assert "两个版本的条款相同" in client.get(f"/handbooks/compare?old={old}&new={old}").content.decode()
    assert client.get("/handbooks/compare?old=x&new=").status_code == 302
    assert client.get(f"/handbooks/compare?old={old}&new=999999").status_code == 404
    assert enter(cast.agent).get(f"/handbooks/compare?old={old}&new={new}").status_code == 404


def test_a_preview_says_what_would_change_and_writes_nothing(cast: Cast, store: Any, enter: Any) -> None:
    store(talks.BAD)
    text = (builtin.text("best") or "").replace("term: 不知道,", "term: 换一个词,")
    pk = actions.save_draft(actor=cast.manager, text=text, now=timezone.now()).id
    client = enter(cast.manager)
    before = HandbookVersion.objects.count()
    html = client.get(f"/handbooks/{pk}/preview?since=2026-11-01&until=2026-11-30").content.decode()
    assert "试用的会话" in html
    assert HandbookVersion.objects.count() == before
    assert client.get(f"/handbooks/{draft(cast, WRONG)}/preview").status_code == 200


def test_reading_costs_the_same_for_small_and_large_handbooks(cast: Cast, enter: Any) -> None:
    pk = draft(cast)
    actions.put_in_force(actor=cast.manager, version_id=pk, now=timezone.now())
    client: Client = enter(cast.agent)
    counts = []
    for path in ("/handbooks/tiny@1?section=texts", "/handbooks/best@1?section=texts", "/handbooks/best@1/clauses/clocks.call_back"):
        client.get(path)
        with CaptureQueriesContext(connection) as seen:
            assert client.get(path).status_code == 200
        counts.append(len(seen))
    assert max(counts) <= 10, counts
