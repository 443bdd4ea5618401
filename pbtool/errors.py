"""The errors that pbtool raises.

Every error is one sentence about what is wrong, the place where it is wrong, and a remedy where
there is one. Code that finds a fact raises the sentence; code that knows the place adds it.
"""

from __future__ import annotations

COPY_AGAIN = "copy or download it again"  # the remedy for damage


class PbtoolError(Exception):
    """Anything that pbtool refuses to do, or cannot do, with what it was given.

    ``message`` says what is wrong, ``place`` where (a path, a node), ``remedy`` what to try.
    """

    def __init__(self, message: str, *, place: str = "", remedy: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.place = place
        self.remedy = remedy

    def __str__(self) -> str:
        sentence = f"{self.place}: {self.message}" if self.place else self.message
        return f"{sentence}; {self.remedy}" if self.remedy else sentence


class FileError(PbtoolError):
    """A file that cannot be opened, is not a TensorFlow model file, or is damaged."""


class NotFoundError(PbtoolError):
    """A node, tensor, function, meta graph or signature that the model does not have."""


class TensorError(PbtoolError):
    """A tensor whose payload does not fit its dtype and shape."""


class ShapeError(PbtoolError):
    """Shapes or dtypes that cannot fit together."""


class UsageError(PbtoolError):
    """Options that contradict each other, or a request that makes no sense for this model."""


class MissingBackendError(PbtoolError):
    """A verb that executes graphs was asked for where tensorflow is not installed."""
