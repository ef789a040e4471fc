#!/usr/bin/env bash
# The grammars of tree-sitter that `make` compiles into the library: source archives, pinned in grammars.txt.
#
#   grammars.sh fetch DEST LANGUAGE…   DEST/LANGUAGE/src/parser.c; nothing is done for those that are there. Status 0
#                                      even where one did not come: hunch is built without that language then
#   grammars.sh missing DEST LANGUAGE…  names of those that are not there
#
# They come through npm or pip, whichever is there and reaches its packages. Where there is a cache folder
# (XDG_CACHE_HOME, else ~/.cache) they lie in it, once for all build folders, and DEST/LANGUAGE is a link.
set -euo pipefail

list=$(dirname "$0")/grammars.txt
log=/dev/null

row() { awk -v language="$1" -v from="$2" '$1 == language && $3 == from { print $2, $4 }' "$list"; }

# Archive of language $1 into folder $2.
from_npm() {
    local version=$3
    command -v npm >/dev/null && cd "$2" &&
        npm pack --silent --fetch-retries=0 --fetch-timeout=20000 "tree-sitter-$1@$version"
}

from_pypi() {
    local version=$3 sum=$4
    cd "$2" && echo "tree-sitter-$1==$version --hash=sha256:$sum" >pinned.txt &&
        "${PYTHON:-python3}" -m pip --disable-pip-version-check download -q --retries 0 --timeout 20 --no-deps \
            --no-binary :all: --require-hashes -r pinned.txt
}

# DEST/LANGUAGE is $1, the language $2. Status 1: it did not come.
install_into() {
    local dest=$1 language=$2 from version sum archive
    for from in npm pypi; do
        read -r version sum <<<"$(row "$language" $from)"
        [ -n "$sum" ] || continue
        rm -rf "$new" && mkdir -p "$new/out"
        (from_$from "$language" "$new" "$version" "$sum") >>"$log" 2>&1 || continue
        archive=$(find "$new" -maxdepth 1 -name '*.tgz' -o -maxdepth 1 -name '*.tar.gz')
        if [ "$(sha256sum <"$archive" | cut -d' ' -f1)" != "$sum" ]; then
            echo "tree-sitter-$language $version from $from is not the archive that grammars.txt pins: it is not used." >&2
            continue
        fi
        tar -xzf "$archive" -C "$new/out" --strip-components=1 --no-same-owner
        [ -f "$new/out/src/parser.c" ] || continue
        rm -rf "$dest"
        mv -T "$new/out" "$dest" || [ -f "$dest/src/parser.c" ] # or another one was first
        return 0
    done
    return 1
}

verb=${1:-}
dest=${2:-}
[ -n "$dest" ] || {
    echo "usage: grammars.sh fetch|missing DEST LANGUAGE…" >&2
    exit 2
}
shift 2
missing=()
for language in "$@"; do
    [ -f "$dest/$language/src/parser.c" ] || missing+=("$language")
done
case $verb in
missing) echo "${missing[*]}" ;;
fetch)
    [ ${#missing[@]} -gt 0 ] || exit 0
    mkdir -p "$dest"
    cache=${XDG_CACHE_HOME:-${HOME:-}/.cache}
    if [ -d "$cache" ] && [ -w "$cache" ]; then
        place=$cache/hunch-grammars/$(sha256sum "$list" | cut -c1-16)
    else
        place=$(realpath "$dest")
    fi
    mkdir -p "$place"
    new=$(mktemp -d "$place/new.XXXXXX")
    trap 'rm -rf "$new"' EXIT
    for language in "${missing[@]}"; do
        if [ ! -f "$place/$language/src/parser.c" ] && ! install_into "$place/$language" "$language"; then
            echo "The grammar of $language did not come: npm or pip must reach their packages. hunch is built without graph rules for $language; \`make grammars\` tries again." >&2
            continue
        fi
        [ "$place" = "$(realpath "$dest")" ] || ln -sfn "$place/$language" "$dest/$language"
    done
    ;;
*)
    echo "usage: grammars.sh fetch|missing DEST LANGUAGE…" >&2
    exit 2
    ;;
esac
