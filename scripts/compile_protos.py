"""Compile ``protos/`` into what the package ships.

    python scripts/compile_protos.py [FOLDER]

writes below FOLDER (by default the repository):

``pbtool/_data/schema.binpb``
    One serialized FileDescriptorSet, each file after those it imports. Left out is what no reader
    needs and what differs between releases of protoc: comments, file options, JSON names.
``pbtool/schema.pyi``
    The typed stub of ``pbtool.schema``, with the comments on messages as docstrings.

Needs grpcio-tools.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path

from google.protobuf.descriptor_pb2 import DescriptorProto, FileDescriptorProto, FileDescriptorSet
from stub_text import stub_text

ROOT = Path(__file__).resolve().parent.parent
PROTOS = ROOT / "protos"


def compile_protos(folder: Path) -> FileDescriptorSet:
    """Return the descriptors of all .proto files below ``folder``, comments included."""
    names = sorted(str(path.relative_to(folder)) for path in folder.rglob("*.proto"))
    with tempfile.TemporaryDirectory() as temporary:
        out = Path(temporary) / "set.binpb"
        # A process of its own: protoc's code and tensorflow's do not bear each other in one.
        subprocess.run(
            [
                sys.executable,
                *("-m", "grpc_tools.protoc"),
                f"--proto_path={folder}",
                "--include_imports",
                "--include_source_info",
                f"--descriptor_set_out={out}",
                *names,
            ],
            check=True,
        )
        return FileDescriptorSet.FromString(out.read_bytes())


def strip(file: FileDescriptorProto) -> None:
    """Remove comments, file options and JSON names from a file, in place."""
    file.ClearField("source_code_info")
    file.ClearField("options")

    def strip_message(message: DescriptorProto) -> None:
        for field in message.field:
            field.ClearField("json_name")
        for nested in message.nested_type:
            strip_message(nested)

    for message in file.message_type:
        strip_message(message)


def generated_files() -> dict[str, bytes]:
    """Return the path below the repository and the bytes of every file this script writes."""
    descriptors = compile_protos(PROTOS)
    stub = stub_text(descriptors)
    for file in descriptors.file:
        strip(file)
    return {
        "pbtool/_data/schema.binpb": descriptors.SerializeToString(deterministic=True),
        "pbtool/schema.pyi": stub.encode(),
    }


def main(folder: Path) -> None:
    """Write the generated files below ``folder``."""
    for name, content in generated_files().items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        print(f"{len(content)} bytes written to {path}")


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT)
