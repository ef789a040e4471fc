#!/usr/bin/env bash
# The grammars of tree-sitter that `make` compiles into the library: source archives, pinned in grammars.txt.
#
#   grammars.sh fetch DEST LANGUAGE…   DEST/LANGUAGE/src/parser.c; nothing is done for those that are there. Status 0
#                                      even where one did not come: hunch is built without that language then
#   grammars.sh missing DEST LANGUAGE…  names of those that are not there
#
# They come through npm. Where there is a cache folder
# (XDG_CACHE_HOME, else ~/.cache) they lie in it, once for all build folders, and DEST/LANGUAGE is a link.
set -euo pipefail

list=$(dirname "$0")/grammars.txt

# DEST/LANGUAGE is $1, the language $2. Status 1: it did not come.
install_into() {
    local dest=$1 language=$2 version sum archive
    read -r version sum <<<"$(awk -v language="$language" '$1 == language { print $2, $3 }' "$list")"
    rm -rf "$new" && mkdir -p "$new/out"
    command -v npm >/dev/null && (cd "$new" && npm pack --silent --fetch-retries=0 --fetch-timeout=20000 \
        "tree-sitter-$language@$version") >/dev/null 2>&1 || return 1
    archive=$(find "$new" -maxdepth 1 -name '*.tgz')
    if [ "$(sha256sum <"$archive" | cut -d' ' -f1)" != "$sum" ]; then
        echo "tree-sitter-$language $version is not the package that grammars.txt pins: it is not used." >&2
        return 1
    fi
    tar -xzf "$archive" -C "$new/out" --strip-components=1 --no-same-owner
    [ -f "$new/out/src/parser.c" ] || return 1
    rm -rf "$dest"
    mv -T "$new/out" "$dest" || [ -f "$dest/src/parser.c" ] # or another one was first
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
            echo "The grammar of $language did not come: npm must be there and reach its packages. hunch is built without graph rules for $language; \`make grammars\` tries again." >&2
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
