"""Damage done to graphs at random, to ask whether TensorFlow refuses what ``pbtool check`` does.

A mutation changes a GraphDef in one place, in the main graph or in the body of a function; a case
is a graph with one to three of them. ``graph_fuzz`` asks.
"""

from __future__ import annotations

import random
from collections.abc import Iterator

from pbtool import opdefs
from pbtool.schema import GraphDef
from tests.agreement import attr_mutations, function_mutations
from tests.agreement.graph_damage import Case, Damage, Mutation

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


MUTATIONS: tuple[Mutation, ...] = (
    attr_mutations.drop_attr,
    attr_mutations.add_attr,
    attr_mutations.change_kind,
    attr_mutations.change_type,
    attr_mutations.change_types,
    attr_mutations.change_number,
    attr_mutations.change_numbers,
    attr_mutations.change_string,
    attr_mutations.change_shape,
    attr_mutations.state_shapes,
    attr_mutations.change_func,
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
    attr_mutations.cut_tensor,
    function_mutations.change_versions,
    function_mutations.drop_function,
    function_mutations.rename_function,
    function_mutations.double_function,
    function_mutations.change_signature,
    function_mutations.change_results,
    function_mutations.add_gradient,
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
