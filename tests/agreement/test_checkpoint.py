"""Checkpoints that TensorFlow writes, and what it reads from them and from ours."""

from __future__ import annotations

import math
import re
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pbtool import dtypes
from pbtool.checkpoint import open_checkpoint
from pbtool.checkpoint.writing import write_bundle
from pbtool.errors import FileError, TensorError
from tests.checkpoint_writer import V1, Bundle, slice_key, slice_proto, snappy
from tests.corpus import FOLDER, needs_corpus

tf = pytest.importorskip("tensorflow")

NUMERIC = [row.name for row in dtypes.BY_NUMBER.values() if row.size]
SHAPES = [(), (0,), (2, 0, 3), (7,), (3, 5)]
WORDS = [b"", b"a", "größe".encode(), bytes(range(256)) * 3, b"\0"]


def assert_same(ours, theirs):
    """The same values, to the bit but for what NaN it is."""
    # numpy's own type for bytes drops null characters at their end.
    theirs = np.array(theirs, object) if isinstance(theirs, bytes) else np.asarray(theirs)
    assert ours.shape == theirs.shape
    if ours.dtype == object:
        assert ours.tolist() == theirs.tolist()
        return
    same_bits = ours.tobytes() == theirs.astype(ours.dtype).tobytes()
    assert same_bits or np.array_equal(ours, theirs.astype(ours.dtype), equal_nan=True)


def assert_agrees(path, expected=None):
    """Names, types, shapes and every value are those that TensorFlow reads."""
    theirs = tf.train.load_checkpoint(str(path))
    ours = open_checkpoint(path)
    shapes, types = theirs.get_variable_to_shape_map(), theirs.get_variable_to_dtype_map()
    assert {name: entry.shape.dims for name, entry in ours.entries.items()} == {
        name: tuple(shape) for name, shape in shapes.items()
    }
    assert {name: entry.dtype for name, entry in ours.entries.items()} == {
        name: dtype.as_datatype_enum for name, dtype in types.items()
    }
    assert list(ours.entries) == sorted(ours.entries, key=str.encode)
    if ours.missing_shards:
        return ours
    for name in ours.entries:
        assert_same(ours.tensor(name), theirs.get_tensor(name))
    return ours


def noise(dtype, shape):
    """An array of a numpy type that TensorFlow knows, of any bits."""
    count = math.prod(shape)
    generator = np.random.default_rng(count)
    if dtype == np.bool_:
        return generator.integers(0, 2, shape).astype(bool)
    data = generator.bytes(count * np.dtype(dtype).itemsize)
    array = np.frombuffer(data, dtype).reshape(shape)
    bits = {"int4": 15, "uint4": 15, "int2": 3, "uint2": 3, "float4_e2m1fn": 15}
    if mask := bits.get(np.dtype(dtype).name):
        array = (array.view("u1") & mask).astype("u1").view(dtype).reshape(shape)
    return array


def tensor_of(name, shape):
    dtype = tf.as_dtype(name)
    array = noise(
        dtype.as_numpy_dtype if not dtype.is_quantized else dtypes.BY_NAME[name].numpy, shape
    )
    return (
        tf.bitcast(tf.constant(array), dtype) if dtype.is_quantized else tf.constant(array, dtype)
    )


PART = re.compile(r"\|\(.*\)$")  # tells parts of one tensor apart in the mapping given to save


def save(prefix, tensors, slices=None):
    """Write a TensorBundle by the op that all of TensorFlow's savers use."""
    names = list(tensors)
    tf.raw_ops.SaveV2(
        prefix=str(prefix),
        tensor_names=[PART.sub("", name) for name in names],
        shape_and_slices=[(slices or {}).get(name, "") for name in names],
        tensors=list(tensors.values()),
    )
    return str(prefix)


# --- TensorBundle -------------------------------------------------------------------------------


@pytest.mark.parametrize("name", NUMERIC)
def test_every_type(tmp_path, name):
    tensors = {f"x{number}": tensor_of(name, shape) for number, shape in enumerate(SHAPES)}
    assert_agrees(save(tmp_path / "model", tensors))


@pytest.mark.parametrize("shape", SHAPES)
def test_strings(tmp_path, shape):
    count = math.prod(shape)
    values = np.array((WORDS * 3)[:count] or [b"x"], object)[:count].reshape(shape)
    assert_agrees(save(tmp_path / "model", {"x": tf.constant(values, tf.string, shape)}))


