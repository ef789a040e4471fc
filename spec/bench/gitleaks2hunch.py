#!/usr/bin/env python3
"""gitleaks.toml -> one hunch rule file, well enough to measure with.

    gitleaks2hunch.py GITLEAKS.TOML [-o RULES.lua]

A finding of such a rule has the span of the whole match; its secret is the group `secretGroup`, or else
the first group that is set and not empty, or else the match. compare.py picks it the same way. Keywords become the
prefilter (lower-cased substrings anywhere in the record), `entropy` is strict as gitleaks' is, `path` must
hold too. Allowlists, decoders and rules without a regex are left out: the baseline has none of them either.
"""
import argparse
import sys
import tomllib


def quoted(text):
    """A Lua string literal on one line."""
    out = []
    for byte in text.encode():
        char = chr(byte)
        if char in '"\\':
            out.append("\\" + char)
        elif 32 <= byte < 127:
            out.append(char)
        else:
            out.append(f"\\x{byte:02x}")
    return '"' + "".join(out) + '"'


def long_string(text):
    """[[text]] with as many `=` as the text needs; what long brackets would change is quoted."""
    if "\r" in text or text.startswith("\n"):
        return quoted(text)
    level = 0
    while f"]{'=' * level}]" in text + "]":
        level += 1
    return f"[{'=' * level}[{text}]{'=' * level}]"


def number(value):
    return repr(float(value)).removesuffix(".0")


def convert(rule):
    lines = [f"rule {quoted(rule['id'])} {{"]
    if rule.get("description"):
        lines.append(f"  title = {quoted(rule['description'])},")
    lines.append('  tags = { "secret", "gitleaks" },')
    keywords = list(dict.fromkeys(k.lower() for k in rule.get("keywords", [])))
    if keywords:
        literals = ", ".join(f'lit({quoted(k)}, "nocase")' for k in keywords)
        lines.append(f"  prefilter = any {{ {literals} }},")
    lines.append("  confirm = {")
    if rule.get("path"):
        lines.append(f"    path {long_string(rule['path'])},")
    lines.append(f"    regex {long_string(rule['regex'].strip(chr(10)))},")
    if rule.get("entropy"):
        group = rule.get("secretGroup") or '"first"'
        lines.append(f"    entropy {{ capture = {group}, above = {number(rule['entropy'])} }},")
    lines += ["  },", "}", ""]
    return "\n".join(lines)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("toml")
    parser.add_argument("-o", "--output", default="-")
    args = parser.parse_args()
    with open(args.toml, "rb") as file:
        rules = tomllib.load(file)["rules"]
    kept = [r for r in rules if "regex" in r and not r.get("skipReport")]
    text = "".join(convert(r) + "\n" for r in kept).rstrip("\n") + "\n"
    if args.output == "-":
        sys.stdout.write(text)
    else:
        with open(args.output, "w", encoding="utf-8") as file:
            file.write(text)
        print(f"{len(kept)} rules of {len(rules)} -> {args.output}", file=sys.stderr)


main()
