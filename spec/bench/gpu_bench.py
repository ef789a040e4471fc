#!/usr/bin/env python3
"""make gpu-bench: what a GPU does for hunch. Measures table by table, keeps each as JSON, prints all as Markdown.

    gpu_bench.py [--only TABLE,…] [--seconds N] [--again] [--show] [--corpus DIR] [--gitleaks PROGRAM] [--out build/gpu-bench]

Tables
    prefilter  the search for literals over text in the device's memory: alone, with guards, chained with all results
    rules      whole rule sets over text in the device's memory through the C API, by route
    pinned     the same from host memory, and what a plain copy of pinned memory reaches
    scan       hunch scan of a warm tree of small files, cpu against cuda, and where the time goes
    grid       hit rate x size of batch x class of confirmer: each route, and auto (gpu_grid.py says what is scanned)
    floods     one byte or one keyword repeated, against ordinary text
    start      from nothing to the first result: kernels built in, from the cache, compiled first
    graphs     rules of rules/c on graphs of hunch's own sources, many times over: all cores against the GPU
    decision   what a decision of the speculator takes; needs no GPU

What is measured is kept at once in OUT/TABLE.json, with date, commit, device and driver; what is there of the same commit and
device is not measured again. --seconds ends before so much time is over, and says what is left: the next run goes on there.
The commit is --commit, or what git says, or HUNCH_COMMIT. Needs of the build folder hunch and spec/gpu_*, and Python alone.

--corpus: what gpu_corpus.py packed; without it a corpus is made of what nearly every machine has. --gitleaks: rules or a
compiled program, measured beside rules/secrets. Numbers are medians. Status 1: something could not be measured; slow is not
an error.
"""
import argparse
import contextlib
import datetime
import functools
import glob
import json
import os
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import threading
import time

import gpu_corpus
import gpu_grid
import gpu_tables
import measure

STEP_MOST = 400  # seconds that one program may take
MARGIN = 2  # seconds that are left for the end

NORMAL = {
    "bytes": 2_000_000_000, "runs": 9, "scan_runs": 5, "scan_warm": 16, "tree_bytes": 1_000_000_000, "flood_bytes": 1_000_000_000,
    "flood_record": 8 << 20, "start_runs": 5, "compile_runs": 3, "decisions": 2_000_000, "corpus_bytes": 30_000_000,
    "identifiers": (1000, 10000), "units": gpu_grid.UNITS, "batches": (64 << 10, 1 << 20, 16 << 20, 256 << 20, 4 << 30),
    "pool": 256 << 20, "rates": (100, 1000, 10000, 100000, 500000, 900000), "warm": 64, "count": 512, "fixed_seconds": 1,
    "auto_seconds": 6, "rounds": 3, "round_seconds": 3,
    "graph_functions": 1_000_000, "graph_rules": (32, 256, 1024, 4096), "graph_runs": 3,
}
TOY = {
    "bytes": 60_000, "runs": 1, "scan_runs": 1, "scan_warm": 1, "tree_bytes": 60_000, "flood_bytes": 32768, "flood_record": 16384, "start_runs": 1,
    "compile_runs": 1, "decisions": 1000, "corpus_bytes": 30_000, "identifiers": (20,), "units": 2, "batches": (32768,),
    "pool": 65536, "rates": (100000, 500000), "warm": 3, "count": 5, "fixed_seconds": 0, "auto_seconds": 0, "rounds": 3, "round_seconds": 60,
    "graph_functions": 0, "graph_rules": (32,), "graph_runs": 1,
}


class Failed(Exception):
    """One step could not be measured; the message says why."""


class OutOfTime(Exception):
    """--seconds are over."""


def started(command, words, env):
    try:
        return subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=words, env=env, cwd=measure.ROOT)
    except OSError as problem:
        raise Failed(f"{command[0]} cannot be started ({problem.strerror}); make all spec-programs") from problem


