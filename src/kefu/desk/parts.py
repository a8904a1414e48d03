"""What a macro may do to a case: a closed list. Each part calls the action of cases a person would call, so that every guard holds."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Annotated, Any, Literal

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from kefu.cases import access as cases
from kefu.cases import actions as procedure
from kefu.cases import attention, replies, tasks, upkeep
from kefu.desk import variables
from kefu.desk.errors import PhraseBlank
from kefu.kernel.actor import Actor
from kefu.kernel.errors import Invalid
from kefu.kernel.wording import listed

MOST_PARTS = 10


@dataclass(frozen=True, slots=True)
class Work:
    """One run of a macro: who, on what, when, the values of variables, and what was typed into blanks."""

    actor: Actor
    case_id: int
    now: datetime
    values: Mapping[str, str]
    given: Mapping[str, str]
    seen: int | None = None

    def text(self, text: str) -> str:
        """The text with its values. Raises ``PhraseBlank`` when one has none."""
        filled = variables.fill(text, self.values, self.given)
        if filled.blanks:
            raise PhraseBlank(blanks=listed(filled.blanks))
        return filled.text


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    def run(self, work: Work) -> dict[str, Any] | None:
        """Do it; returns what takes it back, or ``None`` when nothing does."""
        raise NotImplementedError

    def shown(self, work: Work) -> str:
        """What it will do here, beside its title: the text with its values, or whom and what."""
        raise NotImplementedError


class _WithText(_Part):
    text: str = Field(min_length=1, max_length=2000)

    def shown(self, work: Work) -> str:
        """The text filled in, blanks marked."""
        return variables.fill(self.text, work.values, work.given).text


class Note(_WithText):
    """Write an internal note."""

    do: Literal["note"]

    def run(self, work: Work) -> None:
        """Notes stay."""
        upkeep.add_note(actor=work.actor, case_id=work.case_id, text=work.text(self.text), now=work.now)


class Reply(_WithText):
    """Reply to the customer."""

    do: Literal["reply"]
    channel: Literal["call", "chat", "sms", "email", "platform", "walk_in"]
    awaiting: bool = False

    def run(self, work: Work) -> None:
        """What was sent is sent."""
        replies.reply_to_customer(
            actor=work.actor,
            case_id=work.case_id,
            text=work.text(self.text),
            channel=self.channel,
            now=work.now,
            seen=work.seen,
            awaiting=self.awaiting,
        )


class Urge(_WithText):
    """Note that the customer urges."""

    do: Literal["urge"]

    def run(self, work: Work) -> None:
        """Urging is counted and stays."""
        upkeep.urge(actor=work.actor, case_id=work.case_id, text=work.text(self.text), now=work.now)


class Level(_Part):
    """Raise the level."""

    do: Literal["level"]
    level: str = Field(min_length=1, max_length=30)
    reason: str = Field(min_length=4, max_length=500)

    def run(self, work: Work) -> None:
        """Levels are not taken back."""
        upkeep.escalate(actor=work.actor, case_id=work.case_id, level=self.level, reason=work.text(self.reason), now=work.now)

    def shown(self, work: Work) -> str:
        """The level and the reason."""
        return f"{self.level} · {variables.fill(self.reason, work.values, work.given).text}"


class Assign(_Part):
    """Give the case to oneself, to a person, or to nobody."""

    do: Literal["assign"]
    to: Literal["me", "none"] | Annotated[int, Field(ge=1, le=2**63 - 1)]

    def run(self, work: Work) -> dict[str, Any] | None:
        """Taken back by giving it to whom it was."""
        before = cases.get_for(work.actor, work.case_id).assignee_id
        staff = {"me": work.actor.staff_id, "none": None}.get(str(self.to), self.to)
        upkeep.assign(actor=work.actor, case_id=work.case_id, staff_id=staff if isinstance(staff, int) else None, now=work.now)
        return None if staff == before else {"do": "assign", "to": before or "none"}

    def shown(self, work: Work) -> str:  # noqa: ARG002
        """To whom."""
        return str(self.to)


class Follow(_Part):
    """Follow the case."""

    do: Literal["follow"]

    def run(self, work: Work) -> dict[str, Any]:
        """Taken back by following no more."""
        attention.follow(actor=work.actor, case_id=work.case_id, now=work.now)
        return {"do": "unfollow"}

    def shown(self, work: Work) -> str:  # noqa: ARG002
        """Nothing more to say."""
        return ""


class Step(_Part):
    """Take a step of the procedure with answers."""

    do: Literal["step"]
    step: str = Field(min_length=1, max_length=60)
    answers: dict[str, Any] = Field(default_factory=dict, max_length=50)

    def run(self, work: Work) -> None:
        """Steps stay."""
        answers = {name: work.text(value) if isinstance(value, str) else value for name, value in self.answers.items()}
        procedure.take_step(actor=work.actor, case_id=work.case_id, step=self.step, answers=answers, now=work.now)

    def shown(self, work: Work) -> str:  # noqa: ARG002
        """Which."""
        return self.step


class AskTask(_Part):
    """Ask a site to do something within hours; without a site the case's own."""

    do: Literal["task"]
    title: str = Field(min_length=1, max_length=200)
    hours: int = Field(ge=1, le=24 * 30)
    site: Annotated[int, Field(ge=1, le=2**63 - 1)] | None = None

    def run(self, work: Work) -> dict[str, Any]:
        """Taken back by cancelling the task."""
        site = self.site or cases.get_for(work.actor, work.case_id).site_id
        due = work.now + timedelta(hours=self.hours)
        task = tasks.ask(actor=work.actor, case_id=work.case_id, site_id=site, title=work.text(self.title), due_at=due, now=work.now)
        return {"do": "cancel_task", "task": task.pk}

    def shown(self, work: Work) -> str:
        """What, and by when."""
        return f"{variables.fill(self.title, work.values, work.given).text} · {self.hours} h"


Part = Annotated[Note | Reply | Urge | Level | Assign | Follow | Step | AskTask, Field(discriminator="do")]
TITLES: Mapping[str, Promise] = {
    "note": _("写内部备注"),
    "reply": _("回复客户"),
    "urge": _("记录催单"),
    "level": _("升级"),
    "assign": _("分派"),
    "follow": _("关注"),
    "step": _("推进流程"),
    "task": _("请求协办"),
}
_READER: TypeAdapter[list[Part]] = TypeAdapter(list[Part])


def read(given: Any) -> list[Any]:
    """Parts from JSON. Raises ``Invalid`` naming the first that does not fit, or the variable nobody knows."""
    try:
        found = _READER.validate_python(given)
    except ValidationError as error:
        first = error.errors()[0]
        place = first["loc"][0] if first["loc"] else 0
        number = place + 1 if isinstance(place, int) else 1
        message = _("第 %(part)s 步有误：%(where)s。可用的动作：%(known)s。")
        where = ".".join(str(one) for one in first["loc"][1:]) or first["type"]
        raise Invalid(message, fields={"parts": message}, code="macro.part", part=number, where=where, known=listed(TITLES)) from error
    if not 0 < len(found) <= MOST_PARTS:
        raise Invalid(fields={"parts": _("请填写 1 到 10 步。")})
    for part in found:
        for text in (getattr(part, name, "") for name in ("text", "reason", "title")):
            variables.check(text, "parts")
    return found
