"""Shape rules for the ops of audio_ops.cc. (Being written; leave it to its author.)"""
