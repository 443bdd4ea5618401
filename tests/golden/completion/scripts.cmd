# RUN: pbtool completion bash
# RUN: pbtool completion zsh
# RUN: pbtool completion fish
