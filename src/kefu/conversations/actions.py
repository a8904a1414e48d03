"""Every write of conversations (CONV1, CONV3), and the logged reading of what is personal in them (SEC1, SEC3)."""

import hashlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from kefu.conversations import access
from kefu.conversations.checks import REASONS, lines_problem, problem, tidy, tidy_lines
from kefu.conversations.drafts import ConversationDraft, Refusal, StoreResult
from kefu.conversations.errors import HasLines, LinesRefused, ReasonTooShort
from kefu.conversations.events import ConversationsStored
from kefu.conversations.lines import CODEC, Line, pack, plain
from kefu.conversations.models import Conversation, Transcript
from kefu.conversations.queries import transcript
from kefu.customers import actions as customers
from kefu.kernel import audit, outbox
from kefu.kernel.actor import Actor, Ref
from kefu.kernel.claims import save_claimed
from kefu.kernel.encryption import keyring
from kefu.kernel.errors import Invalid, NotFound, Stale
from kefu.parcels.waybills import topic
from kefu.people import access as people
from kefu.people import queries as people_queries
from kefu.people.permissions import Permission

REASON_LENGTH = 4
# Ids one event tells of: a reaction handles an event in one transaction.
_PER_EVENT = 250
# As many conversations at once tell which waybills they are about.
_FEW = 20
_TRIES = 4
_Key = tuple[str, str]


def conversation_ref(conversation: Conversation) -> Ref:
    """How other records point at a conversation."""
    return Ref("conversation", conversation.pk, f"{conversation.source}/{conversation.external_id}")


def store(*, actor: Actor, drafts: Sequence[ConversationDraft], now: datetime, run_id: int | None = None) -> StoreResult:
    """Store conversations in bulk. The same one again counts as present; another one under a known id is refused, as are bad ones.

    One transaction; its number of statements depends on the sites and agents in the batch, not on the conversations.
    """
    people.require(actor, Permission.CONVERSATION_IMPORT)
    batch = _Batch(actor, drafts, now)
    for _try in range(_TRIES):
        fresh = batch.unknown()
        try:
            with transaction.atomic():
                rows = _insert(actor, fresh, now, run_id)
                _tell(actor, rows, batch, now, run_id)
                written = [set_lines(actor=actor, conversation_id=pk, lines=draft.lines, now=now).pk for pk, draft in batch.awaited]
        except IntegrityError:
            continue  # somebody stored one of them meanwhile: look again
        return StoreResult(len(rows) + len(written), batch.present, batch.refused, [*(row.pk for row in rows), *written])
    raise Stale


class _Batch:
    """Drafts sorted into good ones by id, refused ones, and those that are there already."""

    def __init__(self, actor: Actor, drafts: Sequence[ConversationDraft], now: datetime) -> None:
        known = people_queries.sites_by_id().keys() if actor.sites is None else actor.sites
        self._places: dict[_Key, int] = {}
        self._good: dict[_Key, tuple[ConversationDraft, str]] = {}
        self._bad: list[Refusal] = []
        self._repeats = 0
        for place, given in enumerate(drafts):
            draft = tidy(given)
            if reason := problem(draft, now, known.__contains__):
                self._bad.append(Refusal(place, reason))
            else:
                self._take(place, draft)
        self.present = 0
        self.refused: list[Refusal] = []
        # Calls whose recording came first, with what was said in them.
        self.awaited: list[tuple[int, ConversationDraft]] = []

    def _take(self, place: int, draft: ConversationDraft) -> None:
        key = draft.source, draft.external_id
        said = keyring().index("conversation", hashlib.sha256(plain(draft.lines)).hexdigest())
        if key not in self._good:
            self._places[key] = place
            self._good[key] = draft, said
        elif self._good[key][1] == said:
            self._repeats += 1
        else:
            self._bad.append(Refusal(place, "id_in_use"))

    def _awaits(self, key: _Key, lines: int) -> bool:
        """Whether a recorded call waits for these words."""
        draft = self._good[key][0]
        return not lines and bool(draft.lines) and draft.channel == "call"

    def unknown(self) -> list[tuple[ConversationDraft, str]]:
        """Drafts that are not stored yet; counts the others."""
        found = _stored(self._good)
        stored = {key: known for key, (_pk, known, _lines) in found.items()}
        waiting = [key for key, (_pk, known, lines) in found.items() if known != self._good[key][1] and self._awaits(key, lines)]
        self.awaited = [(found[key][0], self._good[key][0]) for key in waiting]
        taken = [
            Refusal(self._places[key], "id_in_use") for key, known in stored.items() if known != self._good[key][1] and key not in waiting
        ]
        self.refused = sorted([*self._bad, *taken])
        self.present = self._repeats + len(stored) - len(taken) - len(waiting)
        return [self._good[key] for key in sorted(self._good.keys() - stored.keys())]


