"""Work asked of other sites and of departments, answered inside the case (CASE9)."""

from kefu.cases.tasks.asking import Question, ask, ask_department, cancel
from kefu.cases.tasks.late import note_fired_tasks
from kefu.cases.tasks.members import join, leave
from kefu.cases.tasks.working import Upload, answer, hand_back, read_file, say, take

__all__ = [
    "Question",
    "Upload",
    "answer",
    "ask",
    "ask_department",
    "cancel",
    "hand_back",
    "join",
    "leave",
    "note_fired_tasks",
    "read_file",
    "say",
    "take",
]
