"""Rules for the ops of TensorFlow's array_ops.cc that read and write diagonals."""

from __future__ import annotations

from pbtool.errors import ShapeError
from pbtool.facts import Fact
from pbtool.infer.registry import shape_rule
from pbtool.infer.shape_functions import dimension_of, known_int, known_ints, smaller
from pbtool.shapes import UNKNOWN, Dimension, Shape, merge_dimensions


@shape_rule("Diag")
def diag(diagonal: Fact) -> Shape:
    """The shape twice."""
    return diagonal.shape.at_least(1) + diagonal.shape


@shape_rule("DiagPart")
def diag_part(input: Fact) -> Shape:
    """Half of a shape whose two halves are the same."""
    rank = input.shape.rank
    if rank is None:
        return UNKNOWN
    if rank == 0 or rank % 2:
        raise ShapeError(f"the rank must be even and not zero, not {rank}")
    return input.shape[: rank // 2].merge(input.shape[rank // 2 :])


@shape_rule("MatrixDiag")
def matrix_diag(diagonal: Fact) -> Shape:
    """The last dimension twice."""
    return diagonal.shape.at_least(1) + diagonal.shape[-1:]


@shape_rule("MatrixDiagPart")
def matrix_diag_part(input: Fact) -> Shape:
    """The smaller of the last two dimensions."""
    shape = input.shape.at_least(2)
    return shape[:-2] + Shape([smaller(shape[-2], shape[-1])])


@shape_rule("MatrixSetDiag")
def matrix_set_diag(input: Fact, diagonal: Fact) -> Shape:
    """The input, whose diagonal is replaced."""
    shape, line = input.shape.at_least(2), diagonal.shape.at_least(1)
    if shape.rank is not None:
        line = line.with_rank(shape.rank - 1)
    merge_dimensions(smaller(shape[-2], shape[-1]), line[-1])
    return shape if shape.is_full else shape.merge(line[:-1] + Shape([None, None]))


# --- bands of diagonals ---


def _band(k: Fact) -> tuple[int, int] | None:
    """The lowest and the highest diagonal; None where they are not known."""
    ks = known_ints(k)
    if ks is None:
        return None
    if len(ks) not in (1, 2) or ks[0] > ks[-1]:
        raise ShapeError(f"k must be one or two numbers in ascending order, not {list(ks)}")
    return ks[0], ks[-1]


def _check_band(band: tuple[int, int], rows: Dimension, columns: Dimension) -> None:
    if rows is None or columns is None:
        return
    for k in band:
        if k and not -rows < k < columns:
            raise ShapeError(f"there is no diagonal {k} in {rows} rows and {columns} columns")


@shape_rule("MatrixDiagPartV2 MatrixDiagPartV3")
def matrix_diag_part_v2(input: Fact, k: Fact, padding_value: Fact) -> Shape:
    """The diagonals of each matrix, as rows of one matrix if there are several."""
    shape = input.shape.at_least(2)
    k.shape.at_most(1)
    padding_value.shape.with_rank(0)
    band = None if shape.rank is None else _band(k)
    if band is None:
        return UNKNOWN
    low, high = band
    rows, columns = shape[-2:]
    _check_band(band, rows, columns)
    longest = None
    if rows is not None and columns is not None:
        longest = min(rows + min(high, 0), columns - max(low, 0))
    return shape[:-2] + Shape([high - low + 1] if low < high else []) + Shape([longest])


@shape_rule("MatrixDiagV2 MatrixDiagV3")
def matrix_diag_v2(
    diagonal: Fact, k: Fact, num_rows: Fact, num_cols: Fact, padding_value: Fact
) -> Shape:
    """Matrices with the given diagonals, as small as they can be where no size is given."""
    shape = diagonal.shape.at_least(1)
    k.shape.at_most(1)
    sizes = known_int(num_rows), known_int(num_cols)
    padding_value.shape.with_rank(0)
    band = None if shape.rank is None else _band(k)
    if band is None:
        return UNKNOWN
    several = band[0] < band[1]
    if several and shape.at_least(2)[-2] != band[1] - band[0] + 1:
        raise ShapeError(f"{shape} does not hold the diagonals {band[0]} to {band[1]}")
    rows, columns = map(dimension_of, sizes)
    return shape[: -1 - several] + _enclosing(shape[-1], band, rows, columns)


def _enclosing(
    longest: Dimension, band: tuple[int, int], rows: Dimension, columns: Dimension
) -> Shape:
    """The matrix that a band of diagonals fits into, of which the longest has that length."""
    if longest is None:
        longest = -1  # TensorFlow reckons on with what stands for an unknown size
    least = longest - min(band[1], 0), longest + max(band[0], 0)
    if rows is None and columns is None:
        rows = columns = max(least)
    rows = least[0] if rows is None else rows
    columns = least[1] if columns is None else columns
    if rows < least[0] or columns < least[1] or (rows > least[0] and columns > least[1]):
        raise ShapeError(f"diagonals of {longest} do not fit into {rows} rows, {columns} columns")
    return Shape(map(dimension_of, (rows, columns)))


@shape_rule("MatrixSetDiagV2 MatrixSetDiagV3")
def matrix_set_diag_v2(input: Fact, diagonal: Fact, k: Fact) -> Shape:
    """The input, some of whose diagonals are replaced."""
    shape, lines = input.shape.at_least(2), diagonal.shape.at_least(1)
    k.shape.at_most(1)
    band = _band(k)
    several = band is not None and band[0] < band[1]
    # TensorFlow asks first what can be said without k, and refuses several diagonals there.
    _replaced(shape, lines, several=False)
    if shape.rank is not None:
        lines = lines.at_least(shape.rank - 1).at_most(shape.rank)
        lines = lines if band is None else lines.with_rank(shape.rank - 1 + several)
        _check_band(band or (0, 0), *shape[-2:])
    return _replaced(shape, lines.at_least(1 + several), several=several)


def _replaced(shape: Shape, lines: Shape, *, several: bool) -> Shape:
    """Matrices that have the same batches as the diagonals."""
    if lines.rank is None or shape.is_full:
        return shape
    return shape.merge(lines[: -1 - several] + Shape([None, None]))
