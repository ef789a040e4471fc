#!/usr/bin/env bash
# Runs spec files, one process each, JOBS at a time, and adds up what they say.
#
#   run_specs.sh test|soak|peers|gpu|golden|FILE…
#
#   test     every *_spec.lua of spec/, examples/ and rules/ but spec/soak, spec/peers and spec/gpu
#   soak     spec/soak, and once more with HUNCH_SOAK=1 all that ask for it; shows what was compared ("figure:" lines)
#   peers    spec/peers; needs the folder HUNCH_SHARED (../shared)
#   gpu      spec/gpu; needs a GPU; shows what was compared
#   golden   the specs that keep goldens, with HUNCH_GOLDEN=write from the caller
#
# Environment: HUNCH_BUILD (build), HUNCH_SAN=1 (that build is under AddressSanitizer), HUNCH_SPEC_SECONDS
# (the most that one file may take: 900, 14400 in soak), JOBS, LUA, BUSTED.
# A file that says nothing countable, or that dies, is one failure. So is a pending spec: a test
# that is not run must be taken out or mended. The last line is "N passed, N failed".
set -euo pipefail
cd "$(dirname "$0")/../.."

export HUNCH_BUILD=${HUNCH_BUILD:-build}
LUA=${LUA:-lua5.4}
JOBS=${JOBS:-2}
busted=$(command -v "${BUSTED:-busted}") || {
    echo "hunch's specs need busted: install it with \`apt-get install lua-busted\`." >&2
    exit 1
}

mode=${1:-test}
case $mode in
test)
    mapfile -t files < <(find spec examples rules -name '*_spec.lua' -not -path 'spec/soak/*' -not -path 'spec/peers/*' -not -path 'spec/gpu/*' | LC_ALL=C sort)
    ;;
soak)
    export HUNCH_SOAK=1
    longest=spec/soak/differential_spec.lua # first, so that the others run beside it
    mapfile -t files < <(echo $longest; { find spec/soak -name '*_spec.lua'; grep -rl --include='*_spec.lua' HUNCH_SOAK spec; } |
        LC_ALL=C sort -u | grep -vx $longest)
    ;;
peers)
    export HUNCH_SHARED=${HUNCH_SHARED:-$(cd .. && pwd)/shared}
    if [ ! -d "$HUNCH_SHARED/peers" ]; then
        echo "make peers compares hunch with the data of other tools, and $HUNCH_SHARED/peers is not there: set HUNCH_SHARED to the folder that holds peers/." >&2
        exit 2
    fi
    mapfile -t files < <(find spec/peers -name '*_spec.lua' 2>/dev/null | LC_ALL=C sort)
    ;;
gpu)
    mapfile -t files < <(find spec/gpu -name '*_spec.lua' | LC_ALL=C sort)
    ;;
golden)
    mapfile -t files < <(grep -rl HUNCH_GOLDEN spec --include='*_spec.lua' | LC_ALL=C sort)
    ;;
*)
    files=("$@")
    mode=files-$$
    ;;
