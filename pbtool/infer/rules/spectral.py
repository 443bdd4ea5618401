"""Shape rules for the ops of spectral_ops.cc. (Being written; leave it to its author.)"""
