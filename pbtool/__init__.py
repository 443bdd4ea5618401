"""pbtool opens TensorFlow model files without TensorFlow.

    import pbtool

    model = pbtool.load("model.pb")
    for node in model.graph:
        print(node.name, node.op)

``load`` gives a ``Model``: its ``graph`` (nodes, edges, functions, tensors as numpy), its
``meta_graphs`` and its ``checkpoint``. ``Inference`` knows the type and shape of every tensor.
What cannot be done raises ``PbtoolError``.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pbtool.checks import Finding, check
    from pbtool.differences import Diff, diff
    from pbtool.errors import PbtoolError
    from pbtool.facts import Fact
    from pbtool.files import load, load_bytes
    from pbtool.graph import Function, Graph
    from pbtool.infer import Inference
    from pbtool.model import MetaGraph, Model
    from pbtool.pruning import prune
    from pbtool.shapes import Shape
    from pbtool.writing import save

__version__ = "0.1.0"

__all__ = [
    "Diff",
    "Fact",
    "Finding",
    "Function",
    "Graph",
    "Inference",
    "MetaGraph",
    "Model",
    "PbtoolError",
    "Shape",
    "check",
    "diff",
    "load",
    "load_bytes",
    "prune",
    "save",
]

# Imported when first used: a command needs few of them, and start-up counts.
_HOMES = {
    "Diff": "differences",
    "Fact": "facts",
    "Finding": "checks",
    "Function": "graph",
    "Graph": "graph",
    "Inference": "infer",
    "MetaGraph": "model",
    "Model": "model",
    "PbtoolError": "errors",
    "Shape": "shapes",
    "check": "checks",
    "diff": "differences",
    "load": "files",
    "load_bytes": "files",
    "prune": "pruning",
    "save": "writing",
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'pbtool' has no attribute {name!r}")
    value = getattr(import_module(f"pbtool.{_HOMES[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted([*globals(), *__all__])
