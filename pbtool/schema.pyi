"""The message classes of TensorFlow's files.

Written by scripts/compile_protos.py from protos/. Do not edit.
"""

# fmt: off
# ruff: noqa: A002, E501, N802
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Literal

from google.protobuf.descriptor_pool import DescriptorPool
from google.protobuf.internal.containers import (
    MessageMap,
    RepeatedCompositeFieldContainer,
    RepeatedScalarFieldContainer,
    ScalarMap,
)
from google.protobuf.internal.enum_type_wrapper import EnumTypeWrapper
from google.protobuf.message import Message

PACKAGE: str
POOL: DescriptorPool

def message_class(full_name: str) -> type[Message]: ...
def text(message: Message) -> str: ...
def unknown_fields(message: Message) -> Iterator[tuple[int, int, Any]]: ...

class AssetFileDef(Message):
    """A file in the assets folder, and the tensor fed with its path."""

    @property
    def tensor_info(self) -> TensorInfo: ...
    filename: str
    def __init__(
        self,
        *,
        tensor_info: TensorInfo | None = ...,
        filename: str | None = ...,
    ) -> None: ...
    def HasField(self, field_name: Literal["tensor_info"]) -> bool: ...

class AttrValue(Message):
    """The value of an attr: exactly one of these kinds, or none."""

    class ListValue(Message):
        """A list attr; at most one of its fields is filled, and an empty list fills none."""

        @property
        def s(self) -> RepeatedScalarFieldContainer[bytes]: ...
        @property
        def i(self) -> RepeatedScalarFieldContainer[int]: ...
        @property
        def f(self) -> RepeatedScalarFieldContainer[float]: ...
        @property
        def b(self) -> RepeatedScalarFieldContainer[bool]: ...
        @property
        def type(self) -> RepeatedScalarFieldContainer[int]: ...
        @property
        def shape(self) -> RepeatedCompositeFieldContainer[TensorShapeProto]: ...
        @property
        def tensor(self) -> RepeatedCompositeFieldContainer[TensorProto]: ...
        @property
        def func(self) -> RepeatedCompositeFieldContainer[NameAttrList]: ...
        def __init__(
            self,
            *,
            s: Iterable[bytes] | None = ...,
            i: Iterable[int] | None = ...,
            f: Iterable[float] | None = ...,
            b: Iterable[bool] | None = ...,
            type: Iterable[int] | None = ...,
            shape: Iterable[TensorShapeProto] | None = ...,
            tensor: Iterable[TensorProto] | None = ...,
            func: Iterable[NameAttrList] | None = ...,
        ) -> None: ...

    s: bytes
    i: int
    f: float
    b: bool
    type: int
    @property
    def shape(self) -> TensorShapeProto: ...
    @property
    def tensor(self) -> TensorProto: ...
    @property
    def list(self) -> AttrValue.ListValue: ...
    @property
    def func(self) -> NameAttrList: ...
    placeholder: str
    def __init__(
        self,
        *,
        s: bytes | None = ...,
        i: int | None = ...,
        f: float | None = ...,
        b: bool | None = ...,
        type: int | None = ...,
        shape: TensorShapeProto | None = ...,
        tensor: TensorProto | None = ...,
        list: AttrValue.ListValue | None = ...,
        func: NameAttrList | None = ...,
        placeholder: str | None = ...,
    ) -> None: ...
    def HasField(self, field_name: Literal["s", "i", "f", "b", "type", "shape", "tensor", "list", "func", "placeholder", "value"]) -> bool: ...
    def WhichOneof(self, oneof_group: Literal["value"]) -> Literal["s", "i", "f", "b", "type", "shape", "tensor", "list", "func", "placeholder"] | None: ...

class BoundedTensorSpecProto(Message):
    name: str
    @property
    def shape(self) -> TensorShapeProto: ...
    dtype: int
    @property
    def minimum(self) -> TensorProto: ...
    @property
    def maximum(self) -> TensorProto: ...
    def __init__(
        self,
        *,
        name: str | None = ...,
        shape: TensorShapeProto | None = ...,
        dtype: int | None = ...,
        minimum: TensorProto | None = ...,
        maximum: TensorProto | None = ...,
    ) -> None: ...
    def HasField(self, field_name: Literal["shape", "minimum", "maximum"]) -> bool: ...

class BundleEntryProto(Message):
    """Where a tensor of a checkpoint lies."""

    dtype: int
    @property
    def shape(self) -> TensorShapeProto: ...
    shard_id: int
    offset: int
    size: int
    crc32c: int
    @property
    def slices(self) -> RepeatedCompositeFieldContainer[TensorSliceProto]: ...
    def __init__(
        self,
        *,
        dtype: int | None = ...,
        shape: TensorShapeProto | None = ...,
        shard_id: int | None = ...,
        offset: int | None = ...,
        size: int | None = ...,
        crc32c: int | None = ...,
        slices: Iterable[TensorSliceProto] | None = ...,
    ) -> None: ...
    def HasField(self, field_name: Literal["shape"]) -> bool: ...

class BundleHeaderProto(Message):
    """The entry under the empty key of a checkpoint's index."""

    class _Endianness(EnumTypeWrapper):
        LITTLE: Literal[0]
        BIG: Literal[1]

    Endianness: _Endianness
    LITTLE: Literal[0]
    BIG: Literal[1]

    num_shards: int
    endianness: int
    @property
    def version(self) -> VersionDef: ...
    def __init__(
        self,
        *,
        num_shards: int | None = ...,
        endianness: int | None = ...,
        version: VersionDef | None = ...,
    ) -> None: ...
    def HasField(self, field_name: Literal["version"]) -> bool: ...

class CapturedTensor(Message):
    name: str
    concrete_function: str
    def __init__(
        self,
        *,
        name: str | None = ...,
        concrete_function: str | None = ...,
    ) -> None: ...

class CheckpointState(Message):
    """The content of a `checkpoint` file: the newest prefix and the older ones."""

    model_checkpoint_path: str
    @property
    def all_model_checkpoint_paths(self) -> RepeatedScalarFieldContainer[str]: ...
    @property
    def all_model_checkpoint_timestamps(self) -> RepeatedScalarFieldContainer[float]: ...
    last_preserved_timestamp: float
    def __init__(
        self,
        *,
        model_checkpoint_path: str | None = ...,
        all_model_checkpoint_paths: Iterable[str] | None = ...,
        all_model_checkpoint_timestamps: Iterable[float] | None = ...,
        last_preserved_timestamp: float | None = ...,
    ) -> None: ...

class CollectionDef(Message):
    """A collection of the graph, such as its variables."""

    class NodeList(Message):
        @property
        def value(self) -> RepeatedScalarFieldContainer[str]: ...
        def __init__(
            self,
            *,
            value: Iterable[str] | None = ...,
        ) -> None: ...

    class BytesList(Message):
        @property
        def value(self) -> RepeatedScalarFieldContainer[bytes]: ...
        def __init__(
            self,
            *,
            value: Iterable[bytes] | None = ...,
        ) -> None: ...

    class Int64List(Message):
        @property
        def value(self) -> RepeatedScalarFieldContainer[int]: ...
        def __init__(
            self,
            *,
            value: Iterable[int] | None = ...,
        ) -> None: ...

    class FloatList(Message):
        @property
        def value(self) -> RepeatedScalarFieldContainer[float]: ...
        def __init__(
            self,
            *,
            value: Iterable[float] | None = ...,
        ) -> None: ...

    class AnyList(Message):
        @property
        def value(self) -> RepeatedCompositeFieldContainer[Message]: ...
        def __init__(
            self,
            *,
            value: Iterable[Message] | None = ...,
        ) -> None: ...

    @property
    def node_list(self) -> CollectionDef.NodeList: ...
    @property
    def bytes_list(self) -> CollectionDef.BytesList: ...
    @property
    def int64_list(self) -> CollectionDef.Int64List: ...
    @property
    def float_list(self) -> CollectionDef.FloatList: ...
    @property
    def any_list(self) -> CollectionDef.AnyList: ...
    def __init__(
        self,
        *,
        node_list: CollectionDef.NodeList | None = ...,
        bytes_list: CollectionDef.BytesList | None = ...,
        int64_list: CollectionDef.Int64List | None = ...,
        float_list: CollectionDef.FloatList | None = ...,
        any_list: CollectionDef.AnyList | None = ...,
    ) -> None: ...
    def HasField(self, field_name: Literal["node_list", "bytes_list", "int64_list", "float_list", "any_list", "kind"]) -> bool: ...
    def WhichOneof(self, oneof_group: Literal["kind"]) -> Literal["node_list", "bytes_list", "int64_list", "float_list", "any_list"] | None: ...

