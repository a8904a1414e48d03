"""Coaching notes and the library of good passages."""

from collections.abc import Mapping

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from kefu.coaching import queries
from kefu.coaching.access import READERS
from kefu.coaching.queries import ClipRow, ClipsWanted, NoteRow, NotesWanted
from kefu.coaching.vocabulary import ClipState, NoteState
from kefu.kernel.paging import CappedCount, Page
from kefu.lists.definition import Ask, Filter, List, ListColumn, Place, ReadyView
from kefu.penalties.queries import items_in

NOTE_TONES: Mapping[str, str] = {NoteState.OPEN.value: "warn", NoteState.ANSWERED.value: "accent", NoteState.DONE.value: "good"}
CLIP_TONES: Mapping[str, str] = {ClipState.NOMINATED.value: "warn", ClipState.PUBLISHED.value: "good", ClipState.WITHDRAWN.value: "quiet"}
NOTE_STATES, CLIP_STATES = dict(NoteState.choices), dict(ClipState.choices)


def _notes(ask: Ask) -> NotesWanted:
    return NotesWanted(ask.get("state"), ask.id("staff"), ask.id("site"), ask.flag("late"))


def _notes_page(ask: Ask, cursor: str | None, size: int) -> Page[NoteRow]:
    return queries.notes_page(ask.actor, _notes(ask), today=timezone.localdate(ask.now), cursor=cursor, size=size)


def _notes_count(ask: Ask) -> CappedCount:
    return queries.notes_count(ask.actor, _notes(ask), today=timezone.localdate(ask.now))


NOTES: List[NoteRow] = List(
    key="coaching-notes",
    title=_("辅导记录"),
    route="coaching",
    permissions=READERS,
    filters=(
        Filter("state", _("状态"), "choice", NoteState.choices),
        Filter("staff", _("客服"), "staff"),
        Filter("site", _("网点"), "site", main=False),
        Filter("late", _("约定日期已过"), "flag", main=False),
    ),
    columns=(
        ListColumn("staff", _("客服"), lambda one: one.staff, opens=lambda one: Place("coaching-note", {"note_id": one.id})),
        ListColumn(
            "state", _("状态"), lambda one: one.state, words=lambda one: NOTE_STATES[one.state], tone=lambda one: NOTE_TONES[one.state]
        ),
        ListColumn("text", _("内容"), lambda one: one.text[:120], width=50),
        ListColumn("next_step", _("约定的下一步"), lambda one: one.next_step, width=30),
        ListColumn("due_on", _("完成日期"), lambda one: one.due_on, "day"),
        ListColumn("author", _("辅导人"), lambda one: one.author),
        ListColumn("at", _("时间"), lambda one: one.at, "moment"),
        ListColumn("site", _("网点"), lambda one: one.site),
        ListColumn("done_at", _("完成时间"), lambda one: one.done_at, "moment", usual=False),
    ),
    page=_notes_page,
    count=_notes_count,
    views=(
        ReadyView("all", _("全部"), {}),
        ReadyView("open", NoteState.OPEN.label, {"state": NoteState.OPEN.value}),
        ReadyView("late", _("约定日期已过"), {"late": "1"}),
    ),
    empty=_("没有辅导记录。在客服的质检页或会话页点“写辅导”。"),
)


def _clips(ask: Ask) -> ClipsWanted:
    return ClipsWanted(ask.get("state"), ask.get("item"), ask.get("q"), ask.id("site"))


def _clips_page(ask: Ask, cursor: str | None, size: int) -> Page[ClipRow]:
    return queries.clips_page(ask.actor, _clips(ask), cursor=cursor, size=size)


def _clips_count(ask: Ask) -> CappedCount:
    return queries.clips_count(ask.actor, _clips(ask))


CLIPS: List[ClipRow] = List(
    key="clips",
    title=_("优秀片段"),
    route="clips",
    permissions=READERS,
    personal=False,
    filters=(
        Filter("q", _("标题、理由或标签")),
        Filter("item", _("检查项"), "choice", items_in),
        Filter("state", _("状态"), "choice", ClipState.choices, main=False),
        Filter("site", _("网点"), "site", main=False),
    ),
    columns=(
        ListColumn("title", _("标题"), lambda one: one.title, opens=lambda one: Place("clip", {"clip_id": one.id}), width=30),
        ListColumn("why", _("好在哪里"), lambda one: one.why, width=50),
        ListColumn("tag", _("标签"), lambda one: one.tag),
        ListColumn(
            "state", _("状态"), lambda one: one.state, words=lambda one: CLIP_STATES[one.state], tone=lambda one: CLIP_TONES[one.state]
        ),
        ListColumn("nominated_by", _("推荐人"), lambda one: one.nominated_by),
        ListColumn("at", _("时间"), lambda one: one.at, "moment"),
        ListColumn("site", _("网点"), lambda one: one.site),
        ListColumn("item", _("检查项"), lambda one: one.item_key, "code", usual=False),
    ),
    page=_clips_page,
    count=_clips_count,
    views=(
        ReadyView("all", _("全部"), {}),
        ReadyView("published", ClipState.PUBLISHED.label, {"state": ClipState.PUBLISHED.value}),
        ReadyView("nominated", ClipState.NOMINATED.label, {"state": ClipState.NOMINATED.value}),
    ),
    empty=_("还没有优秀片段。在会话页点“推荐片段”。"),
)
