"""Shape rules for the ops of sparse_csr_matrix_ops.cc.

A sparse matrix, or a batch of them, is a scalar variant that refers to the shape of the matrix.
"""

from __future__ import annotations

from pbtool.errors import ShapeError
from pbtool.facts import Fact, Handle
from pbtool.infer.registry import handle_rule, shape_rule
from pbtool.infer.shape_functions import add, broadcast, check_sparse, shape_from, sparse_tensor
from pbtool.shapes import SCALAR, Dimension, Shape, merge_dimensions

Handles = tuple[Handle, ...]


def referred(matrix: Fact) -> Handle:
    """What a sparse matrix refers to; raises ShapeError where not even its rank is known."""
    if not matrix.handles or len(matrix.handles) > 1 or matrix.handles[0].shape.rank is None:
        raise ShapeError("the rank of the sparse matrix is not known")
    matrix.handles[0].shape.at_most(3)
    return matrix.handles[0]


def matrices(matrix: Fact) -> Shape:
    """The shape of a matrix or of a batch of them."""
    return is_matrix(referred(matrix).shape)


def is_matrix(shape: Shape) -> Shape:
    """That shape, which must be one of a matrix or of a batch of them."""
    if shape.rank is None:
        raise ShapeError("the rank of the matrix is not known")
    return shape.at_least(2).at_most(3)


def square(shape: Shape) -> Dimension:
    """The size of a square matrix."""
    rows, columns = shape[-2:]
    return merge_dimensions(rows, columns)


@shape_rule("""
    DenseToCSRSparseMatrix SparseMatrixAdd SparseMatrixMul SparseMatrixSoftmax
    SparseMatrixSoftmaxGrad SparseMatrixSparseCholesky SparseMatrixSparseMatMul
    SparseMatrixTranspose SparseMatrixZeros SparseTensorToCSRSparseMatrix
""")
def matrix(*inputs: Fact) -> Shape:
    """A scalar that refers to a sparse matrix."""
    return SCALAR


@handle_rule("SparseTensorToCSRSparseMatrix")
def from_sparse_tensor(indices: Fact, values: Fact, dense_shape: Fact, *, T: int) -> Handles:
    """A matrix of the stated shape."""
    check_sparse(indices, values, dense_shape)
    rank = indices.shape[1]
    if rank is None:
        raise ShapeError("the rank of the sparse tensor is not known")
    return (Handle(T, is_matrix(shape_from(dense_shape).with_rank(rank))),)


@handle_rule("DenseToCSRSparseMatrix")
def from_dense(dense_input: Fact, indices: Fact, *, T: int) -> Handles:
    """A matrix of the same shape."""
    shape = is_matrix(dense_input.shape)
    if indices.shape.with_rank(2)[1] != shape.rank:
        raise ShapeError(f"indices of shape {indices.shape} are not for rank {shape.rank}")
    return (Handle(T, shape),)


@shape_rule("CSRSparseMatrixToDense")
def to_dense(sparse_input: Fact) -> Shape:
    """The matrix."""
    return referred(sparse_input).shape


@shape_rule("CSRSparseMatrixToSparseTensor")
def to_sparse_tensor(sparse_matrix: Fact) -> list[Shape]:
    """A sparse tensor of the same rank."""
    return sparse_tensor(referred(sparse_matrix).shape.rank)


@shape_rule("CSRSparseMatrixComponents")
def components(csr_sparse_matrix: Fact, index: Fact) -> list[Shape]:
    """Where each row begins, columns and values."""
    if index.shape.rank != 0:
        raise ShapeError("the index must be known to be a scalar")
    rows = matrices(csr_sparse_matrix)[-2]
    return [Shape([add(rows, 1)]), Shape([None]), Shape([None])]


@shape_rule("SparseMatrixNNZ")
def nnz(sparse_matrix: Fact) -> Shape:
    """A number for each matrix of the batch."""
    return matrices(sparse_matrix)[:-2]


