"""Shape rules for the ops of encode_proto_ops.cc and decode_proto_ops.cc."""

from __future__ import annotations
