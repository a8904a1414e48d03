"""Every write of this room, in one place for interfaces (QA6)."""

from kefu.review.assigning import drop, reassign, release, take
from kefu.review.planning import change_plan, create_plan, draw_due, draw_now, pause_plan, preview
from kefu.review.scoring import note_opened, save_draft, start_spot_check, submit

__all__ = [
    "change_plan", "create_plan", "draw_due", "draw_now", "drop", "note_opened", "pause_plan", "preview", "reassign", "release",
    "save_draft", "start_spot_check", "submit", "take",
]  # fmt: skip
