#!/usr/bin/env python3
"""hunch's rules/c beside semgrep's taint mode and clang's static analyzer, on the same masked programs.

    graph_peers.py [--shared ../shared] [--semgrep PATH] [--clang PATH…] [--only hunch,semgrep,clang] [--out build/bench]

The programs are those of SHARED/peers/juliet; its score.py scores what each tool says. hunch and semgrep run once over a
whole suite; clang runs once for each program, and once more with functions of a program's other files where there is a
clang-extdef-mapping of the same version. semgrep runs graph_peers.yaml on the files as they are and on preprocessed ones, whose
lines keep their numbers. Time is that of all processes on one core (user and system). What is not installed is left out.
"""
import argparse
import collections
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile

import measure

HERE = os.path.dirname(os.path.abspath(__file__))
# suite: hunch's rules for it (semgrep's have the same names), and whether a checker of clang has such a sink
SUITES = {"cwe78": (["c-command-injection", "c-program-from-outside"], True), "cwe606": (["c-loop-bound-from-outside"], False)}
# What clang does not know by itself of the sources and sinks of rules/c.
CLANG_NAMES = """Propagations:
  - {Name: getenv, DstArgs: [-1]}
  - {Name: secure_getenv, DstArgs: [-1]}
  - {Name: fgets, DstArgs: [0, -1]}
  - {Name: fread, DstArgs: [0]}
  - {Name: read, DstArgs: [1]}
  - {Name: recv, DstArgs: [1]}
  - {Name: recvfrom, DstArgs: [1]}
  - {Name: fscanf, VariadicType: Dst, VariadicIndex: 2}
  - {Name: sscanf, SrcArgs: [0], VariadicType: Dst, VariadicIndex: 2}
Sinks:
  - {Name: system, Args: [0]}
  - {Name: popen, Args: [0]}
  - {Name: execl, Args: [0, 1, 2, 3, 4]}
  - {Name: execlp, Args: [0, 1, 2, 3, 4]}
  - {Name: execle, Args: [0, 1, 2, 3, 4]}
  - {Name: execv, Args: [0, 1]}
  - {Name: execvp, Args: [0, 1]}
  - {Name: execve, Args: [0, 1]}
"""
TAINT = re.compile(r"(?m)^(\S+?):(\d+):\d+: warning: .*\[((?:alpha\.security|optin)\.taint\.\w+)\]$")


def quietly(command):
    """What a command prints, '' where it cannot be run."""
    try:
        return subprocess.run(command, capture_output=True, text=True, check=False).stdout
    except OSError:
        return ""


def version(command):
    return (re.search(r"\d+(\.\d+)+", quietly([command, "--version"])) or ["?"])[0]


def programs(suite):
    """{folder of a program: its C files}, in order."""
    found = {}
    for name in sorted(os.listdir(suite)):
        folder = os.path.join(suite, name)
        if name != "support" and os.path.isdir(folder):
            found[folder] = [os.path.join(folder, f) for f in sorted(os.listdir(folder)) if f.endswith(".c")]
    return found


def preprocess(cases, support, target):
    """The programs below `target`, each line of a file where it was, without what its headers hold."""
    for folder, files in cases.items():
        os.makedirs(os.path.join(target, os.path.basename(folder)))
        for path in files:
            lines, own, at = collections.defaultdict(str), False, 0
            for line in quietly(["cc", "-E", "-w", "-I", support, path]).split("\n"):
                marker = re.match(r'# (\d+) "([^"]*)"', line)
                if marker:
                    at, own = int(marker[1]), marker[2] == path
                    continue
                if own:
                    lines[at] += line
                at += 1
            copy = os.path.join(target, os.path.basename(folder), os.path.basename(path))
            with open(copy, "w", encoding="utf-8") as file:
                file.writelines(lines[i] + "\n" for i in range(1, max(lines, default=0) + 1))


def hunch(suite, rules, work):
    """What `hunch scan` says of a suite, each program one link unit; graphs are made, not taken from a cache."""
    command = ["env", f"XDG_CACHE_HOME={tempfile.mkdtemp(dir=work)}", measure.HUNCH, "scan", "-r",
               os.path.join(measure.ROOT, "rules", "c"), "--threads", "1", "--link", "dir", "--link-with",
               os.path.join(suite, "support"), "--format", "jsonl", "--no-progress", "--exit-zero"]
    for rule in rules:
        command += ["--rule", rule]
    result = measure.run(command + [suite], ok=(0,))
    said = [json.loads(line) for line in result["out"].splitlines()]
    return [(x["record"], x["line"]) for x in said if x["type"] == "match"], result


def semgrep(binary, tree, rules):
    """What semgrep says of a tree with the rules that stand beside this file."""
    result = measure.run([binary, "scan", "--config", os.path.join(HERE, "graph_peers.yaml"), "--metrics", "off", "-q",
                          "-j", "1", "--disable-version-check", "--no-git-ignore", "--json", tree])
    said = json.loads(result["out"])
    print(f"semgrep: {len(said['paths']['scanned'])} files, {len(said['errors'])} errors", file=sys.stderr)
    return [(x["path"], x["start"]["line"]) for x in said["results"] if x["check_id"].split(".")[-1] in rules], result


def parse_all(binary, mapping, files, support, folder):
    """Writes below `folder` what clang needs to look into a program's other files; the runs that it took."""
    trees = {path: os.path.join(folder, f"{i}.ast") for i, path in enumerate(files)}
    runs = [measure.run([binary, "-emit-ast", "-w", "-I", support, "-o", trees[path], path], ok=(0,)) for path in files]
    runs.append(measure.run([mapping, *files, "--", "-I", support, "-w"], ok=(0,)))
    with open(os.path.join(folder, "externalDefMap.txt"), "w", encoding="utf-8") as file:
        for line in runs[-1]["out"].decode().splitlines():
            name, path = line.rsplit(" ", 1)
            file.write(f"{name} {os.path.basename(trees[os.path.realpath(path)])}\n")
    return runs


