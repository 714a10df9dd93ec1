"""Writes networks as one ONNX graph that takes raw features: NaN where a value is missing."""

from __future__ import annotations

from typing import Sequence

import numpy as np
from onnx import ModelProto, TensorProto, checker, helper, numpy_helper

from .network import CLIP, Params, Scaling

OPSET = 17
IR_VERSION = 8
INPUT = "features"


def build(members: Sequence[Params], scaling: Scaling, heads: Sequence[str], platts: dict[str, tuple[float, float]]) -> ModelProto:
    """One graph: the mean of the members' logits for `relevance`; for each outcome, its probability by `platts`."""
    graph = _Graph()
    x = graph.node("Sub", INPUT, graph.weight("mean", scaling.mean))
    x = graph.node("Div", x, graph.weight("deviation", scaling.deviation))
    absent = graph.node("IsNaN", x)
    x = graph.node("Where", absent, graph.weight("zero", np.float32(0)), x)
    x = graph.node("Clip", x, graph.weight("low", np.float32(-CLIP)), graph.weight("high", np.float32(CLIP)))
    flags = graph.node("Cast", absent, to=TensorProto.FLOAT) if len(scaling.missing) else None
    lasts = [_hidden(graph, x, flags, scaling, params, f"m{i}_") for i, params in enumerate(members)]
    # All heads of a member in one product, the calibration within its weights: a product of one column costs as much as one of
    # all, and to scale a column afterwards costs more than both.
    scores = [
        graph.node("Gemm", last, *_heads(graph, params, heads, platts, len(members), f"m{i}_"))
        for i, (params, last) in enumerate(zip(members, lasts))
    ]
    summed = scores[0] if len(scores) == 1 else graph.node("Sum", *scores)
    for head, column in zip(heads, graph.columns(summed, heads, platts)):
        if head in platts:
            graph.node("Sigmoid", column, output=head)
    model = helper.make_model(
        helper.make_graph(
            graph.nodes,
            "ranker",
            [helper.make_tensor_value_info(INPUT, TensorProto.FLOAT, ["rows", len(scaling.mean)])],
            [helper.make_tensor_value_info(head, TensorProto.FLOAT, ["rows", 1]) for head in heads],
            graph.weights,
        ),
        opset_imports=[helper.make_opsetid("", OPSET)],
        ir_version=IR_VERSION,
        producer_name="segue",
    )
    checker.check_model(model, full_check=True)
    return model


def _hidden(graph: "_Graph", x: str, flags: str | None, scaling: Scaling, params: Params, prefix: str) -> str:
    """The last hidden layer. The flags have a product of their own: gathering the columns that are missing at times
    would take three times as long as all else, so never-missing features get weights of zero instead."""
    for i, (weights, bias) in enumerate(params[:-1]):
        weights = np.asarray(weights, np.float32)
        own = weights[: len(scaling.mean)] if i == 0 else weights
        b = graph.weight(f"{prefix}b{i}", np.asarray(bias, np.float32))
        x = graph.node("Gemm", x, graph.weight(f"{prefix}w{i}", own), b)
        if i == 0 and flags is not None:
            of_flags = np.zeros_like(own)
            of_flags[scaling.missing] = weights[len(scaling.mean) :]
            x = graph.node("Gemm", flags, graph.weight(f"{prefix}flags", of_flags), x)
        x = graph.node("Relu", x)
    return x


def _heads(
    graph: "_Graph", params: Params, heads: Sequence[str], platts: dict[str, tuple[float, float]], members: int, prefix: str
) -> tuple[str, str]:
    """Weights and bias that give this member's part of each head's mean logit, scaled and shifted as its Platt scaling asks."""
    weights, bias = (np.asarray(part, np.float32) for part in params[-1])
    slopes, shifts = np.array([platts.get(head, (1.0, 0.0)) for head in heads], np.float32).T
    return (
        graph.weight(f"{prefix}heads_w", weights * slopes / members),
        graph.weight(f"{prefix}heads_b", (bias * slopes + shifts) / members),
    )


class _Graph:
    def __init__(self) -> None:
        self.nodes: list = []
        self.weights: list = []

    def weight(self, name: str, value: np.ndarray) -> str:
        self.weights.append(numpy_helper.from_array(np.asarray(value), name))
        return name

    def columns(self, scores: str, heads: Sequence[str], platts: dict[str, tuple[float, float]]) -> list[str]:
        """The columns of the scores, one a head; those that need nothing more have the head's name."""
        names = [f"{head}_logit" if head in platts else head for head in heads]
        if len(heads) == 1:
            self.nodes.append(helper.make_node("Identity", [scores], names))
        else:
            self.nodes.append(helper.make_node("Split", [scores], names, axis=1))
        return names

    def node(self, operator: str, *inputs: str, output: str | None = None, **attributes: object) -> str:
        name = output or f"t{len(self.nodes)}"
        self.nodes.append(helper.make_node(operator, list(inputs), [name], **attributes))
        return name
