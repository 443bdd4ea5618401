"""Checkpoints: what tensors they hold, and the values of one when asked for.

``opening`` finds the files, ``bundle`` and ``v1`` read the two formats that TensorFlow has had,
``shards`` and ``v1`` the values, and ``model`` is what all of them give. ``writing`` writes the
newer one.
"""

from __future__ import annotations

from pbtool.checkpoint.model import Checkpoint, Entry, Piece
from pbtool.checkpoint.opening import is_prefix, open_checkpoint
from pbtool.checkpoint.side_by_side import Window, unlike_windows
from pbtool.checkpoint.slices import Slice

__all__ = [
    "Checkpoint",
    "Entry",
    "Piece",
    "Slice",
    "Window",
    "is_prefix",
    "open_checkpoint",
    "unlike_windows",
]
