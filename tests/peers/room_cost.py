#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""What a sealed room costs its members: real clients at the ends of pipes, and a real server, on loopback. Beside it D,
R and V, a derivation in ffdhe3072, a signature and a verification with RSA-3072, as `glass bench` has them in the same
run. docs/performance.md has what came of it.

    BUILD=build /usr/bin/python3 tests/peers/room_cost.py [MEMBERS [ROUNDS]]

- a line: from its being typed to its being shown at the other member's, in the lobby and in the sealed room in turn,
  with two users there. The sealed one is signed and verified on the way.
- from sealed to shown: of the same lines, the time of the other member alone: from the server's having sent it to its
  being shown. Something that passes bytes stands between, and looks at its clock.
- joining: somebody accepts the invitation to a room in which all MEMBERS are there. All of these say a line as soon as
  they see the newcomer, who says one too: until everybody has read everybody. Accepted a few seconds after the
  invitation, as somebody who reads it does; and at once, while the members still give each other their keys for the new
  list. Beside it is how long the processors computed for the members meanwhile: all together, on the processors of this
  one machine."""
import os
import select
import statistics
import sys
import tempfile
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from call_cost import QUIET, User, bench  # noqa: E402
import harness  # noqa: E402

ROOM = "+exam"
SETTLED = 5  # seconds: all is handed over that members owe each other, and each may relay 200 frames at once again
TICK = os.sysconf("SC_CLK_TCK")
INVITED = b"/accept " + ROOM.encode()


class Passing(harness.Proxy):
    """Stands before one client, and keeps the time at which it passed the last bytes on to it."""

    def __init__(self, port):
        self.passed = 0.0
        super().__init__(port, self.note)

    def note(self, direction, data):
        if direction == "down":
            self.passed = time.perf_counter()
        return data


def invite(founder, user, others):
    """Until everybody has the list that has this user."""
    founder.type(f"/invite {user.name}")
    user.wait_for(INVITED)
    for member in others:
        member.wait_for(user.name.encode() + b" was added")


def accept(user, founder):
    user.type(f"/accept {ROOM} {founder.name}")


def found(founder, newcomers):
    founder.type(f"/seal {ROOM}")
    founder.wait_for(b"is signed")
    enter([founder], newcomers)


def enter(members, newcomers):
    for user in newcomers:
        invite(members[0], user, members)
        accept(user, members[0])
        user.wait_for(b"is signed")
        time.sleep(QUIET)
        members.append(user)


def said(speaker, hearer, passing, text):
    """From its being typed, and from its being passed on, to its being shown."""
    begun = time.perf_counter()
    speaker.type(text)
    hearer.wait_for(text.encode() + b"\n")
    shown = time.perf_counter()
    return (shown - begun) * 1000, (shown - passing.passed) * 1000


def lines(alice, bob, passing, count):
    """In the lobby and in the room, in turn."""
    took = {"lobby": [], ROOM: []}
    for i in range(count):
        for room in took:
            for user in (alice, bob):
                user.type(f"/join {room}")
                user.wait_for(b"you talk in")
            time.sleep(QUIET)
            took[room].append(said(alice, bob, passing, f"line {i} in {room}"))
            time.sleep(QUIET)
    return took


def shown_to_all(wanted):
    """Reads until each has shown all that it is wanted to."""
    while any(wanted.values()):
        waiting = [user.child.stdout for user in wanted if wanted[user]]
        ready = select.select(waiting, [], [], harness.PATIENCE)[0]
        assert ready, f"missing: {[(user.name, words) for user, words in wanted.items() if words]}"
        for user in wanted:
            if user.child.stdout in ready:
                user.seen += os.read(user.child.stdout.fileno(), 65536)
                wanted[user] = {word for word in wanted[user] if word not in user.seen}


def computed(users):
    """Seconds of processor time that their programs have taken up to now."""
    ticks = 0
    for user in users:
        with open(f"/proc/{user.child.pid}/stat", encoding="ascii") as f:
            ticks += sum(map(int, f.read().rsplit(")", 1)[1].split()[11:13]))
    return ticks / TICK


def join(members, newcomer, rest):
    """Seconds from accepting, so long after the invitation, until everybody has read everybody; and what the members
    computed meanwhile."""
    founder = members[0]
    time.sleep(SETTLED)
    invite(founder, newcomer, members)
    time.sleep(rest)
    before = computed(members)
    begun = time.perf_counter()
    accept(newcomer, founder)
    newcomer.type("hello from the newcomer")
    shown_to_all({user: {f"{newcomer.name} joined {ROOM}".encode()} for user in members})
    for user in members:
        user.type(f"welcome from {user.name}.")
    shown_to_all({newcomer: {f"welcome from {user.name}.".encode() for user in members},
                  **{user: {b"hello from the newcomer"} for user in members}})
    took = time.perf_counter() - begun
    took_computing = computed(members) - before
    members.append(newcomer)
    for user in members:
        user.seen = b""
    return took, took_computing


def main():
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 31
    turns = int(sys.argv[2]) if len(sys.argv) > 2 else 20
    d, r = bench("dh", "dh 3072 derive", "with check"), bench("rsa", "rsa 3072 sign", "blinded")
    v = bench("rsa", "rsa 3072 verify", "ours")
    with tempfile.TemporaryDirectory() as folder:
        server = harness.Server(folder)
        passing = Passing(server.port)
        users = [User(folder, "m0", server.port), User(folder, "m1", passing.port)]
        found(users[0], users[1:])
        took = lines(*users, passing, turns)
        for user in users:
            user.type(f"/join {ROOM}")
        users += [User(folder, f"m{i}", server.port) for i in range(2, count + 1)]
        members = users[:2]
        enter(members, users[2:-2])
        at_once = join(members, users[-2], 0)
        rested = join(members, users[-1], SETTLED)
        for user in users:
            user.child.kill()
            user.child.wait()
        passing.close()
        server.close()
    print(f"D {d:.2f} ms, R {r:.2f} ms, V {v:.3f} ms; {turns} rounds")
    typed, passed = ({room: statistics.median(times[i] for times in took[room]) for room in took} for i in range(2))
    print(f"a line in the lobby   {typed['lobby']:.2f} ms")
    print(f"a sealed line         {typed[ROOM]:.2f} ms, without its signature {typed[ROOM] - r:.2f}")
    print(f"from sealed to shown  {passed[ROOM]:.2f} ms, a line of the lobby {passed['lobby']:.2f}   "
          f"aimed at: {v + 1:.2f} ms")
    for members, kind, (took, computing) in ((count, f"{SETTLED} s after the invitation", rested),
                                             (count - 1, "at once", at_once)):
        print(f"joining {members:2} members    {took:.2f} s   aimed at: {members * (8 * d + 3 * r) / 1000 + 1:.2f} s   "
              f"accepted {kind}; members computed for {computing:.2f} s")


if __name__ == "__main__":
    main()