def test_a_large_tensor(tmp_path):
    tensors = {"odd": tf.constant([1], tf.int8), "large": tensor_of("float32", (1234, 2345))}
    assert_agrees(save(tmp_path / "model", tensors))


def test_many_tensors(tmp_path):
    """An index of several blocks, with keys that share their beginnings."""
    names = (f"model/layers/{number % 50}/block_{number}/kernel" for number in range(3000))
    assert_agrees(save(tmp_path / "model", {name: tf.constant(1) for name in names}))


@settings(max_examples=30)
@given(
    st.sets(st.text(st.characters(exclude_categories=["Cs"]), min_size=1), min_size=1, max_size=20)
)
def test_any_names(tmp_path_factory, names):
    tensors = {name: tf.constant(number) for number, name in enumerate(sorted(names))}
    assert_agrees(save(tmp_path_factory.mktemp("names") / "model", tensors))


@st.composite
def partitions(draw):
    """A shape, and ranges of its first two dimensions that make it up."""
    shape = draw(st.lists(st.integers(1, 200), min_size=1, max_size=3))
    cuts = [
        sorted({0, size, *draw(st.lists(st.integers(0, size), max_size=2))})
        if axis < 2
        else [0, size]
        for axis, size in enumerate(shape)
    ]
    ranges = [list(pairwise(cut)) for cut in cuts]
    return shape, ranges


@settings(max_examples=40)
@given(partitions(), st.sampled_from(["float32", "int64", "bfloat16", "complex64", "bool"]))
def test_partitions(tmp_path_factory, partition, name):
    shape, ranges = partition
    whole = tensor_of(name, shape)
    tensors, slices = {}, {}
    for index in np.ndindex(*(len(each) for each in ranges)):
        part = [each[number] for each, number in zip(ranges, index, strict=True)]
        key = f"x|{index}"
        tensors[key] = whole[tuple(slice(*each) for each in part)]
        extents = ":".join(f"{start},{end - start}" for start, end in part)
        slices[key] = f"{' '.join(map(str, shape))} {extents}"
    prefix = save(tmp_path_factory.mktemp("parts") / "model", tensors, slices)
    ours = assert_agrees(prefix)
    assert list(ours.entries) == ["x"]
    assert len(ours.entries["x"].pieces) == len(tensors)
    assert_same(ours.tensor("x"), whole.numpy())


# --- what savers write --------------------------------------------------------------------------


def saved_by_a_session(path, build, config=None, **options):
    with tf.Graph().as_default(), tf.compat.v1.Session(config=config) as session:
        build()
        saver = tf.compat.v1.train.Saver(**options)
        session.run(tf.compat.v1.global_variables_initializer())
        return saver.save(session, str(path), write_meta_graph=False)


def variables():
    get = tf.compat.v1.get_variable
    initializer = tf.compat.v1.random_normal_initializer(seed=1)
    with tf.device("/cpu:0"):
        get("a", [3, 4], initializer=initializer)
        get("count", [], tf.int64, initializer=tf.compat.v1.ones_initializer())
    with tf.device("/cpu:1"):
        get("b", [5], initializer=initializer)
        partitioner = tf.compat.v1.fixed_size_partitioner(3, axis=1)
        get("parted", [4, 7], initializer=initializer, partitioner=partitioner)


TWO_DEVICES = {"device_count": {"CPU": 2}}


@pytest.mark.parametrize("sharded", [False, True])
def test_a_session(tmp_path, sharded):
    config = tf.compat.v1.ConfigProto(**TWO_DEVICES)
    prefix = saved_by_a_session(tmp_path / "model", variables, config, sharded=sharded)
    ours = assert_agrees(prefix)
    assert list(ours.entries) == ["a", "b", "count", "parted"]
    assert ours.num_shards == 1 + sharded
    assert len(ours.entries["parted"].pieces) == 3


def test_objects(tmp_path):
    class Model(tf.Module):
        def __init__(self):
            super().__init__()
            self.kernel = tf.Variable(tf.random.normal((3, 4)))
            self.half = tf.Variable(tf.cast([0.1, 2], tf.float16))
            self.words = tf.Variable(["a", "bc"])
            self.layers = [tf.Variable(number) for number in range(3)]

    checkpoint = tf.train.Checkpoint(model=Model(), step=tf.Variable(5, dtype=tf.int64))
    ours = assert_agrees(checkpoint.save(str(tmp_path / "model")))
    assert "_CHECKPOINTABLE_OBJECT_GRAPH" in ours.entries
    assert ours.tensor("step/.ATTRIBUTES/VARIABLE_VALUE") == 5


