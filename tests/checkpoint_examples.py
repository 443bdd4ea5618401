"""Small checkpoints that several tests start from."""

from __future__ import annotations

import numpy as np

from pbtool import dtypes
from tests.checkpoint_writer import V1, Bundle, slice_key, slice_proto

FLOAT = dtypes.FLOAT
KERNEL = np.arange(6, dtype=np.float32).reshape(2, 3)


def small_bundle():
    bundle = Bundle()
    bundle.add_array("dense/kernel", KERNEL)
    bundle.add_array("step", np.array(7, np.int64))
    bundle.add_strings("words", [b"a", b"", b"c" * 200], [3])
    return bundle


LEFT, RIGHT = (None, (0, 1)), (None, (1, 2))


def partitioned(**parts):
    """A kernel in parts: each a name, its extents, its columns and its shard."""
    bundle = Bundle(shards=2)
    whole = bundle.add("kernel", b"", FLOAT, KERNEL.shape)
    whole.ClearField("crc32c")
    for extents, columns, shard in parts.values():
        whole.slices.append(slice_proto(*extents))
        array = np.ascontiguousarray(KERNEL[:, columns])
        bundle.add(slice_key(b"kernel", *extents), array.tobytes(), FLOAT, array.shape, shard)
    return bundle


WHOLE = {"left": (LEFT, slice(0, 1), 1), "right": (RIGHT, slice(1, 3), 0)}


def small_v1():
    v1 = V1()
    v1.add("weights", FLOAT, [2, 3], {(None, None): {"float_val": KERNEL.ravel()}})
    v1.add("step", dtypes.INT64, [], {(): {"int64_val": [7]}})
    v1.add("words", dtypes.STRING, [2], {(None,): {"string_val": [b"a", b""]}})
    return v1
