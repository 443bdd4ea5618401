# RUN: pbtool list %examples/unfrozen.pb
# RUN: pbtool list %examples/unfrozen.pb --format csv
# RUN: pbtool list %examples/frozen.pb
# RUN: pbtool list %examples/model.ckpt.meta --op 'Var*'
# RUN: pbtool list %examples/model.ckpt
# RUN: pbtool list %examples/model.ckpt --format jsonl
# RUN: pbtool list %examples/model.ckpt --format csv
# RUN: pbtool list %examples/model.ckpt --name '*3' --format names
# RUN: pbtool list %examples/model.ckpt --op Const
# EXIT: 2
# RUN: pbtool list %examples/model.ckpt.data-00000-of-00001
# EXIT: 2
# RUN: pbtool list %examples
# EXIT: 0
# RUN: pbtool list %tmp
# EXIT: 2
# RUN: pbtool list absent.pb
# EXIT: 2
# RUN: pbtool list
# EXIT: 2
# RUN: pbtool list %examples/frozen.pb --format csv -o %tmp/out.csv
# RUN: pbtool list %tmp/out.csv
# EXIT: 2
