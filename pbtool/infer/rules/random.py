"""Shape rules for the ops of random_ops.cc. (Being written; leave it to its author.)"""
