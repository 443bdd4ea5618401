"""Rows of a list as text, markup, csv and names; ``listing_json`` knows their JSON."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from pbtool import dtypes
from pbtool.errors import UsageError
from pbtool.render.escape import csv_row, html_text, markdown_text, printable
from pbtool.render.facts import NOT_KNOWN, outputs_text, tensor_text

if TYPE_CHECKING:
    from pbtool.listing import NodeRow, TensorRow
    from pbtool.schema import OpDef
    from pbtool.selection import Place


PROBLEM = "  (!)"  # behind the outputs of a node whose inputs cannot fit


class Column(NamedTuple):
    """A column: its name in the header, and a row's cell."""

    name: str
    text: Callable[[Any], str | int]


class Table(NamedTuple):
    """The columns that rows of one kind can have, and those shown when none are asked for."""

    rows: str
    columns: dict[str, Column]
    default: tuple[str, ...]

    def column(self, name: str) -> Column:
        """The column of that name; raises UsageError with the names that there are."""
        if name not in self.columns:
            raise UsageError(
                f"there is no column {name!r}", remedy=f"choose among {', '.join(self.columns)}"
            )
        return self.columns[name]


def _table(rows: str, *columns: Column, default: str) -> Table:
    return Table(rows, {column.name: column for column in columns}, tuple(default.split()))


NODES = _table(
    "nodes",
    Column("function", lambda row: row.place.body.name or ""),
    Column("name", lambda row: row.place.name),
    Column("op", lambda row: row.place.node.op),
    Column("device", lambda row: row.place.node.device),
    Column("inputs", lambda row: ", ".join(row.place.node.input)),
    Column("outputs", lambda row: outputs_text(row.outputs) + (PROBLEM if row.problem else "")),
    Column("problem", lambda row: row.problem or ""),
    Column("bytes", lambda row: row.size),
    default="name op outputs",
)

TENSORS = _table(
    "tensors",
    Column("name", lambda row: row.name),
    Column("dtype", lambda row: dtypes.name(row.dtype)),
    Column("shape", lambda row: str(row.shape)),
    Column("bytes", lambda row: NOT_KNOWN if row.size is None else row.size),
    Column("shard", lambda row: ", ".join(map(str, row.shards))),
    default="name dtype shape bytes shard",
)

OPS = _table(
    "ops",
    Column("name", lambda row: row.name),
    Column("signature", lambda row: _op_signature(row)),
    Column("inputs", lambda row: _arguments(row.input_arg)),
    Column("outputs", lambda row: _arguments(row.output_arg)),
    Column("attrs", lambda row: ", ".join(f"{attr.name}: {attr.type}" for attr in row.attr)),
    default="name signature",
)


def _op_signature(op_def: OpDef) -> str:
    return f"({_arguments(op_def.input_arg)}) -> {_arguments(op_def.output_arg) or 'nothing'}"


def _arguments(args: Iterable[OpDef.ArgDef]) -> str:
    return ", ".join(f"{arg.name}: {argument_type(arg)}" for arg in args)


def argument_type(arg: OpDef.ArgDef) -> str:
    """The type of an op's argument as TensorFlow writes it: ``T``, ``N*T``, ``Ref(float32)``."""
    kind = arg.type_attr or arg.type_list_attr or dtypes.name(arg.type)
    if arg.number_attr:
        kind = f"{arg.number_attr}*{kind}"
    return f"Ref({kind})" if arg.is_ref else kind


# --- formats ----------------------------------------------------------------------------------


def document(
    table: Table,
    rows: Sequence[Any],
    form: str,
    names_of_columns: Sequence[str],
    width: int | None,
    style: Callable[[str, str], str],
) -> str | Iterable[str]:
    """The rows in one of the formats of ``pbtool list``, with these columns or the usual ones.

    Raises UsageError for a column or field that there is not.
    """
    if form == "names":
        return names(rows)
    if form in ("json", "jsonl"):
        from pbtool.render import listing_json

        fields = listing_json.choose(table.rows, names_of_columns)
        return (listing_json.json if form == "json" else listing_json.jsonl)(rows, fields)
    if form == "csv" and table is NODES and not names_of_columns:
        return tutorial_csv(rows)
    columns = [table.column(name) for name in names_of_columns or table.default]
    if form == "csv":
        return csv(rows, columns)
    if form in MARKUP:
        return markup(rows, columns, form)
    return text(rows, columns, width, style)


