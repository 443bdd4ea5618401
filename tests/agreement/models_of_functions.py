"""Networks of Keras, and functions of TensorFlow 2."""

from __future__ import annotations

from collections.abc import Callable

import keras
import numpy as np
import tensorflow as tf
from keras import layers
from tensorflow.python.framework.convert_to_constants import convert_variables_to_constants_v2

from tests.agreement.executable import Model, floats

v1 = tf.compat.v1


def traced(function: Callable[..., object], *dims: object, dtype: tf.DType = tf.float32) -> object:
    """The concrete function for one input called x, of that shape."""
    return tf.function(function).get_concrete_function(tf.TensorSpec(dims, dtype, "x"))


def frozen(concrete: object, feed: np.ndarray, *, lower: bool) -> Model:
    """A concrete function, its variables turned into constants.

    With ``lower``, its loops and conditions become those of TensorFlow 1.
    """
    function = convert_variables_to_constants_v2(concrete, lower_control_flow=lower)
    return Model(function.graph.as_graph_def(), {"x:0": feed})


def application(name: str) -> Model:
    network = getattr(keras.applications, name)(weights=None, input_shape=(64, 64, 3))
    return frozen(traced(network, None, 64, 64, 3), floats(2, 64, 64, 3), lower=False)


def attention() -> Callable[..., object]:
    x = keras.Input((6, 8))
    y = layers.MultiHeadAttention(num_heads=2, key_dim=4)(x, x, use_causal_mask=True)
    y = layers.LayerNormalization()(x + y)
    y = layers.Dense(16, activation="gelu")(y)
    return keras.Model(x, layers.GlobalAveragePooling1D()(y))


def recurrent(layer: str) -> Callable[..., object]:
    x = keras.Input((6, 8))
    y = layers.Bidirectional(getattr(layers, layer)(5, return_sequences=True))(x)
    return keras.Model(x, getattr(layers, layer)(3)(y))


def network(network: Callable[..., object], *, lower: bool | None) -> Model:
    """A network for inputs of 6 steps of 8 numbers; frozen, or with ``lower=None`` as traced."""
    concrete = traced(network, None, 6, 8)
    if lower is None:
        return Model(concrete.graph.as_graph_def())
    return frozen(concrete, floats(2, 6, 8), lower=lower)


def control_flow(x: tf.Tensor) -> object:
    """Loops and conditions of TensorFlow 2, their gradients, and calls of functions."""

    @tf.function
    def scaled(y: tf.Tensor, factor: tf.Tensor) -> tf.Tensor:
        return tf.reshape(y * factor, [-1, 48])

    def step(i: tf.Tensor, y: tf.Tensor, rows: tf.Tensor) -> tuple[tf.Tensor, ...]:
        y = tf.cond(tf.reduce_sum(y) > 0, lambda: y + 1, lambda: tf.nn.relu(y) * scaled_sum(y))
        return i + 1, y, tf.concat([rows, y[:, 0]], 0)

    def scaled_sum(y: tf.Tensor) -> tf.Tensor:
        return tf.reduce_sum(scaled(y, tf.constant(2.0)))

    shapes = [tf.TensorShape([]), x.shape, tf.TensorShape([None, 8])]
    with tf.GradientTape() as tape:
        tape.watch(x)
        _, y, rows = tf.while_loop(lambda i, *_: i < 3, step, [0, x, x[:, 0]], shapes)
        branches = [lambda: y, lambda: y * 2, lambda: tf.transpose(y, [0, 2, 1])]
        z = tf.switch_case(tf.size(x) % 3, branches)
        loss = tf.reduce_sum(z) + tf.reduce_sum(rows)
    steps = tf.TensorArray(tf.float32, 0, dynamic_size=True, element_shape=[None])
    for i in tf.range(4):
        steps = steps.write(i, tf.ones([i]))
    scanned = tf.scan(lambda a, row: a + row, x)
    mapped = tf.map_fn(
        lambda row: {"sum": tf.reduce_sum(row, 0), "row": row},
        x,
        {"sum": tf.float32, "row": tf.float32},
    )
    vectorized = tf.vectorized_map(lambda row: tf.linalg.matmul(row, row, transpose_b=True), x)
    return tape.gradient(loss, x), z, steps.concat(), scanned, mapped, vectorized


def ragged(x: tf.Tensor) -> object:
    """Ragged tensors: of strings, of numbers, and back to dense ones."""
    words = tf.strings.split(x, sep=" ")
    lengths = tf.cast(tf.strings.length(words), tf.float32)
    numbers = tf.RaggedTensor.from_row_splits([1.0, 2, 3, 4], [0, 1, 1, 4])
    nested = tf.stack([numbers, numbers * 2])
    gathered = tf.gather(lengths, tf.range(tf.shape(x)[0]))
    return (
        words.to_tensor("", shape=[None, 3]),
        tf.reduce_mean(lengths, axis=1),
        tf.concat([lengths, lengths], axis=1).to_sparse(),
        nested.to_tensor(),
        tf.ragged.range(tf.constant([2, 5])),
        gathered[:, :1],
        tf.strings.ngrams(words, 2),
        tf.RaggedTensor.from_tensor(tf.ones([3, 4]), lengths=[1, 0, 3]),
        tf.ragged.map_flat_values(tf.nn.relu, nested).row_splits,
        tf.ragged.cross([words, words]),
        tf.bitcast(tf.strings.unicode_decode(x, "UTF-8").flat_values, tf.float32),
    )


