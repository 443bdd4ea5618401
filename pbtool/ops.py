"""Ops of TensorFlow that belong together, in its own words; what each declares is in ``opdefs``."""

from __future__ import annotations

CONSTANTS = frozenset({"Const", "HostConst"})

REF_VARIABLES = frozenset({"Variable", "VariableV2"})  # whose output is a reference
VARIABLES = REF_VARIABLES | {"VarHandleOp"}

CALLS = frozenset({"PartitionedCall", "StatefulPartitionedCall"})  # of the function in attr "f"

# --- what decides which nodes run, and how often --------------------------------------------------

ENTERS = frozenset({"Enter", "RefEnter"})
EXITS = frozenset({"Exit", "RefExit"})
MERGES = frozenset({"Merge", "RefMerge"})
NEXT_ITERATIONS = frozenset({"NextIteration", "RefNextIteration"})
SWITCHES = frozenset({"RefSwitch", "Switch", "_SwitchN"})

# In TensorFlow 1, by what passes through them and what does not.
CONTROL_FLOW_V1 = ENTERS | EXITS | MERGES | NEXT_ITERATIONS | SWITCHES | {"LoopCond"}

# Since TensorFlow 2, by the functions that they call.
FUNCTIONAL = frozenset({"Case", "If", "StatelessCase", "StatelessIf", "StatelessWhile", "While"})
CONTROL_FLOW_V2 = FUNCTIONAL | {"For"}
