#!/usr/bin/env python3
"""make bench: what hunch costs on this machine. Prints tables (Markdown) and writes the numbers as JSON beside them.

    bench.py [--tree DIR] [--c DIR] [--python DIR] [--javascript DIR] [--runs 3] [--quick] [--only scan,rules,…] [--out build/bench]

Sections
    scan     the shipped rules on source and on logs: prefilter alone and everything, by threads; peak memory
    rules    literal rules, 10 to 10,000: throughput, compile and load time, size of the program
    start    compile and load times of the shipped rules; start-up to the end of a scan of one small file
    floods   one byte or one keyword repeated, against ordinary text of the same size
    graphs   rules on program graphs on a tree of each language, as one link unit and file by file, with and without kept graphs
    peers    peers.py, where HUNCH_SHARED (../shared) is there

BENCH_TREE (or --tree) is the source tree to scan; without it a copy of /usr/include and of /usr/lib/python3* is made. Graphs
are of --c (this project's runtime/), --python (Python's json and email) and --javascript (none).
Every number is the median of --runs runs with a warm page cache. It never fails because something was slow.
"""
import argparse
import glob
import json
import os
import random
import shutil
import subprocess
import sys

import measure

HERE = os.path.dirname(os.path.abspath(__file__))
LUA = os.environ.get("LUA", "lua5.4")


def once(mode, threads, rules, *paths):
    return [LUA, os.path.join(HERE, "scan_once.lua"), mode, str(threads), rules, *paths]


def scan(rules, path, threads, *more):
    return [measure.HUNCH, "scan", "-r", rules, "--threads", str(threads), "--format", "jsonl", "--output", "/dev/null",
            "--no-progress", "--exit-zero", *more, path]


def compiled(args, rules, name):
    """A program file of these rules."""
    path = os.path.join(args.out, name + ".hp")
    measure.run([measure.HUNCH, "compile", rules, "-o", path], ok=(0,))
    return path


def default_tree(args):
    """Source code that nearly every machine has, copied once: regular files only."""
    tree = os.path.join(args.out, "source")
    if not os.path.isdir(tree):
        for root in ["/usr/include"] + sorted(glob.glob("/usr/lib/python3*")):
            if os.path.isdir(root):
                shutil.copytree(root, tree + root, symlinks=True, ignore=shutil.ignore_patterns("*.so", "__pycache__"),
                                dirs_exist_ok=True)
    return tree


def logs(args):
    folder, size = os.path.join(args.out, f"logs-{args.log_bytes}"), args.log_bytes
    if measure.size_of(folder)[1] != size:
        shutil.rmtree(folder, ignore_errors=True)
        subprocess.run([sys.executable, os.path.join(HERE, "make_logs.py"), folder, "--bytes", str(size)], check=True)
    return folder


def threads_list():
    cores = os.cpu_count() or 1
    return [n for n in (1, 2, 4, 8, 16, 32, 64) if n < cores] + [cores]


def section_scan(args, report):
    program = compiled(args, "rules", "shipped")
    rows = []
    for what, path in (("source", args.tree), ("logs", logs(args))):
        measure.warm(path)
        files, size = measure.size_of(path)
        for threads in threads_list():
            commands = {"prefilter": once("prefilter", threads, program, path), "full": scan(program, path, threads)}
            seen = measure.interleaved(commands, args.runs)
            inner = json.loads(seen["prefilter"]["out"])
            rows.append([what, files, size / 1e6, threads, inner["scan_seconds"], inner["bytes"] / 1e6 / inner["scan_seconds"],
                         seen["full"]["seconds"], size / 1e6 / seen["full"]["seconds"], seen["full"]["rss_mb"]])
    report.section("scan", "The shipped rules",
                   ["input", "files", "MB", "threads", "prefilter s", "MB/s", "full s", "MB/s", "peak MB"], rows)


def words(count, seed):
    """Identifiers that do not occur in ordinary text, and so cost what a rule costs that has nothing to say."""
    draw = random.Random(seed)
    letters = "abcdefghijklmnopqrstuvwxyz"
    out = {}
    while len(out) < count:
        out["".join(draw.choices(letters, k=draw.randint(4, 8))) + "_" + "".join(draw.choices(letters, k=draw.randint(4, 8)))] = 1
    return list(out)


