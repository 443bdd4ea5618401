"""``Inference``: what is known of every tensor of a graph and of its functions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from pbtool.body import Body
from pbtool.errors import FileError, ShapeError
from pbtool.facts import Fact
from pbtool.graph import Graph
from pbtool.infer import calls
from pbtool.infer.walk import Problem, Walk

if TYPE_CHECKING:
    from pbtool.progress import Progress
    from pbtool.schema import AttrValue, NodeDef

# What a file of a few kilobytes may ask for. Functions that call each other are answered for such
# inputs as they get, so calls that double from function to function would never end: beyond these
# limits, nothing is said of what a call returns.
MAX_DEPTH = 50  # calls inside each other
MAX_CALLED = 1 << 20  # nodes in the bodies of all calls
MAX_FILLED = 1 << 22  # bytes of attrs in the instances of functions: they may double with each call
MAX_OUTPUTS = 1 << 22  # facts that are kept, of all nodes; a number in the file says how many

_Key = tuple[tuple[str, bytes], ...]
Facts = Mapping[str, "tuple[Fact, ...] | None"]  # by node; None for an op that is not known


class Inference:
    """What is known of every tensor of a graph and of its functions.

    Each body is worked out when it is first asked for. ``pins`` replaces facts of tensors of the
    main graph, ``{"x:0": Fact(...)}``, before they flow on. ``progress`` is told how many nodes
    of the body at hand are done.
    """

    def __init__(
        self,
        graph: Graph,
        pins: Mapping[str, Fact] | None = None,
        progress: Progress | None = None,
    ) -> None:
        self.graph = graph
        self.progress = progress
        self.problems: list[Problem] = []
        self.pins = dict(pins or {})
        self._facts: dict[str | None, dict[str, tuple[Fact, ...] | None]] = {}
        self._calls: dict[
            tuple[str, tuple[Fact, ...], _Key], tuple[Fact, ...] | ShapeError | None
        ] = {}
        self._depth = self._called = self._filled = self._outputs = 0

    def facts(self, body: Body) -> Facts:
        """The facts of each node's outputs, by the node's name."""
        if body.name not in self._facts:
            self._facts[body.name] = Walk(self, body).run()
        return self._facts[body.name]

    def outputs(self, name: str) -> tuple[Fact, ...] | None:
        """The facts of the outputs of ``node`` or ``function::node``; None for an unknown op.

        Raises NotFoundError when there is no such node.
        """
        body, node = self.graph.locate(name)
        return self.facts(body)[node.name]

    def call(self, node: NodeDef, inputs: Sequence[Fact]) -> tuple[Fact, ...] | None:
        """The facts of what the function that a node calls returns; None where nothing can be said.

        Raises ShapeError where the inputs or attrs do not fit.
        """
        name = calls.called(node)
        if name is None or (function := self.graph.functions.get(name)) is None:
            return None
        attrs = calls.attrs_given(function, node)
        # TensorFlow does not look through a call at sizes that are known only in part.
        inputs = tuple(fact._replace(as_shape=None) for fact in inputs)
        if len(inputs) != len(function.proto.signature.input_arg):
            return None
        call = name, inputs, _key(attrs)
        if call not in self._calls:
            self._calls[call] = None  # for a function that calls itself
            if self._depth >= MAX_DEPTH or self._called > MAX_CALLED:
                return None
            self._called += len(function)
            self._filled += len(function) * sum(len(data) for _, data in call[-1])
            if self._filled > MAX_FILLED:
                return None
            self._depth += 1
            try:
                function = calls.instance(function, attrs)
                walk = Walk(self, function, inputs, is_instance=bool(attrs))
                self._calls[call] = walk.returned(function)
            except ShapeError as error:
                self._calls[call] = error
            finally:
                self._depth -= 1
        returned = self._calls[call]
        if isinstance(returned, ShapeError):
            raise returned
        return returned

    def count(self, outputs: int) -> None:
        """Note that a node has so many outputs; FileError when all nodes have too many."""
        self._outputs += outputs
        if self._outputs > MAX_OUTPUTS:
            raise too_many_outputs()

    def is_pinned(self, body: Body, node: str) -> bool:
        """Whether an output of the node is pinned."""
        return body.name is None and any(pin.rpartition(":")[0] == node for pin in self.pins)


def _key(attrs: Mapping[str, AttrValue]) -> _Key:
    """What tells attrs apart, and can be the key of a dict."""
    values = sorted(attrs.items(), key=lambda attr: attr[0])
    return tuple((name, value.SerializeToString(deterministic=True)) for name, value in values)


def too_many_outputs() -> FileError:
    """The error where nodes have more outputs than ``MAX_OUTPUTS`` together."""
    return FileError(
        f"the nodes say that they have more than {MAX_OUTPUTS:,} outputs",
        remedy="pbtool list --format names lists them without types and shapes",
    )