esac
if [ ${#files[@]} = 0 ]; then
    echo "run_specs.sh: no spec files for $mode" >&2
    exit 1
fi

export LUA_PATH="lua/?.lua;lua/?/init.lua;spec/?.lua;${LUA_PATH:-;}"
export LUA_CPATH="$HUNCH_BUILD/lua/?.so;${LUA_CPATH:-;}"
PATH="$(realpath -m "$HUNCH_BUILD"):$PATH"
export PATH
export LC_ALL=C.UTF-8
# Compiled databases and tuning go where nobody else's are.
XDG_CACHE_HOME=$(realpath -m "$HUNCH_BUILD")/spec-cache
export XDG_CACHE_HOME
preload=
if [ -n "${HUNCH_SAN:-}" ]; then
    # The stock Lua is not built with the sanitizer: its runtime must come first, and the C++ library with it,
    # or else the first exception inside a module (Vectorscan throws some) ends the process.
    preload=$(${CC:-gcc} -print-file-name=libasan.so):$(${CC:-gcc} -print-file-name=libstdc++.so.6)
    common=exitcode=99:allocator_may_return_null=1
    # Leaks are looked for where that is allowed: it needs ptrace, which some containers forbid.
    if LD_PRELOAD=$preload ASAN_OPTIONS=detect_leaks=1:$common "$LUA" -e '' 2>/dev/null; then
        common=detect_leaks=1:$common
    else
        echo "run_specs.sh: leaks are not looked for: this system does not let a process trace itself"
        common=detect_leaks=0:$common
    fi
    export ASAN_OPTIONS=${ASAN_OPTIONS:-$common}
    export LSAN_OPTIONS=${LSAN_OPTIONS:-suppressions=$PWD/spec/support/lsan.supp:print_suppressions=0}
    export UBSAN_OPTIONS=${UBSAN_OPTIONS:-print_stacktrace=1}
fi
export preload LUA busted

logs=$HUNCH_BUILD/spec-logs/$mode
rm -rf "$logs"
mkdir -p "$logs"
export logs

# One file: its output in a log; beside it "passed failed status". The line is printed as soon as it is known.
run_one() {
    local log=$logs/${1//\//.} started=$EPOCHREALTIME status=0 ok=0 bad=1 ms
    # shellcheck disable=SC2086 # no preload: no word
    timeout --foreground --kill-after=10 "$limit" env ${preload:+LD_PRELOAD=$preload} \
        "$LUA" "$busted" --ignore-lua -o plainTerminal "$1" >"$log" 2>&1 || status=$?
    # LeakSanitizer's own tracer dies now and then, in any spec, when all is done: again then, thrice at most.
    if grep -aq 'LeakSanitizer has encountered a fatal error' "$log" && [ "${2:-0}" -lt 3 ]; then
        echo "run_specs.sh: LeakSanitizer failed at the end of $1, which is run again"
        run_one "$1" $((${2:-0} + 1))
        return
    fi
    [ "$status" != 124 ] || echo "It ran past $limit seconds and was ended." >>"$log"
    # busted's own summary: "12 successes / 0 failures / 0 errors / 0 pending : 0.1 seconds"
    if [[ $(grep -aE '^[0-9]+ success(es)? / ' "$log" | tail -n 1) =~ ^([0-9]+)\ [a-z]+\ /\ ([0-9]+)\ [a-z]+\ /\ ([0-9]+)\ [a-z]+\ /\ ([0-9]+)\ pending ]]; then
        ok=${BASH_REMATCH[1]}
        bad=$((BASH_REMATCH[2] + BASH_REMATCH[3] + BASH_REMATCH[4]))
        # All well and yet a bad status (a crash while closing), or nothing in the file at all.
        if [ $bad = 0 ] && { [ "$status" != 0 ] || [ "$ok" = 0 ]; }; then bad=1; fi
    fi
    echo "$ok $bad $status" >"$log.status"
    ms=$(((${EPOCHREALTIME/./} - ${started/./}) / 1000))
    {
        printf '%-52s %5d passed %4d failed %6d.%03d s\n' "$1" "$ok" "$bad" $((ms / 1000)) $((ms % 1000))
        sed -n 's/^figure: /    /p' "$log"
    } >"$log.line"
    cat "$log.line"
}
export -f run_one
limit=${HUNCH_SPEC_SECONDS:-$([ "$mode" = soak ] && echo 14400 || echo 900)}
export limit
printf '%s\0' "${files[@]}" | xargs -0 -n 1 -P "$JOBS" bash -c 'run_one "$1"' _

passed=0 failed=0
for file in "${files[@]}"; do
    log=$logs/${file//\//.}
    read -r ok bad status <"$log.status"
    passed=$((passed + ok)) failed=$((failed + bad))
    if [ "$bad" != 0 ]; then
        echo "---- $file (status $status)"
        cat "$log"
        echo "----"
    fi
done
echo "$passed passed, $failed failed"
[ "$failed" = 0 ]
