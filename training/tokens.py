"""The linear score over tokens: logistic regression on soft labels, cut to a small table of i8 weights."""

from dataclasses import dataclass

import numpy as np
from scipy.optimize import minimize
from scipy.sparse import csr_matrix
from scipy.special import expit

L2 = 3.0
ITERATIONS = 25
LEAST_DOMAINS = 6
TABLE_SIZE = 1500
I8_MAX = 127


@dataclass
class Table:
    """score = bias + scale * (sum of near and far weights of the distinct tokens), all in f32."""

    bias: np.float32
    scale: np.float32
    hashes: np.ndarray
    near: np.ndarray
    far: np.ndarray

    def score(self, near, far):
        """Scores of rows of tokens; the sums are of integers, hence exact."""
        sums = lookup(self.hashes, self.near, near) + lookup(self.hashes, self.far, far)
        return self.bias + self.scale * sums.astype(np.float32)


def lookup(hashes, weights, rows):
    """Sum of the weights of each row's tokens."""
    if not rows:
        return np.zeros(0, dtype=np.int64)
    sizes = [len(row) for row in rows]
    flat = np.concatenate(rows)
    at = np.minimum(np.searchsorted(hashes, flat), max(0, len(hashes) - 1))
    found = weights[at].astype(np.int64) * (hashes[at] == flat) if len(hashes) else np.zeros(len(flat), np.int64)
    return np.bincount(np.repeat(np.arange(len(rows)), sizes), found, len(rows)).astype(np.int64)


@dataclass
class Rows:
    """Rows of tokens with their soft labels, weights and domains (as numbers)."""

    matrix: csr_matrix
    columns: np.ndarray
    labels: np.ndarray
    weights: np.ndarray
    domains: np.ndarray

    def take(self, chosen):
        """The rows chosen."""
        return Rows(
            self.matrix[chosen], self.columns, self.labels[chosen], self.weights[chosen], self.domains[chosen]
        )


def rows_of(near, far, labels, weights, domains):
    """Rows by (token, near or far) columns; a column's key is hash * 2 + (1 if far)."""
    sizes = [len(part) for pair in zip(near, far) for part in pair]
    hashes = np.concatenate([part for pair in zip(near, far) for part in pair]).astype(np.int64)
    is_far = np.repeat(np.arange(len(sizes)) % 2, sizes)
    columns, at = np.unique(hashes * 2 + is_far, return_inverse=True)
    row = np.repeat(np.arange(len(sizes)) // 2, sizes)
    matrix = csr_matrix((np.ones(len(row)), (row, at)), shape=(len(near), len(columns)))
    return common_only(Rows(matrix, columns, labels, weights, domains))


def common_only(rows):
    """Without the columns that stand on fewer than LEAST_DOMAINS domains."""
    numbers = np.arange(len(rows.domains))
    by_domain = csr_matrix((np.ones(len(numbers)), (rows.domains, numbers))) @ rows.matrix
    common = by_domain.getnnz(axis=0) >= LEAST_DOMAINS
    return Rows(rows.matrix[:, common], rows.columns[common], rows.labels, rows.weights, rows.domains)


def fit(rows, size=TABLE_SIZE, l2=L2):
    """Learns a table from tokens that stand on at least LEAST_DOMAINS domains."""
    rows = common_only(rows)
    weights = rows.weights / rows.weights.mean()
    transposed = rows.matrix.T.tocsr()

    def loss(parameters):
        raw = rows.matrix @ parameters[:-1] + parameters[-1]
        value = weights @ (np.logaddexp(0, raw) - rows.labels * raw)
        slope = weights * (expit(raw) - rows.labels)
        gradient = np.append(transposed @ slope + l2 * parameters[:-1], slope.sum())
        return value + l2 / 2 * parameters[:-1] @ parameters[:-1], gradient

    start = np.zeros(len(rows.columns) + 1)
    found = minimize(loss, start, jac=True, method="L-BFGS-B", options={"maxiter": ITERATIONS}).x
    return quantise(rows.columns, found[:-1], found[-1], size)


def quantise(columns, weights, bias, size):
    """Keeps the `size` tokens of largest weight, in steps of the largest weight's 127th part."""
    hashes = np.unique(columns // 2)
    both = np.zeros((2, len(hashes)))
    both[columns % 2, np.searchsorted(hashes, columns // 2)] = weights
    largest = np.abs(both).max(axis=0) if len(hashes) else np.zeros(0)
    kept = np.sort(np.argsort(-largest, kind="stable")[:size])
    scale = np.float32(max(largest.max(initial=0.0), 1e-6) / I8_MAX)
    near, far = np.round(both[:, kept] / scale).astype(np.int8)
    return Table(np.float32(bias), scale, hashes[kept].astype(np.uint32), near, far)
