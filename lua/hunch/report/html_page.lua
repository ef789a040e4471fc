-- The fixed parts of the HTML report: style, script and the frame around the findings. The script reads the
-- data blocks and builds the page with text nodes only, so nothing of a record is ever parsed as HTML.
local M = {}

M.style = [==[
:root { color-scheme: light dark; --bg: #ffffff; --fg: #1b1f24; --dim: #57606a; --line: #d0d7de; --panel: #f6f8fa;
  --accent: #0550ae; --mark: #fff3b0; --mark-fg: #1b1f24;
  --critical: #8b1a6b; --high: #b3261e; --medium: #8a5300; --low: #0b6a6a; --info: #3f5f8a; }
@media (prefers-color-scheme: dark) {
  :root { --bg: #14181d; --fg: #e4e8ec; --dim: #9aa5b1; --line: #343c46; --panel: #1c2229; --accent: #79b8ff;
    --mark: #5c4a00; --mark-fg: #fff6d0;
    --critical: #ff8fd8; --high: #ff9a92; --medium: #f2c057; --low: #6fd6d0; --info: #a5c2f0; } }
* { box-sizing: border-box; }
body { margin: 0; padding: 1.25rem; background: var(--bg); color: var(--fg);
  font: 14px/1.45 system-ui, -apple-system, "Segoe UI", sans-serif; }
h1 { font-size: 1.4rem; margin: 0 0 .25rem; }
h2 { font-size: 1.1rem; margin: 1.5rem 0 .5rem; }
p { margin: .25rem 0; }
.dim { color: var(--dim); }
.filters { display: flex; flex-wrap: wrap; gap: .75rem; align-items: end; margin: 1rem 0; padding: .75rem;
  background: var(--panel); border: 1px solid var(--line); border-radius: 6px; }
.filters label { display: flex; flex-direction: column; gap: .2rem; font-size: .85rem; color: var(--dim); }
.filters fieldset { border: 0; margin: 0; padding: 0; display: flex; gap: .75rem; flex-wrap: wrap; }
.filters legend { font-size: .85rem; color: var(--dim); padding: 0; margin-bottom: .2rem; }
.filters fieldset label { flex-direction: row; align-items: center; gap: .3rem; font-size: .9rem; }
input[type=search], select, button { font: inherit; color: var(--fg); background: var(--bg);
  border: 1px solid var(--line); border-radius: 4px; padding: .3rem .5rem; }
input[type=search] { width: 16rem; max-width: 100%; }
select { max-width: 18rem; }
button { cursor: pointer; }
button:disabled { color: var(--dim); cursor: default; }
:focus-visible { outline: 2px solid var(--accent); outline-offset: 1px; }
.bar { display: flex; flex-wrap: wrap; gap: .75rem; align-items: center; margin: .5rem 0; }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; }
th, td { text-align: left; vertical-align: top; padding: .35rem .6rem; border-bottom: 1px solid var(--line); }
th { background: var(--panel); white-space: nowrap; position: sticky; top: 0; }
th button { border: 0; background: none; padding: 0; font-weight: 600; }
th button::after { content: " \2195"; color: var(--dim); }
th[aria-sort=ascending] button::after { content: " \2191"; color: var(--accent); }
th[aria-sort=descending] button::after { content: " \2193"; color: var(--accent); }
td.number { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
td.path { overflow-wrap: anywhere; min-width: 10rem; }
td.rule { min-width: 9rem; }
td.text { font-family: ui-monospace, "DejaVu Sans Mono", monospace; font-size: .92em; white-space: pre-wrap;
  overflow-wrap: anywhere; min-width: 18rem; }
details { margin-top: .3rem; }
ol { margin: .2rem 0; padding-left: 2rem; }
mark { background: var(--mark); color: var(--mark-fg); border-radius: 2px; }
.severity { font-weight: 600; white-space: nowrap; }
.critical { color: var(--critical); } .high { color: var(--high); } .medium { color: var(--medium); }
.low { color: var(--low); } .info { color: var(--info); }
.warning { border-left: 4px solid var(--high); padding: .5rem .75rem; background: var(--panel); }
.hidden-text { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
[hidden] { display: none; }
@media print { .filters, .bar { display: none; } th { position: static; } }
]==]

M.script = [==[
"use strict";
(function () {
  var PAGE_SIZES = [100, 250, 1000];
  var SEVERITIES = ["critical", "high", "medium", "low", "info"];
  // A finding: [severity, rule, path, line, column, before, text, after, steps]; severity and rule are indices, steps
  // are there where a program graph found it: [how deep in calls, what, where, source].
  var SEVERITY = 0, RULE = 1, PATH = 2, LINE = 3, COLUMN = 4, BEFORE = 5, TEXT = 6, AFTER = 7, STEPS = 8;

  function element(id) { return document.getElementById(id); }
  function make(tag, className, text) {
    var node = document.createElement(tag);
    if (className) { node.className = className; }
    if (text !== undefined) { node.textContent = text; }
    return node;
  }
  function blocks(name) {
    var all = [];
    document.querySelectorAll("script[data-block='" + name + "']").forEach(function (block) {
      var list = JSON.parse(block.textContent);
      for (var i = 0; i < list.length; i++) { all.push(list[i]); }
      block.remove();
    });
    return all;
  }

  var findings = blocks("findings");
  var incomplete = blocks("incomplete");
  var about = JSON.parse(element("about").textContent);
  var rules = about.rules;
  var hay = null;
  var shown = [];
  var page = 0;
  var order = { column: null, down: false };

  function compare(a, b) { return a < b ? -1 : a > b ? 1 : 0; }
  function place(a, b) {
    return compare(findings[a][PATH], findings[b][PATH]) || findings[a][LINE] - findings[b][LINE] ||
      findings[a][COLUMN] - findings[b][COLUMN];
  }
  var SORTS = {
    severity: function (a, b) { return findings[a][SEVERITY] - findings[b][SEVERITY]; },
    rule: function (a, b) { return compare(rules[findings[a][RULE]][0], rules[findings[b][RULE]][0]); },
    path: place,
    line: function (a, b) {
      return findings[a][LINE] - findings[b][LINE] || findings[a][COLUMN] - findings[b][COLUMN];
    },
    text: function (a, b) { return compare(findings[a][TEXT], findings[b][TEXT]); }
  };

  function filter() {
    var words = element("filter-text").value.toLowerCase().split(/\s+/).filter(Boolean);
    var path = element("filter-path").value.toLowerCase();
    var rule = element("filter-rule").value;
    var severities = SEVERITIES.map(function (name) { return element("severity-" + name).checked; });
    if (words.length && !hay) {
      hay = findings.map(function (f) {
        return [rules[f[RULE]][0], rules[f[RULE]][1], f[PATH], f[BEFORE], f[TEXT], f[AFTER]].join(" ").toLowerCase();
      });
    }
    shown = [];
    for (var i = 0; i < findings.length; i++) {
      var f = findings[i];
      if (severities[f[SEVERITY]] && (rule === "" || f[RULE] === Number(rule)) &&
          (path === "" || f[PATH].toLowerCase().indexOf(path) >= 0) &&
          words.every(function (word) { return hay[i].indexOf(word) >= 0; })) {
        shown.push(i);
      }
    }
    var by = SORTS[order.column];
    if (by) {
      var sign = order.down ? -1 : 1;
      shown.sort(function (a, b) { return sign * by(a, b) || a - b; });
    }
    page = 0;
    draw();
  }

  function row(f) {
    var tr = make("tr");
    var name = SEVERITIES[f[SEVERITY]];
    tr.appendChild(make("td", "severity " + name, name));
    var td = make("td", "rule", rules[f[RULE]][0]);
    if (rules[f[RULE]][1]) {
      td.appendChild(make("br"));
      td.appendChild(make("span", "dim", rules[f[RULE]][1]));
    }
    tr.appendChild(td);
    tr.appendChild(make("td", "path", f[PATH]));
    tr.appendChild(make("td", "number", f[LINE] + ":" + f[COLUMN]));
    td = make("td", "text");
    td.appendChild(document.createTextNode(f[BEFORE]));
    td.appendChild(make("mark", "", f[TEXT]));
    td.appendChild(document.createTextNode(f[AFTER]));
    if (f[STEPS]) { td.appendChild(way(f[STEPS])); }
    tr.appendChild(td);
    return tr;
  }

  function way(steps) {
    var details = make("details");
    details.appendChild(make("summary", "dim", steps.length + " steps from the source"));
    var list = make("ol");
    steps.forEach(function (step) {
      var item = make("li", "", "\u00a0\u00a0".repeat(step[0]) + step[1] + " " + step[3] + " ");
      item.appendChild(make("span", "dim", step[2]));
      list.appendChild(item);
    });
    details.appendChild(list);
    return details;
  }

  function draw() {
    var size = Number(element("page-size").value);
    var pages = Math.max(1, Math.ceil(shown.length / size));
    page = Math.min(page, pages - 1);
    var body = make("tbody");
    for (var i = page * size; i < Math.min(shown.length, (page + 1) * size); i++) {
      body.appendChild(row(findings[shown[i]]));
    }
    var table = element("findings");
    table.replaceChild(body, table.tBodies[0]);
    element("count").textContent = shown.length.toLocaleString("en") + " of " +
      findings.length.toLocaleString("en") + " findings shown";
    element("position").textContent = "page " + (page + 1) + " of " + pages;
    element("first").disabled = element("previous").disabled = page === 0;
    element("next").disabled = element("last").disabled = page === pages - 1;
    element("nothing").hidden = shown.length > 0;
    table.querySelectorAll("th").forEach(function (th) {
      var sorted = th.dataset.column === order.column;
      if (sorted) {
        th.setAttribute("aria-sort", order.down ? "descending" : "ascending");
      } else {
        th.removeAttribute("aria-sort");
      }
    });
  }

  function turn(to) {
    return function () { page = Math.max(0, to()); draw(); };
  }

  function start() {
    element("summary").textContent = about.summary;
    var used = [];
    var counts = [0, 0, 0, 0, 0];
    findings.forEach(function (f) {
      counts[f[SEVERITY]]++;
      used[f[RULE]] = (used[f[RULE]] || 0) + 1;
    });
    SEVERITIES.forEach(function (name, i) {
      var label = make("label");
      var box = make("input");
      box.type = "checkbox";
      box.id = "severity-" + name;
      box.checked = true;
      box.addEventListener("change", filter);
      label.appendChild(box);
      label.appendChild(make("span", "severity " + name, name));
      label.appendChild(make("span", "dim", "(" + counts[i].toLocaleString("en") + ")"));
      element("severities").appendChild(label);
    });
    rules.map(function (rule, i) { return i; }).filter(function (i) { return used[i]; })
      .sort(function (a, b) { return compare(rules[a][0], rules[b][0]); })
      .forEach(function (i) {
        var option = make("option", "", rules[i][0] + " (" + used[i].toLocaleString("en") + ")");
        option.value = i;
        element("filter-rule").appendChild(option);
      });
    PAGE_SIZES.forEach(function (size) {
      var option = make("option", "", String(size));
      option.value = size;
      element("page-size").appendChild(option);
    });
    var timer = null;
    function soon() {
      clearTimeout(timer);
      timer = setTimeout(filter, 120);
    }
    element("filter-text").addEventListener("input", soon);
    element("filter-path").addEventListener("input", soon);
    element("filter-rule").addEventListener("change", filter);
    element("page-size").addEventListener("change", function () { page = 0; draw(); });
    element("first").addEventListener("click", turn(function () { return 0; }));
    element("previous").addEventListener("click", turn(function () { return page - 1; }));
    element("next").addEventListener("click", turn(function () { return page + 1; }));
    element("last").addEventListener("click", turn(function () { return Infinity; }));
    document.querySelectorAll("#findings th").forEach(function (th) {
      th.firstChild.addEventListener("click", function () {
        order.down = order.column === th.dataset.column && !order.down;
        order.column = th.dataset.column;
        filter();
      });
    });
    element("reset").addEventListener("click", function () {
      element("filter-text").value = element("filter-path").value = element("filter-rule").value = "";
      SEVERITIES.forEach(function (name) { element("severity-" + name).checked = true; });
      order.column = null;
      order.down = false;
      filter();
    });
    if (incomplete.length) {
      element("incomplete-section").hidden = false;
      element("incomplete-note").hidden = false;
      var body = element("incomplete").tBodies[0];
      incomplete.slice(0, 1000).forEach(function (entry) {
        var tr = make("tr");
        entry.forEach(function (text, i) { tr.appendChild(make("td", i === 0 ? "path" : "", text)); });
        body.appendChild(tr);
      });
      if (incomplete.length > 1000) {
        element("incomplete-more").textContent = "and " + (incomplete.length - 1000).toLocaleString("en") + " more";
      }
    }
    element("app").hidden = false;
    filter();
  }
  start();
})();
]==]

--- What stands before the findings; %s: the security policy, the style.
M.head = [==[
<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="%s">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<title>hunch report</title>
<style>%s</style>
</head>
<body>
<header>
<h1>hunch report</h1>
<p id="summary" class="dim"></p>
<noscript><p class="warning">This report needs JavaScript to show its findings. It loads nothing from elsewhere.</p>
</noscript>
</header>
<main id="app" hidden>
<p id="incomplete-note" class="warning" hidden>Not everything was scanned: see the
<a href="#incomplete-section">list at the end</a>.</p>
<div class="filters" role="search" aria-label="Filter findings">
<label>Search <input type="search" id="filter-text" autocomplete="off"></label>
<label>Path contains <input type="search" id="filter-path" autocomplete="off"></label>
<label>Rule <select id="filter-rule"><option value="">all rules</option></select></label>
<fieldset id="severities"><legend>Severity</legend></fieldset>
<button type="button" id="reset">Reset</button>
</div>
<div class="bar"><span id="count" role="status"></span>
<button type="button" id="first">First</button><button type="button" id="previous">Previous</button>
<span id="position"></span>
<button type="button" id="next">Next</button><button type="button" id="last">Last</button>
<label class="dim">Rows <select id="page-size"></select></label></div>
<div class="scroll"><table id="findings">
<caption class="hidden-text">Findings; the buttons in the header sort them</caption>
<thead><tr><th scope="col" data-column="severity"><button type="button">Severity</button></th>]==]
    .. [==[<th scope="col" data-column="rule"><button type="button">Rule</button></th>]==]
    .. [==[<th scope="col" data-column="path"><button type="button">Path</button></th>]==]
    .. [==[<th scope="col" data-column="line"><button type="button">Line</button></th>]==]
    .. [==[<th scope="col" data-column="text"><button type="button">Match</button></th></tr></thead>
<tbody></tbody></table></div>
<p id="nothing" hidden>No finding passes these filters.</p>
<section id="incomplete-section" hidden><h2>Not scanned to the end</h2>
<div class="scroll"><table id="incomplete"><thead><tr><th scope="col">Path</th><th scope="col">Rule</th>]==]
    .. [==[<th scope="col">Reason</th><th scope="col">Detail</th></tr></thead><tbody></tbody></table></div>
<p id="incomplete-more" class="dim"></p></section>
</main>
]==]

--- What stands behind them; %s: the script.
M.foot = [==[
<script>%s</script>
</body>
</html>
]==]

return M
