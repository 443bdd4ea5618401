"""Checks of functions: their names, signatures and results, and who calls them."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import TYPE_CHECKING

from pbtool import dtypes, opdefs
from pbtool.checks.finding import ERROR, WARNING, Found
from pbtool.checks.nodes import BodyNodes, GraphNodes
from pbtool.infer.calls import called

if TYPE_CHECKING:
    from pbtool.schema import AttrValue, NodeDef, OpDef


def duplicate_functions(whole: GraphNodes) -> Iterator[Found]:
    """Functions that have the name of another one, and are not the same."""
    seen: dict[str, bytes] = {}
    for proto in whole.graph.proto.library.function:
        data = proto.SerializeToString(deterministic=True)
        if seen.setdefault(proto.signature.name, data) != data:
            sentence = "another function has this name, and is a different one"
            yield Found(None, sentence, "rename one", proto.signature.name)


def shadowed_functions(whole: GraphNodes) -> Iterator[Found]:
    """Functions that have the name of an op."""
    versions = opdefs.versions()
    for name in whole.graph.functions:
        if name in versions and not versions[name].last:
            yield Found(None, "has the name of an op", "rename it", name)


def missing_functions(body: BodyNodes) -> Iterator[Found]:
    """Attrs that name a function which the library does not have."""
    functions = body.whole.graph.functions
    attrs = {op: _function_attrs(body, op) for op in body.counts}
    for node, name, op in zip(body.nodes, body.names, body.ops, strict=True):
        for attr in attrs[op]:
            for missing in _names(node.attr.get(attr)) if attr in node.attr else ():
                if missing not in functions and missing not in opdefs.table():
                    remedy = body.whole.suggest(missing, functions)
                    yield Found(name, f"there is no function {missing!r} for {attr!r}", remedy)


def _function_attrs(body: BodyNodes, op: str) -> list[str]:
    op_def = body.op_def(op)
    if op_def is None:
        return []
    return [attr.name for attr in op_def.attr if attr.type in ("func", "list(func)")]


def _names(value: AttrValue | None) -> Iterator[str]:
    if value is None:
        return
    if value.HasField("func"):
        yield value.func.name
    for each in value.list.func:
        yield each.name


def lost_gradients(whole: GraphNodes) -> Iterator[Found]:
    """Gradients of, or by, functions that the library does not have, or in nothing but rings."""
    functions = whole.graph.functions
    severity = "" if functions else WARNING  # TensorFlow looks only if there are functions
    known: dict[str, str] = {}
    for gradient in whole.graph.proto.library.gradient:
        first = known.setdefault(gradient.function_name, gradient.gradient_func)
        if first and first != gradient.gradient_func:
            two = f"{first!r} and {gradient.gradient_func!r}"
            yield Found(None, f"{gradient.function_name!r} has two gradients, {two}")
        for name in dict.fromkeys((gradient.function_name, gradient.gradient_func)):
            if name not in functions:
                what = f"{gradient.gradient_func!r} is the gradient of {gradient.function_name!r}"
                sentence = f"{what}, but there is no function {name!r}"
                yield Found(None, sentence, severity=severity)
    if functions and functions.keys() <= known.keys():
        # TensorFlow's Python makes a function after its gradient, and has to begin with one.
        yield Found(None, "every function has a gradient, so that each awaits another one")


def recursion(whole: GraphNodes) -> Iterator[Found]:
    """Functions that call each other in a ring."""
    functions = whole.graph.functions
    calls = {
        name: {each for each in map(called, function) if each is not None and each in functions}
        for name, function in functions.items()
    }
    rings = _on_rings(calls)
    for name in (name for name in calls if name in rings):
        severity = ERROR if name in whole.looked_into else WARNING  # TensorFlow ends its process
        yield Found(None, "calls itself, straight or through others", "", name, severity)


def _on_rings(calls: Mapping[str, Collection[str]]) -> set[str]:
    """The functions that call themselves: Tarjan's algorithm, without recursion."""
    number: dict[str, int] = {}
    low: dict[str, int] = {}
    path: list[str] = []
    done: set[str] = set()
    found: set[str] = set()
    for start in calls:
        pending = [] if start in number else [(start, iter(calls[start]))]
        while pending:
            name, callees = pending[-1]
            if name not in number:
                number[name] = low[name] = len(number)
                path.append(name)
            deeper = next((each for each in callees if each not in done), None)
            if deeper is None:
                pending.pop()
                if pending:
                    caller = pending[-1][0]
                    low[caller] = min(low[caller], low[name])
                if low[name] == number[name]:
                    ring = _popped(path, name)
                    done |= ring
                    found |= ring if len(ring) > 1 or name in calls[name] else set()
            elif deeper in number:
                low[name] = min(low[name], number[deeper])
            else:
                pending.append((deeper, iter(calls[deeper])))
    return found


