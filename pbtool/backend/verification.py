"""Whether two ways to compute the same give the same, on inputs that are made for it."""

from __future__ import annotations

from collections.abc import Sequence
from time import perf_counter
from typing import Any, NamedTuple

from pbtool.backend.freezing import Frozen
from pbtool.backend.preparing import prepare, runtime_of
from pbtool.backend.runtime import Value
from pbtool.backend.start import ExecutionError
from pbtool.errors import PbtoolError
from pbtool.execution.comparison import Difference, compare
from pbtool.execution.program import Program
from pbtool.execution.values import RANDOM, ZEROS, make, sizes

MINUTE = 60  # seconds

_LEAST = 0.001  # seconds: for TensorFlow, none at all is no limit

# What to feed, and the size of unknown dimensions: pictures have to be big, zeros are no index
# that is out of range, and no string is a message that is cut short.
_ATTEMPTS = ((RANDOM, 1), (RANDOM, 64), (ZEROS, 1))


class Verified(NamedTuple):
    """The differences, by output; or ``problem``, why there are none to tell.

    ``inputs`` says what was fed: random values, or zeros where a model refuses those.
    """

    differences: dict[str, Difference]
    inputs: str = ""
    problem: str = ""

    @property
    def is_different(self) -> bool:
        """Whether any output differs at all."""
        return not all(each.is_equal for each in self.differences.values())


def not_verified(reason: str) -> Verified:
    """What stands for a verification that did not take place."""
    return Verified({}, "", reason)


def verify(program: Program, frozen: Frozen, seconds: float) -> Verified:
    """Execute a program and what was frozen of it on the same inputs, each node as it stands.

    ``seconds`` limits all of it; 0 is no limit.
    """
    time = _Time(seconds)
    problem = ""
    for kind, unknown in _ATTEMPTS:
        try:
            made = {port: sizes(port, unknown=unknown) for port in program.inputs}
            feeds = {port.key: make(kind, port, size) for port, size in made.items()}
            before = _source(program, feeds, time)
        except PbtoolError as error:
            problem = problem or str(error)
            if time.is_over:
                break
            continue
        try:
            after = _result(program, frozen, feeds, time)
            verified = Verified(_differences(program, before, after), kind)
            if verified.is_different:
                again = _differences(program, before, _source(program, feeds, time))
                if not all(each.is_equal for each in again.values()):
                    return not_verified("the source itself computes something else each time")
        except ExecutionError as error:
            problem = f"of the result: {error}"
            break
        return verified
    return not_verified(f"it takes more than {seconds:g} seconds" if time.is_over else problem)


class _Time:
    """What is left of a limit in seconds; 0 is no limit."""

    def __init__(self, seconds: float) -> None:
        self._end = perf_counter() + seconds if seconds else 0

    @property
    def left(self) -> float:
        """The seconds that are left, some in any case; 0 without a limit."""
        return max(self._end - perf_counter(), _LEAST) if self._end else 0

    @property
    def is_over(self) -> bool:
        """Whether nothing is left."""
        return bool(self._end) and perf_counter() >= self._end


def _differences(
    program: Program, before: Sequence[Value], after: Sequence[Value]
) -> dict[str, Difference]:
    keys = (port.key for port in program.outputs if not port.tensor.startswith("^"))
    pairs = zip(keys, before, after, strict=True)
    return {key: compare(new.array, old.array) for key, old, new in pairs}


def _source(program: Program, feeds: dict[str, Any], time: _Time) -> list[Value]:
    with prepare(program, plain=True) as runtime:
        return runtime.run(
            [port.tensor for port in program.outputs],
            {port.tensor: feeds[port.key] for port in program.inputs},
            seconds=time.left,
        )


def _result(program: Program, frozen: Frozen, feeds: dict[str, Any], time: _Time) -> list[Value]:
    kept = [name for name in frozen.variables if name in program.graph]
    values = {}
    if kept:
        with prepare(program, variables=kept) as runtime:
            values = dict(zip(kept, runtime.variables(kept), strict=True))
    with runtime_of(frozen.graph, plain=True) as runtime:
        runtime.fill({name: name for name in kept}, lambda name: values[name].array)
        if frozen.initializer:
            runtime.run_nodes([frozen.initializer], {})
        return runtime.run(
            [port.tensor for port in frozen.outputs],
            {port.tensor: feeds[port.key] for port in frozen.inputs},
            seconds=time.left,
        )
