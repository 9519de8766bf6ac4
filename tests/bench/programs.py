"""Other programs for the benchmarks: started, waited for, measured and ended here; tables and goals."""

import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
BUILD = os.path.join(ROOT, "build", "bench")
TICK = os.sysconf("SC_CLK_TCK")


def built(name):
    return os.path.join(BUILD, "tests", "bench", name)


def build_go(name, folder):
    """The program of the module tests/bench/go/NAME; None where there is no Go."""
    if shutil.which("go") is None:
        return None
    program = os.path.join(folder, name)
    done = subprocess.run([os.path.join(ROOT, "tests", "go"), "build", "-o", program, "."],
                          cwd=os.path.join(ROOT, "tests", "bench", "go", name),
                          capture_output=True, text=True, check=False)
    if done.returncode != 0:
        sys.exit(f"go build of {name}:\n{done.stderr}")
    return program


class Programs:
    """Programs that run until the end of the `with`, and a folder that lasts as long."""

    def __enter__(self):
        # pylint: disable=consider-using-with
        self._folder = tempfile.TemporaryDirectory(prefix="mdcloud-bench-")
        self.folder = self._folder.name
        os.chmod(self.folder, 0o755)
        self._processes = []
        return self

    def __exit__(self, *_):
        for process in reversed(self._processes):
            self.end(process)
        self._folder.cleanup()

    def start(self, command, first_line=True):
        """The process and, when it prints one, its first line."""
        with open(os.path.join(self.folder, f"log-{len(self._processes)}"), "wb") as log:
            process = subprocess.Popen(command, stdin=subprocess.PIPE, stderr=log,
                                       stdout=subprocess.PIPE if first_line else log)
        self._processes.append(process)
        line = process.stdout.readline().decode().strip() if first_line else ""
        if first_line and not line:
            with open(log.name, encoding="utf-8") as text:
                sys.exit(f"{command[0]} did not start: {text.read()}")
        return process, line

    def end(self, process):
        if process.poll() is not None:
            return
        process.stdin.close()
        process.send_signal(signal.SIGTERM)
        process.wait(timeout=30)

    def start_nginx(self, name, servers):
        """One worker with these blocks `server`."""
        folder = os.path.join(self.folder, name)
        os.mkdir(folder)
        temporary = "".join(f"{kind}_temp_path {folder}/{kind};" for kind in
                            ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
        config = os.path.join(folder, "nginx.conf")
        with open(config, "w", encoding="ascii") as file:
            file.write(f"""
daemon off; master_process off; worker_processes 1; pid {folder}/nginx.pid;
error_log {folder}/nginx.log;
events {{ worker_connections 1024; }}
http {{
  access_log off; sendfile on; tcp_nopush on; keepalive_requests 1000000000;
  {temporary}
  {servers}
}}
""")
        return self.start(["/usr/sbin/nginx", "-c", config, "-p", folder], first_line=False)[0]


def cpu_seconds(pid):
    """User and system time so far."""
    with open(f"/proc/{pid}/stat", encoding="ascii") as file:
        fields = file.read().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / TICK


def cpu_seconds_of_run(command):
    """Runs it to its end."""
    # pylint: disable=consider-using-with
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    errors = process.stderr.read().decode()
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if status != 0:
        sys.exit(f"{' '.join(command)} failed: {errors}")
    return usage.ru_utime + usage.ru_stime


def memory_mib(pid):
    """Resident now, and at most so far."""
    with open(f"/proc/{pid}/status", encoding="ascii") as file:
        status = file.read()
    return tuple(int(re.search(name + r":\s+(\d+)", status).group(1)) / 1024
                 for name in ("VmRSS", "VmHWM"))


def free_port():
    """For programs that cannot be told to take one of the kernel's."""
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        return sock.getsockname()[1]


def fetch(url, gzip=True):
    headers = {"Accept-Encoding": "gzip"} if gzip else {}
    with urllib.request.urlopen(urllib.request.Request(url, headers=headers), timeout=60) as reply:
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
    return sys.exit(f"gave up waiting for {what}")


def print_table(title, head, rows):
    print(f"\n{title}\n")
    lines = [head, *rows]
    widths = [max(len(line[i]) for line in lines) for i in range(len(head))]
    for number, line in enumerate(lines):
        cells = [line[0].ljust(widths[0])]
        cells += [cell.rjust(width) for cell, width in zip(line[1:], widths[1:])]
        print("| " + " | ".join(cells) + " |")
        if number == 0:
            print("|" + "|".join("-" * (width + 2) for width in widths) + "|")


class Goals:
    """What a run has to show in the end."""

    def __init__(self):
        self._lines = []
        self.all_met = True

    def at_most(self, what, value, limit):
        self._add(value <= limit, f"{what}: {value:.3g}, at most {limit:g}")

    def at_least(self, what, value, limit):
        self._add(value >= limit, f"{what}: {value:.3g}, at least {limit:g}")

    def _add(self, met, line):
        self.all_met = self.all_met and met
        self._lines.append(("met     " if met else "MISSED  ") + line)

    def finish(self):
        print("\nGoals:\n" + "\n".join("  " + line for line in self._lines), flush=True)
        sys.exit(0 if self.all_met else 1)
