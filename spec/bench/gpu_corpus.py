#!/usr/bin/env python3
"""What gpu_bench.py scans, small enough to be taken to a machine that has nothing: pack it here, grow it there.

    gpu_corpus.py pack OUT --text DIR… [--megabytes 30] [--literals FILE…] [--rules FILE…]
    gpu_corpus.py tree CORPUS OUT BYTES       files, copy after copy of the corpus, in OUT/000, OUT/001, …
    gpu_corpus.py text CORPUS OUT BYTES       the same as one file
    gpu_corpus.py keywords RULES.lua…         rules for the literals of their prefilters alone, to standard output

pack draws files of text from the trees with a fixed seed until there are so many megabytes. The same trees give the same
corpus: OUT/text.bin, the files one behind the other, each filled up with newlines to a multiple of 16 bytes, which is where a
GPU wants the first of its records; text.sizes and text.names, one a line; OUT/literals and OUT/rules, rule files or compiled
programs as they were given, of which the first are measured by their literals alone. At most 40 MB.

Copies differ: in all but the first the digits are permuted and three pairs of rarer letters exchanged, both drawn with the
copy's number. Most words stay what they are, so that keywords occur about as often as before.
"""
import argparse
import os
import random
import re
import shutil
import string
import sys

MOST = 40_000_000  # bytes of a corpus
FILE_MOST = 1 << 20
ALIGNED = 16
KINDS = ("literals", "rules")


class Corpus:
    """A packed folder: paths of text and sizes, names, {name: path} of literals and rules."""

    def __init__(self, folder):
        self.text, self.sizes = os.path.join(folder, "text.bin"), os.path.join(folder, "text.sizes")
        with open(os.path.join(folder, "text.names"), encoding="utf-8", errors="surrogateescape") as file:
            self.names = file.read().splitlines()
        self.literals, self.rules = ({os.path.splitext(name)[0]: os.path.join(folder, kind, name)
                                      for name in sorted(os.listdir(os.path.join(folder, kind)))} for kind in KINDS)

    def files(self):
        """[(name, bytes)] of the text."""
        with open(self.sizes, encoding="ascii") as file:
            sizes = [int(line) for line in file]
        with open(self.text, "rb") as file:
            return [(name, file.read(size)) for name, size in zip(self.names, sizes)]


def is_text(path):
    with open(path, "rb") as file:
        start = file.read(4096)
    return start != b"" and b"\0" not in start


def candidates(tree):
    """[(name, path, size)] of what may be drawn, by name."""
    found = []
    for folder, folders, names in os.walk(tree):
        folders.sort()
        for name in names:
            path = os.path.join(folder, name)
            relative = os.path.relpath(path, tree)
            if os.path.isfile(path) and not os.path.islink(path) and "\n" not in relative and "\r" not in relative:
                found.append((relative, path, os.path.getsize(path)))
    return sorted(found)


