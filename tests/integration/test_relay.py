#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Frames from one user to another, through the real server: docs/protocol.md section 10.2, relay and ready."""
import os
import re
import time

import glasschat_client as wire
import harness
from glasschat_client import Closed, v8, v16
from server_case import PASSWORD, ServerCase

CALL = bytes(range(16))
LONGEST = wire.frame(wire.RECORD, bytes(4160))
FRAMES = (b"", wire.frame(wire.CLIENT_HELLO, bytes(1024)), wire.frame(wire.SERVER_HELLO, bytes(4096)),
          wire.frame(wire.RECORD, b"\xff" * 64), wire.frame(wire.ALERT, b"\1\0"), wire.frame(wire.RECORD, b""), LONGEST)
MALFORMED = {"another version": wire.frame(wire.RECORD, bytes(64), version=2),
             "a type that there is not": wire.frame(5, bytes(64)), "type 0": wire.frame(0, bytes(64)),
             "a byte too few": wire.frame(wire.RECORD, bytes(64))[:-1],
             "a byte too many": wire.frame(wire.RECORD, bytes(64)) + b"\3",
             "half a header": b"\3\1\0", "two frames": wire.frame(wire.ALERT, b"\1\0") * 2,
             "a body over its type's limit": wire.frame(wire.ALERT, bytes(257)),
             "a hello over its limit": wire.frame(wire.CLIENT_HELLO, bytes(1025)),
             "4,165 bytes": wire.frame(wire.RECORD, bytes(4161)),
             "as long as a message can be": wire.frame(wire.RECORD, bytes(16384 - 5 - 5 - 16 - 2 - 4))}


def fields(name, call, frame):
    return v8(name.encode()) + call + v16(frame)