def text(
    rows: Iterable[Any],
    columns: Sequence[Column],
    width: int | None,
    style: Callable[[str, str], str],
) -> str:
    """A table for people, with a header; "" when there are no rows.

    On a terminal of ``width`` columns the last column is cut to fit, and marked where it was.
    """
    cells = [[column.name, *(_cell(column.text(row)) for row in rows)] for column in columns]
    if not cells or len(cells[0]) == 1:
        return ""
    widths = [max(len(cell) for cell in column if len(cell) <= WIDEST) for column in cells]
    if width is not None:
        cells[-1] = _cut(cells[-1], max(width - sum(widths[:-1]) - 2 * (len(widths) - 1), 20))
    padded = [
        [text.rjust(wide) if column.name in _NUMBERS else text.ljust(wide) for text in column_cells]
        for column, column_cells, wide in zip(columns, cells, widths, strict=True)
    ]
    header, *lines = ["  ".join(line).rstrip() for line in zip(*padded, strict=True)]
    return "\n".join([style(header, "heading"), *lines, ""])


# Characters of a cell that others are aligned with: a longer one would make every row as long as it
# is, and a file with one name of a megabyte a table of gigabytes.
WIDEST = 1_000
_NUMBERS = frozenset({"bytes"})  # columns that are read from the right


def _cell(value: str | int) -> str:
    return printable(value) if isinstance(value, str) else f"{value:,}"


def _texts(row: Any, columns: Sequence[Column]) -> Iterator[str | int]:
    return (column.text(row) for column in columns)


def _cut(cells: Iterable[str], room: int) -> list[str]:
    return [cell if len(cell) <= room else cell[: room - 1] + "…" for cell in cells]


def markup(rows: Iterable[Any], columns: Sequence[Column], form: str) -> str:
    """A table to paste into an issue or a page: ``markdown`` or ``html``; "" without rows.

    Cells of more than a thousand characters are cut, and marked where they were.
    """
    from tabulate import tabulate

    name, escape = MARKUP[form]
    # Every cell of a column is made as long as its longest.
    table = [[*map(escape, _cut(map(_cell, _texts(row, columns)), WIDEST))] for row in rows]
    if not table:
        return ""
    header = [column.name for column in columns]
    alignment = ["right" if column.name in _NUMBERS else "left" for column in columns]
    # Names and shapes are text, also those that look like numbers.
    lines = tabulate(table, header, tablefmt=name, disable_numparse=True, colalign=alignment)
    return f"{lines}\n"


class Markup(NamedTuple):
    """A kind of markup: tabulate's name of it, and how a text is escaped in it."""

    name: str
    escape: Callable[[str], str]


MARKUP = {
    "markdown": Markup("pipe", markdown_text),
    "html": Markup("unsafehtml", html_text),  # unsafe only for who has not escaped the cells
}


def csv(rows: Iterable[Any], columns: Sequence[Column]) -> Iterator[str]:
    """Comma-separated values with a header."""
    yield csv_row(column.name for column in columns)
    for row in rows:
        yield csv_row([column.text(row) for column in columns])


def tutorial_csv(rows: Iterable[NodeRow]) -> Iterator[str]:
    """``name,type,output``, each output as TensorFlow prints a tensor, joined by ``; ``."""
    yield "name,type,output\n"
    for row in rows:
        yield csv_row([row.place.name, row.place.node.op, _tensors(row)])


def _tensors(row: NodeRow) -> str:
    node = row.place.node
    if row.outputs is None:
        return NOT_KNOWN
    return "; ".join(
        tensor_text(f"{node.name}:{output}", fact, node.device)
        for output, fact in enumerate(row.outputs)
    )


def names(rows: Iterable[Place | TensorRow | OpDef]) -> Iterator[str]:
    """The names alone, one a line."""
    return (printable(row.name) + "\n" for row in rows)