class _DataClass(EnumTypeWrapper):
    DATA_CLASS_UNKNOWN: Literal[0]
    DATA_CLASS_SCALAR: Literal[1]
    DATA_CLASS_TENSOR: Literal[2]
    DATA_CLASS_BLOB_SEQUENCE: Literal[3]

DataClass: _DataClass

class _DataType(EnumTypeWrapper):
    """The type of a tensor's elements; a number above 100 is a reference to the type 100 below."""
    DT_INVALID: Literal[0]
    DT_FLOAT: Literal[1]
    DT_DOUBLE: Literal[2]
    DT_INT32: Literal[3]
    DT_UINT8: Literal[4]
    DT_INT16: Literal[5]
    DT_INT8: Literal[6]
    DT_STRING: Literal[7]
    DT_COMPLEX64: Literal[8]
    DT_INT64: Literal[9]
    DT_BOOL: Literal[10]
    DT_QINT8: Literal[11]
    DT_QUINT8: Literal[12]
    DT_QINT32: Literal[13]
    DT_BFLOAT16: Literal[14]
    DT_QINT16: Literal[15]
    DT_QUINT16: Literal[16]
    DT_UINT16: Literal[17]
    DT_COMPLEX128: Literal[18]
    DT_HALF: Literal[19]
    DT_RESOURCE: Literal[20]
    DT_VARIANT: Literal[21]
    DT_UINT32: Literal[22]
    DT_UINT64: Literal[23]
    DT_FLOAT8_E5M2: Literal[24]
    DT_FLOAT8_E4M3FN: Literal[25]
    DT_FLOAT8_E4M3FNUZ: Literal[26]
    DT_FLOAT8_E4M3B11FNUZ: Literal[27]
    DT_FLOAT8_E5M2FNUZ: Literal[28]
    DT_INT4: Literal[29]
    DT_UINT4: Literal[30]
    DT_INT2: Literal[31]
    DT_UINT2: Literal[32]
    DT_FLOAT4_E2M1FN: Literal[33]
    DT_FLOAT_REF: Literal[101]
    DT_DOUBLE_REF: Literal[102]
    DT_INT32_REF: Literal[103]
    DT_UINT8_REF: Literal[104]
    DT_INT16_REF: Literal[105]
    DT_INT8_REF: Literal[106]
    DT_STRING_REF: Literal[107]
    DT_COMPLEX64_REF: Literal[108]
    DT_INT64_REF: Literal[109]
    DT_BOOL_REF: Literal[110]
    DT_QINT8_REF: Literal[111]
    DT_QUINT8_REF: Literal[112]
    DT_QINT32_REF: Literal[113]
    DT_BFLOAT16_REF: Literal[114]
    DT_QINT16_REF: Literal[115]
    DT_QUINT16_REF: Literal[116]
    DT_UINT16_REF: Literal[117]
    DT_COMPLEX128_REF: Literal[118]
    DT_HALF_REF: Literal[119]
    DT_RESOURCE_REF: Literal[120]
    DT_VARIANT_REF: Literal[121]
    DT_UINT32_REF: Literal[122]
    DT_UINT64_REF: Literal[123]
    DT_FLOAT8_E5M2_REF: Literal[124]
    DT_FLOAT8_E4M3FN_REF: Literal[125]
    DT_FLOAT8_E4M3FNUZ_REF: Literal[126]
    DT_FLOAT8_E4M3B11FNUZ_REF: Literal[127]
    DT_FLOAT8_E5M2FNUZ_REF: Literal[128]
    DT_INT4_REF: Literal[129]
    DT_UINT4_REF: Literal[130]
    DT_INT2_REF: Literal[131]
    DT_UINT2_REF: Literal[132]
    DT_FLOAT4_E2M1FN_REF: Literal[133]

DataType: _DataType

class DictValue(Message):
    @property
    def fields(self) -> MessageMap[str, StructuredValue]: ...
    def __init__(
        self,
        *,
        fields: Mapping[str, StructuredValue] | None = ...,
    ) -> None: ...

class Event(Message):
    """One record of an event file, as TensorBoard reads it."""

    wall_time: float
    step: int
    file_version: str
    graph_def: bytes
    @property
    def summary(self) -> Summary: ...
    @property
    def log_message(self) -> LogMessage: ...
    @property
    def session_log(self) -> SessionLog: ...
    @property
    def tagged_run_metadata(self) -> TaggedRunMetadata: ...
    meta_graph_def: bytes
    @property
    def source_metadata(self) -> SourceMetadata: ...
    def __init__(
        self,
        *,
        wall_time: float | None = ...,
        step: int | None = ...,
        file_version: str | None = ...,
        graph_def: bytes | None = ...,
        summary: Summary | None = ...,
        log_message: LogMessage | None = ...,
        session_log: SessionLog | None = ...,
        tagged_run_metadata: TaggedRunMetadata | None = ...,
        meta_graph_def: bytes | None = ...,
        source_metadata: SourceMetadata | None = ...,
    ) -> None: ...
    def HasField(self, field_name: Literal["file_version", "graph_def", "summary", "log_message", "session_log", "tagged_run_metadata", "meta_graph_def", "source_metadata", "what"]) -> bool: ...
    def WhichOneof(self, oneof_group: Literal["what"]) -> Literal["file_version", "graph_def", "summary", "log_message", "session_log", "tagged_run_metadata", "meta_graph_def"] | None: ...

class FingerprintDef(Message):
    """The content of fingerprint.pb: hashes of a SavedModel's parts."""

    saved_model_checksum: int
    graph_def_program_hash: int
    signature_def_hash: int
    saved_object_graph_hash: int
    checkpoint_hash: int
    uuid: str
    @property
    def version(self) -> VersionDef: ...
    def __init__(
        self,
        *,
        saved_model_checksum: int | None = ...,
        graph_def_program_hash: int | None = ...,
        signature_def_hash: int | None = ...,
        saved_object_graph_hash: int | None = ...,
        checkpoint_hash: int | None = ...,
        uuid: str | None = ...,
        version: VersionDef | None = ...,
    ) -> None: ...
    def HasField(self, field_name: Literal["version"]) -> bool: ...

class FullTypeDef(Message):
    """A type in more detail than DataType gives, such as a dataset of tensors."""

    type_id: int
    @property
    def args(self) -> RepeatedCompositeFieldContainer[FullTypeDef]: ...
    s: str
    i: int
    def __init__(
        self,
        *,
        type_id: int | None = ...,
        args: Iterable[FullTypeDef] | None = ...,
        s: str | None = ...,
        i: int | None = ...,
    ) -> None: ...
    def HasField(self, field_name: Literal["s", "i", "attr"]) -> bool: ...
    def WhichOneof(self, oneof_group: Literal["attr"]) -> Literal["s", "i"] | None: ...

class _FullTypeId(EnumTypeWrapper):
    TFT_UNSET: Literal[0]
    TFT_VAR: Literal[1]
    TFT_ANY: Literal[2]
    TFT_PRODUCT: Literal[3]
    TFT_NAMED: Literal[4]
    TFT_FOR_EACH: Literal[20]
    TFT_CALLABLE: Literal[100]
    TFT_TENSOR: Literal[1000]
    TFT_ARRAY: Literal[1001]
    TFT_OPTIONAL: Literal[1002]
    TFT_LITERAL: Literal[1003]
    TFT_ENCODED: Literal[1004]
    TFT_SHAPE_TENSOR: Literal[1005]
    TFT_BOOL: Literal[200]
    TFT_UINT8: Literal[201]
    TFT_UINT16: Literal[202]
    TFT_UINT32: Literal[203]
    TFT_UINT64: Literal[204]
    TFT_INT8: Literal[205]
    TFT_INT16: Literal[206]
    TFT_INT32: Literal[207]
    TFT_INT64: Literal[208]
    TFT_HALF: Literal[209]
    TFT_FLOAT: Literal[210]
    TFT_DOUBLE: Literal[211]
    TFT_BFLOAT16: Literal[215]
    TFT_COMPLEX64: Literal[212]
    TFT_COMPLEX128: Literal[213]
    TFT_STRING: Literal[214]
    TFT_DATASET: Literal[10102]
    TFT_RAGGED: Literal[10103]
    TFT_ITERATOR: Literal[10104]
    TFT_MUTEX_LOCK: Literal[10202]
    TFT_LEGACY_VARIANT: Literal[10203]

