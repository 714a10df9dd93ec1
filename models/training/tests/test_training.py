"""Trains on small groups made here: what it writes, what it refuses, and that a seed decides everything."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import numpy as np
import onnxruntime
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from training.train import main

FEATURES = ["signal", "noise", "sometimes_missing"]


def export(directory: Path, groups: int = 200, size: int = 12, seed: int = 0, outcomes: bool = False, **said: object) -> Path:
    """Groups in which the track with the largest signal, give or take, is the one that was played."""
    rng = np.random.default_rng(seed)
    directory.mkdir(parents=True, exist_ok=True)
    x = rng.normal(size=(groups * size, 3)).astype(np.float32)
    x[rng.random(len(x)) < 0.3, 2] = np.nan
    score = (3 * x[:, 0] + rng.gumbel(size=len(x))).reshape(groups, size)
    label = (score == score.max(1, keepdims=True)).ravel().astype(np.float32)
    complete = np.full(len(x), np.nan, np.float32)
    if outcomes:
        chance = 1 / (1 + np.exp(-4 * x[:, 1]))
        complete = np.where(label > 0, rng.random(len(x)) < chance, np.nan).astype(np.float32)
    table = {
        "group_id": np.repeat(np.arange(groups), size),
        "seq": np.repeat(np.arange(groups), size),
        "label": label,
        "y_complete": complete,
        "y_skip": 1 - complete,
        "y_save": np.full(len(x), np.nan, np.float32),
    } | {name: x[:, i] for i, name in enumerate(FEATURES)}
    pq.write_table(pa.table(table), directory / "examples.parquet")
    about = {
        "featureNames": FEATURES,
        "registryFingerprint": "registry",
        "dataFingerprint": "data",
        "window": {"firstMs": seed * 1000, "lastMs": seed * 1000 + 999},
        "recallAtWidth": 0.9,
    } | said
    (directory / "export.json").write_text(json.dumps(about))
    return directory


def train(examples: list[Path], out: Path, *more: str) -> int:
    small = ["--epochs", "3", "--ensemble", "2", "--held-out", "0.2", "--batch", "16", "--learning-rate", "0.01"]
    return main(["--examples", *map(str, examples), "--out", str(out), "--name", out.parent.name, *small, *more])


def scores_of(out: Path, rows: list[list[float | None]]) -> dict[str, np.ndarray]:
    session = onnxruntime.InferenceSession(str(out / "model.onnx"), providers=["CPUExecutionProvider"])
    x = np.array([[np.nan if value is None else value for value in row] for row in rows], np.float32)
    return dict(zip([output.name for output in session.get_outputs()], (column[:, 0] for column in session.run(None, {"features": x}))))


def test_learns_what_decides_and_writes_a_whole_bundle(tmp_path: Path) -> None:
    out = tmp_path / "next-track" / "1.0.0"
    assert train([export(tmp_path / "examples")], out) == 0
    manifest = json.loads((out / "manifest.json").read_text())
    golden = json.loads((out / "golden.json").read_text())
    assert sorted(path.name for path in out.parent.iterdir()) == ["1.0.0"]
    assert manifest["sha256"] == hashlib.sha256((out / "model.onnx").read_bytes()).hexdigest()
    assert (manifest["name"], manifest["version"], manifest["heads"]) == ("next-track", "1.0.0", ["relevance"])
    assert manifest["dataFingerprint"] == "data" and manifest["featureNames"] == FEATURES
    assert manifest["utility"] == {"bias": 0.0, "weights": {"relevance": 1.0}}
    assert manifest["calibration"]["relevance"]["a"] > 0
    assert manifest["metrics"]["mrr"] > 0.6
    given = scores_of(out, golden["rows"])["relevance"]
    np.testing.assert_allclose(given, golden["scores"]["relevance"], atol=1e-4)
    low, high = scores_of(out, [[-1, 0, 0], [1, 0, 0]])["relevance"]
    assert high > low + 1


def test_missing_values_are_scored(tmp_path: Path) -> None:
    out = tmp_path / "next-track" / "1.0.0"
    assert train([export(tmp_path / "examples")], out) == 0
    assert np.isfinite(scores_of(out, [[None, None, None], [0, None, 1]])["relevance"]).all()


def test_outcomes_become_calibrated_probabilities(tmp_path: Path) -> None:
    out = tmp_path / "next-track" / "1.0.0"
    assert train([export(tmp_path / "examples", groups=1500, outcomes=True)], out, "--epochs", "6") == 0
    manifest = json.loads((out / "manifest.json").read_text())
    assert manifest["heads"] == ["relevance", "p_complete", "p_skip"]
    weights = manifest["utility"]["weights"]
    assert set(weights) == {"p_complete", "p_skip"} and abs(sum(map(abs, weights.values())) - 1) < 1e-9
    scores = scores_of(out, [[2, -2, 0], [2, 2, 0]])
    assert scores["p_complete"][0] < 0.3 < 0.7 < scores["p_complete"][1]
    assert scores["p_skip"][1] < 0.3 < 0.7 < scores["p_skip"][0]


def test_a_seed_decides_everything(tmp_path: Path) -> None:
    examples = [export(tmp_path / "examples")]
    models = []
    for version, seed in (("1.0.0", "5"), ("1.0.1", "5"), ("1.0.2", "6")):
        out = tmp_path / "next-track" / version
        assert train(examples, out, "--seed", seed) == 0
        models.append((out / "model.onnx").read_bytes())
    assert models[0] == models[1] != models[2]


def test_learns_from_several_exports_and_binds_to_a_build(tmp_path: Path) -> None:
    early = export(tmp_path / "early", seed=1, dataFingerprint="early")
    late = export(tmp_path / "late", seed=2, dataFingerprint="late")
    out = tmp_path / "next-track" / "1.0.0"
    assert train([late, early], out) == 0
    manifest = json.loads((out / "manifest.json").read_text())
    assert manifest["dataFingerprint"] == "late"
    assert manifest["window"] == {"from": 1000, "to": 2999}
    assert manifest["metrics"]["groups"] + manifest["metrics"]["heldOutGroups"] == 400
    (tmp_path / "build.json").write_text(json.dumps({"dataFingerprint": "whole"}))
    assert train([late, early], out, "--replace", "--bind", str(tmp_path)) == 0
    assert json.loads((out / "manifest.json").read_text())["dataFingerprint"] == "whole"


def test_leaves_out_the_oldest_groups_beyond_its_memory(tmp_path: Path) -> None:
    from training.examples import read_exports, read_groups

    exports = read_exports([export(tmp_path / "examples", groups=100, size=10)])
    rows = pq.read_table(exports[0].files[0]).to_pydict()
    lines: list[str] = []
    train_groups, held = read_groups(exports, 0.1, 9, 10 * 3 * 4 * 50, np.random.default_rng(0), lines.append)
    assert (len(train_groups), len(held)) == (30, 10)
    assert "the oldest 60 groups are left out" in lines[0]
    played = [rows["signal"][i] for i, label in enumerate(rows["label"]) if label == 1]
    np.testing.assert_array_equal(train_groups.x[:, 0, 0], np.float32(played[60:90]))
    np.testing.assert_array_equal(held.x[:, 0, 0], np.float32(played[90:]))
    assert sorted(held.x[0, :, 0].tolist()) == sorted(np.float32(rows["signal"][900:910]).tolist())


@pytest.mark.parametrize(
    ("out", "more", "message"),
    [
        ("next-track/one", (), "--out: given"),
        ("Next/1.0.0", (), "--name: given 'Next'"),
        ("next-track/1.0.0", ("--held-out", "0.95"), "--held-out: given 0.95; allowed: more than 0"),
        ("next-track/1.0.0", ("--bind", "nowhere"), "--bind: nowhere"),
    ],
)
def test_refuses_options_by_name(tmp_path: Path, capsys: pytest.CaptureFixture[str], out: str, more: tuple[str, ...], message: str) -> None:
    assert train([export(tmp_path / "examples", groups=30)], tmp_path / out, *more) == 2
    assert message in capsys.readouterr().err


def test_refuses_examples_that_are_not_what_they_say(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "next-track" / "1.0.0"
    assert train([tmp_path / "nothing"], out) == 2
    assert "export.json" in capsys.readouterr().err
    assert train([export(tmp_path / "a", featureNames=[*FEATURES, "further"])], out) == 2
    assert "has no column further" in capsys.readouterr().err
    assert train([export(tmp_path / "b", groups=5)], out) == 2
    assert "given 5 groups with a played track; allowed: at least 20" in capsys.readouterr().err
    assert train([export(tmp_path / "c"), export(tmp_path / "d", seed=1, registryFingerprint="other")], out) == 2
    assert "its features are not those of" in capsys.readouterr().err
    assert not out.exists()


def test_does_not_overwrite_unless_told_to(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    examples = [export(tmp_path / "examples")]
    out = tmp_path / "next-track" / "1.0.0"
    assert train(examples, out) == 0
    assert train(examples, out) == 2
    assert "is there already" in capsys.readouterr().err
    assert train(examples, out, "--replace") == 0
