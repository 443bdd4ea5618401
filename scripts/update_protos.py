"""Write ``protos/`` from the descriptors of the installed tensorflow.

TensorFlow's wheel ships no .proto text, but its descriptors hold every message, field, number and
type. This script prints them back as .proto files, in TensorFlow's own layout, for the files that
pbtool needs and all that those import.

    python scripts/update_protos.py [FOLDER]

Afterwards run ``scripts/compile_protos.py``. The comments in the files are pbtool's own and live
in ``scripts/proto_comments.py``.
"""

from __future__ import annotations

import sys
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

from google.protobuf import descriptor_pb2, descriptor_pool
from proto_comments import COMMENTS
from proto_text import file_text

if TYPE_CHECKING:
    from collections.abc import Iterator

PROTOS = Path(__file__).resolve().parent.parent / "protos"

# What pbtool reads; what these files import comes with them.
WANTED = (
    "tensorflow/core/framework/graph.proto",
    "tensorflow/core/framework/op_def.proto",
    "tensorflow/core/framework/graph_debug_info.proto",
    "tensorflow/core/framework/variable.proto",
    "tensorflow/core/framework/summary.proto",
    "tensorflow/core/protobuf/fingerprint.proto",
    "tensorflow/core/protobuf/saved_model.proto",
    "tensorflow/core/protobuf/saved_object_graph.proto",
    "tensorflow/core/protobuf/tensor_bundle.proto",
    "tensorflow/core/protobuf/trackable_object_graph.proto",
    "tensorflow/core/util/event.proto",
    "tensorflow/core/util/saved_tensor_slice.proto",
    "tensorflow/python/training/checkpoint_state.proto",
)

HEADER = """\
// Written by scripts/update_protos.py from the descriptors of TensorFlow {version}. Do not edit.
//
// The schema is TensorFlow's: Copyright The TensorFlow Authors, Apache License 2.0.
// The comments are pbtool's.

"""

README = """\
# TensorFlow's schema

These files describe the messages in TensorFlow's files. `scripts/update_protos.py` writes them
from the descriptors of an installed TensorFlow (this time {version}), in TensorFlow's own layout,
without the options that only matter to C++, Java and Go. The schema is TensorFlow's (Copyright
The TensorFlow Authors, Apache License 2.0), the comments are pbtool's.

`scripts/compile_protos.py` turns them into what the package ships: `pbtool/_data/schema.binpb`
and the typed stub `pbtool/schema.pyi`.

`op_history.txt` and `dropped_ops.pbtxt` are the sources of the op table, from which
`scripts/update_ops.py` and an installed TensorFlow make `pbtool/_data/ops.binpb.z` and
`pbtool/_data/op_versions.tsv`; the script says what they hold.

To follow a newer TensorFlow: install it, then run

    python scripts/update_protos.py
    python scripts/compile_protos.py
    python scripts/dump_ops.py FOLDER
    python scripts/update_ops.py FOLDER
"""


def import_descriptors() -> str:
    """Import tensorflow, so that its descriptors are in the default pool; return its version."""
    for name in WANTED:  # a few modules are only imported by those who use them
        import_module(name.removesuffix(".proto").replace("/", ".") + "_pb2")
    return str(import_module("tensorflow").__version__)


def closure(names: tuple[str, ...]) -> Iterator[descriptor_pb2.FileDescriptorProto]:
    """Yield the files of these names and all they import, apart from protobuf's own."""
    pool = descriptor_pool.Default()
    waiting, seen = sorted(names), set[str]()
    while waiting:
        name = waiting.pop(0)
        if name in seen or name.startswith("google/protobuf/"):
            continue
        seen.add(name)
        file = descriptor_pb2.FileDescriptorProto()
        pool.FindFileByName(name).CopyToProto(file)
        waiting += file.dependency
        yield file


def proto_files() -> dict[str, str]:
    """Return the path below ``protos/`` and the text of every file this script writes."""
    version = import_descriptors()
    header = HEADER.format(version=version)
    files = {file.name: header + file_text(file, COMMENTS) for file in closure(WANTED)}
    return {**files, "README.md": README.format(version=version)}


def main(folder: Path) -> None:
    """Replace the .proto files below ``folder`` by those of the installed tensorflow."""
    files = proto_files()
    for path in folder.rglob("*.proto"):
        path.unlink()
    for name, text in sorted(files.items()):
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    print(f"{len(files)} files written to {folder}")


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else PROTOS)
