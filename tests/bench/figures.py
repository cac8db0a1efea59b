# SPDX-License-Identifier: MIT
"""A result of the benchmark as a table, as JSON and as a picture."""

import html
import json
import os
import re

BEGIN = "<!-- figures: begin -->"
END = "<!-- figures: end -->"


def number(value):
    """Three digits that matter."""
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


def conditions(result):
    machine = result["machine"]
    rounds = result["rounds"]
    return (
        f"{machine['processors']} processors ({machine['processor']}), Linux {machine['kernel']}, load "
        f"{machine['load']:.1f} at the start. Medians and quartiles of {rounds['1']} turns; of {rounds['10']} with 10 at "
        f"once, of {rounds['100']} with 100. MB are millions of bytes. The size is that of the executable with the "
        "shared libraries that it loads."
    )


def markdown(result):
    held = ", ".join(line for line in result["versions"]["healthprobe"])
    others = "; ".join(text for name, text in result["versions"].items() if name != "healthprobe")
    return "\n\n".join(
        [
            "# Figures",
            "Written by `tests/bench/run`, which tells how they come about.",
            conditions(result),
            f"{held}. Beside it: {others}.",
            one_by_one(result),
            at_once(result),
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

LEFT_OUT = ("nothing", "https, one root", "Postgres", "Redis", "http, Postgres", "all three, no passwords")
WIDTH, LABEL, BAR, ROW = 860, 230, 330, 20


def shown(result):
    """Programs by what they check, in their order."""
    groups = {}
    for program in result["programs"]:
        if program["check"] not in LEFT_OUT:
            groups.setdefault(program["check"], []).append(program)
    return groups


def bar(css, width, y):
    return f'<rect class="{css}" x="{LABEL}" y="{y}" width="{max(width, 1):.1f}" height="{ROW - 7}" rx="2"/>'


def svg(result):
    parts = []
    y = 24
    parts.append(f'<text x="0" y="{y}" class="small">Wall time (light), processor time (dark), peak memory</text>')
    for check, programs in shown(result).items():
        y += 34
        parts.append(f'<text x="0" y="{y}" class="title">{html.escape(check)}</text>')
        longest = max(max(p["at_once"]["1"][what]["median"] for what in ("wall_ms", "cpu_ms")) for p in programs)
        for program in programs:
            y += ROW
            alone = program["at_once"]["1"]
            wall, cpu = alone["wall_ms"]["median"], alone["cpu_ms"]["median"]
            css = "ours" if "healthprobe" in program["name"] else "other"
            said = f"{number(wall)} ms, {number(cpu)} ms"
            if program["peak_kb"]:
                said += f", {megabytes(program['peak_kb'])} MB"
            wide, dark = BAR * wall / longest, BAR * cpu / longest
            parts.append(f'<g class="{css}"><text x="0" y="{y}">{html.escape(program["name"])}</text>')
            parts.append(bar("wall", wide, y - 11) + bar("cpu", dark, y - 11))
            parts.append(f'<text x="{LABEL + max(wide, dark) + 8:.1f}" y="{y}" class="small">{said}</text></g>')
    y += 16
    title = "Costs of a health check: wall time, processor time and peak memory"
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{y}" viewBox="0 0 {WIDTH} {y}" role="img" '
        f'aria-label="{title}">\n<title>{title}</title>\n<style>{STYLE}</style>\n' + "\n".join(parts) + "\n</svg>\n"
    )


# --- files ----------------------------------------------------------------------------------------------------------------


def write(result, folder):
    texts = {
        "figures.json": json.dumps(result, indent=1, ensure_ascii=False) + "\n",
        "figures.md": markdown(result) + "\n",
        "figures.svg": svg(result),
    }
    for name, text in texts.items():
        with open(os.path.join(folder, name), "w", encoding="utf-8") as file:
            file.write(text)


def page_block(result):
    return "\n\n".join(
        [
            BEGIN,
            "![wall time, processor time and peak memory of health checks](../tests/bench/figures.svg)",
            "Measured by `tests/bench/run`, which also put it here: " + conditions(result),
            one_by_one(result),
            "What is aimed at, in the same run:",
            ratios(result),
            "With 10 and 100 at once, and as JSON: [figures.md](../tests/bench/figures.md) and "
            "[figures.json](../tests/bench/figures.json).",
            END,
        ]
    )


def publish(result, root):
    write(result, os.path.join(root, "tests", "bench"))
    path = os.path.join(root, "docs", "performance.md")
    with open(path, encoding="utf-8") as file:
        text = file.read()
    block = page_block(result)
    text, found = re.subn(f"{BEGIN}.*{END}", lambda _: block, text, flags=re.DOTALL)
    if found != 1:
        raise SystemExit("docs/performance.md has no place for figures")
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)