FullTypeId: _FullTypeId

class FunctionDef(Message):
    """A function: a signature and a body of nodes."""

    class ArgAttrs(Message):
        @property
        def attr(self) -> MessageMap[str, AttrValue]: ...
        def __init__(
            self,
            *,
            attr: Mapping[str, AttrValue] | None = ...,
        ) -> None: ...

    @property
    def signature(self) -> OpDef: ...
    @property
    def attr(self) -> MessageMap[str, AttrValue]: ...
    @property
    def arg_attr(self) -> MessageMap[int, FunctionDef.ArgAttrs]: ...
    @property
    def resource_arg_unique_id(self) -> ScalarMap[int, int]: ...
    @property
    def node_def(self) -> RepeatedCompositeFieldContainer[NodeDef]: ...
    @property
    def ret(self) -> ScalarMap[str, str]: ...
    @property
    def control_ret(self) -> ScalarMap[str, str]: ...
    def __init__(
        self,
        *,
        signature: OpDef | None = ...,
        attr: Mapping[str, AttrValue] | None = ...,
        arg_attr: Mapping[int, FunctionDef.ArgAttrs] | None = ...,
        resource_arg_unique_id: Mapping[int, int] | None = ...,
        node_def: Iterable[NodeDef] | None = ...,
        ret: Mapping[str, str] | None = ...,
        control_ret: Mapping[str, str] | None = ...,
    ) -> None: ...
    def HasField(self, field_name: Literal["signature"]) -> bool: ...

class FunctionDefLibrary(Message):
    """The functions of a graph, and which function is the gradient of which."""

    @property
    def function(self) -> RepeatedCompositeFieldContainer[FunctionDef]: ...
    @property
    def gradient(self) -> RepeatedCompositeFieldContainer[GradientDef]: ...
    @property
    def registered_gradients(self) -> RepeatedCompositeFieldContainer[RegisteredGradient]: ...
    def __init__(
        self,
        *,
        function: Iterable[FunctionDef] | None = ...,
        gradient: Iterable[GradientDef] | None = ...,
        registered_gradients: Iterable[RegisteredGradient] | None = ...,
    ) -> None: ...

class FunctionSpec(Message):

    class _JitCompile(EnumTypeWrapper):
        DEFAULT: Literal[0]
        ON: Literal[1]
        OFF: Literal[2]

    JitCompile: _JitCompile
    DEFAULT: Literal[0]
    ON: Literal[1]
    OFF: Literal[2]

    @property
    def fullargspec(self) -> StructuredValue: ...
    is_method: bool
    @property
    def input_signature(self) -> StructuredValue: ...
    jit_compile: int
    def __init__(
        self,
        *,
        fullargspec: StructuredValue | None = ...,
        is_method: bool | None = ...,
        input_signature: StructuredValue | None = ...,
        jit_compile: int | None = ...,
    ) -> None: ...
    def HasField(self, field_name: Literal["fullargspec", "input_signature"]) -> bool: ...

class GradientDef(Message):
    """The name of a function and of the function that computes its gradient."""

    function_name: str
    gradient_func: str
    def __init__(
        self,
        *,
        function_name: str | None = ...,
        gradient_func: str | None = ...,
    ) -> None: ...

class GraphDebugInfo(Message):
    """Where in the user's program each node was made."""

    class FileLineCol(Message):
        file_index: int
        line: int
        col: int
        func: str
        code: str
        def __init__(
            self,
            *,
            file_index: int | None = ...,
            line: int | None = ...,
            col: int | None = ...,
            func: str | None = ...,
            code: str | None = ...,
        ) -> None: ...

    class StackTrace(Message):
        @property
        def file_line_cols(self) -> RepeatedCompositeFieldContainer[GraphDebugInfo.FileLineCol]: ...
        @property
        def frame_id(self) -> RepeatedScalarFieldContainer[int]: ...
        def __init__(
            self,
            *,
            file_line_cols: Iterable[GraphDebugInfo.FileLineCol] | None = ...,
            frame_id: Iterable[int] | None = ...,
        ) -> None: ...

    @property
    def files(self) -> RepeatedScalarFieldContainer[str]: ...
    @property
    def frames_by_id(self) -> MessageMap[int, GraphDebugInfo.FileLineCol]: ...
    @property
    def traces_by_id(self) -> MessageMap[int, GraphDebugInfo.StackTrace]: ...
    @property
    def traces(self) -> MessageMap[str, GraphDebugInfo.StackTrace]: ...
    @property
    def name_to_trace_id(self) -> ScalarMap[str, int]: ...
    def __init__(
        self,
        *,
        files: Iterable[str] | None = ...,
        frames_by_id: Mapping[int, GraphDebugInfo.FileLineCol] | None = ...,
        traces_by_id: Mapping[int, GraphDebugInfo.StackTrace] | None = ...,
        traces: Mapping[str, GraphDebugInfo.StackTrace] | None = ...,
        name_to_trace_id: Mapping[str, int] | None = ...,
    ) -> None: ...

class GraphDef(Message):
    """A graph: nodes in any order, and the functions they call."""

    @property
    def node(self) -> RepeatedCompositeFieldContainer[NodeDef]: ...
    @property
    def versions(self) -> VersionDef: ...
    version: int
    @property
    def library(self) -> FunctionDefLibrary: ...
    @property
    def debug_info(self) -> GraphDebugInfo: ...
    def __init__(
        self,
        *,
        node: Iterable[NodeDef] | None = ...,
        versions: VersionDef | None = ...,
        version: int | None = ...,
        library: FunctionDefLibrary | None = ...,
        debug_info: GraphDebugInfo | None = ...,
    ) -> None: ...
    def HasField(self, field_name: Literal["versions", "library", "debug_info"]) -> bool: ...

class HistogramProto(Message):
    """A histogram of values."""

    min: float
    max: float
    num: float
    sum: float
    sum_squares: float
    @property
    def bucket_limit(self) -> RepeatedScalarFieldContainer[float]: ...
    @property
    def bucket(self) -> RepeatedScalarFieldContainer[float]: ...
    def __init__(
        self,
        *,
        min: float | None = ...,
        max: float | None = ...,
        num: float | None = ...,
        sum: float | None = ...,
        sum_squares: float | None = ...,
        bucket_limit: Iterable[float] | None = ...,
        bucket: Iterable[float] | None = ...,
    ) -> None: ...

class ListValue(Message):
    @property
    def values(self) -> RepeatedCompositeFieldContainer[StructuredValue]: ...
    def __init__(
        self,
        *,
        values: Iterable[StructuredValue] | None = ...,
    ) -> None: ...

class LogMessage(Message):

    class _Level(EnumTypeWrapper):
        UNKNOWN: Literal[0]
        DEBUGGING: Literal[10]
        INFO: Literal[20]
        WARN: Literal[30]
        ERROR: Literal[40]
        FATAL: Literal[50]

    Level: _Level
    UNKNOWN: Literal[0]
    DEBUGGING: Literal[10]
    INFO: Literal[20]
    WARN: Literal[30]
    ERROR: Literal[40]
    FATAL: Literal[50]

    level: int
    message: str
    def __init__(
        self,
        *,
        level: int | None = ...,
        message: str | None = ...,
    ) -> None: ...

