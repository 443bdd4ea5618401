"""How verbs open the model that a command line names, and choose the graph in it."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from pbtool import files
from pbtool.errors import PbtoolError, UsageError
from pbtool.source import Source, open_source, source_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from pbtool.console import Console
    from pbtool.graph import Graph
    from pbtool.model import Model
    from pbtool.schema import NodeDef


def open_pair(a: str, b: str, console: Console) -> tuple[Model, Model]:
    """The models at two paths; where both files hold the same bytes, only one is parsed.

    Raises FileError as ``open_model`` does.
    """
    model = open_model(a, console)
    return model, files.twin(model, b) or open_model(b, console)


def open_bytes(path: str, console: Console) -> Source:
    """The bytes of the file at ``path``, or those of standard input where that is ``-``."""
    return source_of(console.stdin, "<stdin>") if path == "-" else open_source(path)


def open_model(path: str, console: Console, *, values: bool = True) -> Model:
    """The model at ``path``, or on standard input where that is ``-``.

    Warns of a checkpoint whose shards are missing, unless ``values`` says that nobody wants them.
    Raises FileError as ``files.load`` does.
    """
    model = files.load_source(open_bytes(path, console)) if path == "-" else files.load(path)
    if values and model.is_checkpoint and model.checkpoint and model.checkpoint.missing_shards:
        missing = ", ".join(model.checkpoint.missing_shards)
        console.warn(
            f"{path}: the values cannot be read, because these files are missing: {missing}"
        )
    return model


@contextmanager
def going_on(path: str, console: Console, failed: list[str]) -> Iterator[None]:
    """Tell of what is wrong with the model at ``path`` and end the block, so that others follow.

    ``failed`` has the path afterwards. A UsageError is one for all models, and is raised.
    """
    try:
        yield
    except UsageError:
        raise
    except PbtoolError as error:
        failed.append(path)
        console.error(str(error))


def warn_of_missing_nodes(dangling: Sequence[tuple[NodeDef, str]], console: Console) -> None:
    """Warn of inputs that name no node, given with the nodes that have them."""
    if dangling:
        node, text = dangling[0]
        console.warn(
            f"inputs that name no node: {len(dangling):,}, the first is {text!r} of node "
            f"{node.name!r}; the file may have been cut between two nodes"
        )


def choose_graph(model: Model, tags: str | None, console: Console) -> Graph:
    """The graph that ``--tags`` chooses, or the model's own.

    Warns where a choice was made that the user may not know of. Raises NotFoundError for tags that
    no meta graph has, and for a model without a graph.
    """
    if tags is not None:
        return model.meta_graph(tags).graph
    if len(model.meta_graphs) > 1:
        chosen = ",".join(model.meta_graph().tags)
        every = "; ".join(",".join(each.tags) for each in model.meta_graphs)
        console.warn(
            f"{model.path}: there are {len(model.meta_graphs)} meta graphs, tagged {every}; "
            f"this is {chosen}, --tags chooses another"
        )
    return model.graph
