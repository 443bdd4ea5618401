"""Which ops are tables, and which fill them."""

from __future__ import annotations

import re

TABLES = re.compile(r"(?:Mutable|Anonymous)*(?:Dense)?Hash(?:Table)?(?:OfTensors)?(?:V\d)?")

MUTABLE_TABLES = re.compile(r"(?:Anonymous)?Mutable(?:Dense)?Hash\w*")

# What fills a table with the tensors that it is given, and with anything.
FROM_TENSORS = re.compile(r"(?:InitializeTable|LookupTableImport)(?:V\d)?")
IMPORTS = re.compile(r"LookupTableImport(?:V\d)?")
FILLERS = re.compile(r"InitializeTable.*|LookupTableImport.*|LookupTableInsert.*")
