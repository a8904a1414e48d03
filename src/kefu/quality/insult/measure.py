"""Reading the labelled and unlabelled sentences and counting hits against labels (QA2). Used by train.py, evaluate.py and the tests."""

from __future__ import annotations

import csv
import gzip
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

FOLDER_VARIABLE = "KEFU_TEST_DATA"
TRAIN, DEV, CHATS = "cold_train.csv.gz", "cold_dev.csv.gz", "jddc_chats.tsv"


@dataclass(frozen=True, slots=True)
class Labelled:
    """Sentences with labels (1 offensive, 0 not) in one order."""

    texts: list[str]
    labels: list[int]

    def without(self, texts: set[str]) -> Labelled:
        """The sentences that are not in `texts`."""
        kept = [(text, label) for text, label in zip(self.texts, self.labels, strict=True) if text not in texts]
        return Labelled([text for text, _ in kept], [label for _, label in kept])


@dataclass(frozen=True, slots=True)
class Scores:
    """Precision, recall and F1 of one class, 0..1."""

    precision: float
    recall: float
    f1: float


def data_folder() -> Path:
    """Folder of the evaluation data: the environment variable KEFU_TEST_DATA, else `shared/data` beside the repository."""
    given = os.environ.get(FOLDER_VARIABLE)
    return Path(given) if given else Path(__file__).resolve().parents[5] / "shared" / "data"


def read_labelled(path: Path) -> Labelled:
    """COLD file: gzipped CSV with `label` and `TEXT`. Raises OSError or KeyError."""
    with gzip.open(path, "rt", encoding="utf-8-sig", newline="") as source:
        rows = list(csv.DictReader(source))
    return Labelled([row["TEXT"] for row in rows], [int(row["label"]) for row in rows])


def read_chats(path: Path) -> list[tuple[bool, str]]:
    """JDDC sessions: (from the agent, text) of each utterance. Raises OSError."""
    with path.open(encoding="utf-8", newline="") as source:
        lines = [line.rstrip("\r\n").split("\t") for line in source]
    return [(fields[2] == "1", fields[6]) for fields in lines[1:] if len(fields) == 7]


def scores(labels: Sequence[int], predicted: Sequence[bool], positive: int = 1) -> Scores:
    """Scores of the class `positive`; a ratio without cases is 0."""
    pairs = [(label == positive, bool(guess) == bool(positive)) for label, guess in zip(labels, predicted, strict=True)]
    right = sum(label and guess for label, guess in pairs)
    guessed, real = sum(guess for _, guess in pairs), sum(label for label, _ in pairs)
    precision, recall = right / guessed if guessed else 0.0, right / real if real else 0.0
    return Scores(precision, recall, 2 * precision * recall / (precision + recall) if right else 0.0)


def macro_f1(labels: Sequence[int], predicted: Sequence[bool]) -> float:
    """Mean F1 of both classes."""
    return (scores(labels, predicted, 1).f1 + scores(labels, predicted, 0).f1) / 2
