"""Shape of a handbook (HB1): one file per family of clauses. Read a handbook with ``kefu.handbook.loader``."""

from kefu.handbook.refs import Cited, ClauseRef
from kefu.handbook.schema.base import Channel, Clause, format_duration, parse_duration
from kefu.handbook.schema.book import SECTIONS, Handbook
from kefu.handbook.schema.condition import Condition
from kefu.handbook.schema.contact import Branch, Disposition, Guide, Moment, Outcome
from kefu.handbook.schema.ledgers import Ledger
from kefu.handbook.schema.posts import Career, Course, Department, Duties, Duty, Level, Role, Tier
from kefu.handbook.schema.procedures import FormField, Guard, Kind, Procedure, Scenario, Step, Way
from kefu.handbook.schema.scoring import Detector, Kpi, Penalties, Penalty, Scorecard, ScoreGroup, ScoreItem
from kefu.handbook.schema.timing import Calendar, Clock, Pause, Rung
from kefu.handbook.schema.vocabulary import BASE_ROLES, EVENT_TITLES, NOTICE_VARIABLES, STAGES, VARIABLES, Event
from kefu.handbook.schema.wording import Lexicon, Notice, Phrase, Script, Slot, Text, Within, Word

__all__ = [
    "BASE_ROLES",
    "EVENT_TITLES",
    "NOTICE_VARIABLES",
    "SECTIONS",
    "STAGES",
    "VARIABLES",
    "Branch",
    "Calendar",
    "Career",
    "Channel",
    "Cited",
    "Clause",
    "ClauseRef",
    "Clock",
    "Condition",
    "Course",
    "Department",
    "Detector",
    "Disposition",
    "Duties",
    "Duty",
    "Event",
    "FormField",
    "Guard",
    "Guide",
    "Handbook",
    "Kind",
    "Kpi",
    "Ledger",
    "Level",
    "Lexicon",
    "Moment",
    "Notice",
    "Outcome",
    "Pause",
    "Penalties",
    "Penalty",
    "Phrase",
    "Procedure",
    "Role",
    "Rung",
    "Scenario",
    "ScoreGroup",
    "ScoreItem",
    "Scorecard",
    "Script",
    "Slot",
    "Step",
    "Text",
    "Tier",
    "Way",
    "Within",
    "Word",
    "format_duration",
    "parse_duration",
]
