"""Write the table of TensorFlow's ops that the package ships.

    python scripts/update_ops.py [FOLDER [--from-scratch]]

Without FOLDER this writes the table again from its two sources and the installed tensorflow, which
must be the newest version in the history. With FOLDER, which holds dumps of ``dump_ops.py``, it
first brings the sources up to date: each dump that is newer than the history is folded in, oldest
first; ``--from-scratch`` forgets the history and folds in all dumps.

Sources, to be reviewed:

``protos/op_history.txt``
    For each TensorFlow version, ``+ Op`` for an op that it is the first to know, ``- Op`` for one
    that it no longer knows, and the same for ``Op.attr`` where an op known before gains or loses
    an attr. The oldest version stands for all before it. A version is what pip installs as
    ``tensorflow`` on Linux; what only ``tensorflow-gpu`` had is not seen.
``protos/dropped_ops.pbtxt``
    The declarations, in an OpList, of the ops that the newest version no longer knows; each is the
    one of the last version that knew the op.

The table, in ``pbtool/_data``:

``ops.binpb.z``
    An OpList, serialized and compressed by zlib: all ops of the newest version and all dropped
    ones, in order of name, without summaries and descriptions.
``op_versions.tsv``
    One line for each of them, in the same order, and behind it one for each of its attrs that came
    later or went earlier: ``Op`` or ``Op.attr``, the first version that knew it, and the last one
    (nothing where the newest version knows it), separated by tabs. The first line is such a line
    too: ``tensorflow`` with the oldest and the newest version.

A later declaration replaces an earlier one, also where old graphs do not fit it any more; such
changes are printed while dumps are folded in.
"""

from __future__ import annotations

import argparse
import zlib
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import dump_ops
import tensorflow as tf
from google.protobuf import text_format
from tensorflow.core.framework import op_def_pb2

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

ROOT = Path(__file__).resolve().parent.parent
HISTORY = "protos/op_history.txt"
DROPPED = "protos/dropped_ops.pbtxt"
TABLE = "pbtool/_data/ops.binpb.z"
VERSIONS = "pbtool/_data/op_versions.tsv"

HISTORY_HEADER = """\
# Which TensorFlow version was the first to know (+) and the first not to know (-) an op, or an attr
# of an op that was there before. Written by scripts/update_ops.py.
"""
DROPPED_HEADER = """\
# proto-file: tensorflow/core/framework/op_def.proto
# proto-message: tensorflow.OpList
#
# Ops that a TensorFlow knew once and the newest one does not. Written by scripts/update_ops.py.
# The declarations are TensorFlow's: Copyright The TensorFlow Authors, Apache License 2.0.
"""

Ops = dict[str, op_def_pb2.OpDef]


@dataclass
class State:
    """What is known so far: the history, and the declarations behind it."""

    changes: dict[str, list[str]] = field(default_factory=dict)  # version -> lines
    current: Ops = field(default_factory=dict)
    dropped: Ops = field(default_factory=dict)

    @property
    def newest(self) -> str:
        """The newest version in the history, such as 2.21; empty where there is none."""
        return max(self.changes, key=version_key, default="")

    def fold(self, version: str, ops: Ops) -> None:
        """Make ``version``, newer than all before, the newest one."""
        known = {**self.dropped, **self.current}
        for sentence in incompatible_changes(known, ops):
            print(f"{version}: {sentence}")
        self.changes[version] = [
            *(f"+ {name}" for name in sorted(ops.keys() - self.current.keys())),
            *(f"- {name}" for name in sorted(self.current.keys() - ops.keys())),
            *changed_attrs(known, ops),
        ]
        self.dropped = {name: op for name, op in known.items() if name not in ops}
        self.current = ops


def version_key(version: str) -> tuple[int, ...]:
    """Return the numbers of a version, for sorting."""
    return tuple(int(part) for part in version.split("."))


def parse_ops(serialized: bytes) -> Ops:
    """Return the declarations of an OpList without their prose, by name, in order of name."""
    ops = sorted(op_def_pb2.OpList.FromString(serialized).op, key=lambda op: op.name)
    for op in ops:
        for part in (op, *op.input_arg, *op.output_arg, *op.attr):
            part.ClearField("description")
        op.ClearField("summary")
    return {op.name: op for op in ops}


def op_list(ops: Iterable[op_def_pb2.OpDef]) -> op_def_pb2.OpList:
    """Return an OpList in order of name."""
    return op_def_pb2.OpList(op=sorted(ops, key=lambda op: op.name))


def changed_attrs(old: Ops, new: Ops) -> Iterator[str]:
    """Yield the lines of the history for the attrs of ops that both sides declare."""
    for op in sorted(old.keys() & new.keys()):
        before, after = ({attr.name for attr in ops[op].attr} for ops in (old, new))
        yield from (f"+ {op}.{attr}" for attr in sorted(after - before))
        yield from (f"- {op}.{attr}" for attr in sorted(before - after))


def op_of(name: str) -> str:
    """Return the op of ``Op.attr``; some ops have a ``>`` in their name, none a dot."""
    return name.partition(".")[0]


