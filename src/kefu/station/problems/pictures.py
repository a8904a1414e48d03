"""Pictures of problems: kept encrypted, shown to the two sites only, each look recorded (O15, SEC3)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from kefu.kernel import audit, files
from kefu.kernel.actor import Actor, Ref
from kefu.kernel.errors import NotFound
from kefu.station.problems import access
from kefu.station.problems.drafts import Upload
from kefu.station.problems.models import Line, Picture, Problem

_TYPES = ((b"\xff\xd8\xff", "image/jpeg"), (b"\x89PNG\r\n\x1a\n", "image/png"))


def image_type(content: bytes) -> str:
    """The type by the content, whatever the name says; empty for what is no picture."""
    if content[:4] == b"RIFF" and content[8:12] == b"WEBP":
        return "image/webp"
    return next((kind for start, kind in _TYPES if content.startswith(start)), "")


def is_image(content: bytes) -> bool:
    """Whether it is a JPEG, PNG or WebP."""
    return bool(image_type(content))


def keep_pictures(problem: Problem, line: Line | None, uploads: Sequence[Upload], now: datetime) -> None:
    """Keep pictures of a report or of a reply, in the caller's transaction; the same picture is kept once."""
    for upload in uploads:
        kept = files.keep(upload.name, upload.content)
        Picture.objects.get_or_create(
            problem=problem,
            sha256=kept.sha256,
            defaults={"line": line, "name": kept.name, "size": kept.size, "stored_as": kept.stored_as, "added_at": now},
        )


@dataclass(frozen=True, slots=True)
class Shown:
    """A picture to send: its name, type and content."""

    name: str
    content_type: str
    content: bytes


def picture(*, actor: Actor, problem_id: int, picture_id: int, now: datetime) -> Shown:
    """One picture of a problem in reach; the look is recorded."""
    problem = access.get_for(actor, problem_id)
    row = Picture.objects.filter(pk=picture_id, problem=problem).first()
    if row is None:
        raise NotFound
    content = files.load(row.stored_as, row.sha256)
    audit.record(actor, "problem.picture_read", Ref("problem", problem.pk, problem.waybill), now=now, site_id=problem.receiver_site_id)
    return Shown(row.name, image_type(content), content)
