"""People, the audit log, clauses of a handbook, cases of a bulk work."""

import json
from collections.abc import Iterator
from typing import Any

from django.utils.translation import gettext_lazy as _

from kefu.batches import queries as batches
from kefu.exports.source import CHUNK, Rows, Source
from kefu.exports.sources.quality import asked_days
from kefu.handbook import queries as handbooks
from kefu.handbook.reader import page as clause_page
from kefu.kernel.errors import Invalid
from kefu.kernel.exporting import Column
from kefu.kernel.masking import mask_text
from kefu.kernel.models import AuditEntry
from kefu.kernel.paging import Order, keyset_page
from kefu.lists.definition import Ask, walk
from kefu.people import access as people_access
from kefu.people import queries as people
from kefu.people.permissions import Permission

# ── People ──────────────────────────────────────────────────────────────────────────────────────────────────────────

_PEOPLE = (
    Column(_("工号"), "code", 10),
    Column(_("姓名"), width=14),
    Column(_("用户名"), width=14),
    Column(_("岗位"), width=12),
    Column(_("站点")),
    Column(_("班组"), width=12),
    Column(_("入职日期"), "day"),
    Column(_("在用"), width=8),
    Column(_("两步验证"), width=10),
)


def _people_pages(ask: Ask) -> Iterator[Rows]:
    rows = people.staff_rows(ask.actor, role=ask.get("role"), site_id=ask.id("site"), state=ask.get("state"), text=ask.get("q"))
    for found in walk(lambda cursor: keyset_page(rows, (Order("staff_no"), Order("pk")), size=CHUNK, cursor=cursor)):
        yield [
            (
                one.staff_no,
                one.name,
                one.username,
                one.get_role_display(),
                one.site.name,
                one.team.name if one.team else "",
                one.hired_on,
                one.is_active,
                one.totp_enabled_at is not None,
            )
            for one in found
        ]


PEOPLE = Source(
    "people",
    _("人员"),
    (Permission.PEOPLE_VIEW,),
    lambda _ask: _PEOPLE,
    _people_pages,
    {"q": _("姓名或工号"), "role": _("岗位"), "site": _("站点"), "state": _("状态")},
)


# ── Audit ───────────────────────────────────────────────────────────────────────────────────────────────────────────

_AUDIT = (
    Column(_("时间"), "moment"),
    Column(_("操作人"), width=14),
    Column(_("操作人类别"), width=12),
    Column(_("操作"), width=22),
    Column(_("对象类别"), width=14),
    Column(_("对象编号"), "code", 12),
    Column(_("对象"), width=24),
    Column(_("条款"), width=30),
    Column(_("内容"), width=50),
    Column(_("地址"), width=16),
    Column(_("链上序号"), "number"),
    Column(_("链值"), width=30),
)


def _audit_pages(ask: Ask) -> Iterator[Rows]:
    plain: dict[str, Any] = {
        "action": ask.get("action"),
        "subject_kind": ask.get("kind"),
        "subject_id": ask.id("id"),
        "actor_id": ask.id("actor"),
        "actor_kind": "staff" if ask.get("actor") else "",
    }
    rows = people_access.in_reach(AuditEntry.objects.all(), ask.actor)
    rows = rows.filter(**{name: value for name, value in plain.items() if value not in ("", None)}, **asked_days(ask, "at"))
    for found in walk(lambda cursor: keyset_page(rows, [Order("pk", descending=True)], size=CHUNK, cursor=cursor)):
        yield [
            (
                one.at,
                one.actor_name,
                one.actor_kind,
                one.action,
                one.subject_kind,
                str(one.subject_id or ""),
                mask_text(one.subject_text),
                one.clause,
                mask_text(json.dumps(one.data, ensure_ascii=False)) if one.data else "",
                one.actor_ip,
                one.chain,
                one.hash,
            )
            for one in found
        ]


AUDIT = Source(
    "audit",
    _("操作日志"),
    (Permission.AUDIT_VIEW,),
    lambda _ask: _AUDIT,
    _audit_pages,
    {"action": _("操作"), "actor": _("操作人"), "kind": _("对象"), "id": _("对象编号"), "since": _("从"), "until": _("到")},
)


# ── Clauses of a handbook ───────────────────────────────────────────────────────────────────────────────────────────

_CLAUSES = (
    Column(_("条款编号"), width=40),
    Column(_("标题"), width=28),
    Column(_("英文标题"), width=28),
    Column(_("内容"), width=80),
    Column(_("说明"), width=40),
    Column(_("出处"), width=28),
    Column(_("来自手册"), width=12),
)


def _clause_pages(ask: Ask) -> Iterator[Rows]:
    book = handbooks.book(ask.get("book"))
    ids = [one for one, _clause in book.clauses()]
    for start in range(0, len(ids), CHUNK):
        shown = [page for one in ids[start : start + CHUNK] if (page := clause_page(book, one)) is not None]
        yield [
            (
                page.id,
                page.title,
                page.title_en,
                "\n".join(f"{row.label}：{line}" for row in page.rows for line in row.lines),
                page.note,
                page.source,
                page.origin,
            )
            for page in shown
        ]


def _check_book(given: Any) -> dict[str, str]:
    name = str(given.get("book") or "").strip()[:60]
    if not name or set(given) - {"book"}:
        raise Invalid(fields={"book": _("请选择手册的版本，如 best@1。")})
    handbooks.book(name)
    return {"book": name}


CLAUSES = Source(
    "clauses",
    _("手册条款"),
    (Permission.HANDBOOK_VIEW,),
    lambda _ask: _CLAUSES,
    _clause_pages,
    {"book": _("手册")},
    personal=False,
    check=_check_book,
)


# ── Cases of a bulk work ────────────────────────────────────────────────────────────────────────────────────────────

_BATCH = (
    Column(_("工单号"), "code", 11),
    Column(_("标题"), width=36),
    Column(_("结果"), width=12),
    Column(_("原因代码"), width=20),
    Column(_("原因"), width=60),
    Column(_("时间"), "moment"),
)


def _batch_pages(ask: Ask) -> Iterator[Rows]:
    batch_id, outcome = ask.id("batch") or 0, ask.get("outcome")
    for found in walk(lambda cursor: batches.items(ask.actor, batch_id, outcome=outcome, cursor=cursor, size=CHUNK)):
        yield [
            (row.item.number, mask_text(row.title), row.item.get_outcome_display(), row.item.code, row.words, row.item.at) for row in found
        ]


BATCH = Source(
    "batch",
    _("批量操作结果"),
    (Permission.CASE_WORK, Permission.AUDIT_VIEW),
    lambda _ask: _BATCH,
    _batch_pages,
    {"batch": _("批量操作"), "outcome": _("结果")},
    own=True,
)
