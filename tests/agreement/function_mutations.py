"""Damage done to the library of functions, and to the versions of a graph."""

from __future__ import annotations

from typing import Any

from tests.agreement.graph_damage import TYPES, Damage


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
            arg.type = damage.random.choice(TYPES)
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