def section_rules(args, report):
    path = logs(args)
    _, size = measure.size_of(path)
    threads = os.cpu_count() or 1
    rows, base = [], None
    for count in (10, 100, 1000, 10000):
        source = os.path.join(args.out, f"literals-{count}.lua")
        with open(source, "w", encoding="utf-8") as file:
            for number, word in enumerate(words(count, 7)):
                file.write(f'rule "literal-{number}" {{ prefilter = any {{ "{word}" }} }}\n')
        program = compiled(args, source, f"literals-{count}")
        seen = measure.interleaved({
            "compile": [measure.HUNCH, "compile", source, "-o", program], "load": once("load", 1, program),
            "prefilter": once("prefilter", threads, program, path), "full": scan(program, path, threads)}, args.runs)
        load = json.loads(seen["load"]["out"])["load_seconds"]
        inner = json.loads(seen["prefilter"]["out"])
        rate = size / 1e6 / seen["full"]["seconds"]
        base = base or rate
        rows.append([count, seen["compile"]["seconds"], load * 1e3, os.path.getsize(program) / 1e3,
                     inner["bytes"] / 1e6 / inner["scan_seconds"], rate, rate / base, seen["full"]["rss_mb"]])
    report.section("rules", f"Literal rules by number (logs, {size / 1e6:.0f} MB, {threads} threads)",
                   ["rules", "compile s", "load ms", "program KB", "prefilter MB/s", "full MB/s", "of 10 rules", "peak MB"], rows)


def section_start(args, report):
    small = os.path.join(args.out, "small.txt")
    with open(small, "w", encoding="utf-8") as file:
        file.write("nothing to see here\n")
    rows = []
    sets = [("rules", "shipped"), ("rules/secrets", "secrets")]
    gitleaks = os.path.join(args.shared, "peers", "gitleaks", "gitleaks.toml")
    if os.path.exists(gitleaks):
        source = os.path.join(args.out, "gitleaks.lua")
        subprocess.run([sys.executable, os.path.join(HERE, "gitleaks2hunch.py"), gitleaks, "-o", source], check=True,
                       stderr=subprocess.DEVNULL)
        sets.append((source, "gitleaks"))
    for source, name in sets:
        program = compiled(args, source, name)
        seen = measure.interleaved({
            "compile": [measure.HUNCH, "compile", source, "-o", program], "load": once("load", 1, program),
            "start": scan(program, small, 1)}, max(args.runs, 5))
        shutil.rmtree(os.path.join(args.out, "cache"), ignore_errors=True)
        cold = measure.run(scan(program, small, 1))
        rows.append([name, seen["compile"]["seconds"], json.loads(seen["load"]["out"])["load_seconds"] * 1e3,
                     seen["start"]["seconds"] * 1e3, cold["seconds"] * 1e3, os.path.getsize(program) / 1e3,
                     seen["start"]["rss_mb"]])
    report.section("start", "Compile, load, start",
                   ["rules", "compile s", "load ms", "scan of one small file ms", "without cache ms", "program KB", "peak MB"],
                   rows)


