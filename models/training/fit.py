"""Fits one network: listwise softmax over each group, and masked logistic losses of the outcomes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Callable

import jax
import jax.numpy as jnp
import numpy as np
import optax

from .evaluation import Ranks, ranks_of
from .examples import Groups
from .network import Params, Scaling, forward, initial, inputs_of

#: Of an outcome's loss beside the listwise loss.
OUTCOME_WEIGHT = 0.2


@dataclass(frozen=True)
class FitOptions:
    epochs: int = 4
    batch: int = 64
    learning_rate: float = 2e-3
    weight_decay: float = 1e-4


@dataclass(frozen=True)
class Fitted:
    params: Params
    epoch: int
    held_out: Ranks


class Fitting:
    """Fits any number of networks to the same groups; what JAX compiles for the first serves all."""

    def __init__(self, train: Groups, held: Groups, scaling: Scaling, outcomes: tuple[int, ...], options: FitOptions):
        """outcomes: indices into OUTCOMES of the heads after `relevance`."""
        self._train, self._held, self._scaling, self._options = train, held, scaling, options
        self._y = train.outcomes[:, outcomes]
        self._batch = min(options.batch, len(train))
        self._steps_an_epoch = len(train) // self._batch
        steps = self._steps_an_epoch * options.epochs
        peak = options.learning_rate
        schedule = optax.warmup_cosine_decay_schedule(
            peak * 0.1, peak, max(1, min(steps // 20, 500)), max(2, steps), peak * 0.02
        )
        self._optimizer = optax.chain(
            optax.clip_by_global_norm(1.0), optax.adamw(schedule, weight_decay=options.weight_decay)
        )
        self._step = jax.jit(self._stepped)

    def fit(self, seed: int, say: Callable[[str], None]) -> Fitted:
        """The parameters of the epoch that ranks the held-out groups best (NDCG at 20). Deterministic by seed."""
        rng = np.random.default_rng(seed)
        train, epochs = self._train, self._options.epochs
        params = initial(jax.random.PRNGKey(seed), inputs_of(self._scaling), 1 + self._y.shape[1])
        state = self._optimizer.init(params)
        best: Fitted | None = None
        for epoch in range(1, epochs + 1):
            order, total = rng.permutation(len(train)), 0.0
            for i in range(self._steps_an_epoch):
                chosen = np.sort(order[i * self._batch : (i + 1) * self._batch])
                params, state, loss = self._step(params, state, train.x[chosen], train.present[chosen], self._y[chosen])
                total += float(loss)
            ranks = ranks_of(scores_of(params, self._scaling, self._held)[..., 0], self._held.present)
            say(f"epoch {epoch} of {epochs}: loss {total / self._steps_an_epoch:.4f}, {ranks}")
            if best is None or ranks.ndcg20 > best.held_out.ndcg20:
                best = Fitted(params=params, epoch=epoch, held_out=ranks)
        if best is None:
            raise ValueError("epochs: given 0; allowed: 1 and more")
        return best

    def _stepped(self, params, state, x, present, y):
        loss, gradient = jax.value_and_grad(_loss)(params, self._scaling, x, present, y)
        updates, state = self._optimizer.update(gradient, state, params)
        return optax.apply_updates(params, updates), state, loss


def _loss(params: Params, scaling: Scaling, x, present, y):
    logits = forward(params, scaling, x)
    listwise = -jax.nn.log_softmax(jnp.where(present, logits[..., 0], -jnp.inf), -1)[:, 0].mean()
    if y.shape[1] == 0:
        return listwise
    known = ~jnp.isnan(y)
    losses = optax.sigmoid_binary_cross_entropy(logits[:, 0, 1:], jnp.where(known, y, 0.0))
    return listwise + OUTCOME_WEIGHT * (jnp.where(known, losses, 0.0).sum(0) / jnp.maximum(known.sum(0), 1)).sum()


_forward = jax.jit(forward)


def scores_of(params: Params, scaling: Scaling, groups: Groups, batch: int = 128) -> np.ndarray:
    """(groups, slots, heads) float32 logits."""
    parts = []
    for at in range(0, len(groups), batch):
        x = groups.x[at : at + batch]
        short = batch - len(x)
        padded = np.pad(x, ((0, short), (0, 0), (0, 0))) if short else x
        parts.append(np.asarray(_forward(params, scaling, padded))[: len(x)])
    return np.concatenate(parts)
