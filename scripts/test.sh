#!/usr/bin/env bash
# Passes the tests on a fresh machine: makes an environment of its own in .venv-test, installs pbtool,
# its development tools and the TensorFlow that it is held against, and runs pytest with the
# arguments given.
#
# PYTHON chooses the interpreter (default: python3), which must be one that TensorFlow supports.
set -euo pipefail
cd "$(dirname "$0")/.."

TENSORFLOW=2.21  # the oracle: the version that the op table and the recorded answers are from

if [ ! -x .venv-test/bin/pytest ]; then
    "${PYTHON:-python3}" -m venv .venv-test
    .venv-test/bin/python -m pip install --quiet --disable-pip-version-check \
        --editable '.[dev,tf]' "tensorflow==$TENSORFLOW.*"
fi

export TF_CPP_MIN_LOG_LEVEL=3
exec .venv-test/bin/python -m pytest "$@"
