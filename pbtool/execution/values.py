"""Arrays for tensors: from literals and files, random ones and zeros."""

from __future__ import annotations

import ast
import zlib
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zipfile import BadZipFile

from pbtool import dtypes
from pbtool.errors import FileError, UsageError
from pbtool.execution.examples import serialized
from pbtool.shapes import Shape

if TYPE_CHECKING:
    import numpy as np

    from pbtool.execution.ports import Port

RANDOM, ZEROS = "random", "zeros"

_WORDS = (b"", b"a", b"pbtool", b"the quick brown fox", "gr\xfc\xdfe".encode())
_SMALL = 10  # random integers are below it: most are indexes or counts
_BITS = {"int4": 4, "uint4": 4, "int2": 2, "uint2": 2}  # of types that numpy has in bytes only
_BYTES = frozenset({"uint8", "int8", "quint8", "qint8"})


def sizes(port: Port, shape: str | None = None, *, unknown: int | None = None) -> tuple[int, ...]:
    """The sizes of an array for a tensor: what a text like ``8,224,3`` says, or its own.

    ``unknown`` is the size of dimensions that are not known. Raises UsageError where one remains,
    and for a text that does not fit.
    """
    if shape is not None:
        given = Shape.parse(f"[{shape.strip('[]')}]")
        if not given.is_full:
            raise UsageError(f"{shape!r} is no list of sizes for {port.key}")
        result = tuple(size for size in given.dims or () if size is not None)
        own = port.shape.dims
        if own is not None and (
            len(own) != len(result)
            or any(a not in (None, b) for a, b in zip(own, result, strict=True))
        ):
            raise UsageError(f"{port.key} has the shape {port.shape}, which {shape!r} does not fit")
        return result
    dims = port.shape.dims
    if dims is None and unknown is not None:
        return (unknown,) if port.examples is not None and port.examples.is_vector else ()
    filled = [unknown if size is None else size for size in dims or ()]
    known = tuple(size for size in filled if size is not None)
    if dims is None or len(known) < len(filled):
        raise UsageError(
            f"the shape of {port.key} is {port.shape}, so it is not known how many values to make",
            remedy=f"state it with --shape {port.key}=SIZES",
        )
    return known


def make(kind: str, port: Port, shape: tuple[int, ...], seed: int = 0) -> np.ndarray[Any, Any]:
    """An array of random values (the same for the same seed and name), or of zeros.

    Floats are from -1 to 1; integers are below 10, but bytes are any; strings are words, or
    tf.Examples where these are parsed. Raises UsageError for a type whose values cannot be made,
    and for a negative seed.
    """
    import numpy as np

    if seed < 0:
        raise UsageError(f"the seed {seed} is negative")

    row = dtypes.BY_NUMBER.get(port.dtype)
    if row is None or not row.numpy:
        name = dtypes.name(port.dtype)
        raise UsageError(f"no value of type {name} can be made for {port.key}")
    if kind == ZEROS:
        return np.full(shape, b"" if row.numpy == "object" else 0, row.numpy)
    generator = np.random.default_rng([seed, zlib.crc32(port.key.encode())])
    if port.examples is not None:
        array = np.empty(shape, object)
        for index in np.ndindex(shape):
            array[index] = serialized(port.examples.features, _WORDS, generator)
        return array
    if row.numpy == "object":
        return np.array(_WORDS, object)[generator.integers(0, len(_WORDS), shape)]
    if row.numpy == "bool":
        return np.asarray(generator.integers(0, 2, shape), bool)
    if row.numpy.startswith(("int", "uint")):
        low, high = (0, _SMALL)
        if row.name in _BYTES:
            limits = np.iinfo(row.numpy)
            low, high = int(limits.min), int(limits.max) + 1
        elif row.size == 1:  # int4 and int2
            high = 2
        return np.asarray(generator.integers(low, high, shape), row.numpy)
    values = generator.uniform(-1, 1, shape)
    if row.numpy.startswith("complex"):
        return np.asarray(values + 1j * generator.uniform(-1, 1, shape), row.numpy)
    return np.asarray(values, row.numpy)


def parse(text: str, port: Port, shape: str | None = None, seed: int = 0) -> np.ndarray[Any, Any]:
    """The array that a text stands for: a literal such as ``[1, 2]``, ``@file.npy``,
    ``@file.npz:key``, ``random`` or ``zeros``. One literal value fills a stated shape.

    Raises UsageError for a text that is none of these or does not fit, FileError for a file that
    cannot be read.
    """
    import numpy as np

    if text in (RANDOM, ZEROS):
        return make(text, port, sizes(port, shape), seed)
    array = _file(text[1:]) if text.startswith("@") else _literal(text, port)
    if shape is not None:
        wanted = sizes(port, shape)
        if array.ndim and array.shape != wanted:
            raise UsageError(
                f"the values for {port.key} have the shape {Shape(array.shape)}, not {shape!r}",
                remedy="leave out --shape",
            )
        array = array if array.ndim else np.full(wanted, array)
    row = dtypes.BY_NUMBER.get(port.dtype)
    if row is not None and row.numpy:
        array = _as(array, row, port)
    return array


