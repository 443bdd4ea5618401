"""Shape rules for the ops of parsing_ops.cc."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from pbtool import dtypes as types
from pbtool.errors import ShapeError
from pbtool.facts import Fact
from pbtool.infer.patterns import patterns
from pbtool.infer.registry import shape_rule
from pbtool.infer.shape_functions import add, dimension_from, divide, sparse_tensor
from pbtool.shapes import SCALAR, UNKNOWN, Shape

patterns("""
    S -> [S,?]
        DecodeRaw
""")


@shape_rule("DecodeCSV")
def decode_csv(records: Fact, record_defaults: Sequence[Fact]) -> list[Shape]:
    """Each column has the shape of the records, and at most one default."""
    check_defaults(record_defaults)
    return [records.shape] * len(record_defaults)


def check_defaults(record_defaults: Sequence[Fact]) -> None:
    """Raise ShapeError unless each column of a CSV file has at most one default."""
    for default in record_defaults:
        if default.shape.at_most(1).rank == 1 and (default.shape[0] or 0) > 1:
            raise ShapeError(f"shape {default.shape} is no default of one column")


@shape_rule("DecodePaddedRaw")
def decode_padded_raw(input_bytes: Fact, fixed_length: Fact, *, out_type: int) -> Shape:
    """As many elements as fit into a length that is given in bytes."""
    size = types.BY_NUMBER[out_type].size
    return input_bytes.shape + Shape([divide(dimension_from(fixed_length), size)])


# --- examples, and sequences of them: a scalar holds one, a vector a batch ---


@shape_rule("ParseSingleExample")
def parse_single_example(
    serialized: Fact,
    dense_defaults: Sequence[Fact],
    *,
    num_sparse: int,
    sparse_keys: list[str],
    dense_keys: list[str],
    sparse_types: tuple[int, ...],
    dense_shapes: list[Shape],
) -> list[Shape]:
    """One example."""
    example = serialized.shape.with_rank(0)
    _check_counts(num_sparse, len(sparse_keys), len(sparse_types))
    _check_counts(len(dense_defaults), len(dense_keys), len(dense_shapes))
    return [*_sparse(num_sparse, example), *_dense(example, dense_shapes)]


@shape_rule("ParseExample")
def parse_example(
    serialized: Fact,
    names: Fact,
    sparse_keys: Sequence[Fact],
    dense_keys: Sequence[Fact],
    dense_defaults: Sequence[Fact],
    *,
    sparse_types: tuple[int, ...],
    dense_shapes: list[Shape],
) -> list[Shape]:
    """A batch of examples."""
    batch = serialized.shape.with_rank(1)
    names.shape.with_rank(1)
    _check_counts(len(sparse_keys), len(sparse_types))
    _check_counts(len(dense_keys), len(dense_defaults), len(dense_shapes))
    return [*_sparse(len(sparse_keys), batch), *_dense(batch, dense_shapes)]


@shape_rule("ParseExampleV2")
def parse_example_v2(
    serialized: Fact,
    names: Fact,
    sparse_keys: Fact,
    dense_keys: Fact,
    ragged_keys: Fact,
    dense_defaults: Sequence[Fact],
    *,
    num_sparse: int,
    sparse_types: tuple[int, ...],
    ragged_value_types: tuple[int, ...],
    ragged_split_types: tuple[int, ...],
    dense_shapes: list[Shape],
) -> list[Shape]:
    """One example, or a batch of them."""
    batch = serialized.shape.at_most(1)
    names.shape.at_most(1)
    _check_counts(num_sparse, len(sparse_types))
    _check_counts(len(ragged_value_types), len(ragged_split_types))
    _check_counts(len(dense_defaults), len(dense_shapes))
    ragged = len(ragged_value_types)
    return [
        *_sparse(num_sparse, batch),
        *_dense(batch, dense_shapes),
        *[VECTOR] * ragged,
        *[_row_splits(batch)] * ragged,
    ]


@shape_rule("ParseSingleSequenceExample")
def parse_single_sequence_example(
    serialized: Fact,
    feature_list_dense_missing_assumed_empty: Fact,
    context_sparse_keys: Sequence[Fact],
    context_dense_keys: Sequence[Fact],
    feature_list_sparse_keys: Sequence[Fact],
    feature_list_dense_keys: Sequence[Fact],
    context_dense_defaults: Sequence[Fact],
    debug_name: Fact,
    *,
    context_sparse_types: tuple[int, ...],
    context_dense_shapes: list[Shape],
    feature_list_sparse_types: tuple[int, ...],
    feature_list_dense_types: tuple[int, ...],
    feature_list_dense_shapes: list[Shape],
) -> list[Shape]:
    """One sequence."""
    example = serialized.shape.with_rank(0)
    feature_list_dense_missing_assumed_empty.shape.with_rank(1)
    context_sparse, context_dense = len(context_sparse_keys), len(context_dense_keys)
    list_sparse, list_dense = len(feature_list_sparse_keys), len(feature_list_dense_keys)
    _check_counts(context_sparse, len(context_sparse_types))
    _check_counts(context_dense, len(context_dense_defaults), len(context_dense_shapes))
    _check_counts(list_sparse, len(feature_list_sparse_types))
    _check_counts(list_dense, len(feature_list_dense_types))
    return [
        *_sparse(context_sparse, example),
        *_plain(example, context_dense_shapes),
        *_sparse(list_sparse, example + VECTOR),
        *_plain(example + VECTOR, feature_list_dense_shapes),
        # Shapes that are not stated are not known.
        *[UNKNOWN] * (list_dense - len(feature_list_dense_shapes)),
    ]


@shape_rule("ParseSequenceExample")
def parse_sequence_example(
    serialized: Fact,
    debug_name: Fact,
    context_dense_defaults: Sequence[Fact],
    *,
    Ncontext_sparse: int,
    Ncontext_dense: int,
    Nfeature_list_sparse: int,
    Nfeature_list_dense: int,
    context_sparse_keys: list[str],
    context_dense_keys: list[str],
    feature_list_sparse_keys: list[str],
    feature_list_dense_keys: list[str],
    context_sparse_types: tuple[int, ...],
    context_dense_shapes: list[Shape],
    feature_list_sparse_types: tuple[int, ...],
    feature_list_dense_types: tuple[int, ...],
    feature_list_dense_shapes: list[Shape],
) -> list[Shape]:
    """A batch of sequences."""
    batch = serialized.shape.with_rank(1)
    debug_name.shape.with_rank(1)
    _check_counts(Ncontext_sparse, len(context_sparse_keys), len(context_sparse_types))
    _check_counts(Ncontext_dense, len(context_dense_keys), len(context_dense_shapes))
    _check_counts(Ncontext_dense, len(context_dense_defaults))
    _check_counts(Nfeature_list_sparse, len(feature_list_sparse_keys))
    _check_counts(Nfeature_list_sparse, len(feature_list_sparse_types))
    _check_counts(Nfeature_list_dense, len(feature_list_dense_keys))
    _check_counts(Nfeature_list_dense, len(feature_list_dense_types))
    _check_counts(Nfeature_list_dense, len(feature_list_dense_shapes))
    return [
        *_sparse(Ncontext_sparse, batch),
        *_plain(batch, context_dense_shapes),
        *_sparse(Nfeature_list_sparse, batch + VECTOR),
        *_plain(batch + VECTOR, feature_list_dense_shapes),
        *[batch] * Nfeature_list_dense,
    ]


@shape_rule("ParseSequenceExampleV2")
def parse_sequence_example_v2(
    serialized: Fact,
    debug_name: Fact,
    context_sparse_keys: Fact,
    context_dense_keys: Fact,
    context_ragged_keys: Fact,
    feature_list_sparse_keys: Fact,
    feature_list_dense_keys: Fact,
    feature_list_ragged_keys: Fact,
    feature_list_dense_missing_assumed_empty: Fact,
    context_dense_defaults: Sequence[Fact],
    *,
    Ncontext_sparse: int,
    Nfeature_list_sparse: int,
    Nfeature_list_dense: int,
    context_sparse_types: tuple[int, ...],
    context_dense_shapes: list[Shape],
    context_ragged_value_types: tuple[int, ...],
    context_ragged_split_types: tuple[int, ...],
    feature_list_sparse_types: tuple[int, ...],
    feature_list_dense_types: tuple[int, ...],
    feature_list_dense_shapes: list[Shape],
    feature_list_ragged_value_types: tuple[int, ...],
    feature_list_ragged_split_types: tuple[int, ...],
) -> list[Shape]:
    """One sequence, or a batch of them."""
    batch = serialized.shape.at_most(1)
    debug_name.shape.at_most(1)
    context_ragged, list_ragged = (
        len(context_ragged_value_types),
        len(feature_list_ragged_value_types),
    )
    _check_counts(Ncontext_sparse, len(context_sparse_types))
    _check_counts(len(context_dense_defaults), len(context_dense_shapes))
    _check_counts(context_ragged, len(context_ragged_split_types))
    _check_counts(Nfeature_list_sparse, len(feature_list_sparse_types))
    _check_counts(Nfeature_list_dense, len(feature_list_dense_types))
    _check_counts(Nfeature_list_dense, len(feature_list_dense_shapes))
    _check_counts(list_ragged, len(feature_list_ragged_split_types))
    return [
        *_sparse(Ncontext_sparse, batch),
        *_plain(batch, context_dense_shapes),
        *[VECTOR] * context_ragged,
        *[_row_splits(batch)] * context_ragged,
        *_sparse(Nfeature_list_sparse, batch + VECTOR),
        *_plain(batch + VECTOR, feature_list_dense_shapes),
        *[batch] * Nfeature_list_dense,
        *[VECTOR] * list_ragged,
        *[_row_splits(batch)] * list_ragged,
        *[VECTOR] * list_ragged,
    ]


VECTOR = Shape([None])


def _sparse(count: int, batch: Shape) -> list[Shape]:
    """The indices, values and shapes of features: in each example, a vector of any length."""
    return [part for part in sparse_tensor(add(batch.rank, 1)) for _ in range(count)]


def _dense(batch: Shape, shapes: list[Shape]) -> Iterator[Shape]:
    """The values of features, whose sizes are known but for the first one."""
    for shape in shapes:
        if not shape[1:].is_full:
            raise ShapeError(f"shape {shape} of a feature may leave only its first size open")
        yield batch + shape


def _plain(batch: Shape, shapes: list[Shape]) -> Iterator[Shape]:
    """The values of features, all of whose sizes are known; an unknown rank means scalars."""
    for shape in shapes:
        if shape.rank is not None and not shape.is_full:
            raise ShapeError(f"shape {shape} of a feature must be known")
        yield batch + (SCALAR if shape.rank is None else shape)


def _row_splits(batch: Shape) -> Shape:
    """The row splits of features in a batch: one row for each example."""
    return Shape([add(batch[0], 1)]) if batch.rank == 1 else VECTOR


def _check_counts(*counts: int) -> None:
    if len(set(counts)) > 1:
        raise ShapeError("the attrs and inputs tell different numbers of features")
