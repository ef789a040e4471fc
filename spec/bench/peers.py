#!/usr/bin/env python3
"""hunch with gitleaks' rules against other tools on the same trees; runs interleaved, medians.

    peers.py [--shared ../shared] [--runs 3] [--threads 2] [--out build/bench] [--gitleaks-json FILE] NAME=TREE…

Builds the baselines of SHARED/bench (hs_confirm, three modes), compares hunch's findings with theirs, and also times
gitleaks, kingfisher and ripgrep where they are on PATH. Needs libvectorscan-dev, libre2-dev, nlohmann-json3-dev, g++.
"""
import argparse
import json
import os
import shutil
import subprocess
import sys

import measure

HERE = os.path.dirname(os.path.abspath(__file__))


def newer(path, *sources):
    return os.path.exists(path) and all(os.path.getmtime(path) >= os.path.getmtime(s) for s in sources)


def prepare(shared, out):
    """Builds hs_confirm and both forms of gitleaks' rules below `out`."""
    toml = os.path.join(shared, "peers", "gitleaks", "gitleaks.toml")
    made = {"hs_confirm": os.path.join(out, "hs_confirm"), "json": os.path.join(out, "gitleaks.json"),
            "keywords": os.path.join(out, "keywords.txt"), "lua": os.path.join(out, "gitleaks.lua"),
            "program": os.path.join(out, "gitleaks.hp"), "toml": toml}
    source = os.path.join(shared, "bench", "hs_confirm.cpp")
    if not newer(made["hs_confirm"], source):
        flags = subprocess.run(["pkg-config", "--cflags", "--libs", "libhs"], capture_output=True, text=True, check=True).stdout
        subprocess.run(["g++", "-O3", "-march=native", "-std=c++17", source, "-o", made["hs_confirm"], *flags.split(), "-lre2",
                        "-lpthread"], check=True)
    if not newer(made["json"], toml):
        subprocess.run([sys.executable, os.path.join(shared, "bench", "rules.py"), "--toml", toml, "--out", out], check=True)
    subprocess.run([sys.executable, os.path.join(HERE, "gitleaks2hunch.py"), toml, "-o", made["lua"]], check=True)
    measure.run([measure.HUNCH, "compile", made["lua"], "-o", made["program"]], ok=(0,))
    return made


def commands_for(made, tree, out, name, threads):
    """{name of the row: command}; hunch first."""
    def confirm(mode):
        return [made["hs_confirm"], "-t", str(threads), "-m", mode, "-c", os.path.join(out, f"cache.{mode}"),
                "-r", os.path.join(out, f"{name}.{mode}.jsonl"), made["json"], tree]

    commands = {
        "hunch": [measure.HUNCH, "scan", "-r", made["program"], "--threads", str(threads), "--format", "jsonl", "--output",
                  os.path.join(out, f"{name}.hunch.jsonl"), "--no-progress", "--exit-zero", tree],
        "hs_confirm -m lit": confirm("lit"), "hs_confirm -m hsre": confirm("hsre"), "hs_confirm -m confirm": confirm("confirm"),
    }
    if shutil.which("gitleaks"):
        commands["gitleaks"] = ["gitleaks", "dir", tree, "-c", made["toml"], "--no-banner", "-l", "error", "--exit-code", "0",
                                "--max-archive-depth", "0", "--max-decode-depth", "0", "-f", "json", "-r",
                                os.path.join(out, f"{name}.gitleaks.json")]
    if shutil.which("kingfisher"):
        commands["kingfisher"] = ["kingfisher", "scan", tree, "-j", str(threads), "--no-validate", "--git-history", "none",
                                  "--no-extract-archives", "--no-update-check", "--no-dedup", "--turbo", "-f", "jsonl", "-o",
                                  os.path.join(out, f"{name}.kingfisher.jsonl")]
    if shutil.which("rg"):
        commands["ripgrep, the keywords"] = ["rg", "-F", "-i", "-c", "-uuu", "--no-messages", "-j", str(threads), "-f",
                                             made["keywords"], tree]
    return commands


def findings(name, out, result, data):
    if name == "hunch":
        with open(out, encoding="utf-8", errors="surrogateescape") as file:
            return sum(1 for line in file if line.startswith('{"type":"match"'))
    if name.startswith("hs_confirm"):
        return data["findings"]
    return "-"


def compare_all(report, shared, trees, out, runs, threads):
    made = prepare(shared, out)
    for name, tree in trees:
        measure.warm(tree)
        files, size = measure.size_of(tree)
        commands = commands_for(made, tree, out, name, threads)
        seen = measure.interleaved(commands, runs)
        ours = seen["hunch"]["seconds"]
        rows = []
        for who, result in seen.items():
            data = json.loads(result["out"]) if who.startswith("hs_confirm") else None
            rows.append([who, result["seconds"], size / 1e6 / result["seconds"], result["seconds"] / ours, result["rss_mb"],
                         findings(who, os.path.join(out, f"{name}.hunch.jsonl"), result, data)])
        report.section(f"peers-{name}", f"gitleaks' rules on {name}: {size / 1e6:,.0f} MB, {files:,} files, {threads} threads",
                       ["tool", "seconds", "MB/s", "times hunch's time", "peak MB", "findings"], rows)
        check = subprocess.run(
            [sys.executable, os.path.join(HERE, "compare.py"), "--rules", made["json"], "--root", tree, "--hunch",
             os.path.join(out, f"{name}.hunch.jsonl"), "--peer", os.path.join(out, f"{name}.hsre.jsonl")],
            capture_output=True, text=True)
        report.data["sections"][f"peers-{name}"]["equal"] = check.returncode == 0
        report.data["sections"][f"peers-{name}"]["comparison"] = check.stdout.splitlines()
        print(check.stdout + check.stderr)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--shared", default=os.environ.get("HUNCH_SHARED", os.path.join(os.path.dirname(measure.ROOT), "shared")))
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--out", default=os.path.join(measure.BUILD, "bench"))
    parser.add_argument("tree", nargs="+", metavar="NAME=TREE")
    args = parser.parse_args()
    os.makedirs(args.out, exist_ok=True)
    trees = [tuple(t.split("=", 1)) for t in args.tree]
    report = measure.Report(f"hunch and its peers, median of {args.runs} runs, page cache warm")
    compare_all(report, os.path.realpath(args.shared), trees, args.out, args.runs, args.threads)
    report.write(os.path.join(args.out, "peers.json"))


if __name__ == "__main__":
    main()
