"""Runs a peer over so many invoices; prints "RATE MICROSECONDS": invoices a second, and the CPU of its worker for each.

Usage: measure.py celery|arq COUNT
Environment: PEER_URL, PEER_REDIS (a socket)

The invoices are enqueued before the clock runs, while the worker is stopped; Redis' own CPU is not counted.
"""

import importlib
import os
import pathlib
import signal
import subprocess
import sys
import time

import redis


def cpu_seconds(group):
    """The CPU of all processes in a process group."""
    ticks = 0
    for stat in pathlib.Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if int(fields[2]) == group:
            ticks += int(fields[11]) + int(fields[12])
    return ticks / os.sysconf("SC_CLK_TCK")


def wait(store, name, value, process):
    limit = time.monotonic() + 300
    while int(store.get(name) or 0) < value:
        if process.poll() is not None:
            sys.exit(f"measure: the worker ended with {process.returncode}")
        if time.monotonic() > limit:
            sys.exit(f"measure: {name} did not come to {value} within 300 s")
        time.sleep(0.01)


def main():
    peer, count = sys.argv[1], int(sys.argv[2])
    worker = {
        "celery": ["celery", "-A", "celery_peer", "worker", "--concurrency", str(os.cpu_count()), "--loglevel", "ERROR"],
        "arq": ["arq", "arq_peer.WorkerSettings"],
    }[peer]
    store = redis.Redis(unix_socket_path=os.environ["PEER_REDIS"])
    store.flushall()
    place = pathlib.Path(__file__).parent
    process = subprocess.Popen(
        [str(pathlib.Path(sys.executable).parent / worker[0]), *worker[1:]],
        cwd=place,
        start_new_session=True,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        wait(store, "ready", 1, process)
        os.killpg(process.pid, signal.SIGSTOP)
        importlib.import_module(f"{peer}_peer").enqueue(count)
        cpu, start = cpu_seconds(process.pid), time.monotonic()
        os.killpg(process.pid, signal.SIGCONT)
        wait(store, "done", count, process)
        seconds, cpu = time.monotonic() - start, cpu_seconds(process.pid) - cpu
        print(f"{count / seconds:.0f} {cpu / count * 1e6:.0f}")
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)


main()
