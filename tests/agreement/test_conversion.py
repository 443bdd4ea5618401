"""Text as TensorFlow's own classes print it, and read it."""

from __future__ import annotations

import pytest

pytest.importorskip("tensorflow")

import tensorflow as tf
from google.protobuf import json_format, text_format
from tensorflow.core.framework.op_def_pb2 import OpList
from tensorflow.core.protobuf.saved_model_pb2 import SavedModel

from pbtool.conversion import document, encode
from pbtool.errors import UsageError
from pbtool.parsing import parse
from pbtool.recognize import BINARY, JSON, TEXT
from pbtool.source import MemorySource, open_source
from tests.agreement.models import MODELS, built
from tests.corpus import FOLDER, needs_corpus
from tests.test_corpus import manifest

CLASSES = {
    "GraphDef": tf.compat.v1.GraphDef,
    "MetaGraphDef": tf.compat.v1.MetaGraphDef,
    "SavedModel": SavedModel,
    "OpList": OpList,
}
# Text is read at a megabyte a second: of bigger files only what is written is compared.
BIG, SMALL = 1_000_000, 30_000  # bytes

FILES = [
    row["path"]
    for row in manifest()
    if row["kind"].removesuffix("-text") in CLASSES and int(row["bytes"]) < BIG
]


def agree(data: bytes, kind: str, *, both_ways: bool) -> None:
    theirs = CLASSES[kind].FromString(data)
    ours = parse(MemorySource(data), kind, BINARY)
    text = encode(ours, TEXT)
    assert text.decode() == text_format.MessageToString(theirs)
    try:
        json_format.MessageToDict(theirs)
    except TypeError:  # a message of others, as TensorFlow Serving's, in an Any
        with pytest.raises(UsageError, match="JSON cannot hold"):
            encode(ours, JSON)
        return
    if both_ways:
        json = encode(ours, JSON)
        assert text_format.Parse(text.decode(), CLASSES[kind]()) == theirs
        assert json_format.Parse(json, CLASSES[kind]()) == theirs
        assert parse(MemorySource(text), kind, TEXT) == ours
        assert parse(MemorySource(json), kind, JSON) == ours


@pytest.mark.parametrize("model", ["while_loop", "lstm", "tables"])
def test_graphs_that_tensorflow_builds(model: str) -> None:
    assert model in MODELS
    agree(built(model).graph_def.SerializeToString(), "GraphDef", both_ways=True)


@needs_corpus
@pytest.mark.parametrize("file", FILES)
def test_real_files(file: str) -> None:
    source = open_source(str(FOLDER / file))
    given = document(source)
    message = parse(source, given.kind, given.encoding)
    data = encode(message, BINARY)
    agree(data, given.kind, both_ways=len(data) < SMALL)
