"""Shape rules for the ops of image_ops.cc. (Being written; leave it to its author.)"""
