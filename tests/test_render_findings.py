from __future__ import annotations

import json

import pytest

from pbtool.checks import ERROR, Finding
from pbtool.render.findings import document


@pytest.mark.parametrize(
    ("path", "uri"),
    [
        ("a folder/of:models.pb", "a%20folder/of%3Amodels.pb"),
        ("\udcff.pb", "%FF.pb"),  # a name whose bytes are no UTF-8
    ],
)
def test_a_location_is_a_reference(path: str, uri: str) -> None:
    found = {path: [Finding("cycle", ERROR, None, "a", "waits")]}
    log = json.loads("".join(document(found, "sarif", lambda text, _: text)))
    (result,) = log["runs"][0]["results"]
    assert result["locations"][0]["physicalLocation"]["artifactLocation"] == {"uri": uri}
