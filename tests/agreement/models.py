"""Whole graphs that TensorFlow builds: networks, loops, strings, tables, training and the like."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

from tests.agreement import models_of_functions as functions
from tests.agreement import models_of_tensorflow_1 as one
from tests.agreement.executable import Model

MODELS: dict[str, Callable[[], Model]] = {
    "attention": lambda: functions.network(functions.attention(), lower=True),
    "attention_as_traced": lambda: functions.network(functions.attention(), lower=None),
    "cond": one.cond,
    "control_flow": lambda: functions.network(functions.control_flow, lower=False),
    "control_flow_as_traced": lambda: functions.network(functions.control_flow, lower=None),
    "control_flow_lowered": lambda: functions.network(functions.control_flow, lower=True),
    "data_iterator": one.data_iterator,
    "dynamic_rnn": one.dynamic_rnn,
    "efficientnet_b0": lambda: functions.application("EfficientNetB0"),
    "gru": lambda: functions.network(functions.recurrent("GRU"), lower=False),
    "gru_as_traced": lambda: functions.network(functions.recurrent("GRU"), lower=None),
    "gru_lowered": lambda: functions.network(functions.recurrent("GRU"), lower=True),
    "input_queue": one.input_queue,
    "lstm": lambda: functions.network(functions.recurrent("LSTM"), lower=False),
    "lstm_lowered": lambda: functions.network(functions.recurrent("LSTM"), lower=True),
    "mobilenet_v2": lambda: functions.application("MobileNetV2"),
    "quantized": lambda: functions.network(functions.quantized, lower=False),
    "ragged": lambda: functions.text(functions.ragged, lower=False),
    "resnet50": lambda: functions.application("ResNet50"),
    "strings": lambda: functions.text(functions.strings, lower=False),
    "tables": lambda: functions.text(functions.tables, lower=False),
    "tensor_array": one.tensor_array,
    "training_adam": lambda: one.training(False, "adam"),
    "training_adam_of_resources": lambda: one.training(True, "adam"),
    "training_momentum": lambda: one.training(False, "momentum"),
    "training_rms_prop": lambda: one.training(True, "rms_prop"),
    "while_loop": one.while_loop,
    "word_embedding": one.word_embedding,
}


@cache
def built(name: str) -> Model:
    """One of the models; it is built once."""
    return MODELS[name]()
