"""Score items of a draft and their rules: a form beside its YAML, tried at once on stored conversations, imported from elsewhere (QA10)."""

from collections.abc import Mapping
from dataclasses import fields
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from kefu.console.rendering import redirect, render
from kefu.console.routes import ConsoleRequest, page
from kefu.console.views import cases_words as words
from kefu.console.views import handbooks as reading
from kefu.console.views.inspection_filters import text as typed
from kefu.console.views.inspection_words import STATE_TONES, STATES
from kefu.handbook import actions, item_pieces, pieces, queries
from kefu.handbook.errors import HandbookInvalid, NotADraft
from kefu.handbook.loader import Reading
from kefu.handbook.pieces import PieceRefused
from kefu.handbook.problems import Problem
from kefu.handbook.queries import VersionInfo
from kefu.handbook.tree import Unreadable, plain, read_tree
from kefu.kernel.errors import NotFound, Stale
from kefu.people.permissions import Permission
from kefu.quality import trying
from kefu.quality.rulebook import aliyun, forms
from kefu.quality.rulebook.operators import OPERATORS

_MOST = 60_000
_ROW = tuple(one.name for one in fields(forms.Row))


@page("handbooks/drafts/<int:version_id>/rules", "rule-drafts", permission=Permission.HANDBOOK_EDIT, methods=("GET", "POST"))
def rule_drafts(request: ConsoleRequest, version_id: int) -> HttpResponse:
    """The score items of a draft; a new one is begun here, or rules are imported."""
    info = _draft(request, version_id)
    stored = queries.text_of(request.actor, version_id)
    cards = _cards(queries.read_text(stored, when=timezone.now()))
    if request.method == "POST":
        return _added(request, info, stored, cards)
    return render(request, "handbooks/rules.jinja", _listed(info, stored, cards))


def _listed(info: VersionInfo, stored: str, cards: Mapping[str, Any], **more: Any) -> dict[str, Any]:
    found = queries.read_text(stored, when=timezone.now())
    rows = [
        {
            "card": key,
            "card_title": words.either(str(card.get("title", key)), str(card.get("title_en", ""))),
            "key": item["id"],
            "title": words.either(str(item.get("title", item["id"])), str(item.get("title_en", ""))),
            "kind": str((item.get("detector") or {}).get("kind", "—")),
            "problems": sum(one.path.startswith(f"scorecards.{key}.items.{item['id']}") for one in found.problems),
        }
        for key, card in cards.items()
        for item in _items(card)
    ]
    titles = [(key, words.either(str(card.get("title", key)), str(card.get("title_en", "")))) for key, card in cards.items()]
    return {"info": info, "badge": reading.badge(info), "rows": rows, "cards": titles, "errors": {}, "given": {}, **more}


def _added(request: ConsoleRequest, info: VersionInfo, stored: str, cards: Mapping[str, Any]) -> HttpResponse:
    post, errors, refused = request.POST, {}, []
    card, title = typed(post.get("card"), 60), typed(post.get("title"), 100)
    key = typed(post.get("key"), 60)
    source = typed(post.get("json"), aliyun.MAX_BYTES)
    detector: dict[str, Any] = {"kind": "rule", "let": {"c1": {"words": []}}, "when": "c1"}
    if post.get("do") == "import":
        try:
            taken = aliyun.read(source)[0]
        except aliyun.NotAliyun as error:
            errors["json"] = str(error)
        else:
            detector, refused, title = taken.detector, taken.refused, title or taken.title
    if card not in cards:
        errors["card"] = _("请选择评分表。")
    if not title:
        errors["title"] = _("请填写评分项的名称。")
    if not key or not key.replace("_", "a").isalnum() or not key.isascii() or not key[0].isalpha() or key != key.lower():
        errors["key"] = _("编号用小写英文字母、数字和下划线，以字母开头，例如 apology_first。")
    elif card in cards and any(item["id"] == key for item in _items(cards[card])):
        errors["key"] = _("这张评分表里已有“%(key)s”，请换一个编号。") % {"key": key}
    if errors:
        context = _listed(info, stored, cards, errors=errors, given=post)
        return render(request, "handbooks/rules.jinja", context, status=422)
    item = {
        "id": key,
        "title": title,
        "source": "GK",
        "since": timezone.localdate().isoformat(),
        "definition": title,
        "penalty": {"points": 0},
        "mode": "review",
        "detector": detector,
    }
    try:
        text = item_pieces.with_item(stored, card, cards[card], key, item)
        actions.save_draft(actor=request.actor, text=text, now=timezone.now(), draft_id=info.id, row_version=info.row_version)
    except (PieceRefused, HandbookInvalid, Stale) as error:
        context = _listed(info, stored, cards, errors={"card": str(error)}, given=post)
        return render(request, "handbooks/rules.jinja", context, status=422)
    for one in refused:
        messages.warning(request, _("未导入 %(where)s：%(why)s") % {"where": one.where, "why": one.text})
    messages.success(request, _("已加入草稿，先为“待复核、不扣分”；改好并试过再定扣分。"))
    return redirect(request, reverse("console:rule-draft", kwargs={"version_id": info.id, "card": card, "item": key}))


