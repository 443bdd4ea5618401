"""Shape rules for the ops of TensorFlow's list_ops.cc: variants that hold a list of tensors.

A list's handle tells the dtype and the common shape of its elements.
"""

from __future__ import annotations

from pbtool import dtypes as types
from pbtool.errors import ShapeError
from pbtool.facts import Fact, Handle
from pbtool.infer.patterns import patterns
from pbtool.infer.registry import handle_rule, shape_rule
from pbtool.infer.shape_functions import dimension_of, known_int, shape_from
from pbtool.shapes import SCALAR, UNKNOWN, Shape, merge_dimensions

patterns("""
    -> []
        TensorListLength
    _ ; [] -> []
        TensorListResize
""")

List = tuple[Handle]


def of(element_dtype: int, element_shape: Shape) -> List:
    """The handle of a list of such elements."""
    return (Handle(element_dtype, element_shape),)


def elements(handle: Fact, element_dtype: int) -> Shape:
    """The shape of the elements of a list, which must be of that dtype."""
    if not handle.handles:
        return UNKNOWN
    if len(handle.handles) > 1:
        raise ShapeError("the variant is not a list")
    dtype, shape = handle.handles[0]
    if dtype != element_dtype:
        raise ShapeError(
            f"the list has elements of {types.name(dtype)}, not of {types.name(element_dtype)}"
        )
    return shape


def element_shape_from(shape: Fact) -> Shape:
    """The shape that a vector of sizes states; a scalar of -1 stands for an unknown one."""
    if shape.shape.at_most(1).rank != 0:
        return shape_from(shape)
    if known_int(shape) not in (None, -1):
        raise ShapeError("a scalar that stands for an unknown shape must be -1")
    return UNKNOWN


# --- making lists ---


@shape_rule("EmptyTensorList TensorListReserve")
def empty_tensor_list(element_shape: Fact, number: Fact) -> Shape:
    """A list of elements of the given shape."""
    element_shape_from(element_shape)
    return SCALAR


@handle_rule("EmptyTensorList TensorListReserve")
def empty_tensor_list_handle(element_shape: Fact, number: Fact, *, element_dtype: int) -> List:
    """Elements of the given shape."""
    return of(element_dtype, element_shape_from(element_shape))


@shape_rule("TensorListFromTensor")
def tensor_list_from_tensor(tensor: Fact, element_shape: Fact) -> Shape:
    """A list of the rows of a tensor."""
    tensor.shape[1:].merge(element_shape_from(element_shape))
    return SCALAR


@handle_rule("TensorListFromTensor")
def tensor_list_from_tensor_handle(
    tensor: Fact, element_shape: Fact, *, element_dtype: int
) -> List:
    """Elements of the given shape."""
    return of(element_dtype, element_shape_from(element_shape))


@shape_rule("TensorListScatter")
def tensor_list_scatter(tensor: Fact, indices: Fact, element_shape: Fact) -> Shape:
    """A list with the rows of a tensor at the given places."""
    element_shape_from(element_shape)
    return SCALAR


@handle_rule("TensorListScatter")
def tensor_list_scatter_handle(
    tensor: Fact, indices: Fact, element_shape: Fact, *, element_dtype: int
) -> List:
    """Elements of the given shape."""
    return of(element_dtype, element_shape_from(element_shape))


@shape_rule("TensorListScatterV2")
def tensor_list_scatter_v2(
    tensor: Fact, indices: Fact, element_shape: Fact, num_elements: Fact
) -> Shape:
    """A list with the rows of a tensor at the given places."""
    element_shape_from(element_shape)
    return SCALAR


@handle_rule("TensorListScatterV2")
def tensor_list_scatter_v2_handle(
    tensor: Fact, indices: Fact, element_shape: Fact, num_elements: Fact, *, element_dtype: int
) -> List:
    """Elements of the given shape."""
    return of(element_dtype, element_shape_from(element_shape))


@shape_rule("TensorListSplit")
def tensor_list_split(tensor: Fact, element_shape: Fact, lengths: Fact) -> Shape:
    """A list of parts of a tensor, of the given lengths."""
    lengths.shape.with_rank(1)
    part = Shape([None]) + tensor.shape.at_least(1)[1:]
    part.merge(element_shape_from(element_shape))
    return SCALAR


@handle_rule("TensorListSplit")
def tensor_list_split_handle(
    tensor: Fact, element_shape: Fact, lengths: Fact, *, element_dtype: int
) -> List:
    """Elements of the given shape."""
    return of(element_dtype, element_shape_from(element_shape))


# --- changing lists ---


@shape_rule("TensorListPushBack")
def tensor_list_push_back(input_handle: Fact, tensor: Fact, *, element_dtype: int) -> Shape:
    """A list with one more element."""
    elements(input_handle, element_dtype)
    return SCALAR


@handle_rule("TensorListPushBack TensorListPushBackBatch")
def tensor_list_push_back_handle(handle: Fact, tensor: Fact, *, element_dtype: int) -> List:
    """Elements as in the list before."""
    return of(element_dtype, elements(handle, element_dtype))


