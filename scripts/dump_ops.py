"""Write the declarations of all ops that the tensorflow of this interpreter knows.

    python dump_ops.py FOLDER

writes FOLDER/VERSION.binpb, a serialized OpList. Runs on any TensorFlow from 1.2 on and therefore
on any Python from 3.6 on, unlike the rest of pbtool: nothing newer may be used here, and nothing of
pbtool imported. Of a TensorFlow that has tf.contrib, the op libraries in it are loaded first.
"""

import importlib
import sys
from pathlib import Path
from typing import Any

# Where the C library is bound has changed over time.
BINDINGS = ("tensorflow.python.client.pywrap_tf_session", "tensorflow.python.pywrap_tensorflow")


def load_contrib(tf: Any) -> None:
    """Load the op libraries of tf.contrib, where there are any, naming those that do not load."""
    # Not beside tensorflow/__init__.py: 1.15 keeps its modules in another package.
    folder = (
        Path(importlib.import_module("tensorflow.python").__file__ or "").parents[1] / "contrib"
    )
    for library in sorted(folder.rglob("*.so")):
        try:
            tf.load_op_library(str(library))
        except tf.errors.OpError as error:  # noqa: PERF203 - each may fail alone
            print(f"{library.name}: {error}", file=sys.stderr)


def all_ops() -> bytes:
    """Return the serialized OpList of the C library."""
    for binding in BINDINGS:
        try:
            c_api = importlib.import_module(binding)
            return bytes(c_api.TF_GetBuffer(c_api.TF_GetAllOpList()))
        except (ImportError, AttributeError):  # noqa: PERF203 - two turns
            continue
    raise SystemExit("this tensorflow does not offer TF_GetAllOpList")


def main(folder: str) -> None:
    """Write the file into ``folder``."""
    import tensorflow as tf

    load_contrib(tf)
    path = Path(folder) / f"{tf.__version__}.binpb"
    path.write_bytes(all_ops())
    print(path)


if __name__ == "__main__":
    main(sys.argv[1])
