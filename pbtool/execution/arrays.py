"""Arrays in files that numpy opens without pickle."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import numpy as np

from pbtool.errors import FileError
from pbtool.output import atomic_write


def write_arrays(arrays: Mapping[str, np.ndarray[Any, Any]], path: str) -> None:
    """Write arrays into a ``.npz`` file, or each as ``NAME.npy`` into a folder.

    Strings become fixed-width bytes. In names of files, what is no letter, digit, ``.`` or ``-``
    becomes ``_``. Raises FileError where that cannot be written.
    """
    plain = {key: _plain(array) for key, array in arrays.items()}
    if path.endswith(".npz"):
        _write_archive(plain, path)
        return
    folder = Path(path)
    try:
        folder.mkdir(exist_ok=True)
    except OSError as error:
        raise FileError(
            f"cannot be made a folder: {error.strerror}", place=path, remedy="name a .npz file"
        ) from None
    for key, array in plain.items():
        with atomic_write(folder / f"{re.sub(r'[^A-Za-z0-9.-]', '_', key)}.npy") as file:
            np.save(file, array)


def _write_archive(arrays: Mapping[str, np.ndarray[Any, Any]], path: str) -> None:
    # numpy's own savez takes names as keywords, and so cannot write an array named "file".
    with atomic_write(path) as file, ZipFile(file, "w") as archive:
        for key, array in arrays.items():
            with archive.open(f"{key}.npy", "w", force_zip64=True) as entry:
                np.lib.format.write_array(entry, array, allow_pickle=False)


def _plain(array: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    return array.astype(bytes) if array.dtype == object else array
