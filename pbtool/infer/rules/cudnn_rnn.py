"""Shape rules for the ops of cudnn_rnn_ops.cc. (Being written; leave it to its author.)"""
