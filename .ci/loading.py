"""What the scripts share that measure the released gateway: which core has what, and what a program uses."""

import os
import re
import socket
import time

from services import ROOT, STEP_SECONDS, Service

TARGET = os.environ.get("CARGO_TARGET_DIR") or os.path.join(ROOT, "target")
LOOPBACK = re.compile(r"127\.0\.0\.1:\d+")


class Cores:
    """Which core the contestant has, and which the load."""

    def __init__(self):
        cores = sorted(os.sched_getaffinity(0))
        self.contestant, self.load = {cores[0]}, {cores[-1]}
        self.shared = len(cores) == 1


CORES = Cores()


def pinned(cores):
    return lambda: os.sched_setaffinity(0, cores)


class Process(Service):
    """Something that listens; what it and its children use."""

    def __init__(self, command, cores, log, settings=None, address=None):
        # Of what does not say where it listens.
        self.known = address
        begin = time.perf_counter()
        super().__init__(command, log, settings, pinned(cores))
        self.start_ms = (time.perf_counter() - begin) * 1000

    def announced(self):
        if self.known is None:
            return super().announced()
        host, port = self.known.split(":")
        for _ in range(STEP_SECONDS * 20):
            if self.process.poll() is not None:
                break
            try:
                socket.create_connection((host, int(port)), 1).close()
                return f"http://{self.known}", self.known
            except OSError:
                time.sleep(0.05)
        raise self.broken()

    def pids(self):
        waiting, found = [self.process.pid], []
        while waiting:
            pid = waiting.pop()
            found.append(pid)
            with open(f"/proc/{pid}/task/{pid}/children", encoding="ascii") as children:
                waiting += map(int, children.read().split())
        return found

    def cpu_us(self):
        ticks = 0
        for pid in self.pids():
            with open(f"/proc/{pid}/stat", encoding="utf-8") as stat:
                # utime and stime, and those of children that have ended.
                ticks += sum(map(int, stat.read().rpartition(")")[2].split()[11:15]))
        return ticks * 1e6 / os.sysconf("SC_CLK_TCK")

    def mib(self, field):
        total = 0
        for pid in self.pids():
            with open(f"/proc/{pid}/status", encoding="utf-8") as status:
                total += next(int(line.split()[1]) for line in status if line.startswith(field + ":"))
        return total / 1024
