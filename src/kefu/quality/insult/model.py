"""Sentence classifier that ranks utterances for review: 0 harmless … 1 offensive (QA2). It never deducts by itself.

A linear model over hashed n-grams plus the mean of small character convolutions, both in `weights.npz`; numpy only.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from importlib import resources
from pathlib import Path

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from kefu.quality.insult.features import buckets, char_ids, prepare

F32 = NDArray[np.float32]
WEIGHTS = "weights.npz"


class WeightsError(RuntimeError):
    """The weights file is missing or does not fit this code."""


@dataclass(frozen=True, slots=True)
class Convolution:
    """One character network: embedding rows, then per width a filter bank (width × embedding, filters), bias and output row."""

    embedding: F32
    banks: tuple[tuple[int, F32, F32, F32], ...]
    bias: float

    def logit(self, ids: NDArray[np.int64]) -> float:
        """Raw score of one sentence."""
        rows = self.embedding[ids]
        total = self.bias
        for width, kernel, shift, out in self.banks:
            padded = np.zeros((len(rows) + 2 * width, rows.shape[1]), np.float32)
            padded[width:-width] = rows
            windows = sliding_window_view(padded.ravel(), width * rows.shape[1])[:: rows.shape[1]]
            total += float(np.maximum((windows @ kernel).max(axis=0) + shift, 0.0) @ out)
        return total


@dataclass(frozen=True, slots=True)
class InsultModel:
    """Loaded weights. `model_version` names the training run, `provenance` its data and licence."""

    linear: F32
    bits: int
    vocabulary: NDArray[np.uint32]
    networks: tuple[Convolution, ...]
    mixing: tuple[float, float, float]
    model_version: str
    provenance: str

    @classmethod
    def load(cls) -> InsultModel:
        """The shipped model, read once per process. Raises WeightsError."""
        return _shipped()

    def score(self, text: str) -> float:
        """Offensiveness of one sentence, 0..1, six decimals. Empty text scores 0; only the first 1000 characters count."""
        prepared = prepare(text)
        if not prepared:
            return 0.0
        found = buckets(prepared, self.bits)
        linear = float(self.linear[found].sum()) / float(np.sqrt(found.size))
        ids = char_ids(prepared, self.vocabulary)
        network = sum(net.logit(ids) for net in self.networks) / max(1, len(self.networks))
        scale_linear, scale_network, bias = self.mixing
        logit = scale_linear * linear + scale_network * network + bias
        return round(float(1.0 / (1.0 + np.exp(-np.clip(logit, -30.0, 30.0)))), 6)

    def score_many(self, texts: Iterable[str]) -> list[float]:
        """`score` of each text in order; equal texts are scored once."""
        known: dict[str, float] = {}
        out: list[float] = []
        for text in texts:
            if text not in known:
                known[text] = self.score(text)
            out.append(known[text])
        return out


def _network(data: dict[str, NDArray[np.generic]], index: int) -> Convolution:
    embedding = data[f"net{index}.embedding"].astype(np.float32) * data[f"net{index}.scale"].astype(np.float32)[:, None]
    out = data[f"net{index}.out"].astype(np.float32)
    banks = []
    start = 0
    for width in data["widths"].astype(int).tolist():
        kernel = data[f"net{index}.kernel{width}"].astype(np.float32)
        shift = data[f"net{index}.shift{width}"].astype(np.float32)
        banks.append((width, kernel, shift, out[start : start + shift.size]))
        start += shift.size
    return Convolution(embedding, tuple(banks), float(data[f"net{index}.bias"].astype(np.float32)[0]))


def build(data: dict[str, NDArray[np.generic]]) -> InsultModel:
    """Model from the arrays of a weights file. Raises WeightsError when they do not fit this code."""
    try:
        mixing = [float(value) for value in data["mixing"].astype(np.float64)]
        codes = data["linear"].astype(np.float32)
        linear = codes * np.abs(codes) * data["linear_scale"].astype(np.float32)[0]
        bits = int(data["bits"].astype(np.int64)[0])
        if linear.size != 1 << bits or len(mixing) != 3:
            raise WeightsError("the weights file does not fit this version of the model code")
        networks = tuple(_network(data, i) for i in range(int(data["networks"].astype(np.int64)[0])))
        version, provenance = str(data["version"]), str(data["provenance"])
        vocabulary = data["vocabulary"].astype(np.uint32)
    except KeyError as error:
        raise WeightsError(f"the weights file has no array {error}") from error
    return InsultModel(linear, bits, vocabulary, networks, (mixing[0], mixing[1], mixing[2]), version, provenance)


def read(path: Path) -> InsultModel:
    """Model from a weights file. Raises WeightsError."""
    try:
        with np.load(path, allow_pickle=False) as data:
            return build({name: data[name] for name in data.files})
    except (OSError, ValueError) as error:
        raise WeightsError(f"cannot read the insult model's weights: {error}") from error


@cache
def _shipped() -> InsultModel:
    with resources.as_file(resources.files(__package__).joinpath(WEIGHTS)) as path:
        return read(path)
