"""Which functions without a partner by name are the same under another name.

TensorFlow numbers the functions that it traces, so that two exports of one program differ in the
names of nearly all of them. A function is recognised by its content, in which a function that it
calls stands for that one's content, and else by its name without the number.
"""

from __future__ import annotations

import hashlib
import re
from collections import defaultdict
from contextlib import suppress
from typing import TYPE_CHECKING

from pbtool.body import function_names
from pbtool.differences.constants import MOST_DECODED, decoded, is_constant
from pbtool.differences.fields import without
from pbtool.differences.naming import Names, renamed_function, renamed_node
from pbtool.errors import TensorError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from pbtool.graph import Function, Graph
    from pbtool.schema import NodeDef

_NUMBER = re.compile(r"_\d+$")


def match_functions(a: Graph, b: Graph) -> dict[str, str]:
    """The new names of functions of A, by their old ones, where that can be said."""
    left = (
        [name for name in a.functions if name not in b.functions],
        [name for name in b.functions if name not in a.functions],
    )
    if not all(left):
        return {}
    found: dict[str, str] = {}
    contents = [_contents(graph, names) for graph, names in zip((a, b), left, strict=True)]

    def pair(keys: Sequence[Callable[[str], object]]) -> None:
        """Pair functions of one key: the only ones, or as many, told apart by their numbers."""
        groups = [
            _grouped((name for name in names if name not in taken), key)
            for names, key, taken in zip(left, keys, (found, set(found.values())), strict=True)
        ]
        for value, names in groups[0].items():
            partners = groups[1].get(value, [])
            if len(names) == len(partners):
                found.update(zip(names, partners, strict=True))

    def content_and_base(side: int) -> Callable[[str], object]:
        return lambda name: (contents[side][name], base(name))

    pair([content_and_base(0), content_and_base(1)])
    pair([contents[0].__getitem__, contents[1].__getitem__])
    _pair_alone(found, left)
    return found


def base(name: str) -> str:
    """A function's name without the number that TensorFlow gave it."""
    return _NUMBER.sub("", name)


def _pair_alone(found: dict[str, str], left: tuple[list[str], list[str]]) -> None:
    """Pair the functions that alone have their name, but for its number."""
    taken = set(found.values())
    groups = (
        _grouped((name for name in left[0] if name not in found), base),
        _grouped((name for name in left[1] if name not in taken), base),
    )
    for value, names in groups[0].items():
        partners = groups[1].get(value, [])
        if len(names) == len(partners) == 1:
            found[names[0]] = partners[0]


def _grouped(names: Iterable[str], key: Callable[[str], object]) -> dict[object, list[str]]:
    groups: dict[object, list[str]] = defaultdict(list)
    for name in sorted(names, key=_order):
        groups[key(name)].append(name)
    return groups


def _order(name: str) -> tuple[str, int, str]:
    number = _NUMBER.search(name)
    digits = number[0] if number else ""  # perhaps more than int() takes
    return base(name), len(digits), digits


def _contents(graph: Graph, left: Iterable[str]) -> dict[str, str]:
    """A hash for each function that is left: the same for two that differ only in names."""
    waiting = dict.fromkeys(left)
    found: dict[str, str] = {}
    for root in waiting:
        stack = [(root, False)]
        open_names: set[str] = set()
        while stack:
            name, ready = stack.pop()
            if ready:
                found[name] = _content(graph.functions[name], found)
            elif name not in found and name not in open_names:
                open_names.add(name)
                stack.append((name, True))
                inner = _called_by(graph.functions[name])
                stack.extend((each, False) for each in sorted(inner) if each in waiting)
    return found


def _called_by(function: Function) -> set[str]:
    names = {node.op for node in function.nodes}
    for node in function.nodes:
        names.update(function_names(node.attr.values()))
    return names & function.graph.functions.keys()


def _content(function: Function, contents: Mapping[str, str]) -> str:
    names = Names({}, {**contents, function.name or "": ""})
    digest = hashlib.blake2b(digest_size=16)
    shell = renamed_function(without(function.proto, "node_def"), names)
    digest.update(shell.SerializeToString(deterministic=True))
    for node in sorted(function.nodes, key=lambda each: each.name):
        data = _plain(renamed_node(node, names)).SerializeToString(deterministic=True)
        digest.update(len(data).to_bytes(8, "little") + data)
    return digest.hexdigest()


def _plain(node: NodeDef) -> NodeDef:
    """The node with its constants in one encoding, unless they are big."""
    constants = [
        name
        for name, value in node.attr.items()
        if is_constant(value) and 0 < value.ByteSize() <= MOST_DECODED
    ]
    if not constants:
        return node
    copy = type(node)()
    copy.CopyFrom(node)
    for name in constants:
        with suppress(TensorError):  # then the encoding is all there is to compare
            copy.attr[name].tensor.CopyFrom(decoded(node.attr[name].tensor))
    return copy
