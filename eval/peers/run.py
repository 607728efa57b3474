#!/usr/bin/env python3
"""Gleaner and its peers over the same pages in the same run: quality, speed and memory in one table.

    eval/peers/run.py CORPUS_DIR... [--only NAME,...] [--rounds K] [--slow-pages N] [--folds FOLDER] [--json FILE]

A corpus is a folder with `truth.jsonl` and `html/ID.html` (`eval/score.py`). Needs cargo, Python's venv, Node 20 and npm; what
they fetch is pinned (rust/Cargo.lock, python/requirements.txt, node/package-lock.json) and goes to target/peers/.

Each system is a process of its own that is asked for one page at a time: every page goes to every system in turn, K
times, and each time it is extracted twice in a row. The least of these processor times counts, so that neighbours on
the machine meet all alike. Slow systems are asked once for each page, or with --slow-pages for N pages of each corpus,
evenly spaced; their quality and their ratios are of those pages alone. A page that takes longer than ten seconds, that
ends the process or that makes it panic or raise, is counted as failed: an empty text for quality, nothing for speed.

Gleaner's own model has learned from most pages of the corpora. So quality is that of pages that it has not learned from
(training/held_out.txt), of all systems alike; or with --folds, which names a folder of models by
training/cross_validate.py (FOLDS/0.0), of all pages, each by a model that knows no page of its site. All are timed on all pages.
"""

import argparse
import datetime
import hashlib
import json
import os
import platform
import re
import select
import shutil
import subprocess
import sys
import tomllib
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
HERE = Path(__file__).resolve().parent
BUILT = ROOT / "target/peers"
BASELINE, OURS, OUR_TEXT = "scraper", "gleaner", "gleaner-text"
LIMIT_SECONDS = 10
# By the clock, on a machine with neighbours.
PATIENCE_SECONDS = 60

sys.dont_write_bytecode = True
sys.path.insert(0, str(ROOT / "eval"))
import score  # noqa: E402


@dataclass
class System:
    name: str
    label: str
    command: list
    version: str
    is_slow: bool = False
    # The bare parse gives no text.
    has_text: bool = True


@dataclass
class Outcome:
    """What became of a system's pages of one corpus."""

    predictions: dict = field(default_factory=dict)
    seconds: dict = field(default_factory=dict)
    failed: dict = field(default_factory=dict)


# ---------------------------------------------------------------- the environments


def run(command, **options):
    subprocess.run(list(map(str, command)), check=True, stdout=sys.stderr, **options)


def prepared(folder, files, prepare):
    """Prepares a folder anew where the files that it is made from are not those it was made from."""
    stamp, wanted = folder / "made-from", hashlib.sha256(b"".join(file.read_bytes() for file in files)).hexdigest()
    if not (stamp.is_file() and stamp.read_text() == wanted):
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        prepare(folder)
        stamp.write_text(wanted)
    return folder


def make_python(folder):
    run([sys.executable, "-m", "venv", folder])
    run([folder / "bin/pip", "install", "--quiet", "--no-deps", "-r", HERE / "python/requirements.txt"])


def make_node(folder):
    for file in (HERE / "node").glob("package*.json"):
        shutil.copy(file, folder)
    run(["npm", "ci", "--no-audit", "--no-fund", "--silent"], cwd=folder)


def versions():
    lock = tomllib.loads((HERE / "rust/Cargo.lock").read_text())
    found = {}
    for package in lock["package"]:
        # Where there are two, the newer is ours.
        found[f"rust {package['name']}"] = package["version"]
    for line in (HERE / "python/requirements.txt").read_text().splitlines():
        if "==" in line:
            name, version = line.split("==")
            found[f"python {name.lower()}"] = version
    node = json.loads((HERE / "node/package.json").read_text())["dependencies"]
    return found | {f"node {name}": version for name, version in node.items()}