def _stored(keys: Iterable[_Key]) -> dict[_Key, tuple[int, str, int]]:
    """Id, fingerprint and count of lines of those that are stored."""
    by_source: dict[str, list[str]] = {}
    for source, external_id in keys:
        by_source.setdefault(source, []).append(external_id)
    found: dict[_Key, tuple[int, str, int]] = {}
    for source, ids in by_source.items():
        rows = Conversation.objects.filter(source=source, external_id__in=ids)
        values = rows.values_list("external_id", "pk", "fingerprint", "line_count")
        found |= {(source, external_id): (pk, known, lines) for external_id, pk, known, lines in values}
    return found


def _insert(actor: Actor, fresh: Sequence[tuple[ConversationDraft, str]], now: datetime, run_id: int | None) -> list[Conversation]:
    drafts = [draft for draft, _said in fresh]
    staff = _staff_by_number({draft.staff_no for draft in drafts})
    owners = _customers(actor, drafts, now)
    rows = [
        Conversation(
            source=draft.source,
            external_id=draft.external_id,
            channel=draft.channel,
            site_id=draft.site_id,
            staff_id=staff.get(draft.staff_no),
            staff_no=draft.staff_no,
            customer_id=owner,
            waybill=draft.waybill,
            started_at=draft.started_at,
            ended_at=draft.ended_at,
            line_count=len(draft.lines),
            agent_lines=sum(line.side == "agent" for line in draft.lines),
            customer_lines=sum(line.side == "customer" for line in draft.lines),
            disposition=draft.disposition,
            language=draft.language,
            recording=draft.recording,
            facts=dict(draft.facts),
            fingerprint=said,
            run_id=run_id,
            created_at=now,
        )
        for (draft, said), owner in zip(fresh, owners, strict=True)
    ]
    Conversation.objects.bulk_create(rows)
    Transcript.objects.bulk_create(
        Transcript(conversation=row, codec=CODEC, body=keyring().encrypt_bytes(pack(draft.lines)))
        for row, draft in zip(rows, drafts, strict=True)
    )
    return rows


def _staff_by_number(numbers: set[str]) -> Mapping[str, int]:
    return people_queries.staff_ids_by_number(numbers - {""})


def _customers(actor: Actor, drafts: Sequence[ConversationDraft], now: datetime) -> list[int | None]:
    """Customers of the drafts, remembered site by site; ``None`` where the contact says nothing."""
    owners: list[int | None] = [None] * len(drafts)
    by_site: dict[int, list[int]] = {}
    for place, draft in enumerate(drafts):
        if draft.customer_value:
            by_site.setdefault(draft.site_id, []).append(place)
    for site_id, places in sorted(by_site.items()):
        wanted = [
            customers.CustomerDraft(draft.customer_value, draft.customer_kind, draft.customer_name)
            for draft in (drafts[place] for place in places)
        ]
        found = customers.find_or_create_many(actor=actor, site_id=site_id, drafts=wanted, now=now)
        for place, owner in zip(places, found.ids, strict=True):
            owners[place] = owner
    return owners


def _tell(actor: Actor, rows: Sequence[Conversation], batch: _Batch, now: datetime, run_id: int | None) -> None:
    if not rows:
        return
    data = {"stored": len(rows), "present": batch.present, "refused": len(batch.refused), "first": rows[0].pk, "last": rows[-1].pk}
    sites = {row.site_id for row in rows}
    audit.record(
        actor,
        "conversation.stored",
        Ref("import_run", run_id or 0),
        now=now,
        site_id=next(iter(sites)) if len(sites) == 1 else None,
        data=data,
    )
    events = []
    for start in range(0, len(rows), _PER_EVENT):
        part = rows[start : start + _PER_EVENT]
        days = sorted({(row.site_id, timezone.localtime(row.started_at).date().isoformat()) for row in part})
        topics = sorted({topic(row.waybill) for row in part if row.waybill}) if len(part) <= _FEW else []
        ids = tuple(row.pk for row in part)
        events.append(ConversationsStored(conversation_ids=ids, days=tuple(days), run_id=run_id, waybill_topics=tuple(topics)))
    outbox.emit_many(events, now=now)


