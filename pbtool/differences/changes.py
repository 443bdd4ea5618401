"""What a diff is made of: changes, each a value of its own.

Five kinds of change, whatever it is that changes: ``Added``, ``Removed``, ``Changed``, ``Renamed``
and ``Edited``, which holds the changes inside something that stands on both sides. ``kind`` says
what was changed:

===============  ==================================================================================
kind             its changes, and their values
===============  ==================================================================================
graph            Edited: always the only change of its level; only in a diff of SavedModels
meta graph       Added, Removed: a MetaGraphDef; Edited. ``name`` is its tags, joined by commas
node             Added, Removed: a NodeDef; Renamed; Edited: op, device, attr, input, control input,
                 field
scope            Renamed: all nodes below ``name`` (which ends in a slash, or is "" for all) that
                 have no change of their own name; ``nodes`` is their number
function         Added, Removed: a FunctionDef; Renamed; Edited: node, scope, attr, field
op, device       Changed: strings; ``name`` is the same word again. No device is ``""``
attr             Added, Removed, Changed: an AttrValue; ``name`` is the attr's
input            Added, Removed, Changed: strings as the file has them; ``name`` is the position
                 among the inputs that carry data, in decimal digits
control input    Added, Removed: ``None``; ``name`` is the node's that must run before
field            Added, Removed, Changed: a message of what is edited with nothing but that field,
                 such as ``versions`` of a GraphDef or ``ret`` of a FunctionDef; the name
                 ``unknown fields`` stands for what the schema does not know
order, encoding  Changed: strings, only where these count; ``name`` says of what. An order is the
                 first two that stand in each other's place (nodes, functions, entries of maps), or
                 all control inputs; an encoding is the fields that hold a tensor's elements, bytes
                 in hexadecimal, or what the whole file is written in
signature        Added, Removed, Changed: a SignatureDef
collection       Added, Removed, Changed: a CollectionDef
asset            Added, Removed, Changed: an AssetFileDef; ``name`` is the file's
asset content    Added, Removed, Changed: strings that tell size and checksum of the file ``name``
variable         Added, Removed, Changed: a TensorProto, of a checkpoint
===============  ==================================================================================

A name before is ``name``, the one after ``new_name``; they differ in what was renamed. Names inside
old values are A's, names inside new values are B's: an input that only follows a rename is no
change. What ``Edited`` holds comes in the order of the rows above. ``inverse`` turns it round.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Generic, NamedTuple, TypeVar, overload

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from google.protobuf.message import Message

    from pbtool.graph import Graph

MessageT = TypeVar("MessageT", bound="Message")


class Content(Generic[MessageT]):
    """A message of one of the files.

    ``message`` may lack the elements of big tensors (their dtype and shape are there), ``whole()``
    reads them from the file. Without any message, all of it is made when asked for. Two are equal
    when they are the same to the byte, maps in any order.
    """

    __slots__ = ("_load", "_message", "is_whole")

    @overload
    def __init__(self, message: MessageT, load: Callable[[], MessageT] | None = None) -> None: ...
    @overload
    def __init__(self, message: None, load: Callable[[], MessageT]) -> None: ...
    def __init__(self, message: Any, load: Callable[[], MessageT] | None = None) -> None:
        self._message: MessageT | None = message
        self._load: Callable[[], MessageT] = (lambda: message) if load is None else load
        self.is_whole = load is None or message is None  # nothing was left out of ``message``

    @property
    def message(self) -> MessageT:
        """The message, perhaps without the elements of big tensors."""
        return self._load() if self._message is None else self._message

    def whole(self) -> MessageT:
        """The message with all that the file has of it."""
        return self._load()

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Content):
            return NotImplemented
        return _serialized(self) == _serialized(other)

    def __hash__(self) -> int:
        return hash(_serialized(self))

    def __repr__(self) -> str:
        return f"<{type(self.message).__name__}, {self.message.ByteSize():,} bytes>"


def _serialized(content: Content[Any]) -> tuple[str, bytes]:
    message = content.whole()
    return message.DESCRIPTOR.full_name, message.SerializeToString(deterministic=True)


Value = str | Content[Any] | None  # of which class the message is, the kind of the change says


class Example(NamedTuple):
    """One element of two tensors that differs; numbers as Python has them, strings as bytes."""

    at: tuple[int, ...]
    old: object
    new: object


class Comparison(NamedTuple):
    """How the elements of two tensors of one dtype and shape differ.

    ``max_abs`` is the largest difference, ``max_rel`` the largest relative to the larger of the two
    magnitudes; None where there is no such number: for strings, and where no differing elements are
    both finite. ``examples`` are the first that differ and the one that differs most.
    """

    elements: int
    different: int
    max_abs: float | None
    max_rel: float | None
    examples: tuple[Example, ...]


class Added(NamedTuple):
    """Something that only B has."""

    kind: str
    name: str
    value: Value = None

    def inverse(self) -> Removed:
        """The change from B to A."""
        return Removed(*self)


class Removed(NamedTuple):
    """Something that only A has."""

    kind: str
    name: str
    value: Value = None

    def inverse(self) -> Added:
        """The change from B to A."""
        return Added(*self)


class Changed(NamedTuple):
    """A value that both have, and that differs.

    ``comparison`` tells how tensors differ; None where their dtype or shape does, where they cannot
    be decoded, and for everything else.
    """

    kind: str
    name: str
    old: Value
    new: Value
    comparison: Comparison | None = None

    def inverse(self) -> Changed:
        """The change from B to A."""
        comparison = self.comparison
        if comparison is not None:
            examples = tuple(Example(at, new, old) for at, old, new in comparison.examples)
            comparison = comparison._replace(examples=examples)
        return Changed(self.kind, self.name, self.new, self.old, comparison)


class Renamed(NamedTuple):
    """Something that both have, under another name: a function, or ``nodes`` nodes."""

    kind: str
    name: str
    new_name: str
    nodes: int = 1

    def inverse(self) -> Renamed:
        """The change from B to A."""
        return Renamed(self.kind, self.new_name, self.name, self.nodes)


class Edited(NamedTuple):
    """Something that both have and that changed inside."""

    kind: str
    name: str
    new_name: str
    changes: tuple[Change, ...]

    def inverse(self) -> Edited:
        """The change from B to A."""
        inside = tuple(change.inverse() for change in self.changes)
        return Edited(self.kind, self.new_name, self.name, inside)


Change = Added | Removed | Changed | Renamed | Edited


def sides(change: Change) -> tuple[Value, Value]:
    """The values before and after, None where there is none."""
    if isinstance(change, Changed):
        return change.old, change.new
    if isinstance(change, Added):
        return None, change.value
    return (change.value if isinstance(change, Removed) else None), None


class Explanation(NamedTuple):
    """What happened, where it is recognised: a sentence, and the counts that prove it.

    ``kind`` is one word or two for programs, such as ``pruned`` or ``only weights``; ``sentence``
    has no full stop; ``counts`` are pairs such as ``("nodes removed", 812)``.
    """

    kind: str
    sentence: str
    counts: tuple[tuple[str, int], ...] = ()


FROZEN = "frozen"


class Side(NamedTuple):
    """One of the two files: its path ("" for a graph in memory), kind, encoding, and size.

    ``kind`` is as ``Model.kind`` has it; ``nodes`` and ``functions`` count the main graph's nodes
    and the library's functions; ``variables`` the tensors of a checkpoint. ``form`` is "" where the
    file was compared as it is, and ``FROZEN`` where it was compared by what it computes: calls of
    functions and variables replaced as a freeze does, control edges and copies left out.
    """

    path: str
    kind: str
    encoding: str
    nodes: int = 0
    functions: int = 0
    variables: int = 0
    form: str = ""


class Diff:
    """What turns A into B. Iterating gives the changes; it is false when there is none.

    ``a`` and ``b`` are the sides. ``explanations`` say what happened, the most telling first.
    ``outputs`` are types and shapes that changed downstream, where they were asked for:
    ``Changed("output", "node:0", "float32[1,2]", "float32[2,2]")``. They follow from the changes.
    ``graphs`` are those that were compared, where they are not those of the files.
    """

    __slots__ = ("a", "b", "changes", "explanations", "graphs", "outputs")

    def __init__(
        self,
        a: Side,
        b: Side,
        changes: Iterable[Change],
        explanations: Iterable[Explanation] = (),
        outputs: Iterable[Changed] = (),
        graphs: tuple[Graph, Graph] | None = None,
    ) -> None:
        self.a = a
        self.b = b
        self.changes = tuple(changes)
        self.explanations = tuple(explanations)
        self.outputs = tuple(outputs)
        self.graphs = graphs

    def __iter__(self) -> Iterator[Change]:
        return iter(self.changes)

    def __len__(self) -> int:
        return len(self.changes)

    def inverse(self) -> Diff:
        """The diff from B to A, without explanations."""
        changes = (change.inverse() for change in self.changes)
        return Diff(self.b, self.a, changes, (), (each.inverse() for each in self.outputs))

    def to_json(self, *, full_values: bool = False) -> dict[str, object]:
        """The diff as ``json.dumps`` takes it; with ``full_values``, big constants ride along."""
        from pbtool.differences.documents import to_json

        return to_json(self, full_values=full_values)

    def __repr__(self) -> str:
        return f"<Diff: {len(self):,} changes>"
