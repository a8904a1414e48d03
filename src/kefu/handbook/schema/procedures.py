"""Ways of work: kinds of cases, procedures, complaint scenarios."""

from typing import Literal

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from kefu.handbook.schema.base import Clause, Key, Model, Titled, Words
from kefu.handbook.schema.condition import Condition

FIELD_TYPES = Literal["text", "long_text", "choice", "multi", "number", "money", "datetime", "bool", "waybill", "phone", "attachment"]
STATUS_EVENTS = {"solved": ("case.solved",), "closed": ("case.closed",)}


class Kind(Clause):
    """A kind of case. ``family`` groups kinds; complaints count as such wherever complaints are counted."""

    family: Literal["enquiry", "complaint", "service", "internal"]


class Choice(Model):
    """An answer to choose."""

    id: Key
    label: str = Field(min_length=1, max_length=120)
    label_en: str = ""


class FormField(Model):
    """A question of a step's form. ``computed`` names the fact that answers it: where the fact is known nobody types the answer."""

    id: Key
    label: str = Field(min_length=1, max_length=120)
    label_en: str = ""
    type: FIELD_TYPES
    required: bool = False
    choices: tuple[Choice, ...] = ()
    help: str = ""
    help_en: str = ""
    computed: str = ""

    @model_validator(mode="after")
    def _choices_fit(self) -> "FormField":
        if bool(self.choices) != (self.type in {"choice", "multi"}):
            raise PydanticCustomError("choices_form", "choices_form")
        return self


class Guard(Model):
    """What must hold for the step to be taken; the message says why not, and what to do."""

    id: Key
    when: Condition
    message: Words
    message_en: str = ""


class Way(Titled):
    """A way on to another step; open when there is no condition or it holds after the step's form is filled in."""

    title: str = ""
    to: Key
    when: Condition | None = None


class Step(Titled):
    """One step. Taking it fills in the fields, sets the status and emits events; then one of ``next`` may be taken."""

    id: Key
    stage: Key
    who: tuple[Key, ...] = Field(min_length=1)
    say: str = ""
    instructions: str = ""
    instructions_en: str = ""
    source: str = ""
    fields: tuple[FormField, ...] = ()
    guards: tuple[Guard, ...] = ()
    emits: tuple[str, ...] = ()
    status: Literal["open", "waiting_customer", "waiting_other", "solved", "closed"] = "open"
    next: tuple[Way, ...] = ()
    end: bool = False

    @property
    def events(self) -> tuple[str, ...]:
        """Clock events of taking the step: its own and those its status implies."""
        implied = STATUS_EVENTS.get(self.status, ())
        return (*self.emits, *(event for event in implied if event not in self.emits))

    @model_validator(mode="after")
    def _end_form(self) -> "Step":
        if self.end and (self.next or self.status != "closed"):
            raise PydanticCustomError("end_form", "end_form")
        return self


class Stage(Titled):
    """A stage of a procedure that does not use the six of the six-step complaint."""

    id: Key


class Procedure(Clause):
    """Steps from ``start`` to an end. Opening a case stands before the start step and emits ``case.opened``."""

    kinds: tuple[Key, ...] = Field(min_length=1)
    audience: str = ""
    text: str = ""
    stages: tuple[Stage, ...] = ()
    start: Key
    steps: tuple[Step, ...] = Field(min_length=1)

    def step(self, step_id: str) -> Step | None:
        """The step with the id."""
        return next((step for step in self.steps if step.id == step_id), None)

    def fields(self) -> dict[str, FormField]:
        """All form fields of all steps by id; the checker sees that one id means one thing."""
        return {field.id: field for step in self.steps for field in step.fields}


class Scenario(Clause):
    """A situation at the customer and what to say and do in it (Z 03)."""

    kinds: tuple[Key, ...] = ()
    procedure: Key | None = None
    say: tuple[Words, ...] = Field(min_length=1)
    do: tuple[Words, ...] = Field(min_length=1)
