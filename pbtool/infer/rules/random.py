"""Rules for TensorFlow's random_ops.cc, stateless_random_ops.cc and their like.

Most ops take the shape that they fill. Those that keep no state are given a seed of two numbers,
or a key, a counter and the name of an algorithm.
"""

from __future__ import annotations

from pbtool.errors import ShapeError
from pbtool.facts import Fact
from pbtool.infer.patterns import patterns
from pbtool.infer.registry import shape_rule
from pbtool.infer.shape_functions import broadcast, check_rank, dimension_from, shape_from
from pbtool.shapes import SCALAR, UNKNOWN, Shape, merge_dimensions

patterns("""
    _ ; [] ; [] -> [3]
        RngReadAndSkip
    _ ; [] ; [] ->
        RngSkip
    [2] -> [1] ; [2]
        StatelessRandomGetKeyCounter
    [2] -> [1] ; [2] ; []
        StatelessRandomGetKeyCounterAlg
    -> []
        StatelessRandomGetAlg
    S ; [1] ; [?] ; [] -> S
        StochasticCastToInt
""")


@shape_rule("RandomUniformInt")
def random_uniform_int(shape: Fact, minval: Fact, maxval: Fact) -> Shape:
    """The given shape."""
    check_rank(0, minval, maxval)
    return shape_from(shape)


@shape_rule("RandomGamma RandomPoisson RandomPoissonV2")
def random_of_each(shape: Fact, parameter: Fact) -> Shape:
    """A tensor of the given shape for each element of the parameter."""
    return shape_from(shape) + parameter.shape


@shape_rule("ParameterizedTruncatedNormal")
def parameterized_truncated_normal(
    shape: Fact, means: Fact, stdevs: Fact, minvals: Fact, maxvals: Fact
) -> Shape:
    """The given shape."""
    for fact in (means, stdevs, minvals, maxvals):
        fact.shape.at_most(1)
    return shape_from(shape)


@shape_rule("Multinomial")
def multinomial(logits: Fact, num_samples: Fact) -> Shape:
    """For each row of logits a row of samples."""
    check_rank(0, num_samples)
    return Shape([logits.shape.with_rank(2)[0], dimension_from(num_samples)])


@shape_rule("StatelessMultinomial")
def stateless_multinomial(logits: Fact, num_samples: Fact, seed: Fact) -> Shape:
    """For each row of logits a row of samples."""
    _check_seed(seed)
    return multinomial(logits, num_samples)


# --- samples of candidates ---


@shape_rule("""
    AllCandidateSampler FixedUnigramCandidateSampler LearnedUnigramCandidateSampler
    LogUniformCandidateSampler ThreadUnsafeUnigramCandidateSampler UniformCandidateSampler
""")
def candidate_sampler(true_classes: Fact, *, num_true: int, num_sampled: int) -> list[Shape]:
    """Candidates, and how often to expect the true classes and them."""
    if num_sampled < 1:
        raise ShapeError("'num_sampled' must be positive")
    batch = true_classes.shape.with_rank(2)[0]
    return [Shape([num_sampled]), Shape([batch, num_true]), Shape([num_sampled])]


@shape_rule("ComputeAccidentalHits")
def accidental_hits(true_classes: Fact, sampled_candidates: Fact, *, num_true: int) -> list[Shape]:
    """Which sampled candidates are true classes: indices, ids and weights."""
    merge_dimensions(true_classes.shape.with_rank(2)[1], num_true)
    check_rank(1, sampled_candidates)
    return [Shape([None])] * 3


# --- of a generator, which a resource keeps ---


@shape_rule("StatefulStandardNormal")
def stateful_standard_normal(resource: Fact, shape: Fact) -> Shape:
    """The given shape."""
    return shape_from(shape)


@shape_rule("StatefulStandardNormalV2 StatefulTruncatedNormal StatefulUniform")
@shape_rule("StatefulUniformFullInt")
def stateful_random(resource: Fact, algorithm: Fact, shape: Fact) -> Shape:
    """The given shape."""
    check_rank(0, algorithm)
    return shape_from(shape)


