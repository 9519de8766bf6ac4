#!/usr/bin/env python3
"""What a request to the service costs: the exporter's scraper with all it does, beside a bare program
on libcurl, Go's net/http and (paced) h2load. nginx on loopback answers over TLS, once as HTTP/2 and
once as HTTP/1.1, with bodies like the service's. The CPU time of a run is that of the whole process,
as the kernel counts it; the runs take turns and the median counts. Exit 1 when a goal is missed.
"""

import argparse
import json
import os
import statistics
import subprocess

import programs

CONCURRENCY = 64
PER_SECOND = 200  # of paced runs

QUOTAS = {"reputation_api": 56789, "threat_intel_search_api": 12, "prevention_api": 1234,
          "feed_api": 0, "download_file": 3, "sandbox_api": "7"}
INFO = {
    "apikey": "00000000000000000000000000000001", "nickname": "quiet-otter",
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


def start_service(run):
    """The base URLs by protocol, and the certificate to trust."""
    certificate, key = (os.path.join(run.folder, name) for name in ("ca.pem", "key.pem"))
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt",
                    "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2", "-subj", "/CN=service",
                    "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", key, "-out", certificate],
                   check=True, capture_output=True)
    bodies = {"info": INFO, "limits": QUOTAS, "status": {**QUOTAS, "throttling_limit": 74}}
    for name, body in bodies.items():
        with open(os.path.join(run.folder, name), "w", encoding="ascii") as file:
            json.dump(body, file)
    ports = {"HTTP/2": programs.free_port(), "HTTP/1.1": programs.free_port()}
    servers = ""
    for protocol, port in ports.items():
        servers += f"""
  server {{
    listen 127.0.0.1:{port} ssl {"http2" if protocol == "HTTP/2" else ""};
    ssl_certificate {certificate}; ssl_certificate_key {key};
    default_type application/json; add_header X-Response-Time 12ms; root {run.folder};
    location = /v4/apikey/ {{ try_files /info =404; }}
    location = /v4/apikey/limits {{ try_files /limits =404; }}
    location = /v4/apikey/limits/status {{ try_files /status =404; }}
  }}"""
    run.start_nginx("nginx", servers)
    urls = {protocol: f"https://127.0.0.1:{port}/v4" for protocol, port in ports.items()}

    def answers():
        probe = subprocess.run(["curl", "-sf", "--cacert", certificate,
                                urls["HTTP/2"] + "/apikey/limits"], capture_output=True, check=False)
        return probe.returncode == 0

    programs.wait_for("nginx", answers, 10)
    return urls, certificate


def clients_of(run):
    """Commands by name, in the order of the table, without their arguments."""
    clients = {"this exporter": programs.built("bench_scraper"),
               "bare libcurl": programs.built("bench_bare_curl")}
    go_client = programs.build_go("upstream", run.folder)
    if go_client:
        clients["Go net/http"] = go_client
    else:
        print("no Go here: its client is left out")
    return clients


def h2load(url, protocol, requests):
    paths = ["/apikey/", "/apikey/limits", "/apikey/limits/status"]
    version = ["--h1", "-m1"] if protocol == "HTTP/1.1" else [f"-m{CONCURRENCY}"]
    return ["h2load", "-c1", f"-n{requests}", f"--rps={PER_SECOND}", *version,
            "-H", "apikey: 00000000000000000000000000000001", *(url + path for path in paths)]


def measure(commands, requests, rounds):
    """Microseconds of CPU per request, by name."""
    times = {name: [] for name in commands}
    for _ in range(rounds):
        for name, command in commands.items():
            times[name].append(programs.cpu_seconds_of_run(command) / requests * 1e6)
    return {name: statistics.median(values) for name, values in times.items()}


def report(title, costs, base):
    rows = [[name, f"{cost:.0f}", f"{cost / costs[base]:.2f}"] for name, cost in costs.items()]
    programs.print_table(title, ["", "CPU a request, us", f"times {base}"], rows)


def main():
    parser = argparse.ArgumentParser(description="CPU of a request to the service")
    parser.add_argument("--requests", type=int, default=2000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--paced-rounds", type=int, default=3)
    options = parser.parse_args()
    goals = programs.Goals()
    with programs.Programs() as run:
        urls, certificate = start_service(run)
        clients = clients_of(run)
        for protocol, url in urls.items():
            def commands(per_second):
                return {name: [program, url, certificate, str(options.requests), str(CONCURRENCY),
                               str(per_second)] for name, program in clients.items()}

            fast = measure(commands(0), options.requests, options.rounds)
            report(f"{options.requests} requests, {protocol}, {CONCURRENCY} at a time", fast,
                   "bare libcurl")
            goals.at_most(f"{protocol}, unthrottled: times bare libcurl",
                          fast["this exporter"] / fast["bare libcurl"], 1.4)

            paced_commands = commands(PER_SECOND)
            paced_commands["h2load --rps"] = h2load(url, protocol, options.requests)
            paced = measure(paced_commands, options.requests, options.paced_rounds)
            report(f"{options.requests} requests, {protocol}, {PER_SECOND} a second", paced,
                   "h2load --rps")
            own = paced["this exporter"]
            goals.at_most(f"{protocol}, paced: times bare libcurl", own / paced["bare libcurl"], 1.4)
            goals.at_most(f"{protocol}, paced: times h2load", own / paced["h2load --rps"], 1.3)
            if "Go net/http" in paced:
                goals.at_most(f"{protocol}, paced: times Go", own / paced["Go net/http"], 0.5)
    goals.finish()


if __name__ == "__main__":
    main()
