"""Recordings: the list with upload, the sound of one, its words from elsewhere, sides, retry, download, removal (CONV4)."""

from datetime import datetime
from typing import BinaryIO, cast
from urllib.parse import quote

from django.contrib import messages
from django.http import HttpResponse, HttpResponseBase
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from kefu.cases import queries as cases
from kefu.console import listing
from kefu.console.listing import Head
from kefu.console.rendering import redirect
from kefu.console.routes import ConsoleRequest, page
from kefu.console.stepping import one_step
from kefu.console.views import recordings_sound
from kefu.console.views.case_tasks import local
from kefu.kernel import moment
from kefu.kernel.errors import NotFound
from kefu.lists.definition import whole
from kefu.lists.recordings import RECORDINGS
from kefu.people import queries as people
from kefu.people.permissions import Permission
from kefu.recordings import access, actions, keeping, queries, transcripts
from kefu.recordings.drafts import CallDraft

_STALE = gettext_lazy("这段录音刚有人处理过，请确认后再操作。")
_LONGEST = 120


@page("recordings", "recordings", permission=Permission.RECORDING_LISTEN)
def recordings(request: ConsoleRequest) -> HttpResponse:
    """The list, with the form to hand one in."""
    lead = _("通话录音：加密保存，分析语速、静音、插话，回听都有记录。")
    if not queries.engine():
        lead += _("没有配置转写引擎：录音照常分析，文字可从其他系统导入。")
    may_manage = request.actor.may(Permission.RECORDING_MANAGE)
    extra = {
        "sites": [(str(one.pk), one.name) for one in people.sites(request.actor)] if may_manage else [],
        "here_now": timezone.localtime(moment.now()).strftime("%Y-%m-%dT%H:%M"),
    }
    return listing.show(request, RECORDINGS, template="recordings/list.jinja", head=Head(lead=lead), extra=extra)


@page("recordings/upload", "recording-upload", permission=Permission.RECORDING_MANAGE, methods=("POST",))
def recording_upload(request: ConsoleRequest) -> HttpResponse:
    """Hand in a recording: of a call that is here (``conversation``), or of one that is made from what is told."""
    files = request.FILES.getlist("file")
    conversation = whole(request.POST.get("conversation", ""))
    back = reverse("console:conversation", kwargs={"conversation_id": conversation}) if conversation else reverse("console:recordings")
    if not files:
        messages.error(request, _("请选择录音文件。"))
        return redirect(request, back)
    call = CallDraft(
        site_id=whole(request.POST.get("site", "")),
        conversation_id=conversation,
        external_id=_text(request, "external_id"),
        started_at=_started(request),
        staff_no=_text(request, "staff_no"),
        customer_phone=_text(request, "phone"),
        sides=_sides(request),
    )

    def do() -> None:
        done = actions.receive(
            actor=request.actor, call=call, file=cast(BinaryIO, files[0].file), name=files[0].name or "", now=moment.now()
        )
        if not done.fresh:
            messages.warning(request, _("这段录音之前已经存入，没有重复保存。"))

    return one_step(request, do, said=_("录音已存入，正在分析。"), stale=str(_STALE), back=back, again=lambda _error: None)


def _text(request: ConsoleRequest, name: str) -> str:
    return request.POST.get(name, "").replace("\0", "").strip()[:_LONGEST]


def _started(request: ConsoleRequest) -> datetime | None:
    return local(request.POST.get("started_at", ""))


def _sides(request: ConsoleRequest) -> tuple[str, ...]:
    return {"agent": ("agent", "customer"), "customer": ("customer", "agent")}.get(request.POST.get("left", ""), ())


@page("recordings/<int:recording_id>/sound", "recording-sound", permission=Permission.RECORDING_LISTEN)
def recording_sound(request: ConsoleRequest, recording_id: int) -> HttpResponseBase:
    """The bytes for the player, by ranges. Listening is written down, once for all ranges."""
    row = access.get_for(request.actor, recording_id)
    if row.removed_at is not None:
        raise NotFound
    purpose = "inspection" if request.actor.may(Permission.QUALITY_INSPECT) else "supervision"
    actions.note_listening(actor=request.actor, recording_id=row.pk, purpose=request.GET.get("why", purpose)[:12], now=moment.now())
    return recordings_sound.answer(request, row)