def incompatible_changes(old: Ops, new: Ops) -> Iterator[str]:
    """Yield a sentence for each op whose nodes in old graphs do not fit its new declaration."""
    for name in sorted(old.keys() & new.keys()):
        before, after = old[name], new[name]
        for what in ("input_arg", "output_arg"):
            counts = len(getattr(before, what)), len(getattr(after, what))
            if counts[0] != counts[1]:
                yield f"{name} has {counts[1]} {what} where it had {counts[0]}"
        types = {attr.name: attr.type for attr in before.attr}
        for attr in after.attr:
            if attr.name not in types and not attr.HasField("default_value"):
                yield f"{name} has a new attr {attr.name} without default"
            elif types.get(attr.name, attr.type) != attr.type:
                yield f"{name} has changed attr {attr.name} to {attr.type}"
        for attr_name in sorted(types.keys() - {attr.name for attr in after.attr}):
            yield f"{name} has lost its attr {attr_name}"


def load_state() -> State:
    """Return what the repository holds."""
    state = State()
    lines: list[str] = []
    for line in (ROOT / HISTORY).read_text(encoding="utf-8").splitlines():
        if line.startswith("["):
            lines = state.changes[line.strip("[]")] = []
        elif line.startswith(("+", "-")):
            lines.append(line)
    dropped = text_format.Parse((ROOT / DROPPED).read_text("utf-8"), op_def_pb2.OpList())
    state.dropped = {op.name: op for op in dropped.op}
    table = parse_ops(zlib.decompress((ROOT / TABLE).read_bytes()))
    state.current = {name: op for name, op in table.items() if name not in state.dropped}
    return state


def known(state: State) -> dict[str, tuple[str, str]]:
    """Return the first and the last version that knew each ``Op`` and ``Op.attr`` of the history;
    the last is empty for what the newest version knows.
    """
    spans: dict[str, tuple[str, str]] = {}
    before = ""
    for version, lines in state.changes.items():
        for line in lines:
            sign, name = line.split()
            first = spans.get(name, (version, ""))[0]
            if sign == "-" and name not in spans:  # an attr as old as its op
                first = spans[op_of(name)][0]
            spans[name] = (first, "" if sign == "+" else before)
        before = version
    return {name: (first, last or spans[op_of(name)][1]) for name, (first, last) in spans.items()}


def history_text(state: State) -> str:
    """Return the text of ``protos/op_history.txt``."""
    sections = ("\n".join([f"\n[{version}]", *lines]) for version, lines in state.changes.items())
    return HISTORY_HEADER + "\n".join(sections) + "\n"


def dropped_text(state: State) -> str:
    """Return the text of ``protos/dropped_ops.pbtxt``."""
    spans = known(state)
    return DROPPED_HEADER + "".join(
        f"\n# Last known to TensorFlow {spans[op.name][1]}.\n"
        + text_format.MessageToString(op_def_pb2.OpList(op=[op]))
        for op in op_list(state.dropped.values()).op
    )


def versions_text(state: State) -> str:
    """Return the text of ``op_versions.tsv``."""
    versions = list(state.changes)
    rows = [("tensorflow", (versions[0], versions[-1]))]
    rows += sorted(known(state).items())
    return "".join(f"{name}\t{first}\t{last}\n" for name, (first, last) in rows)


def table_files(state: State) -> dict[str, bytes]:
    """Return the path below the repository and the content, ``ops.binpb.z`` not yet compressed,
    of the files of the table.

    What zlib writes differs between its builds, so contents are compared uncompressed.
    """
    ops = op_list([*state.current.values(), *state.dropped.values()])
    return {
        TABLE: ops.SerializeToString(deterministic=True),
        VERSIONS: versions_text(state).encode(),
    }


def source_files(state: State) -> dict[str, bytes]:
    """Return the path below the repository and the content of the two sources."""
    return {HISTORY: history_text(state).encode(), DROPPED: dropped_text(state).encode()}


def installed_state() -> State:
    """Return the repository's state, its current ops replaced by the installed tensorflow's."""
    state = load_state()
    version = minor_version(tf.__version__)
    if version != state.newest:
        raise SystemExit(
            f"{HISTORY} ends at TensorFlow {state.newest}, the installed one is {version}: "
            "run dump_ops.py FOLDER and update_ops.py FOLDER"
        )
    state.current = parse_ops(dump_ops.all_ops())
    return state


def minor_version(version: str) -> str:
    """Return 2.21 for 2.21.0."""
    return ".".join(version.split(".")[:2])


def write(path: Path, content: bytes) -> None:
    """Write a file, compressed if its name ends in .z, unless it holds just that already."""
    compressed = path.suffix == ".z"
    if path.exists():
        held = path.read_bytes()
        if content == (zlib.decompress(held) if compressed else held):
            return
    path.write_bytes(zlib.compress(content, 9) if compressed else content)
    print(f"{path.stat().st_size} bytes written to {path}")


def main() -> None:
    """Bring the sources up to date where dumps are given, then write the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", nargs="?", type=Path, help="holds dumps of dump_ops.py")
    parser.add_argument("--from-scratch", action="store_true", help="forget the history")
    arguments = parser.parse_args()
    if arguments.folder:
        state = State() if arguments.from_scratch else load_state()
        dumps = {minor_version(path.stem): path for path in arguments.folder.glob("*.binpb")}
        for version in sorted(dumps, key=version_key):
            if version_key(version) > version_key(state.newest or "0"):
                state.fold(version, parse_ops(dumps[version].read_bytes()))
        files = source_files(state) | table_files(state)
    else:
        files = table_files(installed_state())
    for name, content in files.items():
        write(ROOT / name, content)


if __name__ == "__main__":
    main()