def test_a_variant_has_no_values(tmp_path):
    iterator = iter(tf.data.Dataset.range(5))
    prefix = tf.train.Checkpoint(iterator=iterator).save(str(tmp_path / "model"))
    ours = open_checkpoint(prefix)
    variants = [e.name for e in ours.entries.values() if e.dtype == dtypes.VARIANT]
    assert variants
    with pytest.raises(TensorError, match="of type variant has no values"):
        ours.tensor(variants[0])


def test_a_saved_model(tmp_path):
    module = tf.Module()
    module.kernel = tf.Variable(tf.random.normal((3, 4)))
    tf.saved_model.save(module, str(tmp_path))
    assert_agrees(tmp_path / "variables" / "variables")


# --- the first format ---------------------------------------------------------------------------

OF_THE_FIRST_FORMAT = [
    "float32", "float64", "int32", "uint8", "int16", "int8", "complex64", "complex128", "int64",
    "bool", "qint8", "quint8", "qint32", "float16",
]  # fmt: skip


def restored(pattern, name, dtype):
    return tf.raw_ops.Restore(
        file_pattern=str(pattern), tensor_name=name, dt=dtype, preferred_shard=-1
    )


def as_numpy(tensor):
    if tensor.dtype.is_quantized:
        tensor = tf.bitcast(tensor, dtypes.BY_NAME[tensor.dtype.name].numpy)
    return tensor.numpy()


@pytest.mark.parametrize("name", OF_THE_FIRST_FORMAT)
def test_every_type_of_the_first_format(tmp_path, name):
    path = tmp_path / "model"
    tensors = {f"x{number}": tensor_of(name, shape) for number, shape in enumerate(SHAPES)}
    tf.raw_ops.Save(filename=str(path), tensor_names=list(tensors), data=list(tensors.values()))
    ours = open_checkpoint(path)
    assert ours.kind == "CheckpointV1"
    for key, tensor in tensors.items():
        assert ours.entries[key].dtype == tensor.dtype.as_datatype_enum
        assert ours.entries[key].size == tensor.shape.num_elements() * tensor.dtype.size
        assert_same(ours.tensor(key), as_numpy(restored(path, key, tensor.dtype)))
        assert_same(ours.tensor(key), as_numpy(tensor))


def test_large_blocks(tmp_path):
    path = tmp_path / "model"
    tensors = {"zeros": tf.zeros((300, 300)), "words": tf.constant(WORDS * 500)}
    tf.raw_ops.Save(filename=str(path), tensor_names=list(tensors), data=list(tensors.values()))
    assert_agrees(path)


@pytest.mark.parametrize("sharded", [False, True])
def test_a_session_that_writes_the_first_format(tmp_path, sharded):
    config = tf.compat.v1.ConfigProto(**TWO_DEVICES)
    path = saved_by_a_session(
        tmp_path / "model", variables, config, sharded=sharded, write_version=1
    )
    ours = open_checkpoint(path)
    assert list(ours.entries) == ["a", "b", "count", "parted"]
    assert len(ours.files) == ours.num_shards == 1 + sharded
    assert len(ours.entries["parted"].pieces) == 3
    for name, entry in ours.entries.items():
        assert_same(ours.tensor(name), restored(path, name, entry.dtype).numpy())


# --- what this repository's own tests write -----------------------------------------------------


@pytest.mark.parametrize("byte_order", ["LITTLE", "BIG"])
def test_our_writer_writes_bundles(tmp_path, byte_order):
    bundle = Bundle(shards=2)
    bundle.header.endianness = bundle.header.Endianness.Value(byte_order)
    sign = "<" if byte_order == "LITTLE" else ">"
    for name in ("float32", "float64", "int16", "uint8", "complex64", "complex128", "int64"):
        array = np.array([[1, -2, 300]]).astype(name)
        number = dtypes.number(name)
        bundle.add(name, array.astype(array.dtype.newbyteorder(sign)).tobytes(), number, (1, 3), 1)
    bundle.add_strings("words", WORDS, [5], byte_order.lower())
    assert_agrees(bundle.write(tmp_path / "model"))


