"""Attr values as text for people, and as plain values for JSON."""

from __future__ import annotations

import base64
import struct
from codecs import getincrementaldecoder
from collections.abc import Callable, Iterable, Sequence
from itertools import accumulate
from typing import TYPE_CHECKING, Any

from pbtool import dtypes
from pbtool.render.escape import printable
from pbtool.render.facts import shape_json, type_and_shape, type_json
from pbtool.render.fold import first, more
from pbtool.shapes import Shape

if TYPE_CHECKING:
    from pbtool.schema import AttrValue, FullTypeDef, NameAttrList, TensorProto

FOLD = 8  # items of a list that are shown before "… 120 more"
FOLD_STRING = 120  # bytes of a string, likewise

_KINDS = {
    "s": "string",
    "i": "int",
    "f": "float",
    "b": "bool",
    "type": "type",
    "shape": "shape",
    "tensor": "tensor",
    "func": "func",
}


def kind(value: AttrValue) -> str:
    """What the value is, in the words of op declarations: ``int``, ``list(shape)``, ``func``.

    ``list`` for an empty list, ``placeholder`` for an attr of a function that its caller fills
    in, and "" for a value that is not there.
    """
    held = value.WhichOneof("value")
    if held != "list":
        return _KINDS.get(held or "", held or "")
    field = _list_field(value)
    return f"list({_KINDS[field]})" if field else "list"


def _list_field(value: AttrValue) -> str:
    return next((field.name for field, _ in value.list.ListFields()), "")


def text(value: AttrValue, *, fold: int = FOLD) -> str:
    """The value on one line, safe for a terminal; of long lists and strings only the start.

    Tensors have their dtype and shape, and of no more than ``fold`` elements also their values,
    for which the node must be whole.
    """
    held = value.WhichOneof("value")
    if held is None:
        return "(no value)"
    if held != "list":
        return TEXTS[held](getattr(value, held), fold)
    field = _list_field(value)
    items = getattr(value.list, field) if field else ()
    return f"[{folded(items, lambda item: TEXTS[field](item, fold), fold)}]"


def folded(items: Sequence[Any], show: Callable[[Any], str], most: int) -> str:
    """The items with commas between; of more than ``most``, that many and the count of the rest."""
    shown = first(items, most)
    texts = list(map(show, shown))
    if len(items) > len(shown):
        texts.append(more(len(items) - len(shown)))
    return ", ".join(texts)


def _function(value: NameAttrList, fold: int) -> str:
    attrs = [f"{printable(name)}={text(each, fold=fold)}" for name, each in _sorted(value)]
    return f"{printable(value.name)}({', '.join(attrs)})" if attrs else printable(value.name)


def _sorted(value: NameAttrList) -> Iterable[tuple[str, AttrValue]]:
    return sorted(value.attr.items())


