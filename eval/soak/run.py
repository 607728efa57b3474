"""A daemon at work for a while, watched: memory, descriptors, lateness of polls, and the ledger in the end.

    cargo build --release --bin gleaner --example soak
    python3 eval/soak/run.py [--hosts 2000 --feeds 5000 --articles 200000 --seconds 1500] [--plot docs/soak.svg]

The sites (`main.rs`) are addresses of 127.0.0.0/8, each a host of its own; one path in twenty fails when it is asked for
first. Every feed announces its articles little by little over the time given; after that the daemon gets `--grace` seconds to
come through what has to be tried again, and is asked to stop. It holds when

- `gleaner verify` finds nothing lost and nothing doubled, and texts and what still waits are as many as were announced;
- 99 of 100 polls began within a second of their time, in longer runs from the second half of the first minute on;
- memory and descriptors are in the last quarter of the time what they were in the third, or 15 % more at most.

Writes what was measured to a CSV beside the plot (SVG, drawn by hand: nothing but Python's own library is needed). A
hundredth of it, for the gate: `--hosts 20 --feeds 50 --articles 2000 --seconds 1 --grace 40`.
"""

import argparse
import csv
import json
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path
from statistics import mean

ROOT = Path(__file__).resolve().parents[2]
PORT, STATUS = 18181, 18182


def host(number):
    return f"127.{1 + number // 40000}.{number // 200 % 200}.{1 + number % 200}:{PORT}"


def configuration(options):
    feeds = "".join(
        f'[[feed]]\nurl = "http://{host(n % options.hosts)}/feed/{n}.rss"\n' for n in range(options.feeds)
    )
    return f"""contact = "soak@localhost"
[fetch]
allow_private = ["127.0.0.0/8"]
host_pause_ms = 0
[crawl]
poll_interval_s = 60
longest_poll_interval_s = 60
max_fetches = {options.connections}
[status]
listen = "127.0.0.1:{STATUS}"
{feeds}"""


def get(port, path):
    with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=20) as answer:
        return answer.read().decode()


def metrics():
    found = {}
    for line in get(STATUS, "/metrics").splitlines():
        if not line.startswith("#"):
            name, value = line.rsplit(" ", 1)
            found[name] = float(value)
    return found


def buckets(found):
    return {
        float(re.search(r'le="([^"]+)"', name)[1].replace("+Inf", "inf")): value
        for name, value in found.items()
        if name.startswith("gleaner_poll_lateness_seconds_bucket")
    }


def percentile(before, after, share):
    """The upper bound of the bucket that holds the share of what came between two counts."""
    counts = {bound: after[bound] - before.get(bound, 0) for bound in sorted(after)}
    whole = counts[float("inf")]
    return next(bound for bound, count in counts.items() if count >= share * whole), int(whole)


def sample(started, pid):
    found = metrics()
    pages = {state: found.get(f'gleaner_done_pages{{state="{state}"}}', 0) for state in ("written", "no_article", "failed")}
    row = {
        "seconds": round(time.monotonic() - started, 1),
        "resident_mb": round(found["process_resident_memory_bytes"] / 1e6, 1),
        "descriptors": int(found["process_open_fds"]),
        "in_flight": int(found["gleaner_in_flight"]),
        "written": int(pages["written"]),
        "queued": int(sum(value for name, value in found.items() if name.startswith("gleaner_queue_pages"))),
        "polls": int(sum(value for name, value in found.items() if name.startswith("gleaner_polls_total"))),
    }
    return row, buckets(found)


def plot(rows, path, title):
    """Two lines over time, each on its own scale from 0."""
    width, height, left, top, bottom = 860, 360, 60, 40, 50
    span = max(row["seconds"] for row in rows)
    lines = []
    for key, colour, unit, x in (("resident_mb", "#1f5fa8", "MB", left - 8), ("descriptors", "#b3541e", "files", width - left + 8)):
        most = max(row[key] for row in rows) * 1.15
        points = " ".join(
            f"{left + (width - 2 * left) * row['seconds'] / span:.1f},{height - bottom - (height - top - bottom) * row[key] / most:.1f}"
            for row in rows
        )
        anchor = "end" if x < left else "start"
        lines.append(f'<polyline points="{points}" fill="none" stroke="{colour}" stroke-width="2"/>')
        for share in (0, 0.5, 1):
            y = height - bottom - (height - top - bottom) * share
            lines.append(f'<text x="{x}" y="{y + 4:.0f}" text-anchor="{anchor}" fill="{colour}">{most * share:.0f}</text>')
        lines.append(f'<text x="{x}" y="{top - 18}" text-anchor="{anchor}" fill="{colour}">{unit}</text>')
    for share in (0, 0.25, 0.5, 0.75, 1):
        x = left + (width - 2 * left) * share
        lines.append(f'<text x="{x:.0f}" y="{height - bottom + 20}" text-anchor="middle">{span * share:.0f} s</text>')
    base = height - bottom
    path.write_text(
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" font-family="sans-serif" font-size="12">\n'
        f'<rect width="{width}" height="{height}" fill="white"/>\n'
        f'<text x="{width / 2}" y="16" text-anchor="middle" font-size="14">{title}</text>\n'
        f'<path d="M{left},{top} V{base} H{width - left} V{top}" fill="none" stroke="#888"/>\n' + "\n".join(lines) + "\n</svg>\n"
    )


