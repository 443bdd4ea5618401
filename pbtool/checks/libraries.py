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
    Library("TensorFlow Decision Forests", "import tensorflow_decision_forests", r"SimpleML\w*"),
    Library("NVIDIA's TensorRT", "use a TensorFlow built with TensorRT", r"\w*TRT\w*"),
    Library("the nGraph bridge", "import ngraph_bridge", r"NGraph\w*"),
    Library("Horovod", "import horovod.tensorflow", r"Horovod\w*"),
    Library("OpenVINO", "import openvino_tensorflow", r"OpenVINO\w*|_?Ovtf\w*"),
    Library("AWS Neuron", "import tensorflow_neuron", r"Neuron\w*"),
    Library("TensorFlow Addons", "import tensorflow_addons", r"Addons>\w+"),
    Library("TensorFlow I/O", "import tensorflow_io", r"IO>\w+"),
    Library("TensorFlow Recommenders Addons", "import that library", r"TFRA>\w+"),
    Library("TensorFlow Quantum", "import tensorflow_quantum", r"Tfq\w*"),
    Library("DALI", "import nvidia.dali.plugin.tf", r"Dali\w*"),
    Library(
        "TensorFlow Text",
        "import tensorflow_text",
        r"TFText>\w+|\w*Wordpiece\w*|Sentencepiece\w*|CaseFoldUTF8|NormalizeUTF8\w*"
        r"|WhitespaceTokenize\w*|UnicodeScriptTokenize\w*|RegexSplit\w*|ConstrainedSequence"
        r"|MaxSpanningTree|SentenceFragments\w*|SplitMerge\w*|RougeL",
    ),
    Library("a converter to TensorFlow Lite", "convert the graph before", r"TFLite_\w+"),
)
_PATTERNS = [(re.compile(library.pattern), library) for library in _LIBRARIES]


def library_of(op: str) -> Library | None:
    """The library that an op of this name comes from, as far as names tell."""
    return next((library for pattern, library in _PATTERNS if pattern.fullmatch(op)), None)
