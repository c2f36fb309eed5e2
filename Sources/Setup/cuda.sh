#!/bin/sh
# Puts NVRTC, CUDA's compiler for kernels, into the cache, unless the toolkit in CUDA_HOME has one.
#
# Usage: cuda.sh [DEVICE]   (default: cuda; for cpu nothing is done)
#
# The tools compile their kernels with it for the GPU at hand. It comes from PyPI, pinned by digest,
# and takes about 250 MB. It needs no GPU.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
. "$here/common.sh"

case ${1-cuda} in
  cuda) ;;
  cpu) exit 0 ;;
  *) fail "DEVICE=$1: expected cpu or cuda" ;;
esac

# The names that the tools look for.
if [ -n "${CUDA_HOME:-}" ]; then
  for library in libnvrtc.so.13 libnvrtc.so.12 libnvrtc.so; do
    [ -e "$CUDA_HOME/lib64/$library" ] || continue
    say "GPU kernels will be compiled by $CUDA_HOME/lib64/$library"
    exit 0
  done
fi

pins=$here/cuda.txt
kind=cuda
lost="no compiler for GPU kernels"
. "$here/venv.sh"

# Where the tools look, whatever the environment's name.
link() {
  library=$(find "$venv/lib/" -name 'libnvrtc.so*' | head -n 1)
  [ -n "$library" ] || give_up "the package has no libnvrtc.so"
  folder=$(dirname "$library")
  mkdir -p "$cache/cuda"
  ln -sfn "$folder" "$cache/cuda/lib"
}

lock_environments
if [ ! -f "$venv/complete" ]; then
  say "fetching NVRTC, CUDA's compiler for kernels, about 90 MB"
  begin_venv
  install --no-deps --require-hashes -r "$pins" || give_up "pip failed: $(pip_error)"
  finish_venv >&2
fi
link
