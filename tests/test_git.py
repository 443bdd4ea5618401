"""pbtool as a diff driver, in real repositories and with git itself."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from google.protobuf import text_format

import pbtool
from pbtool import cli, git, schema
from tests.graphs import nodes

pytestmark = pytest.mark.skipif(shutil.which("git") is None, reason="git is not installed")

BEFORE = """
x = Placeholder() dtype=1
y = Softmax(x) T=1
z = ArgMax(y) T=1
"""
AFTER = BEFORE.replace("ArgMax(y)", "ArgMax(x)")


class Repository:
    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self("init", "--quiet")
        self("config", "user.email", "tester@example.org")
        self("config", "user.name", "tester")

    def __call__(self, *words: str) -> str:
        done = subprocess.run(
            ["git", *words], cwd=self.folder, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, f"git {' '.join(words)}: {done.stdout}{done.stderr}"
        assert done.stderr == ""
        return done.stdout

    def write(self, name: str, lines: str) -> None:
        self.write_bytes(name, nodes(lines).SerializeToString())

    def write_bytes(self, name: str, data: bytes) -> None:
        (self.folder / name).write_bytes(data)

    def commit(self) -> None:
        self("add", "--all")
        self("commit", "--quiet", "--message", "a commit")


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Repository:
    """An empty repository that git-setup has been run in, far from the user's own settings."""
    for name in [name for name in os.environ if name.startswith("GIT_")]:
        monkeypatch.delenv(name)
    home = tmp_path / "home"
    folder = tmp_path / "a folder"
    for each in (home, folder):
        each.mkdir()
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(home / ".config"))
    monkeypatch.setenv("PYTHONPATH", str(Path(pbtool.__file__).parent.parent))
    monkeypatch.setenv("NO_COLOR", "1")
    monkeypatch.setattr(sys, "argv", ["pytest"])
    monkeypatch.chdir(folder)
    found = Repository(folder)
    assert cli.main(["git-setup"]) == 0
    return found


def test_git_diff_shows_what_changed(repository: Repository) -> None:
    repository.write("model.pb", BEFORE)
    repository.commit()
    repository.write("model.pb", AFTER)
    text = repository("diff")
    assert text.startswith("diff --git a/model.pb b/model.pb\n")
    assert "Binary" not in text
    assert (
        text.partition("\n")[2]
        == """\
--- a/model.pb  GraphDef, 3 nodes
+++ b/model.pb  GraphDef, 3 nodes

1 node changed (1 input)

~ z  ArgMax
-     input 0 = y
+     input 0 = x
"""
    )


@pytest.mark.parametrize("command", [["log", "--patch", "-1"], ["show"]])
def test_git_log_and_show_tell_the_node_and_the_line(
    repository: Repository, command: list[str]
) -> None:
    repository.write("model.pb", BEFORE)
    repository.commit()
    repository.write("model.pb", AFTER)
    repository.commit()
    hunk = repository(*command).split("@@")[2]
    assert (
        hunk
        == """ y: Softmax
   <- x
   T = float32
 z: ArgMax
-  <- y
+  <- x
   T = float32
"""
    )
    assert repository("log", "--patch", "--ext-diff", "-1").count("diff --git") == 1


def test_the_same_graph_in_another_order_is_no_change_in_the_log(repository: Repository) -> None:
    repository.write("model.pb", BEFORE)
    repository.commit()
    repository.write("model.pb", "\n".join(reversed(BEFORE.splitlines())))
    shown = repository("diff").splitlines()[1:]
    assert shown == ["same graph, other order or encoding (nodes in another place: 2)"]
    repository.commit()
    assert "@@" not in repository("log", "--patch", "-1")


