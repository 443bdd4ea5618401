"""Graphs as TensorFlow 1 builds them: loops, training, tables, queues, and input pipelines."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
import tensorflow as tf

from tests.agreement.executable import Model, floats

v1 = tf.compat.v1


@contextmanager
def graph_of_tensorflow_1() -> Iterator[tf.Graph]:
    """A new graph, whose loops and conditions are made of Switch, Merge, Enter and Exit."""
    v1.disable_control_flow_v2()
    try:
        with tf.Graph().as_default() as graph:
            v1.set_random_seed(1)
            yield graph
    finally:
        v1.enable_control_flow_v2()


class Cell:
    """A cell of a recurrent network, for dynamic_rnn: TensorFlow no longer comes with one."""

    output_size = 5
    state_size = 5

    def zero_state(self, batch: tf.Tensor, dtype: tf.DType) -> tf.Tensor:
        """The state before the first step."""
        return tf.zeros([batch, self.state_size], dtype)

    def get_initial_state(
        self, inputs: object = None, batch_size: object = None, dtype: object = None
    ) -> tf.Tensor:
        """The same, as newer callers ask for it."""
        return self.zero_state(batch_size, dtype)

    def __call__(
        self, inputs: tf.Tensor, state: tf.Tensor, scope: object = None
    ) -> tuple[tf.Tensor, tf.Tensor]:
        """The output and the state of one step."""
        weights = v1.get_variable("weights", [inputs.shape[-1] + self.state_size, 10])
        update, candidate = tf.split(tf.matmul(tf.concat([inputs, state], 1), weights), 2, axis=1)
        gate = tf.sigmoid(update)
        state = gate * state + (1 - gate) * tf.tanh(candidate)
        return state, state


def dynamic_rnn() -> Model:
    with graph_of_tensorflow_1() as graph:
        x = v1.placeholder(tf.float32, [None, 7, 3], name="x")
        lengths = v1.placeholder(tf.int32, [None], name="lengths")
        with v1.variable_scope("rnn", use_resource=False):
            outputs, state = v1.nn.dynamic_rnn(Cell(), x, lengths, dtype=tf.float32)
        loss = tf.reduce_sum(outputs) + tf.reduce_sum(state)
        v1.train.GradientDescentOptimizer(0.1).minimize(loss)
        setup = v1.global_variables_initializer().name
    feeds = {"x:0": floats(2, 7, 3), "lengths:0": np.array([7, 4], np.int32)}
    return Model(graph.as_graph_def(), feeds, (setup,))


def while_loop() -> Model:
    with graph_of_tensorflow_1() as graph:
        x = v1.placeholder(tf.float32, [None, 4], name="x")
        grown = [tf.TensorShape([]), x.shape, tf.TensorShape([None, None])]
        _, total, rows = v1.while_loop(
            lambda i, total, rows: i < 3,
            lambda i, total, rows: (i + 1, total @ tf.ones([4, 4]), tf.concat([rows, x], 0)),
            [tf.constant(0), x, x],
            grown,
        )
        inner = v1.while_loop(
            lambda i, _: i < 2,
            lambda i, y: (
                i + 1,
                v1.while_loop(lambda j, _: j < i, lambda j, z: (j + 1, z * 2), [0, y])[1],
            ),
            [0, total],
        )
        v1.gradients(tf.reduce_sum(inner[1]) + tf.reduce_sum(rows), x)
    return Model(graph.as_graph_def(), {"x:0": floats(2, 4)})


def cond() -> Model:
    with graph_of_tensorflow_1() as graph:
        x = v1.placeholder(tf.float32, [None, 4], name="x")
        is_big = tf.reduce_sum(x) > 1
        same = v1.cond(is_big, lambda: x + 1, lambda: tf.nn.relu(x))
        other = v1.cond(is_big, lambda: x[:, :2], lambda: tf.concat([x, x], 1))
        outer = v1.cond(is_big, lambda: v1.cond(x[0, 0] > 0, lambda: x, lambda: -x), lambda: same)
        v1.case([(is_big, lambda: tf.shape(x)), (~is_big, lambda: tf.shape(other))])
        v1.gradients(tf.reduce_sum(outer) + tf.reduce_sum(other), x)
    return Model(graph.as_graph_def(), {"x:0": floats(2, 4)})


def training(use_resource: bool, optimizer: str) -> Model:
    with graph_of_tensorflow_1() as graph:
        x = v1.placeholder(tf.float32, [None, 16, 16, 3], name="x")
        labels = v1.placeholder(tf.int64, [None], name="labels")
        with v1.variable_scope("net", use_resource=use_resource):
            kernel = v1.get_variable("kernel", [3, 3, 3, 8])
            scale = v1.get_variable("scale", [8])
            weights = v1.get_variable("weights", [8 * 8 * 8, 10])
            bias = v1.get_variable("bias", [10])
            step = v1.train.get_or_create_global_step()
        y = tf.nn.conv2d(x, kernel, 1, "SAME")
        y, *_ = v1.nn.fused_batch_norm(y, scale, scale)
        y = tf.nn.max_pool2d(tf.nn.relu(y), 2, 2, "VALID")
        y = v1.nn.dropout(tf.reshape(y, [-1, 8 * 8 * 8]), rate=0.5)
        logits = v1.nn.xw_plus_b(y, weights, bias)
        losses = tf.nn.sparse_softmax_cross_entropy_with_logits(labels, logits)
        loss = tf.reduce_mean(losses) + 0.1 * tf.nn.l2_loss(weights)
        rate = v1.train.exponential_decay(0.1, step, 10, 0.9)
        OPTIMIZERS[optimizer](rate).minimize(loss, step)
        v1.summary.scalar("loss", loss)
        v1.summary.histogram("weights", weights)
        v1.metrics.accuracy(labels, tf.argmax(logits, 1))
        v1.train.Saver()
        setup = [v1.global_variables_initializer().name, v1.local_variables_initializer().name]
    feeds = {"x:0": floats(4, 16, 16, 3), "labels:0": np.array([1, 0, 9, 3])}
    return Model(graph.as_graph_def(), feeds, tuple(setup))


OPTIMIZERS = {
    "adam": v1.train.AdamOptimizer,
    "momentum": lambda rate: v1.train.MomentumOptimizer(rate, 0.9, use_nesterov=True),
    "rms_prop": v1.train.RMSPropOptimizer,
}


def word_embedding() -> Model:
    """Sparse gradients, tables, and parsing of examples."""
    with graph_of_tensorflow_1() as graph:
        serialized = v1.placeholder(tf.string, [None], name="serialized")
        features = v1.io.parse_example(
            serialized,
            {
                "words": v1.io.VarLenFeature(tf.string),
                "label": v1.io.FixedLenFeature([], tf.float32),
                "size": v1.io.FixedLenFeature([2], tf.int64, default_value=[0, 0]),
            },
        )
        keys = tf.constant(["a", "b", "c"])
        table = v1.lookup.StaticVocabularyTable(
            v1.lookup.KeyValueTensorInitializer(keys, tf.range(3, dtype=tf.int64)), 2
        )
        counts = tf.lookup.experimental.DenseHashTable(
            tf.string, tf.int64, default_value=-1, empty_key="", deleted_key="-"
        )
        words = features["words"]
        ids = table.lookup(words)
        with v1.variable_scope("net", use_resource=False):
            embeddings = v1.get_variable("embeddings", [5, 4])
        vectors = v1.nn.embedding_lookup_sparse(embeddings, ids, None, combiner="mean")
        loss = tf.reduce_sum(tf.reduce_sum(vectors, 1) * features["label"])
        v1.train.AdagradOptimizer(0.1).minimize(loss)
        with tf.control_dependencies([counts.insert(words.values, ids.values)]):
            counts.lookup(words.values)
            counts.export()
        tf.sparse.to_dense(ids, default_value=-1)
        tf.sparse.reduce_sum(tf.cast(ids, tf.float32), 1)
        setup = [v1.global_variables_initializer().name, v1.tables_initializer().name]
    example = tf.train.Example()
    example.features.feature["words"].bytes_list.value.extend([b"a", b"z"])
    example.features.feature["label"].float_list.value.append(1)
    feeds = {"serialized:0": np.array([example.SerializeToString()] * 3, object)}
    return Model(graph.as_graph_def(), feeds, tuple(setup))


def tensor_array() -> Model:
    with graph_of_tensorflow_1() as graph:
        x = v1.placeholder(tf.float32, [None, 4, 3], name="x")
        array = tf.TensorArray(
            tf.float32, 0, dynamic_size=True, clear_after_read=False, element_shape=[3]
        )
        for index in range(3):
            array = array.write(index, x[0, index])
        array.stack(), array.gather([0, 2]), array.size(), array.read(1)
        tf.TensorArray(tf.float32, 4).unstack(x[0]).read(2)
        tf.TensorArray(tf.float32, 2, infer_shape=False).split(x[0], [1, 3]).concat()
        tf.map_fn(lambda row: tf.reduce_sum(row, 0), x)
        tf.scan(lambda total, row: total + row, x)
        tf.foldl(lambda total, row: total + row, x)
    return Model(graph.as_graph_def(), {"x:0": floats(2, 4, 3)})


def data_iterator() -> Model:
    with graph_of_tensorflow_1() as graph:
        data = tf.data.Dataset.from_tensor_slices((floats(9, 4), np.arange(9)))
        data = data.map(lambda x, y: {"x": x * 2, "y": tf.one_hot(y, 9)})
        data = data.filter(lambda row: tf.reduce_sum(row["x"]) > -100)
        data = data.shuffle(10, seed=1).repeat().batch(3).prefetch(1)
        iterator = v1.data.make_initializable_iterator(data)
        row = iterator.get_next()
        tf.matmul(row["x"], tf.ones([4, 2]))
        tf.argmax(row["y"], 1)
        words = tf.data.Dataset.from_tensor_slices(["a b", "c"]).map(tf.strings.split)
        ragged = v1.data.make_initializable_iterator(words)
        ragged.get_next()
        numbers = tf.data.Dataset.range(8).window(3, drop_remainder=True)
        numbers = numbers.flat_map(lambda window: window.batch(3, drop_remainder=True))
        windows = v1.data.make_initializable_iterator(numbers.padded_batch(2, drop_remainder=True))
        windows.get_next()
        setup = tuple(each.initializer.name for each in (iterator, ragged, windows))
    return Model(graph.as_graph_def(), {}, setup)


def input_queue() -> Model:
    with graph_of_tensorflow_1() as graph:
        x = v1.placeholder(tf.float32, [None, 4], name="x")
        queue = v1.FIFOQueue(100, [tf.float32], shapes=[[4]])
        with tf.control_dependencies([queue.enqueue_many([x])]):
            row = queue.dequeue()
            rows = queue.dequeue_many(1)
        with tf.control_dependencies([row, rows]):
            queue.size()
    return Model(graph.as_graph_def(), {"x:0": floats(3, 4)})
