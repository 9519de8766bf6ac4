#!/usr/bin/env python3
"""The whole exporter at work: 1,000, 3,000 and 10,000 keys at one minute against a simulated service
over TLS that takes 150 ms for an answer, scraped every 15 s with gzip. CPU in the steady state and
resident memory. Exit 1 when a goal is missed.
"""

import argparse
import gzip
import os
import re
import time

import programs

LATENCY_MS = 150
SCRAPE_EVERY = 15  # seconds
CAPS = "  max_requests_per_second: 400\n  max_concurrent_requests: 90\n"
# Resident memory in MiB, by the number of keys.
MAX_MEMORY = {1000: 48, 10000: 100}
MAX_PERCENT = {10000: 6}
# How far the cost of any number of keys may be from the line through all of them.
MAX_DEVIATION = 0.2


def start_exporter(run, keys):
    folder = os.path.join(run.folder, str(keys))
    os.mkdir(folder)
    cloud, base_url = run.start([programs.built("bench_cloud"), str(keys), str(LATENCY_MS), folder])
    config = os.path.join(folder, "config.yaml")
    with open(config, "w", encoding="ascii") as file:
        file.write(f"global:\n  base_url: {base_url}\n  tls_config: {{ca_file: {folder}/ca.pem}}\n"
                   f"{CAPS}key_directories:\n  - path: {folder}/keys\n")
    port = programs.free_port()
    exporter, _ = run.start([os.path.join(programs.BUILD, "mdcloud_exporter"),
                             f"--config.file={config}", f"--web.listen-address=127.0.0.1:{port}"],
                            first_line=False)
    return cloud, exporter, f"http://127.0.0.1:{port}/metrics"


def wait_until_all_up(url, keys):
    """Seconds that it took, and the exposition."""
    start = time.monotonic()
    up = re.compile(rb"^mdcloud_up\{[^}]*\} 1$", re.M)

    def all_up():
        text = gzip.decompress(programs.fetch(url))
        return text if len(up.findall(text)) == keys else None

    text = programs.wait_for("all keys to be up", all_up, 300)
    return time.monotonic() - start, text


def measure(run, keys, seconds):
    cloud, exporter, url = start_exporter(run, keys)
    until_up, text = wait_until_all_up(url, keys)
    # From here on the scrapes are those of one Prometheus.
    cpu = programs.cpu_seconds(exporter.pid)
    start = time.monotonic()
    next_scrape = start
    while next_scrape < start + seconds:
        programs.fetch(url)
        next_scrape += SCRAPE_EVERY
        time.sleep(max(0.0, next_scrape - time.monotonic()))
    percent = (programs.cpu_seconds(exporter.pid) - cpu) / (time.monotonic() - start) * 100
    resident, peak = programs.memory_mib(exporter.pid)
    run.end(exporter)
    run.end(cloud)
    series = sum(1 for line in text.splitlines() if not line.startswith(b"#"))
    return {"keys": keys, "series": series, "until_up": until_up, "percent": percent,
            "resident": resident, "peak": peak}


def fit(points):
    """Least squares of y = a + b x, with the errors relative to y."""
    weights = [1 / y ** 2 for _, y in points]
    total = sum(weights)
    mean_x = sum(w * x for w, (x, _) in zip(weights, points)) / total
    mean_y = sum(w * y for w, (_, y) in zip(weights, points)) / total
    slope = (sum(w * (x - mean_x) * (y - mean_y) for w, (x, y) in zip(weights, points)) /
             sum(w * (x - mean_x) ** 2 for w, (x, _) in zip(weights, points)))
    return mean_y - slope * mean_x, slope


def check_fit(results, name, unit, goals):
    points = [(result["keys"], result[name]) for result in results]
    base, slope = fit(points)
    print(f"fit: {base:.2f} + {slope * 1000:.3f} {unit} for 1,000 keys")
    deviation = max(abs(base + slope * x - y) / y for x, y in points)
    goals.at_most(f"{unit}: distance from the line", deviation, MAX_DEVIATION)


def main():
    parser = argparse.ArgumentParser(description="CPU and memory of the whole exporter")
    parser.add_argument("--keys", type=int, nargs="+", default=[1000, 3000, 10000])
    parser.add_argument("--seconds", type=int, default=120)
    options = parser.parse_args()
    goals = programs.Goals()
    results = []
    for keys in options.keys:
        with programs.Programs() as run:
            results.append(measure(run, keys, options.seconds))
    programs.print_table(
        f"Keys at one minute, answers after {LATENCY_MS} ms, scraped every {SCRAPE_EVERY} s",
        ["keys", "series", "all up after, s", "% of a core", "MiB resident", "MiB at most"],
        [[f"{r['keys']:,}", f"{r['series']:,}", f"{r['until_up']:.0f}", f"{r['percent']:.2f}",
          f"{r['resident']:.1f}", f"{r['peak']:.1f}"] for r in results])
    for result in results:
        keys = result["keys"]
        if keys in MAX_PERCENT:
            goals.at_most(f"{keys} keys: % of a core", result["percent"], MAX_PERCENT[keys])
        if keys in MAX_MEMORY:
            goals.at_most(f"{keys} keys: MiB at most", result["peak"], MAX_MEMORY[keys])
    if len(results) > 2:
        check_fit(results, "percent", "% of a core", goals)
        check_fit(results, "peak", "MiB", goals)
    goals.finish()


if __name__ == "__main__":
    main()