class MetaGraphDef(Message):
    """A graph with what is needed to run it: signatures, collections, saver."""

    class MetaInfoDef(Message):
        """Tags, and the TensorFlow that wrote this."""

        meta_graph_version: str
        @property
        def stripped_op_list(self) -> OpList: ...
        @property
        def any_info(self) -> Message: ...
        @property
        def tags(self) -> RepeatedScalarFieldContainer[str]: ...
        tensorflow_version: str
        tensorflow_git_version: str
        stripped_default_attrs: bool
        @property
        def function_aliases(self) -> ScalarMap[str, str]: ...
        def __init__(
            self,
            *,
            meta_graph_version: str | None = ...,
            stripped_op_list: OpList | None = ...,
            any_info: Message | None = ...,
            tags: Iterable[str] | None = ...,
            tensorflow_version: str | None = ...,
            tensorflow_git_version: str | None = ...,
            stripped_default_attrs: bool | None = ...,
            function_aliases: Mapping[str, str] | None = ...,
        ) -> None: ...
        def HasField(self, field_name: Literal["stripped_op_list", "any_info"]) -> bool: ...

    @property
    def meta_info_def(self) -> MetaGraphDef.MetaInfoDef: ...
    @property
    def graph_def(self) -> GraphDef: ...
    @property
    def saver_def(self) -> SaverDef: ...
    @property
    def collection_def(self) -> MessageMap[str, CollectionDef]: ...
    @property
    def signature_def(self) -> MessageMap[str, SignatureDef]: ...
    @property
    def asset_file_def(self) -> RepeatedCompositeFieldContainer[AssetFileDef]: ...
    @property
    def object_graph_def(self) -> SavedObjectGraph: ...
    def __init__(
        self,
        *,
        meta_info_def: MetaGraphDef.MetaInfoDef | None = ...,
        graph_def: GraphDef | None = ...,
        saver_def: SaverDef | None = ...,
        collection_def: Mapping[str, CollectionDef] | None = ...,
        signature_def: Mapping[str, SignatureDef] | None = ...,
        asset_file_def: Iterable[AssetFileDef] | None = ...,
        object_graph_def: SavedObjectGraph | None = ...,
    ) -> None: ...
    def HasField(self, field_name: Literal["meta_info_def", "graph_def", "saver_def", "object_graph_def"]) -> bool: ...

class NameAttrList(Message):
    """A function's name together with attrs for it."""

    name: str
    @property
    def attr(self) -> MessageMap[str, AttrValue]: ...
    def __init__(
        self,
        *,
        name: str | None = ...,
        attr: Mapping[str, AttrValue] | None = ...,
    ) -> None: ...

class NamedTupleValue(Message):
    name: str
    @property
    def values(self) -> RepeatedCompositeFieldContainer[PairValue]: ...
    def __init__(
        self,
        *,
        name: str | None = ...,
        values: Iterable[PairValue] | None = ...,
    ) -> None: ...

class NodeDef(Message):
    """One operation of a graph or of a function's body."""

    class ExperimentalDebugInfo(Message):
        @property
        def original_node_names(self) -> RepeatedScalarFieldContainer[str]: ...
        @property
        def original_func_names(self) -> RepeatedScalarFieldContainer[str]: ...
        def __init__(
            self,
            *,
            original_node_names: Iterable[str] | None = ...,
            original_func_names: Iterable[str] | None = ...,
        ) -> None: ...

    name: str
    op: str
    @property
    def input(self) -> RepeatedScalarFieldContainer[str]: ...
    device: str
    @property
    def attr(self) -> MessageMap[str, AttrValue]: ...
    @property
    def experimental_debug_info(self) -> NodeDef.ExperimentalDebugInfo: ...
    @property
    def experimental_type(self) -> FullTypeDef: ...
    def __init__(
        self,
        *,
        name: str | None = ...,
        op: str | None = ...,
        input: Iterable[str] | None = ...,
        device: str | None = ...,
        attr: Mapping[str, AttrValue] | None = ...,
        experimental_debug_info: NodeDef.ExperimentalDebugInfo | None = ...,
        experimental_type: FullTypeDef | None = ...,
    ) -> None: ...
    def HasField(self, field_name: Literal["experimental_debug_info", "experimental_type"]) -> bool: ...

class NoneValue(Message):
    pass

class OpDef(Message):
    """The declaration of an op: its inputs, outputs and attrs."""

    class ArgDef(Message):
        """An input or output: of one `type`, or typed by the attr `type_attr`, repeated `number_attr` times, or a list typed by `type_list_attr`."""

        name: str
        description: str
        type: int
        type_attr: str
        number_attr: str
        type_list_attr: str
        @property
        def handle_data(self) -> RepeatedCompositeFieldContainer[ResourceHandleProto.DtypeAndShape]: ...
        is_ref: bool
        @property
        def experimental_full_type(self) -> FullTypeDef: ...
        def __init__(
            self,
            *,
            name: str | None = ...,
            description: str | None = ...,
            type: int | None = ...,
            type_attr: str | None = ...,
            number_attr: str | None = ...,
            type_list_attr: str | None = ...,
            handle_data: Iterable[ResourceHandleProto.DtypeAndShape] | None = ...,
            is_ref: bool | None = ...,
            experimental_full_type: FullTypeDef | None = ...,
        ) -> None: ...
        def HasField(self, field_name: Literal["experimental_full_type"]) -> bool: ...

    class AttrDef(Message):
        """An attr: its type, its default, and the values it may take."""

        name: str
        type: str
        @property
        def default_value(self) -> AttrValue: ...
        description: str
        has_minimum: bool
        minimum: int
        @property
        def allowed_values(self) -> AttrValue: ...
        def __init__(
            self,
            *,
            name: str | None = ...,
            type: str | None = ...,
            default_value: AttrValue | None = ...,
            description: str | None = ...,
            has_minimum: bool | None = ...,
            minimum: int | None = ...,
            allowed_values: AttrValue | None = ...,
        ) -> None: ...
        def HasField(self, field_name: Literal["default_value", "allowed_values"]) -> bool: ...

    name: str
    @property
    def input_arg(self) -> RepeatedCompositeFieldContainer[OpDef.ArgDef]: ...
    @property
    def output_arg(self) -> RepeatedCompositeFieldContainer[OpDef.ArgDef]: ...
    @property
    def control_output(self) -> RepeatedScalarFieldContainer[str]: ...
    @property
    def attr(self) -> RepeatedCompositeFieldContainer[OpDef.AttrDef]: ...
    @property
    def deprecation(self) -> OpDeprecation: ...
    summary: str
    description: str
    is_commutative: bool
    is_aggregate: bool
    is_stateful: bool
    allows_uninitialized_input: bool
    is_distributed_communication: bool
    def __init__(
        self,
        *,
        name: str | None = ...,
        input_arg: Iterable[OpDef.ArgDef] | None = ...,
        output_arg: Iterable[OpDef.ArgDef] | None = ...,
        control_output: Iterable[str] | None = ...,
        attr: Iterable[OpDef.AttrDef] | None = ...,
        deprecation: OpDeprecation | None = ...,
        summary: str | None = ...,
        description: str | None = ...,
        is_commutative: bool | None = ...,
        is_aggregate: bool | None = ...,
        is_stateful: bool | None = ...,
        allows_uninitialized_input: bool | None = ...,
        is_distributed_communication: bool | None = ...,
    ) -> None: ...
    def HasField(self, field_name: Literal["deprecation"]) -> bool: ...

class OpDeprecation(Message):
    """Since which GraphDef version an op is refused, and what to use instead."""

    version: int
    explanation: str
    def __init__(
        self,
        *,
        version: int | None = ...,
        explanation: str | None = ...,
    ) -> None: ...

class OpList(Message):
    """A list of op declarations."""

    @property
    def op(self) -> RepeatedCompositeFieldContainer[OpDef]: ...
    def __init__(
        self,
        *,
        op: Iterable[OpDef] | None = ...,
    ) -> None: ...

class PairValue(Message):
    key: str
    @property
    def value(self) -> StructuredValue: ...
    def __init__(
        self,
        *,
        key: str | None = ...,
        value: StructuredValue | None = ...,
    ) -> None: ...
    def HasField(self, field_name: Literal["value"]) -> bool: ...

class RegisteredGradient(Message):
    gradient_func: str
    registered_op_type: str
    def __init__(
        self,
        *,
        gradient_func: str | None = ...,
        registered_op_type: str | None = ...,
    ) -> None: ...

class RegisteredSaver(Message):
    name: str
    object_name: str
    def __init__(
        self,
        *,
        name: str | None = ...,
        object_name: str | None = ...,
    ) -> None: ...

class RequestedExitCode(Message):
    exit_code: int
    def __init__(
        self,
        *,
        exit_code: int | None = ...,
    ) -> None: ...

