# RUN: pbtool show %examples/model.ckpt '*'
# RUN: pbtool show %examples/model.ckpt '*' --format json --values
# RUN: pbtool show %examples/model.ckpt var4
# EXIT: 2
# RUN: pbtool show %examples/model.ckpt var2 --tags serve
# EXIT: 2
# RUN: pbtool show %examples/frozen.pb 'var*'