def draw(trees, size):
    """The files of a corpus, [(name, path, size)] by name: drawn from all trees until there are `size` bytes."""
    found = [(f"{number}/{name}", path, length) for number, tree in enumerate(trees)
             for name, path, length in candidates(tree) if length <= min(FILE_MOST, size // 8)]
    random.Random("hunch corpus").shuffle(found)
    drawn, total = [], 0
    for name, path, length in found:
        if total >= size:
            break
        if is_text(path):
            drawn.append((name, path, length))
            total += length
    return sorted(drawn)


def filled_up(path):
    with open(path, "rb") as file:
        data = file.read()
    return data + b"\n" * (-len(data) % ALIGNED)


def pack(out, trees, size, literals=(), rules=()):
    shutil.rmtree(out, ignore_errors=True)
    files = draw(trees, size)
    if not files:
        sys.exit(f"no text was found below {', '.join(trees)}; name other folders with --text")
    for kind, paths in zip(KINDS, (literals, rules)):
        os.makedirs(os.path.join(out, kind))
        for path in paths:
            shutil.copyfile(path, os.path.join(out, kind, os.path.basename(path)))
    with open(os.path.join(out, "text.bin"), "wb") as text, open(os.path.join(out, "text.sizes"), "w", encoding="ascii") as sizes, \
            open(os.path.join(out, "text.names"), "w", encoding="utf-8", errors="surrogateescape") as names:
        for name, path, _ in files:
            data = filled_up(path)
            sizes.write(f"{text.write(data)}\n")
            names.write(name + "\n")
    total = sum(os.path.getsize(os.path.join(folder, name)) for folder, _, found in os.walk(out) for name in found)
    if total > MOST:
        sys.exit(f"the corpus has {total / 1e6:.1f} MB, more than {MOST / 1e6:.0f}; take fewer megabytes of text, or fewer rules")
    return len(files), total


def exchange(copy):
    """The table by which a copy differs from the first, for bytes.translate."""
    chance = random.Random(f"hunch copy {copy}")
    to = list(range(256))
    if copy > 0:
        digits = [ord(c) for c in string.digits]
        for digit, other in zip(digits, chance.sample(digits, 10)):
            to[digit] = other
        letters = chance.sample("bfgjqvwxz", 6)
        for a, b in zip(letters[:3], letters[3:]):
            for x, y in ((a, b), (b, a), (a.upper(), b.upper()), (b.upper(), a.upper())):
                to[ord(x)] = ord(y)
    return bytes(to)


def copies(corpus, size):
    """(number of the copy, name, bytes) of files until there are `size` bytes."""
    files, total, copy = corpus.files(), 0, 0
    while total < size:
        table = exchange(copy)
        for name, data in files:
            if total >= size:
                return
            total += len(data)
            yield copy, name, data.translate(table)
        copy += 1


def grow_tree(corpus, out, size, tick=lambda: None):
    """How many files it wrote; before each of them it calls `tick`."""
    count = 0
    for count, (copy, name, data) in enumerate(copies(corpus, size), 1):
        tick()
        path = os.path.join(out, f"{copy:03}", name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "wb") as file:
            file.write(data)
    return count


def grow_text(corpus, out, size):
    left = size
    with open(out, "wb") as file:
        for _, _, data in copies(corpus, size):
            left -= file.write(data[:left])


def keywords(source):
    """The literals in `prefilter = any { … }` of a rule file, as the rule language has them: {`"a"`, `lit("b", "nocase")`}"""
    found = set()
    for inside in re.findall(r"prefilter\s*=\s*any\s*\{([^{}]*)\}", source):
        found.update(re.findall(r'lit\([^()]*\)|"(?:[^"\\]|\\.)*"', inside))
    return found


def keyword_rules(sources):
    found = sorted(set().union(*map(keywords, sources)))
    return "".join(f'rule "keyword-{number}" {{ prefilter = any {{ {literal} }} }}\n' for number, literal in enumerate(found))


def read(path):
    with open(path, encoding="utf-8") as file:
        return file.read()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    calls = parser.add_subparsers(dest="call", required=True)
    call = calls.add_parser("pack")
    call.add_argument("out")
    call.add_argument("--text", nargs="+", required=True)
    call.add_argument("--megabytes", type=float, default=30)
    call.add_argument("--literals", nargs="*", default=[])
    call.add_argument("--rules", nargs="*", default=[])
    for name in ("tree", "text"):
        call = calls.add_parser(name)
        call.add_argument("corpus")
        call.add_argument("out")
        call.add_argument("bytes", type=float)
    calls.add_parser("keywords").add_argument("rules", nargs="+")
    args = parser.parse_args()
    if args.call == "pack":
        count, total = pack(args.out, args.text, int(args.megabytes * 1e6), args.literals, args.rules)
        print(f"{count} files of text, {total / 1e6:.1f} MB -> {args.out}", file=sys.stderr)
    elif args.call == "tree":
        print(f"{grow_tree(Corpus(args.corpus), args.out, int(args.bytes))} files", file=sys.stderr)
    elif args.call == "text":
        grow_text(Corpus(args.corpus), args.out, int(args.bytes))
    else:
        sys.stdout.write(keyword_rules([read(path) for path in args.rules]))


if __name__ == "__main__":
    main()