@shape_rule("SparseMatrixMatMul")
def mat_mul(
    a: Fact,
    b: Fact,
    *,
    transpose_a: bool,
    transpose_b: bool,
    adjoint_a: bool,
    adjoint_b: bool,
    transpose_output: bool,
) -> Shape:
    """The products of sparse matrices and dense ones."""
    first = matrices(a)
    first = flipped(first, transpose_a, adjoint_a)
    second = flipped(b.shape.with_rank(len(first.known_dims)), transpose_b, adjoint_b)
    merge_dimensions(first[-1], second[-2])
    product = first[:-2].merge(second[:-2]) + Shape([first[-2], second[-1]])
    return product.flipped(transpose_output)


@handle_rule("SparseMatrixSparseMatMul")
def sparse_mat_mul(
    a: Fact,
    b: Fact,
    *,
    transpose_a: bool,
    transpose_b: bool,
    adjoint_a: bool,
    adjoint_b: bool,
) -> Handles:
    """The products of sparse matrices; batches are broadcast."""
    first = flipped(matrices(a), transpose_a, adjoint_a)
    second = flipped(matrices(b), transpose_b, adjoint_b)
    merge_dimensions(first[-1], second[-2])
    product = broadcast(first[:-2], second[:-2]) + Shape([first[-2], second[-1]])
    return (Handle(referred(b).dtype, product),)


def flipped(shape: Shape, transpose: bool, adjoint: bool) -> Shape:
    """The shape of the matrix that is multiplied."""
    if transpose and adjoint:
        raise ShapeError("a matrix cannot be both transposed and adjoint")
    return shape.flipped(transpose or adjoint)


@handle_rule("SparseMatrixAdd")
def add_matrices(a: Fact, b: Fact, alpha: Fact, beta: Fact) -> Handles:
    """The shape that both have."""
    alpha.shape.with_rank(0)
    beta.shape.with_rank(0)
    return (Handle(referred(b).dtype, matrices(a).merge(matrices(b))),)


@handle_rule("SparseMatrixMul")
def multiply(a: Fact, b: Fact) -> Handles:
    """The matrix, times a number or one for each of the batch."""
    shape = referred(a).shape
    if b.shape.rank != 0:
        if b.shape.rank != 3 or b.shape[1] != 1 or b.shape[2] != 1:
            raise ShapeError(f"sparse matrices cannot be multiplied by shape {b.shape}")
        shape = shape.with_rank(3).merge(Shape([b.shape[0], None, None]))
    return (Handle(referred(a).dtype, shape),)


@handle_rule("SparseMatrixTranspose")
def transpose(input: Fact) -> Handles:
    """The matrix with rows and columns exchanged."""
    return (Handle(referred(input).dtype, matrices(input).flipped(True)),)


@handle_rule("SparseMatrixSoftmax")
def softmax(logits: Fact) -> Handles:
    """The same shape."""
    return (Handle(referred(logits).dtype, matrices(logits)),)


@handle_rule("SparseMatrixSoftmaxGrad")
def softmax_grad(softmax: Fact, grad_softmax: Fact) -> Handles:
    """The shape that both have."""
    shape = matrices(softmax).merge(matrices(grad_softmax))
    return (Handle(referred(grad_softmax).dtype, shape),)


@shape_rule("SparseMatrixOrderingAMD")
def ordering_amd(input: Fact) -> Shape:
    """An order of the rows of each square matrix."""
    shape = matrices(input)
    square(shape)
    return shape[:-1]


@handle_rule("SparseMatrixSparseCholesky")
def sparse_cholesky(input: Fact, permutation: Fact) -> Handles:
    """The same shape; the permutation is one of the rows."""
    shape = matrices(input)
    if permutation.shape.rank not in (1, 2):
        raise ShapeError(f"shape {permutation.shape} is none of a permutation of rows")
    merge_dimensions(permutation.shape[-1], square(shape))
    return (Handle(referred(input).dtype, shape),)


@handle_rule("SparseMatrixZeros")
def zeros(dense_shape: Fact, *, type: int) -> Handles:
    """A matrix of the stated shape."""
    return (Handle(type, is_matrix(shape_from(dense_shape))),)
