"""Platt's scaling: scores to probabilities. Platt (1999), with Lin, Lin and Weng's (2007) targets."""

from __future__ import annotations

import numpy as np


def platt(scores: np.ndarray, positive: np.ndarray, weights: np.ndarray | None = None) -> tuple[float, float]:
    """a, b of 1 / (1 + exp(-(a score + b))), by Newton's method on the weighted log loss."""
    s = scores.astype(np.float64)
    y = positive.astype(bool)
    w = np.ones(len(s)) if weights is None else weights.astype(np.float64)
    yes, no = y.sum(), (~y).sum()
    target = np.where(y, (yes + 1) / (yes + 2), 1 / (no + 2))
    center, spread = s.mean(), s.std() or 1.0
    design = np.stack([(s - center) / spread, np.ones(len(s))], 1)
    theta = np.zeros(2)
    for _ in range(100):
        p = 1 / (1 + np.exp(-np.clip(design @ theta, -30, 30)))
        gradient = design.T @ (w * (p - target))
        curvature = design.T @ (design * (w * p * (1 - p))[:, None]) + 1e-9 * np.eye(2)
        step = np.linalg.solve(curvature, gradient)
        theta -= step * min(1.0, 5.0 / (np.abs(step).max() or 1.0))
        if np.abs(step).max() < 1e-9:
            break
    a = theta[0] / spread
    return float(a), float(theta[1] - a * center)


def relevance_platt(scores: np.ndarray, present: np.ndarray) -> tuple[float, float]:
    """Of the listwise scores (groups, slots), slot 0 played: the probability that a track is the one that was played,
    where it is as likely to be that as any of the others of its group. Played and other tracks weigh the same in all."""
    positive = np.zeros_like(present)
    positive[:, 0] = True
    weights = np.where(positive, 1.0, 1.0 / np.maximum(present.sum(1, keepdims=True) - 1, 1))
    return platt(scores[present], positive[present], weights[present])
