"""``Graph``: an index over the nodes, edges and functions of a GraphDef."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING

from pbtool import instances, opdefs, schema
from pbtool.body import CONTROL, Body, Input, Region, output_number, parse_input
from pbtool.errors import NotFoundError
from pbtool.nearest import suggest

if TYPE_CHECKING:
    from google.protobuf.message import Message

    from pbtool.schema import FunctionDef, GraphDef, NodeDef, OpDef, VersionDef

FUNCTION_SEPARATOR = "::"  # between a function's name and its node's


class Graph(Body):
    """A GraphDef: its nodes, and the functions that they call.

    ``proto`` may be a GraphDef message of any origin, such as tensorflow's own; it is taken over
    by its bytes. ``extra_ops`` are op declarations that came with the file.
    """

    _nodes_field = 1

    def __init__(
        self,
        proto: Message,
        *,
        region: Region | None = None,
        extra_ops: Iterable[OpDef] = (),
    ) -> None:
        self.proto: GraphDef = (
            proto
            if isinstance(proto, schema.GraphDef)
            else schema.GraphDef.FromString(proto.SerializeToString())
        )
        super().__init__(self.proto.node, region)
        self.extra_ops = {op_def.name: op_def for op_def in extra_ops}

    @property
    def versions(self) -> VersionDef:
        """Which version of TensorFlow's graph format wrote the graph; empty when it was dropped."""
        return self.proto.versions

    @cached_property
    def functions(self) -> Mapping[str, Function]:
        """The functions of the library, by name, in file order."""
        protos = self.proto.library.function
        if not protos:
            return {}
        regions: Sequence[Region | None] = [None] * len(protos)
        if self.region is not None:
            regions = list(self.region.regions(2, 1))
        return {
            proto.signature.name: Function(proto, self, region)
            for proto, region in zip(protos, regions, strict=True)
        }

    @property
    def bodies(self) -> Iterator[Body]:
        """The graph itself, and the body of each of its functions."""
        yield self
        yield from self.functions.values()

    def op_def(self, op: str) -> OpDef | None:
        """The declaration of an op: TensorFlow's, a function's signature, or the file's own."""
        if (known := opdefs.table().get(op)) is not None:
            return known
        if op in self.functions:
            return self.functions[op].proto.signature
        return self.extra_ops.get(op)

    def locate(self, name: str) -> tuple[Body, NodeDef]:
        """The node called ``node`` or ``function::node``, and the body that it lies in.

        The name may also be that of one of its outputs, ``node:0`` or in a function
        ``node:argument:0``, or ``^node``. Raises NotFoundError with the nearest names.
        """
        function, separator, node = name.removeprefix("^").rpartition(FUNCTION_SEPARATOR)
        body: Body = self
        if separator:
            if function not in self.functions:
                raise NotFoundError(
                    f"there is no function {function!r}", remedy=suggest(function, self.functions)
                )
            body = self.functions[function]
        own = parse_input(node).node
        return body, body[own if own in body else body.resolve(node).node]

    def __repr__(self) -> str:
        functions = f", {len(self.functions)} functions" if self.functions else ""
        return f"<Graph: {len(self):,} nodes{functions}>"

    def _repr_html_(self) -> str:
        """What a notebook shows: the ops, most frequent first."""
        from collections import Counter
        from html import escape

        counts = Counter(node.op for body in self.bodies for node in body)
        rows = "".join(
            f"<tr><td>{escape(op)}</td><td>{count:,}</td></tr>"
            for op, count in counts.most_common(12)
        )
        more = f"<tr><td colspan=2>and {len(counts) - 12} more ops</td></tr>" * (len(counts) > 12)
        return f"<b>{escape(repr(self))}</b><table>{rows}{more}</table>"


class Function(Body):
    """A function of a graph's library: its signature and the nodes of its body."""

    name: str
    _nodes_field = 3

    def __init__(self, proto: FunctionDef, graph: Graph, region: Region | None) -> None:
        super().__init__(proto.node_def, region)
        self.proto = proto
        self.graph = graph
        self.name = proto.signature.name
        self.arguments = frozenset(arg.name for arg in proto.signature.input_arg)

    @cached_property
    def placeholders(self) -> frozenset[str]:
        """The attrs of its callers that attrs of its nodes stand for."""
        attrs = (node.attr.values() for node in self.nodes)
        return frozenset(name for values in attrs for name in instances.placeholders(values))

    def whole_proto(self) -> FunctionDef:
        """The FunctionDef with all its bytes, also where it was opened without its big tensors."""
        if self._stripped is None:
            return self.proto
        return schema.FunctionDef.FromString(self._stripped.read())

    def op_def(self, op: str) -> OpDef | None:
        """The declaration of an op, as the graph knows it."""
        return self.graph.op_def(op)

    def resolve(self, text: str) -> Input:
        """What an input refers to: ``argument``, ``node:output_argument:0`` or ``^node``.

        The result counts the node's outputs through, as in a graph. An output that the op does not
        declare, or an op that is not known, is taken to be the first.
        """
        if text.startswith("^"):
            return Input(text[1:], CONTROL)
        name, *port = text.split(":")
        if name in self.arguments or name not in self or not port:
            return Input(name, output_number(port[-1] if port else "") or 0)
        offset = output_number(port[1] if len(port) > 1 else "") or 0
        node = self[name]
        signature = self._signature(node.op)
        if signature is None:
            return Input(name, offset)
        if signature.names == (port[0],):
            return Input(name, offset)
        ports = signature.ports(node)
        return Input(name, (ports[port[0]].start if port[0] in ports else 0) + offset)

    def tensors(self, text: str) -> Sequence[Input]:
        """The tensors that an input is: ``node:output_argument`` is all of a list."""
        name, _, port = text.partition(":")
        if port and ":" not in port and name in self and name not in self.arguments:
            node = self[name]
            signature = self._signature(node.op)
            ports = {} if signature is None else signature.ports(node)
            if port in ports:
                return [Input(name, number) for number in ports[port]]
        return (self.resolve(text),)

    def _exists(self, name: str) -> bool:
        return name in self.arguments or super()._exists(name)

    def __repr__(self) -> str:
        return f"<Function {self.name}: {len(self):,} nodes>"
