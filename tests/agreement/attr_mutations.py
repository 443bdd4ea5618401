"""Damage done to the attrs of nodes, and to the tensors in them."""

from __future__ import annotations

from pbtool import dtypes
from tests.agreement.graph_damage import NUMBERS, TYPES, Damage, any_attr


def drop_attr(damage: Damage) -> None:
    node, name = damage.attr()
    del node.attr[name]


def add_attr(damage: Damage) -> None:
    node = damage.node()
    name = damage.random.choice(["T", "N", "extra", "_extra", "shape", "dtype", "use_locking"])
    node.attr[name].CopyFrom(any_attr(damage))
    damage.say(name)


def change_kind(damage: Damage) -> None:
    node, name = damage.attr()
    node.attr[name].CopyFrom(any_attr(damage))
    damage.say(node.attr[name].WhichOneof("value"))


def change_type(damage: Damage) -> None:
    node, name = damage.attr(lambda value: value.WhichOneof("value") == "type")
    node.attr[name].type = damage.random.choice(TYPES)
    damage.say(dtypes.name(node.attr[name].type))


def change_types(damage: Damage) -> None:
    node, name = damage.attr(lambda value: value.list.type)
    types = node.attr[name].list.type
    number = damage.random.randrange(len(types))
    match damage.random.randrange(3):
        case 0:
            types[number] = damage.random.choice(TYPES)
        case 1:
            types.pop(number)
        case _:
            types.append(damage.random.choice(TYPES))
    damage.say(list(types))


def change_number(damage: Damage) -> None:
    node, name = damage.attr(lambda value: value.WhichOneof("value") == "i")
    node.attr[name].i = damage.random.choice(NUMBERS)
    damage.say(node.attr[name].i)


def change_numbers(damage: Damage) -> None:
    node, name = damage.attr(lambda value: value.list.i)
    numbers = node.attr[name].list.i
    place = damage.random.randrange(len(numbers))
    if damage.random.random() < 0.5:
        numbers[place] = damage.random.choice(NUMBERS)
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


def cut_tensor(damage: Damage) -> None:
    node, name = damage.attr(lambda value: value.WhichOneof("value") == "tensor")
    tensor = node.attr[name].tensor
    if tensor.tensor_content and damage.random.random() < 0.7:
        content = tensor.tensor_content
        tensor.tensor_content = damage.random.choice([content[:-1], content[:1], content * 2])
        return
    match damage.random.randrange(5):
        case 0:
            tensor.dtype = damage.random.choice(TYPES)
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
