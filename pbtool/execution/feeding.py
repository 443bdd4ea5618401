"""What to feed a program: which of its tensors, and what else it would reach."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from pbtool import dtypes
from pbtool.body import parse_input
from pbtool.errors import NotFoundError, UsageError
from pbtool.execution.hazards import RESTORES, TABLE_FILES, Hazard, find_hazards
from pbtool.execution.ports import port_of
from pbtool.execution.values import RANDOM, make, parse, sizes

if TYPE_CHECKING:
    import numpy as np

    from pbtool.execution.ports import Port
    from pbtool.execution.program import Program


def described(ports: Iterable[Port]) -> str:
    """The ports with their types and shapes, for a sentence."""
    return ", ".join(f"{each.key} {dtypes.name(each.dtype)}{each.shape}" for each in ports)


def pairs(texts: Iterable[str], option: str) -> Mapping[str, str]:
    """What texts such as ``NAME=VALUE`` say. Raises UsageError for others, and for a name twice."""
    found = {}
    for text in texts:
        name, separator, value = text.partition("=")
        if not separator or not name:
            raise UsageError(f"{option} takes NAME=VALUE, not {text!r}")
        if name in found:
            raise UsageError(f"{option} {name} is given twice")
        found[name] = value
    return found


def find_feeds(
    program: Program, feeds: Iterable[str], shapes: Iterable[str], seed: int
) -> dict[Port, np.ndarray[Any, Any]]:
    """What to feed a program, by port, from texts such as ``x=random`` and ``x=8,224,224,3``.

    Raises UsageError where an input that is needed is not fed, or one is fed twice.
    """
    sizes_of = dict(pairs(shapes, "--shape"))
    found: dict[Port, np.ndarray[Any, Any]] = {}
    for name, text in pairs(feeds, "--feed").items():
        port = find_port(program, name)
        if port in found:
            raise UsageError(f"--feed {name} is a tensor that is already fed")
        found[port] = parse(text, port, sizes_of.pop(name, None), seed)
    if sizes_of:
        raise UsageError(f"--shape {next(iter(sizes_of))} is of nothing that is fed")
    fed = {port.tensor for port in found}
    reached = program.reached(fed)
    known = {parse_input(port.tensor).node: port for port in program.inputs}
    missing = [
        known.get(node.name) or port_of(program.graph, f"{node.name}:0")
        for node in program.graph
        if node.name in reached and node.op == "Placeholder"
    ]
    if missing:
        names = " ".join(f"--feed {port.key.removesuffix(':0')}=VALUE" for port in missing[:4])
        raise UsageError(f"these inputs are not fed: {described(missing)}", remedy=f"add {names}")
    return found


def fill(
    ports: Iterable[Port], feeds: Iterable[str], shapes: Iterable[str], seed: int
) -> dict[str, np.ndarray[Any, Any]]:
    """An array for each port, by key: what is fed, and random values for all else.

    Dimensions that are not known have the size 1, unless they are stated. Raises UsageError for
    names that no port has.
    """
    given, sizes_of = dict(pairs(feeds, "--feed")), dict(pairs(shapes, "--shape"))
    found = {}
    for port in ports:
        names = (port.key, port.key.removesuffix(":0"), port.tensor)
        shape = next((sizes_of.pop(name) for name in names if name in sizes_of), None)
        text = next((given.pop(name) for name in names if name in given), None)
        if text is None:
            found[port.key] = make(RANDOM, port, sizes(port, shape, unknown=1), seed)
        else:
            found[port.key] = parse(text, port, shape, seed)
    for name in (*given, *sizes_of):
        raise UsageError(f"{name!r} is no input of both models")
    return found


def find_port(program: Program, name: str) -> Port:
    """The input of this name in the signature, or the tensor of this name.

    Raises NotFoundError where there is neither.
    """
    for port in (*program.inputs, *program.unneeded):
        if name in (port.key, port.tensor, port.tensor.removesuffix(":0")):
            return port
    try:
        port = port_of(program.graph, name)
    except NotFoundError as error:
        keys = ", ".join(each.key for each in program.inputs)
        remedy = error.remedy or (f"the inputs are {keys}" if keys else "")
        raise NotFoundError(error.message, remedy=remedy) from None
    if port.tensor.startswith("^"):
        raise UsageError(f"node {name!r} has no output that could be fed")
    return port


def refuse_hazards(program: Program) -> None:
    """Raise UsageError where executing a program would reach outside of its graph.

    Restoring variables and filling tables from the model's own files is allowed.
    """
    fed = [port.tensor for port in program.inputs]
    _refuse([*find_hazards(program.graph, program.reached(fed)), *_before(program)])


def refuse_hazards_before(program: Program) -> None:
    """The same, of nothing but the steps that make a program ready to be executed."""
    _refuse(list(_before(program)))


def _before(program: Program) -> Iterator[Hazard]:
    setup = program.graph.ancestors(program.setup)
    return find_hazards(program.graph, setup, allowed=RESTORES | TABLE_FILES)


def _refuse(found: Sequence[Hazard]) -> None:
    if found:
        more = f" and {len(found) - 3} more" if len(found) > 3 else ""
        raise UsageError(
            f"this model reaches outside of its graph: {', '.join(map(str, found[:3]))}{more}",
            remedy="if you trust it, add --allow-unsafe",
        )
