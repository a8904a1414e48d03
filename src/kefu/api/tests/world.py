"""A small world at the station, and for every operation a request that fits it: the ground of the permission matrix."""

import json
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile

from kefu.api.tests import (
    arbitration_world,
    bench_world,
    claims_world,
    entry_world,
    fees_world,
    inspected_world,
    pickups_world,
    problems_world,
    recordings_world,
    review_world,
    scanning_world,
    shop_world,
    told_world,
    tracking_world,
)
from kefu.api.tests.conftest import BASE, Caller
from kefu.batches import actions as bulk
from kefu.batches import work as bulk_work
from kefu.batches.actions import BatchRequest
from kefu.cases import tasks
from kefu.conftest import NOW, Cast, Ground
from kefu.conversations import receptions
from kefu.conversations.receptions import Incoming
from kefu.desk import handover
from kefu.exports import actions as exports
from kefu.exports import work as export_work
from kefu.exports.actions import ExportRequest
from kefu.intake import actions as intake
from kefu.intake import preview, uploads
from kefu.kernel import outbox

DRAFT = """\
handbook: best
title: 百世手册（本站修订）
effective_from: 2026-12-01
extends: [common]
"""


# Arrived the day before, and still not out for delivery.
UNDELIVERED = "557000000000098"


@dataclass(frozen=True)
class Request:
    """One request of an operation. ``file`` is sent as a form, with the fields of the body, instead of a JSON body."""

    method: str
    path: str
    body: Any = None
    file: tuple[str, bytes] | None = None


@dataclass(frozen=True)
class World:
    """Ids of what there is, all at the station."""

    case: int
    clock: int
    paused_case: int
    paused_clock: int
    closed: int
    twin: int
    merged: int
    task: int
    question: int
    question_file: int
    member: int
    attachment: int
    conversation: int
    customer: int
    contact: int
    waybill: str
    draft: int
    versions: tuple[int, int]
    agent: int
    site: int
    phrase: int
    macro: int
    view: int
    handover: int
    batch: int
    running_batch: int
    export: int
    reception: int
    finding: int
    ticket: str
    intake: int
    stopped_intake: int
    refused_intake: int
    tracking: tracking_world.Tracking = field(default_factory=tracking_world.Tracking)
    scanning: scanning_world.Scanning = field(default_factory=scanning_world.Scanning)
    entries: entry_world.Entries = field(default_factory=entry_world.Entries)
    fees: fees_world.Fees = field(default_factory=fees_world.Fees)
    problems: problems_world.Problems = field(default_factory=problems_world.Problems)
    claims: claims_world.Claims = field(default_factory=claims_world.Claims)
    arbitrations: arbitration_world.Arbitrations = field(default_factory=arbitration_world.Arbitrations)
    shop: shop_world.Shop = field(default_factory=shop_world.Shop)
    told: told_world.Told = field(default_factory=told_world.Told)
    recorded: recordings_world.Recorded = field(default_factory=recordings_world.Recorded)
    inspected: inspected_world.Inspected = field(default_factory=inspected_world.Inspected)
    bench: bench_world.Bench = field(default_factory=bench_world.Bench)
    review: review_world.Review = field(default_factory=review_world.Review)
    pickups: pickups_world.Pickups = field(default_factory=pickups_world.Pickups)


def send(caller: Caller, request: Request, **headers: str) -> Any:
    """The response to the request."""
    if request.file is None:
        return caller.call(request.method, request.path, request.body, **headers)
    name, content = request.file
    data = {**(request.body or {}), "file": SimpleUploadedFile(name, content)}
    return caller.client.post(f"{BASE}{request.path}", data, headers={**caller.headers, **headers})


def new_case(site: int, **more: Any) -> dict[str, Any]:
    """A complaint of delay."""
    return {"site": site, "kind": "delay", "channel": "call", "description": "包裹三天没有动静", **more}


STEP = {
    "step": "receive",
    "answers": {
        "caller_name": "王女士",
        "caller_phone": "13800138000",
        "caller_role": "recipient",
        "waybill": "557000000000011",
        "statement": "三天没有动静",
        "demand": "尽快送达",
    },
}


