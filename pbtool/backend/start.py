"""Starting TensorFlow, and telling what it refuses in one sentence."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from pbtool.errors import MissingBackendError, PbtoolError

_NODE = re.compile(r"\{\{(?:function_)?node ([^}]*)\}\}")
_SET_VALUES = "name the checkpoint with --checkpoint, or nodes that set values with --initializers"
_REMEDIES = {  # by words of TensorFlow's
    "uninitialized value": _SET_VALUES,
    "Could not find variable": _SET_VALUES,
    "Table not initialized": _SET_VALUES,
    "check error log": "--verbose shows what it logs",
}
_PREAMBLES = ("Graph execution error", "Detected at node", "Node: ", "File ")
_LONG = 400  # characters of a sentence of TensorFlow's


class ExecutionError(PbtoolError):
    """What TensorFlow refuses to import or to execute."""


# Whether TensorFlow's logs are shown, which go to the standard error of the whole process.
_SHOWN: ContextVar[bool] = ContextVar("logs_shown", default=False)


def start(*, verbose: bool | None = None) -> Any:
    """The module tensorflow, imported.

    ``verbose`` says from now on whether its logs, and what Print ops write, are shown; until then
    they are not. Raises MissingBackendError where it is not installed, or cannot be imported.
    """
    if verbose is not None:
        _SHOWN.set(verbose)
    loaded = sys.modules.get("tensorflow")
    if loaded is not None and verbose is None:
        return loaded
    os.environ["TF_CPP_MIN_LOG_LEVEL"] = "0" if _SHOWN.get() else "3"
    try:
        with _logs():
            import tensorflow as tf
    except ImportError as error:
        if error.name == "tensorflow":
            raise MissingBackendError(
                "this verb executes graphs, for which it needs TensorFlow",
                remedy="install it with: pip install 'pbtool[tf]'",
            ) from None
        raise MissingBackendError(
            f"TensorFlow is installed but cannot be imported: {first_line(str(error))}",
            remedy="install it again with: pip install 'pbtool[tf]'",
        ) from None
    tf.get_logger().setLevel("INFO" if _SHOWN.get() else "ERROR")
    return tf


@contextmanager
def _logs() -> Iterator[None]:
    """Let what is written to the process's standard error within the block vanish, unless shown.

    TensorFlow's libraries write there before they know what is to be logged.
    """
    if _SHOWN.get() or sys.stderr is None:  # None: closed before the process began
        yield
        return
    sys.stderr.flush()
    kept = os.dup(2)
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 2)
    try:
        yield
    finally:
        sys.stderr.flush()
        os.dup2(kept, 2)
        os.close(kept)
        os.close(nowhere)


@contextmanager
def refusals(doing: str, *more: type[Exception]) -> Iterator[None]:
    """Turn what TensorFlow raises within the block into an ExecutionError; ``more``, too."""
    tensorflow = start()
    kinds = (tensorflow.errors.OpError, ValueError, TypeError, KeyError, RuntimeError, *more)
    try:
        with _logs():
            yield
    except PbtoolError:
        raise
    except kinds as error:
        message = getattr(error, "message", None) or str(error)
        remedy = next((each for words, each in _REMEDIES.items() if words in message), "")
        sentence = f"TensorFlow cannot {doing}: {first_line(message)}"
        raise ExecutionError(sentence, remedy=remedy) from error


def first_line(message: str) -> str:
    """The sentence in a message of TensorFlow's, without what it says about itself."""
    lines = [line.strip() for line in message.strip().splitlines()]
    texts = [line for line in lines if line and not line.startswith(_PREAMBLES)]
    line = next(iter(texts), "it does not say why")
    line = _NODE.sub(lambda match: match[1], line).replace("in binary running on", "on")
    line = line.partition(". Note that if you are loading")[0]
    line = line.partition(". Make sure the Op and Kernel")[0].rstrip(". ")
    return line if len(line) <= _LONG else line[:_LONG] + "…"
