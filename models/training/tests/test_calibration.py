import numpy as np

from training.calibration import platt, relevance_platt


def test_platt_finds_the_logistic_that_made_the_labels() -> None:
    rng = np.random.default_rng(0)
    scores = rng.normal(size=50_000)
    labels = rng.random(len(scores)) < 1 / (1 + np.exp(-(1.7 * scores - 0.6)))
    a, b = platt(scores, labels)
    assert abs(a - 1.7) < 0.06 and abs(b + 0.6) < 0.04


def test_platt_stays_finite_where_scores_separate_the_labels() -> None:
    a, b = platt(np.array([-2.0, -1.0, 1.0, 2.0]), np.array([False, False, True, True]))
    assert a > 0 and np.isfinite([a, b]).all()


def test_relevance_weighs_played_and_other_tracks_the_same() -> None:
    scores = np.zeros((500, 20), np.float32)
    a, b = relevance_platt(scores, np.ones_like(scores, bool))
    assert abs(1 / (1 + np.exp(-b)) - 0.5) < 0.01 and np.isfinite(a)