@page(
    "handbooks/drafts/<int:version_id>/rules/<str:card>/<str:item>",
    "rule-draft",
    permission=Permission.HANDBOOK_EDIT,
    methods=("GET", "POST"),
)
def rule_draft(request: ConsoleRequest, version_id: int, card: str, item: str) -> HttpResponse:
    """The editor of one score item: its form, its YAML, and what it makes of the newest conversations."""
    info = _draft(request, version_id)
    stored = queries.text_of(request.actor, version_id)
    whole = _cards(queries.read_text(stored, when=timezone.now())).get(card)
    value = _item(whole, item)
    if whole is None or value is None:
        raise NotFound
    if request.method != "POST":
        return _show(request, info, stored, card, whole, value)
    do, body = request.POST.get("do", ""), None
    if "yaml" in request.POST:
        body = request.POST["yaml"].replace("\0", "").replace("\r\n", "\n")[:_MOST]
        changed = _read(body)
        if isinstance(changed, Problem) or changed.get("id") != item:
            message = Problem("", "item_id", _("第一行应是 id: %(id)s；编号不能在这里改。"), {"id": item}, "item.yaml", 1, 1)
            wrong = changed if isinstance(changed, Problem) else message
            return _show(request, info, stored, card, whole, value, body=body, problems=[wrong], status=422)
    else:
        changed = _formed(request, value)
    if do == "add" or do.startswith("remove."):
        return _show(request, info, stored, card, whole, changed, reshape=do)
    try:
        text = item_pieces.with_item(stored, card, whole, item, changed, body=body or "")
    except PieceRefused as error:
        return _show(request, info, stored, card, whole, changed, body=body, refusal=str(error), status=422)
    if do in ("try", "check"):
        return _show(request, info, text, card, whole, changed, body=body, tried=do == "try")
    version = typed(request.POST.get("row_version"))
    try:
        number = int(version) if version.isdecimal() else None
        saved = actions.save_draft(actor=request.actor, text=text, now=timezone.now(), draft_id=info.id, row_version=number)
    except HandbookInvalid as error:
        return _show(request, info, stored, card, whole, changed, body=body, problems=list(error.problems), refusal=str(error), status=422)
    except Stale as error:
        return _show(request, info, text, card, whole, changed, body=body, refusal=str(error), status=409)
    if saved.problems:
        messages.warning(request, _("草稿已保存，还有 %(count)s 处问题，改好才能生效。") % {"count": len(saved.problems)})
    else:
        messages.success(request, _("草稿已保存，没有问题。"))
    return redirect(request, reverse("console:rule-draft", kwargs={"version_id": info.id, "card": card, "item": item}))


def _draft(request: ConsoleRequest, version_id: int) -> VersionInfo:
    info = queries.version(request.actor, version_id, now=timezone.now())
    if info.status != "draft":
        raise NotADraft(version=info.name)
    return info


def _cards(found: Reading) -> dict[str, Any]:
    cards = dict(found.resolved.get("tree", {})).get("scorecards", {})
    return {key: card for key, card in cards.items() if isinstance(card, dict)} if isinstance(cards, dict) else {}


def _items(card: Mapping[str, Any]) -> list[dict[str, Any]]:
    groups = card.get("groups") or []
    found = [item for group in groups if isinstance(group, dict) for item in group.get("items") or []]
    return [item for item in found if isinstance(item, dict) and item.get("id")]


def _item(card: Mapping[str, Any] | None, key: str) -> dict[str, Any] | None:
    return next((item for item in _items(card or {}) if item["id"] == key), None)


def _read(body: str) -> dict[str, Any] | Problem:
    try:
        root, twice = read_tree(body, "item.yaml")
    except Unreadable as error:
        return error.problem
    found: dict[str, Any] = plain(root)
    return twice[0] if twice else found


