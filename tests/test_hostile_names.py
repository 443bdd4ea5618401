"""Names that mean something to a terminal, a spreadsheet, a page or a parser, in every format."""

from __future__ import annotations

import csv
import io
import json
import re
from html.parser import HTMLParser
from pathlib import Path

import pytest

from pbtool import schema
from tests import survival

NAMES = (
    "plain",
    "\x1b[31mred\x1b]0;title\x07",
    "\x9b31m",
    "a\nb",
    "a\r\nb\x00\x7f\x08",
    "../../etc/passwd",
    "<script>alert(1)</script>",
    "\"><img src=x onerror=alert(1)>'",
    "&lt;&#60;",
    "=1+1",
    "+1",
    "-1+cmd|' /C calc'!A0",
    "@SUM(A1)",
    "\t=1",
    "\uff1d1",
    "a,b;c\"d'e",
    "a|b",
    "[x](javascript:alert(1))",
    "`code` *bold* ~~x~~",
    "\u202egnp.exe",
    "\u200bhidden\u2066",
    "back\\slash",
    "\ud7ff\ufeff\ue000",
    "%s %n {0} $(x)",
)
STRINGS = (*(name.encode() for name in NAMES), b"\xff\xfe\x1b[31m", b"\xc2\x9b31m")


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A SavedModel with the names wherever names are."""
    saved = schema.SavedModel(saved_model_schema_version=1)
    meta = saved.meta_graphs.add()
    meta.meta_info_def.tags.extend(NAMES)
    meta.meta_info_def.tensorflow_version = NAMES[1]
    graph = meta.graph_def
    for number, name in enumerate(NAMES):
        node = graph.node.add(name=name, op=name if number % 2 else "Placeholder", device=name)
        node.input.extend([name, f"^{name}", f"{name}:7"])
        node.attr[name].s = name.encode()
        node.attr["dtype"].type = 1
        node.attr["strings"].list.s.extend(STRINGS)
        node.attr["f"].func.name = name
        constant = graph.node.add(name=f"{name}/value", op="Const")
        constant.attr["dtype"].type = 7
        tensor = constant.attr["value"].tensor
        tensor.dtype = 7
        tensor.tensor_shape.dim.add(size=len(STRINGS))
        tensor.string_val.extend(STRINGS)
        function = graph.library.function.add()
        function.signature.name = f"{name}()"
        function.signature.description = name
        function.signature.input_arg.add(name=name, type=1)
        function.node_def.add(name=name, op=name, input=[name])
        meta.signature_def[name].inputs[name].name = f"{name}:0"
        meta.signature_def[name].method_name = name
        meta.asset_file_def.add(filename=name).tensor_info.name = name
        meta.collection_def[name].bytes_list.value.append(name.encode())
    path = tmp_path_factory.mktemp("model") / "saved_model.pb"
    path.write_bytes(saved.SerializeToString())
    return path


def said(model: Path, line: str) -> str:
    """What a command prints; every law of ``survival`` holds."""
    other = model.with_name("other.pb")
    other.write_bytes(
        schema.GraphDef(node=[schema.NodeDef(name="x", op="NoOp")]).SerializeToString()
    )
    places = {"model": str(model), "other": str(other), "out": str(model.with_name("out"))}
    run = survival.run([word.format(**places) for word in line.split(" ")])
    assert not run.broken_law(), line
    assert run.status in (0, 1), run.err
    return run.out


@pytest.mark.parametrize(
    "line",
    """
    list {model}
    list {model} --format names
    list {model} --explain plain
    list {model} --columns name,op,device,inputs,problem
    info {model}
    info {model} --brief
    info {model} --full
    show {model} *
    show {model} * --values
    show {model} *()
    check {model}
    check {model} --full
    diff {model} {other}
    diff {model} {other} --full
    diff {other} {model} --stat
    diff {other} {model} --names-only
    prune {model} --outputs plain -o {out}.pb
    prune {model} --outputs plain --dry-run
    textconv {model}
    """.strip().splitlines(),
)
def test_nothing_steers_a_terminal(line: str, model: Path) -> None:
    said(model, line.strip())


def test_a_text_that_is_no_model_steers_no_terminal(tmp_path: Path) -> None:
    path = tmp_path / "notes.txt"
    lines = "some\tnotes \u4e00\n" * 1000
    path.write_text(f"{lines}\x1b[2J\x9b2J\n", encoding="utf-8")
    assert survival.run(["textconv", "--any", str(path)]).out == f"{lines}\\x1b[2J\\x9b2J\n"


def test_csv_has_a_cell_for_each_name_and_no_formula(model: Path) -> None:
    for columns in ("", " --columns name,op,device,inputs,problem"):
        text = said(model, f"list {{model}} --format csv{columns}")
        rows = list(csv.reader(io.StringIO(text)))
        assert len({len(row) for row in rows}) == 1
        assert len(rows) >= 2 * len(NAMES)
        for row in rows:
            assert not any(cell.startswith(tuple("=+-@\t\r\n\uff1d")) for cell in row), row


class Page(HTMLParser):
    """The tags of a page, and the texts in its cells."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: set[tuple[str, str | None]] = set()
        self.texts: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes |= set(attrs)

    def handle_data(self, data: str) -> None:
        self.texts.append(data.strip())