@page("recordings/<int:recording_id>/download", "recording-download", permission=Permission.RECORDING_MANAGE, methods=("POST",))
def recording_download(request: ConsoleRequest, recording_id: int) -> HttpResponseBase:
    """Take the file along, for a reason that is written down."""
    found = access.get_for(request.actor, recording_id)
    answers: list[HttpResponseBase] = []

    def do() -> None:
        row = actions.download(actor=request.actor, recording_id=recording_id, reason=_text(request, "reason"), now=moment.now())
        answers.append(recordings_sound.answer(request, row))
        name = row.file_name or f"{row}.{row.format.partition(' ')[0].lower()}"
        answers[0]["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(name)}"

    shown = one_step(request, do, said="", stale=str(_STALE), back=_page_of(found.conversation_id), again=lambda _error: None)
    return answers[0] if answers else shown


@page("recordings/<int:recording_id>/retry", "recording-retry", permission=Permission.RECORDING_MANAGE, methods=("POST",))
def recording_retry(request: ConsoleRequest, recording_id: int) -> HttpResponse:
    """Work on it again."""
    row = access.get_for(request.actor, recording_id)
    return one_step(
        request,
        lambda: actions.retry(actor=request.actor, recording_id=recording_id, now=moment.now()),
        said=_("已重新排队。"),
        stale=str(_STALE),
        back=_page_of(row.conversation_id),
        again=lambda _error: None,
    )


@page("recordings/<int:recording_id>/sides", "recording-sides", permission=Permission.RECORDING_MANAGE, methods=("POST",))
def recording_sides(request: ConsoleRequest, recording_id: int) -> HttpResponse:
    """The other way round: who is on which channel."""
    row = access.get_for(request.actor, recording_id)
    version = whole(request.POST.get("version", ""))
    return one_step(
        request,
        lambda: actions.set_sides(
            actor=request.actor,
            recording_id=recording_id,
            sides=list(reversed(row.sides)),
            version=row.version if version is None else version,
            now=moment.now(),
        ),
        said=_("声道已对调，正在重新分析。"),
        stale=str(_STALE),
        back=_page_of(row.conversation_id),
        again=lambda _error: None,
    )


@page("recordings/<int:recording_id>/remove", "recording-remove", permission=Permission.RECORDING_MANAGE, methods=("POST",))
def recording_remove(request: ConsoleRequest, recording_id: int) -> HttpResponse:
    """Remove one whose time is over and that nobody holds."""
    row = access.get_for(request.actor, recording_id)
    return one_step(
        request,
        lambda: keeping.remove(actor=request.actor, recording_id=recording_id, now=moment.now(), tied=cases.conversations_with_case),
        said=_("录音已删除，删除已写入操作日志。"),
        stale=str(_STALE),
        back=_page_of(row.conversation_id),
        again=lambda _error: None,
    )


@page("conversations/<int:conversation_id>/words", "conversation-words", permission=Permission.CONVERSATION_IMPORT, methods=("POST",))
def conversation_words(request: ConsoleRequest, conversation_id: int) -> HttpResponse:
    """Words of a recorded call that another system wrote down."""
    files = request.FILES.getlist("file")

    def do() -> None:
        content = files[0].read(transcripts.SIZE_LIMIT + 1) if files else b""
        done = transcripts.take(actor=request.actor, conversation_id=conversation_id, content=content, now=moment.now())
        for note in done.notes:
            messages.warning(request, note)

    back = _page_of(conversation_id)
    return one_step(request, do, said=_("文字已导入，正在质检。"), stale=str(_STALE), back=back, again=lambda _error: None)


def _page_of(conversation_id: int) -> str:
    return reverse("console:conversation", kwargs={"conversation_id": conversation_id})
