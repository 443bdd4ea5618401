"""The declaration of an op as a block of text for people."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from pbtool.render import declaration

if TYPE_CHECKING:
    from pbtool.render.blocks import BlockLayout
    from pbtool.view.declaration import Declaration


def block(declared: Declaration, layout: BlockLayout) -> Iterator[str]:
    """The lines of the declaration and its documentation, with line ends."""
    first, *attrs = declaration.lines(declared, layout.width)
    yield f"{layout.style(first, 'name')}\n"
    yield from (f"{line}\n" for line in attrs)
    yield from layout.section(
        "documentation", declaration.documentation(declared.op_def, layout.room)
    )
