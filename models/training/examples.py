"""Reads exported examples: `examples.parquet` and `export.json`, with memory bounded by what is kept."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Callable, Iterator, Sequence

import numpy as np
import pyarrow.parquet as pq

from .problem import Problem

OUTCOMES = ("p_complete", "p_skip", "p_save")
COLUMN_OF = {"p_complete": "y_complete", "p_skip": "y_skip", "p_save": "y_save"}
BATCH_ROWS = 65_536


@dataclass(frozen=True)
class Export:
    """One directory of examples, and what it says of itself."""

    directory: Path
    files: tuple[Path, ...]
    features: tuple[str, ...]
    registry_fingerprint: str
    data_fingerprint: str
    first: float
    last: float
    recall_at_width: float


@dataclass(frozen=True)
class Groups:
    """Groups in time order; slot 0 of each is the track that was played.

    x: (groups, slots, features) float32, NaN where missing
    present: (groups, slots) bool, False where a group has fewer candidates
    outcomes: (groups, 3) float32 in the order of OUTCOMES, of the played track; NaN where unknown
    """

    x: np.ndarray
    present: np.ndarray
    outcomes: np.ndarray

    def __len__(self) -> int:
        return len(self.x)


def read_export(directory: Path) -> Export:
    """Raises Problem when `export.json` is missing, or lacks what a bundle must state."""
    path = directory / "export.json"
    try:
        said = json.loads(path.read_text())
    except (OSError, ValueError) as error:
        raise Problem(f"{path}: {error}; allowed: what `segue features export` wrote") from error
    for key in ("featureNames", "registryFingerprint", "dataFingerprint", "window"):
        if key not in said:
            raise Problem(f"{path}: has no {key}")
    files = tuple(sorted(directory.glob("*.parquet")))
    if not files:
        raise Problem(f"{directory}: holds no Parquet file of examples")
    window = said["window"]
    return Export(
        directory=directory,
        files=files,
        features=tuple(said["featureNames"]),
        registry_fingerprint=said["registryFingerprint"],
        data_fingerprint=said["dataFingerprint"],
        first=window.get("firstMs", window.get("from")),
        last=window.get("lastMs", window.get("to")),
        recall_at_width=float(said.get("recallAtWidth", 0)),
    )


def read_exports(directories: Sequence[Path]) -> list[Export]:
    """In time order. Raises Problem when they were not made by one feature registry."""
    exports = sorted((read_export(directory) for directory in directories), key=lambda export: export.first)
    for export in exports[1:]:
        if (export.features, export.registry_fingerprint) != (exports[0].features, exports[0].registry_fingerprint):
            raise Problem(f"{export.directory}: its features are not those of {exports[0].directory}; export both again")
    return exports


@dataclass
class _Index:
    """Where the groups of one export are: one entry a row, in file order; a dozen bytes each."""

    group: np.ndarray  # int32, 0 to the number of groups - 1
    label: np.ndarray
    order: np.ndarray  # of the groups, by seq


def read_groups(
    exports: Sequence[Export],
    held_out: float,
    negatives: int,
    memory_bytes: int,
    rng: np.random.Generator,
    say: Callable[[str], None],
) -> tuple[Groups, Groups]:
    """The groups to train on, with sampled negatives, and the held-out last ones in time, with all candidates.

    Where all would not fit into `memory_bytes`, the oldest groups are left out.
    """
    features = exports[0].features
    indices = [_index(export) for export in exports]
    counts = [len(index.order) for index in indices]
    total = sum(counts)
    if total < 20:
        raise Problem(f"examples: given {total} groups with a played track; allowed: at least 20")
    held_count = max(1, round(total * held_out))
    row_bytes = 4 * len(features)
    held_width = max(int(np.bincount(index.group).max()) for index in indices)
    train_width = min(held_width, 1 + negatives)
    held_count = min(held_count, max(1, int(0.4 * memory_bytes / (row_bytes * held_width))))
    train_count = min(total - held_count, max(1, int(0.6 * memory_bytes / (row_bytes * train_width))))
    skipped = total - held_count - train_count
    if skipped > 0:
        say(f"the oldest {skipped} groups are left out, to stay inside {memory_bytes >> 20} MB")
    train = _empty(train_count, train_width, len(features))
    held = _empty(held_count, held_width, len(features))
    place = -skipped  # of the next group in time: in `train` from 0, in `held` after it
    for export, index, count in zip(exports, indices, counts):
        places = np.full(int(index.group.max()) + 1, -1, np.int64)
        places[index.order] = np.arange(place, place + count)
        _fill(export, index, places, train, held, rng)
        place += count
        say(f"read {export.directory}: {count} groups")
    return train, held


def _empty(groups: int, slots: int, features: int) -> Groups:
    return Groups(
        x=np.full((groups, slots, features), np.nan, np.float32),
        present=np.zeros((groups, slots), bool),
        outcomes=np.full((groups, len(OUTCOMES)), np.nan, np.float32),
    )


def _index(export: Export) -> _Index:
    ids, labels, seqs = [], [], []
    for batch in _batches(export, ["group_id", "label", "seq"]):
        ids.append(batch["group_id"])
        labels.append(batch["label"] > 0.5)
        seqs.append(batch["seq"])
    if not ids:
        raise Problem(f"{export.directory}: its examples are empty")
    raw, label, seq = np.concatenate(ids), np.concatenate(labels), np.concatenate(seqs)
    known, first, group = np.unique(raw, return_index=True, return_inverse=True)
    positives = np.bincount(group[label], minlength=len(known))
    if positives.max(initial=0) > 1:
        odd = int(known[np.argmax(positives)])
        raise Problem(f"{export.directory}: group_id {odd} has {positives.max()} rows of label 1; allowed: 1")
    usable = np.flatnonzero((positives == 1) & (np.bincount(group) > 1))
    order = usable[np.lexsort((known[usable], seq[first[usable]]))]
    return _Index(group=group.astype(np.int32), label=label, order=order)


def _fill(export: Export, index: _Index, places: np.ndarray, train: Groups, held: Groups, rng: np.random.Generator) -> None:
    slots = _slots(index, places, len(train), train.x.shape[1], rng)
    at = 0
    columns = [*export.features, *COLUMN_OF.values()]
    for batch in _batches(export, columns):
        count = len(batch[columns[0]])
        rows = slice(at, at + count)
        at += count
        place, slot = places[index.group[rows]], slots[rows]
        for groups, first in ((train, 0), (held, len(train))):
            kept = np.flatnonzero((slot >= 0) & (place >= first) & (place < first + len(groups)))
            to, into = place[kept] - first, slot[kept]
            groups.present[to, into] = True
            for i, name in enumerate(export.features):
                groups.x[to, into, i] = batch[name][kept]
            played = kept[into == 0]
            for i, head in enumerate(OUTCOMES):
                groups.outcomes[place[played] - first, i] = batch[COLUMN_OF[head]][played]


def _slots(index: _Index, places: np.ndarray, train_count: int, width: int, rng: np.random.Generator) -> np.ndarray:
    """Slot of each row in its group: 0 for the played track, 1, 2, ... for the others in random order; -1 to drop."""
    chance = rng.random(len(index.group), np.float32)
    chance[index.label] = -1
    order = np.lexsort((chance, index.group))
    sizes = np.bincount(index.group)
    starts = np.cumsum(sizes) - sizes
    slots = np.empty(len(order), np.int32)
    slots[order] = np.arange(len(order)) - np.repeat(starts, sizes)
    place = places[index.group]
    slots[(place < 0) | ((place < train_count) & (slots >= width))] = -1
    return slots


def _batches(export: Export, columns: list[str]) -> Iterator[dict[str, np.ndarray]]:
    for path in export.files:
        try:
            file = pq.ParquetFile(path)
        except Exception as error:
            raise Problem(f"{path}: is no Parquet file ({error})") from error
        present = set(file.schema_arrow.names)
        optional = set(COLUMN_OF.values())
        for name in columns:
            if name not in present and name not in optional:
                raise Problem(f"{path}: has no column {name}")
        for batch in file.iter_batches(BATCH_ROWS, columns=[name for name in columns if name in present]):
            read = {}
            for name in columns:
                if name in present:
                    read[name] = batch.column(name).to_numpy(zero_copy_only=False)
                else:
                    read[name] = np.full(batch.num_rows, np.nan, np.float32)
            yield read
