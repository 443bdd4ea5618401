"""Everything about whatever a name means in a model: a node, a function, a tensor, an op."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import cached_property, partial
from typing import TYPE_CHECKING

from pbtool import opdefs
from pbtool.errors import NotFoundError, PbtoolError
from pbtool.graph import FUNCTION_SEPARATOR, Function
from pbtool.infer import Inference
from pbtool.lookup import find, find_names
from pbtool.selection import Place
from pbtool.signatures import signatures
from pbtool.view.declaration import FILE, TENSORFLOW, Declaration
from pbtool.view.function import FunctionView, callers, function_view
from pbtool.view.node import NodeView, node_view
from pbtool.view.saved_tensor import SavedTensor, SavedVariables, saved_tensor

if TYPE_CHECKING:
    from pbtool.checkpoint import Checkpoint
    from pbtool.graph import Graph
    from pbtool.model import Model
    from pbtool.schema import OpDef, OpList
    from pbtool.view.tensor import TensorView

SAVED = f"variables{FUNCTION_SEPARATOR}"  # before the name of a tensor of a SavedModel's variables

View = NodeView | FunctionView | SavedTensor | Declaration

# What a name means: full names, each with what makes the view of it. Until it is called, nothing
# of the tensor is read.
Found = Mapping[str, Callable[[], View]]


def finder(model: Model, graph: Graph | None) -> Callable[[str], Found]:
    """A function that finds what a name or glob means in the model.

    ``graph`` is the one of the model's graphs that is meant; None for checkpoints and lists of
    ops. The function raises NotFoundError for a name that does not exist, with the nearest ones;
    for a glob that no name fits it finds nothing.
    """
    if graph is not None:
        return _InGraph(model, graph).find
    if model.checkpoint is not None:
        return partial(_in_checkpoint, model.checkpoint)
    if model.op_list is not None:
        return partial(_in_op_list, model.op_list)
    raise NotFoundError(f"this {model.kind} holds nothing to show", place=model.path)


def _in_checkpoint(checkpoint: Checkpoint, text: str) -> Found:
    names = find_names(checkpoint.entries, text, "tensor")
    return {name: partial(saved_tensor, checkpoint, name) for name in names}


def _in_op_list(op_list: OpList, text: str) -> Found:
    ops = {op_def.name: op_def for op_def in op_list.op}
    return {name: partial(_declaration, ops[name]) for name in find_names(ops, text, "op")}


def _declaration(op_def: OpDef) -> Declaration:
    known = op_def.name in opdefs.table()
    versions = opdefs.versions().get(op_def.name) if known else None
    return Declaration(op_def, TENSORFLOW if known else FILE, versions)


class _InGraph:
    """Finds nodes and functions, and tensors of the variables beside the graph."""

    def __init__(self, model: Model, graph: Graph) -> None:
        self._model = model
        self._graph = graph
        self._inference = Inference(graph)
        self._saved = None if model.checkpoint is None else SavedVariables(model.checkpoint)
        mine = [each.proto for each in model.meta_graphs if each.graph is graph]
        self._signatures = [each for proto in mine for each in signatures(proto).values()]
        try:
            self._debug_info = model.debug_info
        except PbtoolError:  # the graph can do without
            self._debug_info = None

    def find(self, text: str) -> Found:
        """See ``finder``."""
        checkpoint = self._model.checkpoint
        if checkpoint is not None and text.startswith(SAVED):
            names = {f"{SAVED}{name}": name for name in checkpoint.entries}
            return {
                full: partial(saved_tensor, checkpoint, names[full])
                for full in find_names(names, text, "tensor")
            }
        views: dict[str, Callable[[], View]] = {}
        for found in find(self._graph, text):
            if isinstance(found, Place):  # of two nodes with one name, the first counts
                views.setdefault(found.name, partial(self._node, found))
            else:
                views[f"{found.name}{FUNCTION_SEPARATOR}"] = partial(self._function, found)
        return views

    def _function(self, function: Function) -> FunctionView:
        return function_view(function, self._inference, self._callers)

    @cached_property
    def _callers(self) -> Mapping[str, Sequence[Place]]:
        return callers(self._graph)

    def _node(self, place: Place) -> NodeView:
        view = node_view(place, self._inference, self._signatures, self._debug_info)
        return view if self._saved is None else view._replace(saved=self._saved.of(place.node))


def tensors_in(view: View) -> list[TensorView]:
    """The tensors that the view is about."""
    if isinstance(view, SavedTensor):
        return [view.tensor]
    if isinstance(view, NodeView):
        saved = [] if view.saved is None else [view.saved.tensor]
        return [each.tensor for each in view.attrs if each.tensor is not None] + saved
    return []
