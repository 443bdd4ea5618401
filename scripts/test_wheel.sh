#!/usr/bin/env bash
# Runs the tests that need no TensorFlow against an installed wheel, in an environment without
# TensorFlow and away from the sources.
#
#   scripts/test_wheel.sh PYTHON [REQUIREMENT...]
#
# The requirements pin dependencies, such as 'protobuf==4.25.*'.
set -euo pipefail
cd "$(dirname "$0")/.."
python=$1
shift

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

"$python" -m venv "$work/venv"
pip="$work/venv/bin/python -m pip --quiet --disable-pip-version-check"
$pip wheel --no-deps --wheel-dir "$work" .
$pip install "$work"/pbtool-*.whl pytest hypothesis pytest-xdist jsonschema "$@"
"$work/venv/bin/python" -c 'import importlib.util as u; assert not u.find_spec("tensorflow")'

PBTOOL_CORPUS=${PBTOOL_CORPUS:-$(cd .. && pwd)/shared/corpus}
export PBTOOL_CORPUS
cp -r tests examples pyproject.toml README.md SECURITY.md "$work"
cd "$work"
venv/bin/python -c 'import pbtool, google.protobuf as p, sys; print(f"-- Python {sys.version.split()[0]}, protobuf {p.__version__}, pbtool from {pbtool.__file__}")'
venv/bin/python -m pytest --quiet -n 2 --ignore tests/agreement