class Bench:
    """What the steps of all tables need: where things are, and how long there is."""

    def __init__(self, args):
        self.out, self.sizes, self.gitleaks = os.path.realpath(args.out), TOY if args.toy else NORMAL, args.gitleaks
        self.deadline = time.monotonic() + args.seconds - MARGIN if args.seconds else None
        self.corpus_folder = os.path.realpath(args.corpus) if args.corpus else None
        self.corpus_found, self.programs = None, {}
        os.makedirs(os.path.join(self.out, "programs"), exist_ok=True)

    def at(self, *parts):
        return os.path.join(self.out, *parts)

    def time_left(self):
        left = self.deadline - time.monotonic() if self.deadline else STEP_MOST
        if left <= 0:
            raise OutOfTime
        return left

    # -- programs --

    def lines(self, command):
        """Runs a command; gives what it prints, line by line. Failed: with its words; OutOfTime."""
        left = self.time_left()
        # The driver keeps what NVRTC compiled, too, and would hide what compiling costs.
        env = {**measure.environment(), "XDG_CACHE_HOME": self.at("cache"), "CUDA_CACHE_DISABLE": "1"}
        with tempfile.TemporaryFile() as words, started(command, words, env) as process:
            ended = threading.Event()
            timer = threading.Timer(min(left, STEP_MOST), lambda: (ended.set(), process.kill()))
            timer.start()
            try:
                yield from process.stdout
                status = process.wait()
            finally:
                timer.cancel()
                if process.poll() is None:
                    process.kill()
            if ended.is_set():
                if left < STEP_MOST:
                    raise OutOfTime
                raise Failed(f"{command[0]} took more than {STEP_MOST} seconds")
            if status != 0:
                words.seek(0)
                said = words.read().decode(errors="replace").strip()[-500:]
                raise Failed(f"{os.path.basename(command[0])} {command[1]}: {said or f'status {status}'}")

    def measured(self, tool, /, *words, **more):
        """The JSON objects that build/spec/TOOL prints."""
        given = [f"{name}={value}" for name, value in more.items()]
        for line in self.lines([os.path.join(measure.BUILD, "spec", tool), *words, *given]):
            yield json.loads(line)

    def measure_one(self, tool, /, *words, **more):
        found = list(self.measured(tool, *words, **more))
        if len(found) != 1:
            raise Failed(f"{tool} {' '.join(words)} printed {len(found)} lines in place of one")
        return {"what": " ".join([tool, *words, *(f"{name}={value}" for name, value in more.items())]), **found[0]}

    def seconds(self, command):
        began = time.monotonic()
        for _ in self.lines(command):
            pass
        return time.monotonic() - began

    def compiled(self, name, source):
        """The program of a rule file, of a folder of them, or the program that it is."""
        if source.endswith(".hp"):
            return source
        if source not in self.programs:
            program = self.at("programs", name + ".hp")
            self.seconds([measure.HUNCH, "compile", source, "-o", program])
            self.programs[source] = program
        return self.programs[source]

    # -- what is scanned --

    def corpus(self):
        if self.corpus_found is None:
            self.corpus_found = gpu_corpus.Corpus(self.corpus_folder or default_corpus(self))
        return self.corpus_found

    def rule_sets(self):
        sets = {"secrets": os.path.join(measure.ROOT, "rules", "secrets"), **self.corpus().rules}
        if self.gitleaks:
            sets["gitleaks"] = os.path.realpath(self.gitleaks)
        return sets

    def literal_sets(self):
        sets = dict(self.corpus().literals)
        if "keywords" not in sets:
            sources = sorted(glob.glob(os.path.join(measure.ROOT, "rules", "secrets", "*.lua")))
            sets["keywords"] = self.at("keywords.lua")
            with open(sets["keywords"], "w", encoding="utf-8") as file:
                file.write(gpu_corpus.keyword_rules([gpu_corpus.read(path) for path in sources]))
        return sets

    def tree(self):
        """The tree of small files, in the page cache."""
        folder, size = self.at("tree"), self.sizes["tree_bytes"]

        def grow():
            shutil.rmtree(folder, ignore_errors=True)
            gpu_corpus.grow_tree(self.corpus(), folder, size, tick=self.time_left)

        self.once("tree", f"{size} bytes of {self.corpus_folder or 'the default corpus'}", grow)
        measure.warm(folder)
        return folder

    def once(self, name, wanted, make):
        """Makes what an earlier run did not make to its end."""
        mark = self.at(name + ".done")
        if os.path.exists(mark) and gpu_corpus.read(mark) == wanted:
            return
        with contextlib.suppress(FileNotFoundError):
            os.remove(mark)
        make()
        with open(mark, "w", encoding="utf-8") as file:
            file.write(wanted)


