"""What executing a model takes, found out without TensorFlow: ``backend`` does the executing."""
