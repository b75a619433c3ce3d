"""Random numbers that a test in another language can reproduce."""

import numpy as np


class Lcg:
    """Numerical Recipes' linear congruential generator; uniform numbers in [0, 1)."""

    def __init__(self, seed):
        self.state = seed

    def uniform(self, n):
        out = np.empty(n, dtype=np.float64)
        for i in range(n):
            self.state = (self.state * 1664525 + 1013904223) % 2**32
            out[i] = self.state / 2**32
        return out
