#!/usr/bin/env python3
"""identifiers2hunch.py FOLDER TEXT COUNT [MOST [SKIP [LEAST]]]: rules, one for each of COUNT identifiers, to standard output.

Identifiers of 6 to 16 bytes are drawn with a fixed seed from the C headers in FOLDER (without linux/ and asm/), SKIP of
them passed over, then those of fewer than LEAST bytes; those that occur oftener than MOST times in the file TEXT are left
out. Says on standard error how many occurrences a KiB of TEXT there are: those of docs/PERFORMANCE.md were COUNT 1000,
SKIP 1000, and COUNT 10000, MOST 250, from the headers of a Debian 12 and 30 MB of Linux source.
"""
import collections
import os
import random
import re
import sys


def identifiers(folder):
    found = set()
    for place, folders, files in os.walk(folder):
        if "/linux" in place or "/asm" in place:
            continue
        for name in files:
            try:
                with open(os.path.join(place, name), "rb") as file:
                    text = file.read()
            except OSError:
                continue
            found.update(re.findall(rb"(?<![A-Za-z0-9_])[A-Za-z_][A-Za-z0-9_]{5,15}(?![A-Za-z0-9_])", text))
    drawn = sorted(found)
    random.Random(4).shuffle(drawn)
    return drawn


def occurrences(text, words):
    """How often each of the words stands in the text, inside of other words too."""
    beginning = collections.defaultdict(list)
    for word in words:
        beginning[word[:6]].append(word)
    count = collections.Counter()
    for run, times in collections.Counter(re.findall(rb"[A-Za-z0-9_]{6,}", text)).items():
        for at in range(len(run) - 5):
            for word in beginning.get(run[at : at + 6], ()):
                if run.startswith(word, at):
                    count[word] += times
    return count


def main():
    if len(sys.argv) not in (4, 5, 6, 7):
        sys.exit(__doc__)
    folder, path, wanted = sys.argv[1], sys.argv[2], int(sys.argv[3])
    most = int(sys.argv[4]) if len(sys.argv) > 4 else sys.maxsize
    skip = int(sys.argv[5]) if len(sys.argv) > 5 else 0
    with open(path, "rb") as file:
        text = file.read()
    least = int(sys.argv[6]) if len(sys.argv) > 6 else 6
    drawn = [word for word in identifiers(folder)[skip:] if len(word) >= least]
    count = occurrences(text, drawn)
    chosen = [word for word in drawn if count[word] <= most][:wanted]
    for i, word in enumerate(chosen):
        print('rule "identifier-%d" { prefilter = any { "%s" } }' % (i, word.decode()))
    total = sum(count[word] for word in chosen)
    print("%d identifiers, %.3f occurrences a KiB" % (len(chosen), total * 1024 / len(text)), file=sys.stderr)


main()
