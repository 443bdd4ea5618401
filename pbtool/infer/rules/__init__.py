"""The rules, in files named after TensorFlow's own: ``array`` for ``array_ops.cc``, and so on.

Importing this package registers them all.
"""

from __future__ import annotations

from pbtool.infer.rules import (
    array,
    array_diag,
    array_index,
    array_quantize,
    array_space,
    control_flow,
    dataset,
    dataset_experimental,
    families,
    functional,
    handles,
    io,
    math,
    math_quantized,
    math_reduce,
    nn_conv,
    parsing,
    resource_variable,
    state,
    string,
    tensor_list,
    tensor_map,
    values,
    values_array,
    values_made,
    values_math,
)

__all__ = [
    "array",
    "array_diag",
    "array_index",
    "array_quantize",
    "array_space",
    "control_flow",
    "dataset",
    "dataset_experimental",
    "families",
    "functional",
    "handles",
    "io",
    "math",
    "math_quantized",
    "math_reduce",
    "nn_conv",
    "parsing",
    "resource_variable",
    "state",
    "string",
    "tensor_list",
    "tensor_map",
    "values",
    "values_array",
    "values_made",
    "values_math",
]
