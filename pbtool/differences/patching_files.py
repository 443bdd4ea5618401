"""What a diff changes beside a graph: the tensors of a checkpoint, the folder of a SavedModel.

Of the files in ``assets`` a diff has no more than checksums, so that it can only take some away.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pbtool import tensors
from pbtool.checkpoint.writing import write_bundle
from pbtool.conversion import encode
from pbtool.differences.assets import files_of
from pbtool.differences.changes import Added, Content, Removed, sides
from pbtool.differences.elements import compare
from pbtool.differences.models import OWN_FILES
from pbtool.differences.patching import misfit, refuse_forms
from pbtool.differences.patching_models import apply_to_model
from pbtool.errors import FileError, UsageError
from pbtool.shapes import Shape

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from pbtool.checkpoint import Checkpoint
    from pbtool.differences.changes import Diff
    from pbtool.model import Model
    from pbtool.schema import TensorProto

# What of a SavedModel's folder goes along as it is: all but fingerprint.pb, which would be wrong.
_KEPT = ("assets", "assets.extra", "debug", "keras_metadata.pb")
_VARIABLES = "variables"


def changes_files(diff: Diff) -> bool:
    """Whether a diff changes more than one file can hold."""
    return any(each.kind in OWN_FILES for each in diff)


def apply_to_checkpoint(
    checkpoint: Checkpoint, diff: Diff
) -> Iterator[tuple[str, int, NDArray[Any]]]:
    """The tensors after the changes of a diff, one by one: name, dtype, values.

    Raises UsageError where the diff does not fit, and FileError where it lacks values.
    """
    changes = {each.name: each for each in diff if each.kind == "variable"}
    for name, each in changes.items():
        if (name in checkpoint.entries) == isinstance(each, Added):
            there = "already" if isinstance(each, Added) else "not"
            raise misfit(f"the variable {name!r} is {there} there")
    for name in sorted({*checkpoint.entries, *changes}):
        change = changes.get(name)
        if change is None:
            yield name, checkpoint.entries[name].dtype, checkpoint.tensor(name)
            continue
        before, value = sides(change)
        if isinstance(before, Content) and before.is_whole:
            _check(checkpoint, name, before.whole())
        if not isinstance(change, Removed):
            if not isinstance(value, Content):
                raise misfit(f"the variable {name!r} has no value")
            tensor = value.whole()
            yield name, tensor.dtype, tensors.to_numpy(tensor)


def _check(checkpoint: Checkpoint, name: str, expected: TensorProto) -> None:
    """Raise UsageError where a variable is not as it was before the changes."""
    entry = checkpoint.entries[name]
    shape = Shape.from_proto(expected.tensor_shape)
    if (entry.dtype, entry.shape) != (expected.dtype, shape) or compare(
        tensors.to_numpy(expected), checkpoint.tensor(name)
    ).different:
        raise misfit(f"the variable {name!r} has another value")


def write_checkpoint(a: Model, diff: Diff, prefix: str) -> None:
    """Write the checkpoint that the diff of ``a`` and another says that other is."""
    if a.checkpoint is None:
        raise misfit("there are no variables")
    if a.is_checkpoint and any(each.kind != "variable" for each in diff):
        raise misfit(f"a {a.kind} has variables alone")
    write_bundle(prefix, apply_to_checkpoint(a.checkpoint, diff))


def write_folder(a: Model, diff: Diff, folder: str) -> None:
    """Write the SavedModel that the diff of ``a`` and another says that other is.

    The folder is there when all of it is. Raises UsageError where the diff does not fit or has no
    bytes of an asset, and FileError for a folder that exists or cannot be made.
    """
    refuse_forms(diff)
    target, source = Path(folder), Path(a.path)
    assets = [each for each in diff if each.kind == "asset content"]
    if lacking := next((each for each in assets if not isinstance(each, Removed)), None):
        raise UsageError(
            f"the diff changes the asset {lacking.name!r}, and has only its checksum",
            remedy="take --ignore contents for the diff, and copy the folder assets",
        )
    there = files_of(a) or {}
    if strange := next((each for each in assets if each.name not in there), None):
        raise misfit(f"there is no asset {strange.name!r}")
    if target.exists():
        raise FileError("is there already", place=folder, remedy="name a folder to be made")
    try:
        with tempfile.TemporaryDirectory(prefix=".pbtool-", dir=target.parent) as temporary:
            made = Path(temporary) / "model"
            made.mkdir()
            _copy(source.parent, made, {each.name for each in assets})
            (made / source.name).write_bytes(encode(apply_to_model(a, diff), a.encoding))
            if a.checkpoint is not None or any(each.kind == "variable" for each in diff):
                (made / _VARIABLES).mkdir()
                write_checkpoint(a, diff, str(made / _VARIABLES / _VARIABLES))
            made.rename(target)
    except OSError as error:
        raise FileError(error.strerror or str(error), place=folder) from None


def _copy(source: Path, made: Path, without: set[str]) -> None:
    for name in _KEPT:
        if (source / name).is_dir():
            shutil.copytree(source / name, made / name)
        elif (source / name).is_file():
            shutil.copy(source / name, made / name)
    for name in without:
        (made / _KEPT[0] / name).unlink(missing_ok=True)
