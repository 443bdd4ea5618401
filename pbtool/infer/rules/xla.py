"""Shape rules for the ops of TensorFlow's xla_ops.cc and xla_jit_ops.cc."""

from __future__ import annotations

from collections.abc import Sequence

from pbtool.errors import ShapeError
from pbtool.facts import Fact
from pbtool.infer.messages import numbers
from pbtool.infer.patterns import patterns
from pbtool.infer.registry import shape_rule
from pbtool.infer.shape_functions import of_same_rank, shape_from
from pbtool.shapes import SCALAR, UNKNOWN, Dimension, Shape

patterns("""
    S -> S
        XlaAllReduce XlaClusterOutput XlaDynamicUpdateSlice XlaReducePrecision XlaScatter
        XlaSharding XlaSort
    S ; T -> S ; T
        XlaKeyValueSort
    -> []
        GlobalIterId XlaReplicaId
""")


@shape_rule("XlaConv XlaConvV2 XlaReduceWindow XlaSelectAndScatter")
def same_rank(operand: Fact, *others: Fact) -> Shape:
    """Something of the operand's rank."""
    return of_same_rank(operand.shape)


@shape_rule("XlaDynamicSlice")
def xla_dynamic_slice(input: Fact, start_indices: Fact, size_indices: Fact) -> Shape:
    """A part of the given size."""
    sizes = shape_from(size_indices)
    return of_same_rank(input.shape) if sizes.rank is None else sizes


@shape_rule("XlaOptimizationBarrier XlaVariadicSort")
def all_unchanged(inputs: Sequence[Fact], *others: Fact) -> list[Shape]:
    """The shapes of the inputs."""
    return [fact.shape for fact in inputs]


TYPE, TILES, TILED = 1, 3, 3  # fields of the message OpSharding, and the type of one with tiles


@shape_rule("XlaSpmdFullToShardShape")
def xla_spmd_full_to_shard_shape(input: Fact, *, manual_sharding: str, dim: int) -> Shape:
    """One of the tiles that the input is cut into, along one dimension or all of them."""
    given = numbers(manual_sharding)
    if input.shape.rank is None or given.get(TYPE) != [TILED]:
        return input.shape
    tiles = given.get(TILES, [])
    dims = enumerate(input.shape)
    return Shape(size if 0 <= dim != axis else tile(size, tiles[axis:]) for axis, size in dims)


def tile(size: Dimension, tiles: Sequence[int]) -> Dimension:
    """The size of one of so many tiles as stands first in the list."""
    if size is not None and not any(tiles[:1]):
        raise ShapeError("the sharding says of a dimension nothing or that it has no tiles")
    return None if size is None else -(-size // tiles[0])


def stated(shape: Shape) -> Shape:
    """The shape that an attr states, which must be known; nothing stated is a scalar."""
    if shape.rank is not None and not shape.is_full:
        raise ShapeError(f"the shape in the attr must be known, not {shape}")
    return SCALAR if shape.rank is None else shape


@shape_rule("XlaRecv")
def xla_recv(*, shape: Shape) -> Shape:
    """The shape in the attr."""
    return stated(shape)


@shape_rule("XlaSpmdShardToFullShape")
def xla_spmd_shard_to_full_shape(input: Fact, *, full_shape: Shape) -> Shape:
    """The shape in the attr."""
    return stated(full_shape)


@shape_rule("XlaCustomCall")
def xla_custom_call(args: Sequence[Fact], *, shape: Shape) -> Shape:
    """The shape in the attr."""
    return stated(shape)


@shape_rule("XlaCustomCallV2")
def xla_custom_call_v2(operands: Sequence[Fact], *, result_shapes: list[Shape]) -> list[Shape]:
    """The shapes in the attr."""
    return [stated(shape) for shape in result_shapes]


@shape_rule("XlaCallModule")
def xla_call_module(
    args: Sequence[Fact],
    *,
    Sout: list[Shape],
    dtypes: tuple[int, ...],
) -> list[Shape]:
    """The shapes in the attr, as far as there are any."""
    return (Sout + [UNKNOWN] * len(dtypes))[: len(dtypes)]