def test_html_has_no_tag_of_a_name(model: Path) -> None:
    page = Page()
    page.feed(said(model, "list {model} --format html --columns name,op,device,inputs,problem"))
    assert page.tags <= {"table", "thead", "tbody", "tr", "th", "td"}
    assert {name for name, _ in page.attributes} <= {"style"}
    assert {"<script>alert(1)</script>", "&lt;&#60;", "=1+1"} <= set(page.texts)


def test_markdown_has_as_many_cells_in_each_row(model: Path) -> None:
    lines = said(model, "list {model} --format markdown --columns name,op,device").splitlines()
    assert {len(re.findall(r"(?<!\\)(?:\\\\)*\|", line)) for line in lines} == {4}
    body = "\n".join(lines[2:])
    assert not re.search(r"(?<!\\)[<`]|(?<!\\)\]\(", body)


def strings(value: object) -> set[str]:
    """Every string in a JSON value, keys too."""
    if isinstance(value, dict):
        return set(value).union(*map(strings, value.values()))
    if isinstance(value, list):
        return set().union(*map(strings, value))
    return {value} if isinstance(value, str) else set()


@pytest.mark.parametrize(
    "line",
    [
        "list {model} --format json",
        "show {model} * --format json",
        "show {model} * --values --format json",
        "info {model} --format json",
        "diff {model} {other} --format json",
        "check {model} --format json",
    ],
)
def test_json_gives_every_name_back(line: str, model: Path) -> None:
    text = said(model, line)
    assert text.isascii()
    found = strings(json.loads(text))
    missing = {name for name in NAMES if not any(name in each for each in found)}
    assert not missing


@pytest.mark.parametrize("line", ["list {model} --format jsonl", "check {model} --format jsonl"])
def test_jsonl_has_an_object_a_line(line: str, model: Path) -> None:
    lines = said(model, line).splitlines()
    assert len(lines) >= len(NAMES)
    assert all(isinstance(json.loads(each), dict) for each in lines)


def test_sarif_is_json_whose_places_are_addresses(model: Path) -> None:
    text = said(model, "check {model} --format sarif")
    assert text.isascii()
    results = json.loads(text)["runs"][0]["results"]
    assert len(results) >= len(NAMES)
    for result in results:
        for location in result.get("locations", ()):
            address = (
                location.get("physicalLocation", {}).get("artifactLocation", {}).get("uri", "")
            )
            assert re.fullmatch(r"[A-Za-z0-9._~:/?#@!$&'()*+,;=%-]*", address), address


def test_a_page_of_a_notebook_has_no_markup_of_names(model: Path) -> None:
    from pbtool import load

    page = Page()
    page.feed(load(model)._repr_html_())
    assert not page.tags & {"script", "img"}
