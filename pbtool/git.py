"""pbtool as a diff driver of git: what git has to be told, and where it keeps that.

Git calls the driver's ``command`` for ``git diff``, with seven arguments, and its ``textconv`` for
``git log -p``, ``git show`` and ``git blame``; see gitattributes(5). Lines of attributes say for
which files. Git gives up on a whole command when a driver fails, so both are run in a way that
does not.
"""

from __future__ import annotations

import os
import shlex
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from pbtool.errors import FileError, UsageError
from pbtool.output import atomic_write

if TYPE_CHECKING:
    from collections.abc import Mapping

DRIVER = "pbtool"
PATTERNS = ("*.pb", "*.pbtxt", "*.pb.txt", "*.meta", "*.graphdef", "*.ckpt", "*.index")

LOCAL, GLOBAL = "local", "global"

_BEGIN = "# begin: written by pbtool git-setup"
_END = "# end: written by pbtool git-setup"


def settings() -> Mapping[str, str]:
    """The driver's configuration: the variables of git's section ``diff.pbtool``."""
    program = shlex.join(_program())
    return {
        "command": f"{program} git-diff",
        "textconv": f"{program} textconv --any",
        "xfuncname": "^[^ ].*$",  # above a hunk stands the line that names the node
    }


def attributes() -> str:
    """The lines that make git use the driver."""
    return "".join(f"{pattern} diff={DRIVER}\n" for pattern in PATTERNS)


def config_text() -> str:
    """The configuration as a section of a file of git's."""
    lines = (f'\t{name} = "{_escaped(value)}"\n' for name, value in settings().items())
    return f'[diff "{DRIVER}"]\n{"".join(lines)}'


def _escaped(value: str) -> str:
    return value.replace("\\", "\\\\").replace('"', '\\"')


def _program() -> list[str]:
    """How to run this pbtool from anywhere, whatever the PATH of whoever calls git."""
    script = Path(sys.argv[0]).absolute()
    if script.stem == "pbtool" and os.access(script, os.X_OK) and script.is_file():
        return [script.as_posix()]
    return [Path(sys.executable).as_posix(), "-m", "pbtool"]


# --- setting up ---------------------------------------------------------------------------------


def install(scope: str) -> Path:
    """Make git use the driver, in this repository or, globally, for this user.

    Returns the file of attributes. What an earlier run wrote is replaced. Raises UsageError where
    there is no git, or, for LOCAL, no repository.
    """
    path = attributes_file(scope)
    for name, value in settings().items():
        git("config", f"--{scope}", f"diff.{DRIVER}.{name}", value)
    others = _without_block(_read(path))
    path.parent.mkdir(parents=True, exist_ok=True)
    _write(path, f"{others}{_BEGIN}\n{attributes()}{_END}\n")
    return path


def remove(scope: str) -> bool:
    """Undo ``install``; whether there was anything to undo."""
    path = attributes_file(scope)
    names = git("config", f"--{scope}", "--get-regexp", rf"^diff\.{DRIVER}\.", fails=True)
    if names:
        git("config", f"--{scope}", "--remove-section", f"diff.{DRIVER}")
    text = _read(path)
    others = _without_block(text)
    if others == text:
        return bool(names)
    if others:
        _write(path, others)
    else:
        path.unlink()
    return True


def attributes_file(scope: str) -> Path:
    """The file of attributes that nobody else shares: no commit ever has it."""
    if scope == LOCAL:
        return Path(git("rev-parse", "--git-path", "info/attributes"))
    configured = git("config", "--global", "--type=path", "core.attributesFile", fails=True)
    folder = os.environ.get("XDG_CONFIG_HOME") or Path.home() / ".config"
    return Path(configured or Path(folder) / "git" / "attributes")


def _read(path: Path) -> str:
    return path.read_text(encoding="utf-8", errors="surrogateescape") if path.exists() else ""


def _write(path: Path, text: str) -> None:
    with atomic_write(path) as file:
        file.write(text.encode(errors="surrogateescape"))


def _without_block(text: str) -> str:
    """The text without the lines that ``install`` wrote; with a line end, if it is not empty."""
    kept, inside = [], False
    for line in text.splitlines():
        if line == _BEGIN:
            inside = True
        if not inside:
            kept.append(f"{line}\n")
        if line == _END:
            inside = False
    return "".join(kept)


# --- running git --------------------------------------------------------------------------------


def git(*words: str, fails: bool = False) -> str:
    """What a command of git prints, without the last line end; "" where it ``fails`` and may.

    Raises UsageError where git does not run, and FileError with git's own words where it fails.
    """
    try:
        done = subprocess.run(["git", *words], capture_output=True, text=True, check=False)
    except OSError as error:
        raise UsageError(f"git does not run ({error.strerror})", remedy="install git") from None
    if done.returncode == 0:
        return done.stdout.rstrip("\n")
    if fails:
        return ""
    problem = done.stderr.strip().removeprefix("fatal: ")
    if "not a git repository" in problem:
        raise UsageError(
            "this folder is in no git repository", remedy="go into one, or pass --global"
        )
    raise FileError(f"git {words[0]} failed: {problem}")


def wants_color(*, terminal: bool) -> bool:
    """Whether git shows diffs in colour now: its configuration, and where its output goes."""
    terminal = terminal or os.environ.get("GIT_PAGER_IN_USE") == "true"
    answer = git("config", "--get-colorbool", "color.diff", str(terminal).lower(), fails=True)
    return answer == "true"


def compare_texts(old: str, new: str, *, color: bool) -> list[str]:
    """The hunks that git shows of two text files."""
    when = "always" if color else "never"
    words = ["git", "diff", "--no-index", "--no-ext-diff", "--no-textconv", f"--color={when}"]
    done = subprocess.run([*words, "--", old, new], capture_output=True, check=False)
    lines = done.stdout.decode(errors="backslashreplace").splitlines()
    first = next((at for at, line in enumerate(lines) if "@@" in line), None)
    return [] if first is None else lines[first:]
