"""Drafts, phrases, macros, views and hand-over notes: kept, shared and refused as they should be (CASE8, CONV1)."""

from datetime import timedelta

import pytest
from django.apps import apps
from django.db import connection

from kefu.cases import actions, queries, tasks, upkeep
from kefu.cases.actions import CaseRequest
from kefu.cases.errors import AnsweredSince
from kefu.cases.models import Case
from kefu.conftest import NOW
from kefu.desk import drafts, handover, macros, phrases, sending, variables, views
from kefu.desk.case_views import CASES, counts, filter_of
from kefu.desk.errors import DraftGone, DraftNewer, MacroNotMeant, MacroRefused
from kefu.desk.macros import NewMacro
from kefu.desk.models import Draft
from kefu.desk.views import NewView
from kefu.kernel.errors import Denied, Invalid, NotFound, Stale
from kefu.kernel.models import AuditEntry
from kefu.people.errors import MissingPermission

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("handbooks")]
WAYBILL = "50004090806944"


@pytest.fixture
def case(cast, ground):
    """A complaint with its customer, nobody's yet."""
    request = CaseRequest(
        ground.station.pk, "delay", "call", "三天没有更新", waybill=WAYBILL, customer_name="王小红", customer_phone="13812345678"
    )
    return actions.open_case(actor=cast.agent, request=request, now=NOW)


def _everything():
    """All rows but those of the audit's own counters."""
    return {
        m._meta.label: sorted(map(repr, m._default_manager.values_list()))
        for m in apps.get_models()
        if not m._meta.label.startswith("django")
    }


# ── Drafts ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def _save(actor, case, text, revision=0, now=NOW, **more):
    return drafts.save(actor=actor, subject=drafts.note(case.pk), text=text, revision=revision, now=now, **more)


def test_a_draft_is_kept_while_typing_and_read_by_its_writer_alone(case, cast):
    first = _save(cast.agent, case, "客户电话13812345678", fields={"channel": "sms"})
    second = _save(cast.agent, case, "客户电话13812345678，急", revision=first.revision, fields={"channel": "call"})
    assert (first.revision, second.revision) == (1, 2)
    kept = drafts.load(cast.agent, drafts.note(case.pk))
    assert kept is not None
    assert (kept.text, kept.fields, kept.revision) == ("客户电话13812345678，急", {"channel": "call"}, 2)
    for other in (cast.second_agent, cast.lead, cast.admin):
        assert drafts.load(other, drafts.note(case.pk)) is None
        assert drafts.mine(other) == []
    with connection.cursor() as cursor:
        cursor.execute("SELECT text, fields FROM desk_draft")
        assert "13812345678" not in str(cursor.fetchall())


def test_an_older_tab_is_told_and_can_take_the_newer_draft(case, cast):
    first = _save(cast.agent, case, "一")
    _save(cast.agent, case, "一二", revision=first.revision)
    with pytest.raises(DraftNewer) as refused:
        _save(cast.agent, case, "一三", revision=first.revision)
    assert str(refused.value) == "另一个标签页有更新的草稿。"
    assert (refused.value.params["text"], refused.value.params["revision"]) == ("一二", 2)
    with pytest.raises(DraftNewer):
        _save(cast.agent, case, "新标签页")
    assert _save(cast.agent, case, "一二三", revision=2).revision == 3
    assert drafts.load(cast.agent, drafts.note(case.pk)).text == "一二三"


def test_note_and_reply_and_steps_have_drafts_of_their_own_whoever_owns_the_case(case, cast):
    for subject in (drafts.note(case.pk), drafts.reply(case.pk), drafts.step(case.pk, "receive")):
        drafts.save(actor=cast.agent, subject=subject, text=subject, now=NOW)
    drafts.save(actor=cast.agent, subject="call:9:wrap-up", text="来电", now=NOW)
    upkeep.assign(actor=cast.lead, case_id=case.pk, staff_id=cast.second_agent.id, now=NOW)
    assert set(drafts.of_case(cast.agent, case.pk)) == {f"case:{case.pk}:{what}" for what in ("note", "reply", "step:receive")}
    assert len(drafts.mine(cast.agent)) == 4


