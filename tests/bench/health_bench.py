#!/usr/bin/env python3
"""How long /-/healthy takes while 500 clients send their requests a byte a second or not at all and
several scrapers fetch fresh bodies of 10,000 keys one after the other. Exit 1 when the goal is missed.
"""

import argparse
import http.client
import socket
import statistics
import threading
import time

import programs

GOAL_MS = 50  # the 99th percentile


def health_ms(port):
    start = time.perf_counter()
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    connection.request("GET", "/-/healthy")
    reply = connection.getresponse()
    reply.read()
    connection.close()
    if reply.status != 200:
        raise RuntimeError(f"/-/healthy: {reply.status}")
    return (time.perf_counter() - start) * 1e3


class Attack:
    """Slow clients and busy scrapers, until the end of the `with`."""

    def __init__(self, port, clients, scrapers):
        self._port = port
        self._count = clients
        self._stop = threading.Event()
        self._threads = [threading.Thread(target=self._drip)]
        self._threads += [threading.Thread(target=self._scrape) for _ in range(scrapers)]
        self.scrapes = 0

    def __enter__(self):
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_):
        self._stop.set()
        for thread in self._threads:
            thread.join()

    def _connect(self, number):
        client = socket.create_connection(("127.0.0.1", self._port))
        if number % 2 == 0:
            client.sendall(b"GET /metrics HTTP/1.1\r\nHost: a\r\nX-Never: en")
        return client

    def _drip(self):
        clients = [self._connect(i) for i in range(self._count)]
        while not self._stop.wait(1):
            for number in range(0, self._count, 2):
                try:
                    clients[number].sendall(b"d")
                except OSError:  # closed by the deadline
                    clients[number].close()
                    clients[number] = self._connect(number)
        for client in clients:
            client.close()

    def _scrape(self):
        while not self._stop.is_set():
            programs.fetch(f"http://127.0.0.1:{self._port}/metrics")
            self.scrapes += 1


def measure(port, seconds):
    times = []
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        times.append(health_ms(port))
        time.sleep(0.01)  # paced, as probes are
    return times


def main():
    parser = argparse.ArgumentParser(description="/-/healthy under attack")
    parser.add_argument("--keys", type=int, default=10000)
    parser.add_argument("--clients", type=int, default=500)
    parser.add_argument("--scrapers", type=int, default=3)
    parser.add_argument("--seconds", type=int, default=15)
    options = parser.parse_args()
    goals = programs.Goals()
    rows = []
    with programs.Programs() as run:
        _, port = run.start([programs.built("bench_fixture_server"), str(options.keys), "fresh"])
        port = int(port)

        def row(name, times, scrapes):
            cuts = statistics.quantiles(times, n=100)
            rows.append([name, str(len(times)), str(scrapes), f"{cuts[49]:.2f}", f"{cuts[98]:.2f}",
                         f"{max(times):.2f}"])
            return cuts[98]

        row("nobody else", measure(port, 3), 0)
        with Attack(port, options.clients, options.scrapers) as attack:
            times = measure(port, options.seconds)
        worst = row(f"{options.clients} slow clients, {options.scrapers} scrapers", times,
                    attack.scrapes)
        goals.at_most("/-/healthy under attack, p99 in ms", worst, GOAL_MS)
    programs.print_table(f"/-/healthy, {options.keys:,} keys",
                         ["beside", "asked", "scrapes", "p50, ms", "p99, ms", "at most, ms"], rows)
    goals.finish()


if __name__ == "__main__":
    main()
