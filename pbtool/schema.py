"""The message classes of TensorFlow's files.

They live in a descriptor pool of their own: a second ``tensorflow/core/framework/graph.proto`` in
protobuf's default pool would stop tensorflow from being imported beside pbtool. Their full names
are TensorFlow's, so text format and error messages read as usual; a message crosses to
tensorflow's own classes as bytes. ``schema.pyi``, written by ``scripts/compile_protos.py``, tells
type checkers what each message holds.
"""

from __future__ import annotations
