#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Calls between two of the second implementation (glasschat_call.py, glasschat_peer.py): in memory, against
vectors/ratchet.txt, and through the real server. What it refuses here, other tests send to the client."""
import functools
import hashlib
import struct
import unittest

from cryptography.hazmat.primitives import hashes

import glasschat_call as calls
import glasschat_client as wire
import glasschat_identity as trusted
import harness
from call_case import CallCase, identity, key, records
from glasschat_call import Call
from glasschat_identity import Identity, Trust


class Pair:
    """Alice calls bob, without anything between them: what one sends waits until it is carried."""

    def __init__(self, bob_groups=(1,), **kw):
        self.alice = Call(identity("alice"), "bob", **{"groups": (1,), **kw})
        self.bob = Call(identity("bob"), "alice", caller=False, groups=bob_groups)

    def carry(self):
        """All that waits, and what it leads to; returns the events of alice and of bob."""
        events = ([], [])
        while self.alice.out or self.bob.out:
            for sender, receiver, seen in ((self.alice, self.bob, events[1]), (self.bob, self.alice, events[0])):
                while sender.out:
                    seen += receiver.feed(sender.out.pop(0))
        return events

    def open(self):
        self.alice.start()
        self.carry()
        assert self.alice.status == self.bob.status == "open", (self.alice.why, self.bob.why)
        return self


@harness.unsanitized
class InMemory(unittest.TestCase):
    def setUp(self):
        self.pair = Pair().open()
        self.alice, self.bob = self.pair.alice, self.pair.bob

    def assert_refused(self, receiver):
        """What waits for it, sent by the other, ends the call without a word."""
        sender = self.alice if receiver is self.bob else self.bob
        for data in sender.out:
            receiver.feed(data)
        self.assertEqual((receiver.status, receiver.out, receiver.state()), ("failed", [], {}))

    def test_a_conversation(self):
        for n in range(6):
            speaker, listener = (self.alice, self.bob) if n % 2 == 0 else (self.bob, self.alice)
            said = [speaker.say(f"text {n}"), speaker.say("ü" * 2000)]
            self.pair.carry()
            self.assertEqual((listener.texts, speaker.acked[-2:]), ([f"text {n}", "ü" * 2000], said))
            listener.texts.clear()
            self.assertEqual((self.alice.n, self.bob.n), (n + 1, n + 1))
            self.assertEqual(self.alice.sending.secret, self.bob.receiving.secret)
            self.assertEqual(self.alice.receiving.secret, self.bob.sending.secret)
        self.alice.close()
        self.pair.carry()
        self.assertEqual((self.alice.status, self.bob.status), ("closed", "closed"))
        self.assertEqual((self.alice.state(), self.bob.state()), ({}, {}))

    def test_texts_that_cross(self):
        self.alice.say("one")
        self.bob.say("two")
        self.alice.say("three")
        self.pair.carry()
        self.assertEqual((self.alice.texts, self.bob.texts), (["two"], ["one", "three"]))
        self.assertFalse(self.alice.unacknowledged or self.bob.unacknowledged)

    def test_a_step_that_crosses_a_close(self):
        self.alice.close()
        self.bob.say("wait")
        self.pair.carry()
        self.assertEqual((self.alice.texts, self.alice.status, self.bob.status), (["wait"], "closed", "closed"))
        self.assertEqual(self.bob.not_confirmed(), ["wait"])  # whoever has said good-bye acknowledges nothing more
        self.assertEqual(self.bob.not_confirmed(), [])

    def test_nothing_that_was_kept_is_kept_twice(self):
        """What is wiped is never again among what is kept, nor is anything of the two the same by chance."""
        kept = []
        for n in range(4):
            (self.bob, self.alice)[n % 2].say("text")
            self.pair.carry()
            kept.append(set(self.alice.state().values()) | set(self.bob.state().values()))
        self.assertFalse(kept[-1] & (set(self.alice.wiped) | set(self.bob.wiped)))
        self.assertTrue(all(kept[i] & set(self.alice.wiped + self.bob.wiped) for i in range(3)))

    def test_forged_acks(self):
        """Of what was never said, of an ack, of a step, and twice of the same."""
        for forged in (2 ** 64 - 1, 0, 1, 2, 3):
            self.setUp()
            self.assertEqual(self.bob.say("hello"), 2)
            self.pair.carry()
            self.alice.ack(forged)
            self.assert_refused(self.bob)

    def test_acks_in_another_order(self):
        self.alice.acks = False
        said = [self.bob.say(text) for text in ("one", "two", "three")]
        self.pair.carry()
        self.alice.ack(said[0])
        self.pair.carry()
        self.alice.ack(said[2])
        self.assert_refused(self.bob)
        self.assertEqual(self.bob.acked, said[:1])

    def test_an_ack_without_the_step_that_was_due(self):
        """Nobody can go on for ever under one step: what is said without one may have crossed, but no ack has."""
        for turns in range(1, 6):
            self.setUp()
            for n in range(turns):
                speaker, other = (self.alice, self.bob) if (turns - n) % 2 == 0 else (self.bob, self.alice)
                speaker.say("each time a step")
                self.pair.carry()
            self.alice.acks = self.alice.steps = False
            said = [self.bob.say("unanswered"), self.bob.say("unanswered")]
            self.pair.carry()
            self.alice.say("this may have crossed")
            self.assertEqual(self.pair.carry()[1], [("text", self.alice.sending.sequence - 1, "this may have crossed")])
            self.pair.carry()
            self.assertEqual(self.bob.status, "open")
            self.alice.ack(said[0])
            self.assert_refused(self.bob)
            self.assertFalse(set(said) & set(self.bob.acked))
            self.assertEqual(self.bob.not_confirmed(), ["unanswered"] * 2)

    def test_acks_of_before_the_step(self):
        """An ack that crosses a step is of what was said before it."""
        self.alice.acks = False
        said = [self.bob.say("under step 1")]
        self.pair.carry()
        self.alice.ack(said[0])
        said.append(self.bob.say("in the same turn"))
        while self.alice.out:
            self.bob.feed(self.alice.out.pop(0))
        said.append(self.bob.say("under step 3"))
        self.alice.ack(said[1])  # before step 3 is there
        self.pair.carry()
        self.assertEqual((self.bob.acked, self.alice.n, self.bob.n), (said[:2], 3, 3))
        self.alice.steps = False
        self.alice.ack(said[2])
        self.assert_refused(self.bob)

    def test_not_confirmed(self):
        now = 0.0
        self.bob.clock = lambda: now
        self.alice.acks = False
        first = self.bob.say("first")
        now = 14.9
        second = self.bob.say("second")
        self.assertEqual(self.bob.not_confirmed(), [])
        now = 15.0
        self.assertEqual(self.bob.not_confirmed(), ["first"])
        self.assertEqual(self.bob.not_confirmed(), [])
        self.pair.carry()
        for sequence in (first, second):  # an ack that comes late is none the less right
            self.alice.ack(sequence)
        self.pair.carry()
        now = 100.0
        self.assertEqual((self.bob.not_confirmed(), self.bob.acked), ([], [first, second]))

    def test_payloads_that_are_nothing(self):
        text = functools.partial(struct.pack, ">BH")
        for payload in (b"", b"\0", b"\3", text(1, 0), text(1, 2) + b"a", text(1, 1) + b"ab", text(1, 1) + b"\xff",
                        text(1, 4001) + b"a" * 4001, text(1, 2) + b"a\r", b"\2" + bytes(7), b"\2" + bytes(9)):
            self.setUp()
            self.alice.application(payload)
            self.assert_refused(self.bob)

    def test_refused_certificates(self):
        now = (0, 2 ** 63)
        made = {"another name": wire.certificate(key("alice"), 2, "carol", *now),
                "a server's": wire.certificate(key("alice"), 1, "alice", *now),
                "times the wrong way round": wire.certificate(key("alice"), 2, "alice", 2, 1),
                "a wrong signature": wire.certificate(key("alice"), 2, "alice", *now, broken=1),
                "the receiver's own key": wire.certificate(key("bob"), 2, "alice", *now)}
        for why, cert in made.items():
            with self.subTest(why):
                signer = key("bob") if "receiver" in why else key("alice")
                for caller in (True, False):
                    pair = Pair()
                    liar = Identity("alice", signer, cert)
                    liar.fingerprint = b"it believes itself"
                    if caller:
                        pair.alice.identity = liar
                    else:  # the same lie by whoever is called
                        pair.alice = Call(identity("bob"), "alice", groups=(1,))
                        pair.bob = Call(liar, "bob", caller=False, groups=(1,))
                    pair.alice.start()
                    pair.carry()
                    self.assertEqual((pair.bob if caller else pair.alice).status, "failed")

    def test_another_name_than_was_stamped(self):
        """The names are in C: a server that passes carol's hello on as alice's gets nowhere."""
        pair = Pair()
        pair.bob.peer = "carol"
        pair.alice.start()
        pair.carry()
        self.assertEqual((pair.alice.status, pair.bob.status), ("failed", "finished"))

    def test_a_group_that_is_refused(self):
        pair = Pair(groups=(2, 1), bob_groups=(1,))
        pair.alice.start()
        self.assertEqual(pair.carry()[0], [("alert", calls.GROUP_NOT_ALLOWED, b"\1")])
        self.assertEqual((pair.alice.status, pair.bob.status), ("failed", "failed"))

    def test_trust(self):
        trust = Trust()
        Pair(trust=trust).open()
        self.assertEqual(trust.state("bob"), trusted.NEW)
        trust.compared("bob")
        mallory = Identity("bob", key("server"))
        pair = Pair(trust=trust)
        pair.bob.identity = mallory
        pair.alice.start()
        pair.carry()
        self.assertEqual((pair.alice.status, trust.state("bob")), ("failed", trusted.CHANGED))
        trust.accept("bob", mallory.fingerprint)
        self.assertEqual(trust.state("bob"), trusted.NEW)
        for ca, opens in ((key("authority"), True), (key("server"), False)):
            pair = Pair(trust=Trust(ca.public_key()))
            cert = wire.certificate(key("bob"), 2, "bob", 0, 2 ** 63, wire.key_fingerprint(key("authority")))
            cert = cert[:-384] + key("authority").sign(b"glasschat/1 certificate\0" + cert[:-384], wire.PSS,
                                                       hashes.SHA256())
            pair.bob.identity = Identity("bob", key("bob"), cert)
            pair.alice.start()
            pair.carry()
            self.assertEqual(pair.alice.status == "open", opens)

    def test_safety_numbers(self):
        for record in records("safety"):
            users = [(record["name_" + user], bytes.fromhex(record["fingerprint_" + user])) for user in "ab"]
            self.assertEqual(trusted.safety_number(*users), record["number"], record["name"])


@harness.unsanitized
class KnownAnswers(unittest.TestCase):
    """Each side of each conversation of vectors/ratchet.txt."""

    def begin(self, handshake, side):
        caller = side == "client"
        names = handshake["client_name"], handshake["server_name"]
        own, other = names if caller else reversed(names)
        trust = Trust()
        trust.believes, trust.opened = lambda name, cert: True, lambda name, cert: None
        call = Call(identity(own), other, caller, trust, group=int(handshake["group"]))
        call.exponent = int(handshake[side + "_private"], 16)
        call._derive(*(bytes.fromhex(handshake[f]) for f in ("client_random", "server_random", "Z", "T")),
                     int(handshake["suite"]))
        call.status, call.acks = "finished", False
        call.finished_payload = lambda: b"what only the other side looks at"
        self.drawn = 64 + calls.EXPONENT_BITS[call.group] // 8
        call.draw = lambda n: self.fixed(handshake[side + "_seed"], n)
        return call

    def fixed(self, seed, n):
        """The next n bytes of the fixed source."""
        self.drawn += n
        stream = b"".join(hashlib.sha256(seed.encode() + struct.pack(">Q", i)).digest()
                          for i in range(self.drawn // 32 + 1))
        return stream[self.drawn - n:self.drawn]

    def act(self, call, record):
        """What this side sealed. The caller's Finished and step 0 it sends when the other's Finished comes."""
        payload = bytes.fromhex(record["payload"])
        if record["type"] == "application":
            call.application(payload)
        elif record["type"] == "close":
            call.close()
        elif record["type"] == "step" and record["n"] != "0":
            call.step()
        elif record["type"] == "finished" and not call.caller:
            call.seal(calls.FINISHED, payload)
        if call.status == "open" and (call.n is None) == ("n" not in record):
            self.compare(call, record)

    def compare(self, call, record):
        for name, value in (("c_secret", call.sending if call.caller else call.receiving),
                            ("s_secret", call.receiving if call.caller else call.sending)):
            self.assertEqual(value.secret.hex() if value else "", record[name], record["name"])
        self.assertEqual((str(call.n), call.root.hex()), (record["n"], record["root"]), record["name"])

    def play(self, handshake, side):
        call, waiting, refused = self.begin(handshake, side), [], 0
        for record in records("ratchet"):
            if record["handshake"] != handshake["name"]:
                continue
            if record["from"] != side and "expect" in record:
                self.take(call, waiting)
                if record["name"] == "a Record after the Close" and call.status == "closed":
                    continue
                self.assertEqual(call.copied().feed(bytes.fromhex(record["frame"]))[0][0], "failed", record["name"])
                refused += 1
            elif record["from"] != side:
                waiting.append(record)
            elif "expect" not in record:
                self.take(call, waiting, int(record.get("crosses", "0")))
                self.act(call, record)
        self.take(call, waiting)
        self.assertEqual(call.status, "closed")
        return refused

    def take(self, call, waiting, but=0):
        while len(waiting) > but:
            record = waiting.pop(0)
            events = call.feed(bytes.fromhex(record["frame"]))
            self.assertNotIn("failed", [event[0] for event in events], (record["name"], events))

    def test_both_sides(self):
        refused = {}
        for handshake in records("handshake"):
            if handshake["kind"] == "2":
                for side in ("client", "server"):
                    with self.subTest(handshake["name"], side=side):
                        refused[handshake["name"], side] = self.play(handshake, side)
        self.assertGreater(sum(refused.values()), 30)


@harness.unsanitized
class ThroughTheServer(CallCase):
    def peer(self, server, name, **kw):
        return super().peer(server, name, **{"call_groups": (1,), **kw})

    def test_two_talk(self):
        server = self.server()
        alice, bob = self.peer(server, "alice"), self.peer(server, "bob")
        for n in range(3):
            for speaker, name, listener, other in ((alice, "bob", bob, "alice"), (bob, "alice", alice, "bob")):
                call, sequence = speaker.say(name, f"text {n}")
                self.assertEqual(listener.wait_text(other), f"text {n}")
                call.wait_acked(sequence)
        self.assertEqual(alice.safety_number("bob"), bob.safety_number("alice"))
        call = alice.live["bob"]
        call.close()
        self.assertEqual(call.wait_over(), "closed")
        alice.say("bob", "once more")
        self.assertEqual(bob.wait_text("alice"), "once more")

    def test_calls_that_cross(self):
        """Both begin before either has heard: one call comes of it."""
        server = self.server()
        alice, bob = self.peer(server, "alice"), self.peer(server, "bob")
        with alice.changed, bob.changed:  # neither's thread takes anything meanwhile
            first, second = alice.begin_call("bob"), bob.begin_call("alice")
        first.wait_open()
        self.assertEqual(second.wait_over(), "cut")
        self.assertEqual(bob.wait_call("alice").number, first.number)

    def test_nobody_there(self):
        server = self.server()
        alice = self.peer(server, "alice")
        for name in ("nobody", "bob"):
            if name == "bob":
                self.peer(server, "bob", ready=False)
            with self.assertRaises(trusted.Failure):
                alice.call(name)
        self.assertFalse(alice.calls)

    def test_a_second_try(self):
        server = self.server()
        alice = self.peer(server, "alice", call_groups=(2, 1))
        bob = self.peer(server, "bob", call_groups=(1,))
        call, sequence = alice.say("bob", "hello")
        call.wait_acked(sequence)
        self.assertEqual((call.group, bob.texts[0]), (1, ("alice", "hello")))

    def test_frames_of_no_call(self):
        server = self.server()
        alice, bob = self.peer(server, "alice"), self.peer(server, "bob")
        call, sequence = alice.say("bob", "hello")
        call.wait_acked(sequence)
        alert = wire.frame(wire.ALERT, b"\4\0")
        alice.post_relay("bob", b"another number..", alert)
        alice.wait(lambda: ("bob", b"another number..", b"") in alice.seen, "the empty frame")
        with bob.changed:
            bob.told["alice"] += harness.PATIENCE  # as if the second were a long one
        alice.post_relay("bob", b"another number..", alert)
        alice.post_relay("bob", b"another number..", b"")
        call.wait_acked(call.say("still here"))
        self.assertEqual([seen[2] for seen in alice.seen].count(b""), 1)
        alice.post_relay("bob", call.number, b"")
        bob.wait(lambda: not bob.calls, "the end of the call")

    def test_the_number_of_a_call(self):
        """In a call its number begins no other; afterwards it does."""
        server = self.server()
        alice, bob = self.peer(server, "alice"), self.peer(server, "bob")
        call, sequence = alice.say("bob", "hello")
        call.wait_acked(sequence)
        alice.post_relay("bob", call.number, call.hello)
        call.wait_acked(call.say("still here"))
        call.close()
        self.assertEqual(call.wait_over(), "closed")
        again = alice.begin_call("bob", number=call.number).wait_open()
        again.wait_acked(again.say("hello again"))
        self.assertNotIn(b"", [seen[2] for seen in alice.seen + bob.seen])

    def test_a_close_without_an_answer(self):
        server = self.server()
        alice, bob = self.peer(server, "alice"), self.peer(server, "bob")
        call = alice.call("bob")
        alice.later(100)  # an open call lasts
        with bob.changed:  # it takes nothing meanwhile
            call.close()
            alice.later(2)
            self.assertEqual(call.status, "open")
            alice.later(1)
            self.assertEqual((call.status, alice.calls), ("closed", {}))
        alice.say("bob", "in another call")
        self.assertEqual(bob.wait_text("alice"), "in another call")

    def test_texts_that_are_not_confirmed(self):
        server = self.server()
        alice, bob = self.peer(server, "alice"), self.peer(server, "bob", habits={"acks": False})
        old, sequence = alice.say("bob", "for too long")
        self.assertEqual(bob.wait_text("alice"), "for too long")
        alice.later(14)
        self.assertFalse(alice.not_confirmed)
        alice.later(1)
        self.assertEqual(alice.not_confirmed.pop(), ("bob", "for too long"))
        bob.live["alice"].ack(sequence)
        old.wait_acked(sequence)
        old.say("in the old call")
        alice.begin_call("bob").wait_open()
        self.assertEqual((old.wait_over(), alice.not_confirmed.pop()), ("cut", ("bob", "in the old call")))
        alice.say("bob", "until the server is gone")
        server.stop()
        alice.wait(lambda: alice.not_confirmed, "text that is not confirmed")
        self.assertEqual(list(alice.not_confirmed), [("bob", "until the server is gone")])

    def test_how_many_calls_are_answered(self):
        """The oldest gives way: of those whom bob has never met, and of all."""
        server = self.server()
        bob = self.peer(server, "bob")
        bob.strangers_max, bob.taking_max = 2, 3
        bob.trust.known = {name: [identity("alice").fingerprint, trusted.NEW] for name in ("known1", "known2")}
        hello = Call(identity("alice"), "bob", groups=(1,)).start().out[0]
        for name, half_open in (("new1", {"new1"}), ("new2", {"new1", "new2"}), ("new3", {"new2", "new3"}),
                                ("known1", {"new2", "new3", "known1"}), ("known2", {"new3", "known1", "known2"}),
                                ("new4", {"known1", "known2", "new4"})):
            caller = wire.Client(server.port)
            self.addCleanup(caller.sock.close)
            caller.enter(name)
            caller.ready()
            caller.relay("bob", name.encode().ljust(16), hello)
            bob.wait(lambda: {peer for peer, _ in bob.calls} == half_open, f"{half_open} in {bob.calls}")

    def test_how_many_live_calls_nobody_asked_for(self):
        server = self.server()
        alice, bob = self.peer(server, "alice"), self.peer(server, "bob")
        carol, dora = self.peer(server, "carol", key=key("server")), self.peer(server, "dora", key=key("authority"))
        bob.unwanted_max = 1
        calls = []
        for caller in (alice, carol, dora):
            call, sequence = caller.say("bob", "hello")
            call.wait_acked(sequence)
            calls.append(call)
            if caller is alice:
                bob.say("alice", "I want this one")
        self.assertEqual(calls[1].wait_over(), "closed")
        self.assertEqual([call.status for call in calls], ["open", "closed", "open"])


if __name__ == "__main__":
    harness.main()
