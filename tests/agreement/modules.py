"""Modules of TensorFlow 2 with a function to serve, each a case of its own for a freeze."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import tensorflow as tf


def saved(module: tf.Module, folder: Path) -> Path:
    tf.saved_model.save(module, str(folder), signatures=module.serve)
    return folder


class Dense(tf.Module):
    def __init__(self) -> None:
        self.w = tf.Variable(np.arange(6, dtype=np.float32).reshape(3, 2), name="w")
        self.count = tf.Variable(0, name="count")

    @tf.function(input_signature=[tf.TensorSpec([None, 3], tf.float32, name="x")])
    def serve(self, x: tf.Tensor) -> dict[str, tf.Tensor]:
        return {"y": tf.nn.relu(self.inner(x)), "sum": tf.reduce_sum(x)}

    @tf.function
    def inner(self, x: tf.Tensor) -> tf.Tensor:
        return tf.matmul(x, self.w)


class Loop(tf.Module):
    def __init__(self) -> None:
        self.w = tf.Variable([1.5, -2.0], name="w")
        self.table = tf.Variable(np.eye(4, 2, dtype=np.float32), name="table")

    @tf.function(input_signature=[tf.TensorSpec([None], tf.int32, name="n")])
    def serve(self, n: tf.Tensor) -> dict[str, tf.Tensor]:
        total = tf.zeros([2])
        for i in tf.range(tf.shape(n)[0]):
            if n[i] > 4:
                total += self.w
            else:
                total += tf.gather(self.table, n[i] % 4)
        return {"total": total}


class Words(tf.Module):
    def __init__(self) -> None:
        keys = tf.constant(["a", "pbtool"])
        source = tf.lookup.KeyValueTensorInitializer(keys, tf.constant([7, 9], tf.int64))
        self.table = tf.lookup.StaticHashTable(source, -1)

    @tf.function(input_signature=[tf.TensorSpec([None], tf.string, name="words")])
    def serve(self, words: tf.Tensor) -> dict[str, tf.Tensor]:
        return {"ids": self.table.lookup(words)}


class Reduced(tf.Module):
    """A function that TensorFlow does not inline is given a variable itself."""

    def __init__(self) -> None:
        self.w = tf.Variable(2.0, name="w")

    @tf.function(input_signature=[tf.TensorSpec([None], tf.float32, name="x")])
    def serve(self, x: tf.Tensor) -> dict[str, tf.Tensor]:
        rows = tf.data.Dataset.from_tensor_slices(x).map(lambda row: row * self.w)
        return {"y": rows.reduce(0.0, lambda one, two: one + two)}


class Mutable(tf.Module):
    def __init__(self) -> None:
        self.table = tf.lookup.experimental.MutableHashTable(tf.string, tf.int64, -1)
        self.table.insert(tf.constant(["a"]), tf.constant([1], tf.int64))

    @tf.function(input_signature=[tf.TensorSpec([None], tf.string, name="words")])
    def serve(self, words: tf.Tensor) -> dict[str, tf.Tensor]:
        return {"ids": self.table.lookup(words)}


class Compiled(Dense):
    @tf.function(jit_compile=True)
    def inner(self, x: tf.Tensor) -> tf.Tensor:
        return tf.matmul(x, self.w)


class Noisy(Dense):
    @tf.function
    def inner(self, x: tf.Tensor) -> tf.Tensor:
        return tf.matmul(x, self.w) + tf.random.normal([2])


class Big(tf.Module):
    """Variables whose elements TensorFlow's freezer never sees, of many types."""

    def __init__(self) -> None:
        rng = np.random.default_rng(0)
        made = {
            "float": rng.normal(size=(300, 200)).astype(np.float32),
            "half": rng.normal(size=(300, 200)).astype(np.float16),
            "long": rng.integers(-9, 9, (300, 200)),
            "bool": rng.integers(0, 2, (300, 300)) == 1,
            "complex": (rng.normal(size=(300, 200)) * 1j).astype(np.complex64),
            "bfloat": tf.cast(rng.normal(size=(300, 200)), tf.bfloat16),
        }
        self.all = {name: tf.Variable(value, name=name) for name, value in made.items()}

    @tf.function(input_signature=[tf.TensorSpec([None], tf.int32, name="rows")])
    def serve(self, rows: tf.Tensor) -> dict[str, tf.Tensor]:
        return {name: tf.gather(each, rows) for name, each in self.all.items()}
