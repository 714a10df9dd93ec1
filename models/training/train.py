"""`python -m training.train`: examples in, a bundle out."""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
from datetime import datetime, timezone
from pathlib import Path

# One thread, so that a seed gives the same bundle on every machine of a kind; set before JAX is loaded.
os.environ["JAX_PLATFORMS"] = "cpu"
os.environ["XLA_FLAGS"] = "--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1"

from .problem import Problem  # noqa: E402

HELP = """
Trains a next-track ranker from examples and writes it as a bundle: model.onnx, manifest.json, golden.json.

DIR is what `segue features export` wrote. Give several, of worlds built at different times, and the ranker learns from all.
It is a small neural network (two hidden layers of 64 and 32), trained to tell the track that was played from the others of
its group; where outcomes are known, it also learns the probabilities of completion, skip and save. The last groups in time
are held out: they choose the epoch and calibrate the scores.

A bundle serves only the world whose data it is bound to: that of the latest examples, unless --bind or --data-fingerprint
names another, such as the full build that is to be served.
"""

EXAMPLE = """
example:
  segue features export --plays plays.csv --surface radio --out examples
  npm run train -- --examples examples --out models/next-track/1.0.1 --name next-track --bind build
"""


def arguments(argv: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m training.train",
        description=HELP,
        epilog=EXAMPLE,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--examples", metavar="DIR", type=Path, nargs="+", required=True, help="exported examples")
    parser.add_argument("--out", metavar="DIR", type=Path, required=True, help="the bundle: <models>/<name>/<version>")
    parser.add_argument("--name", default="next-track", help="name of the ranker (default: %(default)s)")
    parser.add_argument("--replace", action="store_true", help="replace a bundle that is there")
    parser.add_argument("--bind", metavar="DIR", type=Path, help="bind it to the build in DIR (its build.json)")
    parser.add_argument("--data-fingerprint", metavar="HEX", help="bind it to the data of this fingerprint")
    parser.add_argument("--seed", type=int, default=1, help="(default: %(default)s)")
    parser.add_argument("--epochs", type=_whole(1, 1000), default=4, help="at most so many (default: %(default)s)")
    parser.add_argument("--ensemble", type=_whole(1, 16), default=1, help="networks to average (default: %(default)s)")
    parser.add_argument("--negatives", type=_whole(1, 4095), default=120, help="other tracks of a group to train on (default: %(default)s)")
    parser.add_argument("--batch", type=_whole(1, 4096), default=64, help="groups a step (default: %(default)s)")
    parser.add_argument("--learning-rate", type=float, default=2e-3, help="at its highest (default: %(default)s)")
    parser.add_argument("--weight-decay", type=float, default=1e-4, help="(default: %(default)s)")
    parser.add_argument("--held-out", type=float, default=0.1, help="share of the groups, the last in time (default: %(default)s)")
    parser.add_argument("--memory-mb", type=_whole(64, 1_000_000), default=2048, help="for examples; the oldest are left out beyond (default: %(default)s)")
    parser.add_argument("--json", action="store_true", help="print the result as JSON")
    return parser.parse_args(argv)


def _whole(least: int, most: int):
    def parse(text: str) -> int:
        value = int(text)
        if not least <= value <= most:
            raise argparse.ArgumentTypeError(f"given {text}; allowed: {least} to {most}")
        return value

    parse.__name__ = "whole number"
    return parse


def main(argv: list[str] | None = None) -> int:
    """0 when the bundle is written, 2 when the input does not allow it."""
    options = arguments(argv)
    started = time.monotonic()

    def say(line: str) -> None:
        print(f"[{time.monotonic() - started:6.1f} s] {line}", file=sys.stderr, flush=True)

    try:
        result = _run(options, say)
    except Problem as problem:
        print(f"train: {problem}", file=sys.stderr)
        return 2
    result["seconds"] = round(time.monotonic() - started, 1)
    if options.json:
        print(json.dumps(result))
    else:
        print(f"{result['id']} in {result['out']}: {result['metrics']['groups']:.0f} groups, NDCG at 20 {result['metrics']['ndcg20']:.4f}")
    return 0


def _run(options: argparse.Namespace, say) -> dict:
    if not 0 < options.held_out < 0.9:
        raise Problem(f"--held-out: given {options.held_out}; allowed: more than 0, less than 0.9")
    from .bundle import check_out
    from .examples import read_exports

    out = options.out.absolute()
    check_out(out, options.name, options.replace)
    exports = read_exports(options.examples)
    fingerprint = _bound_to(options, exports[-1].data_fingerprint)
    from .make import make_bundle

    created_at = datetime.now(timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
    metrics = make_bundle(options, out, exports, fingerprint, created_at, say)
    return {"id": f"{options.name}@{out.name}", "out": str(options.out), "dataFingerprint": fingerprint, "metrics": metrics}


def _bound_to(options: argparse.Namespace, trained_on: str) -> str:
    if options.bind is not None and options.data_fingerprint is not None:
        raise Problem("--bind, --data-fingerprint: both were given; allowed: one of them")
    if options.data_fingerprint is not None:
        return options.data_fingerprint
    if options.bind is None:
        return trained_on
    path = options.bind / "build.json" if options.bind.is_dir() else options.bind
    try:
        return str(json.loads(path.read_text())["dataFingerprint"])
    except (OSError, ValueError, KeyError) as error:
        raise Problem(f"--bind: {path}: {error!r}; allowed: a directory that `segue build` wrote") from error


if __name__ == "__main__":
    sys.exit(main())
