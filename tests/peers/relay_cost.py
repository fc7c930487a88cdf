#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""What a relay costs the server beside a line said in a room of two, of as many bytes on the wire both ways together:
processor time of the loop's thread, the kernel's among it. docs/performance.md has what came of it.

    BUILD=build /usr/bin/python3 tests/peers/relay_cost.py [ROUNDS]

One after the other: each waits until it has arrived and is answered. Many at once: 20 are under way. Rounds of both
kinds take turns, so that a machine whose speed changes is as unfair to one as to the other; the median of the rounds'
ratios counts."""
import os
import statistics
import struct
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "integration"))
import glasschat_client as wire  # noqa: E402
import harness  # noqa: E402
from glasschat_client import v8, v16  # noqa: E402

COUNT, MANY = 2000, 20
ROOM = "x-room"  # so long that both kinds have as many bytes around what is carried: 41 and 58
FREE = ("--max-relays", "100000", *harness.FAST)


def said(room, length):
    return wire.SAY, v8(room.encode()) + v16(b"x" * length)


def relayed(length):
    """A frame of a fitting length: the names and the call take 8.5 bytes more than the room, the names and the time."""
    return wire.RELAY, v8(b"bert") + bytes(16) + v16(wire.frame(wire.RECORD, bytes(length - 8 - 4)))


def records(client, kind, fields, count):
    client.request += count
    first = client.request - count + 1
    return b"".join(client.send.seal(wire.APPLICATION, struct.pack(">BI", kind, first + i) + fields)
                    for i in range(count))


def exchange(speaker, hearer, what, at_once):
    """So many are sent at once, arrive and are answered."""
    speaker.sock.sendall(records(speaker, *what, at_once))
    for client, awaited in ((speaker, wire.OK), (hearer, wire.SAID if what[0] == wire.SAY else wire.RELAYED)):
        left = at_once
        while left > 0:
            m = client.next()
            assert m.type in (awaited, wire.PRESENCE), m
            left -= m.type == awaited


def loop_ns(server):
    """Nanoseconds that the loop's thread has had of a processor."""
    with open(f"/proc/{server.pid}/task/{server.pid}/schedstat", encoding="ascii") as f:
        return int(f.read().split()[0])


def cost(server, pair, what, at_once):
    before = loop_ns(server)
    for _ in range(COUNT // at_once):
        exchange(*pair, what, at_once)
    return (loop_ns(server) - before) / COUNT


def compare(server, pair, length, at_once, rounds):
    line, frame = said(ROOM, length), relayed(length)
    for what in (line, frame):  # both have their memory then
        exchange(*pair, what, MANY)
    both = [(cost(server, pair, line, at_once), cost(server, pair, frame, at_once)) for _ in range(rounds)]
    ratio = statistics.median(f / l for l, f in both)
    print("%5d bytes, %-24s a line %5.1f us, a relay %5.1f us, ratio %.2f (of %d rounds: %s)" %
          (length, "many at once:" if at_once > 1 else "one after the other:", statistics.median(l for l, _ in both) / 1e3,
           statistics.median(f for _, f in both) / 1e3, ratio, rounds, " ".join("%.2f" % (f / l) for l, f in both)))


def main():
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 7
    with tempfile.TemporaryDirectory() as folder:
        server = harness.Server(folder, *FREE)
        try:
            pair = [wire.Client(server.port).enter(name) for name in ("anna", "bert")]
            for client in pair:
                client.join(ROOM)
                client.ready()
            for length in (100, 1000, 4000):
                for at_once in (1, MANY):
                    compare(server, pair, length, at_once, rounds)
        finally:
            server.kill()
            server.close()


if __name__ == "__main__":
    main()
