"""Libraries that bring ops of their own, told by the names of the ops."""

from __future__ import annotations

import re
from typing import NamedTuple


class Library(NamedTuple):
    """A library: its name, what to do to have its ops, and a pattern of their names."""

    name: str
    remedy: str
    pattern: str


_LIBRARIES = (
    Library("TensorFlow Decision Forests", "import tensorflow_decision_forests", r"SimpleML.*"),
    Library("NVIDIA's TensorRT", "use a TensorFlow built with TensorRT", r".*TRT.*"),
    Library("the nGraph bridge", "import ngraph_bridge", r"NGraph.*"),
    Library("Horovod", "import horovod.tensorflow", r"Horovod.*"),
    Library("OpenVINO", "import openvino_tensorflow", r"OpenVINO.*|_?Ovtf.*"),
    Library("AWS Neuron", "import tensorflow_neuron", r"NeuronOp|Neuron.*"),
    Library("SentencePiece", "import tf_sentencepiece or tensorflow_text", r"Sentencepiece.*"),
    Library(
        "TensorFlow Text",
        "import tensorflow_text",
        r"(Fast)?(Bert|Wordpiece|Wordpiece)\w*|Sentencepiece\w*|CaseFoldUTF8|NormalizeUTF8\w*"
        r"|WhitespaceTokenize\w*|UnicodeScriptTokenize\w*|RegexSplit\w*|ConstrainedSequence"
        r"|MaxSpanningTree|SentenceFragments\w*|SplitMergeTokenize\w*|SplitMergeFromLogits\w*"
        r"|TFText>.*|Hub\w*Tokenize\w*|Mst\w*|RougeL|TokenizerFromLogits",
    ),
    Library("TensorFlow Addons", "import tensorflow_addons", r"Addons>.*"),
    Library(
        "TensorFlow I/O", "import tensorflow_io", r"IO>.*|Kafka\w*|Avro\w*|Parquet\w*|Arrow\w*"
    ),
    Library(
        "TensorFlow Transform's Struct2Tensor",
        "import struct2tensor",
        r"DecodeProtoSparse\w*|EquiJoin\w*|RunLengthBefore",
    ),
    Library(
        "TensorFlow Recommenders Addons",
        "import tensorflow_recommenders_addons",
        r"TFRA>.*|Recommenders>.*",
    ),
    Library("TensorFlow Graphics", "import tensorflow_graphics", r"RasterizeTriangles"),
    Library("Keras CV", "import keras_cv", r"KerasCV>.*"),
    Library("TensorFlow Quantum", "import tensorflow_quantum", r"Tfq\w*"),
    Library("DALI", "import nvidia.dali.plugin.tf", r"Dali\w*"),
    Library("Magenta's or another library's custom op", "import that library", r"\w+>.+"),
    Library(
        "TensorFlow Lite",
        "this graph is for the TFLite converter: convert it",
        r"TFLite_\w+|LSTMCell_\w*",
    ),
    Library("Caffe or OpenCV's importer", "it is no TensorFlow op", r"Pack_\w+|DetectionOutput"),
)
_PATTERNS = [(re.compile(library.pattern), library) for library in _LIBRARIES]


def library_of(op: str) -> Library | None:
    """The library that an op of this name comes from, as far as names tell."""
    return next((library for pattern, library in _PATTERNS if pattern.fullmatch(op)), None)
