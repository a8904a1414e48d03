"""The timeline of a case in words: what happened, by whom, by which clause; answers of steps with their labels."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from kefu.console import times
from kefu.console.views import cases_words as words
from kefu.console.views import matters
from kefu.handbook.schema import FormField, Handbook, Procedure
from kefu.kernel.actor import Actor
from kefu.kernel.errors import Message
from kefu.kernel.masking import mask_phone, mask_text
from kefu.kernel.wording import listed


@dataclass(frozen=True, slots=True)
class Line:
    """An entry as the page shows it. ``text`` is masked; ``answers`` are label and value of a step's form."""

    id: int
    icon: str
    tone: str
    who: str
    by_system: bool
    title: str
    at: datetime
    text: str
    answers: tuple[tuple[str, str], ...]
    clause: str
    clause_url: str
    from_case: str


@dataclass(frozen=True, slots=True)
class _Said:
    title: str
    icon: str
    tone: str = "quiet"


def lines(rows: Iterable[Any], book: Handbook, procedure: Procedure, actor: Actor) -> list[Line]:
    """Entries newest first."""
    fields = procedure.fields()
    return [_line(row, book, procedure, fields, actor) for row in reversed(list(rows))]


def _line(row: Any, book: Handbook, procedure: Procedure, fields: Mapping[str, FormField], actor: Actor) -> Line:
    entry = row.entry
    said = _SAYS.get(entry.kind, _other)(entry.data, book, procedure)
    return Line(
        id=entry.pk,
        icon=said.icon,
        tone=said.tone,
        who=_("系统") if entry.actor_kind == "system" else entry.actor_name,
        by_system=entry.actor_kind == "system",
        title=said.title,
        at=entry.at,
        text=mask_text(row.text),
        answers=tuple(answers(row.answers, fields)),
        clause=_cited(entry.clause, said.title) if entry.clause else "",
        clause_url=words.clause_url(entry.clause, actor) if entry.clause else "",
        from_case=row.from_case,
    )


def _cited(reference: str, said: str) -> str:
    """The clause by name, or by its source when the line itself names it."""
    title, source = words.clause_title(reference), words.clause_source(reference)
    return source if source and title in said else title


def answers(given: Mapping[str, Any], fields: Mapping[str, FormField]) -> list[tuple[str, str]]:
    """Answers of a form as label and value, personal numbers masked."""
    found = []
    for name, value in given.items():
        field = fields.get(name)
        label = words.either(field.label, field.label_en) if field else name
        found.append((label, answer(field, value)))
    return found


def answer(field: FormField | None, value: Any) -> str:
    """One answer for people."""
    if isinstance(value, bool):
        return _("是") if value else _("否")
    if isinstance(value, list):
        return listed(answer(field, one) for one in value)
    text = str(value)
    if field is None:
        return mask_text(text)
    choice = next((one for one in field.choices if one.id == text), None)
    if choice is not None:
        return words.either(choice.label, choice.label_en)
    return _TYPED.get(field.type, mask_text)(text)


