"""What the signatures of a meta graph say: which tensors to feed, and which come out."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, NamedTuple

from pbtool import dtypes
from pbtool.errors import NotFoundError
from pbtool.nearest import suggest
from pbtool.shapes import Shape

if TYPE_CHECKING:
    from pbtool.schema import MetaGraphDef, SignatureDef, TensorInfo

DEFAULT = "serving_default"  # the signature that servers take when none is named
INITIALIZERS = ("__saved_model_init_op", "__saved_model_train_op")  # run by loaders, not by users

# Collections that hold what a loader runs before a model serves.
_INITIALIZER_COLLECTIONS = ("saved_model_main_op", "legacy_init_op")
# Methods of the resources in an object graph: tf.saved_model.load calls them.
_SET_UP = ("_create_resource", "_initialize")


class Tensor(NamedTuple):
    """One tensor of an argument. ``role`` is "" where the argument is this tensor and no more;
    ``values``, ``indices`` or ``dense_shape`` of a sparse one; the number of a component else.
    """

    name: str
    dtype: int
    shape: Shape
    role: str = ""


class Argument(NamedTuple):
    """An input or output of a signature.

    ``encoding`` is ``name`` for a plain tensor, ``coo_sparse`` or ``composite_tensor``; the dtype
    and shape are those of the whole. ``optional`` says that the signature has a default for it.
    """

    key: str
    dtype: int
    shape: Shape
    encoding: str
    tensors: tuple[Tensor, ...]
    optional: bool = False


class Signature(NamedTuple):
    """An entry point of a meta graph; its arguments are in the order of their keys."""

    key: str
    method_name: str
    inputs: tuple[Argument, ...]
    outputs: tuple[Argument, ...]


def signatures(proto: MetaGraphDef) -> dict[str, Signature]:
    """The signatures by key: the default one first, the others by name, initializers last."""

    def rank(key: str) -> tuple[bool, bool, str]:
        return key in INITIALIZERS, key != DEFAULT, key

    # A map field has no order of its own.
    return {
        key: signature_of(key, proto.signature_def[key])
        for key in sorted(proto.signature_def, key=rank)
    }


def choose(entries: Mapping[str, Signature], key: str) -> Signature:
    """The signature of this key. Raises NotFoundError with the keys that there are."""
    if key not in entries:
        every = ", ".join(entries) or "none"
        raise NotFoundError(
            f"there is no signature {key!r}", remedy=suggest(key, entries) or f"there are: {every}"
        )
    return entries[key]


def output_names(signature: Signature) -> list[str]:
    """The tensors that come out of a signature."""
    return [tensor.name for argument in signature.outputs for tensor in argument.tensors]


def initializer_names(proto: MetaGraphDef) -> list[str]:
    """The nodes that collections name for a loader to run, before the model serves."""
    return [
        name
        for key in _INITIALIZER_COLLECTIONS
        if key in proto.collection_def
        for name in proto.collection_def[key].node_list.value
    ]


def set_up_functions(proto: MetaGraphDef) -> list[str]:
    """The functions that set up the resources of a model when its objects are loaded."""
    nodes = proto.object_graph_def.nodes
    found: list[str] = []
    for node in nodes:
        if node.HasField("resource"):
            for child in node.children:
                if child.local_name in _SET_UP and 0 <= child.node_id < len(nodes):
                    method = nodes[child.node_id]
                    found += method.function.concrete_functions
                    found.append(method.bare_concrete_function.concrete_function_name)
    return [name for name in found if name]


def saver_names(proto: MetaGraphDef) -> list[str]:
    """What is run to save the model, and to restore it."""
    saver = proto.saver_def
    return [name for name in (saver.save_tensor_name, saver.restore_op_name) if name]


def signature_of(key: str, proto: SignatureDef) -> Signature:
    """The signature that a SignatureDef of this key states."""
    return Signature(
        key,
        proto.method_name,
        _arguments(proto.inputs, frozenset(proto.defaults)),
        _arguments(proto.outputs),
    )


def _arguments(
    infos: Mapping[str, TensorInfo], optional: frozenset[str] = frozenset()
) -> tuple[Argument, ...]:
    return tuple(
        Argument(
            key,
            (info := infos[key]).dtype,
            Shape.from_proto(info.tensor_shape),
            info.WhichOneof("encoding") or "name",
            tuple(_tensors(info)),
            key in optional,
        )
        for key in sorted(infos)
    )


def _tensors(info: TensorInfo) -> list[Tensor]:
    shape = Shape.from_proto(info.tensor_shape)
    encoding = info.WhichOneof("encoding")
    if encoding == "coo_sparse":
        sparse = info.coo_sparse
        rank = shape.rank
        return [
            Tensor(sparse.values_tensor_name, info.dtype, Shape([None]), "values"),
            Tensor(sparse.indices_tensor_name, dtypes.INT64, Shape([None, rank]), "indices"),
            Tensor(sparse.dense_shape_tensor_name, dtypes.INT64, Shape([rank]), "dense_shape"),
        ]
    if encoding == "composite_tensor":
        components = (part for each in info.composite_tensor.components for part in _tensors(each))
        return [part._replace(role=str(number)) for number, part in enumerate(components)]
    return [Tensor(info.name, info.dtype, shape)]