class ResourceHandleProto(Message):
    """A handle to a resource, such as a variable, as a tensor element."""

    class DtypeAndShape(Message):
        dtype: int
        @property
        def shape(self) -> TensorShapeProto: ...
        def __init__(
            self,
            *,
            dtype: int | None = ...,
            shape: TensorShapeProto | None = ...,
        ) -> None: ...
        def HasField(self, field_name: Literal["shape"]) -> bool: ...

    device: str
    container: str
    name: str
    hash_code: int
    maybe_type_name: str
    @property
    def dtypes_and_shapes(self) -> RepeatedCompositeFieldContainer[ResourceHandleProto.DtypeAndShape]: ...
    def __init__(
        self,
        *,
        device: str | None = ...,
        container: str | None = ...,
        name: str | None = ...,
        hash_code: int | None = ...,
        maybe_type_name: str | None = ...,
        dtypes_and_shapes: Iterable[ResourceHandleProto.DtypeAndShape] | None = ...,
    ) -> None: ...

class SaveSliceInfoDef(Message):
    full_name: str
    @property
    def full_shape(self) -> RepeatedScalarFieldContainer[int]: ...
    @property
    def var_offset(self) -> RepeatedScalarFieldContainer[int]: ...
    @property
    def var_shape(self) -> RepeatedScalarFieldContainer[int]: ...
    def __init__(
        self,
        *,
        full_name: str | None = ...,
        full_shape: Iterable[int] | None = ...,
        var_offset: Iterable[int] | None = ...,
        var_shape: Iterable[int] | None = ...,
    ) -> None: ...

class SaveableObject(Message):
    save_function: int
    restore_function: int
    def __init__(
        self,
        *,
        save_function: int | None = ...,
        restore_function: int | None = ...,
    ) -> None: ...

class SavedAsset(Message):
    asset_file_def_index: int
    def __init__(
        self,
        *,
        asset_file_def_index: int | None = ...,
    ) -> None: ...

class SavedBareConcreteFunction(Message):
    concrete_function_name: str
    @property
    def argument_keywords(self) -> RepeatedScalarFieldContainer[str]: ...
    allowed_positional_arguments: int
    @property
    def function_spec(self) -> FunctionSpec: ...
    def __init__(
        self,
        *,
        concrete_function_name: str | None = ...,
        argument_keywords: Iterable[str] | None = ...,
        allowed_positional_arguments: int | None = ...,
        function_spec: FunctionSpec | None = ...,
    ) -> None: ...
    def HasField(self, field_name: Literal["function_spec"]) -> bool: ...

class SavedConcreteFunction(Message):
    @property
    def bound_inputs(self) -> RepeatedScalarFieldContainer[int]: ...
    @property
    def canonicalized_input_signature(self) -> StructuredValue: ...
    @property
    def output_signature(self) -> StructuredValue: ...
    def __init__(
        self,
        *,
        bound_inputs: Iterable[int] | None = ...,
        canonicalized_input_signature: StructuredValue | None = ...,
        output_signature: StructuredValue | None = ...,
    ) -> None: ...
    def HasField(self, field_name: Literal["canonicalized_input_signature", "output_signature"]) -> bool: ...

class SavedConstant(Message):
    operation: str
    def __init__(
        self,
        *,
        operation: str | None = ...,
    ) -> None: ...

class SavedFunction(Message):
    @property
    def concrete_functions(self) -> RepeatedScalarFieldContainer[str]: ...
    @property
    def function_spec(self) -> FunctionSpec: ...
    def __init__(
        self,
        *,
        concrete_functions: Iterable[str] | None = ...,
        function_spec: FunctionSpec | None = ...,
    ) -> None: ...
    def HasField(self, field_name: Literal["function_spec"]) -> bool: ...

class SavedModel(Message):
    """The content of saved_model.pb: one or more meta graphs."""

    saved_model_schema_version: int
    @property
    def meta_graphs(self) -> RepeatedCompositeFieldContainer[MetaGraphDef]: ...
    def __init__(
        self,
        *,
        saved_model_schema_version: int | None = ...,
        meta_graphs: Iterable[MetaGraphDef] | None = ...,
    ) -> None: ...

class SavedObject(Message):
    """One such object: its children, and what kind it is."""

    @property
    def children(self) -> RepeatedCompositeFieldContainer[TrackableObjectGraph.TrackableObject.ObjectReference]: ...
    @property
    def dependencies(self) -> RepeatedCompositeFieldContainer[TrackableObjectGraph.TrackableObject.ObjectReference]: ...
    @property
    def slot_variables(self) -> RepeatedCompositeFieldContainer[TrackableObjectGraph.TrackableObject.SlotVariableReference]: ...
    @property
    def user_object(self) -> SavedUserObject: ...
    @property
    def asset(self) -> SavedAsset: ...
    @property
    def function(self) -> SavedFunction: ...
    @property
    def variable(self) -> SavedVariable: ...
    @property
    def bare_concrete_function(self) -> SavedBareConcreteFunction: ...
    @property
    def constant(self) -> SavedConstant: ...
    @property
    def resource(self) -> SavedResource: ...
    @property
    def captured_tensor(self) -> CapturedTensor: ...
    @property
    def saveable_objects(self) -> MessageMap[str, SaveableObject]: ...
    registered_name: str
    @property
    def serialized_user_proto(self) -> Message: ...
    registered_saver: str
    def __init__(
        self,
        *,
        children: Iterable[TrackableObjectGraph.TrackableObject.ObjectReference] | None = ...,
        dependencies: Iterable[TrackableObjectGraph.TrackableObject.ObjectReference] | None = ...,
        slot_variables: Iterable[TrackableObjectGraph.TrackableObject.SlotVariableReference] | None = ...,
        user_object: SavedUserObject | None = ...,
        asset: SavedAsset | None = ...,
        function: SavedFunction | None = ...,
        variable: SavedVariable | None = ...,
        bare_concrete_function: SavedBareConcreteFunction | None = ...,
        constant: SavedConstant | None = ...,
        resource: SavedResource | None = ...,
        captured_tensor: CapturedTensor | None = ...,
        saveable_objects: Mapping[str, SaveableObject] | None = ...,
        registered_name: str | None = ...,
        serialized_user_proto: Message | None = ...,
        registered_saver: str | None = ...,
    ) -> None: ...
    def HasField(self, field_name: Literal["user_object", "asset", "function", "variable", "bare_concrete_function", "constant", "resource", "captured_tensor", "serialized_user_proto", "kind"]) -> bool: ...
    def WhichOneof(self, oneof_group: Literal["kind"]) -> Literal["user_object", "asset", "function", "variable", "bare_concrete_function", "constant", "resource", "captured_tensor"] | None: ...

class SavedObjectGraph(Message):
    """The Python objects of a TensorFlow 2 SavedModel; the first is the root."""

    @property
    def nodes(self) -> RepeatedCompositeFieldContainer[SavedObject]: ...
    @property
    def concrete_functions(self) -> MessageMap[str, SavedConcreteFunction]: ...
    def __init__(
        self,
        *,
        nodes: Iterable[SavedObject] | None = ...,
        concrete_functions: Mapping[str, SavedConcreteFunction] | None = ...,
    ) -> None: ...

class SavedResource(Message):
    device: str
    def __init__(
        self,
        *,
        device: str | None = ...,
    ) -> None: ...

class SavedSlice(Message):
    """A part of a tensor in a checkpoint of the first format."""

    name: str
    @property
    def slice(self) -> TensorSliceProto: ...
    @property
    def data(self) -> TensorProto: ...
    def __init__(
        self,
        *,
        name: str | None = ...,
        slice: TensorSliceProto | None = ...,
        data: TensorProto | None = ...,
    ) -> None: ...
    def HasField(self, field_name: Literal["slice", "data"]) -> bool: ...

class SavedSliceMeta(Message):
    """Name, shape, type and parts of a tensor in a checkpoint of the first format."""

    name: str
    @property
    def shape(self) -> TensorShapeProto: ...
    type: int
    @property
    def slice(self) -> RepeatedCompositeFieldContainer[TensorSliceProto]: ...
    def __init__(
        self,
        *,
        name: str | None = ...,
        shape: TensorShapeProto | None = ...,
        type: int | None = ...,
        slice: Iterable[TensorSliceProto] | None = ...,
    ) -> None: ...
    def HasField(self, field_name: Literal["shape"]) -> bool: ...

