#!/usr/bin/env python3
"""The whole program against nginx: CPU per cached gzip answer, and resident memory with 1,000 keys.

  process_bench.py EXPORTER [--keys N] [--seconds S]

A small service on loopback answers for every key. When all keys are up, wrk asks the exporter for
/metrics and then nginx (gzip_static, one worker) for the very same bytes; the CPU time is that of
the two processes as the kernel counts it. Exit 1 when a limit is missed.
"""

import argparse
import asyncio
import gzip
import json
import os
import re
import signal
import subprocess
import sys
import tempfile
import time
import urllib.request

MAX_CPU_RATIO = 2.0
MAX_RESIDENT_MIB = 48
TICK = os.sysconf("SC_CLK_TCK")


def answer(path, number):
    api = {"reputation_api": 1000 + number, "threat_intel_search_api": number % 25,
           "prevention_api": str(number * 7919 % 10007), "feed_api": 0, "download_file": 3,
           "sandbox_api": "7"}
    if path.endswith("/apikey/limits"):
        return api
    if path.endswith("/apikey/limits/status"):
        return {**api, "throttling_limit": 74}
    return {
        "max_file_download": 1024, "max_upload_file_size": 2048, "max_archive_file_depth": 10,
        "max_archive_file_size": 2048, "max_archive_file_number": 500, "max_custom_workflows": 3,
        "limit_prevention": 20000, "limit_reputation": 100000, "limit_threat_intel_search": 500,
        "limit_sandbox": 250, "limit_feed": 1000, "mdc_license_type": "Professional",
        "qos_scan": "high", "sandbox_qos_scan": "normal", "time_interval": "daily",
        "expiration_date": "2038-01-01T00:00:00.000Z", "workflow_rule": 1,
        "enforce_private_scan": True, "is_enterprise": False, "throttling_limit": 150,
        "mtls_only": False, "vulnerability_submissions": [], "scan_with": "mdcore",
        "created_at": "2024-05-06T07:08:09.010Z", "updated_at": "2025-12-01T00:00:00.000Z",
        "paid_user": 1,
    }


async def serve_one(reader, writer):
    try:
        while True:
            head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
            path = head.split(" ", 2)[1]
            number = int(re.search(r"(?im)^apikey: *([0-9a-f]+)", head).group(1), 16)
            body = json.dumps(answer(path, number)).encode()
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
                         b"X-Response-Time: 12ms\r\nContent-Length: %d\r\n\r\n" % len(body) + body)
            await writer.drain()
    except (asyncio.IncompleteReadError, ConnectionError):
        pass
    finally:
        writer.close()


