"""Shape rules for the ops of TPU embeddings and sparse cores."""

from __future__ import annotations

from collections.abc import Sequence

from pbtool import dtypes
from pbtool.errors import ShapeError
from pbtool.facts import Fact
from pbtool.infer.patterns import patterns
from pbtool.infer.registry import shape_rule
from pbtool.infer.shape_functions import check_rank, check_same, dimension_of
from pbtool.shapes import SCALAR, UNKNOWN, Shape

FLOAT, BFLOAT16 = dtypes.FLOAT, dtypes.number("bfloat16")

patterns("""
    -> []
        XlaRecvTPUEmbeddingDeduplicationData XlaRecvTPUEmbeddingDeduplicationDataV2
    [] ->
        ConnectTPUEmbeddingHosts
    _ ; S -> S
        TPUEmbeddingActivations

    _ ; _ ; _ ; S -> S
        XlaSparseCoreSgd
    _ ; _ ; _ ; A ; S -> S ; A
        XlaSparseCoreAdagrad
    S ; _ ; _ ; _ ; M ; V -> S ; V ; M
        XlaSparseCoreAdam
    S ; A ; L -> S ; A ; L
        XlaSparseCoreFtrl
    _ ; _ ; _ ; _ ; _ ; A ; M ; S -> S ; A ; M
        XlaSparseCoreAdagradMomentum

    _ ; _ ; _ ; _ ; _ ; _ ; S -> S
        XlaSparseDenseMatmulGradWithSgdAndCsrInput
        XlaSparseDenseMatmulGradWithSgdAndStaticBufferSize
    _ ; _ ; _ ; _ ; _ ; _ ; S ; A -> S ; A
        XlaSparseDenseMatmulGradWithAdagradAndCsrInput
        XlaSparseDenseMatmulGradWithAdagradAndStaticBufferSize
    _ ; _ ; _ ; _ ; _ ; _ ; S ; A ; M -> S ; A ; M
        XlaSparseDenseMatmulGradWithAdagradMomentumAndCsrInput
        XlaSparseDenseMatmulGradWithAdagradMomentumAndStaticBufferSize
        XlaSparseDenseMatmulGradWithAdamAndCsrInput
        XlaSparseDenseMatmulGradWithAdamAndStaticBufferSize
        XlaSparseDenseMatmulGradWithFtrlAndCsrInput
        XlaSparseDenseMatmulGradWithFtrlAndStaticBufferSize
""")


@shape_rule("""
    RetrieveTPUEmbeddingADAMParameters RetrieveTPUEmbeddingAdadeltaParameters
    RetrieveTPUEmbeddingAdagradMomentumParameters RetrieveTPUEmbeddingAdagradParameters
    RetrieveTPUEmbeddingCenteredRMSPropParameters RetrieveTPUEmbeddingFTRLParameters
    RetrieveTPUEmbeddingFrequencyEstimatorParameters RetrieveTPUEmbeddingMDLAdagradLightParameters
    RetrieveTPUEmbeddingMomentumParameters RetrieveTPUEmbeddingProximalAdagradParameters
    RetrieveTPUEmbeddingProximalYogiParameters RetrieveTPUEmbeddingRMSPropParameters
    RetrieveTPUEmbeddingStochasticGradientDescentParameters
""")
def retrieve_parameters(*, table_id: int, table_name: str, dtypes: tuple[int, ...]) -> list[Shape]:
    """A matrix of parameters, and others like it."""
    check_table(table_id, table_name)
    return [Shape((None, None))] * len(dtypes)


@shape_rule("""
    LoadTPUEmbeddingADAMParameters LoadTPUEmbeddingAdadeltaParameters
    LoadTPUEmbeddingAdagradMomentumParameters LoadTPUEmbeddingAdagradParameters
    LoadTPUEmbeddingCenteredRMSPropParameters LoadTPUEmbeddingFTRLParameters
    LoadTPUEmbeddingFrequencyEstimatorParameters LoadTPUEmbeddingMDLAdagradLightParameters
    LoadTPUEmbeddingMomentumParameters LoadTPUEmbeddingProximalAdagradParameters
    LoadTPUEmbeddingProximalYogiParameters LoadTPUEmbeddingRMSPropParameters
    LoadTPUEmbeddingStochasticGradientDescentParameters
""")
def load_parameters(*parameters: Fact, table_id: int, table_name: str) -> None:
    """Nothing: all inputs are matrices of the shape of the first."""
    check_table(table_id, table_name)
    check_same(2, parameters)


def check_table(table_id: int, table_name: str) -> None:
    """Raise ShapeError unless either an id or a name tells the table."""
    if (table_id >= 0) == bool(table_name):
        raise ShapeError("either table_id or table_name must be given")


def activations(table: Fact, input_size: int) -> Shape:
    """A row of a table's columns for each sample."""
    columns = table.shape.with_rank(2)[1:]
    return UNKNOWN if table.shape.rank is None else Shape([input_size]) + columns


