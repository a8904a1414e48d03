"""Transcripts made elsewhere: the usual shapes of JSON to lines with times and confidences (QA3)."""

from kefu.recordings.transcripts.taking import SIZE_LIMIT, Taken, take

__all__ = ["SIZE_LIMIT", "Taken", "take"]
