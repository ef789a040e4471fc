#!/usr/bin/env bash
# Compiles the kernels as a device would get them; runs nothing, needs no GPU.
#
#   kernels_check.sh CUDA BUILD   CUDA: what cuda_toolchain.sh made, or an installation of CUDA 13; BUILD: the build folder, with spec programs
#
# 1. Every kernels/*.cu with nvcc for all architectures and PTX: BUILD/kernels/NAME.fatbin, and a table of what each
#    entry takes: registers, stack, spilled bytes, shared memory.
# 2. Each tile header by itself, the kernels of specs and examples, those compiled for one program (variant_sources.c),
#    with nvcc for one architecture.
# 3. All of these through NVRTC. Warnings are errors everywhere.
set -euo pipefail
cd "$(dirname "$0")/../.."

cuda=${1:?usage: kernels_check.sh CUDA BUILD} build=${2:?usage: kernels_check.sh CUDA BUILD}
archs=${HUNCH_CUDA_ARCHS:-75 80 86 89 90 100 120}
one=90 # for what only has to compile
out=$build/kernels
rm -rf "$out"
mkdir -p "$out/alone"

if [ ! -x "$cuda/bin/nvcc" ]; then
    echo "There is no nvcc in $cuda: run \`make cuda-toolchain\`, or name an installation of CUDA 13 with CUDA=folder." >&2
    exit 2
fi

nvcc=("$cuda/bin/nvcc" -ccbin "${CXX:-g++}" -std=c++17 -Ikernels -Werror all-warnings -Xcompiler -Wall)
targets=()
for arch in $archs; do targets+=(-gencode "arch=compute_$arch,code=sm_$arch"); done
targets+=(-gencode "arch=compute_$arch,code=compute_$arch") # PTX for what comes after the last

for header in kernels/*_tile.h; do
    # An entry, since NVRTC makes nothing of a file without one.
    printf '#include "%s"\nextern "C" __global__ void alone(int *out) { *out = 1; }\n' "${header#kernels/}" \
        >"$out/alone/$(basename "$header" .h).cu"
done

"$build/spec/variant_sources" "$out/alone"

mapfile -t kernels < <(find kernels -maxdepth 1 -name '*.cu' | LC_ALL=C sort)
mapfile -t others < <(find "$out/alone" spec/kernels examples -name '*.cu' | LC_ALL=C sort)

# "kernel sm_90 regs stack spill shared" from what ptxas -v says.
table() {
    awk '
        /Compiling entry function/ { split($0, part, "\047"); name = part[2]; arch = part[4] }
        /bytes stack frame/ { stack = $1; spill = $5 + $9 }
        /Used [0-9]+ registers/ {
            regs = shared = 0
            for (i = 1; i < NF; i++) {
                if ($(i + 1) ~ /^registers/) regs = $i
                if ($(i + 1) == "bytes" && $(i + 2) ~ /^smem/) shared = $i
            }
            printf "%-32s %-7s %9d %6d %7d %7d\n", name, arch, regs, stack, spill, shared
        }'
}

for file in ${kernels[@]+"${kernels[@]}"}; do
    name=$(basename "$file" .cu)
    echo "$file: nvcc for $archs"
    "${nvcc[@]}" "${targets[@]}" --threads 0 -Xptxas -v -Xfatbin -compress-all -fatbin -o "$out/$name.fatbin" "$file" \
        >"$out/$name.log" 2>&1 || { cat "$out/$name.log" >&2; exit 1; }
    printf '%-32s %-7s %9s %6s %7s %7s\n' kernel arch registers stack spilled shared
    table <"$out/$name.log" | LC_ALL=C sort -k1,1 -k2,2V
    echo "$out/$name.fatbin: $(stat -c %s "$out/$name.fatbin") bytes"
done
for file in "${others[@]}"; do
    echo "$file: nvcc for $one"
    "${nvcc[@]}" -arch=sm_$one -cubin -o "$out/alone/$(basename "$file" .cu).cubin" "$file"
done
echo "NVRTC for $one"
"$build/spec/nvrtc_compile" "$cuda/lib64" "sm_$one" --std=c++17 --include-path=kernels -- \
    ${kernels[@]+"${kernels[@]}"} "${others[@]}"
