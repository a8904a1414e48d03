"""Training of the small character convolutions with torch (training only, never imported at run time) (QA2)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional as fn

EMBEDDING, FILTERS, WIDTHS = 48, 64, (1, 2, 3, 4)
BATCH, RATE, DECAY, SMOOTHING, MAX_LENGTH = 64, 2e-3, 1e-2, 0.1, 160
EMBEDDING_RATE = 5e-4
SPREAD = 0.3
DROP_CHAR, DROP_ROW, DROP_OUT = 0.1, 0.2, 0.5

Ids = list[NDArray[np.int64]]
Parameters = dict[str, Tensor]


@dataclass(frozen=True)
class NetworkArrays:
    """A trained network as numpy arrays: float32 parameters by name."""

    values: dict[str, NDArray[np.float32]]
    widths: tuple[int, ...] = WIDTHS

    def packed(self) -> dict[str, NDArray[np.generic]]:
        """Arrays for the weights file: embedding rows in 8 bits with a scale per row, the rest in 16-bit floats."""
        rows = self.values["embedding"]
        scale = np.maximum(np.abs(rows).max(axis=1), 1e-9) / 127
        out: dict[str, NDArray[np.generic]] = {
            "embedding": np.round(rows / scale[:, None]).astype(np.int8),
            "scale": scale.astype(np.float32),
            "out": self.values["out"].astype(np.float16),
            "bias": self.values["bias"].astype(np.float32),
        }
        for width in self.widths:
            kernel = self.values[f"kernel{width}"]
            out[f"kernel{width}"] = kernel.transpose(2, 1, 0).reshape(-1, kernel.shape[0]).astype(np.float16)
            out[f"shift{width}"] = self.values[f"shift{width}"].astype(np.float16)
        return out


def pretrained(vectors: NDArray[np.float32]) -> NDArray[np.float32]:
    """Start of the embedding from wider character vectors: their first principal components with a common spread."""
    centred = vectors - vectors.mean(axis=0)
    axes = np.linalg.svd(centred, full_matrices=False)[2][:EMBEDDING]
    rows = centred @ axes.T
    return np.asarray(rows / rows.std() * SPREAD, np.float32)


def _parameters(start: NDArray[np.float32], seed: int) -> Parameters:
    """Random filters; the embedding begins with `start` below the rows for padding and unknown characters."""
    source = torch.Generator().manual_seed(seed)
    special = torch.randn(2, EMBEDDING, generator=source) * SPREAD
    special[0] = 0.0
    values = {"embedding": torch.cat([special, torch.from_numpy(start)])}
    for width in WIDTHS:
        bound = (EMBEDDING * width) ** -0.5
        values[f"kernel{width}"] = (torch.rand(FILTERS, EMBEDDING, width, generator=source) * 2 - 1) * bound
        values[f"shift{width}"] = torch.zeros(FILTERS)
    values["out"] = (torch.rand(FILTERS * len(WIDTHS), generator=source) * 2 - 1) * (FILTERS * len(WIDTHS)) ** -0.5
    values["bias"] = torch.zeros(1)
    return values


def _logits(values: Parameters, batch: Tensor, training: bool) -> Tensor:
    rows = fn.embedding(batch, values["embedding"], padding_idx=0)
    if training:
        rows = rows * (torch.rand(batch.shape) > DROP_CHAR).unsqueeze(-1)
    rows = fn.dropout(rows, DROP_ROW, training).transpose(1, 2)
    pooled = [fn.relu(fn.conv1d(rows, values[f"kernel{w}"], values[f"shift{w}"], padding=w)).amax(-1) for w in WIDTHS]
    return fn.dropout(torch.cat(pooled, 1), DROP_OUT, training) @ values["out"] + values["bias"]


def _padded(ids: Ids) -> Tensor:
    out = np.zeros((len(ids), max(row[:MAX_LENGTH].size for row in ids)), np.int64)
    for index, row in enumerate(ids):
        out[index, : min(row.size, MAX_LENGTH)] = row[:MAX_LENGTH]
    return torch.from_numpy(out)


def _batches(ids: Ids, size: int, random: np.random.Generator | None) -> list[NDArray[np.int64]]:
    """Row numbers of sentences of like length; shuffled when `random` is given."""
    lengths = np.array([row.size for row in ids]) + (random.random(len(ids)) * 6 if random else 0)
    order = np.argsort(lengths, kind="stable")
    groups = [order[i : i + size] for i in range(0, order.size, size)]
    return [groups[i] for i in random.permutation(len(groups))] if random else groups


def fit_network(
    ids: Ids, labels: NDArray[np.int64], start: NDArray[np.float32], *, seed: int, epochs: int, step: Callable[[], None] = lambda: None
) -> NetworkArrays:
    """Train one network on one thread; `step` is called after every epoch."""
    torch.manual_seed(seed)
    torch.set_num_threads(1)
    random = np.random.default_rng(seed)
    values = {name: value.requires_grad_() for name, value in _parameters(start, seed).items()}
    steps = epochs * -(-len(ids) // BATCH)
    rest = [value for name, value in values.items() if name != "embedding"]
    groups = [{"params": [values["embedding"]], "lr": EMBEDDING_RATE}, {"params": rest, "lr": RATE}]
    optimiser = torch.optim.AdamW(groups, weight_decay=DECAY)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, [EMBEDDING_RATE, RATE], total_steps=steps + 1, pct_start=0.15)
    target = torch.from_numpy(labels.astype(np.float32)) * (1 - 2 * SMOOTHING) + SMOOTHING
    for _ in range(epochs):
        for batch in _batches(ids, BATCH, random):
            logits = _logits(values, _padded([ids[i] for i in batch]), training=True)
            optimiser.zero_grad()
            torch.autograd.backward(fn.binary_cross_entropy_with_logits(logits, target[torch.from_numpy(batch)]))
            optimiser.step()
            schedule.step()
        step()
    return NetworkArrays({name: value.detach().numpy() for name, value in values.items()})


def network_logits(net: NetworkArrays, ids: Ids) -> NDArray[np.float64]:
    """Raw scores of sentences, in order."""
    values = {name: torch.from_numpy(value) for name, value in net.values.items()}
    out = np.zeros(len(ids))
    with torch.no_grad():
        for batch in _batches(ids, 256, None):
            out[batch] = _logits(values, _padded([ids[i] for i in batch]), training=False).numpy()
    return out