def default_corpus(bench):
    """Text of the Python library, identifiers of the C headers; whichever is not there, of the other."""
    folder, size = bench.at("corpus"), bench.sizes["corpus_bytes"]
    library, headers = sorted(glob.glob("/usr/lib/python3*")) or [os.path.dirname(os.__file__)], "/usr/include"

    def make():
        gpu_corpus.pack(folder, library, size)
        for count in bench.sizes["identifiers"]:
            command = [sys.executable, os.path.join(measure.ROOT, "spec", "bench", "identifiers2hunch.py"),
                       headers if os.path.isdir(headers) else library[0], os.path.join(folder, "text.bin"), str(count), "250"]
            with open(os.path.join(folder, "literals", f"identifiers-{count}.lua"), "wb") as file:
                file.writelines(bench.lines(command))

    bench.once("corpus", f"{size} bytes", make)
    return folder


# ---- steps: (keys, function that gives (key, row) of those that are missing) ----


def single(key, run):
    return [key], lambda missing: [(key, run())]


def steps_prefilter(bench):
    sets = {**bench.literal_sets(), **bench.rule_sets()}

    def run(name, source):
        return bench.measure_one("gpu_bench", "prefilter", program=bench.compiled(name, source), text=bench.corpus().text,
                                 bytes=max(bench.sizes["bytes"], os.path.getsize(bench.corpus().text)), runs=bench.sizes["runs"],
                                 variants=1)

    return [single(name, lambda name=name, source=source: run(name, source)) for name, source in sets.items()]


def scan_text(bench, name, source, **more):
    return bench.measure_one("gpu_bench", "scan", program=bench.compiled(name, source), text=bench.corpus().text,
                             sizes=bench.corpus().sizes, bytes=bench.sizes["bytes"], runs=bench.sizes["scan_runs"],
                             warm=bench.sizes["scan_warm"], **more)


def steps_rules(bench):
    return [single(f"{name} {route}", lambda name=name, source=source, route=route: scan_text(
        bench, name, source, route=route, place="resident"))
        for name, source in bench.rule_sets().items() for route in (*gpu_tables.ROUTES, "auto")]


def steps_pinned(bench):
    return [single(f"{name} {place}", lambda name=name, source=source, place=place: scan_text(
        bench, name, source, route="auto", place=place))
        for name, source in bench.rule_sets().items() for place in ("host", "pinned")]


def steps_scan(bench):
    def run(_):
        program, tree = bench.compiled("secrets", bench.rule_sets()["secrets"]), bench.tree()
        commands = {backend: [measure.HUNCH, "scan", "-r", program, "--backend", backend, "--format", "jsonl", "--output",
                              "/dev/null", "--no-progress", "--exit-zero", tree] for backend in ("cpu", "cuda")}
        times = {backend: [] for backend in commands}
        for _ in range(bench.sizes["scan_runs"] + 1):
            for backend, command in commands.items():
                times[backend].append(bench.seconds(command))
        for backend in commands:
            row = bench.measure_one("gpu_bench", "tree", program=program, path=tree, backend=backend, cache=bench.at("cache", "hunch"),
                                    runs=bench.sizes["scan_runs"])
            yield backend, {**row, "command_seconds": statistics.median(times[backend][1:])}

    return [(["cpu", "cuda"], run)]


def steps_grid(bench):
    sizes = bench.sizes

    @functools.lru_cache(maxsize=None)
    def files(cost):
        rules, text = bench.at(f"grid-{cost}.lua"), bench.at(f"grid-{cost}.bin")
        with open(rules, "w", encoding="utf-8") as file:
            file.write(gpu_grid.RULES[cost])
        with open(bench.corpus().text, "rb") as source:
            content = gpu_grid.text(cost, source.read(), sizes["units"])
        with open(text, "wb") as file:
            file.write(content)
        return rules, text

    def run(cost, batch, missing):
        rules, text = files(cost)
        words = {"program": bench.compiled(f"grid-{cost}", rules), "text": text, "batch": batch, "tile": gpu_grid.tile(batch),
                 "pool": max(batch, sizes["pool"]), "open": gpu_grid.OPEN, "shut": gpu_grid.SHUT,
                 "rates": ",".join(key.split(" ")[2] for key in missing), "threads": 1,
                 **{name: sizes[name] for name in ("warm", "count", "fixed_seconds", "auto_seconds", "rounds", "round_seconds")}}
        what = "gpu_bench_grid " + " ".join(f"{name}={value}" for name, value in words.items())
        for row in bench.measured("gpu_bench_grid", **words):
            yield f"{cost} {batch} {row['rate_ppm']}", {"what": what, **row}

    return [([f"{cost} {batch} {ppm}" for ppm in sizes["rates"]],
             lambda missing, cost=cost, batch=batch: run(cost, batch, missing))
            for batch in sizes["batches"] for cost in gpu_grid.RULES]


