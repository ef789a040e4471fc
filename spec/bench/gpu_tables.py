"""What gpu_bench.py keeps and shows: one JSON file a table, and the tables as Markdown. Nothing here measures."""
import json
import os

import measure

GB, KIB = 1e9, 1024
ROUTES = ("fused", "chained", "serial")
GRID_GOAL, FUSED_WINS = 1.10, 2.0


class Kept:
    """The rows of one table, in FOLDER/TABLE.json, written each time that one comes.

    Rows of another commit or device are no use to a run: `begin` leaves them behind.
    """

    def __init__(self, folder, table):
        self.path = os.path.join(folder, table + ".json")
        self.data = {"table": table, "rows": {}}
        try:
            with open(self.path, encoding="utf-8") as file:
                self.data = json.load(file)
        except FileNotFoundError:
            pass
        except ValueError:
            print(f"{self.path} is damaged and is measured again")

    def begin(self, head, again=False):
        if again or any(self.data.get(field) != head[field] for field in ("commit", "device")):
            self.data["rows"] = {}
        self.data.update(head)

    def missing(self, keys):
        return [key for key in keys if key not in self.data["rows"]]

    def put(self, key, row):
        self.data["rows"][key] = row
        temporary = self.path + ".new"
        with open(temporary, "w", encoding="utf-8") as file:
            json.dump(self.data, file, indent=1)
            file.write("\n")
        os.replace(temporary, self.path)


def rate(count, seconds):
    return count / seconds if seconds > 0 else 0.0


def gigabytes(row, field="seconds"):
    return rate(row["bytes"] / GB, row[field])


def per_kib(row, field):
    return row[field] * KIB / row["bytes"]


def show_prefilter(rows):
    header = ["literals of", "number", "occurrences a KiB", "prefilter GB/s", "with guards GB/s", "chained, results GB/s",
              "hits a KiB left"]
    table = [[key, row["literals"], per_kib(row, "occurrences"), gigabytes(row, "prefilter_seconds"),
              gigabytes(row, "guarded_seconds"), gigabytes(row, "chained_seconds"), per_kib(row, "kept")]
             for key, row in rows.items()]
    forms = [[key, form["lanes"], form["ahead"], row["bytes"] / form["seconds"] / GB,
              row["bytes"] / form["conservative_seconds"] / GB, form["compile_seconds"], "wins" if form["wins"] else ""]
             for key, row in rows.items() for form in row.get("variants", {}).get("forms", []) if form["seconds"]]
    problems = sorted({row["variants"]["problem"] for row in rows.values() if row.get("variants", {}).get("problem")})
    words = ["Forms of the search that are compiled for the program, raced against the one for every program: what its blocks add "
             "up."] if forms else []
    return [(header, table)] + ([(["literals of", "lanes", "chunks ahead", "GB/s", "for every program GB/s", "compiled in s",
                                   ""], forms)] if forms else []), words + problems


def taken(row):
    return " / ".join(str(row[route]) for route in ROUTES)


def show_rules(rows):
    header = ["rules", "route", "GB/s", "ms", "device ms", "host ms", "matches", "incomplete", "dispatches: fused / chained / serial"]
    return [(header, [[*key.split(" "), gigabytes(row), row["seconds"] * 1e3, row["prefilter_seconds"] * 1e3,
                       row["confirm_seconds"] * 1e3, row["matches"], row["incomplete"], taken(row)]
                      for key, row in rows.items()])], ["Times of device and host are those of dispatches, of the last scan, summed "
                                                        "over the threads: until results are back, and deciding what they leave."]


def show_pinned(rows):
    header = ["rules", "records in", "GB/s", "plain copy GB/s", "ratio", "matches"]
    return [(header, [[*key.split(" "), gigabytes(row), row["bus_rate"] / GB, rate(gigabytes(row), row["bus_rate"] / GB),
                       row["matches"]] for key, row in rows.items()])], []


