"""Shape rules for the ops of ctc_ops.cc. (Being written; leave it to its author.)"""