def chat(external_id: str, site: int, staff_no: str = "") -> dict[str, Any]:
    """A short chat."""
    return {
        "source": "tests",
        "external_id": external_id,
        "channel": "chat",
        "site": site,
        "staff_no": staff_no,
        "started_at": (NOW - timedelta(hours=1)).isoformat(),
        "lines": [
            {"side": "customer", "text": "我的包裹怎么还没到，电话13800138000", "at": 0},
            {"side": "agent", "text": "您好，很高兴为您服务，请稍等", "at": 4},
        ],
    }


def _case(root: Caller, site: int, **more: Any) -> int:
    found: int = root.ok("POST", "/cases", new_case(site, **more))["id"]
    return found


def _solve_clock(root: Caller, case: int) -> int:
    found: int = next(one["id"] for one in root.ok("GET", f"/cases/{case}")["clocks"] if one["key"] == "solve")
    return found


def build(root: Caller, lead: Caller, cast: Cast, ground: Ground) -> World:
    """Everything the requests speak of, made through the API itself."""
    site = ground.station.pk
    me = lead.ok("GET", "/staff?role=agent")["rows"][0]
    customer = root.ok("POST", "/customers", {"site": site, "name": "张三丰", "phone": "13800138000"})
    talked = root.ok("POST", "/conversations", {"conversations": [chat("a-1", site, me["staff_no"])]})["ids"][0]
    root.ok("POST", "/inspections", {"conversations": [talked]})
    case = _case(root, site, customer=customer["id"], conversation=talked, assignee=me["id"])
    merged, into = _case(root, site), _case(root, site)
    root.ok("POST", f"/cases/{merged}/merge", {"into": into})
    paused = _case(root, site)
    lead.ok("POST", f"/cases/{paused}/clocks/{_solve_clock(root, paused)}/pause", {"reason": "customer_away"})
    closed = _case(root, site)
    for step in ({**STEP}, {"step": "check", "answers": {"position": "stuck", "cause": "sorting"}}, {"step": "withdrawn", "answers": None}):
        _walk(lead, closed, step)
    root.ok("POST", "/inspections", {"cases": [closed]})
    task = root.ok("POST", f"/cases/{case}/tasks", {"site": site, "title": "查仓库", "due_at": (NOW + timedelta(hours=4)).isoformat()})
    file = json.loads(send(root, Request("POST", f"/cases/{case}/attachments", file=("面单.jpg", b"jpeg"))).content)
    # Everybody of the station answers for its warehouse: what each may do then hangs on the permission alone.
    here = [one for _part, one in cast.staff() if one is not cast.outsider]
    joined = [tasks.join(actor=cast.admin, site_id=site, department="warehouse", staff_id=one.id, now=NOW).pk for one in here]
    question = root.ok("POST", f"/cases/{case}/questions", {"department": "warehouse", "title": "是否发出", "files": [file["id"]]})
    waybill = "557000000000099"
    root.ok("POST", "/parcels", {"parcels": [{"waybill": waybill, "site": site, "receiver": {"name": "李四", "phone": "13900139000"}}]})
    since = (NOW - timedelta(hours=20)).isoformat()
    root.ok("POST", "/scans", {"scans": [{"waybill": UNDELIVERED, "code": "arrive", "site": site, "scanned_at": since}]})
    draft = root.ok("POST", "/handbooks/drafts", {"text": DRAFT})
    in_force = {one["key"]: one["id"] for one in root.ok("GET", "/handbooks/versions") if one["status"] == "in_force"}
    phrase = lead.ok("POST", "/phrases", {"scope": "team", "title": "催促", "text": "{客户称呼}您好"})
    macro = lead.ok("POST", "/macros", {"scope": "team", "name": "备注", "parts": [{"do": "note", "text": "已跟进"}]})
    view = lead.ok("POST", "/views", {"scope": "team", "name": "延误", "values": {"kind": "delay"}})
    note = handover.leave(actor=cast.admin, text="总部的事", now=NOW)
    batch = bulk.start(actor=cast.admin, request=BatchRequest("assign", {"staff": me["id"]}, [into]), now=NOW)
    bulk_work.run_due(now=NOW)
    running = bulk.start(actor=cast.admin, request=BatchRequest("note", {"text": "统一说明"}, [into]), now=NOW)
    export = exports.queue(actor=cast.admin, request=ExportRequest("people", "csv", {}, "report"), now=NOW)
    export_work.run_due(now=NOW, clock=lambda: NOW)
    ticket, waiting, stopped, refused = _files(cast, site)
    reception = receptions.start(actor=cast.admin, incoming=Incoming("13800138000", external_id="w-1"), now=NOW)
    while outbox.seal():
        pass
    return World(
        case=case,
        clock=_solve_clock(root, case),
        paused_case=paused,
        paused_clock=_solve_clock(root, paused),
        closed=closed,
        twin=into,
        merged=merged,
        task=task["id"],
        question=question["id"],
        question_file=file["id"],
        member=joined[-1],
        attachment=file["id"],
        conversation=talked,
        customer=customer["id"],
        contact=customer["contacts"][0]["id"],
        waybill=waybill,
        draft=draft["id"],
        versions=(in_force["best"], in_force["zto"]),
        agent=me["id"],
        site=site,
        phrase=phrase["id"],
        macro=macro["id"],
        view=view["id"],
        handover=note.pk,
        batch=batch.pk,
        running_batch=running.pk,
        export=export.pk,
        reception=reception.pk,
        finding=root.ok("GET", "/findings")["rows"][0]["id"],
        ticket=ticket,
        intake=waiting,
        stopped_intake=stopped,
        refused_intake=refused,
        tracking=tracking_world.build(root, site, UNDELIVERED),
        scanning=scanning_world.build(root, partial(_picture, root), cast, site, me["staff_no"]),
        entries=entry_world.build(root, site),
        fees=fees_world.build(root, partial(_picture, root), cast, site),
        problems=problems_world.build(root, partial(_picture, root), site, ground.hub.pk, ground.shop.pk),
        claims=claims_world.build(cast, case),
        arbitrations=arbitration_world.build(root, partial(_picture, root), cast, site, ground.shop.pk),
        told=told_world.build(cast, site),
        recorded=recordings_world.build(cast.admin, site, me["staff_no"]),
        inspected=inspected_world.build(cast, site),
        review=review_world.build(cast, site),
        bench=bench_world.build(cast),
        shop=shop_world.build(root, cast, ground.shop.pk),
        pickups=pickups_world.build(root, site, ground.other_station.pk, me["staff_no"]),
    )


