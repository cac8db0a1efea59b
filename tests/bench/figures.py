# SPDX-License-Identifier: MIT
"""A result of the benchmark as tables, as JSON and as a picture."""

import html
import json
import os
import re

BEGIN = "<!-- figures: begin -->"
END = "<!-- figures: end -->"

# The table for readers: check and name as in the result, a label, and whether the README shows it.
COMPARED = {
    "`live`": (
        ("http", "healthprobe live, without TLS", "healthprobe-tiny", True),
        ("http", "healthprobe live", "healthprobe", True),
        ("http", "busybox wget", "busybox wget", True),
        ("http", "GNU wget", "GNU wget", False),
        ("http", "curl", "curl", True),
    ),
    "`full`": (
        ("all three", "healthprobe full, without TLS", "healthprobe-tiny", True),
        ("all three", "healthprobe full", "healthprobe", True),
        ("Postgres", "psql", "psql, Postgres alone", False),
        ("Redis", "redis-cli", "redis-cli, Redis alone", False),
        ("all three", "wget, psql, redis-cli", "wget, psql and redis-cli in a shell", True),
    ),
    "`full`, with TLS": (
        ("all three, TLS", "healthprobe full, one root", "healthprobe", True),
        ("all three, TLS", "wget, psql, redis-cli, one root", "wget, psql and redis-cli in a shell", True),
    ),
}


def number(value):
    """Three significant digits."""
    if value >= 100:
        return f"{value:.0f}"
    return f"{value:.1f}" if value >= 10 else f"{value:.2f}"


def with_quartiles(spread):
    return f"{number(spread['median'])} ({number(spread['low'])}–{number(spread['high'])})"


def millions(count):
    return number(count / 1e6) if count else ""


def megabytes(kb):
    return number(kb / 1e3) if kb else ""


def table(head, rows):
    lines = [f"| {' | '.join(head)} |", f"| {' | '.join('---' for _ in head)} |"]
    return "\n".join(lines + [f"| {' | '.join(row)} |" for row in rows])


def one_by_one(result):
    rows = []
    for program in result["programs"]:
        alone = program["at_once"]["1"]
        rows.append(
            [
                program["check"],
                program["name"],
                with_quartiles(alone["wall_ms"]),
                with_quartiles(alone["cpu_ms"]),
                megabytes(program["peak_kb"]),
                millions(program["instructions"]),
                number(program["size"] / 1e6),
            ]
        )
    head = ["Check", "By", "Wall time, ms", "Processor time, ms", "Peak, MB", "Million instructions", "Size, MB"]
    return table(head, rows)


def at_once(result):
    head = ["Check", "By"]
    for n in ("10", "100"):
        head += [f"{n} at once: until all are done, ms", "processor time of each, ms"]
    rows = []
    for program in result["programs"]:
        row = [program["check"], program["name"]]
        for n in ("10", "100"):
            measured = program["at_once"].get(n)
            row += [with_quartiles(measured[what]) if measured else "" for what in ("wall_ms", "cpu_ms")]
        rows.append(row)
    return table(head, rows)


def ratios(result):
    rows = []
    for entry in result["ratios"]:
        unit = f" {entry['unit']}" if entry["unit"] else ""
        reached = {True: "reached", False: "**not reached**", None: "not measured"}[entry["reached"]]
        value = "" if entry["value"] is None else f"{entry['value']:.2f}{unit}"
        rows.append([entry["title"], value, f"{entry['most']:.2f}{unit}", reached])
    return table(["", "Measured", "At most", ""], rows)


def compared(result, in_readme=False):
    """Groups of (label, program). A peer joins the programs with the same check."""
    by = {(program["check"], program["name"]): program for program in result["programs"]}
    peers = [program for program in result["programs"] if program["peer"]]
    groups = {}
    for title, rows in COMPARED.items():
        rows = [(label, by[check, name]) for check, name, label, short in rows if short or not in_readme]
        if title == "`live`" and not in_readme:
            rows += [(peer["name"], peer) for peer in peers if peer["check"] == "http"]
        groups[title] = rows
    return groups


def comparison(result, in_readme=False):
    rows = []
    for title, programs in compared(result, in_readme).items():
        for label, program in programs:
            alone = program["at_once"]["1"]
            costs = [number(alone[what]["median"]) for what in ("wall_ms", "cpu_ms")]
            rows.append([title, label, *costs, megabytes(program["peak_kb"]), number(program["size"] / 1e6)])
            title = ""
    return table(["Check", "Program", "Wall, ms", "Processor, ms", "Peak memory, MB", "Size, MB"], rows)


