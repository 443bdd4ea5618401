"""TensorFlow, behind a small interface: the only package that imports tensorflow.

``start`` imports it, ``runtime`` executes graphs, ``constants`` is what a freeze needs of
TensorFlow, ``keras`` turns Keras files into SavedModels. ``freezing`` and ``verification`` build on
them and know pbtool's graphs alone. Graphs cross as serialized
GraphDefs and tensors as numpy arrays; what TensorFlow refuses is an ``ExecutionError``. The import
takes seconds: verbs import this package when they run, and nothing else does.
"""

from __future__ import annotations
