"""What bench.py and peers.py share: run a command and see its time and memory, medians, tables, the machine."""
import json
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
BUILD = os.path.join(ROOT, os.environ.get("HUNCH_BUILD", "build"))
HUNCH = os.path.join(BUILD, "hunch")


def environment():
    """The build folder's Lua modules first, and a cache of compiled databases that only these runs use."""
    env = dict(os.environ)
    env["XDG_CACHE_HOME"] = os.path.join(BUILD, "bench", "cache")
    env["LUA_PATH"] = f"{ROOT}/lua/?.lua;{ROOT}/lua/?/init.lua;;"
    env["LUA_CPATH"] = f"{BUILD}/lua/?.so;;"
    env["LC_ALL"] = "C.UTF-8"
    return env


def run(command, ok=(0, 1)):
    """{"seconds", "cpu", "rss_mb", "out", "status"} of one process; a status that is not in `ok` ends the program, with its words."""
    with tempfile.TemporaryFile() as words:
        started = time.monotonic()
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=words, env=environment())
        out = process.stdout.read()
        _, status, usage = os.wait4(process.pid, 0)
        seconds = time.monotonic() - started
        process.stdout.close()
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode not in ok:
            words.seek(0)
            sys.exit(f"bench: status {process.returncode} of: {' '.join(command)}\n{words.read().decode(errors='replace')[-2000:]}")
    return {"seconds": seconds, "cpu": usage.ru_utime + usage.ru_stime, "rss_mb": usage.ru_maxrss / 1024, "out": out,
            "status": process.returncode}


def interleaved(commands, runs, ok=(0, 1)):
    """{name: result}: every command once, then every command again …; medians of time, the largest memory.

    A first round, which fills the caches, does not count. Memory: Linux counts what this process had when it
    forked, so nothing below the size of a small Python (some 15 MB) can be seen.
    """
    for command in commands.values():
        run(command, ok)
    seen = {name: [] for name in commands}
    for _ in range(runs):
        for name, command in commands.items():
            seen[name].append(run(command, ok))
    return {name: {"seconds": statistics.median(r["seconds"] for r in results),
                   "cpu": statistics.median(r["cpu"] for r in results),
                   "rss_mb": max(r["rss_mb"] for r in results),
                   "all_seconds": [round(r["seconds"], 4) for r in results],
                   "status": results[-1]["status"],
                   "out": results[-1]["out"]} for name, results in seen.items()}


def size_of(path):
    """(files, bytes) below a path, links not followed."""
    if os.path.isfile(path):
        return 1, os.path.getsize(path)
    files = total = 0
    for folder, _, names in os.walk(path):
        for name in names:
            full = os.path.join(folder, name)
            if os.path.isfile(full) and not os.path.islink(full):
                files += 1
                total += os.path.getsize(full)
    return files, total


def warm(path):
    """Reads everything once, so that the page cache holds it."""
    for folder, _, names in os.walk(path):
        for name in names:
            full = os.path.join(folder, name)
            if os.path.isfile(full) and not os.path.islink(full):
                with open(full, "rb") as file:
                    while file.read(1 << 20):
                        pass


def machine():
    """One line: processor, cores, memory, system."""
    model = platform.processor() or platform.machine()
    try:
        with open("/proc/cpuinfo", encoding="utf-8") as file:
            model = next((line.split(":", 1)[1].strip() for line in file if line.startswith("model name")), model)
        with open("/proc/meminfo", encoding="utf-8") as file:
            memory = f"{int(file.readline().split()[1]) / 1048576:.0f} GiB"
    except (OSError, ValueError):
        memory = "unknown memory"
    return f"{model}, {os.cpu_count()} cores, {memory}, Linux {platform.release()}"


def table(header, rows):
    """A Markdown table, columns padded; numbers to the right."""
    text = [[f"{c:.3g}" if isinstance(c, float) and abs(c) < 100 else f"{c:,.0f}" if isinstance(c, (int, float)) else str(c)
             for c in row] for row in rows]
    widths = [max(len(line[i]) for line in [header] + text) for i in range(len(header))]
    right = [all(isinstance(row[i], (int, float)) for row in rows) for i in range(len(header))]

    def line(cells):
        return "| " + " | ".join(c.rjust(w) if r else c.ljust(w) for c, w, r in zip(cells, widths, right)) + " |"

    rule = "| " + " | ".join("-" * (w - 1) + ":" if r else "-" * w for w, r in zip(widths, right)) + " |"
    return "\n".join([line(header), rule] + [line(cells) for cells in text])


class Report:
    """Prints tables as they come and keeps everything for the JSON beside them."""

    def __init__(self, what):
        self.data = {"what": what, "machine": machine(), "sections": {}}
        print(f"{what}\n{self.data['machine']}\n")

    def section(self, key, title, header, rows):
        self.data["sections"][key] = {"title": title, "header": header, "rows": rows}
        print(f"### {title}\n\n{table(header, rows)}\n", flush=True)

    def write(self, path):
        with open(path, "w", encoding="utf-8") as file:
            json.dump(self.data, file, indent=1)
            file.write("\n")
        print(f"The same as JSON: {os.path.relpath(path, ROOT)}")
