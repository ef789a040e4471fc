#!/usr/bin/env bash
# nvcc and NVRTC without a CUDA installation: the wheels of cuda_toolchain.txt. No GPU, no root.
#
#   cuda_toolchain.sh install DEST   DEST/bin/nvcc, DEST/lib/libnvrtc.so.13; nothing is done when they are there
#   cuda_toolchain.sh available      status 0 when they are in the cache, or pip is there and reaches its packages
#
# Where there is a cache folder (XDG_CACHE_HOME, else ~/.cache) the compilers lie in it, once for all build
# folders, and DEST is a link. They are NVIDIA's, under NVIDIA's licence; hunch neither has nor installs them.
set -euo pipefail

list=$(dirname "$0")/cuda_toolchain.txt

pip() { "${PYTHON:-python3}" -m pip --disable-pip-version-check "$@"; }

# Where they lie, when DEST is $1. Another list is another folder.
place_of() {
    local cache=${XDG_CACHE_HOME:-${HOME:-}/.cache}
    if [ -d "$cache" ] && [ -w "$cache" ]; then
        echo "$cache/hunch-cuda/$(sha256sum "$list" | cut -c1-16)"
    else
        echo "$1"
    fi
}

available() {
    local folder status=0
    [ ! -x "$(place_of /nowhere)/bin/nvcc" ] || return 0
    [ "$(uname -m)" = x86_64 ] && pip --version >/dev/null 2>&1 || return 1
    folder=$(mktemp -d)
    # The smallest of them, in its pinned version.
    pip download -q --retries 0 --timeout 20 --no-deps --only-binary=:all: --dest "$folder" \
        "$(grep -o '^nvidia-cuda-crt==[0-9.]*' "$list")" >/dev/null 2>&1 || status=1
    rm -rf "$folder"
    return $status
}

install_into() {
    local dest=$1
    new=$(mktemp -d "$(dirname "$dest")/cuda.XXXXXX") # global: the trap outlives this function
    trap 'rm -rf "$new"' EXIT
    # One call: into a folder that is not empty --target leaves out or deletes what two wheels share.
    pip install -q --no-deps --no-compile --root-user-action=ignore --only-binary=:all: --require-hashes \
        --target "$new" -r "$list" || {
        echo "The CUDA compilers did not come: pip must reach its packages, on x86-64 Linux; or install CUDA 13 and run \`make kernels-check CUDA=its-folder\`." >&2
        exit 1
    }
    local root=$new/nvidia/cu13
    # nvcc links from lib64. NVRTC is loaded by the name with its version.
    ln -sfn lib "$root/lib64"
    rm -f "$root"/lib/*.alt.so* "$root"/lib/libnvvm.so.*
    "$root/bin/nvcc" --version >/dev/null
    rm -rf "$dest"
    mv -T "$root" "$dest" || [ -x "$dest/bin/nvcc" ] # or another one was first
}

case ${1:-} in
available) available ;;
install)
    dest=${2:?usage: cuda_toolchain.sh install DEST}
    place=$(place_of "$dest")
    mkdir -p "$(dirname "$dest")" "$(dirname "$place")"
    [ -x "$place/bin/nvcc" ] || install_into "$place"
    if [ "$place" != "$dest" ]; then
        [ -L "$dest" ] || rm -rf "$dest"
        ln -sfn "$place" "$dest"
    fi
    echo "$dest: $("$dest/bin/nvcc" --version | grep -o 'release.*')"
    ;;
*)
    echo "usage: cuda_toolchain.sh install DEST | available" >&2
    exit 2
    ;;
esac