def main():
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("--hosts", type=int, default=2000)
    arguments.add_argument("--feeds", type=int, default=5000)
    arguments.add_argument("--articles", type=int, default=200_000)
    arguments.add_argument("--seconds", type=int, default=1500)
    arguments.add_argument("--grace", type=int, default=180)
    arguments.add_argument("--connections", type=int, default=256)
    arguments.add_argument("--plot", type=Path, help="the SVG; the CSV stands beside it")
    arguments.add_argument("--gleaner", type=Path, default=ROOT / "target/release/gleaner")
    arguments.add_argument("--sites", type=Path, default=ROOT / "target/release/examples/soak")
    options = arguments.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="soak"))
    (folder / "config.toml").write_text(configuration(options))
    each = str(options.articles // options.feeds)
    sites = subprocess.Popen([options.sites, str(PORT), each, str(options.seconds)], stdout=subprocess.PIPE, text=True)
    daemon = None
    try:
        sites.stdout.readline()
        log = (folder / "log").open("w")
        daemon = subprocess.Popen([options.gleaner, "run", "--config", folder / "config.toml"], stderr=log, stdout=log)
        rows, faults = watch(options, daemon)
        daemon.send_signal(signal.SIGTERM)
        asked = time.monotonic()
        code = daemon.wait(timeout=60)
        faults += [f"the daemon ended with {code}"] if code != 0 else []
        print(f"stopped in {time.monotonic() - asked:.1f} s, {get(PORT, '/faults')} paths had failed once")
        faults += ledger(options, folder, int(get(PORT, "/announced")))
    finally:
        for child in filter(None, (sites, daemon)):
            child.kill()
    if options.plot:
        title = f"{options.feeds} feeds on {options.hosts} hosts, {options.articles} articles in {options.seconds} s, {options.connections} connections"
        plot(rows, options.plot, title)
        with options.plot.with_suffix(".csv").open("w", newline="") as out:
            table = csv.DictWriter(out, rows[0].keys(), lineterminator="\n")
            table.writeheader()
            table.writerows(rows)
    print("\n".join(f"FAILED: {fault}" for fault in faults) or "all well")
    if not faults:
        shutil.rmtree(folder)
    else:
        print(f"all is left in {folder}")
    sys.exit(bool(faults))


def watch(options, daemon):
    """Looks until the time is over; gives what was measured and what does not hold."""
    started, rows, warm = time.monotonic(), [], None
    every = max(1, options.seconds / 150)
    while time.monotonic() - started < options.seconds + options.grace:
        time.sleep(every)
        if daemon.poll() is not None:
            return rows, [f"the daemon ended by itself with {daemon.returncode}"]
        try:
            row, late = sample(started, daemon.pid)
        except OSError as error:
            if rows:
                return rows, [f"the daemon does not tell how it fares: {error}"]
            continue
        rows.append(row)
        if warm is None and options.seconds >= 60 and row["seconds"] >= 30:
            warm = late
        if row["seconds"] > options.seconds and row["queued"] == 0 and row["in_flight"] == 0:
            break
    faults = []
    bound, polls = percentile(warm or {}, late, 0.99)
    print(f"99 of 100 of {polls} polls began within {bound} s of their time")
    if bound > 1.0:
        faults.append(f"polls are late: {bound} s")
    quarter = max(1, len(rows) // 4)
    for key in ("resident_mb", "descriptors"):
        first, last = (mean(row[key] for row in part) for part in (rows[-2 * quarter : -quarter] or rows, rows[-quarter:]))
        print(f"{key}: at most {max(row[key] for row in rows)}, {first:.0f} in the third quarter, {last:.0f} in the last")
        if options.seconds >= 300 and last > 1.15 * first:
            faults.append(f"{key} grows from {first:.0f} to {last:.0f}")
    return rows, faults


def ledger(options, folder, announced):
    """What does not hold between what was announced, the store and the files."""
    verified = subprocess.run(
        [options.gleaner, "verify", "--config", folder / "config.toml"], capture_output=True, text=True
    )
    print(verified.stdout.strip())
    faults = [f"verify ends with {verified.returncode}: {verified.stderr.strip()}"] if verified.returncode else []
    status = subprocess.run(
        [options.gleaner, "status", "--format", "json", "--config", folder / "config.toml"], capture_output=True, text=True
    )
    pages = json.loads(status.stdout)["pages"]
    texts = sum(1 for _ in (folder / "articles").rglob("*.txt"))
    print(f"{announced} articles announced, {texts} texts, {pages}")
    known = sum(pages[state] for state in ("queued", "at_work", "written", "without_article", "failed", "same"))
    if known != announced:
        faults.append(f"{announced} were announced, the store knows {known}")
    if texts != pages["written"]:
        faults.append(f"the store has {pages['written']} written pages, the folder {texts} texts")
    if pages["failed"] or pages["without_article"]:
        faults.append(f"{pages['failed']} pages were given up, {pages['without_article']} held no article")
    return faults


if __name__ == "__main__":
    main()