def steps_floods(bench):
    size = bench.sizes["flood_record"]

    def run(name, unit):
        path = bench.at("flood.bin")
        with open(path, "wb") as file:
            file.write((unit * (size // len(unit) + 1))[:size])
        return bench.measure_one("gpu_bench", "scan", program=bench.compiled("secrets", bench.rule_sets()["secrets"]), text=path,
                                 sizes="-", bytes=bench.sizes["flood_bytes"], runs=bench.sizes["scan_runs"],
                                 warm=bench.sizes["scan_warm"], route="auto", place="resident")

    def ordinary():
        with open(bench.corpus().text, "rb") as file:
            return file.read(size)

    units = {"ordinary text": ordinary, "a": lambda: b"a", "keyword": lambda: b"api_key=", "NUL": lambda: b"\0",
             "newline": lambda: b"\n"}
    return [single(name, lambda name=name, unit=unit: run(name, unit())) for name, unit in units.items()]


def medians(rows):
    """One row of several: medians of numbers, the last of everything else."""
    return {field: statistics.median(row[field] for row in rows) if field.endswith("_seconds") else value
            for field, value in rows[-1].items()}


def steps_start(bench):
    runs, cache = bench.sizes["start_runs"], bench.at("start-cache")

    def process(tool, count, **more):
        return medians([bench.measure_one(tool, program=bench.compiled("secrets", bench.rule_sets()["secrets"]), times=1, **more)
                        for _ in range(count)])

    def from_cache():
        process("gpu_start_bare", 1, cache=cache)
        return process("gpu_start_bare", runs, cache=cache)

    def command(*words):
        return {"what": " ".join(words), "first_result_seconds": statistics.median(bench.seconds(list(words)) for _ in range(runs))}

    def small_scan():
        path = bench.at("small.txt")
        with open(path, "w", encoding="utf-8") as file:
            file.write("nothing to see here\n")
        return command(measure.HUNCH, "scan", "--backend", "cuda", "-r", bench.compiled("secrets", bench.rule_sets()["secrets"]),
                       "--no-progress", path)

    return [single("as built", lambda: process("gpu_start", runs)), single("kernels from the cache", from_cache),
            single("kernels compiled first", lambda: process("gpu_start_bare", bench.sizes["compile_runs"])),
            single("hunch scan, one small file", small_scan), single("hunch info", lambda: command(measure.HUNCH, "info"))]


def steps_graphs(bench):
    """One row for each number of rules; the program makes its graphs once for all that are missing."""
    source = os.path.join(measure.ROOT, "runtime")
    found = sorted(glob.glob(os.path.join(source, "*.c")) + glob.glob(os.path.join(source, "graph", "*.c")))
    if bench.sizes is TOY:
        found = [path for path in found if os.path.basename(path) in ("cache.c", "read.c", "walk.c")]

    def run(missing):
        paths = bench.at("sources")
        with open(paths, "w", encoding="utf-8") as file:
            file.writelines(path + "\n" for path in found)
        more = {"program": bench.compiled("c", os.path.join(measure.ROOT, "rules", "c")), "list": paths, "device": 1,
                "functions": bench.sizes["graph_functions"], "runs": bench.sizes["graph_runs"], "threads": os.cpu_count(),
                "rules": ",".join(key.split(" ")[0] for key in missing)}
        what = " ".join(["graph_bench", *(f"{name}={value}" for name, value in more.items())])
        for row in bench.measured("graph_bench", **more):
            if not row["same"]:
                raise Failed(f"{what}: the GPU does not find what the cores find with {row['rules']} rules")
            yield f"{row['rules']} rules", {"what": what, **row}

    return [([f"{count} rules" for count in bench.sizes["graph_rules"]], run)]


def steps_decision(bench):
    return [single("decision", lambda: bench.measure_one("gpu_bench", "decision", count=bench.sizes["decisions"]))]


STEPS = {"prefilter": steps_prefilter, "rules": steps_rules, "pinned": steps_pinned, "scan": steps_scan, "grid": steps_grid,
         "floods": steps_floods, "start": steps_start, "graphs": steps_graphs, "decision": steps_decision}
NO_GPU = {"decision"}


# ---- the whole ----


def now():
    return datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%d %H:%M UTC")


def commit_of(args):
    """--commit, git, HUNCH_COMMIT."""
    if args.commit:
        return args.commit
    with contextlib.suppress(OSError, subprocess.CalledProcessError):
        return subprocess.run(["git", "rev-parse", "--short=12", "HEAD"], cwd=measure.ROOT, check=True, capture_output=True,
                              text=True).stdout.strip()
    return os.environ.get("HUNCH_COMMIT") or "unknown"


def driver_version(about):
    """The kernel module's, where it says; else what the driver says of itself."""
    with contextlib.suppress(OSError):
        with open("/proc/driver/nvidia/version", encoding="utf-8") as file:
            found = re.search(r"\b(\d+\.\d+(?:\.\d+)?)\b", file.readline())
            if found:
                return f"driver {found.group(1)}"
    return about.rsplit(", ", 1)[-1]


def device_of(bench, tables):
    """{"device", "driver"}; Failed where there is no GPU and one is needed."""
    try:
        seen = bench.measure_one("gpu_bench", "device", cache=bench.at("cache", "hunch"))
    except Failed:
        if not set(tables) <= NO_GPU:
            raise
        return {"device": measure.machine(), "driver": "no GPU"}
    if "NVRTC" in seen["kernels"]:
        print("hunch was built without nvcc: NVRTC compiles the kernels for every step (make cuda-toolchain, then make)",
              file=sys.stderr)
    about = seen["about"]
    return {"device": about.rsplit(", ", 1)[0], "driver": driver_version(about)}


def run_table(bench, table, head, again):
    """Measures what is missing of a table; [what could not be measured]. OutOfTime."""
    kept = gpu_tables.Kept(bench.out, table)
    kept.begin(head, again)
    failures = []
    for keys, run in STEPS[table](bench):
        missing = kept.missing(keys)
        if not missing:
            continue
        print(f"{now()} {table}: {', '.join(missing)}", file=sys.stderr, flush=True)
        try:
            for key, row in run(missing):
                kept.put(key, {"date": now(), **row})
        except Failed as problem:
            failures.append(f"{table}, {', '.join(kept.missing(missing))}: {problem}")
            print(failures[-1], file=sys.stderr, flush=True)
    return failures


def run_tables(bench, tables, head, again):
    """(what could not be measured, tables that time did not reach the end of)"""
    failures = []
    for number, table in enumerate(tables):
        try:
            bench.time_left()
            failures += run_table(bench, table, head, again)
        except Failed as problem:
            failures.append(f"{table}: {problem}")
            print(failures[-1], file=sys.stderr, flush=True)
        except OutOfTime:
            return failures, tables[number:]
    return failures, []


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", default=",".join(STEPS), help="tables, separated by commas")
    parser.add_argument("--seconds", type=float, help="ends before so many are over")
    parser.add_argument("--again", action="store_true", help="measures what is there, too")
    parser.add_argument("--show", action="store_true", help="only prints what is there")
    parser.add_argument("--corpus", help="a folder that gpu_corpus.py packed")
    parser.add_argument("--gitleaks", help="gitleaks' rules, as rule file or compiled program")
    parser.add_argument("--commit", help="what is measured, where git cannot say")
    parser.add_argument("--out", default=os.path.join(measure.BUILD, "gpu-bench"))
    parser.add_argument("--toy", action="store_true", help="so little that an emulator can do it: the numbers mean nothing")
    args = parser.parse_args()
    tables = args.only.split(",")
    unknown = [table for table in tables if table not in STEPS]
    if unknown:
        parser.error(f"no table {', '.join(unknown)}; there are {', '.join(STEPS)}")
    failures, left = [], []
    if not args.show:
        bench = Bench(args)
        try:
            head = {"commit": commit_of(args), **device_of(bench, tables)}
            failures, left = run_tables(bench, tables, head, args.again)
        except Failed as problem:
            sys.exit(f"gpu-bench needs a GPU: {problem}")
        except OutOfTime:
            left = tables
    print(gpu_tables.show_all(args.out))
    if left:
        print(f"Time is over. Left, at least in part: {', '.join(left)}; run it again.", file=sys.stderr)
    for failure in failures:
        print(f"not measured: {failure}", file=sys.stderr)
    sys.exit(1 if failures else 0)


if __name__ == "__main__":
    main()
