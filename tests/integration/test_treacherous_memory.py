#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""What is in the memory of a real client at each point of a conversation, and what a thief who has taken it can open:
section 8.4 of docs/protocol.md. The other user is of the second implementation, which has the same keys, and keeps those
that both should have wiped."""
import glasschat_call as calls
import glasschat_client as wire
import harness
from treacherous_case import memory
from test_treacherous_peer import PeerCase

PRIVATE_MAX = 48  # struct dh_key_pair has x, of so many bytes, right before y


class Thief:
    """All that alice's client keeps of a call, taken out of her memory."""

    def __init__(self, case, parts, call):
        self.n, self.suite, self.p, self.size = call.n, call.sending.suite, wire.GROUPS[call.group], call.size
        kept = call.state()
        for name in ("sending_secret", "receiving_secret", "root"):
            case.assertTrue(any(kept[name] in part for part in parts), name)
        self.root, self.value = kept["root"], None
        self.chains = {True: self.chain(kept["receiving_secret"], call.receiving.sequence),
                       False: self.chain(kept["sending_secret"], call.sending.sequence)}
        self.exponent = self.find_exponent(case, parts, call) if call.value is not None else None

    def chain(self, secret, sequence):
        chain = calls.Chain(secret, self.suite, [])
        chain.sequence = sequence
        return chain

    def find_exponent(self, case, parts, call):
        """Of alice's latest step, whose public value is known."""
        length = wire.EXPONENT_BITS[call.group] // 8
        for part in parts:
            at = part.find(call.value)
            while at >= 0:
                x = int.from_bytes(part[at - PRIVATE_MAX:at][:length], "big")
                if at >= PRIVATE_MAX and pow(2, x, self.p) == int.from_bytes(call.value, "big"):
                    return x
                at = part.find(call.value, at + 1)
        case.fail("no exponent of the latest step")

    def open(self, from_alice, frame):
        """True where it opens; what follows from it is taken on."""
        chain = self.chains[from_alice]
        if chain is None:
            return False
        try:
            content, payload = chain.open(frame[:4], frame[4:])
        except AssertionError:
            return False
        if content != calls.STEP:
            chain.next()
        else:
            self.step(from_alice, payload[2:])
        return True

    def step(self, from_alice, value):
        """Another's step can be followed with one's own exponent; hers needs the one that she has just drawn."""
        self.n += 1
        if from_alice:
            self.chains[True], self.exponent = None, None
            return
        if self.exponent is None:
            self.chains[False] = None
            return
        z = pow(int.from_bytes(value, "big"), self.exponent, self.p).to_bytes(self.size, "big")
        t = calls.hmac.digest(self.root, z, "sha256")
        self.root = calls.expand(t, b"glasschat/1 next root", 32)
        self.chains[False].next(calls.expand(t, b"glasschat/1 ratchet" + calls.struct.pack(">Q", self.n), 32))


@harness.unsanitized
class Memory(PeerCase):
    def setUp(self):
        super().setUp()
        self.alice.say("/receipts on")
        self.frames = []  # of the call, as (from alice, the step under which it was sealed, the step that it is, frame)
        self.under, self.latest = {True: 0, False: 0}, 0

    def begin(self, by_alice):
        """A call that is open, with whoever calls."""
        if by_alice:
            self.alice.say("/call mallory")
            self.alice.expect("mallory is there")
            self.call = self.mallory.wait_call("alice")
        else:
            self.call = self.mallory.call("alice")
        emit = self.call.emit

        def tell(data):
            self.note(False, data)
            emit(data)
        self.call.emit = tell
        feed = self.call.feed

        def hear(data):
            self.note(True, data)
            return feed(data)
        self.call.feed = hear

    def note(self, from_alice, frame):
        step = None
        under = self.under[from_alice]
        if len(frame) == 4 + 16 + 16 * ((3 + self.call.size) // 16 + 1) + 32:
            self.latest += 1
            self.under[from_alice] = step = self.latest
        self.frames.append((from_alice, under, step, frame))

    def alice_says(self, text):
        self.alice.say(f"/msg mallory {text}")
        self.assertEqual(self.mallory.wait_text("alice"), text)
        self.alice.expect("mallory has it")

    def mallory_says(self, text):
        self.call.wait_acked(self.call.say(text))

    def look(self):
        """What is kept is there, and nothing that is wiped: at a moment when nothing is on its way."""
        with self.mallory.changed:
            parts, call = list(memory(self.alice.pid)), self.call
            for i, secret in enumerate(call.wiped):
                self.assertFalse(any(secret in part for part in parts), f"secret {i} of {len(call.wiped)} is still there")
            return Thief(self, parts, call), len(self.frames)

    def converse(self, by_alice):
        self.begin(by_alice)
        thefts = []
        for i in range(3):
            self.alice_says(f"a{i}")
            thefts.append(self.look())
            self.mallory_says(f"b{i}")
            thefts.append(self.look())
            self.mallory_says(f"b{i} again")
            thefts.append(self.look())
        self.alice_says("the end")
        self.mallory_says("the end")
        opened = [self.check(thief, self.frames[at:]) for thief, at in thefts]
        self.assertTrue(all(opened) and len(self.frames) > 30, opened)

    def check(self, thief, later):
        """She draws a step, the first after the theft: what is sealed under an earlier one is open, and nothing else.
        Returns how much that is."""
        first = next((step for from_alice, _, step, _ in later if from_alice and step), 1 << 30)
        for from_alice, under, _, frame in later:
            self.assertEqual(thief.open(from_alice, frame), under < first, (from_alice, under, first))
        return sum(under < first for _, under, _, _ in later)

    def test_of_whom_is_called(self):
        self.converse(False)

    def test_of_whom_calls(self):
        self.converse(True)

    def test_after_the_end(self):
        """Nothing of a call that is over."""
        self.begin(False)
        self.alice_says("one")
        self.mallory_says("two")
        with self.mallory.changed:
            kept = set(self.call.state().values())
            self.call.close()
        self.call.wait_over()
        for secret in kept | set(self.call.wiped):
            self.assertFalse(any(secret in part for part in memory(self.alice.pid)))


del PeerCase


if __name__ == "__main__":
    harness.main()