def test_sending_ends_the_draft_with_it_and_a_late_save_does_not_bring_it_back(case, cast):
    kept = _save(cast.agent, case, "备注")
    reply = drafts.save(actor=cast.agent, subject=drafts.reply(case.pk), text="回复", now=NOW)
    sending.note(actor=cast.agent, case_id=case.pk, text="备注", now=NOW)
    assert list(drafts.of_case(cast.agent, case.pk)) == [drafts.reply(case.pk)]
    with pytest.raises(DraftGone):
        _save(cast.agent, case, "备注，", revision=kept.revision)
    seen = case.entries.order_by("-pk").first().pk
    sending.reply(actor=cast.second_agent, case_id=case.pk, text="我来", channel="sms", now=NOW)
    with pytest.raises(AnsweredSince):
        sending.reply(actor=cast.agent, case_id=case.pk, text="回复", channel="sms", now=NOW, seen=seen)
    assert drafts.load(cast.agent, drafts.reply(case.pk)).revision == reply.revision
    sending.reply(actor=cast.agent, case_id=case.pk, text="回复", channel="sms", now=NOW, seen=seen, anyway=True)
    assert Draft.objects.count() == 0


def test_a_refused_step_keeps_its_draft(case, cast):
    drafts.save(actor=cast.agent, subject=drafts.step(case.pk, "receive"), text="", fields={"statement": "慢"}, now=NOW)
    with pytest.raises(Invalid):
        sending.step(actor=cast.agent, case_id=case.pk, step="receive", answers={}, now=NOW)
    assert drafts.load(cast.agent, drafts.step(case.pk, "receive")).fields == {"statement": "慢"}


@pytest.mark.parametrize(
    "subject", ["case:1", "case:x:note", "case:0:note", "note", "case:1:step:A B", "case:1:note\n", "call:9:other", ""]
)
def test_a_draft_is_about_something_known(cast, subject):
    with pytest.raises(Invalid):
        drafts.save(actor=cast.agent, subject=subject, text="", now=NOW)


def test_no_draft_about_what_is_out_of_reach_and_none_of_machines(case, cast):
    with pytest.raises(NotFound):
        _save(cast.outsider, case, "看不到")
    with pytest.raises(Denied):
        _save(cast.system, case, "机器")
    with pytest.raises(Invalid):
        _save(cast.agent, case, "长" * 20001)
    with pytest.raises(Invalid):
        _save(cast.agent, case, "", fields={"text": "长" * 40001})
    assert Draft.objects.count() == 0


def test_drafts_nobody_touches_are_forgotten_after_thirty_days(case, cast):
    _save(cast.agent, case, "旧", now=NOW)
    _save(cast.lead, case, "新", now=NOW + timedelta(days=1))
    assert drafts.forget_old(now=NOW + timedelta(days=30, seconds=1)) == 1
    assert drafts.load(cast.lead, drafts.note(case.pk)) is not None


# ── Phrases ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def _phrase(actor, scope="own", **values):
    given = {
        "title": "催促派送",
        "text": "{客户称呼}您好，运单{运单号}已为您催促派送。",
        "category": "派送/催促",
        "shortcut": "cui",
        **values,
    }
    return phrases.create(actor=actor, scope=scope, values=given, now=NOW)


@pytest.mark.parametrize("typed", ["/cui", "cu", "ccps", "cuicu", "派送", "已为您催", ""])
def test_phrases_are_found_by_shortcut_pinyin_and_words(cast, typed):
    row = _phrase(cast.agent)
    assert row.pk in [one.id for one in phrases.find(cast.agent, typed, now=NOW)]
    assert row.pk not in [one.id for one in phrases.find(cast.second_agent, typed, now=NOW)]


def test_the_shortcut_comes_first_then_what_is_used_most(cast):
    often = _phrase(cast.agent, title="崔氏", shortcut="x1")
    exact = _phrase(cast.agent, title="其他")
    phrases.count_use(actor=cast.agent, phrase_id=often.pk)
    assert [one.id for one in phrases.find(cast.agent, "/cui", now=NOW)][:2] == [exact.pk, often.pk]
    assert phrases.find(cast.agent, now=NOW)[0].id == often.pk


def test_categories_are_a_tree(cast):
    row = _phrase(cast.agent)
    assert phrases.categories(cast.agent) == [("派送/催促", 1)]
    assert [one.id for one in phrases.find(cast.agent, category="派送", now=NOW)] == [row.pk]
    assert phrases.find(cast.agent, category="派", now=NOW) == []


