# RUN: pbtool diff %here/served %b
# RUN: pbtool diff %b %here/served
# RUN: pbtool diff %here/served %here/served_edited.b
# EXIT: 1
# RUN: pbtool diff %here/served/saved_model.pbtxt %b --strict --stat
# EXIT: 1
# RUN: pbtool diff %here/served %here/served_edited.b --format json -o %tmp/changes.json
# EXIT: 1
# RUN: pbtool patch %here/served %tmp/changes.json -o %tmp/made.pb
# EXIT: 2
