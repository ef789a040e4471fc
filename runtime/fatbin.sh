#!/usr/bin/env bash
# Kernels compiled when hunch is built, where there is an nvcc.
#
#   fatbin.sh targets NVCC                   the targets that this nvcc has: "sm_75 sm_80 … + PTX"
#   fatbin.sh compile NVCC CXX SOURCE OUT    SOURCE for all of them: OUT, and OUT.d, on which headers it depends
#
# An nvcc that cannot do it does not end the build: OUT is empty, OUT.log says why, and so does a line.
set -euo pipefail

wanted=(75 80 86 89 90 100 120)

# Code of sm_80 runs on sm_87 too, and PTX on what comes after the last, so these serve all from sm_75 on.
targets() {
    local known arch
    known=" $("$1" --list-gpu-code 2>/dev/null | tr '\n' ' ') "
    for arch in "${wanted[@]}"; do
        [[ $known != *" sm_$arch "* ]] || echo "$arch"
    done
}

mapfile -t archs < <(targets "${2:?usage: fatbin.sh targets|compile NVCC …}")
case $1 in
targets)
    [ ${#archs[@]} = 0 ] || echo "${archs[*]/#/sm_} + PTX"
    ;;
compile)
    nvcc=$2 cxx=$3 source=$4 out=$5
    if [ ${#archs[@]} = 0 ]; then
        echo "$nvcc knows none of the targets ${wanted[*]/#/sm_}" >"$out.log"
    else
        last=${archs[-1]}
        options=(-gencode "arch=compute_$last,code=compute_$last")
        for arch in "${archs[@]}"; do options+=(-gencode "arch=compute_$arch,code=sm_$arch"); done
        if "$nvcc" -ccbin "$cxx" -std=c++17 -Ikernels "${options[@]}" --threads 0 -Xfatbin -compress-all \
            -MMD -MF "$out.new.d" -fatbin -o "$out.new" "$source" >"$out.log" 2>&1; then
            # Of its headers our own only: nvcc's may lie elsewhere next time.
            mapfile -t ours < <(grep -o 'kernels/[^ ]*' "$out.new.d")
            { echo "$out: ${ours[*]}"; printf '%s:\n' "${ours[@]}"; } >"$out.d"
            rm "$out.new.d"
            mv "$out.new" "$out"
            exit 0
        fi
    fi
    echo "nvcc does not compile $source ($out.log): it will be compiled at first use" >&2
    rm -f "$out".new* "$out.d"
    : >"$out"
    ;;
esac