def test_who_shares_phrases(cast):
    team, everybody = _phrase(cast.lead, "team"), _phrase(cast.manager, "all")

    def seen(actor):
        return {one.id for one in phrases.find(actor, "cui", now=NOW) if one.id}

    assert seen(cast.agent) == {team.pk, everybody.pk}
    assert seen(cast.outsider) == {everybody.pk}
    for actor, scope in ((cast.agent, "team"), (cast.agent, "all"), (cast.lead, "all"), (cast.inspector, "own")):
        with pytest.raises(MissingPermission):
            _phrase(actor, scope)
    with pytest.raises(MissingPermission):
        phrases.delete(actor=cast.agent, phrase_id=team.pk, now=NOW)
    with pytest.raises(NotFound):
        phrases.delete(actor=cast.outsider, phrase_id=team.pk, now=NOW)
    phrases.delete(actor=cast.lead, phrase_id=team.pk, now=NOW)
    assert seen(cast.agent) == {everybody.pk}


def test_the_hubs_phrases_reach_its_stations(cast):
    row = _phrase(cast.manager, "team")
    assert row.pk in [one.id for one in phrases.find(cast.agent, "cui", now=NOW)]
    assert row.pk in [one.id for one in phrases.find(cast.outsider, "cui", now=NOW)]


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"title": " "}, "title"),
        ({"title": "长" * 41}, "title"),
        ({"text": ""}, "text"),
        ({"text": "{姓名}您好"}, "text"),
        ({"shortcut": "a b"}, "shortcut"),
        ({"category": "一/二/三/四"}, "category"),
    ],
)
def test_phrases_that_cannot_be_kept(cast, values, field):
    before = _everything()
    with pytest.raises(Invalid) as refused:
        _phrase(cast.agent, **values)
    assert set(refused.value.fields) == {field}
    assert _everything() == before


def test_an_unknown_variable_is_refused_with_the_list(cast):
    with pytest.raises(Invalid) as refused:
        _phrase(cast.agent, text="{客户姓名}您好")
    assert refused.value.reason == "phrase.variable"
    assert "客户姓名" in str(refused.value)
    assert "{客户称呼}" in str(refused.value)


def test_one_shortcut_once_in_a_scope_and_a_save_on_an_older_sight_is_refused(cast):
    row = _phrase(cast.agent)
    with pytest.raises(Invalid):
        _phrase(cast.agent)
    _phrase(cast.second_agent)
    values = {"title": "改", "text": "改过", "shortcut": "cui"}
    phrases.change(actor=cast.agent, phrase_id=row.pk, values=values, expected_version=0, now=NOW)
    with pytest.raises(Stale):
        phrases.change(actor=cast.agent, phrase_id=row.pk, values=values, expected_version=0, now=NOW)
    assert phrases.get(cast.agent, row.pk).text == "改过"


def test_words_of_the_handbook_are_phrases_with_their_clause_that_nobody_changes(case, cast):
    found = [one for one in phrases.find(cast.agent, "正在核实", now=NOW, case_id=case.pk) if one.id is None]
    assert [(one.scope, one.changeable, one.category) for one in found] == [("handbook", False, "手册/查询")]
    assert found[0].clause.startswith("best@")
    assert found[0].clause.endswith("#phrases.checking")
    filled = phrases.filled(cast.agent, found[0].text, case_id=case.pk, now=NOW)
    assert filled.text.startswith("王先生/女士您好，运单50004090806944")


def test_values_come_from_the_case_and_what_is_missing_is_a_blank(case, cast):
    text = "{客户称呼}，{运单号}，{工单号}，{工号}，{站点}，{承诺时间}，{金额}"
    filled = phrases.filled(cast.agent, text, case_id=case.pk, now=NOW)
    number = filled.text.split("，")[3]
    assert filled.text == f"王先生/女士，{WAYBILL}，{case.number}，{number}，南市分部，12:00，【金额】"
    assert filled.blanks == ("金额",)
    assert phrases.filled(cast.agent, "{金额}元", case_id=None, now=NOW, given={"金额": "12"}) == variables.Filled("12元", ())
    with pytest.raises(NotFound):
        phrases.filled(cast.outsider, text, case_id=case.pk, now=NOW)


@pytest.mark.parametrize(
    ("name", "called"),
    [
        ("王女士", "王女士"),
        ("王小红", "王先生/女士"),
        ("欧阳娜娜", "欧阳先生/女士"),
        ("李老板", "李老板"),
        ("Tom", "Tom"),
        ("", ""),
        (" 张 三 ", "张先生/女士"),
    ],
)
def test_how_customers_are_called(name, called):
    assert variables.address(name) == called