def test_added_deleted_and_renamed_files(repository: Repository) -> None:
    repository.write("old.pb", BEFORE)
    repository.write("moved.pb", BEFORE + "more = Softmax(z) T=1")
    repository.commit()
    (repository.folder / "old.pb").unlink()
    repository("mv", "moved.pb", "there.pb")
    repository.write("there.pb", AFTER + "more = Softmax(z) T=1")
    repository.write("new.pb", "a = Placeholder() dtype=1")
    repository("add", "--all")
    shown = repository("diff", "--cached", "--find-renames=30%")
    by_file = dict(part.split("\n", 1) for part in shown.split("diff --git ")[1:])
    assert set(by_file) == {"a/old.pb b/old.pb", "a/moved.pb b/there.pb", "a/new.pb b/new.pb"}
    assert by_file["a/new.pb b/new.pb"].startswith("new file mode 100644\nnew.pb\n  GraphDef, ")
    assert by_file["a/old.pb b/old.pb"].startswith("deleted file mode 100644\nold.pb\n")
    renamed = by_file["a/moved.pb b/there.pb"]
    assert renamed.startswith("similarity index ")
    assert "rename to there.pb" in renamed
    assert "+     input 0 = x" in renamed


def test_what_is_no_model_looks_as_before(repository: Repository) -> None:
    files = {
        "lines.meta": (b"fileFormatVersion: 2\nguid: 1\n", b"fileFormatVersion: 2\nguid: 2\n"),
        "noise.pb": (bytes(range(256)), bytes(range(255))),
        "damaged.pb": (nodes(BEFORE).SerializeToString(), nodes(BEFORE).SerializeToString()[:-9]),
    }
    for side in (0, 1):
        for name, data in files.items():
            repository.write_bytes(name, data[side])
        repository.commit()
    for words in (["diff", "HEAD~"], ["log", "--patch", "-1"]):
        text = repository(*words)
        assert text.count("diff --git") == 3
        assert "-guid: 1\n+guid: 2\n" in text
        assert "truncated: it ends at byte" in text
    assert "Binary files differ\na/noise.pb: " in repository("diff", "HEAD~")


def test_variables_beside_a_saved_model_are_of_another_time(repository: Repository) -> None:
    folder = repository.folder / "variables"
    folder.mkdir()
    for suffix in ("index", "data-00000-of-00001"):
        example = Path(__file__).parent.parent / "examples" / f"model.ckpt.{suffix}"
        shutil.copy(example, folder / f"variables.{suffix}")
    for lines in (BEFORE, AFTER):
        saved = schema.SavedModel(saved_model_schema_version=1)
        saved.meta_graphs.add(graph_def=nodes(lines)).meta_info_def.tags.append("serve")
        repository.write_bytes("saved_model.pb", saved.SerializeToString())
        repository.commit()
    assert (
        repository("diff", "HEAD~", "--", "saved_model.pb").partition("\n")[2]
        == """\
--- a/saved_model.pb  SavedModel, 3 nodes
+++ b/saved_model.pb  SavedModel, 3 nodes

1 node changed (1 input)

~ z  ArgMax
-     input 0 = y
+     input 0 = x
"""
    )


def test_what_diff_refuses_is_compared_line_by_line(repository: Repository) -> None:
    repository.write_bytes("ops.pbtxt", b'op { name: "A" }\nop { name: "B" is_stateful: true }')
    repository.write("twice.pb", "a = A()\na = B()")
    repository.commit()
    repository.write_bytes("ops.pbtxt", b'op { name: "A" }\nop { name: "B" }')
    repository.write("twice.pb", "a = A()\na = C()")
    text = repository("diff")
    assert "\n-  is_stateful: true\n" in text
    assert "\n-a: B\n+a: C\n" in text


def test_a_checkpoint_alone(repository: Repository) -> None:
    examples = Path(__file__).parent.parent / "examples"
    repository.write_bytes("a.index", (examples / "model.ckpt.index").read_bytes())
    repository.commit()
    assert "+var2: int32[]\n+  4 bytes, checksum " in repository("show")
    (repository.folder / "a.index").unlink()
    assert "TensorBundle" in repository("diff")