def _tensor(value: TensorProto, fold: int) -> str:
    heading = type_and_shape(value.dtype, Shape.from_proto(value.tensor_shape))
    count = Shape.from_proto(value.tensor_shape).elements
    if count is None or not 0 < count <= fold:
        return heading
    from pbtool import tensors
    from pbtool.errors import TensorError
    from pbtool.render.tensor import summarized

    try:
        values = summarized(tensors.to_numpy(value), fold_string=FOLD_STRING // 4)
    except TensorError:
        return heading
    return f"{heading} {' '.join(values.split())}"


def quoted(data: bytes, most: int | None = FOLD_STRING) -> str:
    r"""A string in double quotes; what is no UTF-8 as ``\xff``.

    What takes more than ``most`` characters is cut there, and its length in bytes stands behind.
    """
    decoder = getincrementaldecoder("utf-8")("surrogateescape")
    # A character whose bytes are cut in the middle is left out.
    characters = decoder.decode(data[:most], final=most is None or len(data) <= most)
    pieces = list(map(_in_quotes, characters))
    if most is not None:
        ends = accumulate(map(len, pieces))
        pieces = [piece for piece, end in zip(pieces, ends, strict=True) if end <= most]
        if len(pieces) < len(characters) or len(data) > most:
            return f'"{"".join(pieces)}"… ({len(data):,} bytes)'
    return f'"{"".join(pieces)}"'


def _in_quotes(character: str) -> str:
    if character in '"\\':
        return "\\" + character
    if "\udc80" <= character <= "\udcff":  # what surrogateescape makes of a byte
        return f"\\x{ord(character) - 0xDC00:02x}"
    return printable(character)


def float32(value: float) -> str:
    """A number of type float32 with as many digits as it takes to tell it from others."""
    for digits in range(6, 9):
        short = float(f"{value:.{digits}g}")
        try:
            if struct.unpack("f", struct.pack("f", short))[0] == value:
                return repr(short)
        except OverflowError:  # rounded up beyond float32's largest
            continue
    return repr(float(f"{value:.9g}"))


def full_type(value: FullTypeDef, *, fold: int | None = None) -> str:
    """A full type as TensorFlow writes it, ``TFT_PRODUCT[TFT_TENSOR[TFT_FLOAT]]``; of more than
    ``fold`` arguments only the first.
    """
    from pbtool.schema import FullTypeId

    known = value.type_id in FullTypeId.values()
    name = FullTypeId.Name(value.type_id) if known else str(value.type_id)
    inside = folded(value.args, lambda each: full_type(each, fold=fold), fold or len(value.args))
    if (held := value.WhichOneof("attr")) is not None:
        inside = quoted(value.s.encode()) if held == "s" else str(value.i)
    return f"{name}[{inside}]" if inside else name


# What an AttrValue may hold, by its field: the text of a value, of long ones only the start.
TEXTS: dict[str, Callable[[Any, int], str]] = {
    "s": lambda value, _: quoted(value),
    "i": lambda value, _: str(value),
    "f": lambda value, _: float32(value),
    "b": lambda value, _: "true" if value else "false",
    "type": lambda value, _: dtypes.name(value),
    "shape": lambda value, _: str(Shape.from_proto(value)),
    "tensor": _tensor,
    "func": _function,
    "placeholder": lambda value, _: f"${printable(value)}",
}


# --- JSON ---------------------------------------------------------------------------------------


def value_json(value: AttrValue) -> Any:
    """The value for JSON: whatever ``kind`` says it is, in the form that suits it.

    Strings are strings, or ``{"base64": …}`` where they are no UTF-8; types are names; shapes are
    lists as everywhere; NaN and the infinities are the strings ``"NaN"``, ``"Infinity"`` and
    ``"-Infinity"``; functions ``{"name", "attrs"}``; tensors ``{"dtype", "shape"}``; a placeholder
    is the name of the attr that stands for it; null where there is no value.
    """
    held = value.WhichOneof("value")
    if held is None:
        return None
    if held != "list":
        return _JSON[held](getattr(value, held))
    field = _list_field(value)
    return [_JSON[field](item) for item in getattr(value.list, field)] if field else []


def string_json(data: bytes) -> str | dict[str, str]:
    """A string, or what stands for one that is no UTF-8."""
    try:
        return data.decode()
    except UnicodeDecodeError:
        return {"base64": base64.b64encode(data).decode()}


def number_json(value: float) -> float | str:
    """A number that JSON has, or the name of one that it has not."""
    if value != value:
        return "NaN"
    if value in (float("inf"), -float("inf")):
        return "Infinity" if value > 0 else "-Infinity"
    return value


def _function_json(value: NameAttrList) -> dict[str, Any]:
    return {
        "name": value.name,
        "attrs": {
            name: {"type": kind(each), "value": value_json(each)} for name, each in _sorted(value)
        },
    }


def _tensor_json(value: TensorProto) -> dict[str, Any]:
    return type_json(value.dtype, Shape.from_proto(value.tensor_shape))


_JSON: dict[str, Callable[[Any], Any]] = {
    "s": string_json,
    "i": int,
    "f": lambda value: number_json(float(float32(value))),
    "b": bool,
    "type": dtypes.name,
    "shape": lambda value: shape_json(Shape.from_proto(value)),
    "tensor": _tensor_json,
    "func": _function_json,
    "placeholder": str,
}