def _picture(root: Caller, path: str, content: bytes) -> Any:
    response = send(root, Request("POST", path, file=("a.png", content)))
    assert response.status_code < 300, (path, response.content.decode())
    return json.loads(response.content)


def _asked(method: str, path: str, body: Any) -> Request:
    if method in recordings_world.FILES:
        return Request("POST", path, body, file=recordings_world.FILES[method]())
    if method == "FORM":
        return Request("POST", path, body, file=("证据.pdf", b"proof"))
    return Request("POST", path, file=("a.png", body)) if method == "FILE" else Request(method, path, body)


TABLE = "运单号\n557000000000077\n"


def _files(cast: Cast, site: int) -> tuple[str, int, int, int]:
    """A file looked at, one that waits for the worker, one that was stopped, one of which a row was refused."""

    def look(content: str) -> str:
        path = uploads.keep(SimpleUploadedFile("运单.csv", content.encode()))
        return preview.look(actor=cast.admin, kind="parcels", path=path, site_id=site, now=NOW).ticket

    long = "".join(f"5570001{number:08d}\n" for number in range(intake.AT_ONCE + 1))
    waiting = intake.start(actor=cast.admin, ticket=look(f"运单号\n{long}"), now=NOW)
    stopped = intake.start(actor=cast.admin, ticket=look(f"运单号\n{long}1\n"), now=NOW)
    intake.stop(actor=cast.admin, intake_id=stopped.pk, now=NOW)
    refused = intake.start(actor=cast.admin, ticket=look(f"{TABLE}x\n"), now=NOW)
    return look(TABLE), waiting.pk, stopped.pk, refused.pk


