#!/usr/bin/env bash
# Prints where the official SARIF 2.1.0 schema lies. It is not part of this tree (its licence is OASIS's own):
# HUNCH_SARIF_SCHEMA names a copy, or else it is taken out of the crate serde-sarif, which carries it.
set -euo pipefail

CRATE=serde-sarif
VERSION=0.8.0

if [ -n "${HUNCH_SARIF_SCHEMA:-}" ]; then
    if [ ! -r "$HUNCH_SARIF_SCHEMA" ]; then
        echo "HUNCH_SARIF_SCHEMA names a file that cannot be read: $HUNCH_SARIF_SCHEMA" >&2
        exit 1
    fi
    echo "$HUNCH_SARIF_SCHEMA"
    exit 0
fi

folder=${HUNCH_BUILD:-build}/sarif
if [ ! -s "$folder/schema.json" ]; then
    advice="Set HUNCH_SARIF_SCHEMA to a copy of sarif-schema-2.1.0.json (docs.oasis-open.org/sarif), or install cargo."
    if ! command -v cargo >/dev/null 2>&1; then
        echo "The official SARIF schema is not here. $advice" >&2
        exit 1
    fi
    mkdir -p "$folder/crate/src"
    : >"$folder/crate/src/lib.rs"
    printf '[package]\nname = "schema-only"\nversion = "0.0.0"\nedition = "2021"\n[workspace]\n[dependencies]\n%s = "=%s"\n' \
        "$CRATE" "$VERSION" >"$folder/crate/Cargo.toml"
    if ! cargo vendor --quiet --manifest-path "$folder/crate/Cargo.toml" "$folder/vendor" >"$folder/log" 2>&1; then
        tail -n 3 "$folder/log" >&2
        echo "The official SARIF schema could not be fetched. $advice" >&2
        exit 1
    fi
    cp "$folder/vendor/$CRATE/src/schema.json" "$folder/schema.json"
    rm -rf "$folder/vendor" "$folder/crate"
fi
echo "$folder/schema.json"
