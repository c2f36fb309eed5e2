#!/bin/sh
# Puts NVRTC, CUDA's compiler for kernels, and cuBLASLt, its library of products, into the cache, unless the
# toolkit in CUDA_HOME has both.
#
# Usage: cuda.sh [DEVICE]   (default: cuda; for cpu nothing is done)
#
# The tools compile their kernels with NVRTC for the GPU at hand, and compute large products with cuBLASLt. Both come
# from PyPI, pinned by digest, and take about 660 MB. No GPU is needed.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
. "$here/common.sh"

case ${1-cuda} in
  cuda) ;;
  cpu) exit 0 ;;
  *) fail "DEVICE=$1: expected cpu or cuda" ;;
esac

# Whether the toolkit has a library under a name that the tools look for.
has() {
  for version in .13 .12 ''; do
    [ ! -e "$CUDA_HOME/lib64/$1.so$version" ] || return 0
  done
  return 1
}

if [ -n "${CUDA_HOME:-}" ] && has libnvrtc && has libcublasLt; then
  say "GPU kernels and products will use the libraries in $CUDA_HOME/lib64"
  exit 0
fi

pins=$here/cuda.txt
kind=cuda
lost="no libraries for GPUs"
. "$here/venv.sh"

# Where the tools look, whatever the environment's name.
link() {
  library=$(find "$venv/lib/" -name 'libnvrtc.so*' | head -n 1)
  [ -n "$library" ] || give_up "the packages have no libnvrtc.so"
  folder=$(dirname "$library")
  [ -n "$(find "$folder" -name 'libcublasLt.so*')" ] || give_up "the packages have no libcublasLt.so beside NVRTC"
  mkdir -p "$cache/cuda"
  ln -sfn "$folder" "$cache/cuda/lib"
}

lock_environments
if [ ! -f "$venv/complete" ]; then
  say "fetching NVRTC and cuBLASLt, CUDA's compiler and products, about 510 MB"
  begin_venv
  install --no-deps --require-hashes -r "$pins" || give_up "pip failed: $(pip_error)"
  # What comes with them and is not used.
  find "$venv/lib/" \( -name 'libcublas.so*' -o -name 'libnvblas.so*' -o -name '*.alt.so*' \) -delete
  finish_venv >&2
fi
link
