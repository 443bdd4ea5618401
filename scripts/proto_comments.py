"""pbtool's own comments on TensorFlow's messages, by full name.

``update_protos.py`` prints them into ``protos/``; ``compile_protos.py`` turns those on messages
and enums into the docstrings of ``pbtool/schema.pyi``. Facts only, and where they surprise.
"""

from __future__ import annotations

_COMMENTS = {
    # Graphs
    "GraphDef": "A graph: nodes in any order, and the functions they call.",
    "GraphDef.version": "What `versions` replaced; only old files set it.",
    "NodeDef": "One operation of a graph or of a function's body.",
    "NodeDef.name": "Unique within its graph or function body.",
    "NodeDef.op": "The name of an OpDef, or of a function of the library.",
    "NodeDef.input": (
        "Data inputs first, `node` or `node:output`; then control inputs, `^node`. Within a "
        "function's body an input is an argument's name or `node:output_argument:index`."
    ),
    "NodeDef.device": "The device asked for, often partial and often empty.",
    "NodeDef.attr": (
        "Values for the attrs of the op; names that start with `_` are not part of the op."
    ),
    "AttrValue": "The value of an attr: exactly one of these kinds, or none.",
    "AttrValue.ListValue": (
        "A list attr; at most one of its fields is filled, and an empty list fills none."
    ),
    "AttrValue.placeholder": (
        "Within a function: the name of the function's attr that gives the value."
    ),
    "NameAttrList": "A function's name together with attrs for it.",
    "VersionDef": "Which TensorFlow wrote a graph, and which may read it.",
    "VersionDef.producer": "The GraphDef version of the TensorFlow that wrote this.",
    "VersionDef.min_consumer": "The oldest GraphDef version that may read this.",
    "VersionDef.bad_consumers": "GraphDef versions that must not read this.",
    "GraphDebugInfo": "Where in the user's program each node was made.",
    # Tensors
    "DataType": (
        "The type of a tensor's elements; a number above 100 is a reference to the type 100 below."
    ),
    "TensorProto": "A tensor with its values, either as bytes or as a list of elements.",
    "TensorProto.tensor_content": "All elements as little-endian bytes in row-major order.",
    "TensorProto.half_val": "float16 and bfloat16, as the bits of each element.",
    "TensorProto.int_val": "int32, int16, uint16, int8, uint8 and the quantized types.",
    "TensorProto.scomplex_val": "Real and imaginary part of each element in turn.",
    "TensorProto.dcomplex_val": "Real and imaginary part of each element in turn.",
    "TensorShapeProto": (
        "A shape: its dimensions, or nothing but the word that its rank is unknown."
    ),
    "TensorShapeProto.Dim": "One dimension.",
    "TensorShapeProto.Dim.size": "-1 where it is unknown.",
    "TensorShapeProto.unknown_rank": (
        "When true, `dim` is empty; an empty `dim` otherwise means a scalar."
    ),
    "VariantTensorDataProto": "One element of a variant tensor.",
    "ResourceHandleProto": "A handle to a resource, such as a variable, as a tensor element.",
    "TensorSliceProto": "A part of a tensor: one extent for each dimension.",
    "TensorSliceProto.Extent": (
        "A range of one dimension; without a length it is the whole dimension."
    ),
    # Ops and functions
    "OpDef": "The declaration of an op: its inputs, outputs and attrs.",
    "OpDef.ArgDef": (
        "An input or output: of one `type`, or typed by the attr `type_attr`, repeated "
        "`number_attr` times, or a list typed by `type_list_attr`."
    ),
    "OpDef.AttrDef": "An attr: its type, its default, and the values it may take.",
    "OpDeprecation": "Since which GraphDef version an op is refused, and what to use instead.",
    "OpList": "A list of op declarations.",
    "FunctionDef": "A function: a signature and a body of nodes.",
    "FunctionDef.ret": "For each output argument, which output of which node of the body it is.",
    "FunctionDef.control_ret": "For each control output of the signature, the node of the body.",
    "FunctionDefLibrary": "The functions of a graph, and which function is the gradient of which.",
    "GradientDef": "The name of a function and of the function that computes its gradient.",
    "FullTypeDef": "A type in more detail than DataType gives, such as a dataset of tensors.",
    # Saved models and meta graphs
    "SavedModel": "The content of saved_model.pb: one or more meta graphs.",
    "MetaGraphDef": "A graph with what is needed to run it: signatures, collections, saver.",
    "MetaGraphDef.MetaInfoDef": "Tags, and the TensorFlow that wrote this.",
    "CollectionDef": "A collection of the graph, such as its variables.",
    "SignatureDef": "A named entry point: which tensors go in, which come out.",
    "TensorInfo": "Type, shape and place of a signature's tensor.",
    "AssetFileDef": "A file in the assets folder, and the tensor fed with its path.",
    "SaverDef": "The names of the nodes that save and restore the variables.",
    "SavedObjectGraph": "The Python objects of a TensorFlow 2 SavedModel; the first is the root.",
    "SavedObject": "One such object: its children, and what kind it is.",
    "TrackableObjectGraph": "The objects of a checkpoint and the key of each of their values.",
    "StructuredValue": "A nested Python structure of values and type specifications.",
    "VariableDef": "A variable of TensorFlow 1: the names of its nodes.",
    "FingerprintDef": "The content of fingerprint.pb: hashes of a SavedModel's parts.",
    # Checkpoints
    "BundleHeaderProto": "The entry under the empty key of a checkpoint's index.",
    "BundleHeaderProto.num_shards": "How many data files there are.",
    "BundleEntryProto": "Where a tensor of a checkpoint lies.",
    "BundleEntryProto.shard_id": "Which of the data files.",
    "BundleEntryProto.offset": "In bytes.",
    "BundleEntryProto.size": "In bytes.",
    "BundleEntryProto.crc32c": "The masked checksum of the bytes.",
    "BundleEntryProto.slices": (
        "For a tensor saved in parts: which; each part is an entry of its own."
    ),
    "SavedSliceMeta": (
        "Name, shape, type and parts of a tensor in a checkpoint of the first format."
    ),
    "SavedTensorSliceMeta": "The table of contents of a checkpoint of the first format.",
    "SavedSlice": "A part of a tensor in a checkpoint of the first format.",
    "SavedTensorSlices": "An entry of a checkpoint of the first format: the contents, or a part.",
    "CheckpointState": "The content of a `checkpoint` file: the newest prefix and the older ones.",
    # Event files
    "Event": "One record of an event file, as TensorBoard reads it.",
    "Summary": "Values of one step.",
    "HistogramProto": "A histogram of values.",
}

COMMENTS = {f"tensorflow.{name}": text for name, text in _COMMENTS.items()}
