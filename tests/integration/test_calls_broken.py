#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""What a peer may not do, in a call with the real client: the second implementation (glasschat_peer.py) does it."""
import struct
import time

import glasschat_call as calls
import glasschat_client as wire
import glasschat_identity as trusted
import harness
from call_case import ClientCalls, key


def numbers_of(call):
    """Of the texts that came in it."""
    return [event[1] for event in call.events if event[0] == "text"]


@harness.unsanitized
class Broken(ClientCalls):
    """Whatever breaks the rules ends the call, is not shown, and what was said in it is not confirmed."""

    def assert_ends(self, disturb, caller):
        alice, bob, i = self.alice, self.bob, self.i
        self.i += 1
        bob.habits["acks"] = True
        if caller == "alice":
            self.speaks(alice, bob, f"to begin with {i}")
        else:
            bob.begin_call("alice").wait_open()
            self.answers(bob, alice, f"to begin with {i}")
        call = bob.wait_call("alice")
        self.assertEqual(call.caller, caller == "bob")
        bob.wait(lambda: call.n > 0 and (call.value is None or caller == "bob"), "all steps")
        call.acks = False
        for n in (1, 2):
            self.speaks(alice, bob, f"{n} of {i}")
        with bob.changed:
            disturb(call, numbers_of(call)[-2:])
        self.not_confirmed(alice, f"2 of {i}")
        self.speaks(alice, bob, f"afterwards {i}")
        self.assertNotEqual(bob.wait_call("alice").number, call.number)
        bob.live["alice"].close()
        bob.wait(lambda: not bob.calls, "the end of both calls")

    def ends(self, disturbances, both=False):
        """Each in a call that one or the other has made, or in one of each."""
        self.i = 0
        _, self.alice, self.bob = self.two()
        for what, disturb in disturbances.items():
            for caller in ("alice", "bob") if both else ("alice", "bob")[self.i % 2:][:1]:
                with self.subTest(what, caller=caller):
                    self.assert_ends(disturb, caller)
        self.assertNotIn("not to be seen", self.alice.out.text)

    def test_acks(self):
        def without_the_step(call, said):
            self.assertIsNotNone(call.value)
            call.steps = False
            call.ack(said[0])
        self.ends({
            "of what was never said": lambda call, said: call.ack(2 ** 64 - 1),
            "of a step": lambda call, said: call.ack(1),
            "of the second": lambda call, said: call.ack(said[1]),
            "twice": lambda call, said: (call.ack(said[0]), call.ack(said[0])),
            "of one that was acknowledged before": lambda call, said: call.ack(said[0] - 2),
            "without the step that was due": without_the_step,
        }, both=True)

    def test_payloads(self):
        text, bad = struct.pack(">BH", calls.TEXT, 4), b"not to be seen"
        self.ends({what: lambda call, said, payload=payload: call.application(payload) for what, payload in {
            "nothing": b"", "of an unknown type": b"\0" + bad, "a sender key": b"\3" + bad, "an empty text": b"\1\0\0",
            "a text that is cut": text + b"abc", "with a byte behind it": text + b"abcde",
            "no UTF-8": text + b"ab\xc3\x28", "a control character": b"\1" + wire.v16(bad + b"\x1b[2J"),
            "a turned text": b"\1" + wire.v16(bad + "\u202e".encode()),
            "4,001 bytes": b"\1" + wire.v16(b"not to be seen".ljust(4001)),
            "4,097 bytes": b"\1" + wire.v16(b"not to be seen".ljust(4094)),
            "half an ack": b"\2" + bytes(7), "an ack and a half": b"\2" + bytes(9)}.items()})

    def test_records(self):
        def replayed(call, said):
            sent = []
            call.send, send = sent.append, call.send
            call.say("this may be seen")
            call.send = send
            for data in [*sent, sent[-1]]:
                call.emit(data)

        def broken(call, said):
            call.send, send = (lambda data: send(data if data[0] == 0 else wire.flipped(data))), call.send
            call.say("not to be seen")
            call.send = send

        def another_number(call, said):
            call.step()
            call.sending.sequence += 1
            call.say("not to be seen")

        def two_steps(call, said):
            call.step()
            call.step()

        self.ends({
            "broken": broken, "replayed": replayed, "one is left out": another_number, "two steps": two_steps,
            "a second Finished": lambda call, said: call.seal(wire.FINISHED, b""),
            "a KeyUpdate": lambda call, said: call.seal(wire.KEY_UPDATE, b""),
            "a Close that says something": lambda call, said: call.seal(wire.CLOSE, b"not to be seen"),
            "a step that is no value": lambda call, said: call.step(value=bytes(384)),
            "a step of another length": lambda call, said: call.step(value=bytes(384) + b"\4"),
            "no Record": lambda call, said: call.emit(wire.frame(wire.ALERT, b"\3\0")),
            "a ServerHello": lambda call, said: call.emit(wire.frame(wire.SERVER_HELLO, bytes(500))),
            "an empty frame": lambda call, said: call.emit(b""),
        })

    @harness.waits
    def test_an_ack_that_is_late(self):
        """After 15 s a text is not confirmed, which is said once; its ack is passed over then, and the call goes on."""
        _, alice, bob = self.two(habits={"acks": False})
        alice.say("/receipts on")
        before = time.monotonic()
        self.speaks(alice, bob, "too late")
        self.not_confirmed(alice, "too late")
        self.assertGreaterEqual(time.monotonic() - before, 15)
        call = bob.live["alice"]
        call.ack(numbers_of(call)[0])
        self.speaks(alice, bob, "in time")
        call.ack(numbers_of(call)[1])
        alice.expect(r"^\* bob has it$")
        self.answers(bob, alice, "in the same call")
        self.assertIs(bob.live["alice"], call)
        self.assertEqual([alice.out.text.count(line) for line in ("has it", "not confirmed")], [1, 1])

    @harness.waits
    def test_a_handshake_that_stops(self):
        """15 s from the ClientHello: then it is said, and another call can be made."""
        _, alice, bob = self.two(answers=False)
        alice.say("/msg bob hello")
        alice.err.expect("^glasschat: not said to bob: ")
        bob.answering = True
        self.speaks(alice, bob, "hello again")
        self.assertEqual(len({number for _, number, frame in bob.seen if frame[:1] == b"\1"}), 2)

    def test_handshakes_that_are_wrong(self):
        """By whoever is called: a signature, a key of one's own, another's certificate, a Finished."""
        server, alice, bob = self.two()
        right = bob.identity
        now = (0, 2 ** 63)
        for what, cert, signer in (
                ("a wrong signature", right.certificate, key("server")),
                ("somebody else's certificate", wire.certificate(key("bob"), 2, "carol", *now), key("bob")),
                ("a server's certificate", wire.certificate(key("bob"), 1, "bob", *now), key("bob")),
                ("a certificate that is not signed", wire.certificate(key("bob"), 2, "bob", *now, broken=1), key("bob"))):
            with self.subTest(what):
                bob.identity = trusted.Identity("bob", signer, cert)
                alice.say("/msg bob not to be heard")
                alice.err.expect("^glasschat: not said to bob: ")
                self.assertFalse(bob.texts or bob.live)
                call = bob.begin_call("alice")
                call.wait(lambda: call.status in ("open", *calls.OVER), "a call that bob thinks to be open")
                self.finds_out(bob, call)
        bob.identity = right
        self.speaks(alice, bob, "now it is right")
        alice.say("/peers")
        alice.expect(r"^\* peer bob: new, not compared, key SHA256:")
        self.assertNotIn("not to be seen", alice.out.text)


if __name__ == "__main__":
    harness.main()
