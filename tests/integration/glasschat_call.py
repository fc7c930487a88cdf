# SPDX-License-Identifier: MIT
"""A second implementation of one call between two users, from docs/protocol.md section 8 alone, without any network:
frames go in, frames and events come out. glasschat_peer.py carries them. As in glasschat_client.py each layer can be
used alone, to send what nobody should. It keeps what it should have wiped (Call.wiped), so that a test can look for it
where it must not be.

    alice, bob = Call(Identity("alice"), "bob").start(), Call(Identity("bob"), "alice", caller=False)
    bob.feed(alice.out.pop(0))
"""
import collections
import copy
import hashlib
import hmac
import os
import struct
import time

from glasschat_client import (ALERT, APPLICATION, CLIENT_HELLO, CLOSE, EXPONENT_BITS, FINISHED, GROUPS, RECORD,
                              SERVER_HELLO, Direction, Reader, expand, frame, v8, v16)
from glasschat_identity import Certificate, Failure, Trust, holds, need

STEP = 4
TEXT, ACK = 1, 2
GROUP_NOT_ALLOWED, SUITE_NOT_ALLOWED, BAD_HELLO = 1, 2, 3
OVER = ("failed", "cut", "closed")
PAYLOAD_MAX, TEXT_MAX = 4096, 4000
OPEN_SECONDS, CONFIRM_SECONDS, CLOSE_SECONDS = 15, 15, 3

# What waits for its ack, a text or (None) something else: the latest step before it, and when it was sealed.
Said = collections.namedtuple("Said", "text n when")


def is_text(data):
    """Section 10.6, and its length of section 8.6."""
    try:
        text = data.decode()
    except UnicodeDecodeError:
        return False
    bad = [0x61c, 0x200e, 0x200f, *range(0x202a, 0x202f), *range(0x2066, 0x206a), 0x2028, 0x2029, *range(0x7f, 0xa0)]
    return 1 <= len(data) <= TEXT_MAX and not any((ord(c) < 32 and c not in "\t\n") or ord(c) in bad for c in text)


class Chain(Direction):
    """The Records of one direction: a key for each."""

    def __init__(self, secret, suite, wiped):
        super().__init__(secret, suite)
        self.wiped = wiped

    def next(self, secret=None):
        self.wiped += [self.secret, self.enc_key, self.mac_key]
        self._use(secret or expand(self.secret, b"glasschat/1 update", 32))


