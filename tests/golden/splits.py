"""Writes splits.json: NumPy's legacy random numbers, and nnU-Net's folds of n cases.

Made with numpy 2.4.6 and scikit-learn 1.9.1; both guarantee that these do not change.
"""

import json
from pathlib import Path

import numpy as np
from sklearn.model_selection import KFold


def folds(count: int) -> list[list[int]]:
    splitter = KFold(5, shuffle=True, random_state=12345)
    return [validation.tolist() for _, validation in splitter.split(np.zeros(count))]


def beyond(count: int, fold: int) -> list[int]:
    chosen = np.random.RandomState(12345 + fold).choice(count, int(count * 0.8), replace=False)
    return sorted(chosen.tolist())


def draws(seed: int) -> dict:
    state = np.random.RandomState(seed)
    ranges = [(0, 10), (0, 1), (-5, 1000), (0, 2**31), (0, 2**32), (7, 8), (0, 3)]
    return {
        "seed": seed,
        "integers": [[low, high, int(state.randint(low, high))] for low, high in ranges],
        "permutation": state.permutation(20).tolist(),
        "choice": state.choice(50, 6, replace=False).tolist(),
        # After 624 words, the generator has updated its state once.
        "last": state.randint(0, 2**32, size=1000).tolist()[-1],
    }


golden = {
    "folds": [{"count": n, "validation": folds(n)} for n in (5, 6, 7, 8, 9, 10, 20, 33, 260)],
    "beyond": [
        {"count": n, "fold": fold, "train": beyond(n, fold)}
        for n, fold in ((10, 5), (7, 6), (20, 12), (3, 5))
    ],
    "draws": [draws(seed) for seed in (0, 1, 12345, 2**32 - 1)],
}
Path(__file__).with_suffix(".json").write_text(json.dumps(golden) + "\n")
