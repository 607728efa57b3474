"""The model file that the extractor embeds; little endian, the layout of src/extract/model.rs."""

import struct

import numpy as np

MAGIC = b"GLEANER1"


def fnv1a64(text):
    value = 0xCBF29CE484222325
    for byte in text.encode():
        value = (value ^ byte) * 0x100000001B3 & 0xFFFFFFFFFFFFFFFF
    return value


def schema_hash(schema):
    """Ties a model to the columns that it was trained on."""
    return fnv1a64(",".join(schema.block_features) + "|" + ",".join(schema.page_features))


def encode(model, schema):
    """The bytes of a model."""
    parts = [MAGIC, struct.pack("<Q", schema_hash(schema)), table(model.attr), table(model.page_attr)]
    parts += [ensemble(trees) for trees in (model.page_kind, model.article, model.general)]
    return b"".join(parts)


def table(tokens):
    rows = np.zeros(len(tokens.hashes), dtype=[("hash", "<u4"), ("near", "i1"), ("far", "i1")])
    rows["hash"], rows["near"], rows["far"] = tokens.hashes, tokens.near, tokens.far
    return struct.pack("<ffI", tokens.bias, tokens.scale, len(rows)) + rows.tobytes()


def ensemble(trees):
    return struct.pack("<fI", trees.base, len(trees.trees)) + b"".join(map(tree, trees.trees))


def tree(tree):
    layout = [("feature", "<u2"), ("threshold", "<f4"), ("left", "<u2"), ("right", "<u2")]
    nodes = np.zeros(len(tree.features), dtype=layout)
    nodes["feature"], nodes["threshold"] = tree.features, tree.thresholds
    nodes["left"], nodes["right"] = tree.left, tree.right
    sizes = struct.pack("<HH", len(nodes), len(tree.leaves))
    return sizes + nodes.tobytes() + tree.leaves.astype("<f4").tobytes()