def _walk(lead: Caller, case: int, step: dict[str, Any]) -> None:
    """Take a step; the form of the closing one is filled in from what it asks for."""
    if step["answers"] is None:
        option = next(one for one in lead.ok("GET", f"/cases/{case}")["options"] if one["step"] == step["step"])
        fill = {"choice": lambda f: f["choices"][0]["id"], "bool": lambda _f: True, "number": lambda _f: 1}
        required = [field for field in option["fields"] if field["required"]]
        step = {**step, "answers": {field["id"]: fill.get(field["type"], lambda _f: "客户撤回投诉")(field) for field in required}}
    lead.ok("POST", f"/cases/{case}/steps", step)


def _of_the_rooms(w: World) -> dict[str, tuple[str, str, Any]]:
    return {
        **tracking_world.requests(w.tracking, w.site),
        **scanning_world.requests(w.scanning, w.site),
        **entry_world.requests(w.entries, w.site),
        **fees_world.requests(w.fees, w.site),
        **problems_world.requests(w.problems, w.site),
        **claims_world.requests(w.claims),
        **arbitration_world.requests(w.arbitrations, w.site),
        **told_world.requests(w.told, w.site),
        **recordings_world.requests(w.recorded, w.site),
        **inspected_world.requests(w.inspected, w.site),
        **review_world.requests(w.review, w.site),
        **bench_world.requests(w.bench, w.conversation, w.versions[0]),
        **shop_world.requests(w.shop),
        **pickups_world.requests(w.pickups, w.site),
    }


