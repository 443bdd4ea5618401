from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from pbtool import dtypes
from pbtool.errors import FileError, UsageError
from pbtool.execution.ports import Port
from pbtool.execution.values import RANDOM, ZEROS, make, parse, sizes
from pbtool.shapes import UNKNOWN, Shape


def port(dtype: int = dtypes.FLOAT, shape: Shape = UNKNOWN) -> Port:
    return Port("x", "x:0", dtype, shape)


@pytest.mark.parametrize(
    ("text", "dtype", "values"),
    [
        ("1", dtypes.FLOAT, 1.0),
        ("-1.5", dtypes.DOUBLE, -1.5),
        ("[[1, 2], [3, 4]]", dtypes.INT32, [[1, 2], [3, 4]]),
        ("nan", dtypes.FLOAT, None),
        ("true", dtypes.BOOL, True),
        ("[True, False]", dtypes.BOOL, [True, False]),
        ("some words", dtypes.STRING, b"some words"),
        ("'quoted'", dtypes.STRING, b"quoted"),
        ("['a', b'\\xff']", dtypes.STRING, [b"a", b"\xff"]),
        ("1+2j", 8, 1 + 2j),
        ("0.5", 14, 0.5),  # bfloat16, as a float32
        ("-inf", 19, -float("inf")),
        ("[-8, 7]", 29, [-8, 7]),
        ("15", 30, 15),
        ("-2", 31, -2),
        ("3", 32, 3),
    ],
)
def test_literals(text: str, dtype: int, values: object) -> None:
    array = parse(text, port(dtype))
    assert array.dtype == np.dtype(dtypes.BY_NUMBER[dtype].numpy)
    if values is None:
        assert np.isnan(array)
    else:
        assert array.tolist() == values


@pytest.mark.parametrize(
    ("text", "dtype", "sentence"),
    [
        ("1.5", dtypes.INT32, "takes int32"),
        ("300", 4, "takes uint8"),
        ("1", dtypes.BOOL, "takes bool"),
        ("abc", dtypes.FLOAT, "is no value for x"),
        ("[[1], [1, 2]]", dtypes.FLOAT, "different lengths"),
        ("[['a'], ['b', 'c']]", dtypes.STRING, "different lengths"),
        ("__import__('os')", dtypes.FLOAT, "is no value for x"),
        ("[" * 5000, dtypes.FLOAT, "is no value for x"),
        ("{[1]: 2}", dtypes.FLOAT, "is no value for x"),
        (
            "1e300",
            dtypes.FLOAT,
            r"x takes float32, which does not hold all of these values \(float",
        ),
        ("[1, 70000]", 19, "takes float16"),
        ("[7, 8]", 29, "takes int4"),
        ("[-8, -9]", 29, "takes int4"),
        ("16", 30, "takes uint4"),
        ("2", 31, "takes int2"),
        ("4", 32, "takes uint2"),
    ],
)
def test_what_is_no_value(text: str, dtype: int, sentence: str) -> None:
    with pytest.raises(UsageError, match=sentence):
        parse(text, port(dtype))


def test_one_value_fills_a_shape() -> None:
    assert parse("7", port(), "2,3").tolist() == [[7, 7, 7], [7, 7, 7]]
    assert parse("[7, 8]", port(), "2").tolist() == [7, 8]
    with pytest.raises(UsageError, match=r"values for x have the shape \[2\], not '3'"):
        parse("[7, 8]", port(), "3")


def test_files(tmp_path: Path) -> None:
    np.save(tmp_path / "a.npy", np.arange(3))
    np.savez(tmp_path / "b.npz", one=np.ones(2), two=np.array(["x"]))
    assert parse(f"@{tmp_path}/a.npy", port()).tolist() == [0, 1, 2]
    assert parse(f"@{tmp_path}/b.npz:one", port()).tolist() == [1, 1]
    assert parse(f"@{tmp_path}/b.npz:two", port(dtypes.STRING)).tolist() == [b"x"]
    with pytest.raises(UsageError, match="one of one, two"):
        parse(f"@{tmp_path}/b.npz", port())
    with pytest.raises(FileError, match="No such file"):
        parse(f"@{tmp_path}/c.npy", port())
    (tmp_path / "d.npy").write_bytes(b"nothing")
    np.savez(tmp_path / "e.npz", objects=np.array([{}]))
    (tmp_path / "f.npz").write_bytes((tmp_path / "b.npz").read_bytes()[:-30])
    for name in ("d.npy", "e.npz", "f.npz"):
        with pytest.raises(FileError, match="no array file"):
            parse(f"@{tmp_path}/{name}", port())


def test_sizes() -> None:
    known = port(shape=Shape([None, 3]))
    assert sizes(known, "8,3") == (8, 3)
    assert sizes(known, unknown=2) == (2, 3)
    assert sizes(port(shape=Shape([]))) == ()
    with pytest.raises(UsageError, match=r"state it with --shape x=SIZES"):
        sizes(known)
    with pytest.raises(UsageError, match="does not fit"):
        sizes(known, "8,4")
    with pytest.raises(UsageError, match="does not fit"):
        sizes(known, "8")


@pytest.mark.parametrize(
    "row", [row for row in dtypes.BY_NUMBER.values() if row.numpy], ids=lambda row: row.name
)
def test_random_values_are_of_the_type(row: dtypes.DType) -> None:
    array = make(RANDOM, port(row.number), (50,), 1)
    assert array.dtype == np.dtype(row.numpy)
    assert array.tolist() == make(RANDOM, port(row.number), (50,), 1).tolist()
    assert array.tolist() != make(RANDOM, port(row.number), (50,), 2).tolist()
    assert len(set(array.tolist())) > 1
    assert set(make(ZEROS, port(row.number), (2,)).tolist()) <= {0, b""}


def test_a_seed_is_not_negative() -> None:
    with pytest.raises(UsageError, match="the seed -1 is negative"):
        make(RANDOM, port(), (), -1)


def test_handles_cannot_be_made() -> None:
    with pytest.raises(UsageError, match="type resource"):
        make(RANDOM, port(dtypes.RESOURCE), ())
