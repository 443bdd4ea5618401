"""What a Tab gives, from the engine and in the shells themselves."""

from __future__ import annotations

import ast
import os
import select
import shutil
import signal
import sys
import time
import types
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import pbtool
from pbtool import cli, completion, options, schema, verbs
from pbtool.completion import FILES, answer, complete, scoped

ROOT = Path(pbtool.__file__).parent.parent

DECLARE = """
def declare(parser):
    options.add_model(parser)
    options.completes(parser.add_argument("node", nargs="*"), "node")
    options.add_output(parser)
    options.add_format(parser, ("text", "csv", "jsonl", "json"))
    options.completes(parser.add_argument("--op"), "op")
    options.completes(parser.add_argument("--function"), "function")
    options.completes(parser.add_argument("--columns"), ("name", "op"))
    parser.add_argument("--depth", type=int)
"""


@pytest.fixture
def model(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """A graph of a few nodes, and a verb ``look MODEL [NODE...]``."""
    module: Any = types.ModuleType("pbtool.verbs.look", "Look at nodes.")
    scope = {"options": options}
    exec(DECLARE, scope)  # noqa: S102 (the shells below need the same text)
    module.options = scope["declare"]
    monkeypatch.setitem(sys.modules, module.__name__, module)
    monkeypatch.setattr(verbs, "VERBS", [*verbs.VERBS, verbs.Verb("look", "Look", alias="l")])
    return write_model(tmp_path / "small model.pb")


def write_model(path: Path) -> str:
    graph = schema.GraphDef()
    for name, op in [
        ("input", "Placeholder"),
        ("conv/kernel", "Const"),
        ("conv/bias", "Const"),
        ("dense/deep/one", "Const"),
        ("dense/deep/two", "Const"),
        ("evil\nname", "Const"),
    ]:
        graph.node.add(name=name, op=op)
    function = graph.library.function.add()
    function.signature.name = "body"
    function.node_def.add(name="inner", op="NoOp")
    path.write_bytes(graph.SerializeToString())
    return str(path)


def words(*typed: str) -> list[str]:
    return [candidate.word for candidate in complete(typed)]


# --- the engine -------------------------------------------------------------------------------


def test_verbs_and_their_help() -> None:
    assert complete([""]) == [(verb.name, verb.help) for verb in verbs.VERBS]
    assert words("compl") == ["completion"]
    assert words("--color", "never", "compl") == ["completion"]
    assert words("nothing") == []


def test_general_options() -> None:
    assert words("-") == ["--help", "--version", "--color", "--traceback"]
    assert words("--color", "") == ["auto", "always", "never"]
    assert words("--color=al") == ["--color=always"]


def test_options_of_a_verb(model: str) -> None:
    assert words("look", model, "--fo") == ["--format"]
    assert words("look", "--o") == ["--output", "--op"]
    assert complete(["look", "--format", ""])[:2] == [("text", ""), ("csv", "")]
    assert words("look", "--format", "js") == ["jsonl", "json"]
    assert words("look", "--format=c") == ["--format=csv"]
    assert words("look", "--depth", "") == []
    assert words("look", "--depth=") == []
    assert words("look", "--missing=") == []
    assert words("l", "--fo") == ["--format"]


def test_files(model: str) -> None:
    assert words("look", "") == [FILES]
    assert words("look", "some/pa") == [FILES]
    assert words("look", model, "-o", "") == [FILES]
    assert words("look", model, "--output=a") == [FILES]


def test_node_names_by_scope(model: str) -> None:
    assert words("look", model, "") == ["input", "conv/", "dense/", "evil\nname", "body::"]
    assert words("look", model, "conv/") == ["conv/kernel", "conv/bias"]
    assert words("look", model, "conv/k") == ["conv/kernel"]
    assert words("look", model, "d") == ["dense/deep/one", "dense/deep/two"]
    assert words("look", model, "input", "conv/b") == ["conv/bias"]
    assert words("look", model, "body::") == ["body::inner"]
    assert words("look", "--format", "csv", model, "--depth", "1", "inp") == ["input"]
    assert words("look", model, "--", "inp") == ["input"]
    assert words("look", model, "--", "-") == []


def test_other_names_in_the_model(model: str) -> None:
    assert words("look", model, "--op", "") == ["Const", "NoOp", "Placeholder"]
    assert words("look", model, "--op=C") == ["--op=Const"]
    assert words("look", model, "--op", "!C") == ["!Const"]
    assert words("look", model, "--function", "") == ["body"]
    assert words("look", "--op", "") == []  # there is no model yet


def test_lists_of_words(model: str) -> None:
    assert words("look", model, "--columns", "") == ["name", "op"]
    assert words("look", model, "--columns", "name,o") == ["name,op"]


def test_a_path_may_begin_with_the_home_folder(model: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(Path(model).parent))
    assert words("look", "~/small model.pb", "inp") == ["input"]
    assert words("look", "$HOME/small model.pb", "inp") == ["input"]


@pytest.mark.parametrize("path", ["missing.pb", "-", "", "damaged.pb", "/dev/null"])
def test_what_is_no_model_gives_no_names_and_no_noise(
    model: str, path: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = Path(model).parent
    (folder / "damaged.pb").write_bytes(b"\x0a\xff\xff\xff\xff")
    monkeypatch.chdir(folder)
    for shell, line in (("zsh", ["look", path, ""]), ("bash", [f"pbtool look '{path}' "])):
        assert cli.main(["__complete", shell, *line]) == 0
        assert capsys.readouterr() == ("", "")


def test_a_failing_verb_makes_no_noise(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(verbs, "VERBS", [verbs.Verb("nowhere", "Has no module")])
    assert answer(["zsh", "nowhere", ""]) == ""
    assert answer([]) == answer(["bash"]) == answer(["zsh"]) == ""


@given(st.lists(st.text("ab/:", max_size=6)), st.text("ab/:", max_size=3))
def test_every_scope_leads_to_every_name(names: list[str], typed: str) -> None:
    shown = scoped(names, typed)
    assert all(name.startswith(typed) for name in shown)
    assert len(shown) == len(set(shown))
    for name in names:
        if name.startswith(typed):
            assert any(name.startswith(candidate) for candidate in shown)


# --- what the shells are told -----------------------------------------------------------------


def test_zsh_and_fish_get_helps_and_no_unsafe_names(model: str) -> None:
    assert answer(["zsh", "look", "--dep"]) == "--depth\n"
    assert answer(["fish", "compl"]) == f"completion\t{verbs.find('completion').help}\n"
    assert answer(["zsh", "look", model, ""]) == "input\nconv/\ndense/\nbody::\n"


def test_fish_gives_its_word_with_quotes(model: str) -> None:
    assert answer(["fish", "look", model, "'conv/k"]) == "conv/kernel\n"


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("pbtool compl", "completion\n"),
        ("pbtool  look   ", ":files\n"),
        ("pbtool look --format=c", "csv\n"),
        ("pbtool look --format=", "text\ncsv\njsonl\njson\n"),
        ("pbtool look MODEL inp", "input\n"),
        ("pbtool look MODEL body::in", "inner\n"),
        ("pbtool look MODEL 'body::in", "body::inner\n"),
        ('pbtool look MODEL "conv/k', "conv/kernel\n"),
        ("pbtool look MODEL --op=P", "Placeholder\n"),
        ("pbtool look MODEL 'inp' ", "input\nconv/\ndense/\nbody::\n"),
    ],
)
def test_bash_gets_what_fits_its_own_words(model: str, line: str, told: str) -> None:
    for quoted in (f"'{model}'", f'"{model}"', model.replace(" ", "\\ ")):
        assert answer(["bash", line.replace("MODEL", quoted)]) == told


@pytest.mark.parametrize(
    ("line", "split", "quote"),
    [
        ("a b", ["a", "b"], ""),
        ("a  b ", ["a", "b", ""], ""),
        ("a\\ b c", ["a b", "c"], ""),
        ("a 'b c' d", ["a", "b c", "d"], ""),
        ("a 'b c", ["a", "b c"], "'"),
        ('a "b \\" \\n', ["a", 'b " \\n'], '"'),
        ("a b\\", ["a", "b"], ""),
        ("", [""], ""),
        ("it''s", ["its"], ""),
    ],
)
def test_split_line(line: str, split: list[str], quote: str) -> None:
    assert completion._split_line(line) == (split, quote)


def test_names_are_quoted_for_bash() -> None:
    assert completion._quoted("a/b_1:0", "") == "a/b_1:0"
    assert completion._quoted("a b$(c)", "") == "a\\ b\\$\\(c\\)"
    assert completion._quoted("a b", "'") == "a b"


# --- the shells -------------------------------------------------------------------------------

PBTOOL = f"""#!{sys.executable}
import sys, types
sys.path.insert(0, {str(ROOT)!r})
from pbtool import options, verbs
{DECLARE}
module = types.ModuleType("pbtool.verbs.look", "Look at nodes.")
def run(args, console):
    with open("ran", "w") as file:
        file.write(repr((args.model, args.node, args.format)))
    return 0
module.options, module.run = declare, run
sys.modules[module.__name__] = module
verbs.VERBS.append(verbs.Verb("look", "Look"))
from pbtool.__main__ import main
sys.exit(main())
"""

SHELLS = {
    "bash": ["bash", "--norc", "--noprofile", "-i"],
    "zsh": ["zsh", "-f", "-i"],
    "fish": ["fish", "--no-config", "-i"],
}
SET_UP = {
    "bash": "bind 'set enable-bracketed-paste off'; eval \"$(pbtool completion bash)\"",
    "zsh": 'autoload -U compinit; compinit -u -D; eval "$(pbtool completion zsh)"',
    "fish": "pbtool completion fish | source",
}


class Shell:
    """An interactive shell in a pseudo-terminal."""

    def __init__(self, name: str, folder: Path) -> None:
        import pty

        environ = {
            "PATH": f"{folder / 'bin'}:{os.environ['PATH']}",
            "HOME": str(folder),
            "TERM": "xterm",
            "LC_ALL": "C.UTF-8",
        }
        self.folder = folder
        self.pid, self.descriptor = pty.fork()
        if self.pid == 0:
            os.chdir(folder)
            os.execvpe(SHELLS[name][0], SHELLS[name], environ)  # noqa: S606 (that is the test)
        self.type(f"{SET_UP[name]}; echo re''ady\r", until="ready")

    def type(self, keys: str, until: str) -> None:
        """Type, and wait until the screen shows ``until`` and nothing more comes."""
        os.write(self.descriptor, keys.encode())
        screen = ""
        deadline = time.monotonic() + 30
        while time.monotonic() < deadline:
            if select.select([self.descriptor], [], [], 0.1)[0]:
                screen += os.read(self.descriptor, 1 << 16).decode(errors="replace")
                if "\x1b[c" in screen:  # fish asks what terminal this is, and waits
                    os.write(self.descriptor, b"\x1b[?62c")
                    screen = screen.replace("\x1b[c", "")
            elif until in screen:
                return
        pytest.fail(f"no {until!r} in {screen!r}")

    def run(self, *steps: tuple[str, str]) -> object:
        """Type each step and a Tab, wait for what it adds, run the line, and give what ran."""
        ran = self.folder / "ran"
        ran.unlink(missing_ok=True)
        for keys, added in steps:
            self.type(f"{keys}\t", until=added)
        self.type("\r", until="")
        deadline = time.monotonic() + 30
        while not (ran.exists() and ran.read_text()) and time.monotonic() < deadline:
            time.sleep(0.05)
        return ast.literal_eval(ran.read_text())

    def close(self) -> None:
        os.kill(self.pid, signal.SIGKILL)
        os.waitpid(self.pid, 0)
        os.close(self.descriptor)


@pytest.mark.skipif(os.name != "posix", reason="needs a pseudo-terminal")
@pytest.mark.parametrize("name", SHELLS)
def test_shell(name: str, tmp_path: Path) -> None:
    if shutil.which(name) is None:
        pytest.skip(f"{name} is not installed")
    write_model(tmp_path / "small model.pb")
    (tmp_path / "bin").mkdir()
    script = tmp_path / "bin" / "pbtool"
    script.write_text(PBTOOL)
    script.chmod(0o755)
    shell = Shell(name, tmp_path)
    file = "small model.pb"
    try:
        for steps, ran in [
            # a verb; a file whose name needs quotes; a node
            ([("pbtool loo", "k"), ("sma", ".pb"), ("conv/k", "ernel")], ["conv/kernel"]),
            ([("pbtool look 'small model.pb' 'conv/k", "ernel"), ("inp", "ut")],
             ["conv/kernel", "input"]),
            # a scope has no space behind it, so that its nodes can follow
            ([("pbtool look small\\ model.pb den", "deep"), ("tw", "o")], ["dense/deep/two"]),
            # a colon parts words in bash
            ([("true | pbtool look small\\ model.pb body::in", "ner")], ["body::inner"]),
        ]:  # fmt: skip
            assert shell.run(*steps) == (file, ran, "text")
        option = ("pbtool look small\\ model.pb --format=cs", "v")
        assert shell.run(option, ("inp", "ut")) == (file, ["input"], "csv")
    finally:
        shell.close()
