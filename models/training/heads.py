"""Which heads a ranker gets, and how utility is made of them."""

from __future__ import annotations

import numpy as np

from .examples import OUTCOMES, Groups

#: An outcome gets a head when so many of each kind are known, to train and to calibrate on.
TRAIN_MIN = 50
HELD_MIN = 10

#: What an outcome is worth; utility is their weighted sum, moved and scaled into [0, 1].
WORTH = {"p_complete": 0.5, "p_skip": -0.3, "p_save": 0.2}


def outcome_heads(train: Groups, held: Groups) -> tuple[int, ...]:
    """Indices into OUTCOMES of those with enough examples of both kinds."""
    return tuple(
        i
        for i in range(len(OUTCOMES))
        if _least(train.outcomes[:, i]) >= TRAIN_MIN and _least(held.outcomes[:, i]) >= HELD_MIN
    )


def _least(outcomes: np.ndarray) -> int:
    known = outcomes[~np.isnan(outcomes)]
    return int(min((known > 0.5).sum(), (known <= 0.5).sum()))


def utility_of(outcomes: list[str]) -> dict:
    """Of the calibrated outcomes; of calibrated relevance where there are none."""
    if not outcomes:
        return {"bias": 0.0, "weights": {"relevance": 1.0}}
    scale = sum(abs(WORTH[head]) for head in outcomes)
    weights = {head: WORTH[head] / scale for head in outcomes}
    return {"bias": -sum(min(0.0, weight) for weight in weights.values()), "weights": weights}
