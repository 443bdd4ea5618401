"""Where a tensor comes from: through calls of functions, and behind what only passes it on.

A frame is a body in one place, the graph itself or a function where it is called from. The names of
its nodes are those that TensorFlow's inliner gives them: ``call/node``.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

from pbtool.differences.nodes import data_inputs
from pbtool.graph import Function, Graph
from pbtool.ops import CALLS

if TYPE_CHECKING:
    from pbtool.body import Body
    from pbtool.schema import NodeDef

# What gives on its first input as it is; for a variable that has become a constant, a read does.
COPIES = frozenset(
    {
        "CheckNumerics",
        "Identity",
        "PreventGradient",
        "ReadVariableOp",
        "RefIdentity",
        "StopGradient",
    }
)


class Frame:
    """A body in one place. Of a function that nobody calls here, the arguments are just there."""

    def __init__(self, body: Body, caller: Frame | None = None, call: str = "") -> None:
        self.body = body
        self.caller = caller
        self.call = call
        self.prefix: str = "" if caller is None else f"{caller.prefix}{call}/"
        self._calls: dict[str, Frame | None] = {}

    @property
    def graph(self) -> Graph:
        """The graph that the body belongs to."""
        body = self.body
        if isinstance(body, Function):
            return body.graph
        if not isinstance(body, Graph):
            raise TypeError(f"a {type(body).__name__} is neither a graph nor a function")
        return body

    @cached_property
    def given(self) -> Mapping[str, str]:
        """What the caller hands over, by argument; empty where there is no caller."""
        if self.caller is None or not isinstance(self.body, Function):
            return {}
        names = [each.name for each in self.body.proto.signature.input_arg]
        return dict(zip(names, data_inputs(self.caller.body[self.call]), strict=False))

    @cached_property
    def results(self) -> Sequence[str]:
        """What a function returns, output by output; "" where it does not say."""
        if not isinstance(self.body, Function):
            return ()
        proto = self.body.proto
        return [proto.ret.get(each.name, "") for each in proto.signature.output_arg]

    def called(self, node: NodeDef) -> Frame | None:
        """The frame of the function that a node calls; None where nothing can take its place."""
        if node.name not in self._calls:
            function = self._function(node)
            if function is None or self._is_inside(function):
                self._calls[node.name] = None
            else:
                self._calls[node.name] = Frame(function, self, node.name)
        return self._calls[node.name]

    def _function(self, node: NodeDef) -> Function | None:
        name = node.attr["f"].func.name if node.op in CALLS and "f" in node.attr else node.op
        function = self.graph.functions.get(name)
        if function is None:
            return None
        signature = function.proto.signature
        args = [*signature.input_arg, *signature.output_arg]
        several = any(arg.number_attr or arg.type_list_attr for arg in args)
        return None if several else function

    def _is_inside(self, function: Function) -> bool:
        frame: Frame | None = self
        while frame is not None and frame.body.name != function.name:
            frame = frame.caller
        return frame is not None


class Tensor(NamedTuple):
    """An output of a node in its frame, or an argument of a function that nobody calls."""

    frame: Frame
    node: str
    output: int

    @property
    def is_argument(self) -> bool:
        """Whether this is an argument."""
        body = self.frame.body
        return isinstance(body, Function) and self.node in body.arguments


def source(frame: Frame, text: str) -> Tensor:
    """Where a tensor comes from, behind calls and copies."""
    passed: set[tuple[Frame, str]] = set()
    while True:
        found = Tensor(frame, *frame.body.resolve(text))
        if (frame, text) in passed:
            return found  # of copies that copy each other
        passed.add((frame, text))
        behind = _behind(found)
        if behind is None:
            return found
        frame, text = behind


def _behind(tensor: Tensor) -> tuple[Frame, str] | None:
    """The frame and the input that a tensor is a copy of."""
    frame, name, output = tensor
    if tensor.is_argument:
        given = frame.given.get(name)
        return None if given is None or frame.caller is None else (frame.caller, given)
    if name not in frame.body:
        return None
    node = frame.body[name]
    inner = frame.called(node)
    if inner is not None:
        result = inner.results[output] if output < len(inner.results) else ""
        return (inner, result) if result else None
    inputs = data_inputs(node)
    return (frame, inputs[0]) if node.op in COPIES and inputs else None


def in_order(ends: Iterable[Tensor]) -> Iterator[tuple[Tensor, list[Tensor]]]:
    """All that these tensors need, one output of a node each, with what its inputs come from.

    A node comes after those that it needs, except around loops.
    """
    met: set[tuple[Frame, str]] = set()
    stack: list[tuple[Tensor, list[Tensor] | None]] = [(each, None) for each in list(ends)[::-1]]
    while stack:
        tensor, inputs = stack.pop()
        if inputs is not None:
            yield tensor, inputs
        elif tensor[:2] not in met:
            met.add(tensor[:2])
            frame, name, _ = tensor
            texts = data_inputs(frame.body[name]) if name in frame.body else []
            inputs = [source(frame, text) for text in texts]
            stack.append((tensor, inputs))
            stack += [(each, None) for each in inputs[::-1]]
