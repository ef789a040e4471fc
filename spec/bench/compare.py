#!/usr/bin/env python3
"""hunch's findings against hs_confirm's, one by one: (record, rule, offset of the secret, the secret).

    compare.py --rules gitleaks.json --root TREE --hunch hunch.jsonl --peer report.jsonl [--show 10]

hunch ran the rules of gitleaks2hunch.py, hs_confirm the same ones. What hs_confirm does beyond rules is done here to
hunch's findings, outside anybody's timing: newlines trimmed off the secret of a rule without groups, findings
on lines that hold `gitleaks:allow` dropped, `generic` findings dropped when another rule's secret that
starts on that line contains theirs. Where the two differ and the entropy is within 1e-6 of the rule's
threshold (one adds floats, the other exact fixed point), the finding is set aside and counted.
Exit status: 0 equal, 1 different or an `incomplete` line among hunch's, 2 bad arguments.
"""
import argparse
import base64
import bisect
import json
import math
import os
import re
import sys
from collections import defaultdict

ALLOW = b"gitleaks:allow"


class Record:
    """One file of the tree, read when its first finding comes."""

    def __init__(self, path):
        with open(path, "rb") as file:
            self.bytes = file.read()
        self.ends = [m.start() for m in re.finditer(b"\n", self.bytes)]

    def line(self, offset):
        return bisect.bisect_left(self.ends, offset) + 1

    def lines_around(self, start, end):
        """The whole lines that the span touches, as hs_confirm takes them."""
        first = self.bytes.rfind(b"\n", 0, start) + 1
        last = self.bytes.find(b"\n", end)
        return self.bytes[first:last if last >= 0 else len(self.bytes)]


def entropy(secret):
    counts = defaultdict(int)
    for byte in secret:
        counts[byte] += 1
    return -sum(c / len(secret) * math.log2(c / len(secret)) for c in counts.values()) if secret else 0.0


def secret_of(match, rule, data):
    """[start, end) of the secret of a hunch match."""
    captures = match.get("captures") or []
    if rule["secretGroup"] > 0:
        group = captures[rule["secretGroup"] - 1] if rule["secretGroup"] <= len(captures) else None
        return tuple(group) if group else (match["start"], match["start"])
    for group in captures:
        if group and group[1] > group[0]:
            return tuple(group)
    start, end = match["start"], match["end"]
    if not captures:
        while start < end and data[start] == 10:
            start += 1
        while end > start and data[end - 1] == 10:
            end -= 1
    return start, end


def record_name(match, root):
    name = base64.b64decode(match["record_b64"]) if "record_b64" in match else os.fsencode(match["record"])
    prefix = os.fsencode(root.rstrip("/") + "/")
    return name[len(prefix):] if name.startswith(prefix) else name


def shown(secret):
    """As hs_confirm's JSON shows it: bytes that are not UTF-8 are replaced; runs of them count as one."""
    return re.sub("\ufffd+", "\ufffd", secret.decode("utf-8", "replace"))


def read_jsonl(path):
    with open(path, "rb") as file:
        return [json.loads(line) for line in file if line.strip()]


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    for name in ("--rules", "--root", "--hunch", "--peer"):
        parser.add_argument(name, required=True)
    parser.add_argument("--show", type=int, default=10)
    args = parser.parse_args()

    with open(args.rules, encoding="utf-8") as file:
        rules = {rule["id"]: rule for rule in json.load(file)}
    for rule in rules.values():
        rule["generic"] = "generic" in rule["id"]

    records = {}

    def record(name):
        if name not in records:
            records[name] = Record(os.path.join(os.fsencode(args.root), name))
        return records[name]

    incomplete, found, allowed = [], defaultdict(list), 0
    for entry in read_jsonl(args.hunch):
        if entry["type"] == "incomplete":
            incomplete.append(entry)
        if entry["type"] != "match":
            continue
        name = record_name(entry, args.root)
        file = record(name)
        start, end = secret_of(entry, rules[entry["rule"]], file.bytes)
        if ALLOW in file.lines_around(entry["start"], entry["end"]):
            allowed += 1
            continue
        found[name].append((entry["rule"], start, file.bytes[start:end]))

    ours, deduped = set(), 0
    for name, list_ in found.items():
        by_line = defaultdict(list)
        for item in list_:
            by_line[record(name).line(item[1])].append(item)
        for items in by_line.values():
            for rule, start, secret in items:
                if rules[rule]["generic"] and any(not rules[r]["generic"] and secret in s for r, _, s in items):
                    deduped += 1
                else:
                    ours.add((name, rule, start, shown(secret)))

    theirs = set()
    for entry in read_jsonl(args.peer):
        theirs.add((os.fsencode(entry["file"]), entry["rule"], entry["offset"], re.sub("\ufffd+", "\ufffd", entry["secret"])))

    def near_threshold(item):
        limit = rules[item[1]]["entropy"]
        if not limit:
            return False
        data = record(item[0]).bytes
        secret = item[3].encode()
        return data[item[2]:item[2] + len(secret)] == secret and abs(entropy(secret) - limit) < 1e-6

    missing, extra = sorted(theirs - ours), sorted(ours - theirs)
    aside = [x for x in missing + extra if near_threshold(x)]
    missing = [x for x in missing if x not in aside]
    extra = [x for x in extra if x not in aside]
    print(f"hunch {len(ours)} findings ({deduped} generic ones folded, {allowed} on allowed lines), peer {len(theirs)}; "
          f"equal {len(ours & theirs)}, missing {len(missing)}, extra {len(extra)}, "
          f"set aside at the entropy threshold {len(aside)}, incomplete {len(incomplete)}")
    for title, items in (("missing", missing), ("extra", extra)):
        for name, rule, start, secret in items[:args.show]:
            print(f"  {title}: {os.fsdecode(name)}: {rule} at {start}: {secret[:60]!r}")
    for entry in incomplete[:args.show]:
        print(f"  incomplete: {json.dumps(entry)[:200]}")
    sys.exit(1 if missing or extra or incomplete else 0)


main()
