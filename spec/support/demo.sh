#!/usr/bin/env bash
# make demo: the shipped rules on the tree in examples/. Findings are what it should have.
set -euo pipefail
cd "$(dirname "$0")/../.."
build=${1:-build}
rules=(rules)
echo "$ $build/hunch scan -r ${rules[*]} examples/tree"
status=0
"$build/hunch" scan -r "${rules[@]}" examples/tree || status=$?
case $status in
0) echo "hunch found nothing in examples/tree, which holds made-up secrets: this is a fault." >&2; exit 1 ;;
1) echo; echo "(exit status 1: there are findings; all of these secrets are made up)" ;;
*) exit "$status" ;;
esac