def requests(w: World) -> dict[str, Request]:
    """For each operation one request that its roles may make and that succeeds for who may do all."""
    get, post = "GET", "POST"
    case, talk = f"/cases/{w.case}", f"/receptions/{w.reception}"
    later = (NOW + timedelta(days=1)).isoformat()
    day = "2026-11-22"
    missing = {"set": "undelivered", "keys": [f"{w.site}:{UNDELIVERED}:"]}
    return {
        "read_health": Request(get, "/health"),
        "read_openapi": Request(get, "/openapi.json"),
        "list_cases": Request(get, "/cases?view=all"),
        "count_cases": Request(get, "/cases/counts"),
        "open_case": Request(post, "/cases", new_case(w.site)),
        "read_case": Request(get, case),
        "read_timeline": Request(get, f"{case}/timeline?before=999999"),
        "edit_case": Request("PATCH", case, {"version": 0, "title": "延误"}),
        "take_step": Request(post, f"{case}/steps", STEP),
        "add_note": Request(post, f"{case}/notes", {"text": "已联系中转"}),
        "assign_case": Request(post, f"{case}/assignee", {"staff": w.agent}),
        "urge_case": Request(post, f"{case}/urges", {"text": "客户来电催"}),
        "escalate_case": Request(post, f"{case}/escalations", {"level": "urgent", "reason": "客户情绪激动"}),
        "reopen_case": Request(post, f"/cases/{w.closed}/reopen", {"reason": "客户再次来电"}),
        "merge_case": Request(post, f"{case}/merge", {"into": w.twin}),
        "unmerge_case": Request(post, f"/cases/{w.merged}/unmerge"),
        "link_case": Request(post, f"{case}/links", {"to": w.twin}),
        "link_conversation": Request(post, f"{case}/conversations", {"conversation": w.conversation}),
        "explain_clock": Request(get, f"{case}/clocks/{w.clock}"),
        "pause_clock": Request(post, f"{case}/clocks/{w.clock}/pause", {"reason": "customer_away"}),
        "resume_clock": Request(post, f"/cases/{w.paused_case}/clocks/{w.paused_clock}/resume"),
        "list_tasks": Request(get, "/tasks"),
        "ask_task": Request(post, f"{case}/tasks", {"site": w.site, "title": "查监控", "due_at": later}),
        "answer_task": Request(post, f"/tasks/{w.task}/answer", {"text": "已找到"}),
        "cancel_task": Request(post, f"/tasks/{w.task}/cancel"),
        "ask_department": Request(post, f"{case}/questions", {"department": "warehouse", "title": "核对库存"}),
        "read_inbox": Request(get, "/tasks/inbox?view=open"),
        "read_task": Request(get, f"/tasks/{w.question}"),
        "take_task": Request(post, f"/tasks/{w.question}/take", {"over": False}),
        "say_on_task": Request(post, f"/tasks/{w.question}/words", {"text": "缺货号"}),
        "upload_task_file": Request(post, f"/tasks/{w.question}/files?text=出库单", file=("出库单.pdf", b"pdf")),
        "download_task_file": Request(get, f"/tasks/{w.question}/files/{w.question_file}"),
        "hand_back_task": Request(post, f"/tasks/{w.question}/return", {"reason": "不归仓库"}),
        "list_department_members": Request(get, "/departments/members"),
        "add_department_member": Request(post, "/departments/members", {"site": w.site, "department": "finance", "staff": w.agent}),
        "remove_department_member": Request("DELETE", f"/departments/members/{w.member}"),
        "upload_attachment": Request(post, f"{case}/attachments", file=("签收单.pdf", b"pdf")),
        "download_attachment": Request(get, f"{case}/attachments/{w.attachment}"),
        "list_notices": Request(get, "/notices"),
        "see_notices": Request(post, "/notices/seen"),
        "list_drafts": Request(get, "/drafts"),
        "read_draft": Request(get, f"/drafts/case:{w.case}:note"),
        "keep_draft": Request("PUT", f"/drafts/case:{w.case}:note", {"text": "还没写完"}),
        "discard_draft": Request("DELETE", f"/drafts/case:{w.case}:note"),
        "reply_to_customer": Request(post, f"{case}/replies", {"text": "已为您催促", "channel": "sms"}),
        "record_customer_words": Request(post, f"{case}/customer-words", {"text": "还没收到", "channel": "call"}),
        "take_next_case": Request(post, "/cases/next"),
        "read_attention": Request(get, f"{case}/attention"),
        "follow_case": Request("PUT", f"{case}/follow"),
        "unfollow_case": Request("DELETE", f"{case}/follow"),
        "see_case": Request(post, f"{case}/seen", {"entry": 1}),
        "snooze_case": Request(post, f"{case}/snooze", {"until": later}),
        "list_mentionable": Request(get, f"{case}/mentionable?q=周"),
        "list_mentions": Request(get, "/mentions"),
        "list_phrases": Request(get, "/phrases?q=cui"),
        "list_phrase_categories": Request(get, "/phrases/categories"),
        "list_phrase_variables": Request(get, "/phrases/variables"),
        "create_phrase": Request(post, "/phrases", {"title": "稍等", "text": "请您稍等"}),
        "change_phrase": Request("PUT", f"/phrases/{w.phrase}", {"title": "催促", "text": "您好", "version": 0}),
        "delete_phrase": Request("DELETE", f"/phrases/{w.phrase}"),
        "fill_phrase": Request(post, "/phrases/fill", {"text": "{运单号}", "case": w.case}),
        "list_macros": Request(get, "/macros"),
        "create_macro": Request(post, "/macros", {"name": "关注", "parts": [{"do": "follow"}]}),
        "change_macro": Request("PUT", f"/macros/{w.macro}", {"name": "关注", "parts": [{"do": "follow"}], "version": 0}),
        "delete_macro": Request("DELETE", f"/macros/{w.macro}"),
        "preview_macro": Request(post, f"{case}/macros/{w.macro}/preview", {}),
        "run_macro": Request(post, f"{case}/macros/{w.macro}/run", {}),
        "list_views": Request(get, "/views?counts=true"),
        "create_view": Request(post, "/views", {"name": "我的延误", "values": {"kind": "delay", "assignee": "me"}}),
        "change_view": Request("PUT", f"/views/{w.view}", {"name": "延误件", "version": 0}),
        "delete_view": Request("DELETE", f"/views/{w.view}"),
        "arrange_views": Request(post, "/views/order", {"views": [w.view]}),
        "list_handover": Request(get, "/handover"),
        "leave_handover": Request(post, "/handover", {"text": "下午3点回电"}),
        "acknowledge_handover": Request(post, f"/handover/{w.handover}/acknowledge"),
        "withdraw_handover": Request("DELETE", f"/handover/{w.handover}"),
        "list_batch_actions": Request(get, "/batches/actions"),
        "list_batches": Request(get, "/batches?mine=false"),
        "start_batch": Request(post, "/batches", {"action": "follow", "matching": {"view": "open"}}),
        "read_batch": Request(get, f"/batches/{w.batch}"),
        "list_batch_items": Request(get, f"/batches/{w.batch}/items"),
        "stop_batch": Request(post, f"/batches/{w.running_batch}/stop"),
        "undo_batch": Request(post, f"/batches/{w.batch}/undo"),
        "list_exports": Request(get, "/exports"),
        "create_export": Request(post, "/exports", {"source": "cases", "reason": "report"}),
        "read_export": Request(get, f"/exports/{w.export}"),
        "download_export": Request(get, f"/exports/{w.export}/file"),
        "delete_export": Request("DELETE", f"/exports/{w.export}"),
        "list_figures": Request(get, "/figures?since=2026-11-01&until=2026-11-30"),
        "read_figures": Request(get, "/figures/complaints?by=kind&since=2026-11-01&until=2026-11-30"),
        "list_ledgers": Request(get, "/ledgers"),
        "list_ledger_rows": Request(get, "/ledgers/best/open_today/rows?size=5"),
        "sum_ledger": Request(get, "/ledgers/best/open_today/totals"),
        "write_ledger_cell": Request(
            "PATCH", f"/ledgers/best/open_today/rows/{case.rpartition('/')[2]}/progress", {"value": "快递今晚答复"}
        ),
        "list_lists": Request(get, "/lists"),
        "read_list": Request(get, "/lists/parcels?size=5"),
        "search_list": Request(post, "/lists/parcels/search", {"filter": {"phone": "13900139000"}}),
        "list_import_kinds": Request(get, "/imports/kinds"),
        "preview_import": Request(post, f"/imports?kind=parcels&site={w.site}", file=("运单.csv", TABLE.encode())),
        "run_import": Request(post, f"/imports/{w.ticket}/run"),
        "list_imports": Request(get, "/imports"),
        "read_import": Request(get, f"/imports/{w.refused_intake}"),
        "stop_import": Request(post, f"/imports/{w.intake}/stop"),
        "resume_import": Request(post, f"/imports/{w.stopped_intake}/resume"),
        "download_refused": Request(get, f"/imports/{w.refused_intake}/refused"),
        "list_receptions": Request(get, "/receptions"),
        "start_reception": Request(post, "/receptions", {"typed": "13800138000", "external_id": "w-2"}),
        "read_reception": Request(get, talk),
        "read_caller": Request(get, f"{talk}/caller"),
        "answer_reception": Request(post, f"{talk}/answer"),
        "take_reception": Request(post, f"{talk}/take"),
        "identify_caller": Request("PATCH", talk, {"name": "张先生"}),
        "pass_moment": Request(post, f"{talk}/moments", {"moment": "opening"}),
        "choose_branch": Request(post, f"{talk}/branch", {"branch": "delay"}),
        "end_talk": Request(post, f"{talk}/end"),
        "finish_reception": Request(post, f"{talk}/finish", {"disposition": "delay.urged"}),
        "open_case_of_reception": Request(post, f"{talk}/case", {"kind": "delay", "description": "三天没有动静"}),
        "attach_reception": Request(post, f"{talk}/attach", {"case": w.case}),
        "unmask_reception": Request(post, f"{talk}/unmask", {"reason": "回拨客户"}),
        "list_conversations": Request(get, "/conversations"),
        "read_conversation": Request(get, f"/conversations/{w.conversation}"),
        "import_conversations": Request(post, "/conversations", {"conversations": [chat("a-2", w.site)]}),
        "unmask_conversation": Request(post, f"/conversations/{w.conversation}/unmask", {"reason": "核对电话"}),
        "dispose_conversation": Request(post, f"/conversations/{w.conversation}/disposition", {"disposition": "solved", "version": 0}),
        "list_inspections": Request(get, "/inspections"),
        "list_findings": Request(get, "/findings"),
        "acknowledge_finding": Request(post, f"/findings/{w.finding}/acknowledge"),
        "read_conversation_card": Request(get, f"/conversations/{w.conversation}/card"),
        "read_case_card": Request(get, f"/cases/{w.closed}/card"),
        "inspect": Request(post, "/inspections", {"conversations": [w.conversation], "again": True}),
        "read_staff_card": Request(get, f"/staff/{w.agent}/card?since={day}&until={day}"),
        "read_coverage": Request(get, f"/inspections/coverage?day={day}"),
        "list_handbooks": Request(get, "/handbooks"),
        "list_versions": Request(get, "/handbooks/versions?key=best"),
        "read_version_text": Request(get, f"/handbooks/versions/{w.versions[0]}/text"),
        "compare_versions": Request(get, f"/handbooks/diff?old={w.versions[0]}&new={w.versions[1]}"),
        "read_contents": Request(get, "/handbooks/best/contents"),
        "read_clause": Request(get, "/clauses?ref=best%401%23clocks.call_back"),
        "check_handbook": Request(post, "/handbooks/check", {"text": DRAFT}),
        "save_draft": Request(post, "/handbooks/drafts", {"text": DRAFT}),
        "force_version": Request(post, f"/handbooks/versions/{w.draft}/force", {}),
        "preview_handbook": Request(post, "/handbooks/preview", {"version": w.versions[0]}),
        "list_difference_sets": Request(get, f"/monitors/sets?site={w.site}"),
        "list_differences": Request(get, "/monitors/differences?set=unentered_arrival"),
        "total_differences": Request(get, "/monitors/totals"),
        "read_difference_matrix": Request(get, "/monitors/matrix"),
        "read_difference_trend": Request(get, "/monitors/trend?set=undelivered"),
        "take_differences": Request(post, "/monitors/take", {**missing, "over": True}),
        "release_differences": Request(post, "/monitors/release", missing),
        "conclude_differences": Request(post, "/monitors/conclude", {**missing, "result": "on_way"}),
        "edit_difference": Request("PATCH", f"/monitors/differences/undelivered/{w.site}:{UNDELIVERED}:", {"version": 0, "result": ""}),
        "report_differences": Request(post, "/monitors/report", {**missing, "way": "problem"}),
        "open_difference_cases": Request(post, "/monitors/cases", {**missing, "case_kind": "enquiry"}),
        "list_parcels": Request(get, "/parcels"),
        "trace_parcels": Request(get, f"/parcels/traces?number={w.waybill}"),
        "trace_parcel": Request(get, f"/parcels/{w.waybill}"),
        "list_parcel_queries": Request(get, f"/parcels/{w.waybill}/queries"),
        "register_parcels": Request(post, "/parcels", {"parcels": [{"waybill": "557000000000100", "site": w.site}]}),
        "record_scans": Request(
            post,
            "/scans",
            {"scans": [{"waybill": w.waybill, "code": "arrive", "site": w.site, "scanned_at": (NOW - timedelta(hours=2)).isoformat()}]},
        ),
        **{name: _asked(*one) for name, one in _of_the_rooms(w).items()},
        "list_customers": Request(get, "/customers"),
        "find_customers": Request(post, "/customers/by-phone", {"phone": "138 0013 8000"}),
        "create_customer": Request(post, "/customers", {"site": w.site, "name": "赵六", "phone": "13700137000"}),
        "read_customer": Request(get, f"/customers/{w.customer}"),
        "edit_customer": Request("PATCH", f"/customers/{w.customer}", {"version": 0, "note": "下午方便接电话"}),
        "add_contact": Request(post, f"/customers/{w.customer}/contacts", {"kind": "email", "value": "a@example.com"}),
        "unmask_customer": Request(post, f"/customers/{w.customer}/unmask", {"field": f"contact:{w.contact}", "reason": "回拨客户"}),
        "read_me": Request(get, "/me"),
        "list_staff": Request(get, "/staff"),
        "list_sites": Request(get, "/sites"),
        "search": Request(get, "/search?q=包裹"),
        "list_audit": Request(get, "/audit"),
        "list_events": Request(get, "/events"),
    }
