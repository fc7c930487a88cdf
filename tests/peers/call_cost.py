#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""How long a direct message takes, from the line's being typed to its being shown at the peer's: real clients at the
ends of pipes, and a real server, on loopback. Beside it D and R, a derivation in ffdhe3072 and a signature with
RSA-3072, as `glass bench` has them in the same run. docs/performance.md has what came of it.

    BUILD=build /usr/bin/python3 tests/peers/call_cost.py [ROUNDS]

- first: the call has to be made. The two have met before, so nothing is written to disk.
- none: the latest step is the speaker's own, and nobody computes.
- a step: the other's acknowledgement was a change of speaker, so the step is computed first.
- a line: in the room, for what the machine takes to wake four processes one after the other.

The kinds take turns, so that a machine whose speed changes is as unfair to one as to another; medians are told."""
import os
import re
import select
import statistics
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "integration"))
import harness  # noqa: E402

QUIET = 0.15  # seconds in which all that was begun comes to its end


def bench(part, section, row):
    """Milliseconds, of the median round."""
    out = subprocess.run([harness.program("glass"), "bench", part], check=True, capture_output=True,
                         text=True).stdout
    return float(re.search(rf"^{section}\n  {row} .*? ([0-9.]+) us", out, re.M)[1]) / 1000


class User:
    """One client. What it shows is read by nobody but wait_for, so that no other thread is in the way."""

    def __init__(self, folder, name, port):
        password = os.path.join(folder, "password-" + name)
        with open(os.open(password, os.O_WRONLY | os.O_CREAT, 0o600), "w") as f:
            f.write(harness.PASSWORD + "\n")
        self.name, self.seen = name, b""
        self.child = subprocess.Popen(
            [harness.program("glasschat"), f"{name}@127.0.0.1:{port}", "--register", "--email", name + "@example.org",
             "--home", os.path.join(folder, name), "--password-file", password], stdin=subprocess.PIPE,
            stdout=subprocess.PIPE, bufsize=0)
        self.type("/identity")
        self.wait_for(b"your key is")

    def type(self, line):
        os.write(self.child.stdin.fileno(), line.encode() + b"\n")

    def wait_for(self, text):
        while text not in self.seen:
            assert select.select([self.child.stdout], [], [], harness.PATIENCE)[0], f"no {text} in {self.seen}"
            self.seen += os.read(self.child.stdout.fileno(), 65536)
        self.seen = b""


def takes(speaker, line, hearer, shown):
    """Milliseconds from one to the other."""
    begun = time.perf_counter()
    speaker.type(line)
    hearer.wait_for(shown.encode() + b"\n")
    return (time.perf_counter() - begun) * 1000


def said(speaker, hearer, text):
    return takes(speaker, f"/msg {hearer.name} {text}", hearer, f"] {text}")


def rounds(alice, bob, count):
    took = {"first": [], "none": [], "a step": [], "a line": []}
    said(alice, bob, "we meet")
    for i in range(count):
        time.sleep(QUIET)
        alice.type("/call bob")
        alice.type("/leave")
        time.sleep(2 * QUIET)
        took["first"].append(said(alice, bob, f"first {i}"))
        time.sleep(QUIET)
        said(bob, alice, f"back {i}")
        time.sleep(QUIET)
        took["none"].append(said(alice, bob, f"none {i}"))
        time.sleep(QUIET)
        took["a step"].append(said(alice, bob, f"step {i}"))
        time.sleep(QUIET)
        took["a line"].append(takes(alice, f"line {i}", bob, f"line {i}"))
    return took


def main():
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 30
    d, r = bench("dh", "dh 3072 derive", "with check"), bench("rsa", "rsa 3072 sign", "blinded")
    with tempfile.TemporaryDirectory() as folder:
        server = harness.Server(folder)
        users = [User(folder, name, server.port) for name in ("alice", "bob")]
        took = rounds(*users, count)
        for user in users:
            user.child.kill()
            user.child.wait()
        server.close()
    print(f"D {d:.2f} ms, R {r:.2f} ms; {count} rounds")
    goals = {"first": 8 * d + 3 * r + 10, "none": 1, "a step": 3 * d + 2}
    for kind, times in took.items():
        quarters = statistics.quantiles(times, n=4)
        goal = f"   aimed at: {goals[kind]:.2f} ms" if kind in goals else ""
        print(f"{kind:8} {statistics.median(times):6.2f} ms ({quarters[0]:.2f} to {quarters[2]:.2f}){goal}")


if __name__ == "__main__":
    main()
