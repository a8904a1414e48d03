"""Every write of appeals, in one place for other rooms; each stands in the file of what it is about (R25–R31)."""

from kefu.regulator.answering import (
    approve_answer,
    close,
    feed_back,
    note_accepted,
    note_opinion,
    read_file,
    return_answer,
    write_answer,
)
from kefu.regulator.disposing import dispose
from kefu.regulator.filing import file_appeal

__all__ = [
    "approve_answer", "close", "dispose", "feed_back", "file_appeal", "note_accepted", "note_opinion", "read_file", "return_answer",
    "write_answer",
]  # fmt: skip