def moment_words(text: str) -> str:
    """A stored date and time for people; what is none stays as it is."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return text
    local = timezone.localtime(moment) if timezone.is_aware(moment) else moment
    return local.strftime("%Y-%m-%d %H:%M")


_TYPED: dict[str, Callable[[str], str]] = {
    "phone": mask_phone,
    "datetime": moment_words,
    "money": times.money,
    "waybill": str,
    "number": str,
}


def _opened(data: Mapping[str, Any], book: Handbook, _procedure: Procedure) -> _Said:
    channel = words.CHANNEL_TITLES.get(data.get("channel", ""), "")
    again = _("，同一运单再次投诉") if data.get("previous") else ""
    title = _("受理工单：%(kind)s，来自%(channel)s%(again)s") % {
        "kind": words.kind_title(book, data.get("kind", "")),
        "channel": channel,
        "again": again,
    }
    return _Said(title, "case", "accent")


def _step(data: Mapping[str, Any], _book: Handbook, procedure: Procedure) -> _Said:
    step = procedure.step(data.get("step", ""))
    title = words.name(step) if step else data.get("step", "")
    status = data.get("status", "")
    if status == "closed":
        return _Said(_("完成“%(step)s”，工单结案") % {"step": title}, "check-circle", "good")
    if status == "open":
        return _Said(_("完成“%(step)s”") % {"step": title}, "check-circle", "good")
    now_at = {"step": title, "status": words.status_badge(status).text}
    return _Said(_("完成“%(step)s”，现为%(status)s") % now_at, "check-circle", "good")


def _note(data: Mapping[str, Any], book: Handbook, _procedure: Procedure) -> _Said:
    if level := data.get("escalation"):
        title = words.name(book.levels[level]) if level in book.levels else level
        return _Said(_("升级到“%(level)s”的原因") % {"level": title}, "escalate", "note")
    return _Said(_("写了内部备注"), "note", "note")


def _field(data: Mapping[str, Any], _book: Handbook, _procedure: Procedure) -> _Said:
    parts = [
        _("%(field)s由“%(old)s”改为“%(new)s”") % {"field": _field_title(name), "old": mask_text(old), "new": mask_text(new)}
        for name, (old, new) in data.get("fields", {}).items()
    ]
    return _Said(listed(parts, "，"), "edit")


def _field_title(name: str) -> str:
    return {"title": _("标题"), "waybill": _("运单号"), "order_no": _("订单号")}.get(name, name)


def _assigned(data: Mapping[str, Any], _book: Handbook, _procedure: Procedure) -> _Said:
    if data.get("to") is None:
        return _Said(_("退回待领取"), "person")
    return _Said(_("交给 %(name)s 处理") % {"name": data.get("name", "")}, "person", "accent")


def _clock(data: Mapping[str, Any], book: Handbook, _procedure: Procedure) -> _Said:
    clause = book.clocks.get(data.get("clock", ""))
    title = words.name(clause) if clause else data.get("clock", "")
    phase = data.get("phase", "")
    told = listed(_post(post) for post in data.get("notify", []))
    notice = _("，已通知%(posts)s") % {"posts": told} if told else ""
    if phase == "paused":
        reasons = {one.id: words.name(one) for one in clause.pause.reasons} if clause and clause.pause else {}
        reason = reasons.get(data.get("reason", ""), data.get("reason", ""))
        return _Said(_("暂停“%(clock)s”：%(reason)s") % {"clock": title, "reason": reason}, "pause", "warn")
    if phase in ("resumed", "resume"):
        return _Said(_("“%(clock)s”恢复计时") % {"clock": title}, "play")
    if phase == "warn":
        return _Said(_("“%(clock)s”即将超时%(notice)s") % {"clock": title, "notice": notice}, "time", "warn")
    if phase == "breach":
        return _Said(_("“%(clock)s”已超时%(notice)s") % {"clock": title, "notice": notice}, "clock-late", "bad")
    return _Said(_("“%(clock)s”超时仍未完成%(notice)s") % {"clock": title, "notice": notice}, "escalate", "bad")


def _post(post: str) -> str:
    return {"assignee": _("负责人"), "lead": _("组长"), "manager": _("经理"), "inspector": _("质检员"), "hq": _("总部")}.get(post, post)


def _level(data: Mapping[str, Any], book: Handbook, _procedure: Procedure) -> _Said:
    level = data.get("to", "")
    title = words.name(book.levels[level]) if level in book.levels else level
    why = {"rule": _("按手册规定"), "clock": _("因时限超时")}.get(data.get("why", ""), "")
    return _Said(_("%(why)s升级为“%(level)s”") % {"why": why, "level": title}, "escalate", "bad")


def _urged(data: Mapping[str, Any], _book: Handbook, _procedure: Procedure) -> _Said:
    count = int(data.get("count", 1))
    return _Said(ngettext("客户催单，累计 %(count)s 次", "客户催单，累计 %(count)s 次", count) % {"count": count}, "urge", "warn")


def _linked(data: Mapping[str, Any], _book: Handbook, _procedure: Procedure) -> _Said:
    if data.get("kind") == "conversation":
        return _Said(_("关联会话 #%(id)s") % {"id": data.get("to", "")}, "link")
    kind = words.LINK_TITLES.get(data.get("kind", ""), "")
    return _Said(_("关联工单 %(number)s（%(kind)s）") % {"number": data.get("number", ""), "kind": kind}, "link")


def _merged(data: Mapping[str, Any], _book: Handbook, _procedure: Procedure) -> _Said:
    number = {"number": data.get("number", "")}
    return _Said((_("合并到 %(number)s") if "into" in data else _("%(number)s 合并进来")) % number, "merge", "accent")


def _unmerged(data: Mapping[str, Any], _book: Handbook, _procedure: Procedure) -> _Said:
    number = {"number": data.get("number", "")}
    return _Said((_("从 %(number)s 拆出，恢复独立") if "from" in data else _("%(number)s 已拆出")) % number, "split", "accent")


def _task(data: Mapping[str, Any], _book: Handbook, _procedure: Procedure) -> _Said:
    title = {"title": mask_text(data.get("title", ""))}
    phase = data.get("phase", "")
    if data.get("department") and phase != "cancelled":
        return _department(data, title)
    if phase == "asked":
        return _Said(_("发起协作：%(title)s") % title, "task", "accent")
    if phase == "answered":
        return _Said(_("答复协作：%(title)s") % title, "task", "good")
    return _Said(_("取消协作：%(title)s") % title, "task")


_DEPARTMENT: dict[str, tuple[Message, str, str]] = {
    "asked": (gettext_lazy("请部门协作：%(title)s"), "task", "accent"),
    "taken": (gettext_lazy("部门领取：%(title)s"), "accept", "quiet"),
    "said": (gettext_lazy("部门协作留言：%(title)s"), "chat", "note"),
    "answered": (gettext_lazy("部门答复：%(title)s"), "check-circle", "good"),
    "returned": (gettext_lazy("部门退回：%(title)s"), "undo", "warn"),
    "warn": (gettext_lazy("部门协作“%(title)s”即将超时%(notice)s"), "time", "warn"),
    "breach": (gettext_lazy("部门协作“%(title)s”已超时%(notice)s"), "clock-late", "bad"),
}
_STILL_LATE: Message = gettext_lazy("部门协作“%(title)s”超时仍未答复%(notice)s")


def _department(data: Mapping[str, Any], title: Mapping[str, str]) -> _Said:
    said, icon, tone = _DEPARTMENT.get(data.get("phase", ""), (_STILL_LATE, "escalate", "bad"))
    told = listed(_TASK_POSTS.get(post) or _post(post) for post in data.get("notify", []))
    notice = _("，已通知%(posts)s") % {"posts": told} if told else ""
    return _Said(str(said) % {**title, "notice": notice}, icon, tone)


_TASK_POSTS: Mapping[str, Message] = {"assignee": gettext_lazy("部门成员")}


def _attached(data: Mapping[str, Any], _book: Handbook, _procedure: Procedure) -> _Said:
    return _Said(_("上传附件 %(name)s") % {"name": data.get("name", "")}, "attach")


def _reopened(_data: Mapping[str, Any], _book: Handbook, _procedure: Procedure) -> _Said:
    return _Said(_("重新打开工单，时限重新计时"), "refresh", "warn")


def _other(_data: Mapping[str, Any], _book: Handbook, _procedure: Procedure) -> _Said:
    return _Said(_("更新了工单"), "history")


def _matter(data: Mapping[str, Any], book: Handbook, _procedure: Procedure) -> _Said:
    said = matters.said(data, book)
    return _Said(said.title, said.icon, said.tone)


def _reply(data: Mapping[str, Any], _book: Handbook, _procedure: Procedure) -> _Said:
    way = {"channel": str(words.TALK_TITLES.get(data.get("channel", ""), ""))}
    if data.get("awaiting"):
        return _Said(_("回复客户（%(channel)s），等客户答复") % way, "send", "accent")
    return _Said(_("回复客户（%(channel)s）") % way, "send", "accent")


def _customer_said(data: Mapping[str, Any], _book: Handbook, _procedure: Procedure) -> _Said:
    return _Said(_("客户说（%(channel)s）") % {"channel": str(words.TALK_TITLES.get(data.get("channel", ""), ""))}, "reply", "warn")


_SAYS: dict[str, Callable[[Mapping[str, Any], Handbook, Procedure], _Said]] = {
    "opened": _opened,
    "step": _step,
    "note": _note,
    "field": _field,
    "assigned": _assigned,
    "clock": _clock,
    "level": _level,
    "urged": _urged,
    "linked": _linked,
    "merged": _merged,
    "unmerged": _unmerged,
    "task": _task,
    "attached": _attached,
    "reopened": _reopened,
    "reply": _reply,
    "said": _customer_said,
    "matter": _matter,
}
