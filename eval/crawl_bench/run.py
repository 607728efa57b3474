"""How much fetching and cleaning pages costs, ours beside Scrapy and trafilatura, on the same bytes in the same run.

    python3 -m venv VENV && VENV/bin/pip install -r eval/crawl_bench/requirements.txt
    cargo build --release --bin gleaner --example crawl_bench
    VENV/bin/python eval/crawl_bench/run.py FOLDER... [--pages 930] [--connections 1,16,256] [--delay-ms 0]

A server of our own, in Rust, holds the pages of the folders in memory and answers on 256 addresses of 127.0.0.0/8, each
a host: politeness has nothing to wait for, and everybody keeps to one request at a time for each host. The processor
time is that of the client's process and its children alone, start-up included, and so is the memory (the peak). Prints
one line of a Markdown table for each client and number of connections.
"""

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
HERE = Path(__file__).resolve().parent
BUILT = ROOT / "target/release"
PORT = 18080


def host(number):
    return f"127.0.{1 + number // 200}.{1 + number % 200}:{PORT}"


def urls(pages, hosts):
    return [f"http://{host(page % hosts)}/page/{page}.html" for page in range(pages)]


def measured(command, **options):
    """Runs to the end; gives seconds by the clock, seconds of processor, peak memory in MB and what was printed."""
    with tempfile.TemporaryFile() as printed:
        began = time.monotonic()
        child = subprocess.Popen(command, stdout=printed, stderr=subprocess.DEVNULL, **options)
        _, status, used = os.wait4(child.pid, 0)
        took = time.monotonic() - began
        printed.seek(0)
        said = printed.read().decode(errors="replace").strip().splitlines()
    child.returncode = os.waitstatus_to_exitcode(status)
    return took, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024, said[-1] if said else ""


def gleaner_fetch(folder, pages, hosts, connections):
    (folder / "urls").write_text("\n".join(urls(pages, hosts)))
    with (folder / "urls").open() as listed:
        result = measured([BUILT / "examples/crawl_bench", "fetch", str(connections)], stdin=listed)
    return *result[:3], int(result[3].split()[0])


def gleaner_run(folder, pages, hosts, connections):
    feeds = [f'[[feed]]\nurl = "http://{host(n)}/feed/{n}-{pages}-{hosts}.rss"' for n in range(min(hosts, pages))]
    config = f"""contact = "bench@localhost"
[fetch]
allow_private = ["127.0.0.0/8"]
host_pause_ms = 0
[crawl]
max_fetches = {connections}
"""
    (folder / "config.toml").write_text(config + "\n".join(feeds))
    result = measured([BUILT / "gleaner", "run", "--once", "-q", "--config", folder / "config.toml"])
    return *result[:3], sum(1 for _ in (folder / "articles").rglob("*.txt"))


def scrapy_download(folder, pages, hosts, connections):
    (folder / "urls").write_text("\n".join(urls(pages, hosts)))
    result = measured([sys.executable, HERE / "spider.py", str(connections), folder / "urls"])
    return *result[:3], int(result[3].split()[0])


def scrapy_trafilatura(folder, pages, hosts, connections):
    (folder / "urls").write_text("\n".join(urls(pages, hosts)))
    (folder / "out").mkdir()
    result = measured([sys.executable, HERE / "spider.py", str(connections), folder / "urls", folder / "out"])
    return *result[:3], sum(1 for _ in (folder / "out").iterdir())


def trafilatura_cli(folder, pages, hosts, connections):
    (folder / "urls").write_text("\n".join(urls(pages, hosts)))
    from trafilatura import settings

    config = Path(settings.__file__).with_name("settings.cfg").read_text()
    config = config.replace("SLEEP_TIME = 5.0", "SLEEP_TIME = 0").replace("SSRF_PROTECTION = on", "SSRF_PROTECTION = off")
    (folder / "settings.cfg").write_text(config)
    command = [Path(sys.executable).with_name("trafilatura"), "-i", folder / "urls", "-o", folder / "out"]
    result = measured([*command, "--parallel", str(connections), "--config-file", folder / "settings.cfg"])
    return *result[:3], sum(1 for _ in (folder / "out").rglob("*.txt"))


CLIENTS = {
    "Gleaner, fetching alone": gleaner_fetch,
    "Scrapy, fetching alone": scrapy_download,
    "`gleaner run --once`": gleaner_run,
    "Scrapy and trafilatura's `extract`": scrapy_trafilatura,
    "trafilatura's command line": trafilatura_cli,
}


def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument("folders", nargs="+")
    arguments.add_argument("--pages", type=int, default=930)
    arguments.add_argument("--hosts", type=int, default=256, help="each with a feed")
    arguments.add_argument("--connections", default="1,16,256")
    arguments.add_argument("--delay-ms", type=int, default=0)
    arguments.add_argument("--only", default="", help="clients whose name holds this")
    options = arguments.parse_args()
    server = subprocess.Popen(
        [BUILT / "examples/crawl_bench", "serve", str(PORT), str(options.delay_ms), *options.folders],
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        print(server.stdout.readline().strip(), file=sys.stderr)
        print("| client | connections | pages/s | processor, ms/page | peak memory, MB | pages |\n|---|---|---|---|---|---|")
        for name, client in CLIENTS.items():
            for connections in map(int, options.connections.split(",")):
                if options.only not in name:
                    continue
                folder = Path(tempfile.mkdtemp(prefix="crawl_bench"))
                took, processor, memory, kept = client(folder, options.pages, options.hosts, connections)
                shutil.rmtree(folder)
                rate, cost = options.pages / took, 1000 * processor / options.pages
                print(f"| {name} | {connections} | {rate:.0f} | {cost:.2f} | {memory:.0f} | {kept} |", flush=True)
    finally:
        server.kill()


if __name__ == "__main__":
    main()
