"""Arrays in files that numpy opens without pickle."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import numpy as np

from pbtool.errors import FileError, TensorError
from pbtool.output import atomic_write
from pbtool.view.npy import write_array


def write_arrays(arrays: Mapping[str, np.ndarray[Any, Any]], path: str) -> None:
    """Write arrays into a ``.npz`` file, or each as ``NAME.npy`` into a folder.

    Strings become fixed-width bytes. In names of files, what is no letter, digit, ``.`` or ``-``
    becomes ``_``. Raises FileError where that cannot be written, or two names become one, and
    TensorError for strings whose end numpy would drop.
    """
    plain = {key: _plain(key, array) for key, array in arrays.items()}
    if path.endswith(".npz"):
        _write_archive(plain, path)
        return
    folder = Path(path)
    names = {key: f"{re.sub(r'[^A-Za-z0-9.-]', '_', key)}.npy" for key in plain}
    for name, times in Counter(names.values()).items():
        if times > 1:
            every = ", ".join(key for key in names if names[key] == name)
            raise FileError(
                f"{every} would become one file, {name}", place=path, remedy="name a .npz file"
            )
    try:
        folder.mkdir(exist_ok=True)
    except OSError as error:
        raise FileError(
            f"cannot be made a folder: {error.strerror}", place=path, remedy="name a .npz file"
        ) from None
    for key, array in plain.items():
        with atomic_write(folder / names[key]) as file:
            write_array(array, file)


def _write_archive(arrays: Mapping[str, np.ndarray[Any, Any]], path: str) -> None:
    # numpy's own savez takes names as keywords, and so cannot write an array named "file".
    with atomic_write(path) as file, ZipFile(file, "w") as archive:
        for key, array in arrays.items():
            with archive.open(f"{key}.npy", "w", force_zip64=True) as entry:
                write_array(array, entry)


def _plain(key: str, array: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    if array.dtype != object:
        return array
    if any(each.endswith(b"\0") for each in array.flat):
        raise TensorError(
            f"{key} holds strings that end with zero bytes, which numpy's strings lose",
            remedy="use --format json",
        )
    return array.astype(bytes)
