# The graph that a freeze makes of the SavedModel in the folder of this name.
node { name: "x" op: "Placeholder" attr { key: "dtype" value { type: DT_FLOAT } } }
node {
  name: "unknown" op: "Const"
  attr { key: "dtype" value { type: DT_FLOAT } }
  attr {
    key: "value"
    value { tensor { dtype: DT_FLOAT tensor_shape { dim { size: 3 } } float_val: 1 float_val: 2 float_val: 3 } }
  }
}
node {
  name: "unknown_0" op: "Const"
  attr { key: "dtype" value { type: DT_FLOAT } }
  attr { key: "value" value { tensor { dtype: DT_FLOAT tensor_shape { } float_val: 0.5 } } }
}
node { name: "Func/call/input/_1" op: "Identity" input: "unknown" attr { key: "T" value { type: DT_FLOAT } } }
node {
  name: "call/mul" op: "Mul" input: "x" input: "Func/call/input/_1"
  attr { key: "T" value { type: DT_FLOAT } }
}
node { name: "call/NoOp" op: "NoOp" input: "^Func/call/input/_1" }
node {
  name: "call/add" op: "AddV2" input: "call/mul" input: "unknown_0"
  attr { key: "T" value { type: DT_FLOAT } }
}
node { name: "y" op: "Identity" input: "call/add" input: "^call/NoOp" attr { key: "T" value { type: DT_FLOAT } } }
versions { producer: 2474 }
