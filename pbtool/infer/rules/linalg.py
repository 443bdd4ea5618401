"""Shape rules for the ops of linalg_ops.cc. (Being written; leave it to its author.)"""