class Call:
    """One call, the caller's side or (caller=False) the callee's. Frames to be relayed are given to send, or else
    gathered in out. feed takes a frame and returns events, each a tuple: ("open",), ("text", sequence, text),
    ("acked", sequence), ("step", n), ("alert", code, data), ("closed",), ("failed", why), and what is inside beside
    texts and acks, where readers has its type: ("inside", type, what the reader made of the rest).

    status is "new", "hello" (until the hellos are exchanged), "finished" (until the peer's), "step 0" (until that),
    "open", "failed", "cut" or "closed". acks and steps say whether those are sent of its own accord."""

    def __init__(self, identity, peer, caller=True, trust=None, groups=(2, 3), suites=(1, 2), group=None, number=None,
                 send=None, clock=time.monotonic):
        self.identity, self.peer, self.caller, self.trust = identity, peer, caller, trust or Trust()
        self.groups, self.suites, self.number = groups, suites, number or os.urandom(16)
        self.group = group or groups[0]
        self.out, self.send = [], send
        self.clock = clock
        self.status, self.why, self.began, self.closed = "new", None, clock(), None
        self.acks = self.steps = True
        self.readers = {}  # from a type to what reads the rest of such a payload, or raises Failure
        self.n = self.root = self.exponent = self.value = None
        self.sending = self.receiving = None
        self.said_close = self.heard_close = False
        self.texts, self.acked, self.certificate = [], [], None
        self.unacknowledged = {}  # from the sequence number to a Said, in their order
        self.told = set()         # those of them that are told as not confirmed
        self.wiped = []           # every secret that neither side should have any more

    def copied(self):
        """Another one in the same state, whose frames are gathered: what a thief makes of it."""
        other = copy.copy(self)
        other.out, other.send = [], None
        other.texts, other.acked, other.wiped = list(self.texts), list(self.acked), list(self.wiped)
        other.unacknowledged, other.told = dict(self.unacknowledged), set(self.told)
        other.sending, other.receiving = copy.copy(self.sending), copy.copy(self.receiving)
        for chain in (other.sending, other.receiving):
            if chain:
                chain.wiped = other.wiped
        return other

    def emit(self, data):
        (self.send or self.out.append)(data)

    # What is drawn; a test may put something else in its place.

    def draw(self, n):
        return os.urandom(n)

    def new_exponent(self):
        return int.from_bytes(self.draw(EXPONENT_BITS[self.group] // 8), "big")

    # Numbers

    @property
    def size(self):
        return GROUPS[self.group].bit_length() // 8

    def public(self, exponent):
        return pow(2, exponent, GROUPS[self.group]).to_bytes(self.size, "big")

    def check_value(self, value):
        p, y = GROUPS[self.group], int.from_bytes(value, "big")
        need(len(value) == self.size and 1 < y < p - 1 and pow(y, p // 2, p) == 1, "a bad public value")

    def shared(self, value, exponent):
        return pow(int.from_bytes(value, "big"), exponent, GROUPS[self.group]).to_bytes(self.size, "big")

    # The handshake

    def context(self):
        names = (self.identity.name, self.peer) if self.caller else (self.peer, self.identity.name)
        return hashlib.sha256(b"glasschat/1 context\0\x02" + b"".join(v8(name.encode()) for name in names)).digest()

    def start(self):
        """The caller's first frame."""
        self.exponent, self.random = self.new_exponent(), self.draw(32)
        self.hello = frame(CLIENT_HELLO, self.random + v8(bytes(self.suites)) + v8(bytes(self.groups))
                           + bytes([self.group]) + v16(self.public(self.exponent)))
        self.status = "hello"
        self.emit(self.hello)
        return self

    def _derive(self, client_random, server_random, z, transcript, suite):
        prk = hmac.digest(client_random + server_random, z, "sha256")
        c, s = (expand(prk, b"glasschat/1 " + side + transcript, 32) for side in (b"client", b"server"))
        self.root = expand(prk, b"glasschat/1 root" + transcript, 32)
        self.transcript = transcript
        self.sending = Chain(c if self.caller else s, suite, self.wiped)
        self.receiving = Chain(s if self.caller else c, suite, self.wiped)
        self.wiped += [z, prk, self.exponent.to_bytes(EXPONENT_BITS[self.group] // 8, "big")]
        self.exponent = None

    def _hello_fields(self, body):
        """What a ClientHello says; None where it has no such shape."""
        try:
            r = Reader(body)
            fields = r.take(32), r.take(r.number(1)), r.take(r.number(1)), r.number(1), r.take(r.number(2))
        except AssertionError:
            return None
        return fields if not r.data and 1 <= len(fields[1]) <= 16 and 1 <= len(fields[2]) <= 16 else None

    def _refuse(self, code, data=b""):
        self.emit(frame(ALERT, bytes([code]) + v8(data)))
        raise Failure("its hello")

    def _client_hello(self, whole):
        fields = self._hello_fields(whole[4:])
        if not fields:
            self._refuse(BAD_HELLO)
        random, suites, groups, self.group, value = fields
        if self.group not in groups or next((g for g in groups if g in self.groups), None) != self.group:
            self._refuse(GROUP_NOT_ALLOWED, bytes(self.groups))
        suite = next((s for s in self.suites if s in suites), None)
        if suite is None:
            self._refuse(SUITE_NOT_ALLOWED, bytes(self.suites))
        try:
            self.check_value(value)
        except Failure:
            self._refuse(BAD_HELLO)
        self.exponent, own_random = self.new_exponent(), self.draw(32)
        body = own_random + bytes([suite]) + v16(self.public(self.exponent)) + v16(self.identity.certificate)
        header = frame(SERVER_HELLO, body + v16(bytes(384)))[:4]
        signed = hashlib.sha256(self.context() + whole + header + body).digest()
        answer = header + body + v16(self.identity.sign(b"glasschat/1 server hello\0" + signed))
        self.emit(answer)
        transcript = hashlib.sha256(self.context() + whole + answer).digest()
        self._derive(random, own_random, self.shared(value, self.exponent), transcript, suite)
        self.seal(FINISHED, b"")
        self.status = "finished"

    def _check_peer(self, data):
        self.certificate = Certificate(data, self.peer, self.identity.fingerprint)
        need(self.trust.believes(self.peer, self.certificate), "the key is not believed")

    def _server_hello(self, whole):
        r = Reader(whole[4:])
        random, suite, value, cert = r.take(32), r.number(1), r.take(r.number(2)), r.take(r.number(2))
        signed = whole[:len(whole) - len(r.data)]
        signature = r.take(r.number(2))
        need(not r.data and len(signature) == 384, "the shape of the ServerHello")
        need(suite in self.suites, "a suite that was not offered")
        self.check_value(value)
        self._check_peer(cert)
        digest = hashlib.sha256(self.context() + self.hello + signed).digest()
        need(holds(self.certificate.key, signature, b"glasschat/1 server hello\0" + digest), "the callee's signature")
        transcript = hashlib.sha256(self.context() + self.hello + whole).digest()
        self._derive(self.random, random, self.shared(value, self.exponent), transcript, suite)
        self.status = "finished"

    def _client_finished(self, payload):
        r = Reader(payload)
        cert, signature = r.take(r.number(2)), r.take(r.number(2))
        need(not r.data and len(signature) == 384, "the shape of the caller's Finished")
        self._check_peer(cert)
        message = b"glasschat/1 client finished\0" + self.transcript + hashlib.sha256(cert).digest()
        need(holds(self.certificate.key, signature, message), "the caller's signature")

    def finished_payload(self):
        cert = self.identity.certificate
        message = b"glasschat/1 client finished\0" + self.transcript + hashlib.sha256(cert).digest()
        return v16(cert) + v16(self.identity.sign(message))

    # Sending

    def seal(self, content, payload):
        """Any Record, whether it may come now or not."""
        data = self.sending.seal(content, payload)
        self.sending.next()
        self.emit(data)

    def step(self, value=None, exponent=None):
        """The next step, or (value) one that pretends to be."""
        exponent = exponent or self.new_exponent()
        payload = v16(self.public(exponent) if value is None else value)
        if self.n is None:
            self.seal(STEP, payload)
            self.n, self.exponent = 0, exponent
            return
        self.emit(self.sending.seal(STEP, payload))
        if self.value is None:  # the latest is ours already: nobody could go on from here
            return
        self._ratchet(self.sending, self.shared(self.value, exponent))
        self.exponent, self.value = exponent, None

    def _ratchet(self, chain, z):
        t = hmac.digest(self.root, z, "sha256")
        self.wiped += [z, t, self.root]
        self.n, self.root = self.n + 1, expand(t, b"glasschat/1 next root", 32)
        chain.next(expand(t, b"glasschat/1 ratchet" + struct.pack(">Q", self.n), 32))

    def application(self, payload):
        """Behind the step that is due. Returns the Record's sequence number."""
        if self.steps and self.value is not None:
            self.step()
        sequence = self.sending.sequence
        if payload[:1] != bytes([ACK]):
            text = payload[3:].decode(errors="replace") if payload[:1] == bytes([TEXT]) else None
            self.unacknowledged[sequence] = Said(text, self.n, self.clock())
        self.seal(APPLICATION, payload)
        return sequence

    def say(self, text):
        data = text if isinstance(text, bytes) else text.encode()
        return self.application(bytes([TEXT]) + v16(data))

    def ack(self, sequence):
        self.application(struct.pack(">BQ", ACK, sequence))

    def close(self):
        """Says good-bye. A call that is not open is just gone."""
        if self.status in OVER or self.said_close:
            return
        if self.status != "open":
            self._end("cut", "given up")
        else:
            self.said_close, self.closed = True, self.clock()
            self.seal(CLOSE, b"")
            self.sending = self._drop(self.sending)

    # Receiving

    def feed(self, whole):
        """Takes a frame; returns what it led to."""
        if self.status in OVER:
            return []
        try:
            return list(self._take(whole))
        except (Failure, AssertionError, ValueError, IndexError) as error:
            self._end("failed", str(error) or repr(error))
            return [("failed", self.why)]

    def cut(self, why):
        self._end("closed" if self.said_close else "cut", why)
        return [("failed", why)]

    def _end(self, status, why):
        self._drop(self.sending)
        self._drop(self.receiving)
        self.status, self.why = status, why
        self.sending = self.receiving = self.root = self.exponent = self.value = None

    def _drop(self, chain):
        if chain:
            chain.next()

    def _take(self, whole):
        need(len(whole) >= 4 and whole[1] == 1 and len(whole) == 4 + int.from_bytes(whole[2:4], "big"), "no frame")
        kind = whole[0]
        if self.status == "new":
            need(not self.caller and kind == CLIENT_HELLO and len(whole) <= 4 + 1024, "no ClientHello")
            self._client_hello(whole)
        elif self.status == "hello" and kind == ALERT:
            need(4 + 2 <= len(whole) <= 4 + 2 + 16 and len(whole) == 6 + whole[5], "the shape of the Alert")
            self._end("failed", "refused by an Alert")
            yield "alert", whole[4], whole[6:]
        elif self.status == "hello":
            need(kind == SERVER_HELLO and len(whole) <= 4 + 4096, "no ServerHello")
            self._server_hello(whole)
        else:
            need(kind == RECORD and 68 <= len(whole) <= 16452 and (len(whole) - 52) % 16 == 0, "no Record")
            yield from self._record(whole)

    def _record(self, whole):
        if self.status == "finished":
            need(len(whole) <= 4 + (64 if self.caller else 1520), "too long for a Finished")
        need(not self.heard_close, "a Record after the Close")
        content, payload = self.receiving.open(whole[:4], whole[4:])
        sequence = self.receiving.sequence - 1
        if content != STEP:
            self.receiving.next()
        if self.status == "finished":
            need(content == FINISHED, "no Finished")
            yield from self._finished(payload)
        elif self.status == "step 0":
            need(content == STEP, "no step 0")
            yield from self._step_0(payload)
        elif content == STEP:
            need(self.exponent is not None, "the latest step is the peer's own")
            value = self._step_value(payload)
            self._ratchet(self.receiving, self.shared(value, self.exponent))
            self.wiped.append(self.exponent.to_bytes(EXPONENT_BITS[self.group] // 8, "big"))
            self.exponent, self.value = None, value
            yield "step", self.n
        elif content == CLOSE:
            need(payload == b"", "a Close that says something")
            self.heard_close = True
            self.close()
            self._end("closed", "closed")
            yield ("closed",)
        else:
            need(content == APPLICATION and len(payload) <= PAYLOAD_MAX, "no Record that may come now")
            need(self.n > 0 or not self.caller, "the callee speaks before step 1")
            yield from self._inside(sequence, payload)

    def _finished(self, payload):
        if not self.caller:
            self._client_finished(payload)
            self.status = "step 0"
            return
        need(payload == b"", "the callee's Finished says something")
        self.seal(FINISHED, self.finished_payload())
        self.step()
        yield from self._open()

    def _step_value(self, payload):
        r = Reader(payload)
        value = r.take(r.number(2))
        need(not r.data, "the shape of a step")
        self.check_value(value)
        return value

    def _step_0(self, payload):
        self.value = self._step_value(payload)
        self.n = 0
        self.receiving.next()
        yield "step", 0
        yield from self._open()

    def _open(self):
        self.status = "open"
        self.trust.opened(self.peer, self.certificate)
        yield ("open",)

    def _inside(self, sequence, payload):
        """Section 8.6."""
        if payload[:1] == bytes([TEXT]):
            text = payload[3:]
            need(payload[1:3] == struct.pack(">H", len(text)) and is_text(text), "a bad text")
            self.texts.append(text.decode())
            yield "text", sequence, text.decode()
            self._acknowledge(sequence)
        elif payload and payload[0] in self.readers:
            yield "inside", payload[0], self.readers[payload[0]](payload[1:])
            self._acknowledge(sequence)
        else:
            need(len(payload) == 9 and payload[0] == ACK, "a payload that is nothing")
            acked = int.from_bytes(payload[1:], "big")
            need(acked == next(iter(self.unacknowledged), None), "an ack of another than the oldest")
            need(self.unacknowledged[acked].n <= self.peers_step(), "an ack without the step that was due")
            del self.unacknowledged[acked]
            self.acked.append(acked)
            yield "acked", acked

    def _acknowledge(self, sequence):
        if self.acks and not self.said_close:
            self.ack(sequence)

    def peers_step(self):
        """The latest that the peer made; -1 before its first."""
        return self.n if self.value is not None else self.n - 1

    # Time

    def is_late(self):
        """It should be open by now, or its Close should be answered."""
        since, patience = ((self.closed, CLOSE_SECONDS) if self.said_close else (self.began, OPEN_SECONDS))
        return (self.said_close or self.status != "open") and self.clock() - since >= patience

    def not_confirmed(self):
        """The texts that are to be told as such now: once each."""
        patience = 0 if self.status in OVER else CONFIRM_SECONDS
        late = [sequence for sequence, said in self.unacknowledged.items()
                if said.text is not None and sequence not in self.told and self.clock() - said.when >= patience]
        self.told.update(late)
        return [self.unacknowledged[sequence].text for sequence in late]

    # Looking in

    def state(self):
        """What section 8.4 lets a side keep between Records, by name, in bytes; the peer has the same two secrets and
        root when it has opened everything. Empty when the call is over."""
        kept = {}
        for name, chain in (("sending", self.sending), ("receiving", self.receiving)):
            if chain:
                kept.update({name + "_secret": chain.secret, name + "_enc_key": chain.enc_key,
                             name + "_mac_key": chain.mac_key})
        if self.root:
            kept["root"] = self.root
        if self.exponent is not None and self.n is not None:
            kept["exponent"] = self.exponent.to_bytes(EXPONENT_BITS[self.group] // 8, "big")
        return kept