async def serve_service():
    server = await asyncio.start_server(serve_one, "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


def stat(pid):
    """CPU seconds and resident MiB."""
    with open(f"/proc/{pid}/stat", encoding="ascii") as file:
        fields = file.read().rsplit(")", 1)[1].split()
    with open(f"/proc/{pid}/status", encoding="ascii") as file:
        status = file.read()
    resident = int(re.search(r"VmRSS:\s+(\d+)", status).group(1)) / 1024
    peak = int(re.search(r"VmHWM:\s+(\d+)", status).group(1)) / 1024
    return (int(fields[11]) + int(fields[12])) / TICK, resident, peak


def fetch(url):
    request = urllib.request.Request(url, headers={"Accept-Encoding": "gzip"})
    with urllib.request.urlopen(request, timeout=30) as reply:
        return reply.read()


def wait_for(what, probe, seconds):
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        try:
            result = probe()
            if result:
                return result
        except OSError:
            pass
        time.sleep(0.1)
    sys.exit(f"gave up waiting for {what}")


def free_port():
    import socket
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        return sock.getsockname()[1]


def load(url, seconds):
    """Requests that wrk got answered."""
    output = subprocess.run(
        ["wrk", "-t1", "-c8", f"-d{seconds}s", "-H", "Accept-Encoding: gzip", url],
        check=True, capture_output=True, text=True).stdout
    if "Non-2xx" in output or "Socket errors" in output:
        sys.exit("wrk met errors:\n" + output)
    return int(re.search(r"(\d+) requests in", output).group(1))


def cpu_per_request(pid, url, seconds):
    load(url, 1)  # warm
    before = stat(pid)[0]
    requests = load(url, seconds)
    return (stat(pid)[0] - before) / requests * 1e6, requests


def start_nginx(folder, body):
    root = os.path.join(folder, "www")
    os.mkdir(root)
    os.chmod(folder, 0o755)
    with open(os.path.join(root, "metrics.gz"), "wb") as file:
        file.write(body)
    with open(os.path.join(root, "metrics"), "wb") as file:
        file.write(gzip.decompress(body))
    port = free_port()
    config = os.path.join(folder, "nginx.conf")
    with open(config, "w", encoding="ascii") as file:
        file.write(f"""
daemon off; master_process off; worker_processes 1; pid {folder}/nginx.pid;
error_log {folder}/nginx.log;
events {{ worker_connections 512; }}
http {{
  access_log off; sendfile on; tcp_nopush on; keepalive_requests 1000000000;
  client_body_temp_path {folder}/t1; proxy_temp_path {folder}/t2; fastcgi_temp_path {folder}/t3;
  uwsgi_temp_path {folder}/t4; scgi_temp_path {folder}/t5;
  default_type text/plain; gzip_static always;
  server {{ listen 127.0.0.1:{port}; root {root}; }}
}}
""")
    process = subprocess.Popen(["/usr/sbin/nginx", "-c", config, "-p", folder],
                               stderr=subprocess.DEVNULL)
    url = f"http://127.0.0.1:{port}/metrics"
    wait_for("nginx", lambda: fetch(url) == body, 10)
    return process, url


def measure(options, folder, processes):
    service = subprocess.Popen([sys.executable, __file__, "--serve"], stdout=subprocess.PIPE,
                               text=True)
    processes.append(service)
    service_port = int(service.stdout.readline())
    config = os.path.join(folder, "config.yaml")
    keys = os.path.join(folder, "keys")
    os.mkdir(keys)
    for number in range(options.keys):
        with open(os.path.join(keys, f"customer-{number:05}"), "w", encoding="ascii") as file:
            file.write(f"{number + 1:032x}")
    with open(config, "w", encoding="ascii") as file:
        file.write(f"global:\n  base_url: http://127.0.0.1:{service_port}/v4\n"
                   "  scrape_interval: 5m\n  max_requests_per_second: 500\n"
                   f"key_directories:\n  - path: {keys}\n")
    port = free_port()
    with open(os.path.join(folder, "exporter.log"), "wb") as log:
        exporter = subprocess.Popen(
            [options.exporter, f"--config.file={config}", f"--web.listen-address=127.0.0.1:{port}"],
            stdout=log, stderr=log)
    processes.append(exporter)
    url = f"http://127.0.0.1:{port}/metrics"
    up = re.compile(rb"^mdcloud_up\{[^}]*\} 1$", re.M)

    def all_up():
        text = gzip.decompress(fetch(url))
        return text if len(up.findall(text)) == options.keys else None

    text = wait_for("all keys to be up", all_up, 120)
    series = sum(1 for line in text.splitlines() if not line.startswith(b"#"))
    per_key = sum(1 for line in text.splitlines() if b'"customer-00007"' in line)
    print(f"{options.keys} keys, {series} series, {per_key} of a key; "
          f"{len(text) / 1e6:.2f} MB of text")

    own, requests = cpu_per_request(exporter.pid, url, options.seconds)
    _, resident, peak = stat(exporter.pid)
    print(f"exporter: {own:.0f} us of CPU per cached gzip answer ({requests} in "
          f"{options.seconds} s, one rendering a second included); "
          f"{resident:.1f} MiB resident, {peak:.1f} at most")

    nginx, nginx_url = start_nginx(folder, fetch(url))
    processes.append(nginx)
    theirs, requests = cpu_per_request(nginx.pid, nginx_url, options.seconds)
    print(f"nginx:    {theirs:.0f} us of CPU per answer with the same bytes "
          f"({requests} in {options.seconds} s)")
    print(f"ratio {own / theirs:.2f} (at most {MAX_CPU_RATIO}), resident {peak:.1f} MiB "
          f"(at most {MAX_RESIDENT_MIB})")
    return own <= MAX_CPU_RATIO * theirs and peak <= MAX_RESIDENT_MIB


def main():
    if sys.argv[1:] == ["--serve"]:
        asyncio.run(serve_service())
        return
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("exporter")
    parser.add_argument("--keys", type=int, default=1000)
    parser.add_argument("--seconds", type=int, default=5)
    options = parser.parse_args()
    processes = []
    with tempfile.TemporaryDirectory(prefix="mdcloud-bench-") as folder:
        try:
            good = measure(options, folder, processes)
        finally:
            for process in reversed(processes):
                process.send_signal(signal.SIGTERM)
                process.wait(timeout=15)
    sys.exit(0 if good else 1)


if __name__ == "__main__":
    main()
