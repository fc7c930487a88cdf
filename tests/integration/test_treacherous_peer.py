#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Somebody with a key and an account who breaks the rules inside a call with a real client: the call ends, nothing more
of it is shown, and whatever was wrong with it, nothing comes back."""
import struct
import time

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import rsa

import glasschat_call as calls
import glasschat_client as wire
import harness
from call_case import CallCase, key
from glasschat_identity import Identity


def values(call):
    p, n = wire.GROUPS[call.group], call.size
    return {"0": bytes(n), "1": (1).to_bytes(n, "big"), "p-1": (p - 1).to_bytes(n, "big"), "p": p.to_bytes(n, "big"),
            "no square": (p - 2).to_bytes(n, "big"), "too short": (4).to_bytes(n - 1, "big"),
            "too long": (4).to_bytes(n + 1, "big"), "nothing": b""}


def text(payload):
    return struct.pack(">BH", calls.TEXT, len(payload)) + payload


@harness.unsanitized
class PeerCase(CallCase):
    def setUp(self):
        super().setUp()
        self.server_ = self.server()
        self.alice = self.client(self.server_, "alice")
        self.alice.say("/identity")
        self.alice.expect("your key is")
        self.mallory = self.peer(self.server_, "mallory", key=key("bob"))

    def seen(self, call):
        """The frames of a call that have come back."""
        with self.mallory.changed:
            return [data for _, number, data in self.mallory.seen if number == call.number]

    def is_gone(self, call):
        """Alice's client says that it knows no such call: so it has dealt with all that was sent before."""
        probe = wire.frame(wire.RECORD, bytes(64))
        deadline = time.monotonic() + harness.PATIENCE
        while b"" not in self.seen(call):
            self.assertLess(time.monotonic(), deadline, "the call goes on")
            self.mallory.post_relay("alice", call.number, probe)
            time.sleep(0.4)
        return self.seen(call)[:self.seen(call).index(b"")]


@harness.unsanitized
class Inside(PeerCase):
    def evil(self, call):
        """What may not come, by name."""
        def sealed(content, payload):
            return lambda: call.seal(content, payload)
        found = {"step of " + name: lambda value=value: call.step(value=value) for name, value in values(call).items()}
        found.update({
            "a step out of turn": lambda: (call.step(), call.step(value=call.public(5))),
            "a step with more behind it": sealed(calls.STEP, wire.v16(call.public(5)) + b"x"),
            "a KeyUpdate": sealed(wire.KEY_UPDATE, b""), "a second Finished": sealed(wire.FINISHED, b""),
            "a Close that says something": sealed(wire.CLOSE, b"x"), "nothing": sealed(wire.APPLICATION, b""),
            "an empty text": sealed(wire.APPLICATION, text(b"")),
            "a text too long": sealed(wire.APPLICATION, text(b"unseen" * 667)),
            "a payload too long": sealed(wire.APPLICATION, text(b"unseen") + bytes(4090)),
            "a text that is none": sealed(wire.APPLICATION, text(b"unseen \xff")),
            "a text that drives terminals": sealed(wire.APPLICATION, text(b"unseen \x1b[2J")),
            "a part of room business": sealed(wire.APPLICATION, b"\3" + bytes(100)),
            "an ack of nothing": sealed(wire.APPLICATION, struct.pack(">BQ", calls.ACK, 3)),
            "a hello": lambda: call.emit(call.hello), "an Alert": lambda: call.emit(wire.frame(wire.ALERT, b"\3\0")),
            "a wrong tag": lambda: call.emit(wire.frame(wire.RECORD, bytes(80)))})
        return found

    def test_whatever_is_wrong(self):
        """All failures look alike: no answer. A second hello alone is passed over, as rule 1 of section 8.8 says."""
        names = list(self.evil(self.mallory.call("alice")))
        for name in names:
            call = self.mallory._make("alice", wanted=True).wait_open() if name != names[0] else self.mallory.call("alice")
            call.steps = False
            self.evil(call)[name]()
            if name == "a hello":
                call.steps = True
                call.wait_acked(call.say("still here"))
                continue
            after = self.is_gone(call)
            with self.subTest(name):
                self.assertEqual([frame[0] for frame in after], [wire.SERVER_HELLO, wire.RECORD])  # of its handshake
        self.assertNotIn("unseen", self.alice.out.text)
        self.assertEqual(self.alice.err.text, "")

    def test_while_a_step_is_computed(self):
        """A step, a text behind it, and a Record that is wrong, all at once: the text is shown, and then it is over."""
        call = self.mallory.call("alice")
        self.alice.say("/msg mallory your turn")
        self.mallory.wait_text("alice")
        with self.mallory.changed:
            call.say("in time")
            call.emit(wire.frame(wire.RECORD, bytes(80)))
            call.say("too late")
        self.alice.expect(r"^\[mallory, new, not compared\] in time$")
        self.is_gone(call)
        self.assertNotIn("too late", self.alice.out.text)

    def test_acks_that_lie(self):
        """Nothing is confirmed by what is not its ack: another number, another order, or one without the step."""
        self.alice.say("/receipts on")
        self.alice.expect("you are told what has arrived")
        for name, lie in (("another number", lambda call, n: call.ack(n + 1)),
                          ("twice", lambda call, n: (call.ack(n), call.ack(n))),
                          ("without the step", lambda call, n: (setattr(call, "steps", False), call.ack(n)))):
            call = self.mallory._make("alice", wanted=True).wait_open()
            call.acks = False
            self.alice.say("/msg mallory first " + name)
            self.mallory.wait_text("alice")
            self.alice.say("/msg mallory second " + name)
            self.mallory.wait_text("alice")
            n = next(event[1] for event in call.events if event[0] == "text")
            with self.mallory.changed:
                lie(call, n)
            self.is_gone(call)
            self.alice.expect("not confirmed: to mallory: second " + name)
            self.assertEqual("not confirmed: to mallory: first " + name in self.alice.out.text, name != "twice")
        self.assertEqual(self.alice.out.text.count("mallory has it"), 1)


