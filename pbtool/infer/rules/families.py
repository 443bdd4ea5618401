"""Behaviours that many ops share, and the list of ops that have each.

Most ops of most graphs are one word in a list here.
"""

from __future__ import annotations

from collections.abc import Sequence

from pbtool.facts import Fact
from pbtool.infer.registry import shape_rule
from pbtool.infer.shape_functions import broadcast, shape_from
from pbtool.shapes import SCALAR, Shape

UNCHANGED = """
    Abs Acos Acosh Angle AsString Asin Asinh Atan Atanh BesselI0 BesselI0e BesselI1 BesselI1e
    BesselJ0 BesselJ1 BesselK0 BesselK0e BesselK1 BesselK1e BesselY0 BesselY1 Bucketize Cast Ceil
    CheckNumerics CheckNumericsV2 CollectiveReduce ComplexAbs Conj Copy CopyHost CopyToMesh Cos Cosh
    DataFormatDimMap DataFormatVecPermute Dawsn DebugGradientIdentity DebugGradientRefIdentity
    DebugIdentity DebugIdentityV2 DebugIdentityV3 DecodeBase64 DecodeCompressed DecodeJSONExample
    DeepCopy Digamma Elu EncodeBase64 Erf Erfc Erfinv Exp Expint Expm1 FakeQuantWithMinMaxArgs Floor
    FresnelCos FresnelSin GuaranteeConst Identity Imag Inv Invert IsFinite IsInf IsNan LeakyRelu
    Lgamma Log Log1p LogicalNot NcclAllReduce NcclBroadcast Ndtri Neg OnesLike PopulationCount
    PreventGradient QuantizeAndDequantize RandomShuffle Real Reciprocal RefIdentity Relayout Relu
    Relu6 Rint RiscAbs RiscCast RiscCeil RiscCos RiscExp RiscFloor RiscImag RiscIsFinite RiscLog
    RiscLogicalNot RiscNeg RiscReal RiscSign RiscUnary Round Rsqrt Selu Sigmoid Sign Sin Sinh
    Snapshot Softplus Softsign Spence Sqrt Square StaticRegexFullMatch StaticRegexReplace
    StopGradient StringLength StringLower StringStrip StringToHashBucket StringToHashBucketFast
    StringToHashBucketStrong StringToNumber StringUpper Tan Tanh UnicodeScript UnicodeTranscode
    ZerosLike _CopyFromGpuToHost _CopyFromHostToGpu _EagerConst _HostCast _NcclReduceRecv
    _TensorToHashBucketFast _UnaryOpsComposition
"""

BROADCAST = """
    Add AddV2 Atan2 BitwiseAnd BitwiseOr BitwiseXor Complex Div DivNoNan
    FloorDiv FloorMod Greater GreaterEqual Igamma IgammaGradA Igammac LeftShift Less LessEqual
    LogicalAnd LogicalOr Maximum Minimum Mod Mul MulNoNan NextAfter Polygamma Pow RandomGammaGrad
    RealDiv RightShift SquaredDifference Sub TruncateDiv TruncateMod UniformQuantizedAdd Xdivy
    Xlog1py Xlogy Zeta
"""

FIRST_UNCHANGED = """
    ClipByValue CollectiveAllToAllV2 CollectiveAllToAllV3 CollectiveBcastSendV2 CollectivePermute
    CollectiveReduceV2 CollectiveReduceV3 CopyToMeshGrad CrossReplicaSum Cumprod Cumsum
    CumulativeLogsumexp DTensorAllReduce Dilation2DBackpropInput FakeQuantWithMinMaxArgsGradient
    InplaceAdd InplaceSub InplaceUpdate InvGrad MatrixBandPart Print ReciprocalGrad RelayoutLike
    RiscBinaryArithmetic RiscSort RsqrtGrad SigmoidGrad SleepIdentityOp SqrtGrad StatelessShuffle
    StridedSliceAssign TanhGrad TensorStridedSliceUpdate UniformDequantize UniformQuantize
    UniformQuantizedClipByValue UniformRequantize _ParallelConcatUpdate _XlaMerge
"""

EXPLICIT = """
    AccumulateNV2 CollectiveBcastRecv CollectiveBcastSend FakeParam ImmutableConst InfeedDequeue
    OutfeedDequeue OutfeedDequeueV2 PlaceholderV2 TemporaryVariable VariableV2 XlaRecvFromHost
    _ParallelConcatStart _ScopedAllocator _ScopedAllocatorConcat
"""

GIVEN = """
    Empty NonDeterministicInts RandomStandardNormal RandomUniform RiscRandomUniform StridedSliceGrad
    TruncatedNormal _NcclBroadcastRecv
"""

SCALARS = """
    AudioSummary AudioSummaryV2 CollectiveInitializeCommunicator
    CompositeTensorVariantFromComponents ComputeDedupDataSize ComputeDedupDataSizeV2 DebugNanCount
    DevicePlacementOp DtypeWithDefaultOp GetTpuTaskId GraphDefVersion HistogramSummary ImageSummary
    IsResourceHandleRefCounting IsTPUEmbeddingInitialized IsTensorFloat32Enabled
    KMC2ChainInitialization KernelLabel MakeWeakResourceHandle MergeDedupData MergeSummary Rank
    ResourceInitializedOp ScalarSummary SerializeTensor Size StubResourceHandleOp SummaryWriter
    TensorSummary TensorSummaryV2 Timestamp
"""


@shape_rule(UNCHANGED)
def unchanged(x: Fact) -> Shape:
    """The shape of the only input."""
    return x.shape


@shape_rule(FIRST_UNCHANGED)
def first_unchanged(x: Fact, *others: Fact) -> Shape:
    """The shape of the first input."""
    return x.shape


@shape_rule(EXPLICIT)
def explicit(*inputs: Fact | Sequence[Fact], shape: Shape) -> Shape:
    """The shape in the attr, whatever the inputs."""
    return shape


@shape_rule(GIVEN)
def given(shape: Fact, *others: Fact) -> Shape:
    """The shape that the first input states."""
    return shape_from(shape)


@shape_rule(SCALARS)
def scalar(*inputs: Fact) -> Shape:
    """A scalar, whatever the inputs."""
    return SCALAR


@shape_rule(BROADCAST)
def elementwise(x: Fact, y: Fact, *others: Fact) -> Shape:
    """Elementwise on the first two inputs, by numpy's broadcasting rules."""
    return broadcast(x.shape, y.shape)