def clang(binary, cases, support, work, mapping=None):
    """One process for each program; with `mapping` (clang-extdef-mapping) its files are known to each other."""
    helps = quietly([binary, "-cc1", "-analyzer-checker-help"]) + quietly([binary, "-cc1", "-analyzer-checker-help-alpha"])
    checker = re.search(r"\S+\.taint\.(GenericTaint|TaintPropagation)\b", helps)[0]
    names = os.path.join(work, "clang.yaml")
    with open(names, "w", encoding="utf-8") as file:
        file.write(CLANG_NAMES)
    found, runs = [], []
    for files in cases.values():
        folder = tempfile.mkdtemp(dir=work)
        options = ["-Xclang", f"-analyzer-checker={checker}", "-Xclang", "-analyzer-config", "-Xclang",
                   f"{checker}:Config={names}"]
        if mapping:
            runs += parse_all(binary, mapping, files + [os.path.join(support, "io.c")], support, folder)
            options += ["-Xclang", "-analyzer-config", "-Xclang",
                        f"experimental-enable-naive-ctu-analysis=true,ctu-dir={folder}"]
        command = [binary, "--analyze", "--analyzer-output", "text", *options, "-I", support, *files]
        runs.append(measure.run(["sh", "-c", 'exec "$@" 2>&1', "sh", *command], ok=(0,)))
        said = TAINT.findall(runs[-1]["out"].decode(errors="replace"))
        found += [(path, int(line)) for path, line, name in said if name == checker]
        shutil.rmtree(folder)
    return found, {"cpu": sum(r["cpu"] for r in runs), "rss_mb": max(r["rss_mb"] for r in runs)}


def score(shared, suite, found, work):
    """[vulnerable entries found, good entries flagged, false findings], by score.py."""
    path = os.path.join(work, "findings.jsonl")
    with open(path, "w", encoding="utf-8") as file:
        file.writelines(json.dumps({"file": name, "line": line}) + "\n" for name, line in found)
    said = subprocess.run([sys.executable, os.path.join(shared, "score.py"), "--by", "none", os.path.join(shared, suite), path],
                          capture_output=True, text=True, check=True).stdout
    return [re.search(rf"{what}\s+(\S+)", said)[1].replace("/", " of ")
            for what in ("recall", "good flagged", "false findings")]


def compare(report, suite, args, work):
    """The table of one suite."""
    shared = os.path.join(args.shared, "peers", "juliet")
    subprocess.run(["tar", "--zstd", "-xf", os.path.join(shared, suite + ".tar.zst"), "-C", work], check=True)
    tree = os.path.join(work, suite)
    cases, support = programs(tree), os.path.join(tree, "support")
    rules, has_sink = SUITES[suite]
    rows = []

    def row(who, found, result):
        rows.append([who, *score(shared, suite, found, work), result["cpu"], result["rss_mb"]])
        print(rows[-1], file=sys.stderr, flush=True)

    measure.warm(tree)
    if "hunch" in args.only:
        row("hunch", *hunch(tree, rules, work))
    if "semgrep" in args.only and shutil.which(args.semgrep):
        name = f"semgrep {version(args.semgrep)}"
        row(f"{name}, files as they are", *semgrep(args.semgrep, tree, rules))
        ready = os.path.join(work, "preprocessed", suite)
        preprocess(cases, support, ready)
        row(f"{name}, preprocessed", *semgrep(args.semgrep, ready, rules))
    for binary in args.clang if "clang" in args.only and has_sink else []:
        if not shutil.which(binary):
            continue
        number = version(binary)
        row(f"clang {number}, each file", *clang(binary, cases, support, work))
        beside = os.path.join(os.path.dirname(os.path.realpath(shutil.which(binary))), "clang-extdef-mapping")
        mapping = next(filter(shutil.which, [beside, f"{beside}-{number.split('.')[0]}",
                                             f"clang-extdef-mapping-{number.split('.')[0]}"]), None)
        if mapping:
            row(f"clang {number}, across files", *clang(binary, cases, support, work, mapping))
    report.section(suite, f"{suite}: {len(cases)} programs, {sum(map(len, cases.values())):,} files",
                   ["tool", "vulnerable entries found", "good entries flagged", "false findings", "seconds", "peak MB"], rows)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--shared", default=os.environ.get("HUNCH_SHARED",
                                                           os.path.join(os.path.dirname(measure.ROOT), "shared")))
    parser.add_argument("--semgrep", default="semgrep")
    parser.add_argument("--clang", nargs="*", default=["clang"])
    parser.add_argument("--only", default="hunch,semgrep,clang", type=lambda text: text.split(","))
    parser.add_argument("--out", default=os.path.join(measure.BUILD, "bench"))
    parser.add_argument("suite", nargs="*", default=list(SUITES), help="cwe78, cwe606 (both)")
    args = parser.parse_args()
    args.shared = os.path.realpath(args.shared)
    for tool in ([args.semgrep] if "semgrep" in args.only else []) + (args.clang if "clang" in args.only else []):
        if not shutil.which(tool):
            print(f"left out, not installed: {tool}")
    os.makedirs(args.out, exist_ok=True)
    report = measure.Report("hunch and its peers on masked programs of Juliet")
    for suite in args.suite:
        with tempfile.TemporaryDirectory(prefix="hunch-graph-peers-") as work:
            compare(report, suite, args, os.path.realpath(work))
    report.write(os.path.join(args.out, "graph_peers.json"))


if __name__ == "__main__":
    main()
