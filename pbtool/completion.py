"""What a shell may complete pbtool's command line with.

The scripts that ``pbtool completion`` prints know nothing about pbtool: at every Tab they hand the
line to ``pbtool __complete SHELL WORDS``, which answers one candidate a line. Whatever goes wrong
here, a damaged model or half an option, gives no candidates and no noise.
"""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING, NamedTuple

from pbtool import verbs
from pbtool.options import tell_apart

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterable, Sequence

    from pbtool.body import Body
    from pbtool.options import Given

FILES = ":files"  # answered when the shell itself knows best: it completes paths
_SCOPE_ENDS = ("/", "::")  # where a node's name is cut to offer its scope first
_PLAIN = frozenset("+,-./:=@_%^")  # what a shell takes literally, beside letters and digits


class Candidate(NamedTuple):
    """A word to complete with, and a help for shells that show one."""

    word: str
    help: str = ""


def answer(arguments: Sequence[str]) -> str:
    """The candidates, a line each; ``arguments`` are the shell's name and what it knows: bash
    gives the line up to the cursor, the others its words, of which the last is being typed.
    """
    try:
        shell, *words = arguments
        if shell == "bash":
            return _answer_bash(words[0])
        if shell == "fish":  # its word being typed comes with quotes
            words[-1] = _split_line(words[-1])[0][-1]
        lines = ["\t".join(filter(None, candidate)) for candidate in complete(words)]
    except Exception:  # noqa: BLE001 (a Tab must not disturb the line that is being typed)
        return ""
    return "".join(f"{line}\n" for line in lines if line.replace("\t", " ").isprintable())


def complete(words: Sequence[str]) -> list[Candidate]:
    """The candidates for the last of ``words``, which come after ``pbtool``."""
    *before, current = words
    at = verbs.place_of_verb(before)
    if at < len(before):
        verb = verbs.find(before[at])
        if verb is None:
            return []
        parser = verbs.parser(verb, verbs.load(verb))
        given = tell_apart(parser, [*before[:at], *before[at + 1 :]])
    else:
        parser = verbs.general_parser()
        given = tell_apart(parser, before)
        if given.pending is None and not current.startswith("-"):
            return _beginning(current, [Candidate(verb.name, verb.help) for verb in verbs.VERBS])
    if current.startswith("-") and given.pending is None and not given.only_positionals:
        name, equals, value = current.partition("=")
        if not equals:
            return _beginning(current, _option_names(parser))
        action = next((a for a in parser._actions if name in a.option_strings), None)
        found = _values(parser, given, action, value)
        return [Candidate(c.word if c.word == FILES else f"{name}={c.word}", c.help) for c in found]
    return _values(parser, given, given.pending or _next_positional(parser, given), current)


def _option_names(parser: argparse.ArgumentParser) -> list[Candidate]:
    return [
        Candidate(action.option_strings[-1], action.help or "")
        for action in parser._actions
        if action.option_strings
    ]


def _next_positional(parser: argparse.ArgumentParser, given: Given) -> argparse.Action | None:
    """The argument that the next positional word would belong to."""
    positionals = [action for action in parser._actions if not action.option_strings]
    for action in positionals[len(given.positionals) :]:
        return action
    return positionals[-1] if positionals and positionals[-1].nargs in ("+", "*") else None


def _values(
    parser: argparse.ArgumentParser, given: Given, action: argparse.Action | None, typed: str
) -> list[Candidate]:
    """The candidates for a value of ``action`` of which ``typed`` is there already."""
    if action is None:
        return []
    if action.choices is not None:
        return _beginning(typed, [Candidate(str(choice)) for choice in action.choices])
    what = getattr(action, "completes", "")
    if what in ("file", "model"):
        return [Candidate(FILES)]
    if not isinstance(what, str):
        done = typed[: typed.rfind(",") + 1]
        return _beginning(typed, [Candidate(done + word) for word in what])
    path = _model_path(parser, given)
    if path is None or what not in _NAMES:
        return []
    negation = "!" if typed.startswith("!") else ""  # a glob may begin with it, a name does not
    names = scoped(_NAMES[what](path), typed.removeprefix(negation))
    return [Candidate(negation + name) for name in names]


