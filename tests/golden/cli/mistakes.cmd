# RUN: pbtool
# EXIT: 2
# RUN: pbtool lst model.pb
# EXIT: 2
# RUN: pbtool %
# EXIT: 2
# RUN: pbtool list
# EXIT: 2
# RUN: pbtool list --colour
# EXIT: 2
# RUN: pbtool list %tmp/missing.pb
# EXIT: 2
# RUN: pbtool completion fish -o
# EXIT: 2
