#!/usr/bin/env python3
"""The plots of docs/benchmarks.md, as SVG drawn by hand: nothing but Python's own library is needed.

    eval/plots.py [--peers FILE.json] [--worst-case FILE.csv] [--folder docs]

- peers.svg, from `eval/peers/run.py --json`: speed against quality, a panel for each corpus with gold texts; the dashed line is
  scraper's bare parse, which gives no text.
- worst_case.svg, from `cargo bench --bench worst_case -- --csv`: processor time against size, a line for each kind of page.
  What costs most is named; dashed, the ordinary page's rate at 103 kB held to the largest size.
"""

import argparse
import csv
import json
import math
from collections import defaultdict
from html import escape
from pathlib import Path

OURS, BASELINE = "gleaner", "scraper"
BLUE, ORANGE, GREY = "#1f5fa8", "#b3541e", "#888"
NAMED_KINDS = 6


class Panel:
    """A rectangle with two axes; gives positions for values and collects what is drawn."""

    def __init__(self, left, top, width, height, x, y, is_log_y):
        self.left, self.top, self.width, self.height = left, top, width, height
        self.x, self.y, self.is_log_y = x, y, is_log_y
        self.parts = []
        self.frame()

    def at_x(self, value):
        return self.left + self.width * math.log(value / self.x[0]) / math.log(self.x[1] / self.x[0])

    def at_y(self, value):
        low, high = self.y
        share = math.log(value / low) / math.log(high / low) if self.is_log_y else (value - low) / (high - low)
        return self.top + self.height * (1 - share)

    def frame(self):
        box = f'x="{self.left}" y="{self.top}" width="{self.width}" height="{self.height}"'
        self.parts.append(f'<rect {box} fill="none" stroke="{GREY}"/>')

    def text(self, x, y, words, anchor="start", colour="black", size=12):
        place = f'x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" fill="{colour}" font-size="{size}"'
        self.parts.append(f"<text {place}>{escape(words)}</text>")

    def tick_x(self, value, words):
        x, base = self.at_x(value), self.top + self.height
        self.parts.append(f'<path d="M{x:.1f},{base} v5" stroke="{GREY}"/>')
        self.text(x, base + 18, words, "middle")

    def tick_y(self, value, words):
        y = self.at_y(value)
        self.parts.append(f'<path d="M{self.left},{y:.1f} h-5" stroke="{GREY}"/>')
        self.text(self.left - 8, y + 4, words, "end")

    def line(self, points, colour, more=""):
        places = " ".join(f"{self.at_x(x):.1f},{self.at_y(y):.1f}" for x, y in points)
        self.parts.append(f'<polyline points="{places}" fill="none" stroke="{colour}" {more}/>')


def svg(width, height, title, panels):
    head = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" font-family="sans-serif" font-size="12">'
    parts = [head, f'<rect width="{width}" height="{height}" fill="white"/>']
    parts.append(f'<text x="{width / 2}" y="20" text-anchor="middle" font-size="14">{escape(title)}</text>')
    return "\n".join(parts + [part for panel in panels for part in panel.parts] + ["</svg>"]) + "\n"


def apart(wanted, gap):
    """Heights for labels, as near to the wanted ones as they can be without overlapping; in the order given."""
    order = sorted(range(len(wanted)), key=lambda at: wanted[at])
    places = dict.fromkeys(order, 0.0)
    last = -math.inf
    for at in order:
        last = places[at] = max(wanted[at], last + gap)
    return [places[at] for at in range(len(wanted))]


def decades(low, high):
    return [10.0**power for power in range(math.ceil(math.log10(low)), math.floor(math.log10(high)) + 1)]


# ---------------------------------------------------------------- speed against quality


def peers_panel(name, left, top, points, parse_rate):
    rates = [rate for _, rate, _ in points] + [parse_rate]
    scores = [score for _, _, score in points]
    x = (min(rates) / 2, max(rates) * 2)
    y = (math.floor(min(scores) * 20) / 20, math.ceil(max(scores) * 20) / 20)
    panel = Panel(left, top, 440, 300, x, y, is_log_y=False)
    panel.text(left + 220, top - 8, name, "middle")
    panel.text(left + 220, top + 340, "MB/s of one core, logarithmic", "middle")
    panel.text(left, top - 8, "word F1", "middle")
    for rate in decades(*x):
        panel.tick_x(rate, f"{rate:g}")
    for step in range(round(y[0] * 20), round(y[1] * 20) + 1):
        panel.tick_y(step / 20, f"{step / 20:.2f}")
    panel.line([(parse_rate, y[0]), (parse_rate, y[1])], ORANGE, 'stroke-dasharray="4 4"')
    panel.text(panel.at_x(parse_rate) - 4, top + 292, "scraper's bare parse", "end", ORANGE, 11)
    heights = apart([panel.at_y(score) for _, _, score in points], 12)
    for (label, rate, score), height in zip(points, heights, strict=True):
        at_x, at_y = panel.at_x(rate), panel.at_y(score)
        colour = BLUE if label == "Gleaner" else "#444"
        panel.parts.append(f'<circle cx="{at_x:.1f}" cy="{at_y:.1f}" r="4" fill="{colour}"/>')
        # Towards the middle, where there is room.
        side, anchor = (1, "start") if at_x < left + 220 else (-1, "end")
        line = f"M{at_x:.1f},{at_y:.1f} L{at_x + 9 * side:.1f},{height:.1f}"
        panel.parts.append(f'<path d="{line}" stroke="{GREY}" stroke-width="0.5"/>')
        panel.text(at_x + 10 * side, height + 4, label, anchor, colour, 11)
    return panel


