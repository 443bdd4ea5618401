node { name: "x" op: "Placeholder" attr { key: "dtype" value { type: DT_FLOAT } } }
node { name: "model_1/w" op: "Const" attr { key: "dtype" value { type: DT_FLOAT } }
  attr { key: "value" value { tensor { dtype: DT_FLOAT tensor_shape { dim { size: 2 } dim { size: 2 } } float_val: 4 } } } }
node { name: "model_1/dense/MatMul" op: "MatMul" input: "x" input: "model_1/w" attr { key: "T" value { type: DT_FLOAT } } }
node { name: "model_1/dense/Relu" op: "Relu" input: "model_1/dense/MatMul" attr { key: "T" value { type: DT_FLOAT } } }
node { name: "model_1/out" op: "Softmax" input: "model_1/dense/Relu" attr { key: "T" value { type: DT_FLOAT } } }
node { name: "is_nan" op: "IsNan" input: "model_1/out" attr { key: "T" value { type: DT_FLOAT } } }
