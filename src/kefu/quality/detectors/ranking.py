"""Which lines are worth the insult model's time: a whole conversation is ranked by the linear part alone in one batch (QA2).

On labelled offensive sentences ``cut_for`` keeps 99 % of what the whole model scores at the limit or more (limits 0.6, 0.8 and 0.9),
and lets one or two service lines in a hundred through: the model then costs a fraction of an inspection.
"""

import math
from collections.abc import Sequence
from functools import cache

import numpy as np
from numpy.typing import NDArray

from kefu.quality.insult import features
from kefu.quality.insult.model import InsultModel, WeightsError

_BLOCK = features.MAX_CHARS - 10
_SEAM = "\x03\x02"


@cache
def model() -> InsultModel | None:
    """The shipped model, ``None`` where its weights cannot be read: the lists still decide."""
    try:
        return InsultModel.load()
    except WeightsError:
        return None


def line_score(text: str) -> float:
    """The model's score of one line; 1 where there is no model, so that the list decides alone."""
    found = model()
    return 1.0 if found is None else found.score(text)


def scores(texts: Sequence[str], limit: float) -> list[float]:
    """Scores of lines in order; a line that cannot reach ``limit`` by its n-grams is 0 without asking the model."""
    found = model()
    if found is None or not texts:
        return [0.0] * len(texts)
    cut = cut_for(limit)
    return [found.score(text) if rank >= cut else 0.0 for text, rank in zip(texts, ranks(texts, found), strict=True)]


def cut_for(limit: float) -> float:
    """The rank a line needs to be worth asking the model whether it scores ``limit``."""
    inside = min(max(limit, 0.01), 0.99)
    return 0.8 + 0.56 * math.log(inside / (1 - inside))


def ranks(texts: Sequence[str], found: InsultModel) -> list[float]:
    """Linear logits of lines over their character n-grams (words left out), in order."""
    out: list[float] = []
    block: list[str] = []
    size = 0
    for text in texts:
        short = text[:_BLOCK]
        if block and size + len(short) + len(_SEAM) > _BLOCK:
            out.extend(_block(block, found))
            block, size = [], 0
        block.append(short)
        size += len(short) + len(_SEAM)
    if block:
        out.extend(_block(block, found))
    return out


def ngram_hashes(prepared: str) -> list[NDArray[np.uint64]]:
    """The hashes of ``features.hashes`` for the 1-, 2- and 3-grams only, one array each: cutting words would cost ten times as much."""
    marked = features.code_points(f"\x02{prepared}\x03").astype(np.uint64)
    letters = features.mix(marked + np.uint64(77)) * features.UP[: marked.size]
    prefix = np.zeros(marked.size + 1, np.uint64)
    np.cumsum(letters, out=prefix[1:])
    sizes = [n for n in features.NGRAMS if prefix.size > n]
    return [features.mix((prefix[n:] - prefix[:-n]) * features.DOWN[: prefix.size - n] + np.uint64(n)) for n in sizes]


def _block(texts: Sequence[str], found: InsultModel) -> list[float]:
    lengths = np.array([len(text) + len(_SEAM) for text in texts])
    starts = np.concatenate(([0], np.cumsum(lengths)[:-1]))
    shift = np.uint64(64 - found.bits)
    total = np.zeros(len(texts))
    for hashed in ngram_hashes(_SEAM.join(texts)):
        weights = found.linear[(hashed >> shift).astype(np.int64)]
        total += np.add.reduceat(weights, np.minimum(starts, weights.size - 1))
    logits: NDArray[np.float64] = total / np.sqrt(3 * lengths)
    return [float(value) for value in logits]
