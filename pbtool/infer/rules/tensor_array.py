"""Shape rules for the tensor arrays of TensorFlow's data_flow_ops.cc.

Only the handle of a tensor array of the third version tells the shape of its elements.
"""

from __future__ import annotations

from pbtool.facts import Fact, Handle
from pbtool.infer.patterns import pattern_rule, patterns
from pbtool.infer.registry import handle_rule, shape_rule
from pbtool.shapes import Shape

patterns("""
    [] -> [2]
        TensorArrayV2
    [] -> [2] ; []
        TensorArrayV3
    [2] ->
        TensorArrayCloseV2 TensorArrayCloseV3
    [2] -> []
        TensorArraySizeV2 TensorArraySizeV3
    [2] -> [2]
        TensorArrayGradV2
    [2] -> [2] ; []
        TensorArrayGradV3 TensorArrayGradWithShape
    [2] ; [] -> _ ; [?]
        TensorArrayConcatV2 TensorArrayConcatV3
    [2] ; [] ; [] -> _
        TensorArrayReadV2
    [2] ; [?] ; [] -> _
        TensorArrayGatherV2
    [2] ; [] ; _ ; [] -> []
        TensorArrayWriteV2
    [2] ; [?] ; _ ; [] -> []
        TensorArrayScatterV2
    [2] ; _ ; [?] ; [] -> []
        TensorArraySplitV2 TensorArraySplitV3
    [2]@S ; [] ; [] -> S
        TensorArrayReadV3
    [2]@S ; [] ; S ; [] -> []
        TensorArrayWriteV3
    [2]@S ; [n] ; [n,S] ; [] -> []
        TensorArrayScatterV3
""")


_GATHER = pattern_rule("[2]@S ; [n] ; [] -> S")


@shape_rule("TensorArrayGatherV3")
def tensor_array_gather_v3(
    handle: Fact, indices: Fact, flow_in: Fact, *, element_shape: Shape
) -> Shape:
    """An element for each index."""
    (element,) = _GATHER(handle, indices, flow_in, dtypes=(1,))
    return indices.shape.with_rank(1) + (element if handle.handles else element_shape)


@handle_rule("TensorArrayV3")
def tensor_array_v3(
    size: Fact, *, dtype: int, element_shape: Shape, identical_element_shapes: bool
) -> tuple[Handle] | None:
    """The shape in the attr, if all elements have it."""
    if element_shape.is_full or identical_element_shapes:
        return (Handle(dtype, element_shape),)
    return None


@handle_rule("TensorArrayGradV3 TensorArrayGradWithShape")
def tensor_array_grad_handle(handle: Fact, *others: Fact) -> tuple[Handle, ...] | None:
    """Gradients have the shapes of the elements."""
    return handle.handles
