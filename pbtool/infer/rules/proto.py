"""Shape rules for the ops of decode_proto_ops.cc and encode_proto_ops.cc."""

from __future__ import annotations

from pbtool.facts import Fact
from pbtool.infer.patterns import patterns
from pbtool.infer.registry import shape_rule
from pbtool.shapes import Shape

patterns("""
    _ ; [S,n,?] -> [S,n]
        EncodeProto
""")


@shape_rule("DecodeProtoV2")
def decode_proto_v2(bytes: Fact, *, output_types: tuple[int, ...]) -> list[Shape]:
    """Of each message: how often each field occurs, and then the values of each field."""
    counts = bytes.shape + Shape([len(output_types)])
    return [counts, *[bytes.shape + Shape([None])] * len(output_types)]