def test_our_writer_writes_parts(tmp_path):
    bundle = Bundle()
    whole = bundle.add("x", b"", dtypes.FLOAT, [4])
    whole.slices.extend([slice_proto((0, 1)), slice_proto((1, 3))])
    bundle.add(slice_key(b"x", (0, 1)), np.float32([1]).tobytes(), dtypes.FLOAT, [1])
    bundle.add(slice_key(b"x", (1, 3)), np.float32([2, 3, 4]).tobytes(), dtypes.FLOAT, [3])
    assert_agrees(bundle.write(tmp_path / "model"))


@pytest.mark.parametrize("compress", [None, snappy], ids=["plain", "snappy"])
def test_our_writer_writes_the_first_format(tmp_path, compress):
    """TensorFlow's own wheels compress nothing, but they read what other builds compressed."""
    v1 = V1()
    v1.add("zeros", dtypes.INT32, [3000], {(None,): {"int_val": [0, 1, 2] * 1000}})
    v1.add("x", dtypes.FLOAT, [2, 2], {(None, None): {"float_val": [1, 2, 3, 4]}})
    v1.add("s", dtypes.STRING, [], {(): {"string_val": [b"word"]}})
    path = v1.write(tmp_path / "model", compress)
    assert (Path(path).stat().st_size < 1000) == (compress is not None)
    assert_agrees(path)


# --- damage -------------------------------------------------------------------------------------


REFUSALS = (ValueError, RuntimeError, tf.errors.OpError)


@pytest.mark.parametrize("position", [0, 23, 24, 26, 30, 34])
def test_both_refuse_a_damaged_shard(tmp_path, position):
    tensors = {"a": tensor_of("float32", (6,)), "words": tf.constant([b"abc", b"de"])}
    prefix = save(tmp_path / "model", tensors)
    shard = tmp_path / "model.data-00000-of-00001"
    data = bytearray(shard.read_bytes())
    data[position] ^= 1
    shard.write_bytes(data)
    name = "a" if position < 24 else "words"
    with pytest.raises(FileError):
        open_checkpoint(prefix).tensor(name)
    with pytest.raises(REFUSALS):
        tf.train.load_checkpoint(prefix).get_tensor(name)


def test_both_refuse_parts_with_a_hole(tmp_path):
    prefix = save(tmp_path / "model", {"x": tf.constant([1.0])}, {"x": "4 0,1"})
    with pytest.raises(FileError, match="its parts have 1 elements, not the 4"):
        open_checkpoint(prefix).tensor("x")
    with pytest.raises(REFUSALS, match="sufficient slices"):
        tf.train.load_checkpoint(prefix).get_tensor("x")


# --- real files ---------------------------------------------------------------------------------


@needs_corpus
def test_real_checkpoints():
    prefixes = [path.with_suffix("") for path in FOLDER.rglob("*.index")]
    assert prefixes
    for prefix in prefixes:
        assert_agrees(prefix)


@needs_corpus
def test_a_real_checkpoint_of_the_first_format():
    assert_agrees(FOLDER / "checkpoint" / "half_plus_two_v1" / "export")


# --- what pbtool writes -------------------------------------------------------------------------


@pytest.mark.parametrize("name", NUMERIC)
def test_every_type_that_pbtool_writes(tmp_path, name):
    arrays = {f"x{number}": tensor_of(name, shape) for number, shape in enumerate(SHAPES)}
    saved = open_checkpoint(save(tmp_path / "model", arrays))
    prefix = str(tmp_path / "made")
    write_bundle(
        prefix, ((key, each.dtype, saved.tensor(key)) for key, each in saved.entries.items())
    )
    assert_agrees(prefix)


@pytest.mark.parametrize("count", [0, 1, 63, 64, 65, 1000])
def test_many_tensors_and_strings_that_pbtool_writes(tmp_path, count):
    strings = np.array([*WORDS, b"x" * 70_000], object)
    values = [
        (f"layer_{number}/k", dtypes.FLOAT, np.full(3, number, "f4")) for number in range(count)
    ]
    prefix = str(tmp_path / "made")
    write_bundle(prefix, [*values, ("words", dtypes.STRING, strings)])
    made = assert_agrees(prefix)
    assert len(made.entries) == count + 1