def systems():
    known = versions()
    rust, python = BUILT / "rust/release/peer", [BUILT / "python/bin/python", HERE / "python/peer.py"]
    node = ["node", HERE / "node/peer.mjs"]
    commit = subprocess.run(["git", "rev-parse", "--short", "HEAD"], cwd=ROOT, capture_output=True, text=True).stdout.strip()
    readability = f"{known['node @mozilla/readability']}, jsdom {known['node jsdom']}"
    allocator = f"mimalloc {known['rust mimalloc']}"
    ours = f"{known['rust gleaner']} ({commit})"
    return [
        System(OURS, "**Gleaner**", [rust, OURS], ours),
        System(OUR_TEXT, "**— text alone**", [rust, OUR_TEXT], ours),
        System(BASELINE, "scraper, bare parse", [rust, "scraper"], f"{known['rust scraper']}, {allocator}", has_text=False),
        System("scraper-system", "scraper, system allocator", [f"{rust}_system_allocator", "scraper"], known["rust scraper"], has_text=False),
        System("resiliparse", "resiliparse (Python)", [*python, "resiliparse"], known["python resiliparse"]),
        System("dom_smoothie", "dom_smoothie (Rust)", [rust, "dom_smoothie"], known["rust dom_smoothie"]),
        System("trafilatura-rust", "trafilatura (Rust), fallback", [rust, "trafilatura"], known["rust trafilatura"]),
        System("rs-trafilatura", "rs-trafilatura (Rust)", [rust, "rs-trafilatura"], known["rust rs-trafilatura"]),
        System("trafilatura", "trafilatura (Python)", [*python, "trafilatura"], known["python trafilatura"], is_slow=True),
        System("trafilatura-fast", "— fast", [*python, "trafilatura_fast"], known["python trafilatura"], is_slow=True),
        System("readability-lxml", "readability-lxml (Python)", [*python, "readability-lxml"], known["python readability-lxml"], is_slow=True),
        System("newspaper4k", "newspaper4k (Python)", [*python, "newspaper4k"], known["python newspaper4k"], is_slow=True),
        System("readability", "Readability.js (Node)", [*node, "readability"], readability, is_slow=True),
    ]


def prepare():
    environment = os.environ | {"CARGO_TARGET_DIR": str(BUILT / "rust")}
    run(["cargo", "build", "--release", "--locked", "--manifest-path", HERE / "rust/Cargo.toml"], env=environment)
    prepared(BUILT / "python", [HERE / "python/requirements.txt"], make_python)
    prepared(BUILT / "node", [HERE / "node/package-lock.json"], make_node)


# ---------------------------------------------------------------- asking


class Worker:
    """The process of a system; begun anew where a page ended it."""

    def __init__(self, system):
        self.system, self.peak_mb, self.child = system, 0.0, None

    def begin(self):
        environment = os.environ | {"NODE_MODULES": str(BUILT / "node")}
        self.child = subprocess.Popen(
            list(map(str, self.system.command)),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=environment,
        )

    def ask(self, path, url, times, model):
        if self.child is None:
            self.begin()
        try:
            self.child.stdin.write(json.dumps({"path": str(path), "url": url, "times": times, "model": model}).encode() + b"\n")
            self.child.stdin.flush()
        except BrokenPipeError:
            return self.end("died")
        ready, _, _ = select.select([self.child.stdout], [], [], PATIENCE_SECONDS * times)
        line = self.child.stdout.readline() if ready else b""
        return json.loads(line) if line else self.end("died" if ready else f"over {PATIENCE_SECONDS} s by the clock")

    def note_peak(self):
        """Peak resident memory in MB as Linux counts it; elsewhere it stays unknown."""
        status = Path(f"/proc/{self.child.pid}/status") if self.child else None
        if status and status.is_file() and (found := re.search(r"VmHWM:\s+(\d+) kB", status.read_text())):
            self.peak_mb = max(self.peak_mb, int(found[1]) / 1e3)

    def end(self, fault=None):
        if self.child is not None:
            self.note_peak()
            self.child.kill()
            self.child.wait()
            self.child = None
        return {"fault": fault}