def show_scan(rows):
    header = ["backend", "files", "MB", "hunch scan s", "the scan alone s", "reading s", "prefilter s", "confirming s", "matches"]
    table = [[key, row["records"], row["bytes"] / 1e6, row["command_seconds"], row["seconds"], row["read_seconds"],
              row["prefilter_seconds"], row["confirm_seconds"], row["matches"]] for key, row in rows.items()]
    words = ["Reading, prefilter and confirming are summed over the threads."]
    if "cpu" in rows and "cuda" in rows:
        ratio = {field: rate(rows["cpu"][field], rows["cuda"][field]) for field in ("command_seconds", "seconds")}
        words.append(f"cuda is {ratio['command_seconds']:.2f} times as fast as cpu by `hunch scan`, {ratio['seconds']:.2f} times by "
                     "the scan alone.")
    return [(header, table)], words


def show_floods(rows):
    clean = rows.get("ordinary text")
    header = ["content", "GB/s", "times slower than text", "matches", "incomplete"]
    return [(header, [[key, gigabytes(row), rate(gigabytes(clean), gigabytes(row)) if clean else "", row["matches"],
                       row["incomplete"]] for key, row in rows.items()])], []


def show_start(rows):
    header = ["start", "kernels", "context s", "kernels s", "program s", "scan s", "first result s"]
    parts = ("context_seconds", "kernels_seconds", "program_seconds", "scan_seconds", "first_result_seconds")
    return [(header, [[key, row.get("kernels", ""), *(row.get(part, "") for part in parts)] for key, row in rows.items()])], []


def show_graphs(rows):
    header = ["rules", "functions", "nodes", "edges", "findings", "cores", "cores s", "GPU s", "times as fast", "to the GPU s"]
    table = [[row["rules"], row["functions"], row["nodes"], row["edges"], row["hits"], row["threads"], row["cpu_seconds"], row["device_seconds"],
              rate(row["cpu_seconds"], row["device_seconds"]), row["upload_seconds"]]
             for key, row in rows.items()]
    words = ["Graphs of hunch's own sources, a link unit, copied; each copy loses a tenth of its sources, sinks and sanitizers, others in "
             "each. Rules are those of rules/c, again and again, each time with other sources left out. Cores take copy after copy; the "
             "GPU has all of them in its memory; both find the same."]
    return [(header, table)], words


def show_decision(rows):
    header = ["decisions", "deciding ns", "deciding and learning ns"]
    return [(header, [[row["decisions"], row["decide_ns"], row["decide_and_learn_ns"]] for row in rows.values()])], []


# ---- the grid ----


def size_name(size):
    for unit, name in ((1 << 30, "GiB"), (1 << 20, "MiB"), (1 << 10, "KiB")):
        if size % unit == 0:
            return f"{size // unit} {name}"
    return f"{size} bytes"


def percent(ppm):
    return f"{ppm / 10000:g} %"


def best_of(row, field="seconds"):
    return min(ROUTES, key=lambda route: row[route][field])


def auto_ratio(row, field="seconds"):
    """Time of auto, of the best route."""
    return rate(row["auto"][field], row[best_of(row, field)][field])


def serial_ratio(row):
    """How many times fused is as fast as serial."""
    return rate(row["serial"]["seconds"], row["fused"]["seconds"])


def grid_order(item):
    cost, batch, ppm = item[0].split(" ")
    return ("cheap", "middle", "costly").index(cost), int(batch), int(ppm)