@harness.unsanitized
class Certificates(PeerCase):
    def refused(self, name, cert, caller, signer=None):
        """As callee, and as caller: nothing is said, and nothing comes back."""
        liar = Identity("mallory", signer or key("bob"), cert)
        liar.fingerprint = b"it believes itself"
        self.mallory.identity = liar
        if caller:
            call = self.mallory._make("alice", wanted=True)
            frames = self.is_gone_of(call)
            self.assertEqual([frame[0] for frame in frames], [wire.SERVER_HELLO, wire.RECORD], name)
        else:
            self.alice.say("/msg mallory unsaid " + name)
            self.alice.err.expect("not said to mallory: ")

    def is_gone_of(self, call):
        harness.wait_until(lambda: call.status == "open" or call.status in calls.OVER, "its side is done")
        return self.is_gone(call)

    def test_refused(self):
        now = (0, 2 ** 63)
        alice_key = self.alice_modulus()
        stolen = wire.certificate(key("server"), 2, "mallory", *now)
        made = {"another name": wire.certificate(key("bob"), 2, "bob", *now),
                "a server's": wire.certificate(key("bob"), 1, "mallory", *now),
                "times the wrong way round": wire.certificate(key("bob"), 2, "mallory", 2, 1),
                "a wrong signature": wire.certificate(key("bob"), 2, "mallory", *now, broken=1),
                "a key that is another's": stolen,
                "alice's own key": self.signed_for(alice_key)}
        for name, cert in made.items():
            for caller in (True, False):
                with self.subTest(name, caller=caller):
                    self.refused(name, cert, caller)
        self.assertNotIn("first call", self.alice.out.text)
        self.assertEqual(list(self.mallory.texts), [])

    def alice_modulus(self):
        cert = self.mallory.fetch_certificate("alice")
        return cert[3 + cert[2] + 16:][:384]

    def signed_for(self, modulus):
        """A certificate of mallory's for somebody else's key: not self-signed, so its signature says nothing."""
        fields = (bytes([1, 2]) + wire.v8(b"mallory") + struct.pack(">QQ", 0, 2 ** 63) + modulus
                  + wire.key_fingerprint(key("bob")))
        return fields + key("bob").sign(b"glasschat/1 certificate\0" + fields, wire.PSS, hashes.SHA256())

    def test_registering_anothers_key(self):
        """The server takes no certificate whose own signature is wrong; one signed by another key it takes, and nobody
        believes whoever shows it."""
        mallory = wire.Client(self.server_.port).enter("mallet")
        self.addCleanup(mallory.sock.close)
        forged = wire.certificate(rsa.generate_private_key(65537, 3072), 2, "mallet", 0, 2 ** 63)
        at = 3 + len("mallet") + 16
        forged = forged[:at] + self.alice_modulus() + forged[at + 384:]
        own = forged[:at + 384] + wire.hashlib.sha256(b"glasschat/1 key\0" + self.alice_modulus()).digest() + forged[-384:]
        with self.assertRaises(wire.Refused) as refused:
            mallory.replace_certificate("a good password", own)
        self.assertEqual(refused.exception.args[0], wire.E_BAD_CERTIFICATE)


if __name__ == "__main__":
    harness.main()
