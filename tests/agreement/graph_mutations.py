"""Damage done to graphs at random, to ask whether TensorFlow refuses what ``pbtool check`` does.

A mutation changes a GraphDef in one place, in the main graph or in the body of a function; a case
is a graph with one to three of them. ``graph_fuzz`` asks.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, MutableSequence
from typing import Any, NamedTuple

from pbtool import dtypes, opdefs
from pbtool.schema import AttrValue, GraphDef, NodeDef

Mutation = Callable[["Damage"], None]


class Case(NamedTuple):
    """A damaged graph, and what was done to it."""

    graph: GraphDef
    story: str


class Damage:
    """A graph that is being damaged, in its nodes or in those of one function."""

    def __init__(self, graph: GraphDef, choice: random.Random) -> None:
        self.graph = graph
        self.random = choice
        functions = [each for each in graph.library.function if each.node_def]
        inside = functions and (not graph.node or choice.random() < _IN_FUNCTION)
        self.function = choice.choice(functions) if inside else None
        self.nodes: MutableSequence[NodeDef] = (
            graph.node if self.function is None else self.function.node_def
        )
        self.story: list[str] = []

    def node(self, fits: Callable[[NodeDef], Any] = lambda _: True) -> NodeDef:
        """One of the nodes that fit; LookupError where none does."""
        fitting = [node for node in self.nodes if fits(node)]
        node = self.random.choice(fitting)
        self.story.append(f"{node.op} {node.name!r}")
        return node

    def attr(self, fits: Callable[[AttrValue], Any] = lambda _: True) -> tuple[NodeDef, str]:
        """One of the attrs that fit."""
        node = self.node(lambda node: any(map(fits, node.attr.values())))
        name = self.random.choice(sorted(name for name in node.attr if fits(node.attr[name])))
        self.story.append(name)
        return node, name

    def input(self) -> tuple[NodeDef, int]:
        """One of the inputs."""
        node = self.node(lambda node: node.input)
        number = self.random.randrange(len(node.input))
        self.story.append(node.input[number])
        return node, number

    def say(self, made: object) -> None:
        """Note what came of it."""
        self.story.append(f"-> {made}")


_IN_FUNCTION = 0.25
_TYPES = (*dtypes.BY_NUMBER, 0, 101, 103, 120, 57)
_NUMBERS = (-(1 << 40), -2, -1, 0, 1, 2, 3, 7, 21, 1 << 20)


# --- attrs ------------------------------------------------------------------------------------


def drop_attr(damage: Damage) -> None:
    node, name = damage.attr()
    del node.attr[name]


def add_attr(damage: Damage) -> None:
    node = damage.node()
    name = damage.random.choice(["T", "N", "extra", "_extra", "shape", "dtype", "use_locking"])
    node.attr[name].CopyFrom(_any_attr(damage))
    damage.say(name)


def change_kind(damage: Damage) -> None:
    node, name = damage.attr()
    node.attr[name].CopyFrom(_any_attr(damage))
    damage.say(node.attr[name].WhichOneof("value"))


def change_type(damage: Damage) -> None:
    node, name = damage.attr(lambda value: value.WhichOneof("value") == "type")
    node.attr[name].type = damage.random.choice(_TYPES)
    damage.say(dtypes.name(node.attr[name].type))


def change_types(damage: Damage) -> None:
    node, name = damage.attr(lambda value: value.list.type)
    types = node.attr[name].list.type
    number = damage.random.randrange(len(types))
    match damage.random.randrange(3):
        case 0:
            types[number] = damage.random.choice(_TYPES)
        case 1:
            types.pop(number)
        case _:
            types.append(damage.random.choice(_TYPES))
    damage.say(list(types))


def change_number(damage: Damage) -> None:
    node, name = damage.attr(lambda value: value.WhichOneof("value") == "i")
    node.attr[name].i = damage.random.choice(_NUMBERS)
    damage.say(node.attr[name].i)


def change_numbers(damage: Damage) -> None:
    node, name = damage.attr(lambda value: value.list.i)
    numbers = node.attr[name].list.i
    place = damage.random.randrange(len(numbers))
    if damage.random.random() < 0.5:
        numbers[place] = damage.random.choice(_NUMBERS)
    else:
        numbers.pop(place)
    damage.say(list(numbers))


def change_string(damage: Damage) -> None:
    node, name = damage.attr(lambda value: value.WhichOneof("value") == "s")
    node.attr[name].s = damage.random.choice([b"", b"VALID", b"SAME", b"x", b"\xff", b"NHWC"])
    damage.say(node.attr[name].s)


def change_shape(damage: Damage) -> None:
    node, name = damage.attr(lambda value: value.WhichOneof("value") == "shape" or value.list.shape)
    value = node.attr[name]
    shapes = list(value.list.shape) or [value.shape]
    shape = damage.random.choice(shapes)
    match damage.random.randrange(4):
        case 0:
            shape.dim.add(size=damage.random.choice((-1, -2, 0, 5, 1 << 62)))
        case 1 if shape.dim:
            shape.dim.pop()
        case 2 if shape.dim:
            damage.random.choice(shape.dim).size = damage.random.choice((-2, -1, 0, 1, 2, 9))
        case _:
            shape.unknown_rank = not shape.unknown_rank
    damage.say(" ".join(str(shape).split()))


def state_shapes(damage: Damage) -> None:
    node = damage.node()
    for _ in range(damage.random.randrange(3)):
        shape = node.attr["_output_shapes"].list.shape.add()
        for _ in range(damage.random.randrange(4)):
            shape.dim.add(size=damage.random.choice((-1, 1, 2, 3)))
    damage.say(" ".join(str(node.attr["_output_shapes"]).split()))


def change_func(damage: Damage) -> None:
    node, name = damage.attr(lambda value: value.WhichOneof("value") == "func")
    others = [each.signature.name for each in damage.graph.library.function]
    node.attr[name].func.name = damage.random.choice(["", "no_such", "Relu", *others])
    damage.say(node.attr[name].func.name)


def _any_attr(damage: Damage) -> AttrValue:
    value = AttrValue()
    match damage.random.randrange(9):
        case 0:
            value.type = damage.random.choice(_TYPES)
        case 1:
            value.i = damage.random.choice(_NUMBERS)
        case 2:
            value.s = b"x"
        case 3:
            value.b = True
        case 4:
            value.list.SetInParent()
        case 5:
            value.list.type.append(damage.random.choice(_TYPES))
        case 6:
            value.placeholder = "T"
        case 7:
            value.f = 0.5
        case _:
            value.shape.dim.add(size=2)
    return value


# --- inputs -----------------------------------------------------------------------------------


def rename_input(damage: Damage) -> None:
    node, number = damage.input()
    other = damage.random.choice(damage.nodes).name
    made = [other, "no_such", "", f"^{other}", "^", "a b", f"{other}:x", f"{other}:-1", ":0"]
    node.input[number] = damage.random.choice(made)
    damage.say(node.input[number])


def bump_index(damage: Damage) -> None:
    node, number = damage.input()
    name, colon, index = node.input[number].rpartition(":")
    bump = damage.random.choice([1, 1, 1, 5, 1 << 33])
    if colon and index.isdecimal():
        node.input[number] = f"{name}:{int(index) + bump}"
    else:
        node.input[number] += f":{bump}"
    damage.say(node.input[number])


def drop_input(damage: Damage) -> None:
    node, number = damage.input()
    node.input.pop(number)


def add_input(damage: Damage) -> None:
    node = damage.node()
    other = damage.random.choice(damage.nodes).name
    text = damage.random.choice(["", "^"]) + other
    node.input.insert(damage.random.randint(0, len(node.input)), text)
    damage.say(list(node.input))


def swap_inputs(damage: Damage) -> None:
    node = damage.node(lambda node: len(node.input) > 1)
    inputs = list(node.input)
    damage.random.shuffle(inputs)
    node.input[:] = inputs
    damage.say(inputs)


def reverse_edge(damage: Damage) -> None:
    node, number = damage.input()
    name = node.input[number].lstrip("^").split(":")[0]
    source = next((each for each in damage.nodes if each.name == name), None)
    if source is not None:
        node.input.pop(number)
        source.input.insert(0, node.name)


# --- nodes ------------------------------------------------------------------------------------


def duplicate_node(damage: Damage) -> None:
    node = damage.node()
    copy = type(node)()
    copy.CopyFrom(node)
    damage.nodes.append(copy)


def delete_node(damage: Damage) -> None:
    node = damage.node()
    damage.nodes.remove(node)


def rename_node(damage: Damage) -> None:
    node = damage.node()
    made = [
        "",
        "_x",
        "a b",
        "a:0",
        "a/b.c>-_",
        "é",
        "^a",
        "A",
        "/a",
        "a//b",
        "a\n",
        "-a",
        ".a",
        ">x",
    ]
    made += [f"{node.name}/", node.name.upper(), f"{node.name}/x"]
    new = damage.random.choice(made)
    if damage.random.random() < 0.5:
        for each in damage.nodes:
            for number, text in enumerate(each.input):
                name, colon, rest = text.partition(":")
                if name == node.name:
                    each.input[number] = new + colon + rest
    node.name = new
    damage.say(new)


def change_op(damage: Damage) -> None:
    node = damage.node()
    known = sorted(opdefs.table())
    others = [each.signature.name for each in damage.graph.library.function]
    made = ["", "NoSuchOp", "_Arg", "_Retval", "NoOp", "Identity", "Neg", "Const", *others]
    node.op = damage.random.choice([*made, *damage.random.sample(known, 12)])
    damage.say(node.op)


def change_device(damage: Damage) -> None:
    made = [
        "/cpu:0",
        "/device:GPU:9",
        "/job:w/task:1",
        "cpu",
        "/nonsense",
        "/device:cpu",
        "/task:x",
    ]
    made += ["/gpu:*", "/device:XLA_CPU:0", "/job:a/job:b", "::", "/", "/cpu:0/gpu:0", "/replica:1"]
    damage.node().device = damage.random.choice(made)
    damage.say(made)


def colocate(damage: Damage) -> None:
    node = damage.node()
    other = damage.random.choice(damage.nodes).name
    made = [f"loc:@{other}", "loc:@no_such", "loc:", "nonsense", "", f"loc:@{other}:0"]
    node.attr["_class"].list.s.append(damage.random.choice(made).encode())
    damage.say(node.attr["_class"].list.s[-1])


def shuffle_nodes(damage: Damage) -> None:
    nodes = []
    for node in damage.nodes:
        copy = type(node)()
        copy.CopyFrom(node)
        nodes.append(copy)
    damage.random.shuffle(nodes)
    del damage.nodes[:]
    damage.nodes.extend(nodes)


# --- tensors ----------------------------------------------------------------------------------


def cut_tensor(damage: Damage) -> None:
    node, name = damage.attr(lambda value: value.WhichOneof("value") == "tensor")
    tensor = node.attr[name].tensor
    if tensor.tensor_content and damage.random.random() < 0.7:
        content = tensor.tensor_content
        tensor.tensor_content = damage.random.choice([content[:-1], content[:1], content * 2])
        return
    match damage.random.randrange(5):
        case 0:
            tensor.dtype = damage.random.choice(_TYPES)
        case 1:
            tensor.tensor_shape.dim.add(size=damage.random.choice((-1, -2, 0, 3, 1 << 62)))
        case 2 if tensor.tensor_shape.dim:
            sizes = (-1, 0, 1, 2, 1 << 40, 1 << 62)
            damage.random.choice(tensor.tensor_shape.dim).size = damage.random.choice(sizes)
        case 3:
            tensor.tensor_shape.unknown_rank = True
        case _:
            for field in ("float_val", "int_val", "int64_val", "string_val", "bool_val"):
                values = getattr(tensor, field)
                if values:
                    values.extend(list(values) * 3)
    damage.say(" ".join(str(tensor).split())[:100])


# --- versions and functions -------------------------------------------------------------------


def change_versions(damage: Damage) -> None:
    versions = damage.graph.versions
    match damage.random.randrange(4):
        case 0:
            versions.producer = damage.random.choice((-1, 0, 5, 12, 20, 21, 22, 26, 3000))
        case 1:
            versions.min_consumer = damage.random.choice((-1, 12, 3000, 2517, 2516))
        case 2:
            versions.bad_consumers.append(damage.random.choice((12, 2517, 2516)))
        case _:
            damage.graph.ClearField("versions")
    damage.say(" ".join(str(versions).split()))


def _function(damage: Damage) -> Any:
    function = damage.random.choice(list(damage.graph.library.function))
    damage.story.append(f"function {function.signature.name}")
    return function


def drop_function(damage: Damage) -> None:
    damage.graph.library.function.remove(_function(damage))


def rename_function(damage: Damage) -> None:
    function = _function(damage)
    made = ["", "Relu", "a b", f"{function.signature.name}_x", "x:y", "_x"]
    function.signature.name = damage.random.choice(made)
    damage.say(function.signature.name)


def double_function(damage: Damage) -> None:
    copy = damage.graph.library.function.add()
    copy.CopyFrom(_function(damage))
    if damage.random.random() < 0.5 and copy.node_def:
        copy.node_def.pop()


def change_signature(damage: Damage) -> None:
    function = _function(damage)
    args = [*function.signature.input_arg, *function.signature.output_arg]
    arg = damage.random.choice(args)
    match damage.random.randrange(5):
        case 0:
            arg.type = damage.random.choice(_TYPES)
        case 1:
            arg.name = damage.random.choice(["", "no_such", "a b", args[0].name])
        case 2 if function.signature.input_arg:
            function.signature.input_arg.pop()
        case 3:
            function.signature.output_arg.pop()
        case _:
            function.signature.input_arg.add(name="more", type=1)
    damage.say(arg.name)


def change_results(damage: Damage) -> None:
    function = _function(damage)
    key = damage.random.choice(sorted(function.ret))
    match damage.random.randrange(4):
        case 0:
            del function.ret[key]
        case 1:
            function.ret[key] = damage.random.choice(["no_such:y:0", "", "no_such", "a:b:c:d"])
        case 2:
            function.ret[key] += damage.random.choice(["0", "1", ":0", "x"])
        case _:
            function.ret["no_such"] = function.ret[key]
    damage.say(dict(function.ret))


def add_gradient(damage: Damage) -> None:
    names = [each.signature.name for each in damage.graph.library.function] + [
        "no_such",
        "",
        "Relu",
    ]
    gradient = damage.graph.library.gradient.add()
    gradient.function_name = damage.random.choice(names)
    gradient.gradient_func = damage.random.choice(names)
    damage.say(f"{gradient.function_name} {gradient.gradient_func}")


MUTATIONS: tuple[Mutation, ...] = (
    drop_attr,
    add_attr,
    change_kind,
    change_type,
    change_types,
    change_number,
    change_numbers,
    change_string,
    change_shape,
    state_shapes,
    change_func,
    rename_input,
    bump_index,
    drop_input,
    add_input,
    swap_inputs,
    reverse_edge,
    duplicate_node,
    delete_node,
    rename_node,
    change_op,
    change_device,
    colocate,
    shuffle_nodes,
    cut_tensor,
    change_versions,
    drop_function,
    rename_function,
    double_function,
    change_signature,
    change_results,
    add_gradient,
)


def mutants(seeds: dict[str, bytes], choice: random.Random) -> Iterator[Case]:
    """Damaged graphs without end; ``seeds`` are serialized graphs by name."""
    names = sorted(seeds)
    while True:
        name = choice.choice(names)
        graph = GraphDef.FromString(seeds[name])
        told = [name]
        for _ in range(choice.choice((1, 1, 1, 2, 3))):
            mutation = choice.choice(MUTATIONS)
            damage = Damage(graph, choice)
            try:
                mutation(damage)
            except (IndexError, LookupError, ValueError):
                continue  # there is nothing of the kind in this graph
            where = f" in {damage.function.signature.name}" if damage.function else ""
            told.append(f"{mutation.__name__}{where}: {', '.join(damage.story)}")
        if len(told) > 1:
            yield Case(graph, "; ".join(told))
