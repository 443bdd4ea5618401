"""Rules for TensorFlow's random_ops.cc, stateless_random_ops.cc and their like.

Most ops take the shape that they fill. Those that keep no state are given a seed of two numbers,
or a key, a counter and the name of an algorithm.
"""

from __future__ import annotations

from pbtool.facts import Fact
from pbtool.infer.patterns import patterns
from pbtool.infer.registry import shape_rule
from pbtool.infer.shape_functions import broadcast, dimension_from, shape_from
from pbtool.shapes import Shape

patterns("""
    [2] -> [1] ; [?]
        StatelessRandomGetKeyCounter
    [2] -> [1] ; [?] ; []
        StatelessRandomGetKeyCounterAlg
    -> []
        StatelessRandomGetAlg
""")


@shape_rule("NonDeterministicInts RandomStandardNormal RandomUniform TruncatedNormal")
def random(shape: Fact) -> Shape:
    """The given shape."""
    return shape_from(shape)


@shape_rule("RandomUniformInt")
def random_uniform_int(shape: Fact, minval: Fact, maxval: Fact) -> Shape:
    """The given shape."""
    _check_ranks(0, minval, maxval)
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


@shape_rule("RandomGammaGrad")
def random_gamma_grad(alpha: Fact, sample: Fact) -> Shape:
    """Elementwise on two inputs."""
    return broadcast(alpha.shape, sample.shape)


@shape_rule("Multinomial")
def multinomial(logits: Fact, num_samples: Fact) -> Shape:
    """For each row of logits a row of samples."""
    _check_ranks(0, num_samples)
    return Shape([logits.shape.with_rank(2)[0], dimension_from(num_samples)])


@shape_rule("StatelessMultinomial")
def stateless_multinomial(logits: Fact, num_samples: Fact, seed: Fact) -> Shape:
    """For each row of logits a row of samples."""
    _check_seed(seed)
    return multinomial(logits, num_samples)


# --- of a generator, which a resource keeps ---


@shape_rule("StatefulStandardNormal")
def stateful_standard_normal(resource: Fact, shape: Fact) -> Shape:
    """The given shape."""
    _check_ranks(0, resource)
    return shape_from(shape)


@shape_rule("StatefulStandardNormalV2 StatefulTruncatedNormal StatefulUniform")
@shape_rule("StatefulUniformFullInt")
def stateful_random(resource: Fact, algorithm: Fact, shape: Fact) -> Shape:
    """The given shape."""
    _check_ranks(0, resource, algorithm)
    return shape_from(shape)


@shape_rule("StatefulUniformInt")
def stateful_uniform_int(
    resource: Fact, algorithm: Fact, shape: Fact, minval: Fact, maxval: Fact
) -> Shape:
    """The given shape."""
    _check_ranks(0, minval, maxval)
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
    _check_ranks(0, minval, maxval)
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
    """The given shape."""
    return stateless_random(shape, seed)


def _check_seed(seed: Fact) -> None:
    seed.shape.merge(Shape([2]))


# --- of a key and a counter ---


@shape_rule("StatelessRandomNormalV2 StatelessRandomUniformFullIntV2 StatelessRandomUniformV2")
@shape_rule("StatelessTruncatedNormalV2")
def stateless_random_v2(shape: Fact, key: Fact, counter: Fact, alg: Fact) -> Shape:
    """The given shape."""
    key.shape.merge(Shape([1]))
    _check_ranks(1, counter)
    _check_ranks(0, alg)
    return shape_from(shape)


@shape_rule("StatelessRandomUniformIntV2")
def stateless_random_uniform_int_v2(
    shape: Fact, key: Fact, counter: Fact, alg: Fact, minval: Fact, maxval: Fact
) -> Shape:
    """The given shape."""
    _check_ranks(0, minval, maxval)
    return stateless_random_v2(shape, key, counter, alg)


@shape_rule("StatelessRandomGammaV3")
def stateless_random_gamma_v3(
    shape: Fact, key: Fact, counter: Fact, alg: Fact, alpha: Fact
) -> Shape:
    """The given shape."""
    return stateless_random_v2(shape, key, counter, alg)


def _check_ranks(rank: int, *facts: Fact) -> None:
    for fact in facts:
        fact.shape.with_rank(rank)
