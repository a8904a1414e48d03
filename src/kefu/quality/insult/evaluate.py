"""Measures the shipped word list, sound-alikes and model (QA2): `python -m kefu.quality.insult.evaluate [--data FOLDER]`.

The data are not part of the project; without them the command says where it looked and ends with code 2.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import numpy as np
from rich.console import Console

from kefu.quality.insult import homophones, lexicon, measure
from kefu.quality.insult.deducting import deducts
from kefu.quality.insult.model import InsultModel

CUTS = (0.5, 0.8)
TIMED = 1000


def milliseconds(call: Callable[[str], object], texts: list[str]) -> float:
    """Median wall time of one call, in ms."""
    spent = []
    for text in texts:
        begin = time.perf_counter()
        call(text)
        spent.append(time.perf_counter() - begin)
    return float(np.median(spent)) * 1000


def model_on_dev(model: InsultModel, dev: measure.Labelled, console: Console) -> None:
    """Precision and recall of the class offensive and macro-F1 at 0.5, the figures of 0.8, ms per sentence."""
    values = model.score_many(dev.texts)
    for cut in CUTS:
        guessed = [value > cut for value in values]
        row = measure.scores(dev.labels, guessed)
        console.print(
            f"model, dev at {cut}: precision {row.precision:.4f}, recall {row.recall:.4f}, F1 {row.f1:.4f}, "
            f"macro-F1 {measure.macro_f1(dev.labels, guessed):.4f}"
        )
    console.print(f"model: {milliseconds(model.score, dev.texts[:TIMED]):.3f} ms a sentence (median of {TIMED}, one at a time)")


def model_on_chats(model: InsultModel, chats: list[tuple[bool, str]], console: Console) -> None:
    """Share of real service utterances above each cut."""
    values = np.array(model.score_many(text for _, text in chats))
    agent = np.array([from_agent for from_agent, _ in chats])
    for cut in CUTS:
        console.print(
            f"model, service chats above {cut}: {np.mean(values > cut):.2%} of {len(chats)} utterances, "
            f"{np.mean(values[agent] > cut):.2%} of the {agent.sum()} by agents"
        )


def words_on_labelled(parts: list[measure.Labelled], console: Console) -> float:
    """Precision of the word list on labelled sentences, also without its five commonest terms."""
    found = [({hit.term for hit in lexicon.find(t)}, label) for part in parts for t, label in zip(part.texts, part.labels, strict=True)]
    labels = [label for terms, label in found if terms]
    common = {term for term, _ in Counter(term for terms, _ in found for term in terms).most_common(5)}
    rest = [label for terms, label in found if terms - common]
    precision = sum(labels) / max(1, len(labels))
    recall = sum(labels) / max(1, sum(label for _, label in found))
    console.print(
        f"word list: precision {precision:.4f} on {len(labels)} labelled sentences with a hit, recall {recall:.4f}; "
        f"without its 5 commonest terms {sum(rest) / max(1, len(rest)):.4f} on {len(rest)}"
    )
    return precision


def deducted(model: InsultModel, parts: dict[str, measure.Labelled], console: Console) -> None:
    """Precision of what deducts by itself, beside that of the severe word alone."""
    for name, part in parts.items():
        found = [(text, label, hits) for text, label in zip(part.texts, part.labels, strict=True) if (hits := lexicon.find(text))]
        severe = [label for _, label, hits in found if any(hit.severity == "severe" for hit in hits)]
        kept = [label for text, label, hits in found if any(deducts(text, hit, model.score) for hit in hits)]
        console.print(
            f"deducts by itself, {name}: precision {sum(kept) / max(1, len(kept)):.4f} on {len(kept)} sentences "
            f"(severe word alone {sum(severe) / max(1, len(severe)):.4f} on {len(severe)})"
        )


def words_on_chats(chats: list[tuple[bool, str]], console: Console) -> None:
    """Hits of the word list and of the sound-alikes on real service utterances."""
    texts = [text for _, text in chats]
    for name, find in (("word list", lexicon.find), ("sound-alikes", homophones.find)):
        hits = sum(bool(find(text)) for text in texts)
        share, spent = hits / len(texts), milliseconds(find, texts)
        console.print(f"{name}, service chats: {hits} of {len(texts)} utterances ({share:.3%}), {spent:.3f} ms")


def run(folder: Path, console: Console) -> int:
    """Print every figure. Returns the exit code: 0, or 2 when a data file is absent."""
    absent = [name for name in (measure.TRAIN, measure.DEV, measure.CHATS) if not (folder / name).is_file()]
    if absent:
        console.print(f"No evaluation data: {', '.join(absent)} not in {folder}. Set {measure.FOLDER_VARIABLE} or --data.")
        return 2
    dev, chats = measure.read_labelled(folder / measure.DEV), measure.read_chats(folder / measure.CHATS)
    model = InsultModel.load()
    console.print(f"model {model.model_version}: {model.provenance}")
    model_on_dev(model, dev, console)
    model_on_chats(model, chats, console)
    train = measure.read_labelled(folder / measure.TRAIN)
    words_on_labelled([train, dev], console)
    deducted(model, {"train part": train, "dev part": dev}, console)
    words_on_chats(chats, console)
    return 0


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=measure.data_folder())
    sys.exit(run(parser.parse_args().data, Console()))


if __name__ == "__main__":
    main()