def conditions(result):
    machine = result["machine"]
    return (
        f"Medians of {result['rounds']['1']} runs on {machine['processors']} processors ({machine['processor']}), Linux "
        f"{machine['kernel']}, load {machine['load']:.1f} at the start. MB are millions of bytes; the size includes the "
        "shared libraries that a program loads."
    )


def markdown(result):
    rounds = result["rounds"]
    others = "; ".join(text for name, text in result["versions"].items() if name != "healthprobe")
    return "\n\n".join(
        [
            "# Figures",
            "Written by `tests/bench/run`; its `--help` says how they are measured.",
            conditions(result),
            f"In brackets are quartiles. {rounds['10']} turns with 10 at once, {rounds['100']} with 100.",
            f"{', '.join(result['versions']['healthprobe'])}. Beside it: {others}.",
            one_by_one(result),
            at_once(result),
            "Aims, in the same run:",
            ratios(result),
        ]
    )


# --- the picture ----------------------------------------------------------------------------------------------------------

STYLE = """
text { font: 13px system-ui, sans-serif; fill: #1f2328 }
.title { font-weight: 600 }
.small { fill: #59636e }
.wall { fill: #c8d1da }
.cpu { fill: #59636e }
.ours .wall { fill: #a5d3b0 }
.ours .cpu { fill: #1a7f37 }
@media (prefers-color-scheme: dark) {
  text { fill: #f0f6fc }
  .small { fill: #9198a1 }
  .wall { fill: #3d444d }
  .cpu { fill: #9198a1 }
  .ours .wall { fill: #1c4428 }
  .ours .cpu { fill: #3fb950 }
}
"""

WIDTH, LABEL, BAR, ROW = 860, 260, 330, 20


def bar(css, width, y):
    return f'<rect class="{css}" x="{LABEL}" y="{y}" width="{max(width, 1):.1f}" height="{ROW - 7}" rx="2"/>'


def svg(result):
    parts = []
    y = 24
    parts.append(f'<text x="0" y="{y}" class="small">Wall time (light), processor time (dark), peak memory</text>')
    for title, programs in compared(result).items():
        y += 34
        parts.append(f'<text x="0" y="{y}" class="title">{html.escape(title.replace("`", ""))}</text>')
        longest = max(p["at_once"]["1"][what]["median"] for _, p in programs for what in ("wall_ms", "cpu_ms"))
        for label, program in programs:
            y += ROW
            alone = program["at_once"]["1"]
            wall, cpu = alone["wall_ms"]["median"], alone["cpu_ms"]["median"]
            css = "ours" if "healthprobe" in program["name"] else "other"
            said = f"{number(wall)} ms, {number(cpu)} ms"
            if program["peak_kb"]:
                said += f", {megabytes(program['peak_kb'])} MB"
            wide, dark = BAR * wall / longest, BAR * cpu / longest
            parts.append(f'<g class="{css}"><text x="0" y="{y}">{html.escape(label)}</text>')
            parts.append(bar("wall", wide, y - 11) + bar("cpu", dark, y - 11))
            parts.append(f'<text x="{LABEL + max(wide, dark) + 8:.1f}" y="{y}" class="small">{said}</text></g>')
    y += 16
    title = "Costs of a health check: wall time, processor time and peak memory"
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{y}" viewBox="0 0 {WIDTH} {y}" role="img" '
        f'aria-label="{title}">\n<title>{title}</title>\n<style>{STYLE}</style>\n' + "\n".join(parts) + "\n</svg>\n"
    )


# --- files ----------------------------------------------------------------------------------------------------------------


def read(path):
    with open(path, encoding="utf-8") as file:
        return file.read()


def save(path, text):
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)


def as_json(result):
    """One program or aim per line."""
    return re.sub('(?={"(?:check|title)")', "\n", json.dumps(result, ensure_ascii=False, separators=(",", ": "))) + "\n"


def write(result, directory):
    save(os.path.join(directory, "figures.json"), as_json(result))
    save(os.path.join(directory, "figures.md"), markdown(result) + "\n")
    save(os.path.join(directory, "figures.svg"), svg(result))


def page_block(result):
    return "\n\n".join(
        [
            BEGIN,
            comparison(result),
            conditions(result),
            "![the same as bars](../tests/bench/figures.svg)",
            END,
        ]
    )


def readme_block(result):
    return "\n\n".join([BEGIN, comparison(result, in_readme=True), END])


PAGES = {"docs/performance.md": page_block, "README.md": readme_block}


def publish(result, root):
    write(result, os.path.join(root, "tests", "bench"))
    for page, block in PAGES.items():
        text = read(os.path.join(root, page))
        text, found = re.subn(f"{BEGIN}.*{END}", lambda _, block=block: block(result), text, flags=re.DOTALL)
        if found != 1:
            raise SystemExit(f"{page} has no place for figures")
        save(os.path.join(root, page), text)
