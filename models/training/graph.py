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
    for column, head in enumerate(heads):
        logits = []
        for i, (params, last) in enumerate(zip(members, lasts)):
            weights, bias = (np.asarray(part, np.float32)[..., column : column + 1] for part in params[-1])
            w, b = graph.weight(f"m{i}_{head}_w", weights), graph.weight(f"m{i}_{head}_b", bias)
            logits.append(graph.node("Gemm", last, w, b, output=None if len(members) > 1 or head in platts else head))
        mean = logits[0]
        if len(members) > 1:
            mean = graph.node("Mean", *logits, output=None if head in platts else head)
        if head in platts:
            a, b = platts[head]
            scaled = graph.node("Mul", mean, graph.weight(f"{head}_a", np.float32(a)))
            shifted = graph.node("Add", scaled, graph.weight(f"{head}_b", np.float32(b)))
            graph.node("Sigmoid", shifted, output=head)
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


class _Graph:
    def __init__(self) -> None:
        self.nodes: list = []
        self.weights: list = []

    def weight(self, name: str, value: np.ndarray) -> str:
        self.weights.append(numpy_helper.from_array(np.asarray(value), name))
        return name

    def node(self, operator: str, *inputs: str, output: str | None = None, **attributes: object) -> str:
        name = output or f"t{len(self.nodes)}"
        self.nodes.append(helper.make_node(operator, list(inputs), [name], **attributes))
        return name