def _literal(text: str, port: Port) -> np.ndarray[Any, Any]:
    import numpy as np

    if port.dtype == dtypes.STRING and not text.startswith(("[", "b'", 'b"', "'", '"')):
        value: Any = text
    else:
        words = {"true": True, "false": False, "nan": float("nan"), "inf": float("inf")}
        words |= {"-inf": -float("inf")}
        try:
            value = words[text.lower()] if text.lower() in words else ast.literal_eval(text)
        except (ValueError, TypeError, SyntaxError, MemoryError, RecursionError):
            raise UsageError(
                f"{text!r} is no value for {port.key}",
                remedy="write a number, [1, 2], @file.npy, @file.npz:key, random or zeros",
            ) from None
    if port.dtype == dtypes.STRING:
        value = _encoded(value)
        depth = _depth(value)
        array = np.empty(depth, object)
        flat = list(_flat(value))
        if len(flat) != array.size:
            raise UsageError(f"the lists in {text!r} have different lengths")
        array.reshape(-1)[:] = flat
        return array
    try:
        return np.array(value)
    except ValueError:
        raise UsageError(f"the lists in {text!r} have different lengths") from None


def _encoded(value: Any) -> Any:
    if isinstance(value, list | tuple):
        return [_encoded(each) for each in value]
    return value if isinstance(value, bytes) else str(value).encode()


def _depth(value: Any) -> tuple[int, ...]:
    return (len(value), *_depth(value[0] if value else b"")) if isinstance(value, list) else ()


def _flat(value: Any) -> Iterable[bytes]:
    if isinstance(value, list):
        for each in value:
            yield from _flat(each)
    else:
        yield value


def _file(name: str) -> np.ndarray[Any, Any]:
    import numpy as np

    path, _, key = name.rpartition(":") if ".npz:" in name else (name, "", "")
    if not Path(path).is_file():
        raise FileError("No such file", place=path)
    with Path(path).open("rb") as file, _naming_damage(path):
        loaded = np.load(file, allow_pickle=False)
        return loaded if isinstance(loaded, np.ndarray) else _of_archive(loaded, path, key)


@contextmanager
def _naming_damage(path: str) -> Iterator[None]:
    """Turn what numpy says of a file that it cannot read into a FileError."""
    try:
        yield
    except (ValueError, OSError, EOFError, BadZipFile, zlib.error):
        sentence = "is no array file that numpy reads without pickle"
        raise FileError(sentence, place=path) from None


def _of_archive(loaded: Mapping[str, Any], path: str, key: str) -> np.ndarray[Any, Any]:
    import numpy as np

    names = list(loaded)
    if not key and len(names) == 1:
        key = names[0]
    if key not in names:
        raise UsageError(
            f"there is no array {key!r}" if key else "holds several arrays",
            place=path,
            remedy=f"write @{path}:KEY, where KEY is one of {', '.join(names)}",
        )
    return np.asarray(loaded[key])


def _as(array: np.ndarray[Any, Any], row: dtypes.DType, port: Port) -> np.ndarray[Any, Any]:
    """The array in the type of a tensor, where it loses nothing but the digits of a float.

    Raises UsageError where it would lose more.
    """
    import numpy as np

    if row.numpy == "object":
        if array.dtype.kind == "U":
            array = np.char.encode(array, "utf-8")
        if array.dtype.kind not in "SO":
            raise UsageError(f"{port.key} takes strings, not {array.dtype}")
        return array.astype(object)
    wanted = np.dtype(row.numpy)
    fits = array.dtype.kind != "O" and array.dtype.kind in {"f": "fiu", "c": "fciu"}.get(
        wanted.kind, array.dtype.kind
    )
    if wanted.kind in "iu" and array.dtype.kind in "iu":
        limits = np.iinfo(wanted)
        spare = limits.bits - _BITS.get(row.name, limits.bits)
        least, most = limits.min >> spare, limits.max >> spare
        fits = not array.size or (array.min() >= least and array.max() <= most)
    elif array.dtype.kind != wanted.kind and wanted.kind in "iub":
        fits = array.size == 0
    with np.errstate(all="ignore"):
        result = array.astype(wanted) if fits else array
    if wanted.kind in "fc" and fits:
        fits = bool((np.isfinite(result) | ~np.isfinite(array)).all())
    if not fits:
        raise UsageError(
            f"{port.key} takes {row.name}, which does not hold all of these values ({array.dtype})"
        )
    return result
