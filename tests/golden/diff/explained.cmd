# RUN: pbtool diff %examples/unfrozen.pb %examples/frozen.pb
# EXIT: 1
# RUN: pbtool diff %examples/unfrozen.pb %examples/frozen.pb --stat
# EXIT: 1
# RUN: pbtool prune %examples/unfrozen.pb --outputs var4op1 -o %tmp/pruned.pb
# RUN: pbtool diff %examples/unfrozen.pb %tmp/pruned.pb
# EXIT: 1
# RUN: pbtool diff %examples/frozen.pb %here/shuffled.b
# RUN: pbtool diff %examples/model.ckpt %examples/model.ckpt
# RUN: pbtool diff %examples/model.ckpt %examples/frozen.pb
# EXIT: 2
# RUN: pbtool diff %examples/frozen.pb %here/shuffled.b --strict
# EXIT: 1
