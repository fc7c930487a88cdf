# SPDX-License-Identifier: MIT
"""What the tests of the server under faults share. The sizes are for every change; SOAK=1 (make soak) takes the larger
ones. Latencies are printed, and judged with a wide margin: test machines are busy."""
import mmap
import os
import struct
import sys
import time

import glasschat_client as wire
import harness
from crowd import register
from glasschat_client import v8, v16
from server_case import ServerCase

SOAK = os.environ.get("SOAK") == "1"
ROOM = ("--max-per-address", "20000", "--max-clients", "20000", "--max-handshakes", "10000", "--max-registrations",
        "10000", *harness.FAST)

# What glibc's malloc keeps of what was freed grows with the largest thing that ever was, once: where somebody read late, by
# a megabyte. With a threshold of its own it stays, so that small leaks are seen.
STEADY = {"GLIBC_TUNABLES": "glibc.malloc.trim_threshold=131072"}


def size(short, long):
    return long if SOAK else short


class FaultCase(ServerCase):
    def crowd(self, server, what, count, *name, known=False):
        """crowd.py says how each kind behaves; the accounts are made, unless they are known already."""
        if name and not known:
            register(server.port, count, name[0])
        command = [sys.executable, os.path.join(os.path.dirname(os.path.abspath(__file__)), "crowd.py"), what]
        return self.started(harness.Process(command + [str(server.port), str(count), *name]))

    def wait_until_members(self, server, watcher, count):
        harness.wait_until(lambda: watcher.rooms().members["lobby"] == count, f"{count} members of the lobby",
                           size(harness.PATIENCE, 300))

    def wait_until_all_is_read(self, server):
        """Comes before memory is measured. The table of delays is read as a whole when it is first written to its file,
        and a kernel may give memory to what is only read."""
        harness.wait_until(lambda: os.path.exists(os.path.join(server.data, "delays")), "the first file of delays")

    def assert_memory_is_back(self, resident, allowed):
        """Resident bytes, measured each time the same thing was done: what an allocator keeps must stop growing. A
        worker's stack and its share of the heap come with its first job, and there is a worker for each processor."""
        print("    resident kB: " + ", ".join(str(m >> 10) for m in resident), flush=True)
        if not harness.sanitized():  # a sanitizer keeps what was freed
            self.assertLess(min(resident[-2:]) - resident[0], allowed + os.cpu_count() * (32 << 10))


class Talkers:
    """Ten members of a room who talk in turns; every text must reach each of the others."""

    def __init__(self, case, server, count=10):
        self.clients = [case.member(server, "talker%d" % i) for i in range(count)]
        self.latencies = []
        self.turn = 0
        self.padding = ""

    def say_one(self):
        speaker = self.clients[self.turn % len(self.clients)]
        self.turn += 1
        text = "text %d %s" % (self.turn, self.padding)
        started = time.monotonic()
        number = speaker.post(wire.SAY, v8(b"lobby") + v16(text.encode()))
        for c in self.clients:
            if c is not speaker:
                while c.wait_for(wire.SAID).text != text:
                    pass
                self.latencies.append(time.monotonic() - started)
        speaker.answer_to(number)

    def talk_until(self, over):
        while not over():
            self.say_one()

    def report(self, what):
        """Prints and forgets the latencies; returns the median and the 99th percentile."""
        ms = sorted(1000 * s for s in self.latencies)
        self.latencies = []
        at = [ms[min(len(ms) - 1, int(len(ms) * part))] for part in (0.5, 0.99, 1)]
        print("    %s: %d deliveries, p50 %.1f ms, p99 %.1f ms, max %.1f ms" % (what, len(ms), *at), flush=True)
        return at[:2]


class Shim:
    """tests/faults/shim.c, and the page that drives it."""

    def __init__(self, folder):
        self.path = os.path.join(folder, "faults-page")
        with open(self.path, "wb") as f:
            f.write(bytes(32))
        with open(self.path, "r+b") as f:
            self.page = mmap.mmap(f.fileno(), 32)
        self.env = {"FAULTS_PAGE": self.path}
        self.server = "glasschatd"
        if harness.sanitized():  # whose allocator can't be replaced: in this server the calls of our code are
            self.server = "glasschatd-faults"
        else:
            self.env["LD_PRELOAD"] = harness.program("faults.so")

    def fail_allocation(self, nth):
        """The nth from now fails; 0: none."""
        struct.pack_into("=q", self.page, 0, nth)

    @property
    def failed(self):
        return struct.unpack_from("=q", self.page, 8)[0]

    def set_clock(self, seconds):
        struct.pack_into("=q", self.page, 16, seconds)

    def monotonic(self):
        return struct.unpack_from("=q", self.page, 24)[0]

    def set_monotonic(self, seconds):
        struct.pack_into("=q", self.page, 24, seconds)


class ShimCase(FaultCase):
    def setUp(self):
        super().setUp()
        self.shim = Shim(self.folder)
        for needed in (self.shim.env.get("LD_PRELOAD"), harness.program(self.shim.server)):
            self.assertTrue(needed is None or os.path.exists(needed), f"make test-integration builds {needed}")

    def server_on_shim(self, *options):
        return self.server(*options, env=self.shim.env, name=self.shim.server)
