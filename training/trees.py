"""Boosted trees: trained by LightGBM, then kept as the flat arrays that the extractor walks."""

from dataclasses import dataclass

import lightgbm
import numpy as np

LEAF = 0x8000
BLOCK_PARAMETERS = {
    "objective": "cross_entropy",
    "learning_rate": 0.1,
    "num_leaves": 31,
    "feature_fraction": 0.3,
    "bagging_fraction": 0.6,
    "bagging_freq": 1,
    "min_data_in_leaf": 80,
    "lambda_l2": 5.0,
    "max_bin": 127,
    "min_sum_hessian_in_leaf": 3.0,
}
BLOCK_ROUNDS = 120
KIND_PARAMETERS = BLOCK_PARAMETERS | {"num_leaves": 7, "min_data_in_leaf": 15, "min_sum_hessian_in_leaf": 1.0}
KIND_ROUNDS = 80
FIXED = {
    "num_threads": 1,
    "deterministic": True,
    "force_col_wise": True,
    "use_missing": False,
    "verbosity": -1,
}


@dataclass
class Tree:
    """A child with the high bit set is a leaf; go left if the feature is at most the threshold."""

    features: np.ndarray
    thresholds: np.ndarray
    left: np.ndarray
    right: np.ndarray
    leaves: np.ndarray


@dataclass
class Ensemble:
    """raw score = base + the leaf of each tree, in order, in f32."""

    base: np.float32
    trees: list[Tree]

    def predict(self, rows):
        """Probabilities of rows of f32 features."""
        raw = np.full(len(rows), self.base, dtype=np.float32)
        for tree in self.trees:
            raw += tree.leaves[leaf_of(tree, rows)]
        return (np.float32(1) / (np.float32(1) + np.exp(-raw))).astype(np.float32)


def leaf_of(tree, rows):
    """Which leaf each row falls in."""
    if not len(tree.features):
        return np.zeros(len(rows), dtype=np.int64)
    at = np.zeros(len(rows), dtype=np.int64)
    going = np.arange(len(rows))
    while len(going):
        node = at[going]
        goes_left = rows[going, tree.features[node]] <= tree.thresholds[node]
        at[going] = np.where(goes_left, tree.left[node], tree.right[node])
        going = going[at[going] < LEAF]
    return at - LEAF


def rows(features, labels, weights, names, parameters):
    """Rows to train on, binned once for any number of seeds."""
    return lightgbm.Dataset(
        features,
        labels,
        weight=weights / weights.mean(),
        feature_name=names,
        params=parameters | FIXED,
        free_raw_data=False,
    )


def train(data, seed, parameters, rounds):
    """Trains an ensemble on soft labels; the same rows and seed give the same trees."""
    booster = lightgbm.train(parameters | FIXED | {"seed": seed}, data, num_boost_round=rounds)
    trees = [flatten(tree["tree_structure"]) for tree in booster.dump_model()["tree_info"]]
    return Ensemble(np.float32(0), trees)


def flatten(root):
    """Nodes in pre-order. A threshold is rounded down to f32, which keeps `x <= t` for every f32 x."""
    nodes, leaves = [], []
    place(root, nodes, leaves)
    columns = list(zip(*nodes)) or [[]] * 4
    return Tree(
        np.array(columns[0], dtype=np.uint16),
        np.array([floor_f32(t) for t in columns[1]], dtype=np.float32),
        np.array(columns[2], dtype=np.uint16),
        np.array(columns[3], dtype=np.uint16),
        np.array(leaves, dtype=np.float32),
    )


def place(node, nodes, leaves):
    """Appends a node and all below it; returns its number."""
    if "leaf_value" in node:
        leaves.append(node["leaf_value"])
        return LEAF | len(leaves) - 1
    number = len(nodes)
    nodes.append(None)
    left = place(node["left_child"], nodes, leaves)
    right = place(node["right_child"], nodes, leaves)
    nodes[number] = (node["split_feature"], node["threshold"], left, right)
    return number


def floor_f32(value):
    rounded = np.float32(value)
    return np.nextafter(rounded, np.float32(-np.inf)) if float(rounded) > value else rounded
