"""A tensor of a checkpoint as a block of text for people."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from pbtool.view.saved_tensor import NOT_READ, NOT_STORED

if TYPE_CHECKING:
    from pbtool.render.blocks import BlockLayout
    from pbtool.view.saved_tensor import SavedTensor


def block(view: SavedTensor, layout: BlockLayout, *, values: bool = False) -> Iterator[str]:
    """The lines of the tensor, with line ends; ``values`` shows every one of them."""
    yield from layout.title((view.name, "name"))
    for line in lines(view, layout.room, values=values):
        yield f"  {line}".rstrip() + "\n"


def lines(view: SavedTensor, width: int | None, *, values: bool = False) -> Iterator[str]:
    """The lines below the name, without line ends."""
    from pbtool.render import tensor  # loads numpy

    about = tensor.lines(view.tensor, width, every=values)
    yield next(about)
    yield _place(view)
    yield from about


def _place(view: SavedTensor) -> str:
    """Where the tensor lies, and how its checksum is."""
    shards = " and ".join(map(str, view.shards))
    plural = "s" if len(view.shards) > 1 else ""
    parts = f"{view.parts} parts in " if view.parts > 1 else ""
    checksum = {NOT_READ: "", NOT_STORED: ", no checksum stored"}.get(
        view.checksum, ", checksum ok"
    )
    return f"{parts}shard{plural} {shards} of {view.num_shards}{checksum}"