@shape_rule("XlaSparseDenseMatmulWithCsrInput XlaSparseDenseMatmulWithStaticBufferSize")
def sparse_dense_matmul_with_csr_input(
    row_pointers: Fact,
    sorted_sample_ids: Fact,
    sorted_token_ids: Fact,
    sorted_gains: Fact,
    embedding_table: Fact,
    num_minibatches_per_physical_sparse_core: Fact,
    *,
    input_size: int,
) -> Shape:
    """The activations of so many samples."""
    row_pointers.shape.with_rank(1)
    num_minibatches_per_physical_sparse_core.shape.with_rank(0)
    check_same(1, (sorted_sample_ids, sorted_token_ids, sorted_gains))
    return activations(embedding_table, input_size)


@shape_rule("XlaSparseDenseMatmul")
def sparse_dense_matmul(
    row_ids: Fact,
    col_ids: Fact,
    values: Fact,
    offsets: Fact,
    embedding_table: Fact,
    *,
    input_size: int,
) -> list[Shape]:
    """The activations of so many samples, and where they come from."""
    offsets.shape.with_rank(0)
    check_same(1, (row_ids, col_ids, values))
    return [activations(embedding_table, input_size), *[Shape([None])] * 4]


@shape_rule("XlaSparseDenseMatmulCustomCombinerOnTcWithCsrInput")
def sparse_dense_matmul_custom_combiner(
    row_pointers: Fact,
    sorted_sample_ids: Fact,
    sorted_token_ids: Fact,
    sorted_pos_ids: Fact,
    sorted_gains: Fact,
    embedding_table: Fact,
    weights: Fact,
    *,
    input_size: int,
    max_valency: int,
    num_weights: int,
) -> list[Shape]:
    """The activations of so many samples, and what they are combined from."""
    row_pointers.shape.with_rank(1)
    if num_weights:
        weights.shape.merge(Shape([num_weights]))
    check_same(1, (sorted_sample_ids, sorted_token_ids, sorted_pos_ids, sorted_gains))
    combined = activations(embedding_table, input_size)
    return [combined, Shape([input_size]), Shape([input_size, max_valency, combined[1]])]


@shape_rule("XlaSparseDenseMatmulGradWithCsrInput")
def sparse_dense_matmul_grad(
    row_pointers: Fact,
    sorted_sample_ids: Fact,
    sorted_token_ids: Fact,
    sorted_gains: Fact,
    activation_gradients: Fact,
    tables: Sequence[Fact],
    *others: Fact,
) -> list[Shape]:
    """The shapes of the tables."""
    return [fact.shape for fact in tables]


@shape_rule("XlaSparseActivationsUnstack")
def sparse_activations_unstack(
    stacked_activations: Fact,
    *,
    num_tables: int,
    sample_counts: tuple[int, ...],
    features: tuple[int, ...],
    input_dtype: int,
    dtype: int,
) -> list[Shape]:
    """The activations of each table."""
    if dtype != input_dtype and (input_dtype, dtype) != (FLOAT, BFLOAT16):
        raise ShapeError("the activations cannot change their dtype")
    if not len(sample_counts) == len(features) == num_tables:
        raise ShapeError(f"samples and features must be given of {num_tables} tables")
    rows = zip(sample_counts, features, strict=True)
    return [Shape(map(dimension_of, sizes)) for sizes in rows]


@shape_rule("SortListOfSparseCoreCooTensors")
def sort_list_of_sparse_core_coo_tensors(
    row_ids_list: Sequence[Fact],
    *others: Sequence[Fact],
    sample_count_list: tuple[int, ...],
    col_offset_list: tuple[int, ...],
) -> list[Shape]:
    """Vectors; there are as many numbers in the attrs as there are tensors."""
    if not len(sample_count_list) == len(col_offset_list) == len(row_ids_list):
        raise ShapeError(f"samples and offsets must be given of {len(row_ids_list)} tensors")
    return [Shape([None])] * 4


@shape_rule("ConvertToSparseCoreCsrWrappedCooTensor")
def convert_to_sparse_core_csr(
    *inputs: Fact,
    sample_count_per_sc: int,
    num_replica: int,
    max_minibatches_per_sc: int,
    max_ids_per_chip_per_sample: int,
    num_sc_per_chip: int,
) -> list[Shape]:
    """Where each row begins and its entries, and three numbers."""
    return csr(
        num_sc_per_chip,
        num_replica * num_sc_per_chip,
        max_minibatches_per_sc,
        sample_count_per_sc * num_sc_per_chip * max_ids_per_chip_per_sample,
    )


@shape_rule("GetMinibatchesInCsrWithPhysicalReplica")
def get_minibatches_in_csr(
    program_key: Fact,
    *vectors: Fact,
    sample_count: int,
    num_replica: int,
    max_minibatches_per_sc: int,
    max_ids_per_chip_per_sample: int,
    num_sc_per_chip: int,
) -> list[Shape]:
    """The same."""
    check_rank(1, program_key, *vectors)
    return csr(
        num_sc_per_chip,
        num_replica * num_sc_per_chip,
        max_minibatches_per_sc,
        sample_count * max_ids_per_chip_per_sample,
    )


def csr(cores: int, partitions: int, minibatches: int, entries: int) -> list[Shape]:
    """Matrices of sparse cores; the partitions of a row are padded to a multiple of eight."""
    rows = cores * minibatches * (-(-partitions // 8) * 8)
    return [Shape([rows]), *[Shape([entries])] * 3, SCALAR, SCALAR, SCALAR]
