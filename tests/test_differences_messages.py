"""Messages as JSON: nothing of them is lost."""

from __future__ import annotations

import json

from pbtool import schema
from pbtool.differences import Content
from pbtool.differences.messages import content_from_json, message_to_json


def test_every_field_of_a_message_is_kept() -> None:
    message = schema.FunctionDef()
    message.arg_attr[3].attr["x"].b = False
    message.ret["r"] = "x:y:0"
    message.resource_arg_unique_id[1] = 2
    message.signature.SetInParent()
    message.node_def.add().experimental_type.type_id = 3
    document = json.loads(json.dumps(message_to_json(message)))
    assert "serialized" not in document
    content = content_from_json({"message": "FunctionDef", "value": document})
    assert content == Content(message)


def test_unknown_fields_are_kept() -> None:
    node = schema.NodeDef.FromString(b"\x0a\x01x\xf8\x7f\x05")
    document = message_to_json(node)
    assert list(document) == ["serialized"]
    assert content_from_json({"message": "NodeDef", "value": document}) == Content(node)