def test_a_merge_conflict(repository: Repository) -> None:
    repository.write("model.pb", BEFORE)
    repository.commit()
    repository("branch", "other")
    repository.write("model.pb", AFTER)
    repository.commit()
    repository("checkout", "--quiet", "other")
    repository.write("model.pb", AFTER.replace("ArgMax", "ArgMin"))
    repository.commit()
    subprocess.run(["git", "merge", "master"], cwd=repository.folder, capture_output=True)
    subprocess.run(["git", "merge", "main"], cwd=repository.folder, capture_output=True)
    text = repository("diff")
    assert text.startswith("diff --cc model.pb\n")
    assert "\x12" not in text


def test_colour_is_as_git_has_it(repository: Repository, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NO_COLOR")
    repository.write("model.pb", BEFORE)
    repository.commit()
    repository.write("model.pb", AFTER)
    assert "\x1b[" not in repository("diff")
    monkeypatch.setenv("GIT_PAGER_IN_USE", "true")  # as git says to those it runs
    assert "\x1b[" in repository("diff")
    repository("config", "color.ui", "false")
    assert "\x1b[" not in repository("diff")


# --- setting up ---------------------------------------------------------------------------------


def test_setting_up_twice_and_removing(
    repository: Repository, capsys: pytest.CaptureFixture[str]
) -> None:
    path = repository.folder / ".git" / "info" / "attributes"
    once = path.read_text()
    path.write_text(f"*.x binary\n{once}*.y text")
    assert cli.main(["git-setup"]) == 0
    assert path.read_text() == f"*.x binary\n*.y text\n{once}"
    assert repository("status", "--porcelain") == ""
    assert cli.main(["git-setup", "--remove"]) == 0
    assert path.read_text() == "*.x binary\n*.y text\n"
    assert "pbtool" not in (repository.folder / ".git" / "config").read_text()
    capsys.readouterr()
    assert cli.main(["git-setup", "--remove"]) == 0
    assert capsys.readouterr().out == "there was nothing to remove in this repository\n"


def test_removing_leaves_no_empty_file(repository: Repository) -> None:
    assert cli.main(["git-setup", "--remove"]) == 0
    assert not (repository.folder / ".git" / "info" / "attributes").exists()


def test_for_all_repositories(repository: Repository, tmp_path: Path) -> None:
    assert cli.main(["git-setup", "--remove"]) == 0
    assert cli.main(["git-setup", "--global"]) == 0
    assert (tmp_path / "home" / ".config" / "git" / "attributes").exists()
    repository.write("model.pb", BEFORE)
    repository.commit()
    assert "+z: ArgMax" in repository("show")
    assert cli.main(["git-setup", "--global", "--remove"]) == 0
    assert "z: ArgMax" not in repository("show")


def test_what_is_printed_works_when_written(
    repository: Repository, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(["git-setup", "--remove"]) == 0
    capsys.readouterr()
    assert cli.main(["git-setup", "--print"]) == 0
    config, _, attributes = capsys.readouterr().out.partition("\n\n")
    with (repository.folder / ".git" / "config").open("a") as file:
        file.write(config)
    for name, value in git.settings().items():
        assert repository("config", f"diff.pbtool.{name}") == f"{value}\n"
    (repository.folder / ".gitattributes").write_text(attributes)
    repository.write("model.pb", BEFORE)
    repository.commit()
    assert "+z: ArgMax" in repository("show", "--", "model.pb")


def test_outside_of_a_repository(
    repository: Repository,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    assert cli.main(["git-setup"]) == 2
    assert "this folder is in no git repository" in capsys.readouterr().err


def test_without_git(
    repository: Repository, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PATH", "")
    assert cli.main(["git-setup"]) == 2
    assert "git does not run" in capsys.readouterr().err


def test_wrong_arguments(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["git-diff", "a", "b"]) == 2
    assert "7 or 9 arguments, not 2" in capsys.readouterr().err


def test_text_files_too(repository: Repository) -> None:
    texts = [text_format.MessageToString(nodes(lines)).encode() for lines in (BEFORE, AFTER)]
    repository.write_bytes("model.pbtxt", texts[0])
    repository.commit()
    repository.write_bytes("model.pbtxt", texts[1])
    assert "+     input 0 = x" in repository("diff")
