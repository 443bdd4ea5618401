"""Shape rules for the ops of training_ops.cc: steps of optimizers."""

from __future__ import annotations

from collections.abc import Callable

from pbtool.facts import Fact
from pbtool.infer.patterns import pattern_rule, patterns
from pbtool.infer.registry import shape_rule
from pbtool.infer.shape_functions import check_rank, merge_all
from pbtool.shapes import Shape, merge_dimensions

patterns("""
    S ; S ; S ; [] ; [] ; [] ; S -> S
        ApplyAdadelta
    S ; S ; [] ; S -> S
        ApplyAdagrad
    S ; S ; S ; S ; [] ; [] ; [] ; [] -> S
        ApplyAdagradDA ApplyFtrl ApplyFtrlV2
    S ; S ; [] ; [] ; S -> S
        ApplyAdagradV2
    S ; S ; S ; [] ; [] ; [] ; [] ; [] ; [] ; S -> S
        ApplyAdam
    S ; S ; S ; [] ; [] ; [] ; [] ; [] ; S -> S
        ApplyAdaMax
    S ; S ; [] ; [] ; [] ; [] ; S -> S
        ApplyAddSign ApplyPowerSign
    S ; S ; S ; S ; [] ; [] ; [] ; [] ; S -> S
        ApplyCenteredRMSProp
    S ; [] ; S -> S
        ApplyGradientDescent
    S ; S ; [] ; S ; [] -> S
        ApplyMomentum
    S ; S ; [] ; [] ; [] ; S -> S
        ApplyProximalAdagrad
    S ; [] ; [] ; [] ; S -> S
        ApplyProximalGradientDescent
    S ; S ; S ; [] ; [] ; [] ; [] ; S -> S
        ApplyRMSProp
""")

# With variables that are resources, most take any gradient.
patterns("""
    @S ; @S ; @S ; [] ; [] ; [] ; _ ->
        ResourceApplyAdadelta
    @S ; @S ; [] ; _ ->
        ResourceApplyAdagrad
    @S ; @S ; @S ; _ ; [] ; [] ; [] ; [] ->
        ResourceApplyAdagradDA ResourceApplyFtrl ResourceApplyFtrlV2
    @S ; @S ; [] ; [] ; _ ->
        ResourceApplyAdagradV2
    @S ; @S ; @S ; [] ; [] ; [] ; [] ; [] ; [] ; _ ->
        ResourceApplyAdam
    @S ; @S ; @S ; @S ; [] ; [] ; [] ; [] ; [] ; [] ; _ ->
        ResourceApplyAdamWithAmsgrad
    @S ; @S ; @S ; [] ; [] ; [] ; [] ; [] ; _ ->
        ResourceApplyAdaMax
    @S ; @S ; [] ; [] ; [] ; [] ; _ ->
        ResourceApplyAddSign ResourceApplyPowerSign
    @S ; @S ; @S ; @S ; [] ; [] ; [] ; [] ; _ ->
        ResourceApplyCenteredRMSProp
    @S ; [] ; S ->
        ResourceApplyGradientDescent
    @S ; @S ; [] ; _ ; [] ->
        ResourceApplyKerasMomentum ResourceApplyMomentum
    @S ; [] ; [] ; [] ; _ ->
        ResourceApplyProximalGradientDescent
    @S ; @S ; @S ; [] ; [] ; [] ; [] ; _ ->
        ResourceApplyRMSProp

    @S ; @S ; @S ; [] ; [] ; [] ; _ ; [?] ->
        ResourceSparseApplyAdadelta
    @S ; @S ; [] ; _ ; [?] ->
        ResourceSparseApplyAdagrad
    @S ; @S ; @S ; _ ; [?] ; [] ; [] ; [] ; [] ->
        ResourceSparseApplyAdagradDA ResourceSparseApplyFtrl ResourceSparseApplyFtrlV2
    @S ; @S ; [] ; [] ; _ ; [?] ->
        ResourceSparseApplyAdagradV2
    @S ; @S ; @S ; @S ; [] ; [] ; [] ; [] ; _ ; [?] ->
        ResourceSparseApplyCenteredRMSProp
    @S ; @S ; [] ; _ ; [?] ; [] ->
        ResourceSparseApplyKerasMomentum ResourceSparseApplyMomentum
    @S ; @S ; [] ; [] ; [] ; _ ; [?] ->
        ResourceSparseApplyProximalAdagrad
    @S ; [] ; [] ; [] ; _ ; [?] ->
        ResourceSparseApplyProximalGradientDescent
    @S ; @S ; @S ; [] ; [] ; [] ; [] ; _ ; [?] ->
        ResourceSparseApplyRMSProp
""")


@shape_rule("ResourceApplyProximalAdagrad")
def proximal_adagrad(var: Fact, accum: Fact, lr: Fact, l1: Fact, l2: Fact, grad: Fact) -> None:
    """A gradient of the variables' shape; the handle's own stands for an unknown one."""
    merge_all([x.handles[0].shape if x.handles else x.shape for x in (var, accum, grad)])
    check_rank(0, lr, l1, l2)


# Here, G is a gradient for some rows of the variables, and n the number of these rows.
SPARSE = {
    "S ; S ; S ; [] ; [] ; [] ; G ; [n]": "SparseApplyAdadelta",
    "S ; S ; [] ; G ; [n]": "SparseApplyAdagrad",
    "S ; S ; S ; G ; [n] ; [] ; [] ; [] ; []": """
        SparseApplyAdagradDA SparseApplyFtrl SparseApplyFtrlV2
    """,
    "S ; S ; [] ; [] ; G ; [n]": "SparseApplyAdagradV2",
    "S ; S ; S ; S ; [] ; [] ; [] ; [] ; G ; [n]": "SparseApplyCenteredRMSProp",
    "S ; S ; [] ; G ; [n] ; []": "SparseApplyMomentum",
    "S ; S ; [] ; [] ; [] ; G ; [n]": "SparseApplyProximalAdagrad",
    "S ; [] ; [] ; [] ; G ; [n]": "SparseApplyProximalGradientDescent",
    "S ; S ; S ; [] ; [] ; [] ; [] ; G ; [n]": "SparseApplyRMSProp",
}


def _sparse(pattern: str) -> Callable[..., Shape]:
    match = pattern_rule(f"{pattern} -> S ; G ; [n]")

    def rule(*inputs: Fact, dtypes: tuple[int, ...]) -> Shape:
        """The shape of the variables; the gradient has one like it, with a row for each index."""
        variable, gradient, rows = match(*inputs, dtypes=dtypes)
        merge_dimensions(gradient.at_least(1)[0], rows[0])
        return variable.merge(Shape([None]) + gradient[1:])

    return rule


for inputs, ops in SPARSE.items():
    shape_rule(ops)(_sparse(inputs))