def grid_summary(rows):
    """Sentences: how many cells reach the goal, where fused wins, where it loses."""
    ratios = {key: auto_ratio(row) for key, row in rows.items()}
    good = sum(ratio <= GRID_GOAL for ratio in ratios.values())
    worst = max(ratios, key=ratios.get)
    words = [f"auto takes at most {GRID_GOAL:.2f} times the best route's time in {good} of {len(rows)} cells; the worst is "
             f"{ratios[worst]:.2f} ({cell_name(worst)})."]
    serial = {key: serial_ratio(row) for key, row in rows.items()}
    for what, cells in ((f"at least {FUSED_WINS:g} times as fast as serial", [k for k, r in serial.items() if r >= FUSED_WINS]),
                        ("slower than serial", [k for k, r in serial.items() if r < 1])):
        words.append(f"fused is {what} in {len(cells)} cell{'' if len(cells) == 1 else 's'}{': ' if cells else ''}{region(cells)}.")
    return words


def cell_name(key):
    cost, batch, ppm = key.split(" ")
    return f"{cost}, {size_name(int(batch))}, {percent(int(ppm))}"


def region(keys):
    """Cells as text: for each class and batch the rates."""
    found = {}
    for key in keys:
        cost, batch, ppm = key.split(" ")
        found.setdefault(f"{cost} {size_name(int(batch))}", []).append(f"{int(ppm) / 10000:g}")
    return "; ".join(f"{place} at {', '.join(rates)} %" for place, rates in found.items())


def show_grid(rows):
    rows = dict(sorted(rows.items(), key=grid_order))
    header = ["confirmer", "batch", "hit rate", "hits seen", "batches", "fused ms", "chained ms", "serial ms", "auto ms", "best",
              "auto / best", "inside", "auto took"]
    table = []
    for key, row in rows.items():
        cost, batch, ppm = key.split(" ")
        table.append([cost, size_name(int(batch)), percent(int(ppm)), percent(row["hit_ppm"]), row["batches"],
                      *(row[way]["seconds"] * 1e3 for way in (*ROUTES, "auto")), best_of(row), auto_ratio(row),
                      auto_ratio(row, "inside"), taken(row["taken"])])
    costs = list(dict.fromkeys(key.split(" ")[0] for key in rows))
    batches = sorted({int(key.split(" ")[1]) for key in rows})
    rates = sorted({int(key.split(" ")[2]) for key in rows})
    matrix = [[cost, size_name(batch), *(f"{serial_ratio(rows[key]):.2f}" if key in rows else "" for key in
                                        (f"{cost} {batch} {ppm}" for ppm in rates))]
              for cost in costs for batch in batches]
    words = ["Times are of all batches; where a round of the four took less than 3 seconds, the median of three rounds. inside: auto / best "
             "by what the engine measures of dispatches, without what a scan takes around them. The second table: time of serial / time "
             "of fused.", *grid_summary(rows)]
    return [(header, table), (["confirmer", "batch", *(percent(ppm) for ppm in rates)], matrix)], words


TITLES = {
    "prefilter": "Verified prefilter, resident", "rules": "Whole rule sets, resident", "pinned": "End to end from host memory",
    "scan": "hunch scan of a warm tree of small files", "grid": "The grid of routes", "floods": "Floods, resident",
    "start": "From nothing to the first result", "graphs": "Rules on program graphs, resident", "decision": "A decision of the speculator",
}
SHOW = {
    "prefilter": show_prefilter, "rules": show_rules, "pinned": show_pinned, "scan": show_scan, "grid": show_grid,
    "floods": show_floods, "start": show_start, "graphs": show_graphs, "decision": show_decision,
}


def markdown(data):
    """One table's file as text."""
    rows = data["rows"]
    dates = sorted({row["date"] for row in rows.values()})
    when = dates[0] if dates[0] == dates[-1] else f"{dates[0]} to {dates[-1]}"
    tables, words = SHOW[data["table"]](rows)
    head = f"{when}, commit {data['commit']}, {data['device']}, {data['driver']}."
    return "\n\n".join([f"### {TITLES[data['table']]}", head, *(measure.table(*table) for table in tables), *words])


def show_all(folder):
    """Every table that is there, in the order of TITLES."""
    found = [Kept(folder, table).data for table in TITLES]
    return "\n\n".join(markdown(data) for data in found if data["rows"])
