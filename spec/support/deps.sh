#!/usr/bin/env bash
# What hunch needs from the distribution, in one table.
#
#   deps.sh check GROUP…     one sentence for each thing that is missing; status 1 when there is one
#   deps.sh ensure GROUP…    the same, but installs with apt-get where that is possible
#   deps.sh install GROUP…   as ensure; says so when nothing was missing
#   deps.sh list GROUP…      the package names
#
# Groups: build (library and command), graph (what graph rules need besides), test (specs), peers (other tools), lint, ci (both compilers, sanitizers).
set -euo pipefail

LUA=${LUA:-lua5.4}
PKG_CONFIG=${PKG_CONFIG:-pkg-config}

has_command() { command -v "$1" >/dev/null 2>&1; }
has_pc() { "$PKG_CONFIG" --exists "$1" 2>/dev/null; }
has_lua_pc() { has_pc lua5.4 || has_pc lua-5.4 || has_pc lua54; }
has_lua_module() { "$LUA" -e "require '$1'" >/dev/null 2>&1; }
has_header() { echo "#include <$1>" | "${CXX:-g++}" -x c++ -E - >/dev/null 2>&1; }
has_c_header() { echo "#include <$1>" | "${CC:-gcc}" -x c -E - >/dev/null 2>&1; }
has_clang_runtime() { [ -e "$(clang -print-file-name=libclang_rt.asan-x86_64.a 2>/dev/null)" ] ||
    [ -e "$(clang -print-file-name=libclang_rt.asan-"$(uname -m)".a 2>/dev/null)" ] ||
    [ -e "$(clang -print-runtime-dir 2>/dev/null)/libclang_rt.asan-$(uname -m).a" ]; }

# group | packages on Debian 12 and Ubuntu 24.04 (a/b: b where there is no a) | what it is | test
table() {
    cat <<'TABLE'
build|gcc libc6-dev|a C compiler|has_command ${CC:-gcc}
build|pkg-config|pkg-config|has_command $PKG_CONFIG
build|lua5.4|the Lua 5.4 interpreter|has_command $LUA
build|liblua5.4-dev|the Lua 5.4 library (pkg-config: lua5.4)|has_lua_pc
build|lua-lpeg-dev|LPeg for C (pkg-config: lua5.4-lpeg)|has_pc lua5.4-lpeg
build|lua-lpeg|LPeg for Lua 5.4|has_lua_module lpeg
build|lua-cjson-dev|cjson for C (pkg-config: lua5.4-cjson)|has_pc lua5.4-cjson
build|lua-cjson|cjson for Lua 5.4|has_lua_module cjson
build|libxxhash-dev|xxHash's header|has_c_header xxhash.h
build|libtree-sitter-dev|tree-sitter, the library (pkg-config: tree-sitter)|has_pc tree-sitter
build|libvectorscan-dev/libhyperscan-dev|Vectorscan or Hyperscan (pkg-config: libhs)|has_pc libhs
graph|npm|npm, by which make brings the grammars of graph rules' languages|has_command npm
test|lua-busted|busted, the spec runner|has_command ${BUSTED:-busted}
test|git|git, the reference for .gitignore|has_command git
test|g++|a C++ compiler|has_command ${CXX:-g++}
test|libre2-dev|RE2, the second opinion on regexes|has_header re2/re2.h
test|python3|Python 3.11 or later, for the tools of spec/bench|python3 -c 'import tomllib'
peers|g++ libre2-dev|RE2, for the baselines|has_header re2/re2.h
peers|nlohmann-json3-dev|a JSON library, for the baselines|has_header nlohmann/json.hpp
lint|lua-check|luacheck|has_command ${LUACHECK:-luacheck}
lint|clang-format|clang-format|has_command ${CLANG_FORMAT:-clang-format}
ci|clang|clang|has_command clang
ci|libclang-rt-dev|clang's sanitizer runtime|has_clang_runtime
TABLE
}

# Rows of the wanted groups whose test fails: "packages|what|group".
missing() {
    local group packages what test
    while IFS='|' read -r group packages what test; do
        case " $groups " in *" $group "*) ;; *) continue ;; esac
        eval "$test" 2>/dev/null || echo "$packages|$what|$group"
    done < <(table)
}

# "a b/c" -> "a b", or "a c" where apt knows c and not b.
chosen() {
    local word choice
    for word in $1; do
        choice=${word%%/*}
        if [[ $word = */* ]] && has_command apt-cache; then
            for choice in ${word//\// } "$choice"; do
                [ -z "$(apt-cache --quiet=0 madison "$choice" 2>/dev/null)" ] || break
            done
        fi
        printf '%s ' "$choice"
    done
}

packages_of() {
    table | while IFS='|' read -r group packages _; do
        case " $groups " in *" $group "*) chosen "$packages" ;; esac
    done
    echo
}

sentences() {
    local packages what group
    while IFS='|' read -r packages what group; do
        local also=
        [ "$group" != build ] || also=" or run \`make deps\`"
        packages=$(chosen "$packages")
        echo "hunch needs $what: install it with \`apt-get install ${packages% }\`$also." >&2
    done
}

apt_install() {
    local root=()
    if ! has_command apt-get; then
        echo "There is no apt-get here: install the packages named above by your own means." >&2
        return 1
    fi
    if [ "$(id -u)" != 0 ]; then
        if ! has_command sudo; then
            echo "To install packages run this as root: apt-get install $*" >&2
            return 1
        fi
        root=(sudo)
    fi
    local apt=("${root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get)
    local packages
    packages=$(chosen "$*")
    echo "apt-get install ${packages% }"
    # shellcheck disable=SC2086 # words
    "${apt[@]}" install -y --no-install-recommends $packages >/dev/null 2>&1 && return 0
    # Most often the package lists are old or were never fetched; they also say which packages there are.
    "${apt[@]}" update -q >/dev/null
    # shellcheck disable=SC2046
    "${apt[@]}" install -y --no-install-recommends $(chosen "$*")
}

verb=${1:-check}
shift || true
groups=${*:-build}

case $verb in
list)
    packages_of
    ;;
check)
    rows=$(missing)
    [ -z "$rows" ] || { sentences <<<"$rows"; exit 1; }
    ;;
ensure | install)
    rows=$(missing)
    if [ -z "$rows" ]; then
        [ "$verb" = ensure ] || echo "Nothing is missing: $(packages_of)"
        exit 0
    fi
    # shellcheck disable=SC2046 # the packages of a row are words
    if ! apt_install $(cut -d'|' -f1 <<<"$rows"); then
        sentences <<<"$rows"
        exit 1
    fi
    rows=$(missing)
    [ -z "$rows" ] || { sentences <<<"$rows"; exit 1; }
    ;;
*)
    echo "usage: deps.sh check|ensure|install|list GROUP…" >&2
    exit 2
    ;;
esac