@shape_rule("TensorListPushBackBatch")
def tensor_list_push_back_batch(input_handles: Fact, tensor: Fact, *, element_dtype: int) -> Shape:
    """A vector of lists, each with a row of the tensor as one more element."""
    elements(input_handles, element_dtype)
    return Shape(
        [merge_dimensions(tensor.shape.at_least(1)[0], input_handles.shape.with_rank(1)[0])]
    )


@shape_rule("TensorListPopBack")
def tensor_list_pop_back(
    input_handle: Fact, element_shape: Fact, *, element_dtype: int
) -> list[Shape]:
    """A list without its last element, and that element."""
    return [SCALAR, elements(input_handle, element_dtype)]


@handle_rule("TensorListPopBack")
def tensor_list_pop_back_handle(
    input_handle: Fact, element_shape: Fact
) -> tuple[Handle, ...] | None:
    """Elements as in the list before."""
    return input_handle.handles


@shape_rule("TensorListSetItem")
def tensor_list_set_item(input_handle: Fact, index: Fact, item: Fact) -> Shape:
    """A list with another element."""
    if input_handle.handles and len(input_handle.handles) == 1:
        item.shape.merge(input_handle.handles[0].shape)
    return SCALAR


@handle_rule("TensorListSetItem")
def tensor_list_set_item_handle(
    input_handle: Fact, index: Fact, item: Fact, *, element_dtype: int
) -> List:
    """Elements as in the list before."""
    if input_handle.handles and len(input_handle.handles) == 1:
        return (input_handle.handles[0],)
    return of(element_dtype, UNKNOWN)


@shape_rule("TensorListScatterIntoExistingList")
def tensor_list_scatter_into_existing_list(
    input_handle: Fact, tensor: Fact, indices: Fact, *, element_dtype: int
) -> Shape:
    """A list with the rows of a tensor at the given places."""
    tensor.shape.at_least(1)
    indices.shape.with_rank(1)
    elements(input_handle, element_dtype)
    return SCALAR


@handle_rule("TensorListScatterIntoExistingList")
def tensor_list_scatter_into_existing_list_handle(
    input_handle: Fact, tensor: Fact, indices: Fact, *, element_dtype: int
) -> List:
    """Elements as in the list before."""
    return of(element_dtype, elements(input_handle, element_dtype))


@shape_rule("TensorListConcatLists")
def tensor_list_concat_lists(input_a: Fact, input_b: Fact, *, element_dtype: int) -> Shape:
    """Lists, or tensors of lists, joined pair by pair."""
    _common_elements(input_a, input_b, element_dtype)
    return input_a.shape.merge(input_b.shape)


@handle_rule("TensorListConcatLists")
def tensor_list_concat_lists_handle(input_a: Fact, input_b: Fact, *, element_dtype: int) -> List:
    """Elements of the shape that both lists have."""
    return of(element_dtype, _common_elements(input_a, input_b, element_dtype))


def _common_elements(a: Fact, b: Fact, element_dtype: int) -> Shape:
    return elements(a, element_dtype).merge(elements(b, element_dtype))


# --- reading lists ---


@shape_rule("TensorListElementShape")
def tensor_list_element_shape(input_handle: Fact) -> Shape:
    """A vector with one size for each dimension of the elements."""
    handles = input_handle.handles
    rank = handles[0].shape.rank if handles and len(handles) == 1 else None
    return UNKNOWN if rank is None else Shape([rank])


@shape_rule("TensorListGather")
def tensor_list_gather(
    input_handle: Fact, indices: Fact, element_shape: Fact, *, element_dtype: int
) -> Shape:
    """An element for each index."""
    return indices.shape + _stated(input_handle, element_shape, element_dtype)


@shape_rule("TensorListGetItem")
def tensor_list_get_item(
    input_handle: Fact, index: Fact, element_shape: Fact, *, element_dtype: int
) -> Shape:
    """An element."""
    return _stated(input_handle, element_shape, element_dtype)


@shape_rule("TensorListStack")
def tensor_list_stack(
    input_handle: Fact, element_shape: Fact, *, element_dtype: int, num_elements: int
) -> Shape:
    """All elements as the rows of one tensor."""
    return Shape([dimension_of(num_elements)]) + _stated(input_handle, element_shape, element_dtype)


def _stated(handle: Fact, element_shape: Fact, element_dtype: int) -> Shape:
    return elements(handle, element_dtype).merge(element_shape_from(element_shape))


@shape_rule("TensorListConcat")
def tensor_list_concat(
    input_handle: Fact, *, element_dtype: int, element_shape: Shape
) -> list[Shape]:
    """All elements joined along their first axis, and the length of each."""
    return _concatenated(elements(input_handle, element_dtype).merge(element_shape))


@shape_rule("TensorListConcatV2")
def tensor_list_concat_v2(
    input_handle: Fact, element_shape: Fact, leading_dims: Fact, *, element_dtype: int
) -> list[Shape]:
    """All elements joined along their first axis, and the length of each."""
    return _concatenated(_stated(input_handle, element_shape, element_dtype))


def _concatenated(element: Shape) -> list[Shape]:
    return [Shape([None]) + element[1:], Shape([None])]
