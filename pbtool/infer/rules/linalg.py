"""Shape rules for the ops of linalg_ops.cc: a matrix is in the last two dimensions of a tensor."""

from __future__ import annotations

from collections.abc import Sequence

from pbtool.errors import ShapeError
from pbtool.facts import Fact
from pbtool.infer.patterns import patterns
from pbtool.infer.registry import shape_rule
from pbtool.infer.shape_functions import add, broadcast, smaller
from pbtool.shapes import SCALAR, UNKNOWN, Dimension, Shape, merge_dimensions

patterns("""
    [S,n,n] -> [S,n,n]
        Cholesky CholeskyGrad MatrixExponential MatrixInverse MatrixLogarithm MatrixSquareRoot
    [S,n,n] -> S ; S
        LogMatrixDeterminant
    [S,n,n] -> [S,n,n] ; [S,n]
        Lu
    [S,n,n] -> S
        MatrixDeterminant
    [S,n,n] ; [S,n,k] -> [S,n,k]
        MatrixSolve
    [S,m,n] ; [S,m,k] ; [] -> [S,n,k]
        MatrixSolveLs
""")


@shape_rule("Eig SelfAdjointEigV2")
def eig(input: Fact, *, compute_v: bool) -> list[Shape]:
    """Eigenvalues, and the eigenvectors if they are asked for."""
    batch, n = _square(input)
    values = batch + Shape([n])
    return [values, values + Shape([n]) if compute_v else Shape([0])]


@shape_rule("SelfAdjointEig")
def self_adjoint_eig(input: Fact) -> Shape:
    """A row of eigenvalues above the eigenvectors."""
    batch, n = _square(input)
    return batch + Shape((add(n, 1), n))


def _square(matrices: Fact) -> tuple[Shape, Dimension]:
    """The batch of square matrices, and their size."""
    shape = matrices.shape.at_least(2)
    return shape[:-2], merge_dimensions(shape[-2:].with_rank(2)[0], shape[-2:].with_rank(2)[1])


@shape_rule("Qr")
def qr(input: Fact, *, full_matrices: bool) -> list[Shape]:
    """An orthogonal matrix, and a triangular one."""
    batch, m, n, p = _rectangle(input)
    k = m if full_matrices else p
    return [batch + Shape((m, k)), batch + Shape((k, n))]


@shape_rule("Svd")
def svd(input: Fact, *, compute_uv: bool, full_matrices: bool) -> list[Shape]:
    """Singular values, and their left and right vectors if they are asked for."""
    batch, m, n, p = _rectangle(input)
    u, v = (m, n) if full_matrices else (p, p)
    vectors = [batch + Shape((m, u)), batch + Shape((n, v))] if compute_uv else [Shape([0])] * 2
    return [batch + Shape([p]), *vectors]


def _rectangle(matrices: Fact) -> tuple[Shape, Dimension, Dimension, Dimension]:
    """The batch of matrices, their height, their width and the smaller of both."""
    shape = matrices.shape.at_least(2)
    m, n = shape[-2:].with_rank(2)
    return shape[:-2], m, n, smaller(m, n)


@shape_rule("MatrixTriangularSolve")
def matrix_triangular_solve(matrix: Fact, rhs: Fact) -> Shape:
    """The solutions of equations, whose batch dimensions are broadcast."""
    batch, n = _square(matrix)
    return _solutions(batch, n, rhs)


@shape_rule("BandedTriangularSolve")
def banded_triangular_solve(matrix: Fact, rhs: Fact) -> Shape:
    """The same, of matrices of which only the bands are given, each in a row."""
    batch, bands, n, fewer = _rectangle(matrix)
    if bands == 0 or (bands is not None and n is not None and bands != fewer):
        raise ShapeError(f"a matrix of size {n} cannot have {bands} bands")
    return _solutions(batch, n, rhs)


def _solutions(batch: Shape, n: Dimension, rhs: Fact) -> Shape:
    b = rhs.shape.at_least(2)
    if batch.rank is None or b.rank is None:
        return UNKNOWN
    return broadcast(batch, b[:-2]) + Shape((merge_dimensions(n, b[-2]), b[-1]))


@shape_rule("TridiagonalMatMul")
def tridiagonal_mat_mul(superdiag: Fact, maindiag: Fact, subdiag: Fact, rhs: Fact) -> Shape:
    """The shape of the last input, the others being three diagonals of as many rows."""
    n = rhs.shape.at_least(2)[-2:].with_rank(2)[0]
    for fact in (superdiag, maindiag, subdiag):
        one, n_ = fact.shape.at_least(2)[-2:].with_rank(2)
        merge_dimensions(one, 1)
        n = merge_dimensions(n, n_)
    # TensorFlow compares the batches of each two inputs but the first and the last.
    diagonals = (superdiag, maindiag), (superdiag, subdiag), (maindiag, subdiag)
    for one_input, other in (*diagonals, (maindiag, rhs), (subdiag, rhs)):
        one_input.shape[:-2].merge(other.shape[:-2])
    return rhs.shape


@shape_rule("TridiagonalSolve")
def tridiagonal_solve(diagonals: Fact, rhs: Fact) -> Shape:
    """The shape of the last input, the other being three diagonals of as many rows."""
    three, n = diagonals.shape.at_least(2)[-2:].with_rank(2)
    merge_dimensions(three, 3)
    merge_dimensions(n, rhs.shape.at_least(2)[-2:].with_rank(2)[0])
    diagonals.shape[:-2].merge(rhs.shape[:-2])
    return rhs.shape


@shape_rule("Einsum")
def einsum(inputs: Sequence[Fact], *, equation: str) -> Shape:
    """The labelled dimensions that the equation keeps, and those of an ellipsis, broadcast."""
    operands, arrow, output = equation.partition("->")
    terms = operands.split(",")
    if not arrow or len(terms) != len(inputs) or len(terms) > 2:
        raise ShapeError(f"equation {equation!r} does not fit {len(inputs)} inputs")
    sizes: dict[str, Dimension] = {}
    others = SCALAR
    for term, fact in zip(terms, inputs, strict=True):
        front, dots, back = _labels(term)
        shape, count = fact.shape, len(front + back)
        shape = shape.at_least(count) if dots else shape.with_rank(count)
        for place, label in [*enumerate(front), *enumerate(back, -len(back))]:
            sizes[label] = merge_dimensions(sizes.get(label), shape[place])
        if dots:
            rest = shape[len(front) :]
            others = broadcast(others, rest[: -len(back)] if back else rest)
    front, dots, back = _labels(output)
    if not sizes.keys() >= set(front + back) or not (dots or others.rank in (None, 0)):
        raise ShapeError(f"equation {equation!r} does not tell what becomes of the dimensions")
    kept = [Shape(sizes[label] for label in labels) for labels in (front, back)]
    return kept[0] + (others if dots else SCALAR) + kept[1]


def _labels(term: str) -> tuple[str, str, str]:
    front, dots, back = term.partition("...")
    if "." in front + back:
        raise ShapeError(f"{term!r} is no term of an equation")
    return front, dots, back
