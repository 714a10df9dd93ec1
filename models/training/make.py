"""From groups to a bundle: fits the members, calibrates, writes the graph and checks it in the runtime."""

from __future__ import annotations

import argparse
from importlib.metadata import version
from pathlib import Path
from typing import Callable, Sequence

import numpy as np
import onnxruntime

from . import bundle, graph
from .calibration import platt, relevance_platt
from .evaluation import ranks_of
from .examples import OUTCOMES, Export, Groups, read_groups
from .fit import FitOptions, Fitting, scores_of
from .heads import outcome_heads, utility_of
from .network import Params, Scaling, scaling_of
from .problem import Problem

TOLERANCE = 1e-4
GOLDEN_ROWS = 32
COMBINATION = {"relevance": 1.0}


def make_bundle(
    options: argparse.Namespace,
    out: Path,
    exports: Sequence[Export],
    data_fingerprint: str,
    created_at: str,
    say: Callable[[str], None],
) -> dict[str, float]:
    """Writes the bundle and returns its metrics."""
    rng = np.random.default_rng(options.seed)
    train, held = read_groups(exports, options.held_out, options.negatives, options.memory_mb << 20, rng, say)
    outcomes = outcome_heads(train, held)
    heads = ["relevance", *(OUTCOMES[i] for i in outcomes)]
    say(f"{len(train)} groups of up to {train.x.shape[1]} to train on, {len(held)} held out; heads: {', '.join(heads)}")
    scaling = scaling_of(train.x, train.present)
    fit_options = FitOptions(options.epochs, options.batch, options.learning_rate, options.weight_decay)
    fitting = Fitting(train, held, scaling, outcomes, fit_options)
    members = []
    for i in range(options.ensemble):
        network = f"network {i + 1} of {options.ensemble}"
        fitted = fitting.fit(options.seed + i, lambda line, network=network: say(f"{network}, {line}"))
        say(f"{network}: kept as of epoch {fitted.epoch}")
        members.append(fitted.params)
    logits = np.mean([scores_of(params, scaling, held) for params in members], 0)
    ranks = ranks_of(logits[..., 0], held.present)
    say(f"together: {ranks}")

    a, b = relevance_platt(logits[..., 0], held.present)
    if a <= 0:
        raise Problem("the ranker learned nothing: on the held-out groups its scores do not favour what was played")
    platts = {OUTCOMES[i]: _outcome_platt(logits[:, 0, 1 + j], held.outcomes[:, i]) for j, i in enumerate(outcomes)}
    model = graph.build(members, scaling, heads, platts).SerializeToString()
    rows = _golden_rows(held, rng)
    scores = _reference(members, scaling, heads, platts, rows)
    _check(model, rows, scores)

    metrics = {
        "ndcg20": ranks.ndcg20,
        "mrr": ranks.mrr,
        "hitRate20": ranks.hit20,
        "groups": float(len(train)),
        "heldOutGroups": float(len(held)),
        "recallAtWidth": exports[-1].recall_at_width,
    }
    calibration = {"relevance": {"kind": "platt", "a": a, "b": b}} | {head: {"kind": "identity"} for head in platts}
    manifest = {
        "format": 1,
        "name": options.name,
        "version": out.name,
        "featureNames": list(exports[0].features),
        "registryFingerprint": exports[0].registry_fingerprint,
        "heads": heads,
        "combination": COMBINATION,
        "calibration": calibration,
        "utility": utility_of(list(platts)),
        "dataFingerprint": data_fingerprint,
        "window": {"from": min(export.first for export in exports), "to": max(export.last for export in exports)},
        "metrics": metrics,
        "framework": f"jax {version('jax')}, onnx {version('onnx')}",
        "createdAt": created_at,
    }
    combined = sum(weight * scores[head] for head, weight in COMBINATION.items())
    bundle.write(out, model, bundle.golden_of(rows, scores, combined), manifest)
    say(f"wrote {out}")
    return metrics


def _outcome_platt(logits: np.ndarray, outcome: np.ndarray) -> tuple[float, float]:
    known = ~np.isnan(outcome)
    return platt(logits[known], outcome[known] > 0.5)


def _golden_rows(held: Groups, rng: np.random.Generator) -> np.ndarray:
    """Held-out rows, then one with everything missing and one of zeros."""
    rows = held.x[held.present]
    chosen = rows[rng.choice(len(rows), min(GOLDEN_ROWS, len(rows)), replace=False)]
    width = rows.shape[1]
    return np.concatenate([chosen, np.full((1, width), np.nan), np.zeros((1, width))]).astype(np.float32)


def _reference(members: Sequence[Params], scaling: Scaling, heads: Sequence[str], platts: dict, rows: np.ndarray) -> dict[str, np.ndarray]:
    """What the graph must give, by JAX."""
    one = Groups(x=rows[None], present=np.ones((1, len(rows)), bool), outcomes=np.empty((1, 0)))
    logits = np.mean([scores_of(params, scaling, one, batch=1)[0] for params in members], 0)
    scores = {"relevance": logits[:, 0]}
    for i, head in enumerate(heads[1:], 1):
        a, b = platts[head]
        scores[head] = 1 / (1 + np.exp(-(a * logits[:, i] + b)))
    return scores


def _check(model: bytes, rows: np.ndarray, expected: dict[str, np.ndarray]) -> None:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    session = onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
    given = dict(zip([output.name for output in session.get_outputs()], (column[:, 0] for column in session.run(None, {graph.INPUT: rows}))))
    for head, scores in expected.items():
        off = np.abs(given[head] - scores) - TOLERANCE * np.maximum(1, np.abs(scores))
        if not np.all(off <= 0):
            raise Problem(f"{head}: the ONNX graph and JAX differ by more than {TOLERANCE} (row {int(np.argmax(off))})")
