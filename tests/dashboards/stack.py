"""A real Prometheus that scrapes real exporters on loopback, on ports of the kernel's, until the context ends."""

import contextlib
import json
import pathlib
import re
import socket
import subprocess
import tempfile
import time
import urllib.parse
import urllib.request

# The windows of a demo last three minutes.
DEADLINE = 300


def wait_for(what, condition, deadline=DEADLINE):
    until = time.monotonic() + deadline
    while time.monotonic() < until:
        with contextlib.suppress(OSError, ValueError):
            if (found := condition()):
                return found
        time.sleep(0.1)  # polls until the deadline
    raise TimeoutError(what)


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@contextlib.contextmanager
def running(*command):
    with tempfile.TemporaryFile("w+") as output:
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=output)
        try:
            yield output
        finally:
            process.terminate()
            process.wait()


@contextlib.contextmanager
def demo(binary):
    """A demo; gives its address."""
    with running(binary, "demo", "--web.listen-address=127.0.0.1:0") as output:
        def address():
            output.seek(0)
            found = re.search(r"msg=listening address=(\S+)", output.read())
            return found and found.group(1)
        yield wait_for("the demo listens", address)


class Prometheus:
    def __init__(self, url):
        self.url = url

    def ask(self, path, **parameters):
        with urllib.request.urlopen(f"{self.url}/api/v1/{path}?{urllib.parse.urlencode(parameters)}", timeout=10) as answer:
            return json.load(answer)["data"]

    def query(self, expr, **at):
        return self.ask("query", query=expr, **at)["result"]


@contextlib.contextmanager
def prometheus(addresses, job="mdcloud-exporter", storage=None):
    """One that scrapes the addresses, or has a storage that was made before."""
    with tempfile.TemporaryDirectory() as folder:
        config = pathlib.Path(folder) / "prometheus.yml"
        config.write_text(json.dumps({
            "global": {"scrape_interval": "1s"},
            "scrape_configs": [{"job_name": job, "static_configs": [{"targets": addresses}]}],
        }), encoding="utf-8")
        port = free_port()
        with running("prometheus", f"--config.file={config}", f"--storage.tsdb.path={storage or folder + '/data'}", "--storage.tsdb.retention.time=100y", f"--web.listen-address=127.0.0.1:{port}"):
            server = Prometheus(f"http://127.0.0.1:{port}")
            wait_for("Prometheus is ready", lambda: urllib.request.urlopen(f"{server.url}/-/ready", timeout=5).status == 200)
            yield server
