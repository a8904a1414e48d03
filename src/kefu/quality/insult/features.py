"""Hashed n-gram features and character ids, one code path for training and inference (QA2).

The hash is a 64-bit polynomial over code points with a splitmix finish, in numpy integers that wrap: the same on every
platform and Python. Only buckets are stored in the weights, so no sentence can be read back from them.
"""

from __future__ import annotations

import numpy as np
import rjieba
from numpy.typing import NDArray

from kefu.quality.insult.normal import normalise

MAX_CHARS = 1000
"""Characters that count; a longer text is cut before it is normalised (4 ×) and after."""
NGRAMS = (1, 2, 3)
_WORD, _WORD_PAIR = 20, 21

U64 = NDArray[np.uint64]
_BASE = 0x9E3779B97F4A7C15
_INVERSE = pow(_BASE, -1, 1 << 64)


def _powers(base: int) -> U64:
    out = np.ones(MAX_CHARS + 3, np.uint64)
    np.cumprod(np.full(MAX_CHARS + 2, base, np.uint64), out=out[1:])
    return out


UP, DOWN = _powers(_BASE), _powers(_INVERSE)
"""Powers of the base of the rolling hash, and their inverses, by position."""


def mix(x: U64) -> U64:
    """splitmix64 finaliser."""
    x = (x ^ (x >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    x = (x ^ (x >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return x ^ (x >> np.uint64(31))


def prepare(text: str) -> str:
    """Normalised text of at most MAX_CHARS characters."""
    return normalise(text[: 4 * MAX_CHARS])[:MAX_CHARS]


def code_points(prepared: str) -> NDArray[np.uint32]:
    """Unicode code points, lone surrogates included."""
    return np.frombuffer(prepared.encode("utf-32-le", "surrogatepass"), np.dtype("<u4"))


def _word_edges(prepared: str) -> NDArray[np.int64]:
    clean = prepared.encode("utf-8", "replace").decode("utf-8")
    lengths = [len(token) for token in rjieba.cut(clean)] if clean else []
    return np.cumsum(np.array([0, 1, *lengths, 1]))


def hashes(prepared: str) -> U64:
    """64-bit hashes of the character 1–3-grams, words and word pairs of a prepared text, with repetitions."""
    marked = code_points(f"\x02{prepared}\x03").astype(np.uint64)
    letters = mix(marked + np.uint64(77)) * UP[: marked.size]
    prefix = np.zeros(marked.size + 1, np.uint64)
    np.cumsum(letters, out=prefix[1:])
    parts = [(prefix[n:] - prefix[:-n]) * DOWN[: prefix.size - n] + np.uint64(n) for n in NGRAMS if prefix.size > n]
    edges = _word_edges(prepared)
    words = (prefix[edges[1:]] - prefix[edges[:-1]]) * DOWN[edges[:-1]]
    parts.append(words + np.uint64(_WORD))
    parts.append(mix(words[:-1]) * np.uint64(3) + words[1:] + np.uint64(_WORD_PAIR))
    return mix(np.concatenate(parts))


def buckets(prepared: str, bits: int) -> NDArray[np.int64]:
    """Distinct bucket numbers below 2**bits, sorted; never empty."""
    return np.unique(hashes(prepared) >> np.uint64(64 - bits)).astype(np.int64)


def char_ids(prepared: str, vocabulary: NDArray[np.uint32]) -> NDArray[np.int64]:
    """Row numbers of the embedding: 0 is padding, 1 an unknown character, 2 + i the i-th of the sorted vocabulary; never empty."""
    points = code_points(prepared or " ")
    place = np.searchsorted(vocabulary, points)
    known = vocabulary[np.minimum(place, vocabulary.size - 1)] == points
    return np.where(known, place + 2, 1).astype(np.int64)