class SavedTensorSliceMeta(Message):
    """The table of contents of a checkpoint of the first format."""

    @property
    def tensor(self) -> RepeatedCompositeFieldContainer[SavedSliceMeta]: ...
    @property
    def versions(self) -> VersionDef: ...
    def __init__(
        self,
        *,
        tensor: Iterable[SavedSliceMeta] | None = ...,
        versions: VersionDef | None = ...,
    ) -> None: ...
    def HasField(self, field_name: Literal["versions"]) -> bool: ...

class SavedTensorSlices(Message):
    """An entry of a checkpoint of the first format: the contents, or a part."""

    @property
    def meta(self) -> SavedTensorSliceMeta: ...
    @property
    def data(self) -> SavedSlice: ...
    def __init__(
        self,
        *,
        meta: SavedTensorSliceMeta | None = ...,
        data: SavedSlice | None = ...,
    ) -> None: ...
    def HasField(self, field_name: Literal["meta", "data"]) -> bool: ...

class SavedUserObject(Message):
    identifier: str
    @property
    def version(self) -> VersionDef: ...
    metadata: str
    def __init__(
        self,
        *,
        identifier: str | None = ...,
        version: VersionDef | None = ...,
        metadata: str | None = ...,
    ) -> None: ...
    def HasField(self, field_name: Literal["version"]) -> bool: ...

class SavedVariable(Message):
    dtype: int
    @property
    def shape(self) -> TensorShapeProto: ...
    trainable: bool
    synchronization: int
    aggregation: int
    name: str
    device: str
    @property
    def experimental_distributed_variable_components(self) -> RepeatedCompositeFieldContainer[SavedVariable]: ...
    def __init__(
        self,
        *,
        dtype: int | None = ...,
        shape: TensorShapeProto | None = ...,
        trainable: bool | None = ...,
        synchronization: int | None = ...,
        aggregation: int | None = ...,
        name: str | None = ...,
        device: str | None = ...,
        experimental_distributed_variable_components: Iterable[SavedVariable] | None = ...,
    ) -> None: ...
    def HasField(self, field_name: Literal["shape"]) -> bool: ...

class SaverDef(Message):
    """The names of the nodes that save and restore the variables."""

    class _CheckpointFormatVersion(EnumTypeWrapper):
        LEGACY: Literal[0]
        V1: Literal[1]
        V2: Literal[2]

    CheckpointFormatVersion: _CheckpointFormatVersion
    LEGACY: Literal[0]
    V1: Literal[1]
    V2: Literal[2]

    filename_tensor_name: str
    save_tensor_name: str
    restore_op_name: str
    max_to_keep: int
    sharded: bool
    keep_checkpoint_every_n_hours: float
    version: int
    def __init__(
        self,
        *,
        filename_tensor_name: str | None = ...,
        save_tensor_name: str | None = ...,
        restore_op_name: str | None = ...,
        max_to_keep: int | None = ...,
        sharded: bool | None = ...,
        keep_checkpoint_every_n_hours: float | None = ...,
        version: int | None = ...,
    ) -> None: ...

class SerializedDType(Message):
    datatype: int
    def __init__(
        self,
        *,
        datatype: int | None = ...,
    ) -> None: ...

class SessionLog(Message):

    class _SessionStatus(EnumTypeWrapper):
        STATUS_UNSPECIFIED: Literal[0]
        START: Literal[1]
        STOP: Literal[2]
        CHECKPOINT: Literal[3]

    SessionStatus: _SessionStatus
    STATUS_UNSPECIFIED: Literal[0]
    START: Literal[1]
    STOP: Literal[2]
    CHECKPOINT: Literal[3]

    status: int
    checkpoint_path: str
    msg: str
    def __init__(
        self,
        *,
        status: int | None = ...,
        checkpoint_path: str | None = ...,
        msg: str | None = ...,
    ) -> None: ...

class SignatureDef(Message):
    """A named entry point: which tensors go in, which come out."""

    @property
    def inputs(self) -> MessageMap[str, TensorInfo]: ...
    @property
    def outputs(self) -> MessageMap[str, TensorInfo]: ...
    method_name: str
    @property
    def defaults(self) -> MessageMap[str, TensorProto]: ...
    def __init__(
        self,
        *,
        inputs: Mapping[str, TensorInfo] | None = ...,
        outputs: Mapping[str, TensorInfo] | None = ...,
        method_name: str | None = ...,
        defaults: Mapping[str, TensorProto] | None = ...,
    ) -> None: ...

class SourceMetadata(Message):
    writer: str
    def __init__(
        self,
        *,
        writer: str | None = ...,
    ) -> None: ...

class StructuredValue(Message):
    """A nested Python structure of values and type specifications."""

    @property
    def none_value(self) -> NoneValue: ...
    float64_value: float
    int64_value: int
    string_value: str
    bool_value: bool
    @property
    def tensor_shape_value(self) -> TensorShapeProto: ...
    tensor_dtype_value: int
    @property
    def tensor_spec_value(self) -> TensorSpecProto: ...
    @property
    def type_spec_value(self) -> TypeSpecProto: ...
    @property
    def bounded_tensor_spec_value(self) -> BoundedTensorSpecProto: ...
    @property
    def list_value(self) -> ListValue: ...
    @property
    def tuple_value(self) -> TupleValue: ...
    @property
    def dict_value(self) -> DictValue: ...
    @property
    def named_tuple_value(self) -> NamedTupleValue: ...
    @property
    def tensor_value(self) -> TensorProto: ...
    @property
    def numpy_value(self) -> TensorProto: ...
    def __init__(
        self,
        *,
        none_value: NoneValue | None = ...,
        float64_value: float | None = ...,
        int64_value: int | None = ...,
        string_value: str | None = ...,
        bool_value: bool | None = ...,
        tensor_shape_value: TensorShapeProto | None = ...,
        tensor_dtype_value: int | None = ...,
        tensor_spec_value: TensorSpecProto | None = ...,
        type_spec_value: TypeSpecProto | None = ...,
        bounded_tensor_spec_value: BoundedTensorSpecProto | None = ...,
        list_value: ListValue | None = ...,
        tuple_value: TupleValue | None = ...,
        dict_value: DictValue | None = ...,
        named_tuple_value: NamedTupleValue | None = ...,
        tensor_value: TensorProto | None = ...,
        numpy_value: TensorProto | None = ...,
    ) -> None: ...
    def HasField(self, field_name: Literal["none_value", "float64_value", "int64_value", "string_value", "bool_value", "tensor_shape_value", "tensor_dtype_value", "tensor_spec_value", "type_spec_value", "bounded_tensor_spec_value", "list_value", "tuple_value", "dict_value", "named_tuple_value", "tensor_value", "numpy_value", "kind"]) -> bool: ...
    def WhichOneof(self, oneof_group: Literal["kind"]) -> Literal["none_value", "float64_value", "int64_value", "string_value", "bool_value", "tensor_shape_value", "tensor_dtype_value", "tensor_spec_value", "type_spec_value", "bounded_tensor_spec_value", "list_value", "tuple_value", "dict_value", "named_tuple_value", "tensor_value", "numpy_value"] | None: ...

class Summary(Message):
    """Values of one step."""

    class Image(Message):
        height: int
        width: int
        colorspace: int
        encoded_image_string: bytes
        def __init__(
            self,
            *,
            height: int | None = ...,
            width: int | None = ...,
            colorspace: int | None = ...,
            encoded_image_string: bytes | None = ...,
        ) -> None: ...

    class Audio(Message):
        sample_rate: float
        num_channels: int
        length_frames: int
        encoded_audio_string: bytes
        content_type: str
        def __init__(
            self,
            *,
            sample_rate: float | None = ...,
            num_channels: int | None = ...,
            length_frames: int | None = ...,
            encoded_audio_string: bytes | None = ...,
            content_type: str | None = ...,
        ) -> None: ...

    class Value(Message):
        node_name: str
        tag: str
        @property
        def metadata(self) -> SummaryMetadata: ...
        simple_value: float
        obsolete_old_style_histogram: bytes
        @property
        def image(self) -> Summary.Image: ...
        @property
        def histo(self) -> HistogramProto: ...
        @property
        def audio(self) -> Summary.Audio: ...
        @property
        def tensor(self) -> TensorProto: ...
        def __init__(
            self,
            *,
            node_name: str | None = ...,
            tag: str | None = ...,
            metadata: SummaryMetadata | None = ...,
            simple_value: float | None = ...,
            obsolete_old_style_histogram: bytes | None = ...,
            image: Summary.Image | None = ...,
            histo: HistogramProto | None = ...,
            audio: Summary.Audio | None = ...,
            tensor: TensorProto | None = ...,
        ) -> None: ...
        def HasField(self, field_name: Literal["metadata", "simple_value", "obsolete_old_style_histogram", "image", "histo", "audio", "tensor", "value"]) -> bool: ...
        def WhichOneof(self, oneof_group: Literal["value"]) -> Literal["simple_value", "obsolete_old_style_histogram", "image", "histo", "audio", "tensor"] | None: ...

    @property
    def value(self) -> RepeatedCompositeFieldContainer[Summary.Value]: ...
    def __init__(
        self,
        *,
        value: Iterable[Summary.Value] | None = ...,
    ) -> None: ...