def plot_peers(measured):
    systems = {system["name"]: system for system in measured["systems"]}
    panels = []
    for corpus, of_parse in systems[BASELINE]["corpora"].items():
        points = []
        for system in systems.values():
            found = system["corpora"][corpus]
            if found.get("f1_word") is not None and found["mb_per_second"]:
                # A slow system may have been asked for fewer pages: its rate is held against parsing the same ones.
                label = "trafilatura fast (Python)" if system["name"] == "trafilatura-fast" else system["label"].strip("*")
                points.append((label, found["times_parse"] * of_parse["mb_per_second"], found["f1_word"]))
        if points:
            panels.append(peers_panel(corpus, 60 + 520 * len(panels), 60, points, of_parse["mb_per_second"]))
    return svg(60 + 520 * len(panels), 420, f"Speed and quality in one run, {measured['when'][:10]}", panels)


# ---------------------------------------------------------------- curves of the worst cases


def plot_worst_case(rows):
    curves = defaultdict(list)
    for row in rows:
        curves[row["page"]].append((int(row["bytes"]), max(float(row["seconds"]), 1e-6)))
    points = [point for curve in curves.values() for point in curve]
    x = (min(size for size, _ in points), max(size for size, _ in points))
    y = (min(seconds for _, seconds in points), max(seconds for _, seconds in points) * 2)
    panel = Panel(70, 50, 600, 420, x, y, is_log_y=True)
    panel.text(370, 510, "bytes of the page", "middle")
    panel.text(62, 42, "seconds", "end")
    for size in decades(*x):
        panel.tick_x(size, f"{size / 1e6:g} MB" if size >= 1e6 else f"{size / 1e3:g} kB")
    for seconds in decades(*y):
        panel.tick_y(seconds, f"{seconds:g}")
    ordinary = curves["an ordinary page"]
    for curve in curves.values():
        panel.line(curve, "#bbb" if curve is not ordinary else BLUE, "" if curve is not ordinary else 'stroke-width="2.5"')
    if len(ordinary) > 3:
        size, seconds = ordinary[3]
        panel.line([ordinary[3], (x[1], seconds * x[1] / size)], ORANGE, 'stroke-dasharray="4 4"')
    last = {name: curve[-1] for name, curve in curves.items()}
    costly = sorted(last, key=lambda name: -last[name][1] / last[name][0])[:NAMED_KINDS]
    named = list(dict.fromkeys([*costly, "an ordinary page"]))
    heights = apart([panel.at_y(last[name][1]) for name in named], 14)
    for name, height in zip(named, heights, strict=True):
        size, seconds = last[name]
        end = panel.at_x(size)
        panel.parts.append(f'<path d="M{end:.1f},{panel.at_y(seconds):.1f} L{end + 10:.1f},{height:.1f}" stroke="{GREY}" stroke-width="0.5"/>')
        panel.text(end + 12, height + 4, name.replace("`", ""), colour=BLUE if curves[name] is ordinary else "black", size=11)
    return svg(880, 530, f"{len(curves)} kinds of pages, 1 kB to 50 MB, one thread", [panel])


def main():
    arguments = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    arguments.add_argument("--peers", type=Path)
    arguments.add_argument("--worst-case", type=Path)
    arguments.add_argument("--folder", type=Path, default=Path("docs"))
    options = arguments.parse_args()
    if options.peers:
        measured = json.loads(options.peers.read_text(encoding="utf-8"))
        (options.folder / "peers.svg").write_text(plot_peers(measured), encoding="utf-8")
    if options.worst_case:
        with options.worst_case.open(encoding="utf-8", newline="") as file:
            (options.folder / "worst_case.svg").write_text(plot_worst_case(csv.DictReader(file)), encoding="utf-8")


if __name__ == "__main__":
    main()
