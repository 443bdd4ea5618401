"""What some tensors are computed from, whoever wrote it down: with functions, or frozen.

A graph is unfolded from its outputs: what functions do takes the place of their calls, what only
passes on its input is passed over, and so is a read of a variable; control edges are left out, and
what nothing but them needs, and so are defaults and internal attrs. Two freezes of one model by two
tools unfold to the same graph.

If, While and Case stay what they are, and their functions are unfolded in the same way.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple

from pbtool import instances, opdefs, schema
from pbtool.body import functions_in
from pbtool.differences.frames import Frame, Tensor, in_order, source
from pbtool.differences.nodes import place
from pbtool.editing import as_field, graph_of
from pbtool.files import WHOLE
from pbtool.graph import Function, Graph
from pbtool.splice import Piece, Splice, piece

if TYPE_CHECKING:
    from pbtool.schema import AttrValue, FunctionDef, NodeDef

_NODE, _ATTR, _KEY, _VALUE = 1, 5, 1, 2  # fields of GraphDef, of NodeDef, of an entry of a map
_TYPES = ("T", "Tin", "Tout")  # attrs with the types of what functions take and return
_CHOICES = frozenset(
    {"Case", "If", "StatelessCase", "StatelessIf"}
)  # what they take first, chooses


class Constant(NamedTuple):
    """What takes the place of a variable: the pieces are those of an AttrValue."""

    dtype: int
    value: Sequence[Piece]


_NOTHING: Mapping[str, Constant] = {}


class Naming:
    """Names as another graph has them, which was unfolded from the same functions elsewhere.

    What a function's nodes are called before their own names is what most of them are called there.
    ``inputs`` are new names of nodes of the main graph.
    """

    def __init__(self, other: Graph, inputs: Mapping[str, str]) -> None:
        self.other = other
        self.inputs = inputs
        self._scopes: dict[Frame, str] = {}
        self._before: dict[str, str | None] = {}  # by the end of a name; None where several have it
        for node in other:
            components = node.name.split("/")
            for number in range(len(components)):
                end = "/".join(components[number:])
                before = node.name.removesuffix(end)
                self._before[end] = None if end in self._before else before

    def __call__(self, frame: Frame, name: str) -> str:
        """What to call a node of a frame."""
        if frame.caller is None:
            return self.inputs.get(name, name)
        if frame not in self._scopes:
            votes = Counter(self._before.get(node.name) for node in frame.body)
            votes.pop(None, None)
            most = votes.most_common(1)
            self._scopes[frame] = most[0][0] or "" if most else frame.prefix
        return self._scopes[frame] + name


class Unfolded(NamedTuple):
    """A graph that was unfolded, and its outputs.

    ``calls`` is how many calls functions took the place of; ``constants`` are the nodes that stand
    for variables now.
    """

    graph: Graph
    outputs: tuple[str, ...]
    calls: int
    constants: frozenset[str]


def unfold(
    graph: Graph,
    outputs: Iterable[str],
    constants: Mapping[str, Constant] = _NOTHING,
    names: Naming | None = None,
) -> Unfolded:
    """What these tensors of a graph are computed from, with constants in place of variables."""
    root = Frame(graph)
    ends = [source(root, each) for each in outputs]
    library: dict[str, FunctionDef] = {}
    writer = _Writer(root, constants, {}, library, names)
    pieces = [part for node in writer.nodes(ends) for part in as_field(_NODE, node)]
    rest = schema.GraphDef(versions=graph.versions)
    rest.library.function.extend(library.values())
    pieces.append(piece(rest.SerializeToString(deterministic=True)))
    splice = Splice(pieces, "<unfolded>")
    return Unfolded(
        graph_of(splice, graph.extra_ops.values(), whole=splice.size <= WHOLE),
        tuple(dict.fromkeys(map(writer.text, ends))),
        writer.calls,
        frozenset(writer.constants),
    )


class _Writer:
    """Writes down what is needed in a graph or function, under names of its own.

    ``dtypes`` are those of arguments that stood for variables.
    """

    def __init__(
        self,
        root: Frame,
        values: Mapping[str, Constant],
        dtypes: Mapping[str, int],
        library: dict[str, FunctionDef],
        names: Naming | None = None,
    ) -> None:
        self.root = root
        self.values = values
        self.dtypes = {**dtypes, **{name: value.dtype for name, value in values.items()}}
        self.library = library
        self.naming = names
        self.other: Graph | Function | None = None if names is None else names.other
        self.constants: list[str] = []
        self._frames: set[Frame] = {root}
        self._names: dict[tuple[Frame, str], str] = {}
        self._taken: set[str] = set()

    @property
    def calls(self) -> int:
        """How many calls functions took the place of."""
        return len(self._frames) - 1

    def nodes(self, ends: Iterable[Tensor]) -> Iterator[list[Piece]]:
        """The nodes that these need, each as the pieces of a NodeDef."""
        for tensor, inputs in in_order(ends):
            frame: Frame | None = tensor.frame
            while frame is not None and frame not in self._frames:
                self._frames.add(frame)
                frame = frame.caller
            if tensor.node in tensor.frame.body and not tensor.is_argument:
                yield list(self._node(tensor, inputs))

    def text(self, tensor: Tensor) -> str:
        """A tensor as an input of a node."""
        name = self._name(tensor)
        if not isinstance(self.root.body, Function):
            return f"{name}:{tensor.output}" if tensor.output > 0 else name
        if tensor.is_argument or tensor.node not in tensor.frame.body:
            return name
        node = tensor.frame.body[tensor.node]
        op_def = tensor.frame.body.op_def(node.op)
        ports = {} if op_def is None else opdefs.outputs(op_def).ports(node)
        for port, span in ports.items():
            if tensor.output in span:
                return f"{name}:{port}:{tensor.output - span.start}"
        return f"{name}:output:{tensor.output}"

    def rename(self, name: str, new_name: str) -> None:
        """Call a node or argument of the root by another name."""
        self._names[self.root, name] = new_name
        self._taken.add(new_name)

    def _name(self, tensor: Tensor) -> str:
        key = tensor[:2]
        if key not in self._names:
            own = tensor.frame.prefix + tensor.node
            name = wanted = own if self.naming is None else self.naming(*key)
            number = 0
            while name in self._taken:
                number += 1
                name = f"{wanted}_{number}"
            self._taken.add(name)
            self._names[key] = name
        return self._names[key]

    def _node(self, tensor: Tensor, inputs: Sequence[Tensor]) -> Iterator[Piece]:
        frame, name, _ = tensor
        old = frame.body[name]
        new = schema.NodeDef(name=self._name(tensor))
        if frame is self.root and name in self.values:
            self.constants.append(new.name)
            new.op = "Const"  # TensorFlow's freezes give it no device
            new.attr["dtype"].type = self.values[name].dtype
            yield piece(new.SerializeToString())
            yield from _attr("value", self.values[name].value)
            return
        new.op, new.device = old.op, old.device
        new.input.extend(map(self.text, inputs))
        placed = place(frame.body, old)
        defaults = self._defaults(old.op)
        for key in sorted(old.attr):
            found = placed.attr(key)
            if key.startswith("_") or found.content.message == defaults.get(key):
                continue
            if found.region is None:
                new.attr[key].CopyFrom(_instance(found.content.message, frame))
            else:
                yield from _attr(key, [Piece(*found.region[:3])])
        self._of_functions(new, [self.dtype(each) for each in inputs])
        yield piece(new.SerializeToString(deterministic=True))

    def _defaults(self, op: str) -> Mapping[str, AttrValue]:
        """What attrs of an op are where they are not written out."""
        op_def = self.root.body.op_def(op)
        declared = () if op_def is None else op_def.attr
        return {
            each.name: each.default_value for each in declared if each.HasField("default_value")
        }

    def dtype(self, tensor: Tensor) -> int:
        """The dtype of what stands for a variable; 0 of anything else."""
        return self.dtypes.get(tensor.node, 0) if tensor.frame is self.root else 0

    # --- what If, While and Case are given ---

    def _of_functions(self, node: NodeDef, dtypes: Sequence[int]) -> None:
        """Unfold the functions that a node hands to its op, which may take variables by value."""
        known = self.root.graph.functions
        given = dtypes[1:] if node.op in _CHOICES else dtypes
        for key, value in node.attr.items():
            for number, each in enumerate(functions_in(value)):
                if each.name in known:
                    function = known[each.name]
                    each.name = self._name_there(node.name, key, number) or each.name
                    if each.name not in self.library:
                        self._add(each.name, function, given)
        if any(functions_in(value) for value in node.attr.values()):
            node.attr.pop("output_shapes", None)  # of a variable they are not those of its value
            for types in (node.attr[key].list.type for key in _TYPES if key in node.attr):
                if len(types) == len(given):
                    types[:] = [new or old for new, old in zip(given, types, strict=True)]

    def _name_there(self, node: str, key: str, number: int) -> str:
        """What the other graph calls a function that is handed to the node of this name; or ""."""
        if self.other is None or node not in self.other or key not in self.other[node].attr:
            return ""
        found = functions_in(self.other[node].attr[key])
        return found[number].name if number < len(found) else ""

    def _add(self, name: str, function: Function, given: Sequence[int]) -> None:
        """Unfold a function into the library, its arguments called by their numbers."""
        self.library[name] = proto = schema.FunctionDef()  # here already if it calls itself
        declared = function.proto.signature
        proto.signature.name, proto.signature.is_stateful = name, declared.is_stateful
        args = [arg.name for arg in declared.input_arg]
        dtypes = {arg: dtype for arg, dtype in zip(args, given, strict=False) if dtype}
        root = Frame(function)
        writer = _Writer(root, {}, dtypes, self.library)
        if self.other is not None:
            there = self.other.graph if isinstance(self.other, Function) else self.other
            writer.other = there.functions.get(name)
        for number, arg in enumerate(declared.input_arg):
            writer.rename(arg.name, f"argument_{number}")
            new = proto.signature.input_arg.add(name=f"argument_{number}")
            new.type, new.type_attr = dtypes.get(arg.name, arg.type), arg.type_attr
        ends = [source(root, function.proto.ret.get(arg.name, "")) for arg in declared.output_arg]
        for pieces in writer.nodes(ends):
            data = b"".join(each.source.read(*each[1:]) for each in pieces)
            proto.node_def.append(schema.NodeDef.FromString(data))
        for number, (arg, end) in enumerate(zip(declared.output_arg, ends, strict=True)):
            new = proto.signature.output_arg.add(name=f"result_{number}")
            new.type, new.type_attr = writer.dtype(end) or arg.type, arg.type_attr
            proto.ret[new.name] = writer.text(end)


def _instance(value: AttrValue, frame: Frame) -> AttrValue:
    """An attr of a node in a function, where the function was called with attrs."""
    if frame.caller is None:
        return value
    return instances.filled(value, instances.given(frame.caller.body[frame.call]))


def _attr(key: str, value: Sequence[Piece]) -> Iterator[Piece]:
    """One attr of a NodeDef."""
    entry = [*as_field(_KEY, [piece(key.encode())]), *as_field(_VALUE, value)]
    return as_field(_ATTR, entry)