# ── Macros ──────────────────────────────────────────────────────────────────────────────────────────────────────────

TAKE = ({"do": "assign", "to": "me"}, {"do": "note", "text": "{工号}已接手，运单{运单号}"}, {"do": "follow"})


def _macro(actor, *parts, scope="own", **more):
    return macros.create(actor=actor, scope=scope, macro=NewMacro("接手", parts or TAKE, **more), now=NOW)


def test_a_macro_shows_what_it_will_do_and_does_it(case, cast):
    row = _macro(cast.agent)
    before = _everything()
    preview = macros.preview(actor=cast.agent, macro_id=row.pk, case_id=case.pk, now=NOW)
    assert preview.runs
    assert [effect.title for effect in preview.effects] == ["分派", "写内部备注", "关注"]
    assert WAYBILL in preview.effects[1].shown
    assert _everything() == before
    done = macros.run(actor=cast.agent, macro_id=row.pk, case_id=case.pk, now=NOW)
    case.refresh_from_db()
    assert case.assignee_id == cast.agent.id
    assert done.did == ("assign", "note", "follow")
    assert done.undo == ({"do": "unfollow"}, {"do": "assign", "to": "none"})
    assert AuditEntry.objects.get(action="macro.run").data["case"] == case.pk


def test_one_refused_part_takes_everything_back(case, cast):
    row = _macro(cast.agent, *TAKE, {"do": "step", "step": "close", "answers": {}})
    preview = macros.preview(actor=cast.agent, macro_id=row.pk, case_id=case.pk, now=NOW)
    assert not preview.runs
    assert [effect.code for effect in preview.effects] == ["", "", "", "step_refused"]
    before = _everything()
    with pytest.raises(MacroRefused) as refused:
        macros.run(actor=cast.agent, macro_id=row.pk, case_id=case.pk, now=NOW)
    assert refused.value.params["part"] == 4
    assert refused.value.params["reason"] == "step_refused"
    assert _everything() == before


def test_a_macro_gets_nobody_past_a_guard(case, cast):
    row = _macro(cast.manager, {"do": "level", "level": "urgent", "reason": "客户情绪激动"}, scope="all")
    with pytest.raises(MacroRefused) as refused:
        macros.run(actor=cast.agent, macro_id=row.pk, case_id=case.pk, now=NOW)
    assert refused.value.params["reason"] == "missing_permission"
    macros.run(actor=cast.lead, macro_id=row.pk, case_id=case.pk, now=NOW)
    assert Case.objects.get(pk=case.pk).level == "urgent"
    with pytest.raises(NotFound):
        macros.run(actor=cast.outsider, macro_id=row.pk, case_id=case.pk, now=NOW)
    with pytest.raises(MissingPermission):
        macros.run(actor=cast.inspector, macro_id=row.pk, case_id=case.pk, now=NOW)


def test_blanks_are_filled_in_first(case, cast):
    row = _macro(cast.agent, {"do": "reply", "channel": "sms", "text": "赔付{金额}元", "awaiting": True})
    preview = macros.preview(actor=cast.agent, macro_id=row.pk, case_id=case.pk, now=NOW)
    assert (preview.runs, preview.blanks, preview.effects[0].code) == (False, ("金额",), "phrase.blank")
    with pytest.raises(MacroRefused):
        macros.run(actor=cast.agent, macro_id=row.pk, case_id=case.pk, now=NOW)
    assert macros.preview(actor=cast.agent, macro_id=row.pk, case_id=case.pk, now=NOW, given={"金额": "20"}).runs
    macros.run(actor=cast.agent, macro_id=row.pk, case_id=case.pk, now=NOW, given={"金额": "20"})
    assert case.entries.get(kind="reply").text == "赔付20元"


def test_what_a_macro_is_meant_for(case, cast):
    meant = _macro(cast.agent, kinds=("delay",), statuses=("open",))
    other = _macro(cast.agent, kinds=("loss",))
    assert [row.pk for row in macros.macros(cast.agent, case.pk)] == [meant.pk]
    assert not macros.preview(actor=cast.agent, macro_id=other.pk, case_id=case.pk, now=NOW).runs
    with pytest.raises(MacroNotMeant):
        macros.run(actor=cast.agent, macro_id=other.pk, case_id=case.pk, now=NOW)