def _popped(path: list[str], name: str) -> set[str]:
    """What lies on the path from a name on, taken from it."""
    taken = {path.pop()}
    while name not in taken:
        taken.add(path.pop())
    return taken


def broken_signatures(body: BodyNodes) -> Iterator[Found]:
    """Functions whose signature does not fit their body."""
    function = body.function
    if function is None:
        return
    proto = function.proto
    names = [arg.name for arg in proto.signature.input_arg]
    for name in sorted({name for name in names if names.count(name) > 1}):
        yield Found(None, f"has two arguments named {name!r}")
    for arg in proto.signature.input_arg:
        if dtypes.base(arg.type) not in dtypes.BY_NUMBER:
            # TensorFlow's Python makes types of those of every function, called or not.
            sentence = f"its argument {arg.name!r} {_typeless(arg)}"
            yield Found(None, sentence, severity=ERROR)
    results = {arg.name for arg in proto.signature.output_arg}
    for arg in proto.signature.output_arg:
        if arg.name not in proto.ret:
            yield Found(None, f"its result {arg.name!r} is nowhere computed")
            continue
        text = proto.ret[arg.name]
        yield from _broken_result(body, arg.name, arg.type, text)
    for name in sorted(set(proto.ret) - results):
        sentence = f"computes a result {name!r}, which its signature does not have"
        yield Found(None, sentence, severity=WARNING)  # TensorFlow does not look at it
    for name, node in sorted(proto.control_ret.items()):
        if node not in body.positions:
            yield Found(None, f"its control result {name!r} is no node: {node!r}")


def _typeless(arg: OpDef.ArgDef) -> str:
    """What is wrong with an argument that has none of TensorFlow's types."""
    if arg.type:
        return f"is {dtypes.name(arg.type)}, no type that TensorFlow has"
    if attr := arg.type_attr or arg.type_list_attr:
        return (
            f"takes its type from the attr {attr!r}: TensorFlow's Python imports no such function"
        )
    return "has no type"


def _broken_result(body: BodyNodes, name: str, dtype: int, text: str) -> Iterator[Found]:
    sources = body.tensors(text)
    if len(sources) != 1:
        yield Found(None, f"its result {name!r} is one tensor, but {text!r} is {len(sources)}")
        return
    (source,) = sources
    position = body.positions.get(source.node)
    types = None if position is None else body.types[position]
    if position is None:
        yield Found(None, f"its result {name!r} is of no node: {text!r}")
    elif source.output < 0 or (types is not None and source.output >= len(types)):
        yield Found(None, f"its result {name!r} is no output of {source.node!r}: {text!r}")
    elif types and dtype and dtypes.base(types[source.output]) != dtype:
        there, here = dtypes.name(types[source.output]), dtypes.name(dtype)
        yield Found(None, f"its result {name!r} is to be {here}, but {text!r} is {there}")


def unlike_arguments(body: BodyNodes) -> Iterator[Found]:
    """Calls whose arguments or results do not fit the function."""
    functions = body.whole.graph.functions
    for position, node in enumerate(body.nodes) if functions else ():
        name = called(node)
        if name is not None and name in functions and node.op != name:
            signature = functions[name].proto.signature
            for attr, args, sentence in (
                ("Tin", signature.input_arg, "passes ({}) to {!r}, which takes ({})"),
                ("Tout", signature.output_arg, "awaits ({}) of {!r}, which returns ({})"),
            ):
                here, there = _stated(node, attr), [arg.type for arg in args]
                if here is not None and here != there and all(there):
                    told = (", ".join(map(dtypes.name, each)) for each in (here, there))
                    yield Found(body.names[position], sentence.format(next(told), name, next(told)))


def _stated(node: NodeDef, attr: str) -> list[int] | None:
    types = node.attr.get(attr)
    return None if types is None else list(types.list.type)
