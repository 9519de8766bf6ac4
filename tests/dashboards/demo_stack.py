"""examples/demo-stack, run as `make demo-stack` runs it: the alerts of the demo fire within two minutes, and nothing stays."""

import contextlib
import json
import os
import pathlib
import re
import signal
import socket
import subprocess
import tempfile
import time
import urllib.request

import stack

ROOT = pathlib.Path(__file__).parent.parent.parent
STACK = ROOT / "examples" / "demo-stack"
ANY_PORT = ("--exporter-port=0", "--prometheus-port=0", "--alertmanager-port=0")
PROMISED_SECONDS = 120
FIRING = {("MDCloudKeyExpired", "expired"), ("MDCloudQuotaExhausted", "exhausted")}
# These wait longer before they fire, but are there.
SEEN = FIRING | {("MDCloudQuotaCritical", "nearly-out"), ("MDCloudQuotaHigh", "monthly"), ("MDCloudKeyRejected", "rejected"),
                 ("MDCloudThrottled", "throttled"), ("MDCloudHostPaused", None), ("MDCloudKeyExpiresIn30Days", "web-uploads"),
                 ("MDCloudPollFailing", "times-out")}


class Run:
    """One run of it, with a folder of its own for what is temporary."""

    def __init__(self, folder, binary, *arguments, environment=None):
        self.temporary = pathlib.Path(folder)
        self.process = subprocess.Popen([STACK, binary, *(arguments or ANY_PORT)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                                        env={**os.environ, **(environment or {}), "TMPDIR": folder})

    def urls(self):
        """Waits until it is ready and has said where."""
        said = [self.process.stdout.readline() for _ in range(3)]
        found = [re.search(r"http://[0-9.:]+", line) for line in said]
        if not all(found):
            raise RuntimeError("".join(said) + self.process.communicate(timeout=stack.DEADLINE)[1])
        return [one.group() for one in found]

    def children(self):
        task = pathlib.Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children")
        return {pid: pathlib.Path(f"/proc/{pid}/cmdline").read_bytes() for pid in task.read_text().split()}

    def ended(self, signal_number=None):
        """Its exit code and what it said last, after the signal."""
        if signal_number:
            self.process.send_signal(signal_number)
        said = self.process.communicate(timeout=stack.DEADLINE)[1]
        return self.process.returncode, said

    def left(self, children=None):
        files = [f"{path} is left" for path in self.temporary.iterdir()]
        return files + [f"process {pid} is left" for pid in running(children or {})]


def running(children):
    """Those that still run as the same program: a number may have been given to another."""
    for pid, command in children.items():
        with contextlib.suppress(OSError):
            if pathlib.Path(f"/proc/{pid}/cmdline").read_bytes() == command:
                yield pid


@contextlib.contextmanager
def run(binary, *arguments):
    with tempfile.TemporaryDirectory() as folder:
        one = Run(folder, binary, *arguments)
        try:
            yield one
        finally:
            if one.process.poll() is None:
                one.process.terminate()
                one.process.communicate()


def alerts_of_prometheus(url):
    return {(one["labels"]["alertname"], one["labels"].get("key")): one["state"] for one in stack.Prometheus(url).ask("alerts")["alerts"]}


def alerts_of_alertmanager(url):
    with urllib.request.urlopen(f"{url}/api/v2/alerts?active=true", timeout=10) as answer:
        return {(one["labels"]["alertname"], one["labels"].get("key")) for one in json.load(answer)}


def alerts_within_two_minutes(binary):
    with run(binary) as one:
        start = time.monotonic()
        exporter, prometheus, alertmanager = one.urls()
        children = one.children()
        problems = [] if len(children) == 3 else [f"{len(children)} programs run"]

        def there():
            known = alerts_of_prometheus(prometheus)
            return SEEN <= known.keys() and all(known[alert] == "firing" for alert in FIRING) and FIRING <= alerts_of_alertmanager(alertmanager)

        try:
            stack.wait_for("the alerts", there, PROMISED_SECONDS - (time.monotonic() - start))
        except TimeoutError:
            problems.append(f"after {PROMISED_SECONDS} s Prometheus has {alerts_of_prometheus(prometheus)}, Alertmanager {alerts_of_alertmanager(alertmanager)}")
        with urllib.request.urlopen(f"{alertmanager}/api/v2/alerts", timeout=10) as answer:
            sources = {one_alert["generatorURL"] for one_alert in json.load(answer)}
        problems += [f"an alert leads to {url}" for url in sources if not url.startswith(prometheus)]
        code, said = one.ended(signal.SIGINT)
        problems += [f"Ctrl-C: {code}: {said}"] if code or said else []
        problems += one.left(children)
        for url in (exporter, prometheus, alertmanager):
            with contextlib.suppress(OSError):
                urllib.request.urlopen(url, timeout=1)
                problems.append(f"{url} still answers")
    return problems


def a_port_that_cannot_be_had(binary):
    problems = []
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
        taken.listen()
        for arguments, what in (
                (("--exporter-port=0", f"--prometheus-port={port}", "--alertmanager-port=0"), rf"port {port} of prometheus .*Address already in use.*PROMETHEUS_PORT"),
                (("--exporter-port=0", "--prometheus-port=65536", "--alertmanager-port=0"), "port 65536 of prometheus .*0-65535.*PROMETHEUS_PORT")):
            with run(binary, *arguments) as one:
                code, said = one.ended()
                problems += [] if code == 1 and re.fullmatch(f"demo-stack: {what}=...\n", said) else [f"{code}: {said}"]
                problems += one.left()
    return problems


def a_program_that_ends(binary):
    problems = []
    for program, said_of_it in ((binary + "-missing", "demo-stack: exporter: .*-missing: No such file or directory\n"),
                                ("/bin/false", "demo-stack: exporter has ended with 1:\n")):
        with run(program) as one:
            code, said = one.ended()
            problems += [] if code == 1 and re.fullmatch(said_of_it, said) else [f"{code}: {said}"]
            problems += one.left()
    return problems


def one_that_is_killed(binary):
    """Nobody can tidy up then, but the programs end, too."""
    with run(binary) as one:
        one.urls()
        children = one.children()
        one.ended(signal.SIGKILL)
        with contextlib.suppress(TimeoutError):
            stack.wait_for("all end", lambda: not list(running(children)), 60)
        return [f"process {pid} is left" for pid in running(children)]


def a_proxy_in_the_environment(binary):
    """A proxy that is for the world outside does not know what is on loopback."""
    with tempfile.TemporaryDirectory() as folder:
        one = Run(folder, binary, environment={"http_proxy": "http://127.0.0.1:9", "no_proxy": ""})
        try:
            one.urls()
        except RuntimeError as error:
            return [str(error)]
        code, said = one.ended(signal.SIGTERM)
        return [f"{code}: {said}"] if code or said else []


def ports_of_make():
    said = subprocess.run(["make", "--no-print-directory", "-n", "-C", ROOT, "demo-stack", "PROMETHEUS_PORT=19090"], capture_output=True, text=True, check=True).stdout
    wanted = ("--exporter-port=10580", "--prometheus-port=19090", "--alertmanager-port=9093")
    return [f"make demo-stack does not say {one}" for one in wanted if one not in said]


CASES = {
    "demo-stack: the demo's alerts fire within two minutes": alerts_within_two_minutes,
    "demo-stack: a port that cannot be had": a_port_that_cannot_be_had,
    "demo-stack: a program that ends": a_program_that_ends,
    "demo-stack: killed": one_that_is_killed,
    "demo-stack: a proxy in the environment": a_proxy_in_the_environment,
    "demo-stack: ports of make": lambda _: ports_of_make(),
}
