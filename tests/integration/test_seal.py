#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Sealed rooms, through the real server: docs/protocol.md section 10.2, seal, and 10.4, sealed. What is sealed here is
nobody's: the server must not care."""
import os
import re
import time

import glasschat_client as wire
import harness
from glasschat_client import Closed, v8, v16
from server_case import PASSWORD, ServerCase

ROOM, SHORTEST, LONGEST = "+den", 580, 4580
LINES = tuple(os.urandom(n) for n in (SHORTEST, SHORTEST + 16, 1220, LONGEST))
FREE = ("--max-rate", "100000", "--max-said", "100000000", "--max-said-room", "100000000")


class Seal(ServerCase):
    def ready(self, server, *names):
        """Members that may be in sealed rooms."""
        members = [self.member(server, name) for name in names]
        for member in members:
            member.ready()
        return members

    def room(self, *options):
        """A server, and three who are in a sealed room."""
        server = self.server(*options)
        members = self.ready(server, "anna", "bert", "carl")
        for member in members:
            member.join(ROOM)
        return server, *members

    def sealed(self, client):
        m = client.wait_for(wire.SEALED)
        return m.room, m.sender, m.sealed

    def nothing_sealed(self, client):
        """All that was sent before the answer to this ping is read."""
        client.ask(wire.PING)
        self.assertNotIn(wire.SEALED, [m.type for m in client.pushed])

    def test_as_it_was_sealed(self):
        _, anna, bert, carl = self.room()
        for line in LINES:
            before = int(time.time())
            anna.seal(ROOM, line)
            for listener in (bert, carl):
                m = listener.wait_for(wire.SEALED)
                self.assertEqual((m.room, m.sender, m.sealed), (ROOM, "anna", line))
                self.assertTrue(before <= m.time <= time.time())
        self.nothing_sealed(anna)
        bert.seal(ROOM, LINES[0])
        self.assertEqual(self.sealed(anna), (ROOM, "bert", LINES[0]))

    def test_who_is_in_it(self):
        server, anna, bert, carl = self.room()
        self.assertEqual(anna.who(ROOM).names, ["anna", "bert", "carl"])
        dora, = self.ready(server, "dora")
        self.assertEqual(dora.rooms().members, {ROOM: 3, "lobby": 4})
        self.assertEqual(dora.rooms(ROOM).members, {"lobby": 4})
        self.assertEqual(dora.who(ROOM, "anna").names, ["bert", "carl"])
        self.assert_refused(wire.E_NOT_IN_ROOM, dora.seal, ROOM, LINES[0])
        self.assert_refused(wire.E_NO_SUCH_ROOM, dora.seal, "+other", LINES[0])
        self.assert_refused(wire.E_NO_SUCH_ROOM, dora.who, "+other")
        anna.seal(ROOM, LINES[0])
        self.nothing_sealed(dora)
        dora.join(ROOM)
        m = bert.wait_for(wire.PRESENCE)
        while m.names != ["dora"] or m.room != ROOM:
            m = bert.wait_for(wire.PRESENCE)
        self.assertEqual(m.what, 1)
        for member in (bert, carl, dora):
            member.leave(ROOM)
        anna.seal(ROOM, LINES[0])  # for nobody
        self.nothing_sealed(dora)
        anna.close()
        self.assert_refused(wire.E_NO_SUCH_ROOM, bert.leave, ROOM)
        self.assertEqual(bert.rooms().members, {"lobby": 3})

    def test_what_is_no_sealed_line(self):
        server, _, bert, _ = self.room()
        for line in (b"", bytes(16), bytes(SHORTEST - 16), bytes(SHORTEST - 1), bytes(SHORTEST + 1), bytes(592),
                     bytes(LONGEST + 16), bytes(16384 - 5 - 5 - 2)):
            with self.subTest(len(line)):
                c = self.connect(server)
                self.assert_refused(wire.E_MALFORMED, c.seal, ROOM, line)
                self.assert_ended(c, (Closed,))
        for cut in (v8(b"+den"), v8(b"+den") + b"\2", v8(b"+den") + v16(LINES[0])[:-1], v8(b"+den") + v16(LINES[0]) + b"x"):
            c = self.connect(server)
            self.assert_refused(wire.E_MALFORMED, c.ask, wire.SEAL, cut)
        self.nothing_sealed(bert)

    def test_names(self):
        """Where a sealed room's name may stand, and where it may not."""
        server, anna, bert, _ = self.room()
        for room in ("+", "++den", "+Den", "+1den", "+" + 32 * "d", "den+", "d+en"):
            for ask in (anna.join, anna.leave, anna.who, anna.rooms):
                self.assert_refused(wire.E_BAD_NAME, ask, room)
            self.assert_refused(wire.E_BAD_NAME, anna.seal, room, LINES[0])
        for room in ("lobby", "den", ""):
            self.assert_refused(wire.E_BAD_NAME, anna.seal, room, LINES[0])
        self.assert_refused(wire.E_BAD_NAME, anna.say, ROOM, "in the clear")
        self.assert_refused(wire.E_BAD_NAME, anna.who, ROOM, "+anna")
        for ask in (anna.block, anna.unblock, anna.fetch_certificate):
            self.assert_refused(wire.E_BAD_NAME, ask, ROOM)
        self.assert_refused(wire.E_BAD_NAME, anna.relay, ROOM, bytes(16), b"")
        self.assert_refused(wire.E_BAD_NAME, self.connect(server).register, ROOM, "a@example.org", PASSWORD)
        self.assert_refused(wire.E_BAD_NAME, self.connect(server).log_in, ROOM, PASSWORD)
        anna.join("den")  # another room
        longest = "+" + 31 * "d"
        anna.join(longest)
        bert.join(longest)
        bert.seal(longest, LINES[0])
        self.assertEqual(self.sealed(anna), (longest, "bert", LINES[0]))
        self.assertNotIn(wire.SAID, [m.type for m in bert.pushed])

    def test_before_ready(self):
        """A client of version 1.0 would leave where it is shown such a name, or sent what is sealed."""
        server, anna, _, _ = self.room()
        old = self.member(server, "dora")
        for room in (ROOM, "+nobodys"):
            words = {self.assert_refused(wire.E_BAD_NAME, ask, room) for ask in (old.join, old.leave, old.who)}
            words.add(self.assert_refused(wire.E_BAD_NAME, old.seal, room, LINES[0]))
            self.assertEqual(len(words), 1)
        self.assertEqual(old.rooms().members, {"lobby": 4})
        again = self.connect(server)  # another connection of one who was ready
        again.log_in("carl", PASSWORD)
        self.assert_refused(wire.E_BAD_NAME, again.join, ROOM)
        anna.seal(ROOM, LINES[0])
        self.nothing_sealed(old)
        self.nothing_sealed(again)
        self.assertNotIn(ROOM, [m.room for m in old.pushed + again.pushed if m.type == wire.PRESENCE])
        self.assert_hear_each_other(old, anna)
        stranger = self.connect(server)
        self.assert_refused(wire.E_NOT_LOGGED_IN, stranger.seal, ROOM, LINES[0])
        self.assert_refused(wire.E_NOT_LOGGED_IN, stranger.join, ROOM)

    def test_pages(self):
        """Full ones, whoever asks."""
        server = self.server("--max-rooms-user", "500", "--max-rooms-address", "1000", "--max-joined", "1000",
                             "--max-rate", "100000")
        anna, = self.ready(server, "anna")
        sealed, plain = ["+den%03d" % i for i in range(405)], ["den%03d" % i for i in range(405)]
        for room in sealed:
            anna.join(room)
        bert = self.member(server, "bert")
        for room in plain:
            bert.join(room)

        def pages(client):
            page = client.rooms()
            yield page
            while page.more:
                page = client.rooms(list(page.members)[-1])
                yield page
        for client, names in ((bert, plain + ["lobby"]), (anna, sealed + plain + ["lobby"])):
            listed = [list(page.members) for page in pages(client)]
            self.assertEqual(sum(listed, []), names)
            self.assertEqual({len(page) for page in listed[:-1]}, {400})

    def test_nothing_tells_who_is_blocked(self):
        _, anna, bert, carl = self.room()
        bert.block("anna")
        anna.seal(ROOM, LINES[0])
        carl.seal(ROOM, LINES[1])
        self.assertEqual(self.sealed(bert), (ROOM, "carl", LINES[1]))
        self.assertEqual(self.sealed(carl), (ROOM, "anna", LINES[0]))
        bert.unblock("anna")
        anna.seal(ROOM, LINES[2])
        self.assertEqual(self.sealed(bert), (ROOM, "anna", LINES[2]))

    def test_one_who_does_not_read_is_passed_over(self):
        """It gets what came while there was room, and again what comes once it reads; nobody else misses anything."""
        server, anna, bert, carl = self.room("--max-queue-kib", "32", *FREE)
        for i in range(1000):
            anna.seal(ROOM, i.to_bytes(4, "big") * (LONGEST // 4))
            self.assertEqual(self.sealed(carl)[2][:4], i.to_bytes(4, "big"))
        bert.ask(wire.PING)
        heard = [int.from_bytes(m.sealed[:4], "big") for m in bert.pushed if m.type == wire.SEALED]
        bert.pushed.clear()
        self.assertEqual(heard, sorted(set(heard)))
        self.assertEqual(heard[0], 0)
        self.assertLess(len(heard), 1000)
        anna.seal(ROOM, LINES[0])
        self.assertEqual(self.sealed(bert), (ROOM, "anna", LINES[0]))
        self.assertEqual(self.disconnects(server), [])

    @harness.alone
    def test_it_is_bounded_as_what_is_said(self):
        """What is sealed in four seconds at once, and then 4,096 bytes a second; turns are taken."""
        _, anna, bert, carl = self.room("--max-rate", "100000", "--max-said", "100000000", "--max-said-room", "4096")
        started = time.monotonic()
        numbers = [anna.post(wire.SEAL, v8(ROOM.encode()) + v16(LINES[3])) for _ in range(6)]
        time.sleep(0.5)
        bert.seal(ROOM, LINES[0])
        self.assertLess(time.monotonic() - started, 5)  # and not when all of anna's are through
        for number in numbers:
            anna.answer_to(number)
        self.assertGreater(time.monotonic() - started, 1.5)  # six lines and one cost 29,110 bytes
        heard = [self.sealed(carl)[1] for _ in range(7)]
        self.assertEqual(sorted(heard), ["anna"] * 6 + ["bert"])
        self.assertNotEqual(heard[-1], "bert")

    def test_what_the_operator_sees(self):
        """The room, who is in it, and how many lines; nothing of what was sealed, not even in the log of everything."""
        server = self.server("--console", "--log-level", "debug")
        anna, bert = self.ready(server, "anna", "bert")
        anna.join(ROOM)
        bert.join(ROOM)
        line = b"a secret 0123456" * (SHORTEST // 16) + b"wxyz"
        anna.seal(ROOM, line)
        self.assertEqual(self.sealed(bert)[2], line)
        self.assertEqual([server.status(n) for n in ("messages", "deliveries")], [1, 1])
        server.type(f"/rooms\n/who {ROOM}\n/join {ROOM}\n/say {ROOM} hello\n/leave {ROOM}\n/rooms\n")
        server.expect(r"^\* room \+den: 2 members$")
        server.expect(r"^\* in \+den: anna$")
        for _ in range(3):
            server.expect(r"^! a name is 1 to 32")
        server.expect(r"^\* room \+den: 2 members$")
        for text in (server.log, server.out.text):
            self.assertNotIn("a secret", text)
            self.assertIsNone(re.search(b"a secret".hex(), text))

    def test_explained(self):
        """Which room and how long it is: into it nobody looks."""
        server = self.server("--explain")
        anna, bert = self.ready(server, "anna", "bert")
        anna.join(ROOM)
        bert.join(ROOM)
        anna.seal(ROOM, LINES[0])
        self.sealed(bert)
        told = server.err.expect(r"(?m)^explain \d+:   +payload +seal, request \d+\n(?:explain \d+:    .*\n)+")[0]
        self.assertRegex(told, r' room name +"\+den"\n')
        self.assertRegex(told, r" sealed +580 bytes\n")


if __name__ == "__main__":
    harness.main()
