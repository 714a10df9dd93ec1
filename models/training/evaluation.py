"""How well scores rank the played track of each group."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Ranks:
    hit20: float
    mrr: float
    ndcg20: float

    def __str__(self) -> str:
        return f"held-out hit rate at 20 {self.hit20:.4f}, MRR {self.mrr:.4f}, NDCG at 20 {self.ndcg20:.4f}"


def ranks_of(scores: np.ndarray, present: np.ndarray) -> Ranks:
    """scores, present: (groups, slots); slot 0 was played. Among equals the played track comes last."""
    others = np.where(present, scores, -np.inf)[:, 1:]
    rank = (others >= scores[:, :1]).sum(1)
    return Ranks(
        hit20=float((rank < 20).mean()),
        mrr=float((1 / (rank + 1)).mean()),
        ndcg20=float(np.where(rank < 20, 1 / np.log2(rank + 2), 0).mean()),
    )