def test_a_task_can_be_taken_back(case, cast):
    row = _macro(cast.agent, {"do": "task", "title": "查监控", "hours": 4}, {"do": "urge", "text": "来电催"})
    done = macros.run(actor=cast.agent, macro_id=row.pk, case_id=case.pk, now=NOW)
    assert [one["do"] for one in done.undo] == ["cancel_task"]
    assert tasks.cancel(actor=cast.agent, task_id=done.undo[0]["task"], now=NOW).state == "cancelled"


@pytest.mark.parametrize(
    "parts",
    [
        ({"do": "delete"},),
        ({"do": "note"},),
        ({"do": "note", "text": "好", "more": 1},),
        ({"do": "note", "text": "{密码}"},),
        ({"do": "assign", "to": "lead"},),
        ({"do": "task", "title": "查", "hours": 0},),
        ({"text": "无动作"},),
        ("note",),
        tuple({"do": "follow"} for _number in range(11)),
    ],
)
def test_only_what_is_on_the_list_can_be_written_down(cast, parts):
    with pytest.raises(Invalid):
        _macro(cast.agent, *parts)


def test_macros_are_changed_and_deleted_by_whom_they_belong_to(cast):
    row = _macro(cast.lead, scope="team")
    assert [one.pk for one in macros.macros(cast.agent)] == [row.pk]
    assert macros.macros(cast.outsider) == []
    new = NewMacro("改名", TAKE)
    with pytest.raises(MissingPermission):
        macros.change(actor=cast.agent, macro_id=row.pk, macro=new, expected_version=0, now=NOW)
    macros.change(actor=cast.lead, macro_id=row.pk, macro=new, expected_version=0, now=NOW)
    with pytest.raises(Stale):
        macros.change(actor=cast.lead, macro_id=row.pk, macro=new, expected_version=0, now=NOW)
    macros.delete(actor=cast.lead, macro_id=row.pk, now=NOW)
    assert macros.macros(cast.agent) == []


# ── Views ───────────────────────────────────────────────────────────────────────────────────────────────────────────


def _view(actor, scope="own", name="延误", values=None, **more):
    return views.create(actor=actor, shelf=CASES, scope=scope, view=NewView(name, values or {"kind": "delay"}, **more), now=NOW)


def _names(actor):
    return [one.name for one in views.views(actor, CASES) if one.id]


def test_views_brought_along_by_role(cast):
    assert [one.key for one in views.views(cast.agent, CASES)][:3] == ["to-do", "unread", "waiting-customer"]
    assert "urged" in [one.key for one in views.views(cast.lead, CASES)]
    assert "urged" not in [one.key for one in views.views(cast.agent, CASES)]
    with pytest.raises(MissingPermission):
        views.views(cast.trainer, CASES)


def test_views_count_what_they_hold_in_one_query_each(case, cast, django_assert_num_queries):
    found = views.views(cast.agent, CASES)
    with django_assert_num_queries(len(found)):
        found_counts = counts(cast.agent, found, now=NOW)
    held = {one.key: str(count) for one, count in zip(found, found_counts, strict=True)}
    assert (held["unassigned"], held["today"], held["late"], held["to-do"]) == ("1", "1", "0", "0")
    upkeep.assign(actor=cast.agent, case_id=case.pk, staff_id=cast.agent.id, now=NOW)
    shown = views.get(cast.agent, CASES, "to-do")
    assert [row.pk for row in queries.page(cast.agent, filter_of(shown), now=NOW).rows] == [case.pk]


def test_a_saved_view_is_what_was_saved(cast):
    row = _view(
        cast.agent, values={"kind": "delay", "due": "4h", "sort": "newest"}, columns=("number", "due"), density="compact", pinned=True
    )
    found = views.get(cast.agent, CASES, str(row.pk))
    assert (found.values, found.columns, found.density, found.pinned) == (
        {"sort": "newest", "kind": "delay", "due": "4h"},
        ["number", "due"],
        "compact",
        True,
    )
    assert views.get(cast.second_agent, CASES, str(row.pk)) is None
    assert views.get(cast.agent, CASES, "") is None


@pytest.mark.parametrize(
    ("view", "fields"),
    [
        (NewView("", {}), {"name"}),
        (NewView("好", {"colour": "red"}), {"colour"}),
        (NewView("好", {"status": "nope", "site": "x"}), {"status", "site"}),
        (NewView("好", {}, columns=("number", "password")), {"columns"}),
        (NewView("好", {}, columns=("number", "number")), {"columns"}),
        (NewView("好", {}, density="huge"), {"density"}),
    ],
)
def test_views_that_cannot_be_saved(cast, view, fields):
    with pytest.raises(Invalid) as refused:
        views.create(actor=cast.agent, shelf=CASES, scope="own", view=view, now=NOW)
    assert set(refused.value.fields) == fields


