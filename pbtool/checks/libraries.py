"""Libraries that bring ops of their own, told by the names of the ops.

The names are those that the libraries register: in their source (``REGISTER_OP`` in the
repositories tensorflow/decision-forests, tensorflow/ngraph-bridge,
openvinotoolkit/openvino_tensorflow, horovod/horovod, aws-neuron/aws-neuron-tensorflow,
tensorflow/addons, tensorflow/io, tensorflow/recommenders-addons, tensorflow/quantum, NVIDIA/DALI),
and, of tensorflow_text 2.21.1 and struct2tensor 0.48.1, in the shared objects of their wheels.
"""

from __future__ import annotations

from fnmatch import fnmatchcase
from typing import NamedTuple


class Library(NamedTuple):
    """A library: its name, what to do to have its ops, and their names, * for any characters."""

    name: str
    remedy: str
    ops: str


_LIBRARIES = (
    Library("TensorFlow Decision Forests", "import tensorflow_decision_forests", "SimpleML*"),
    Library(
        "TensorFlow Text",
        "import tensorflow_text",
        """
        TFText>* CaseFoldUTF8 ConstrainedSequence FastBertNormalize FastWordpieceTokenizeWithOffsets
        FindSourceOffsets MaxSpanningTree NormalizeUTF8* PhraseTokenize RegexSplitWithOffsets RougeL
        SentenceFragments* Sentencepiece*Op SplitMergeTokenizeWithOffsets TokenizerFromLogits
        UnicodeScriptTokenizeWithOffsets WhitespaceTokenizeWithOffsets WordpieceTokenizeWithOffsets
        """,
    ),
    Library(
        "TFX's struct2tensor",
        "import struct2tensor",
        "DecodeProtoMap* DecodeProtoSparseV? EquiJoin*Indices ParquetDataset RunLengthBefore",
    ),
    Library(
        "NVIDIA's TensorRT",
        "use a TensorFlow built with TensorRT",
        "TRT*Op *TRTResource* GetCalibrationDataOp",
    ),
    Library("the nGraph bridge", "import ngraph_bridge", "NGraph*"),
    Library("OpenVINO or the nGraph bridge", "import openvino_tensorflow", "_nGraphEncapsulate"),
    Library("Horovod", "import horovod.tensorflow", "Horovod*"),
    Library("AWS Neuron", "import tensorflow_neuron", "NeuronOp"),
    Library("TensorFlow Addons", "import tensorflow_addons", "Addons>*"),
    Library("TensorFlow I/O", "import tensorflow_io", "IO>*"),
    Library("TensorFlow Recommenders Addons", "import tensorflow_recommenders_addons", "TFRA>*"),
    Library("TensorFlow Quantum", "import tensorflow_quantum", "Tfq*"),
    Library("NVIDIA's DALI", "import nvidia.dali.plugin.tf", "Dali DaliDataset DALIDataset"),
    Library(
        "a graph for TensorFlow Lite",
        "convert it: only that knows it",
        "TFLite_Detection_PostProcess",
    ),
)
_PATTERNS = [(pattern, library) for library in _LIBRARIES for pattern in library.ops.split()]


def library_of(op: str) -> Library | None:
    """The library that an op of this name comes from, as far as names tell."""
    found = (library for pattern, library in _PATTERNS if fnmatchcase(op, pattern))
    return next(found, None)
