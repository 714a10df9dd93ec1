"""The model: standardised features with flags for the missing ones, two hidden layers, one output a head."""

from __future__ import annotations

from typing import NamedTuple, Sequence

import jax
import jax.numpy as jnp
import numpy as np

#: Standardised values are cut here: a feature far outside of what was trained on says no more than its limit.
CLIP = 5.0
LAYERS = (64, 32)

Params = list[tuple[jax.Array, jax.Array]]


class Scaling(NamedTuple):
    """Of the training examples: mean and deviation of each feature, and which features are missing at times."""

    mean: np.ndarray
    deviation: np.ndarray
    missing: np.ndarray


def inputs_of(scaling: Scaling) -> int:
    """Of the first layer."""
    return len(scaling.mean) + len(scaling.missing)


def scaling_of(x: np.ndarray, present: np.ndarray) -> Scaling:
    """x: (groups, slots, features) with NaN where missing. Looks at about 300,000 rows."""
    step = max(1, int(present.sum()) // 300_000)
    rows = x[::step][present[::step]].astype(np.float64)
    known = ~np.isnan(rows)
    count = np.maximum(known.sum(0), 1)
    filled = np.where(known, rows, 0)
    mean = filled.sum(0) / count
    deviation = np.sqrt((np.where(known, rows - mean, 0) ** 2).sum(0) / count)
    deviation[deviation < 1e-6] = 1.0
    return Scaling(
        mean=mean.astype(np.float32),
        deviation=deviation.astype(np.float32),
        missing=np.flatnonzero(~known.all(0)),
    )


def initial(key: jax.Array, inputs: int, outputs: int, layers: Sequence[int] = LAYERS) -> Params:
    """He's initialisation; the last layer a tenth of it, so that training starts from even odds."""
    sizes = [inputs, *layers, outputs]
    params = []
    for i, (fan_in, fan_out) in enumerate(zip(sizes[:-1], sizes[1:])):
        key, own = jax.random.split(key)
        scale = np.sqrt(2 / fan_in) * (0.1 if i == len(sizes) - 2 else 1.0)
        params.append((jax.random.normal(own, (fan_in, fan_out)) * scale, jnp.zeros(fan_out)))
    return params


def forward(params: Params, scaling: Scaling, x: jax.Array) -> jax.Array:
    """x: (..., features), NaN where missing; returns (..., heads), logits."""
    z = (x - scaling.mean) / scaling.deviation
    absent = jnp.isnan(z)
    z = jnp.clip(jnp.where(absent, 0.0, z), -CLIP, CLIP)
    h = jnp.concatenate([z, absent[..., scaling.missing].astype(jnp.float32)], -1)
    for i, (weights, bias) in enumerate(params):
        h = h @ weights + bias
        if i < len(params) - 1:
            h = jax.nn.relu(h)
    return h
