"""Shape rules for the ops of lookup_ops.cc.

What a table refers to are two tensors: one key, one value.
"""

from __future__ import annotations

from pbtool.errors import ShapeError
from pbtool.facts import Fact, Handle
from pbtool.infer.patterns import patterns
from pbtool.infer.registry import handle_rule, shape_rule
from pbtool.shapes import SCALAR, UNKNOWN, Shape

patterns("""
    -> []
        AnonymousHashTable AnonymousMutableHashTable AnonymousMutableHashTableOfTensors HashTableV2
        MutableHashTableOfTensorsV2 MutableHashTableV2
    -> [2]
        HashTable MutableDenseHashTable MutableHashTable MutableHashTableOfTensors
    [] | [?] -> []
        AnonymousMutableDenseHashTable MutableDenseHashTableV2
    [2] ->
        LookupTableImport LookupTableInsert
    [2] ; _ ; [] | [?] -> _
        LookupTableFind
    [2] -> [?] ; _
        LookupTableExport
    [2] -> []
        LookupTableSize
    [] -> []
        LookupTableSizeV2
    [] ->
        LookupTableInsertV2
    [] ; [n] ; [n,_] ->
        LookupTableImportV2
    [] ; [?,_] ->
        LookupTableRemoveV2
    [] ; [n] ; [n] ->
        InitializeTableV2
    [2] ; [n] ; [n] ->
        InitializeTable
    [] ; [] ->
        InitializeTableFromTextFileV2
    [2] ; [] ->
        InitializeTableFromTextFile
""")


@shape_rule("LookupTableFindV2")
def lookup_table_find(
    table_handle: Fact, keys: Fact, default_value: Fact, *, Tin: int, Tout: int
) -> Shape:
    """A value for each key."""
    return _found(table_handle, keys.shape, Tin, Tout)


@shape_rule("LookupTableExportV2")
def lookup_table_export(table_handle: Fact, *, Tkeys: int, Tvalues: int) -> list[Shape]:
    """All keys, and all values; nothing is known of how many."""
    return [UNKNOWN, _found(table_handle, UNKNOWN, Tkeys, Tvalues)]


def _found(table: Fact, keys: Shape, key_dtype: int, value_dtype: int) -> Shape:
    table.shape.with_rank(0)
    if table.handles is None or len(table.handles) != 2:
        return UNKNOWN
    key, value = table.handles
    if (key.dtype, value.dtype) != (key_dtype, value_dtype):
        raise ShapeError("the table's dtypes are others than the attrs say")
    if keys.rank is None or key.shape.rank is None:
        return UNKNOWN
    return keys.at_least(key.shape.rank)[: keys.rank - key.shape.rank] + value.shape


@handle_rule("AnonymousMutableHashTable MutableHashTableV2")
def of_mutable_hash_table(*, key_dtype: int, value_dtype: int) -> tuple[Handle, ...]:
    """Scalars to scalars."""
    return Handle(key_dtype, SCALAR), Handle(value_dtype, SCALAR)


@handle_rule("AnonymousMutableHashTableOfTensors MutableHashTableOfTensorsV2")
def of_mutable_hash_table_of_tensors(
    *, key_dtype: int, value_dtype: int, value_shape: Shape
) -> tuple[Handle, ...]:
    """Scalars to tensors."""
    return Handle(key_dtype, SCALAR), Handle(value_dtype, value_shape)


@handle_rule("AnonymousMutableDenseHashTable MutableDenseHashTableV2")
def of_mutable_dense_hash_table(
    empty_key: Fact, deleted_key: Fact, *, key_dtype: int, value_dtype: int, value_shape: Shape
) -> tuple[Handle, ...]:
    """Keys, which are like the one that stands for none, to tensors."""
    return Handle(key_dtype, empty_key.shape), Handle(value_dtype, value_shape)