def _model_path(parser: argparse.ArgumentParser, given: Given) -> str | None:
    """The path of the first model that is on the line already; standard input is not read."""
    positionals = [action for action in parser._actions if not action.option_strings]
    for action, word in zip(positionals, given.positionals, strict=False):
        if getattr(action, "completes", "") == "model" and word != "-":
            return os.path.expanduser(os.path.expandvars(word))  # noqa: PTH111 (start-up)
    return None


def scoped(names: Iterable[str], typed: str) -> list[str]:
    """The names that begin with ``typed``, those in deeper scopes as their scope, as a shell
    completes paths folder by folder; while only one scope is left, what is in it.

    >>> scoped(["conv/kernel", "conv/bias", "add"], "")
    ['conv/', 'add']
    """
    matching = [name for name in names if name.startswith(typed)]
    while True:
        shown = list(dict.fromkeys(_to_next_scope(name, len(typed)) for name in matching))
        if len(shown) != 1 or shown == [typed] or not shown[0].endswith(_SCOPE_ENDS):
            return shown
        typed = shown[0]


def _to_next_scope(name: str, start: int) -> str:
    """``name`` up to and with the first end of a scope after ``start``."""
    ends = [name.find(end, start) + len(end) for end in _SCOPE_ENDS if end in name[start:]]
    return name[: min(ends, default=len(name))]


def _beginning(start: str, candidates: Iterable[Candidate]) -> list[Candidate]:
    return [candidate for candidate in candidates if candidate.word.startswith(start)]


# --- names in a model -------------------------------------------------------------------------


def _bodies(path: str) -> Iterable[Body]:
    from pbtool.files import load

    return load(path).graph.bodies


def _node_names(path: str) -> Iterable[str]:
    from pbtool.files import load
    from pbtool.selection import Place

    model = load(path)
    if model.is_checkpoint:
        return model.checkpoint.entries if model.checkpoint else ()
    return (Place(body, node).name for body in model.graph.bodies for node in body)


def _op_names(path: str) -> Iterable[str]:
    return sorted({node.op for body in _bodies(path) for node in body})


def _function_names(path: str) -> Iterable[str]:
    return [body.name for body in _bodies(path) if body.name is not None]


_NAMES = {"node": _node_names, "op": _op_names, "function": _function_names}


# --- bash -------------------------------------------------------------------------------------
# bash tells its words apart at = and : too, which node names and --option=value contain. So it
# hands over the line as it is, and wants candidates without what stands before its own word.


def _answer_bash(line: str) -> str:
    words, quote = _split_line(line)
    found = [candidate.word for candidate in complete(words[1:])]
    typed = words[-1]
    cut = 0 if quote else max(typed.rfind("="), typed.rfind(":")) + 1
    shown = (word if word == FILES else _quoted(word[cut:], quote) for word in found)
    return "".join(f"{word}\n" for word in shown if word.isprintable())


_PIECE = re.compile(
    r"""(?P<space>\s+) | \\(?P<escaped>.?) | '(?P<single>[^']*)(?P<single_end>'?)
    | "(?P<double>(?:[^"\\]|\\.)*)(?P<double_end>"?) | (?P<plain>[^\s\\'"]+)""",
    re.VERBOSE | re.DOTALL,
)


def _split_line(line: str) -> tuple[list[str], str]:
    """The words of a line of shell without their quotes, and the quote left open at its end.

    The last word is the one being typed, which may be empty.
    """
    words = [""]
    quote = ""
    for piece in _PIECE.finditer(line):
        if piece["space"]:
            words.append("")
            continue
        if piece["double"] is not None:
            words[-1] += re.sub(r'\\(["\\$`])', r"\1", piece["double"])
            quote = "" if piece["double_end"] else '"'
        elif piece["single"] is not None:
            words[-1] += piece["single"]
            quote = "" if piece["single_end"] else "'"
        else:
            words[-1] += piece["escaped"] or piece["plain"] or ""
    return words, quote


def _quoted(word: str, quote: str) -> str:
    """``word`` as it may stand in a line of shell, within an open quote or bare."""
    if quote:
        return word
    return "".join(char if char.isalnum() or char in _PLAIN else f"\\{char}" for char in word)