def section_floods(args, report):
    size = args.flood_bytes
    program = compiled(args, "rules", "shipped")
    threads = os.cpu_count() or 1
    # Small, so that this process stays small: see measure.interleaved.
    sample = b"".join(open(p, "rb").read(16384) for p in sorted(glob.glob(os.path.join(logs(args), "*.log"))))
    rows, clean = [], None
    for name, unit in (("ordinary text", sample), ("a", b"a"), ("NUL", b"\0"), ("newline", b"\n"), ("keyword", b"api_key="),
                       ("token prefix", b"ghp_"), ("digits", b"4111111111111111 ")):
        path = os.path.join(args.out, "flood.bin")
        block = (unit * (1048576 // len(unit) + 1))
        with open(path, "wb") as file:
            left = size
            while left > 0:
                left -= file.write(block[:left])
        seen = measure.interleaved({"scan": scan(program, path, threads)}, args.runs, ok=(0, 3))["scan"]
        rate = size / 1e6 / seen["seconds"]
        clean = clean or rate
        rows.append([name, rate, clean / rate, seen["rss_mb"], "yes" if seen["status"] == 3 else ""])
        os.remove(path)
    report.section("floods", f"Floods ({size / 1e6:.0f} MB each, {threads} threads)",
                   ["content", "MB/s", "times slower than text", "peak MB", "a limit fired"], rows)


def lines_of(tree, endings):
    """(files, lines) of the sources of a language."""
    files = lines = 0
    for folder, _, names in os.walk(tree):
        for name in names:
            if name.endswith(endings):
                with open(os.path.join(folder, name), "rb") as file:
                    lines += file.read().count(b"\n")
                files += 1
    return files, lines


def graph_trees(args):
    library = os.path.dirname(json.__file__)
    python = [library, os.path.join(os.path.dirname(library), "email")]
    return [("c", [args.c or os.path.join(measure.ROOT, "runtime")], (".c", ".h")),
            ("python", [args.python] if args.python else python, (".py",)),
            ("javascript", [args.javascript] if args.javascript else [], (".js", ".mjs", ".cjs"))]


def section_graphs(args, report):
    rows, threads = [], os.cpu_count() or 1
    cache = os.path.join(measure.environment()["XDG_CACHE_HOME"], "hunch")
    for language, trees, endings in graph_trees(args):
        seen = [lines_of(tree, endings) for tree in trees]
        files, lines = sum(f for f, _ in seen), sum(n for _, n in seen)
        if files == 0:
            continue
        program = compiled(args, f"rules/{language}", f"graphs-{language}")
        for link in ("path", "file"):
            command = [measure.HUNCH, "scan", "-r", program, "--threads", str(threads), "--link", link, "--format", "jsonl",
                       "--no-progress", "--exit-zero", *trees]
            cold = []
            for _ in range(args.runs):
                for name in glob.glob(os.path.join(cache, "graph-*")):
                    os.remove(name)
                cold.append(measure.run(command, ok=(0, 3))["seconds"])
            warm = measure.interleaved({"warm": command}, args.runs, ok=(0, 3))["warm"]
            kinds = [json.loads(line)["type"] for line in warm["out"].splitlines()]
            rows.append([language, files, lines, "one unit" if link == "path" else "each file", sorted(cold)[len(cold) // 2],
                         warm["seconds"], warm["cpu"], kinds.count("match"), kinds.count("incomplete"), warm["rss_mb"],
                         warm["rss_mb"] * 1024 / lines])
    report.section("graphs", f"Program graphs ({threads} threads)",
                   ["language", "files", "lines", "linked", "s", "with kept graphs s", "CPU s", "matches", "incomplete",
                    "peak MB", "KB a line"], rows)


def section_peers(args, report):
    if not os.path.isdir(os.path.join(args.shared, "bench")):
        print(f"### Peers\n\nLeft out: {args.shared}/bench is not there (set HUNCH_SHARED).\n")
        return
    import peers
    peers.compare_all(report, args.shared, [("source", args.tree), ("logs", logs(args))], args.out, args.runs, 2)


def main():
    sections = {"scan": section_scan, "rules": section_rules, "start": section_start, "floods": section_floods,
                "graphs": section_graphs, "peers": section_peers}
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tree", default=os.environ.get("BENCH_TREE"))
    for language in ("c", "python", "javascript"):
        parser.add_argument(f"--{language}", help=f"a tree of {language}, for the section graphs")
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--quick", action="store_true", help="a tenth of the bytes")
    parser.add_argument("--only", default=",".join(sections))
    parser.add_argument("--out", default=os.path.join(measure.BUILD, "bench"))
    args = parser.parse_args()
    args.shared = os.environ.get("HUNCH_SHARED", os.path.join(os.path.dirname(measure.ROOT), "shared"))
    args.log_bytes = 50_000_000 if args.quick else 500_000_000
    args.flood_bytes = 50_000_000 if args.quick else 1_000_000_000
    os.makedirs(args.out, exist_ok=True)
    os.chdir(measure.ROOT)
    args.tree = os.path.realpath(args.tree) if args.tree else default_tree(args)
    report = measure.Report(f"hunch bench, median of {args.runs} runs, page cache warm")
    for name in args.only.split(","):
        if name not in sections:
            parser.error(f"no section {name!r}; there are {', '.join(sections)}")
        sections[name](args, report)
    report.write(os.path.join(args.out, "bench.json"))


if __name__ == "__main__":
    main()