class Relay(ServerCase):
    def two(self, *options):
        """A server, anna, and bert who takes calls."""
        server = self.server(*options)
        anna, bert = self.member(server, "anna"), self.member(server, "bert")
        bert.ready()
        return server, anna, bert

    def nothing_relayed(self, client):
        """All that was sent before the answer to this ping is read."""
        client.ask(wire.PING)
        self.assertNotIn(wire.RELAYED, [m.type for m in client.pushed])

    def relayed(self, client):
        m = client.wait_for(wire.RELAYED)
        return m.name, m.call, m.frame

    def fill(self, caller, name):
        """Calls somebody who reads nothing until the answer is try_later, and stays so for a second: until then the
        system may take some more, as it tries again after 200 ms. Returns how many frames were passed on, numbered in
        their calls."""
        sent, full = 0, time.monotonic() + 1
        while time.monotonic() < full:
            try:
                caller.relay(name, sent.to_bytes(16, "big"), LONGEST)
                sent, full = sent + 1, time.monotonic() + 1
            except wire.Refused as error:
                self.assertEqual(error.args[0], wire.E_TRY_LATER)
                time.sleep(0.01)
        return sent

    def test_as_it_was_sent(self):
        _, anna, bert = self.two()
        for frame in FRAMES:
            call = os.urandom(16)
            anna.relay("bert", call, frame)
            self.assertEqual(self.relayed(bert), ("anna", call, frame))
        self.nothing_relayed(anna)
        anna.ready()
        bert.relay("anna", CALL, LONGEST)
        self.assertEqual(self.relayed(anna), ("bert", CALL, LONGEST))

    def test_a_frame_is_one_whole_frame(self):
        server, anna, bert = self.two()
        for what, frame in MALFORMED.items():
            with self.subTest(what):
                c = self.connect(server)
                c.log_in("anna", PASSWORD)
                self.assert_refused(wire.E_MALFORMED, c.relay, "bert", CALL, frame)
                self.assert_ended(c, (Closed,))
        for cut in (v8(b"bert"), v8(b"bert") + CALL[:-1], v8(b"bert") + CALL, v8(b"bert") + CALL + b"\0"):
            c = self.connect(server)
            self.assert_refused(wire.E_MALFORMED, c.ask, wire.RELAY, cut)
        self.nothing_relayed(bert)

    def test_who_can_not_be_reached(self):
        server, anna, bert = self.two()
        self.assert_refused(wire.E_NOT_LOGGED_IN, self.connect(server).relay, "bert", CALL, b"")
        self.assert_refused(wire.E_NOT_LOGGED_IN, self.connect(server).ready)
        anna.ready()
        self.assert_refused(wire.E_BAD_NAME, anna.relay, "anna", CALL, LONGEST)
        self.assert_refused(wire.E_BAD_NAME, anna.relay, "Bert", CALL, LONGEST)
        self.assert_refused(wire.E_NO_SUCH_USER, anna.relay, "nobody", CALL, LONGEST)
        carl = self.connect(server)
        carl.register("carl", "c@example.org", PASSWORD)
        self.assert_refused(wire.E_NOT_HERE, anna.relay, "carl", CALL, LONGEST)
        carl.log_in("carl", PASSWORD)
        self.assert_refused(wire.E_NOT_HERE, anna.relay, "carl", CALL, LONGEST)
        carl.ready()
        anna.relay("carl", CALL, LONGEST)
        self.assertEqual(self.relayed(carl), ("anna", CALL, LONGEST))
        carl.close()
        self.assert_refused(wire.E_NOT_HERE, anna.relay, "carl", CALL, LONGEST)
        self.nothing_relayed(anna)

    def test_a_client_of_1_0_gets_none(self):
        """It never says that it is ready, and would leave at a push that it doesn't know."""
        server, anna, bert = self.two()
        old = self.member(server, "carl")
        for _ in range(20):
            self.assert_refused(wire.E_NOT_HERE, anna.relay, "carl", CALL, LONGEST)
        again = self.connect(server)  # and so is another connection of whom has said it
        again.log_in("bert", PASSWORD)
        self.assert_refused(wire.E_NOT_HERE, anna.relay, "bert", CALL, LONGEST)
        self.nothing_relayed(old)
        self.nothing_relayed(again)
        self.assert_hear_each_other(old, anna)

    def test_where_nobody_can_register(self):
        server = self.server()
        self.member(server, "anna"), self.member(server, "bert")
        server.stop()
        closed = self.server("--max-registrations", "0")
        anna = self.connect(closed)
        anna.log_in("anna", PASSWORD)
        words = {self.assert_refused(wire.E_NOT_HERE, anna.relay, name, CALL, LONGEST)
                 for name in ("bert", "nobody", "operator")}
        self.assertEqual(len(words), 1)

    def test_nothing_tells_who_is_blocked(self):
        """Of two who call the same users one is blocked: code and words of each answer are the same."""
        server, anna, bert = self.two("--max-relays", "100000", "--max-queue-kib", "32")
        carl, dora, erin = (self.member(server, name) for name in ("carl", "dora", "erin"))
        bert.block("anna")
        dora.block("anna")

        def answers(name):
            told = []
            for caller in (anna, carl):
                number = caller.post(wire.RELAY, fields(name, CALL, LONGEST))
                try:
                    caller.answer_to(number)
                    told.append(())
                except wire.Refused as refused:
                    told.append(refused.args)
            self.assertEqual(told[0], told[1])
            return told[0]

        self.assertEqual(answers("bert"), ())
        self.assertEqual(self.relayed(bert), ("carl", CALL, LONGEST))
        self.nothing_relayed(bert)
        self.assertEqual(answers("dora")[0], wire.E_NOT_HERE)
        self.fill(erin, "bert")
        told = [answers("bert")]
        while told[-1] == () and len(told) < 100:  # with each that is passed on the system may take some more
            told.append(answers("bert"))
        self.assertEqual(told[0], ())  # the share of each
        self.assertEqual(told[-1][:1], (wire.E_TRY_LATER,))
        bert.ask(wire.PING)
        self.assertEqual({m.name for m in bert.pushed if m.type == wire.RELAYED}, {"carl", "erin"})
        bert.unblock("anna")
        anna.relay("bert", CALL, b"")
        bert.pushed.clear()
        self.assertEqual(self.relayed(bert), ("anna", CALL, b""))

    def test_one_who_does_not_read_is_not_cut(self):
        """What was passed on comes, all of it and in its order, when it reads again; and others have room too."""
        server, anna, bert = self.two("--max-relays", "100000")
        carl = self.member(server, "carl")
        sent = self.fill(anna, "bert")
        anna.say("lobby", "there is more room for what is said")
        self.assertGreater(sent * len(LONGEST), 65536 + 8192)
        carl.relay("bert", CALL, LONGEST)
        for i in range(sent):
            self.assertEqual(self.relayed(bert), ("anna", i.to_bytes(16, "big"), LONGEST))
        self.assertEqual(self.relayed(bert), ("carl", CALL, LONGEST))
        anna.relay("bert", CALL, b"")
        self.assertEqual(self.relayed(bert), ("anna", CALL, b""))
        self.assert_hear_each_other(anna, bert)
        self.assertEqual(self.disconnects(server), [])

    @harness.alone
    def test_a_rate_of_their_own(self):
        """200 at once, and then 100 a second; requests have theirs beside."""
        _, anna, bert = self.two()
        time.sleep(1)  # until what entering took of the requests' rate is there again
        started = time.monotonic()
        numbers = [anna.post(wire.RELAY, fields("bert", i.to_bytes(16, "big"), b"")) for i in range(190)]
        numbers += [anna.post(wire.PING) for _ in range(30)]
        for number in numbers:
            anna.answer_to(number)
        self.assertLess(time.monotonic() - started, 1)
        numbers = [anna.post(wire.RELAY, fields("bert", i.to_bytes(16, "big"), b"")) for i in range(190, 500)]
        for number in numbers:
            anna.answer_to(number)
        self.assertGreater(time.monotonic() - started, 2.5)  # 300 of them were too many at once
        for i in range(500):
            self.assertEqual(self.relayed(bert), ("anna", i.to_bytes(16, "big"), b""))

    def test_what_the_operator_sees(self):
        """How many and how much, and nobody's name."""
        server, anna, bert = self.two("--log-level", "debug")
        before = server.log
        for _ in range(3):
            anna.relay("bert", CALL, LONGEST)
        self.assert_refused(wire.E_NO_SUCH_USER, anna.relay, "nobody-there", CALL, LONGEST)
        bert.block("anna")
        anna.relay("bert", CALL, LONGEST)
        self.assertEqual([server.status(n) for n in ("relays", "relayed_bytes", "relays_refused")],
                         [3, 3 * len(LONGEST), 2])
        said = server.log[len(before):]
        self.assertIn(" relays=3 ", said)
        self.assertNotIn("nobody-there", said)
        said = "\n".join(line for line in said.splitlines() if " blocked " not in line)
        self.assertIsNone(re.search("anna|bert", said), said)

    def test_explained(self):
        """Whom it is for and how long it is: into the frame nobody looks."""
        server, anna, bert = self.two("--explain")
        anna.relay("bert", CALL, wire.frame(wire.ALERT, b"\1\0"))
        self.relayed(bert)
        told = server.err.expect(r"(?m)^explain \d+:   +payload +relay, request \d+\n(?:explain \d+:    .*\n)+")[0]
        self.assertRegex(told, r' name +"bert"\n')
        self.assertRegex(told, r" frame +6 bytes, one Alert\n")
        self.assertNotIn("code", told)


if __name__ == "__main__":
    harness.main()
