"""Shape rules for the ops of rnn_ops.cc. (Being written; leave it to its author.)"""
