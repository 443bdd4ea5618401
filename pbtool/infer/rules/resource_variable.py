"""Shape rules for the ops of TensorFlow's resource_variable_ops.cc: variables behind handles."""

from __future__ import annotations

from collections.abc import Sequence

from pbtool import dtypes as types
from pbtool.errors import ShapeError
from pbtool.facts import Fact, Handle
from pbtool.infer.patterns import patterns
from pbtool.infer.registry import handle_rule, shape_rule
from pbtool.infer.rules.array_index import check_scatter, gather_slices
from pbtool.infer.rules.state import check_updates
from pbtool.shapes import UNKNOWN, Shape

patterns("""
    -> []
        MutexLock MutexV2 VarHandleOp VarIsInitializedOp _XlaAotOnlyVarHandleOp
    -> []*
        _VarHandlesOp
""")


def variable(resource: Fact, dtype: int) -> Shape:
    """The shape of the variable that a resource refers to, which must be of that dtype."""
    if not resource.handles:
        return UNKNOWN
    handle = resource.handles[0]
    if handle.dtype != dtype:
        raise ShapeError(
            f"the variable is of {types.name(handle.dtype)}, not of {types.name(dtype)}"
        )
    return handle.shape


def check_lengths(these: Sequence[object], those: Sequence[object]) -> None:
    """Raise ShapeError unless there are as many of these as of those."""
    if len(these) != len(those):
        raise ShapeError(f"there are {len(these)} and {len(those)} where equal numbers belong")


@handle_rule("VarHandleOp _XlaAotOnlyVarHandleOp")
def var_handle_op(*, dtype: int, shape: Shape) -> tuple[Handle]:
    """A variable of the dtype and shape in the attrs."""
    return (Handle(dtype, shape),)


@handle_rule("_VarHandlesOp")
def var_handles_op(*, dtypes: tuple[int, ...], shapes: list[Shape]) -> list[tuple[Handle]]:
    """Variables of the dtypes and shapes in the attrs."""
    check_lengths(dtypes, shapes)
    return [(Handle(dtype, shape),) for dtype, shape in zip(dtypes, shapes, strict=True)]


@shape_rule("ReadVariableOp")
def read_variable_op(resource: Fact, *, dtype: int) -> Shape:
    """The variable."""
    return variable(resource, dtype)


@shape_rule("_ReadVariablesOp")
def read_variables_op(resources: Sequence[Fact], *, dtypes: tuple[int, ...]) -> list[Shape]:
    """The variables."""
    check_lengths(resources, dtypes)
    return [variable(fact, dtype) for fact, dtype in zip(resources, dtypes, strict=True)]


@shape_rule("AssignAddVariableOp AssignSubVariableOp AssignVariableOp")
def assign_variable_op(resource: Fact, value: Fact, *, dtype: int) -> list[Shape]:
    """Nothing; the value must have the variable's shape."""
    variable(resource, dtype).merge(value.shape)
    return []


@shape_rule("VariableShape")
def variable_shape(input: Fact) -> Shape:
    """A vector with one size for each dimension of the variable."""
    return Shape([input.handles[0].shape.rank if input.handles else None])


@shape_rule("ResourceGather")
def resource_gather(resource: Fact, indices: Fact, *, dtype: int, batch_dims: int) -> Shape:
    """Slices of the variable, one for each index."""
    if batch_dims < 0:
        raise ShapeError(f"'batch_dims' must not be negative, but is {batch_dims}")
    params = variable(resource, dtype).at_least(batch_dims + 1)
    return (
        params[:batch_dims]
        + indices.shape.at_least(batch_dims)[batch_dims:]
        + params[batch_dims + 1 :]
    )


@shape_rule("ResourceGatherNd")
def resource_gather_nd(resource: Fact, indices: Fact, *, dtype: int) -> Shape:
    """Elements or slices of the variable, one for each row of indices."""
    params = variable(resource, dtype) if resource.handles else resource.shape
    return gather_slices(params, indices.shape)


@shape_rule("""
    ResourceScatterAdd ResourceScatterDiv ResourceScatterMax ResourceScatterMin ResourceScatterMul
    ResourceScatterSub ResourceScatterUpdate
""")
def resource_scatter(resource: Fact, indices: Fact, updates: Fact, *, dtype: int) -> list[Shape]:
    """Nothing; there must be an update for each index, or a scalar."""
    check_updates(variable(resource, dtype), indices.shape, updates.shape)
    return []


@shape_rule("""
    ResourceScatterNdAdd ResourceScatterNdMax ResourceScatterNdMin ResourceScatterNdSub
    ResourceScatterNdUpdate
""")
def resource_scatter_nd(ref: Fact, indices: Fact, updates: Fact) -> list[Shape]:
    """Nothing; there must be an update for each row of indices."""
    output = ref.handles[0].shape if ref.handles else ref.shape
    check_scatter(output, indices.shape.at_least(1), updates.shape.at_least(1))
    return []
