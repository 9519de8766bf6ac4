#!/usr/bin/env python3
"""What a request of /metrics costs with 100, 1,000 and 10,000 keys of 55 series: cached, beside nginx
with the same bytes (gzip_static), and fresh (built, written, compressed), beside a handler of
client_golang with the same series. The CPU time is that of the serving process as the kernel counts
it. Exit 1 when a goal is missed.
"""

import argparse
import gzip
import os
import re
import subprocess
import sys
import time

import programs

MIN_FRESH = 3  # requests, however long each takes


def load(url, seconds):
    """Requests that wrk got answered."""
    output = subprocess.run(
        ["wrk", "-t1", "-c8", f"-d{seconds}s", "-H", "Accept-Encoding: gzip", url],
        check=True, capture_output=True, text=True).stdout
    if "Non-2xx" in output or "Socket errors" in output:
        sys.exit("wrk met errors:\n" + output)
    return int(re.search(r"(\d+) requests in", output).group(1))


def cpu_cached(process, url, seconds):
    """Milliseconds a request, under load from kept connections."""
    load(url, 1)  # warm
    before = programs.cpu_seconds(process.pid)
    requests = load(url, seconds)
    return (programs.cpu_seconds(process.pid) - before) / requests * 1e3


def cpu_fresh(process, url, seconds):
    """Milliseconds a request, one after the other."""
    programs.fetch(url)  # warm
    before = programs.cpu_seconds(process.pid)
    end = time.monotonic() + seconds
    requests = 0
    while requests < MIN_FRESH or time.monotonic() < end:
        programs.fetch(url)
        requests += 1
    return (programs.cpu_seconds(process.pid) - before) / requests * 1e3


def start_fixture(run, keys, mode):
    process, port = run.start([programs.built("bench_fixture_server"), str(keys), mode])
    return process, f"http://127.0.0.1:{port}/metrics"


def start_nginx(run, name, body):
    root = os.path.join(run.folder, name + "-root")
    os.mkdir(root)
    for file_name, content in (("metrics.gz", body), ("metrics", gzip.decompress(body))):
        with open(os.path.join(root, file_name), "wb") as file:
            file.write(content)
    port = programs.free_port()
    process = run.start_nginx(name, f"""default_type text/plain; gzip_static always;
  server {{ listen 127.0.0.1:{port}; root {root}; }}""")
    url = f"http://127.0.0.1:{port}/metrics"
    programs.wait_for("nginx", lambda: programs.fetch(url) == body, 10)
    return process, url


def measure_cached(run, keys, seconds):
    own, own_url = start_fixture(run, keys, "cached")
    body = programs.fetch(own_url)
    nginx, nginx_url = start_nginx(run, f"nginx-{keys}", body)
    own_cost = cpu_cached(own, own_url, seconds)
    nginx_cost = cpu_cached(nginx, nginx_url, seconds)
    run.end(nginx)
    run.end(own)
    return body, own_cost, nginx_cost


def measure_fresh(run, keys, seconds, go_handler, text):
    own, own_url = start_fixture(run, keys, "fresh")
    own_cost = cpu_fresh(own, own_url, seconds)
    own_memory = programs.memory_mib(own.pid)[1]
    run.end(own)
    if go_handler is None:
        return own_cost, own_memory, None, None
    path = os.path.join(run.folder, f"text-{keys}")
    with open(path, "wb") as file:
        file.write(text)
    handler, port = run.start([go_handler, path])
    cost = cpu_fresh(handler, f"http://127.0.0.1:{port}/metrics", seconds)
    memory = programs.memory_mib(handler.pid)[1]
    run.end(handler)
    return own_cost, own_memory, cost, memory


def main():
    parser = argparse.ArgumentParser(description="CPU of a request of /metrics")
    parser.add_argument("--keys", type=int, nargs="+", default=[100, 1000, 10000])
    parser.add_argument("--seconds", type=int, default=5)
    options = parser.parse_args()
    goals = programs.Goals()
    cached_rows, fresh_rows = [], []
    with programs.Programs() as run:
        go_handler = programs.build_go("exposition", run.folder)
        if go_handler is None:
            print("no Go here: client_golang is left out")
        for keys in options.keys:
            body, own, nginx = measure_cached(run, keys, options.seconds)
            text = gzip.decompress(body)
            series = sum(1 for line in text.splitlines() if not line.startswith(b"#"))
            cached_rows.append([f"{keys:,}", f"{series:,}", f"{len(body) / 1e3:,.0f}",
                                f"{own:.3f}", f"{nginx:.3f}", f"{own / nginx:.2f}"])
            goals.at_most(f"{keys} keys, cached: times nginx", own / nginx, 1.5)

            own, memory, theirs, their_memory = measure_fresh(run, keys, options.seconds,
                                                              go_handler, text)
            row = [f"{keys:,}", f"{len(text) / 1e6:.2f}", f"{own:.2f}", f"{memory:.0f}"]
            if theirs is not None:
                row += [f"{theirs:.1f}", f"{their_memory:.0f}", f"{theirs / own:.1f}"]
                goals.at_least(f"{keys} keys, fresh: client_golang's CPU by this exporter's",
                               theirs / own, 15)
            fresh_rows.append(row)
    programs.print_table(
        "Cached, gzip: CPU a request",
        ["keys", "series", "kB", "this exporter, ms", "nginx gzip_static, ms", "ratio"], cached_rows)
    head = ["keys", "MB of text", "this exporter, ms", "MiB at most"]
    if go_handler is not None:
        head += ["client_golang, ms", "MiB at most", "ratio"]
    programs.print_table("Fresh, gzip: CPU a request", head, fresh_rows)
    goals.finish()


if __name__ == "__main__":
    main()
