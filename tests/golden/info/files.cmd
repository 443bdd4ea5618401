# RUN: pbtool info --brief %examples/frozen.pb missing.pb %examples/unfrozen.pb %examples/model.ckpt %examples/model.ckpt.meta
# EXIT: 2
# RUN: pbtool info %examples/frozen.pb %examples/model.ckpt
# RUN: pbtool info --format jsonl %examples/frozen.pb %examples/model.ckpt
# RUN: pbtool info --format json %examples/frozen.pb missing.pb
# EXIT: 2
# RUN: pbtool info - --brief < %examples/unfrozen.pb
# RUN: pbtool info %examples/unfrozen.pb --color always
# RUN: pbtool info --brief -o %tmp/brief.txt %examples/frozen.pb
# RUN: pbtool info --brief --format json %examples/frozen.pb
# EXIT: 2
# RUN: pbtool info %examples/frozen.pb --tags serve
# EXIT: 2
# RUN: pbtool info %examples/model.ckpt --tags serve
# EXIT: 2