def test_who_shares_views(cast):
    team, everybody, own = _view(cast.lead, "team", "组"), _view(cast.manager, "all", "全"), _view(cast.agent, name="我")
    assert _names(cast.agent) == ["全", "组", "我"]
    assert _names(cast.outsider) == ["全"]
    assert _names(cast.inspector) == ["全"]
    _view(cast.inspector, name="质检")
    for actor, scope in ((cast.agent, "team"), (cast.lead, "all")):
        with pytest.raises(MissingPermission):
            _view(actor, scope, "不行")
    with pytest.raises(MissingPermission):
        views.delete(actor=cast.agent, shelf=CASES, view_id=team.pk, now=NOW)
    with pytest.raises(NotFound):
        views.delete(actor=cast.admin, shelf=CASES, view_id=own.pk, now=NOW)
    views.delete(actor=cast.manager, shelf=CASES, view_id=everybody.pk, now=NOW)
    assert _names(cast.outsider) == []


def test_own_views_are_put_in_order(cast):
    rows = [_view(cast.agent, name=name) for name in ("一", "二", "三")]
    views.arrange(actor=cast.agent, shelf=CASES, view_ids=[rows[2].pk, rows[0].pk])
    assert _names(cast.agent) == ["三", "一", "二"]
    views.arrange(actor=cast.second_agent, shelf=CASES, view_ids=[rows[1].pk])
    assert _names(cast.agent) == ["三", "一", "二"]


# ── Hand-over ───────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_hand_over_note_is_read_by_each_of_the_next_shift_once(case, cast):
    row = handover.leave(actor=cast.agent, text="王女士下午3点要回电", case_id=case.pk, now=NOW)
    assert handover.notes(cast.agent, now=NOW, open_only=True) == []
    found = handover.notes(cast.second_agent, now=NOW, open_only=True)
    assert [(one.text, one.author, one.case) for one in found] == [("王女士下午3点要回电", "李晓", case.number)]
    for _twice in range(2):
        handover.acknowledge(actor=cast.second_agent, note_id=row.pk, now=NOW)
    assert handover.notes(cast.second_agent, now=NOW, open_only=True) == []
    assert len(handover.notes(cast.lead, now=NOW, open_only=True)) == 1
    assert handover.notes(cast.agent, now=NOW)[0].acknowledged_by == ("周敏",)
    assert handover.notes(cast.lead, now=NOW + timedelta(days=4)) == []
    assert AuditEntry.objects.filter(action="handover.acknowledged").count() == 1


def test_hand_over_stays_in_the_site(case, cast):
    row = handover.leave(actor=cast.agent, text="本站的事", now=NOW)
    assert handover.notes(cast.outsider, now=NOW) == []
    for act in (handover.acknowledge, handover.withdraw):
        with pytest.raises(NotFound):
            act(actor=cast.outsider, note_id=row.pk, now=NOW)
    with pytest.raises(NotFound):
        handover.withdraw(actor=cast.second_agent, note_id=row.pk, now=NOW)
    for text in (" ", "长" * 501):
        with pytest.raises(Invalid):
            handover.leave(actor=cast.agent, text=text, now=NOW)
    with pytest.raises(NotFound):
        handover.leave(actor=cast.outsider, text="别站的单", case_id=case.pk, now=NOW)
    handover.withdraw(actor=cast.agent, note_id=row.pk, now=NOW)
    assert handover.notes(cast.agent, now=NOW) == []


def test_lists_cost_the_same_at_two_sizes(case, cast, django_assert_num_queries):
    def grow(start, count):
        for number in range(start, start + count):
            _phrase(cast.agent, title=f"话术{number}", shortcut=f"s{number}")
            _view(cast.agent, name=f"视图{number}")
            _macro(cast.agent)
            handover.leave(actor=cast.second_agent, text=f"交接{number}", case_id=case.pk, now=NOW)

    def cost():
        phrases.find(cast.agent, "话术", now=NOW, case_id=case.pk)
        views.views(cast.agent, CASES)
        macros.macros(cast.agent, case.pk)
        handover.notes(cast.agent, now=NOW)

    grow(0, 2)
    cost()
    with django_assert_num_queries(10):
        cost()
    grow(2, 9)
    with django_assert_num_queries(10):
        cost()
