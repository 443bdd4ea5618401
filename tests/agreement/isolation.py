"""Work on ops in processes of their own: there are nodes on which TensorFlow ends its process."""

from __future__ import annotations

import os
import traceback
import warnings
from collections.abc import Callable, Iterator, Sequence
from multiprocessing import get_context
from multiprocessing.connection import Connection, wait
from typing import Any, Generic, NamedTuple, TypeVar

Result = TypeVar("Result")

MayAsk = Callable[[str], bool]  # whether TensorFlow survives a case; to be called before each
Work = Callable[[str, MayAsk], Result]  # on an op

CHUNK = 20  # ops for a process; to fork one takes as long as a hundred cases
MAX_ENDS = 12  # cases of one op that end the process, before the op is given up

_FORK = get_context("fork")  # tensorflow is imported once for all


class Done(NamedTuple, Generic[Result]):
    """What came of the work on one op: a result, or None where the op was given up."""

    op: str
    result: Result | None
    ends: tuple[str, ...]  # cases that end TensorFlow's process


def isolated(work: Work[Result], ops: Sequence[str], processes: int) -> Iterator[Done[Result]]:
    """Yield the result for each op, as soon as it is there.

    Work that ends the process begins again, and may then not ask for that case.
    """
    waiting = [list(ops[start : start + CHUNK]) for start in range(0, len(ops), CHUNK)][::-1]
    ends: dict[str, tuple[str, ...]] = dict.fromkeys(ops, ())
    running: dict[Any, _Child] = {}
    while waiting or running:
        while waiting and len(running) < processes:
            child = _Child(work, waiting.pop(), ends)
            running[child.results] = child
        for connection in wait(list(running)):
            child = running[connection]
            try:
                result = child.results.recv()
            except EOFError:
                del running[connection]
                if child.ops:
                    op = child.ops[0]
                    ends[op] = (*ends[op], child.last_case())
                    if len(ends[op]) > MAX_ENDS:
                        yield Done(child.ops.pop(0), None, ends[op])
                    waiting.append(child.ops)
            else:
                if isinstance(result, Exception):  # a mistake of ours
                    raise result
                op = child.ops.pop(0)
                yield Done(op, result, ends[op])


class _Child:
    """A process at work; ``ops`` are those of which no result has been received."""

    def __init__(self, work: Work[Any], ops: list[str], ends: dict[str, tuple[str, ...]]) -> None:
        self.ops = list(ops)
        self._last = _FORK.RawArray("c", 4000)
        self.results, there = _FORK.Pipe(duplex=False)
        arguments = (work, there, self._last, ops, ends)
        with warnings.catch_warnings():  # of forking while tensorflow's threads are asleep
            warnings.simplefilter("ignore", DeprecationWarning)
            self._process = _FORK.Process(target=_work, args=arguments, daemon=True)
            self._process.start()
        there.close()

    def last_case(self) -> str:
        """The case that the process had before it when it ended."""
        self._process.join()
        line: bytes = self._last.value
        return line.decode(errors="replace")


def _work(
    work: Work[Any], there: Connection, last: Any, ops: list[str], ends: dict[str, tuple[str, ...]]
) -> None:
    os.dup2(os.open(os.devnull, os.O_WRONLY), 2)  # TensorFlow's last words are long

    for op in ops:

        def may_ask(line: str, op: str = op) -> bool:
            last.value = line.encode()[:3999]
            return line not in ends[op]

        try:
            result = work(op, may_ask)
        except Exception:  # noqa: BLE001 - it is raised again where it can be seen
            result = RuntimeError(f"{last.value.decode()}\n{traceback.format_exc()}")
        there.send(result)