class SummaryDescription(Message):
    type_hint: str
    def __init__(
        self,
        *,
        type_hint: str | None = ...,
    ) -> None: ...

class SummaryMetadata(Message):

    class PluginData(Message):
        plugin_name: str
        content: bytes
        def __init__(
            self,
            *,
            plugin_name: str | None = ...,
            content: bytes | None = ...,
        ) -> None: ...

    @property
    def plugin_data(self) -> SummaryMetadata.PluginData: ...
    display_name: str
    summary_description: str
    data_class: int
    def __init__(
        self,
        *,
        plugin_data: SummaryMetadata.PluginData | None = ...,
        display_name: str | None = ...,
        summary_description: str | None = ...,
        data_class: int | None = ...,
    ) -> None: ...
    def HasField(self, field_name: Literal["plugin_data"]) -> bool: ...

class TaggedRunMetadata(Message):
    tag: str
    run_metadata: bytes
    def __init__(
        self,
        *,
        tag: str | None = ...,
        run_metadata: bytes | None = ...,
    ) -> None: ...

class TensorInfo(Message):
    """Type, shape and place of a signature's tensor."""

    class CooSparse(Message):
        values_tensor_name: str
        indices_tensor_name: str
        dense_shape_tensor_name: str
        def __init__(
            self,
            *,
            values_tensor_name: str | None = ...,
            indices_tensor_name: str | None = ...,
            dense_shape_tensor_name: str | None = ...,
        ) -> None: ...

    class CompositeTensor(Message):
        @property
        def type_spec(self) -> TypeSpecProto: ...
        @property
        def components(self) -> RepeatedCompositeFieldContainer[TensorInfo]: ...
        def __init__(
            self,
            *,
            type_spec: TypeSpecProto | None = ...,
            components: Iterable[TensorInfo] | None = ...,
        ) -> None: ...
        def HasField(self, field_name: Literal["type_spec"]) -> bool: ...

    name: str
    @property
    def coo_sparse(self) -> TensorInfo.CooSparse: ...
    @property
    def composite_tensor(self) -> TensorInfo.CompositeTensor: ...
    dtype: int
    @property
    def tensor_shape(self) -> TensorShapeProto: ...
    def __init__(
        self,
        *,
        name: str | None = ...,
        coo_sparse: TensorInfo.CooSparse | None = ...,
        composite_tensor: TensorInfo.CompositeTensor | None = ...,
        dtype: int | None = ...,
        tensor_shape: TensorShapeProto | None = ...,
    ) -> None: ...
    def HasField(self, field_name: Literal["name", "coo_sparse", "composite_tensor", "tensor_shape", "encoding"]) -> bool: ...
    def WhichOneof(self, oneof_group: Literal["encoding"]) -> Literal["name", "coo_sparse", "composite_tensor"] | None: ...

class TensorProto(Message):
    """A tensor with its values, either as bytes or as a list of elements."""

    dtype: int
    @property
    def tensor_shape(self) -> TensorShapeProto: ...
    version_number: int
    tensor_content: bytes
    @property
    def half_val(self) -> RepeatedScalarFieldContainer[int]: ...
    @property
    def float_val(self) -> RepeatedScalarFieldContainer[float]: ...
    @property
    def double_val(self) -> RepeatedScalarFieldContainer[float]: ...
    @property
    def int_val(self) -> RepeatedScalarFieldContainer[int]: ...
    @property
    def string_val(self) -> RepeatedScalarFieldContainer[bytes]: ...
    @property
    def scomplex_val(self) -> RepeatedScalarFieldContainer[float]: ...
    @property
    def int64_val(self) -> RepeatedScalarFieldContainer[int]: ...
    @property
    def bool_val(self) -> RepeatedScalarFieldContainer[bool]: ...
    @property
    def dcomplex_val(self) -> RepeatedScalarFieldContainer[float]: ...
    @property
    def resource_handle_val(self) -> RepeatedCompositeFieldContainer[ResourceHandleProto]: ...
    @property
    def variant_val(self) -> RepeatedCompositeFieldContainer[VariantTensorDataProto]: ...
    @property
    def uint32_val(self) -> RepeatedScalarFieldContainer[int]: ...
    @property
    def uint64_val(self) -> RepeatedScalarFieldContainer[int]: ...
    float8_val: bytes
    def __init__(
        self,
        *,
        dtype: int | None = ...,
        tensor_shape: TensorShapeProto | None = ...,
        version_number: int | None = ...,
        tensor_content: bytes | None = ...,
        half_val: Iterable[int] | None = ...,
        float_val: Iterable[float] | None = ...,
        double_val: Iterable[float] | None = ...,
        int_val: Iterable[int] | None = ...,
        string_val: Iterable[bytes] | None = ...,
        scomplex_val: Iterable[float] | None = ...,
        int64_val: Iterable[int] | None = ...,
        bool_val: Iterable[bool] | None = ...,
        dcomplex_val: Iterable[float] | None = ...,
        resource_handle_val: Iterable[ResourceHandleProto] | None = ...,
        variant_val: Iterable[VariantTensorDataProto] | None = ...,
        uint32_val: Iterable[int] | None = ...,
        uint64_val: Iterable[int] | None = ...,
        float8_val: bytes | None = ...,
    ) -> None: ...
    def HasField(self, field_name: Literal["tensor_shape"]) -> bool: ...

class TensorShapeProto(Message):
    """A shape: its dimensions, or nothing but the word that its rank is unknown."""

    class Dim(Message):
        """One dimension."""

        size: int
        name: str
        def __init__(
            self,
            *,
            size: int | None = ...,
            name: str | None = ...,
        ) -> None: ...

    @property
    def dim(self) -> RepeatedCompositeFieldContainer[TensorShapeProto.Dim]: ...
    unknown_rank: bool
    def __init__(
        self,
        *,
        dim: Iterable[TensorShapeProto.Dim] | None = ...,
        unknown_rank: bool | None = ...,
    ) -> None: ...

class TensorSliceProto(Message):
    """A part of a tensor: one extent for each dimension."""

    class Extent(Message):
        """A range of one dimension; without a length it is the whole dimension."""

        start: int
        length: int
        def __init__(
            self,
            *,
            start: int | None = ...,
            length: int | None = ...,
        ) -> None: ...
        def HasField(self, field_name: Literal["length", "has_length_hack"]) -> bool: ...
        def WhichOneof(self, oneof_group: Literal["has_length_hack"]) -> Literal["length"] | None: ...

    @property
    def extent(self) -> RepeatedCompositeFieldContainer[TensorSliceProto.Extent]: ...
    def __init__(
        self,
        *,
        extent: Iterable[TensorSliceProto.Extent] | None = ...,
    ) -> None: ...

class TensorSpecProto(Message):
    name: str
    @property
    def shape(self) -> TensorShapeProto: ...
    dtype: int
    def __init__(
        self,
        *,
        name: str | None = ...,
        shape: TensorShapeProto | None = ...,
        dtype: int | None = ...,
    ) -> None: ...
    def HasField(self, field_name: Literal["shape"]) -> bool: ...

