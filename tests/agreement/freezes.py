"""Freezing and verifying at once; and what there is to freeze in the corpus."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import NamedTuple

import tensorflow as tf

from pbtool import files
from pbtool.backend.freezing import Frozen, freeze
from pbtool.backend.unfreezable import refuse
from pbtool.backend.verification import Verified, verify
from pbtool.errors import PbtoolError
from pbtool.execution.ports import users
from pbtool.execution.program import Program, find_program
from tests.corpus import FOLDER
from tests.test_corpus import manifest

v1 = tf.compat.v1


class Source(NamedTuple):
    """A model of the corpus, and what to freeze of it."""

    path: str
    tags: str | None = None
    signature: str | None = None
    outputs: tuple[str, ...] = ()

    def __str__(self) -> str:
        return " ".join(filter(None, (self.path, self.tags, self.signature)))


# What to compute where a training graph alone does not tell.
OUTPUTS = {
    "checkpoint/regression/model.meta": ("truediv",),
    "checkpoint/taxi_estimator/model.ckpt-999.meta": ("head/predictions/probabilities",),
}

# What TensorFlow 2.21 does not load: ops that it never had, or has no more.
UNLOADABLE = {
    "saved_model/decision_forest_adult": "Op type not registered 'SimpleML",
    "saved_model/half_plus_two_trt": "Op type not registered 'TRTEngineOp'",
    "saved_model/tft_contrib_bucketize": "Op type not registered 'BucketizeWithInputBoundaries'",
    "checkpoint/bert_base/bert_model.ckpt.meta": "No such file",  # its data are not in the corpus
}

# What it cannot execute, though we can freeze it: there is an op, and no kernel.
UNEXECUTABLE = {
    "saved_model/chicago_taxi_tf1_sharded": "No OpKernel was registered to support Op "
    "'BoostedTreesBucketize'",
    "saved_model/chicago_taxi_tft_tf2": "No OpKernel was registered to support Op "
    "'BoostedTreesBucketize'",
}

# What no graph of constants can do, and what to do instead.
UNFREEZABLE = {
    (
        "saved_model/regression_tf2",
        "train",
    ): "writes to variable 'SGD/iter', which therefore cannot become a constant",
    ("checkpoint/taxi_estimator/model.ckpt-999.meta", None): "an iterator cannot be frozen",
}


@cache
def sources() -> list[Source]:
    """All signatures of all SavedModels, and all meta graphs with a checkpoint beside them."""
    found = []
    for row in manifest():
        path = row["path"]
        if row["kind"].startswith("SavedModel"):
            model = files.load(FOLDER / path)
            for meta_graph in model.meta_graphs:
                tags = ",".join(meta_graph.proto.meta_info_def.tags)
                keys = list(users(meta_graph)) or [None]
                found += [Source(str(Path(path).parent), tags, key) for key in keys]
        elif path.endswith(".meta") and has_checkpoint(path):
            found.append(Source(path, outputs=OUTPUTS.get(path, ())))
    return found


def has_checkpoint(path: str) -> bool:
    """Whether a checkpoint lies beside a ``.meta`` file."""
    prefix = FOLDER / path.removesuffix(".meta")
    return prefix.is_file() or prefix.with_name(f"{prefix.name}.index").is_file()


@cache
def load_error(path: str, tags: str | None) -> str:
    """Why TensorFlow's own loader cannot load a model; "" where it does."""
    place = str(FOLDER / path)
    try:
        with v1.Session(graph=tf.Graph()) as session:
            if path.endswith(".meta"):
                saver = v1.train.import_meta_graph(place, clear_devices=True)
                saver.restore(session, place.removesuffix(".meta"))
            else:
                v1.saved_model.loader.load(session, (tags or "").split(","), place)
    except (tf.errors.OpError, ValueError, RuntimeError) as error:
        return str(error)
    return ""


def program_of(source: Source) -> Program:
    """How to execute it."""
    model = files.load(FOLDER / source.path)
    return find_program(model, tags=source.tags, signature=source.signature, outputs=source.outputs)


def frozen(program: Program) -> tuple[Frozen, Verified]:
    """The program frozen, and the verdict of executing both."""
    refuse(program)
    result = freeze(program)
    return result, verify(program, result, 60)


def frozen_model(path: Path, **choice: object) -> tuple[Program, Frozen, Verified]:
    """What a file is to execute, frozen, with the verdict; ``choice`` is for ``find_program``."""
    program = find_program(files.load(path), **choice)
    return (program, *frozen(program))


def refusal(source: Source) -> str:
    """Why it cannot be frozen; "" where it can."""
    try:
        frozen(program_of(source))
    except PbtoolError as error:
        return str(error)
    return ""
