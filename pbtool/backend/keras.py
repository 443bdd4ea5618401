"""Keras files, by way of a SavedModel."""

from __future__ import annotations

import zipfile
from pathlib import Path

from pbtool.backend.start import refusals, start

_HDF5 = b"\x89HDF\r\n\x1a\n"


def is_keras(path: str) -> bool:
    """Whether a file is one that Keras wrote: HDF5, or a zip archive with its weights."""
    if not Path(path).is_file():
        return False
    with Path(path).open("rb") as file:
        head = file.read(len(_HDF5))
    if head == _HDF5:
        return True
    if not zipfile.is_zipfile(path):
        return False
    try:
        with zipfile.ZipFile(path) as archive:
            return "model.weights.h5" in archive.namelist()
    except zipfile.BadZipFile:
        return False


def export_keras(path: str, folder: str) -> None:
    """Write the model in a ``.keras`` or ``.h5`` file as a SavedModel, for inference.

    Raises ExecutionError where Keras cannot load it: damage, custom layers, pickled lambdas.
    """
    tensorflow = start()
    with refusals("load this Keras model", Exception):  # h5py, zipfile and json have their own
        model = tensorflow.keras.models.load_model(path, compile=False)
        model.export(folder, verbose=False)