def _formed(request: ConsoleRequest, value: Mapping[str, Any]) -> dict[str, Any]:
    """The item as the form sent it; what the form does not show stays."""
    post = request.POST
    found: dict[str, Any] = {**value, "title": typed(post.get("title"), 200) or value.get("title", "")}
    found["definition"] = typed(post.get("definition"), 2000) or value.get("definition", "")
    found["penalty"] = {name: _amount(post.get(name)) for name in ("points", "money") if typed(post.get(name))}
    for name in ("fatal", "positive"):
        found.pop(name, None)
        if post.get(name):
            found[name] = True
    found["mode"] = typed(post.get("mode"), 10) or "auto"
    if "line" in post:
        found["detector"] = forms.written(_rule(post, value.get("detector") or {}))
    return found


def _amount(raw: Any) -> Any:
    text = typed(raw, 20)
    try:
        number = float(text)
    except ValueError:
        return text
    return int(number) if number.is_integer() else number


def _rule(post: Any, detector: Mapping[str, Any]) -> forms.FormRule:
    rest = forms.read(detector).rest if detector.get("kind") == "rule" else {}
    rows = [
        forms.Row(**{name: typed(post.get(f"c{number}.{name}"), 4000) for name in _ROW})
        for number in range(forms.ROWS)
        if f"c{number}.name" in post
    ]
    for name in ("better", "begins", "ends"):
        rest.pop(name, None)
        if value := typed(post.get(name), 400):
            rest[name] = value
    return forms.FormRule(rows, typed(post.get("line"), 400), post.get("required") == "1", rest)


def _show(
    request: ConsoleRequest,
    info: VersionInfo,
    text: str,
    card: str,
    whole: Mapping[str, Any],
    value: Mapping[str, Any],
    *,
    body: str | None = None,
    problems: list[Problem] | None = None,
    refusal: str = "",
    reshape: str = "",
    tried: bool = False,
    status: int = 200,
) -> HttpResponse:
    key = str(value["id"])
    shown = text if reshape == "" else item_pieces.with_item(text, card, whole, key, value)
    found = queries.read_text(shown, when=timezone.now(), file=f"{info.key}.yaml")
    own = problems if problems is not None else item_pieces.problems_of(shown, card, key, found.problems)
    rule = forms.read(value["detector"]) if (value.get("detector") or {}).get("kind") == "rule" else None
    if rule is not None and reshape == "add" and len(rule.rows) < forms.ROWS:
        names = {row.name for row in rule.rows}
        rule.rows.append(forms.Row(next(f"c{n}" for n in range(1, 1000) if f"c{n}" not in names)))
    if rule is not None and reshape.startswith("remove.") and reshape[7:].isdecimal():
        rule.rows = [row for number, row in enumerate(rule.rows) if number != int(reshape[7:])]
    context = {
        "info": info,
        "badge": reading.badge(info),
        "card": card,
        "key": key,
        "item": value,
        "title": words.either(str(value.get("title", key)), str(value.get("title_en", ""))),
        "rule": rule,
        "kind": str((value.get("detector") or {}).get("kind", "")),
        "operators": [(name, f"{kind.title} {name}") for name, kind in OPERATORS.items()] + [(forms.OTHER, "YAML")],
        "row_problems": _by_row(rule, own),
        "yaml": body if body is not None else pieces.written(value),
        "problems": own,
        "others": len(found.problems) - len(own) if problems is None else 0,
        "refusal": refusal,
        "found": None,
        "tones": STATE_TONES,
        "states": STATES,
        "newest": trying.NEWEST,
    }
    if tried and found.handbook is not None and not own:
        context["found"] = trying.try_item(actor=request.actor, draft=found.handbook, card=card, item=key)
    elif tried:
        context["refusal"] = refusal or _("规则还有问题，改好后才能试。")
    return render(request, "handbooks/rule.jinja", context, status=status)


def _by_row(rule: forms.FormRule | None, problems: list[Problem]) -> dict[str, str]:
    """What is wrong beside the row it is about; ``line`` for the logic."""
    out: dict[str, str] = {}
    for one in problems:
        _head, _dot, path = one.path.partition(".detector.")
        parts = path.split(".")
        if parts[0] == "let" and len(parts) > 1:
            out.setdefault(parts[1], one.text)
        elif parts[0] in ("when", "require") and rule is not None:
            out.setdefault("line", one.text)
    return out
