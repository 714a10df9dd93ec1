"""Writes a bundle: model.onnx, golden.json, manifest.json, published at once by a rename."""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
from pathlib import Path

import numpy as np

from .problem import Problem

NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,63}")
VERSION = re.compile(r"\d{1,9}\.\d{1,9}\.\d{1,9}(-[0-9A-Za-z.-]{1,32})?")


def check_out(out: Path, name: str, replace: bool) -> None:
    """Raises Problem when a bundle `name` may not be written to `out`."""
    if not NAME.fullmatch(name):
        raise Problem(f"--name: given {name!r}; allowed: lower-case letters, digits and `-`, at most 64")
    if not VERSION.fullmatch(out.name) or out.parent.name != name:
        raise Problem(f"--out: given {out}; allowed: a path that ends in {name}/<version>, the version as 1.0.0")
    if out.exists() and not replace:
        raise Problem(f"--out: {out} is there already; give another version, or --replace")


def write(out: Path, model: bytes, golden: dict, manifest: dict) -> None:
    """The manifest, with the model's sha256, goes last; whoever looks sees all of the bundle or none of it."""
    out.parent.mkdir(parents=True, exist_ok=True)
    beside = out.parent / f".{out.name}.{os.getpid()}.part"
    shutil.rmtree(beside, ignore_errors=True)
    beside.mkdir()
    try:
        _write(beside / "model.onnx", model)
        _write(beside / "golden.json", _json(golden))
        _write(beside / "manifest.json", _json(manifest | {"sha256": hashlib.sha256(model).hexdigest()}, indent=2))
        old = out.parent / f".{out.name}.{os.getpid()}.old"
        if out.exists():
            out.rename(old)
        beside.rename(out)
        shutil.rmtree(old, ignore_errors=True)
    finally:
        shutil.rmtree(beside, ignore_errors=True)


def golden_of(rows: np.ndarray, scores: dict[str, np.ndarray], combined: np.ndarray) -> dict:
    """rows: (n, features), NaN where missing, which JSON writes as null."""
    return {
        "rows": [[None if np.isnan(value) else float(value) for value in row] for row in rows],
        "scores": {head: [float(score) for score in values] for head, values in scores.items()},
        "combined": [float(score) for score in combined],
    }


def _write(path: Path, data: bytes) -> None:
    with path.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())


def _json(value: object, indent: int | None = None) -> bytes:
    return (json.dumps(value, allow_nan=False, indent=indent) + "\n").encode()
