node { name: "x" op: "Placeholder" attr { key: "dtype" value { type: DT_FLOAT } }
  attr { key: "shape" value { shape { dim { size: 8 } dim { size: 4 } } } } }
node { name: "dense/kernel" op: "Const" attr { key: "dtype" value { type: DT_FLOAT } }
  attr { key: "value" value { tensor { dtype: DT_FLOAT tensor_shape { dim { size: 4 } dim { size: 4 } }
    float_val: [1, 2, 3, 4, 5, 6.5, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16.001] } } } }
node { name: "dense/axis" op: "Const" attr { key: "dtype" value { type: DT_INT32 } }
  attr { key: "value" value { tensor { dtype: DT_INT32 tensor_shape { dim { size: 2 } } int_val: [0, 2] } } } }
node { name: "dense/MatMul" op: "MatMul" input: "x" input: "dense/kernel" device: "/gpu:0"
  attr { key: "T" value { type: DT_FLOAT } } }
node { name: "act" op: "Elu" input: "dense/MatMul" attr { key: "T" value { type: DT_FLOAT } } }
node { name: "softmax" op: "Softmax" input: "act" attr { key: "T" value { type: DT_FLOAT } } }
library { function { signature { name: "F" input_arg { name: "a" type: DT_FLOAT } output_arg { name: "b" type: DT_FLOAT } }
  node_def { name: "n" op: "Sigmoid" input: "a" attr { key: "T" value { type: DT_FLOAT } } }
  ret { key: "b" value: "n:y:0" } } }
versions { producer: 1087 }