def evenly(pages, count):
    return {pages[number * len(pages) // count]["id"] for number in range(min(count, len(pages)))} if pages else set()


def fold_models(folder, corpus):
    """Which model each page of a corpus is to be asked by, {id: file}; none without a folder."""
    lists = sorted(folder.glob(f"{corpus.name}-*.ids")) if folder else []
    models = {}
    for list in lists:
        model = folder.resolve() / f"{list.stem.rsplit('-', 1)[1]}.bin"
        models |= dict.fromkeys(list.read_text(encoding="utf-8").split(), str(model))
    return models


def held_out(corpus):
    """The pages of a corpus that Gleaner's model has not learned from; empty where it has never seen the corpus."""
    rows = (line.split("\t") for line in (ROOT / "training/held_out.txt").read_text(encoding="utf-8").splitlines())
    return {id for name, id in rows if name == corpus.name}


def ask_all(workers, corpus, truths, options):
    outcomes = {worker.system.name: Outcome() for worker in workers}
    slow = evenly(truths, options.slow_pages or len(truths))
    models = fold_models(options.folds, corpus)
    for number, truth in enumerate(truths):
        tell_progress(f"\r{corpus.name}: page {number + 1} of {len(truths)}")
        path = corpus / "html" / f"{truth['id']}.html"
        for turn in range(options.rounds):
            for worker in workers:
                outcome, id = outcomes[worker.system.name], truth["id"]
                if worker.system.is_slow and (turn or id not in slow) or id in outcome.failed:
                    continue
                answer = worker.ask(path, truth["url"], 1 if worker.system.is_slow else 2, models.get(id))
                fault = answer.get("fault") or (f"over {LIMIT_SECONDS} s" if answer["seconds"] > LIMIT_SECONDS else None)
                if fault:
                    outcome.failed[id] = fault
                    outcome.seconds.pop(id, None)
                    outcome.predictions[id] = {"id": id, "text": ""}
                    continue
                seconds = min(answer.pop("seconds"), outcome.seconds.get(id, float("inf")))
                outcome.seconds[id] = seconds
                outcome.predictions[id] = {"id": id, **answer, "seconds": seconds}
    tell_progress("\n")
    return outcomes


def tell_progress(text):
    if sys.stderr.isatty():
        print(text, end="", file=sys.stderr, flush=True)


# ---------------------------------------------------------------- the table


def rate(corpus, seconds):
    size = sum((corpus / "html" / f"{id}.html").stat().st_size for id in seconds)
    return size / 1e6 / sum(seconds.values()) if seconds else None


def quality(truths, outcome):
    """The measures of eval/score.py over those of the pages that the system was asked for."""
    asked = [truth for truth in truths if truth["id"] in outcome.predictions]
    pages = [score.score_page(truth, outcome.predictions[truth["id"]].get("text") or "") for truth in asked]
    with_gold = [page for page in pages if page.words]
    report = {"scored_pages": len(pages)} | score.snippet_report(pages) | score.metadata_report(asked, outcome.predictions)
    if with_gold:
        report |= {"f1_word": score.word_f1(with_gold), "f1_shingle": score.shingle_f1(with_gold)}
    return report


def times_as_fast(corpus, outcome, other):
    """The ratio of two systems' rates over the pages that both came through; None where one was not asked."""
    shared = outcome.seconds.keys() & other.seconds.keys() if outcome and other else set()
    if not shared:
        return None
    mine, theirs = (rate(corpus, {id: each.seconds[id] for id in shared}) for each in (outcome, other))
    return mine / theirs


def measure(corpus, scored, system, outcomes):
    outcome = outcomes[system.name]
    if outcome.predictions and not outcome.seconds:
        # Its environment is broken, and no score of it would mean anything.
        sys.exit(f"{system.name} came through no page of {corpus.name}: {next(iter(outcome.failed.values()))}")
    report = {
        "pages": len(outcome.predictions),
        "failed": outcome.failed,
        "mb_per_second": rate(corpus, outcome.seconds),
        "times_parse": times_as_fast(corpus, outcome, outcomes[BASELINE]),
        "ours_times": times_as_fast(corpus, outcomes.get(OURS), outcome),
        "our_text_times": times_as_fast(corpus, outcomes.get(OUR_TEXT), outcome),
    }
    return report | (quality(scored, outcome) if system.has_text else {})


def shown(value, places=3):
    return "" if value is None else f"{value:.{places}f}".replace("0.", ".", 1) if places == 3 else f"{value:.{places}f}"


def cells(report):
    if report.get("f1_word") is not None:
        text = f"{shown(report['f1_word'])} / {shown(report['f1_shingle'])}"
    else:
        text = shown(report.get("snippet_accuracy"))
    speed = report["mb_per_second"]
    scored = report.get("scored_pages", report["pages"])
    pages = f"{report['pages']}" + (f", {scored} scored" if scored != report["pages"] else "") + (f", {len(report['failed'])} failed" if report["failed"] else "")
    times = report["times_parse"]
    return [text, shown(report.get("without_leak")), pages, shown(speed, 1), shown(times, 2)]


def table(reports, corpora):
    head = ["system", "version"]
    for name, has_gold in corpora.items():
        head += [f"{name}: {'word / shingle F1' if has_gold else 'snippet accuracy'}", "leak", "pages", "MB/s", "× bare parse"]
    rows = [head + ["peak MB"], ["---", "---"] + ["---:"] * (len(head) - 1)]
    for report in reports:
        row = [report["label"], report["version"]]
        for name in corpora:
            row += cells(report["corpora"][name])
        rows.append(row + [shown(report["peak_mb"], 0)])
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)


def machine():
    model = "unknown processor"
    if (found := Path("/proc/cpuinfo")).is_file() and (line := re.search(r"model name\s*: (.*)", found.read_text())):
        model = line[1]
    return f"{model}, {os.cpu_count()} cores, {platform.system()} {platform.release()}"


def main():
    arguments = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    arguments.add_argument("corpora", type=Path, nargs="+", metavar="CORPUS_DIR")
    arguments.add_argument("--only", default="", metavar="NAME,...", help="these systems, beside the bare parse")
    arguments.add_argument("--rounds", type=int, default=3, help="how often each page goes round")
    arguments.add_argument("--slow-pages", type=int, metavar="N", help="pages of each corpus for slow systems")
    arguments.add_argument("--pages", type=int, metavar="N", help="pages of each corpus for all")
    arguments.add_argument("--json", type=Path, metavar="FILE", help="all measures, for eval/plots.py")
    arguments.add_argument("--predictions", type=Path, metavar="FOLDER", help="texts, as FOLDER/SYSTEM/CORPUS.jsonl")
    arguments.add_argument("--folds", type=Path, metavar="FOLDER", help="models for Gleaner, one for each fold of the pages")
    arguments.add_argument("--as-built", action="store_true", help="prepare nothing, take what is there")
    options = arguments.parse_args()

    if not options.as_built:
        prepare()
    wanted = {name for name in options.only.split(",") if name}
    all_systems = systems()
    if strangers := wanted - {system.name for system in all_systems}:
        sys.exit(f"{', '.join(strangers)}: there is {', '.join(system.name for system in all_systems)}")
    workers = [Worker(system) for system in all_systems if not wanted or system.name in wanted | {BASELINE}]
    reports = {w.system.name: {"name": w.system.name, "label": w.system.label, "version": w.system.version, "corpora": {}} for w in workers}
    corpora = {}
    for corpus in map(Path.resolve, options.corpora):
        truths = score.load_jsonl(corpus / "truth.jsonl")
        if options.pages:
            chosen = evenly(truths, options.pages)
            truths = [truth for truth in truths if truth["id"] in chosen]
        corpora[corpus.name] = any(truth["text"] is not None for truth in truths)
        kept_out = held_out(corpus) if not fold_models(options.folds, corpus) else set()
        scored = [truth for truth in truths if not kept_out or truth["id"] in kept_out]
        outcomes = ask_all(workers, corpus, truths, options)
        for worker in workers:
            outcome = outcomes[worker.system.name]
            worker.note_peak()
            reports[worker.system.name]["corpora"][corpus.name] = measure(corpus, scored, worker.system, outcomes)
            if options.predictions and worker.system.has_text:
                file = options.predictions / worker.system.name / f"{corpus.name}.jsonl"
                file.parent.mkdir(parents=True, exist_ok=True)
                file.write_text("".join(json.dumps(line) + "\n" for line in outcome.predictions.values()))
    for worker in workers:
        worker.end()
        reports[worker.system.name]["peak_mb"] = worker.peak_mb
    print(table(reports.values(), corpora))
    for name in corpora:
        for whose, times in [("Gleaner's rate", "ours_times"), ("Its rate for the text alone", "our_text_times")]:
            others = [(report["name"], report["corpora"][name][times]) for report in reports.values()]
            listed = ", ".join(f"{ratio:.2f} × {other}" for other, ratio in others if ratio and other not in (OURS, OUR_TEXT))
            print(f"\n{name}: {whose} is {listed}." if listed else "")
    if options.json:
        when = datetime.datetime.now(datetime.UTC).strftime("%Y-%m-%d %H:%M UTC")
        whole = {"when": when, "machine": machine(), "rounds": options.rounds, "systems": list(reports.values())}
        options.json.write_text(json.dumps(whole, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
