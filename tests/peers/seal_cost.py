#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""What a sealed line costs the server beside a line said in a room that is not sealed, of as many bytes on the wire, both
for 30 members: processor time of the loop's thread, the kernel's among it. docs/performance.md has what came of it.

    BUILD=build /usr/bin/python3 tests/peers/seal_cost.py [ROUNDS]

As in relay_cost.py: one after the other, and several at once; rounds take turns, and the median of the rounds' ratios
counts. Both messages have the same fields but for what is carried, so equal lengths are equal bytes."""
import statistics
import sys
import tempfile

from relay_cost import FREE, MANY, loop_ns, records
import glasschat_client as wire
import harness
from glasschat_client import v8, v16

MEMBERS, COUNT = 30, 200
PLAIN, SEALED = "a-room", "+aroom"
LENGTHS = (580, 1220, 3988)  # of a sealed line, and of a text as well


def said(length):
    return wire.SAY, v8(PLAIN.encode()) + v16(b"x" * length)


def sealed(length):
    return wire.SEAL, v8(SEALED.encode()) + v16(bytes(length))


def exchange(speaker, hearers, what, at_once):
    """So many are sent at once, arrive at all members and are answered."""
    speaker.sock.sendall(records(speaker, *what, at_once))
    pushed = wire.SAID if what[0] == wire.SAY else wire.SEALED
    for client, awaited in ((speaker, wire.OK), *((hearer, pushed) for hearer in hearers)):
        left = at_once
        while left > 0:
            m = client.next()
            assert m.type in (awaited, wire.PRESENCE), m
            left -= m.type == awaited


def cost(server, members, what, at_once):
    before = loop_ns(server)
    for _ in range(COUNT // at_once):
        exchange(members[0], members[1:], what, at_once)
    return (loop_ns(server) - before) / COUNT


def compare(server, members, length, at_once, rounds):
    plain, hidden = said(length), sealed(length)
    for what in (plain, hidden):  # both have their memory then
        exchange(members[0], members[1:], what, at_once)
    both = [(cost(server, members, plain, at_once), cost(server, members, hidden, at_once)) for _ in range(rounds)]
    ratio = statistics.median(h / p for p, h in both)
    print("%5d bytes, %-24s a line %6.1f us, sealed %6.1f us, ratio %.2f (of %d rounds: %s)" %
          (length, "many at once:" if at_once > 1 else "one after the other:", statistics.median(p for p, _ in both) / 1e3,
           statistics.median(h for _, h in both) / 1e3, ratio, rounds, " ".join("%.2f" % (h / p) for p, h in both)))


def main():
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 7
    with tempfile.TemporaryDirectory() as folder:
        server = harness.Server(folder, *FREE)
        try:
            members = [wire.Client(server.port).enter("user%02d" % i) for i in range(MEMBERS + 1)]
            for client in members:
                client.ready()
                client.join(PLAIN)
                client.join(SEALED)
            for length in LENGTHS:
                for at_once in (1, MANY):
                    compare(server, members, length, at_once, rounds)
        finally:
            server.kill()
            server.close()


if __name__ == "__main__":
    main()
