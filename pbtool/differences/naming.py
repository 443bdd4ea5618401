"""Names that change: what a node of A looks like once everything it refers to has B's names.

Nodes refer to nodes by their inputs and by colocation (``loc:@name`` in the attr ``_class``), and
to functions by their op and by attrs. A diff compares what is left after this, and ``apply`` does
this first.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, NamedTuple

from pbtool.body import COLOCATION, function_names, functions_in
from pbtool.differences.fields import without

if TYPE_CHECKING:
    from collections.abc import Set

    from pbtool.schema import AttrValue, FunctionDef, FunctionDefLibrary, NodeDef, SignatureDef

_COLOCATED = b"loc:@"
_NOTHING: Mapping[str, str] = {}


class Names(NamedTuple):
    """What is renamed: old names to new ones, of the nodes of one body and of all functions."""

    nodes: Mapping[str, str] = _NOTHING
    functions: Mapping[str, str] = _NOTHING

    def node(self, name: str) -> str:
        """The name in B of a node of A."""
        return self.nodes.get(name, name)

    def function(self, name: str) -> str:
        """The name in B of a function of A."""
        return self.functions.get(name, name)


def following(nodes: Mapping[str, str], functions: Mapping[str, str]) -> Names:
    """The names that references have to follow.

    A new name was nobody's before. What refers to it all the same refers to nothing, and must not
    come to mean what has the name now: it follows to a name that nothing can have.
    """
    return Names(_guarded(nodes), _guarded(functions))


def _guarded(names: Mapping[str, str]) -> dict[str, str]:
    return {name: f"\0{name}" for name in names.values()} | dict(names)


def input_parts(text: str) -> tuple[str, str, str]:
    """An input as ``^`` or nothing, the name of a node, and the rest: ``:0``, ``:output:0``."""
    caret = text[:1] if text.startswith("^") else ""
    name, colon, rest = text[len(caret) :].partition(":")
    return caret, name, colon + rest


def renamed_input(text: str, nodes: Mapping[str, str]) -> str:
    """An input, with the new name of the node that it refers to."""
    if text in nodes:  # most inputs are the bare name of a node
        return nodes[text]
    caret, name, rest = input_parts(text)
    return f"{caret}{nodes[name]}{rest}" if name in nodes else text


def refers_to(node: NodeDef, names: Set[str]) -> bool:
    """Whether a node takes anything of the nodes of these names."""
    if not names.isdisjoint(node.input):  # most inputs are the bare name of a node
        return True
    texts = "".join(node.input)
    if ":" not in texts and "^" not in texts:
        return False
    return any(input_parts(text)[1] in names for text in node.input)


def renamed_node(node: NodeDef, names: Names) -> NodeDef:
    """The node under its new name, with the new names of all that it refers to.

    It is the node itself where there is nothing to rename.
    """
    nodes, functions = names
    if not nodes and not functions:
        return node
    refers = node.name in nodes or refers_to(node, nodes.keys())
    calls = bool(functions) and (
        node.op in functions
        or any(name in functions for name in function_names(node.attr.values()))
    )
    colocated = bool(nodes) and COLOCATION in node.attr
    if not (refers or calls or colocated):
        return node
    copy = type(node)()
    copy.CopyFrom(node)
    copy.name = names.node(node.name)
    copy.op = names.function(node.op)
    for position, text in enumerate(node.input):
        copy.input[position] = renamed_input(text, nodes)
    if colocated:
        _rename_colocation(copy.attr[COLOCATION], nodes)
    if calls:
        for value in copy.attr.values():
            rename_calls(value, functions)
    return copy


def renamed_function(function: FunctionDef, names: Names) -> FunctionDef:
    """A function under its new name, whose results have the new names of nodes and functions.

    Its nodes stay as they are.
    """
    copy = type(function)()
    copy.CopyFrom(function)
    copy.signature.name = names.function(function.signature.name)
    for results in (copy.ret, copy.control_ret):
        for result, text in results.items():
            results[result] = renamed_input(text, names.nodes)
    for value in copy.attr.values():
        rename_calls(value, names.functions)
    return copy


def renamed_library(library: FunctionDefLibrary, names: Names) -> FunctionDefLibrary:
    """What a library says of gradients, with the new names of functions, in their order."""
    copy = without(library, "function")
    gradients = sorted(
        (names.function(each.function_name), names.function(each.gradient_func))
        for each in copy.gradient
    )
    for each, (function, gradient) in zip(copy.gradient, gradients, strict=True):
        each.function_name, each.gradient_func = function, gradient
    for registered in copy.registered_gradients:
        registered.gradient_func = names.function(registered.gradient_func)
    return copy


def renamed_signature(signature: SignatureDef, nodes: Mapping[str, str]) -> SignatureDef:
    """A signature whose tensors have the new names of nodes."""
    copy = type(signature)()
    copy.CopyFrom(signature)
    for infos in (copy.inputs, copy.outputs):
        for info in infos.values():
            info.name = renamed_input(info.name, nodes)
    return copy


def rename_calls(value: AttrValue, functions: Mapping[str, str]) -> None:
    """Give the functions that an attr names their new names."""
    for function in functions_in(value):
        function.name = functions.get(function.name, function.name)
        for inner in function.attr.values():
            rename_calls(inner, functions)


def _rename_colocation(value: AttrValue, nodes: Mapping[str, str]) -> None:
    for position, text in enumerate(value.list.s):
        if text.startswith(_COLOCATED):
            name = text[len(_COLOCATED) :].decode(errors="surrogateescape")
            new = nodes.get(name, name).encode(errors="surrogateescape")
            value.list.s[position] = _COLOCATED + new