def set_lines(*, actor: Actor, conversation_id: int, lines: Sequence[Line], now: datetime, replace_lines: bool = False) -> Conversation:
    """Write down what was said in a call that so far was only recorded (CONV4). Raises ``HasLines``, ``LinesRefused``.

    ``replace_lines``: what a machine had heard gives way. Index, receptions and figures follow as for a new conversation.
    """
    people.require(actor, Permission.CONVERSATION_IMPORT)
    conversation = Conversation.objects.filter(pk=conversation_id).first()
    if conversation is None or not actor.reaches(conversation.site_id):
        raise NotFound
    if conversation.line_count and not replace_lines:
        raise HasLines
    tidied = tidy_lines(lines)
    if reason := "no_lines" if not tidied else lines_problem(tidied):
        raise LinesRefused(why=REASONS[reason])
    said = keyring().index("conversation", hashlib.sha256(plain(tidied)).hexdigest())
    counts = {side: sum(line.side == side for line in tidied) for side in ("agent", "customer")}
    with transaction.atomic():
        save_claimed(
            conversation,
            line_count=len(tidied),
            agent_lines=counts["agent"],
            customer_lines=counts["customer"],
            fingerprint=said,
        )
        Transcript.objects.filter(pk=conversation.pk).update(codec=CODEC, body=keyring().encrypt_bytes(pack(tidied)))
        audit.record(
            actor,
            "conversation.written",
            conversation_ref(conversation),
            now=now,
            site_id=conversation.site_id,
            data={"lines": len(tidied), "replaced": replace_lines},
        )
        day = timezone.localtime(conversation.started_at).date().isoformat()
        outbox.emit(ConversationsStored(conversation_ids=(conversation.pk,), days=((conversation.site_id, day),)), now=now)
    return conversation


def set_disposition(*, actor: Actor, conversation_id: int, disposition: str, version: int, now: datetime) -> Conversation:
    """Note how the conversation ended (a code of the handbook); ``version`` is the one the writer saw."""
    conversation = access.get_for(actor, conversation_id)
    people.require(actor, Permission.CASE_WORK)
    code = disposition.strip()
    if not code or len(code) > 40:
        raise Invalid(fields={"disposition": _("请选择处理结果。")})
    conversation.version = version
    with transaction.atomic():
        save_claimed(conversation, disposition=code)
        audit.record(
            actor,
            "conversation.disposed",
            conversation_ref(conversation),
            now=now,
            site_id=conversation.site_id,
            data={"disposition": code},
        )
    return conversation


def read_unmasked(*, actor: Actor, conversation_id: int, reason: str, now: datetime) -> tuple[Line, ...]:
    """The lines with nothing hidden. Needs a reason; every time is logged."""
    conversation = access.get_for(actor, conversation_id)
    people.require(actor, Permission.PERSONAL_UNMASK)
    if len(reason.strip()) < REASON_LENGTH:
        raise ReasonTooShort(fields={"reason": _("请写明查看原因。")}, length=REASON_LENGTH)
    audit.record(
        actor,
        "conversation.unmasked",
        conversation_ref(conversation),
        now=now,
        site_id=conversation.site_id,
        data={"reason": reason.strip()[:200]},
    )
    return transcript(conversation.pk)


def reencrypt_transcripts(*, batch: int = 500, progress: Callable[[int], None] = lambda _: None) -> int:
    """Write every transcript under the current key; resumable, returns rows rewritten. For the rotation of keys."""
    done, last = 0, 0
    mark = f"{keyring().current}:".encode()
    while rows := list(Transcript.objects.filter(pk__gt=last).order_by("pk")[:batch]):
        stale = [row for row in rows if not bytes(row.body).startswith(mark)]
        for row in stale:
            row.body = keyring().encrypt_bytes(keyring().decrypt_bytes(bytes(row.body)))
        Transcript.objects.bulk_update(stale, ["body"], batch_size=100)
        done += len(stale)
        last = rows[-1].pk
        progress(len(rows))
    return done
