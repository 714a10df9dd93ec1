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
    if len(scaling.missing):
        flags = graph.node("Cast", absent, to=TensorProto.FLOAT)
        flags = graph.node("Gather", flags, graph.weight("missing", scaling.missing.astype(np.int64)), axis=1)
        x = graph.node("Concat", x, flags, axis=1)
    logits = [_member(graph, x, params, f"m{i}_") for i, params in enumerate(members)]
    mean = logits[0] if len(logits) == 1 else graph.node("Mean", *logits)
    for i, head in enumerate(heads):
        column = graph.node("Gather", mean, graph.weight(f"{head}_column", np.int64(i)), axis=1)
        if head in platts:
            a, b = platts[head]
            scaled = graph.node("Mul", column, graph.weight(f"{head}_a", np.float32(a)))
            shifted = graph.node("Add", scaled, graph.weight(f"{head}_b", np.float32(b)))
            graph.node("Sigmoid", shifted, output=head)
        else:
            graph.node("Identity", column, output=head)
    model = helper.make_model(
        helper.make_graph(
            graph.nodes,
            "ranker",
            [helper.make_tensor_value_info(INPUT, TensorProto.FLOAT, ["rows", len(scaling.mean)])],
            [helper.make_tensor_value_info(head, TensorProto.FLOAT, ["rows"]) for head in heads],
            graph.weights,
        ),
        opset_imports=[helper.make_opsetid("", OPSET)],
        ir_version=IR_VERSION,
        producer_name="segue",
    )
    checker.check_model(model, full_check=True)
    return model


def _member(graph: "_Graph", x: str, params: Params, prefix: str) -> str:
    for i, (weights, bias) in enumerate(params):
        w = graph.weight(f"{prefix}w{i}", np.asarray(weights, np.float32))
        b = graph.weight(f"{prefix}b{i}", np.asarray(bias, np.float32))
        x = graph.node("Gemm", x, w, b)
        if i < len(params) - 1:
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
