"""Writes a bundle whose model takes about a millisecond for 500 rows: a wider network with random weights.

usage: slow_model.py SHIPPED_BUNDLE OUT_BUNDLE
"""

import hashlib
import json
import sys
from pathlib import Path

import numpy as np
import onnxruntime
from onnx import TensorProto, helper, numpy_helper

LAYERS = (512, 256, 128)

shipped, out = Path(sys.argv[1]), Path(sys.argv[2])
manifest = json.loads((shipped / "manifest.json").read_text())
rows = json.loads((shipped / "golden.json").read_text())["rows"]
random = np.random.default_rng(1)
nodes, weights = [], []


def weight(name: str, value: np.ndarray) -> str:
    weights.append(numpy_helper.from_array(value.astype(np.float32), name))
    return name


def gemm(x: str, inputs: int, outputs: int, name: str) -> str:
    w = weight(f"{name}_w", random.standard_normal((inputs, outputs)) / np.sqrt(inputs))
    nodes.append(helper.make_node("Gemm", [x, w, weight(f"{name}_b", np.zeros(outputs))], [name]))
    return name


width = len(manifest["featureNames"])
nodes.append(helper.make_node("IsNaN", ["features"], ["absent"]))
nodes.append(helper.make_node("Where", ["absent", weight("zero", np.zeros(())), "features"], ["present"]))
weight("low", np.array(-5)), weight("high", np.array(5))
nodes.append(helper.make_node("Clip", ["present", "low", "high"], ["x"]))
x = "x"
for i, layer in enumerate(LAYERS):
    hidden = gemm(x, width, layer, f"layer{i}")
    nodes.append(helper.make_node("Relu", [hidden], [f"relu{i}"]))
    x, width = f"relu{i}", layer
for head in manifest["heads"]:
    logit = gemm(x, width, 1, head if head == "relevance" else f"{head}_logit")
    if head != "relevance":
        nodes.append(helper.make_node("Sigmoid", [logit], [head]))

model = helper.make_model(
    helper.make_graph(
        nodes,
        "slow",
        [helper.make_tensor_value_info("features", TensorProto.FLOAT, ["rows", len(manifest["featureNames"])])],
        [helper.make_tensor_value_info(head, TensorProto.FLOAT, ["rows", 1]) for head in manifest["heads"]],
        weights,
    ),
    opset_imports=[helper.make_opsetid("", 17)],
    ir_version=8,
).SerializeToString()

session = onnxruntime.InferenceSession(model, providers=["CPUExecutionProvider"])
matrix = np.array([[np.nan if value is None else value for value in row] for row in rows], np.float32)
scores = dict(zip(manifest["heads"], session.run(manifest["heads"], {"features": matrix})))
combined = sum(scores[head] * share for head, share in manifest["combination"].items())
golden = {
    "rows": rows,
    "scores": {head: [float(score) for score in values.ravel()] for head, values in scores.items()},
    "combined": [float(score) for score in combined.ravel()],
}
manifest |= {"name": out.parent.name, "version": out.name, "sha256": hashlib.sha256(model).hexdigest(), "framework": "random weights"}
out.mkdir(parents=True)
(out / "model.onnx").write_bytes(model)
(out / "golden.json").write_text(json.dumps(golden))
(out / "manifest.json").write_text(json.dumps(manifest))