class TrackableObjectGraph(Message):
    """The objects of a checkpoint and the key of each of their values."""

    class TrackableObject(Message):

        class ObjectReference(Message):
            node_id: int
            local_name: str
            def __init__(
                self,
                *,
                node_id: int | None = ...,
                local_name: str | None = ...,
            ) -> None: ...

        class SerializedTensor(Message):
            name: str
            full_name: str
            checkpoint_key: str
            def __init__(
                self,
                *,
                name: str | None = ...,
                full_name: str | None = ...,
                checkpoint_key: str | None = ...,
            ) -> None: ...

        class SlotVariableReference(Message):
            original_variable_node_id: int
            slot_name: str
            slot_variable_node_id: int
            def __init__(
                self,
                *,
                original_variable_node_id: int | None = ...,
                slot_name: str | None = ...,
                slot_variable_node_id: int | None = ...,
            ) -> None: ...

        @property
        def children(self) -> RepeatedCompositeFieldContainer[TrackableObjectGraph.TrackableObject.ObjectReference]: ...
        @property
        def attributes(self) -> RepeatedCompositeFieldContainer[TrackableObjectGraph.TrackableObject.SerializedTensor]: ...
        @property
        def slot_variables(self) -> RepeatedCompositeFieldContainer[TrackableObjectGraph.TrackableObject.SlotVariableReference]: ...
        @property
        def registered_saver(self) -> RegisteredSaver: ...
        @property
        def has_checkpoint_values(self) -> Message: ...
        def __init__(
            self,
            *,
            children: Iterable[TrackableObjectGraph.TrackableObject.ObjectReference] | None = ...,
            attributes: Iterable[TrackableObjectGraph.TrackableObject.SerializedTensor] | None = ...,
            slot_variables: Iterable[TrackableObjectGraph.TrackableObject.SlotVariableReference] | None = ...,
            registered_saver: RegisteredSaver | None = ...,
            has_checkpoint_values: Message | None = ...,
        ) -> None: ...
        def HasField(self, field_name: Literal["registered_saver", "has_checkpoint_values"]) -> bool: ...

    @property
    def nodes(self) -> RepeatedCompositeFieldContainer[TrackableObjectGraph.TrackableObject]: ...
    def __init__(
        self,
        *,
        nodes: Iterable[TrackableObjectGraph.TrackableObject] | None = ...,
    ) -> None: ...

class TupleValue(Message):
    @property
    def values(self) -> RepeatedCompositeFieldContainer[StructuredValue]: ...
    def __init__(
        self,
        *,
        values: Iterable[StructuredValue] | None = ...,
    ) -> None: ...

class TypeSpecProto(Message):

    class _TypeSpecClass(EnumTypeWrapper):
        UNKNOWN: Literal[0]
        SPARSE_TENSOR_SPEC: Literal[1]
        INDEXED_SLICES_SPEC: Literal[2]
        RAGGED_TENSOR_SPEC: Literal[3]
        TENSOR_ARRAY_SPEC: Literal[4]
        DATA_DATASET_SPEC: Literal[5]
        DATA_ITERATOR_SPEC: Literal[6]
        OPTIONAL_SPEC: Literal[7]
        PER_REPLICA_SPEC: Literal[8]
        VARIABLE_SPEC: Literal[9]
        ROW_PARTITION_SPEC: Literal[10]
        REGISTERED_TYPE_SPEC: Literal[12]
        EXTENSION_TYPE_SPEC: Literal[13]

    TypeSpecClass: _TypeSpecClass
    UNKNOWN: Literal[0]
    SPARSE_TENSOR_SPEC: Literal[1]
    INDEXED_SLICES_SPEC: Literal[2]
    RAGGED_TENSOR_SPEC: Literal[3]
    TENSOR_ARRAY_SPEC: Literal[4]
    DATA_DATASET_SPEC: Literal[5]
    DATA_ITERATOR_SPEC: Literal[6]
    OPTIONAL_SPEC: Literal[7]
    PER_REPLICA_SPEC: Literal[8]
    VARIABLE_SPEC: Literal[9]
    ROW_PARTITION_SPEC: Literal[10]
    REGISTERED_TYPE_SPEC: Literal[12]
    EXTENSION_TYPE_SPEC: Literal[13]

    type_spec_class: int
    @property
    def type_state(self) -> StructuredValue: ...
    type_spec_class_name: str
    num_flat_components: int
    def __init__(
        self,
        *,
        type_spec_class: int | None = ...,
        type_state: StructuredValue | None = ...,
        type_spec_class_name: str | None = ...,
        num_flat_components: int | None = ...,
    ) -> None: ...
    def HasField(self, field_name: Literal["type_state"]) -> bool: ...

class _VariableAggregation(EnumTypeWrapper):
    VARIABLE_AGGREGATION_NONE: Literal[0]
    VARIABLE_AGGREGATION_SUM: Literal[1]
    VARIABLE_AGGREGATION_MEAN: Literal[2]
    VARIABLE_AGGREGATION_ONLY_FIRST_REPLICA: Literal[3]

VariableAggregation: _VariableAggregation

class VariableDef(Message):
    """A variable of TensorFlow 1: the names of its nodes."""

    variable_name: str
    initial_value_name: str
    initializer_name: str
    snapshot_name: str
    @property
    def save_slice_info_def(self) -> SaveSliceInfoDef: ...
    is_resource: bool
    trainable: bool
    synchronization: int
    aggregation: int
    def __init__(
        self,
        *,
        variable_name: str | None = ...,
        initial_value_name: str | None = ...,
        initializer_name: str | None = ...,
        snapshot_name: str | None = ...,
        save_slice_info_def: SaveSliceInfoDef | None = ...,
        is_resource: bool | None = ...,
        trainable: bool | None = ...,
        synchronization: int | None = ...,
        aggregation: int | None = ...,
    ) -> None: ...
    def HasField(self, field_name: Literal["save_slice_info_def"]) -> bool: ...

class _VariableSynchronization(EnumTypeWrapper):
    VARIABLE_SYNCHRONIZATION_AUTO: Literal[0]
    VARIABLE_SYNCHRONIZATION_NONE: Literal[1]
    VARIABLE_SYNCHRONIZATION_ON_WRITE: Literal[2]
    VARIABLE_SYNCHRONIZATION_ON_READ: Literal[3]

VariableSynchronization: _VariableSynchronization

class VariantTensorDataProto(Message):
    """One element of a variant tensor."""

    type_name: str
    metadata: bytes
    @property
    def tensors(self) -> RepeatedCompositeFieldContainer[TensorProto]: ...
    def __init__(
        self,
        *,
        type_name: str | None = ...,
        metadata: bytes | None = ...,
        tensors: Iterable[TensorProto] | None = ...,
    ) -> None: ...

class VersionDef(Message):
    """Which TensorFlow wrote a graph, and which may read it."""

    producer: int
    min_consumer: int
    @property
    def bad_consumers(self) -> RepeatedScalarFieldContainer[int]: ...
    def __init__(
        self,
        *,
        producer: int | None = ...,
        min_consumer: int | None = ...,
        bad_consumers: Iterable[int] | None = ...,
    ) -> None: ...

class WatchdogConfig(Message):
    timeout_ms: int
    def __init__(
        self,
        *,
        timeout_ms: int | None = ...,
    ) -> None: ...

class _WorkerHealth(EnumTypeWrapper):
    OK: Literal[0]
    RECEIVED_SHUTDOWN_SIGNAL: Literal[1]
    INTERNAL_ERROR: Literal[2]
    SHUTTING_DOWN: Literal[3]

WorkerHealth: _WorkerHealth

class WorkerHeartbeatRequest(Message):
    shutdown_mode: int
    @property
    def watchdog_config(self) -> WatchdogConfig: ...
    @property
    def exit_code(self) -> RequestedExitCode: ...
    def __init__(
        self,
        *,
        shutdown_mode: int | None = ...,
        watchdog_config: WatchdogConfig | None = ...,
        exit_code: RequestedExitCode | None = ...,
    ) -> None: ...
    def HasField(self, field_name: Literal["watchdog_config", "exit_code"]) -> bool: ...

class WorkerHeartbeatResponse(Message):
    health_status: int
    @property
    def worker_log(self) -> RepeatedCompositeFieldContainer[Event]: ...
    hostname: str
    def __init__(
        self,
        *,
        health_status: int | None = ...,
        worker_log: Iterable[Event] | None = ...,
        hostname: str | None = ...,
    ) -> None: ...

class _WorkerShutdownMode(EnumTypeWrapper):
    DEFAULT: Literal[0]
    NOT_CONFIGURED: Literal[1]
    WAIT_FOR_COORDINATOR: Literal[2]
    SHUTDOWN_AFTER_TIMEOUT: Literal[3]

WorkerShutdownMode: _WorkerShutdownMode