@shape_rule("StatefulUniformInt")
def stateful_uniform_int(
    resource: Fact, algorithm: Fact, shape: Fact, minval: Fact, maxval: Fact
) -> Shape:
    """The given shape."""
    check_rank(0, minval, maxval)
    return stateful_random(resource, algorithm, shape)


@shape_rule("StatefulRandomBinomial")
def stateful_random_binomial(
    resource: Fact, algorithm: Fact, shape: Fact, counts: Fact, probs: Fact
) -> Shape:
    """The given shape."""
    return shape_from(shape)


# --- of a seed ---


@shape_rule("StatelessRandomNormal StatelessRandomUniform StatelessRandomUniformFullInt")
@shape_rule("StatelessTruncatedNormal")
def stateless_random(shape: Fact, seed: Fact) -> Shape:
    """The given shape."""
    _check_seed(seed)
    return shape_from(shape)


@shape_rule("StatelessRandomUniformInt")
def stateless_random_uniform_int(shape: Fact, seed: Fact, minval: Fact, maxval: Fact) -> Shape:
    """The given shape."""
    check_rank(0, minval, maxval)
    return stateless_random(shape, seed)


@shape_rule("StatelessRandomGammaV2 StatelessRandomPoisson")
def stateless_random_with(shape: Fact, seed: Fact, parameter: Fact) -> Shape:
    """The given shape."""
    return stateless_random(shape, seed)


@shape_rule("StatelessRandomBinomial")
def stateless_random_binomial(shape: Fact, seed: Fact, counts: Fact, probs: Fact) -> Shape:
    """The given shape."""
    return stateless_random(shape, seed)


@shape_rule("StatelessParameterizedTruncatedNormal")
def stateless_parameterized_truncated_normal(
    shape: Fact, seed: Fact, means: Fact, stddevs: Fact, minvals: Fact, maxvals: Fact
) -> Shape:
    """The given shape; the parameters broadcast."""
    output = means.shape
    for fact in (stddevs, minvals, maxvals):
        output = broadcast(output, fact.shape)
    return stateless_random(shape, seed)


def _check_seed(seed: Fact) -> None:
    seed.shape.merge(Shape([2]))


# --- of a key and a counter ---


@shape_rule("StatelessRandomNormalV2 StatelessRandomUniformFullIntV2 StatelessRandomUniformV2")
@shape_rule("StatelessTruncatedNormalV2")
def stateless_random_v2(shape: Fact, key: Fact, counter: Fact, alg: Fact) -> Shape:
    """The given shape."""
    key.shape.merge(Shape([1]))
    check_rank(1, counter)
    check_rank(0, alg)
    return shape_from(shape)


@shape_rule("StatelessRandomUniformIntV2")
def stateless_random_uniform_int_v2(
    shape: Fact, key: Fact, counter: Fact, alg: Fact, minval: Fact, maxval: Fact
) -> Shape:
    """The given shape."""
    check_rank(0, minval, maxval)
    return stateless_random_v2(shape, key, counter, alg)


@shape_rule("StatelessRandomGammaV3")
def stateless_random_gamma_v3(
    shape: Fact, key: Fact, counter: Fact, alg: Fact, alpha: Fact
) -> Shape:
    """The given shape."""
    return stateless_random_v2(shape, key, counter, alg)


@shape_rule("RandomIndexShuffle")
def random_index_shuffle(index: Fact, seed: Fact, max_index: Fact) -> Shape:
    """Where an index goes; of one with several, with several seeds or several limits, a vector."""
    seeds = seed.shape.at_least(1).at_most(2)
    if seeds.rank is not None and seeds[-1] != 3:
        raise ShapeError(f"a seed has three numbers, not {seeds[-1]}")
    shapes = [index.shape.at_most(1), seeds[:-1], max_index.shape.at_most(1)]
    sizes = [shape[0] for shape in shapes if shape.rank == 1]
    known = [size for size in sizes if size is not None]
    # TensorFlow compares them with the first one only.
    if known and known[0] > 1 and any(size > 1 and size != known[0] for size in known):
        raise ShapeError(f"{known} numbers cannot go together")
    if sizes:
        return Shape([known[0] if known else None])
    return SCALAR if all(shape.rank == 0 for shape in shapes) else UNKNOWN