def strings(x: tf.Tensor) -> object:
    """Operations on strings."""
    lower = tf.strings.lower(tf.strings.strip(x))
    numbers = tf.strings.to_number(tf.strings.as_string(tf.strings.length(x)))
    return (
        tf.strings.join([lower, x], "-"),
        tf.strings.regex_replace(x, "a", "b"),
        tf.strings.regex_full_match(x, "a.*"),
        tf.strings.substr(x, 0, 1),
        tf.strings.reduce_join(tf.stack([x, lower]), axis=0),
        tf.strings.to_hash_bucket_fast(x, 10),
        tf.strings.to_hash_bucket_strong(x, 10, [1, 2]),
        tf.strings.format("{} {}", (x, numbers)),
        tf.strings.unicode_transcode(x, "UTF-8", "UTF-16-BE"),
        tf.strings.unicode_script(tf.constant([65, 1040])),
        tf.io.decode_base64(tf.io.encode_base64(x)),
        tf.io.decode_raw(tf.constant(["abcd"]), tf.uint8),
        tf.io.decode_csv(tf.constant(["1,2.5", "3,4"]), [[0], [0.0]]),
        tf.io.decode_png(tf.io.encode_png(tf.zeros([4, 5, 3], tf.uint8)), channels=3),
        tf.io.serialize_tensor(numbers),
        tf.io.parse_tensor(tf.io.serialize_tensor(numbers), tf.float32),
        v1.strings.split(x, " "),
        tf.unique(x),
        tf.equal(x, lower),
    )


def text(build: Callable[..., object], *, lower: bool) -> Model:
    feed = np.array([b"a b c", b"d e f g"], object)
    return frozen(traced(build, None, dtype=tf.string), feed, lower=lower)


def quantized(x: tf.Tensor) -> object:
    """Quantized operations, and those that only act as if."""
    fake = tf.quantization.fake_quant_with_min_max_args(x, -6, 6)
    fake = tf.quantization.fake_quant_with_min_max_vars(fake, -1.0, 2.0)
    channels = [-1.0] * 8, [1.0] * 8
    fake = tf.quantization.fake_quant_with_min_max_vars_per_channel(fake, *channels)
    both = tf.quantization.quantize_and_dequantize_v2(fake, -1.0, 1.0)
    both = tf.raw_ops.QuantizeAndDequantizeV3(
        input=both, input_min=channels[0], input_max=channels[1], num_bits=8, axis=2
    )
    low, high = tf.reduce_min(x), tf.reduce_max(x)
    images = tf.quantization.quantize(x[:, :, :, None], low, high, tf.quint8)
    filters = tf.quantization.quantize(tf.ones([2, 2, 1, 4]), 0.0, 1.0, tf.quint8)
    product = tf.raw_ops.QuantizedConv2D(
        input=images.output, filter=filters.output, min_input=low, max_input=high,
        min_filter=0.0, max_filter=1.0, strides=[1, 1, 1, 1], padding="SAME",
    )  # fmt: skip
    wanted = tf.raw_ops.RequantizationRange(
        input=product.output, input_min=product.min_output, input_max=product.max_output
    )
    small = tf.raw_ops.Requantize(
        input=product.output, input_min=product.min_output, input_max=product.max_output,
        requested_output_min=wanted.output_min, requested_output_max=wanted.output_max,
        out_type=tf.quint8,
    )  # fmt: skip
    pooled = tf.raw_ops.QuantizedMaxPool(
        input=small.output, min_input=small.output_min, max_input=small.output_max,
        ksize=[1, 2, 2, 1], strides=[1, 2, 2, 1], padding="VALID",
    )  # fmt: skip
    rows = tf.quantization.quantize(x[:, 0], low, high, tf.quint8)
    square = tf.quantization.quantize(tf.ones([8, 3]), 0.0, 1.0, tf.quint8)
    multiplied = tf.raw_ops.QuantizedMatMul(
        a=rows.output, b=square.output, min_a=low, max_a=high, min_b=0.0, max_b=1.0
    )
    return (
        both,
        tf.quantization.dequantize(pooled.output, pooled.min_output, pooled.max_output),
        tf.quantization.dequantize(multiplied.out, multiplied.min_out, multiplied.max_out),
    )


def tables(x: tf.Tensor) -> object:
    """Lookup tables that are made where they are used."""
    make = {"key_dtype": tf.string, "value_dtype": tf.int64}
    keys, values = tf.constant(["a b c", "q"]), tf.constant([1, 2], tf.int64)
    table = tf.raw_ops.HashTableV2(**make, shared_name="once")
    filled = tf.raw_ops.LookupTableImportV2(table_handle=table, keys=keys, values=values)
    mutable = tf.raw_ops.MutableHashTableOfTensorsV2(**make, value_shape=[3], shared_name="rows")
    rows = tf.raw_ops.LookupTableInsertV2(
        table_handle=mutable, keys=keys, values=tf.ones([2, 3], tf.int64)
    )
    with tf.control_dependencies([filled, rows]):
        found = tf.raw_ops.LookupTableFindV2(
            table_handle=table, keys=x, default_value=tf.constant(-1, tf.int64)
        )
        row = tf.raw_ops.LookupTableFindV2(
            table_handle=mutable, keys=x, default_value=tf.zeros([3], tf.int64)
        )
        size = tf.raw_ops.LookupTableSizeV2(table_handle=table)
        export = tf.raw_ops.LookupTableExportV2(
            table_handle=mutable, Tkeys=tf.string, Tvalues=tf.int64
        )
    return found, row, size, export
