#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""The real client's calls through a server that lies: it plays frames twice, in another order or not at all, says that they
are from somebody else, and calls as anybody. Whoever is called is in memory (glasschat_call.py)."""
import os
import re

import glasschat_client as wire
import glasschat_server
import harness
from call_case import NEW, CallCase, identity
from glasschat_call import Call
from glasschat_client import v8, v16

NUMBER = b"sixteen bytes..."
JUNK = wire.frame(wire.RECORD, bytes(64))


class Middle:
    """The server's end of the client's connection. Everything is done in the thread of the server's part."""

    def __init__(self, peer):
        self.peer = peer

    def push(self, name, number, frame):
        self.peer.send(wire.RELAYED, 0, v8(name.encode()) + number + v16(frame))

    def relay(self):
        """The next one that the client sends, answered by ok."""
        while True:
            request = self.peer.next()
            self.peer.answer(request)
            if request.type == wire.RELAY:
                r = request.fields
                return r.text(1), r.take(16), r.take(r.number(2))

    def carry(self, call, holds):
        """All between the client and this call, until holds()."""
        while call.out or not holds():
            while call.out:
                self.push(call.stamped, call.number, call.out.pop(0))
            if not holds():
                name, number, frame = self.relay()
                assert (name, number) == (call.stamped, call.number), (name, number)
                call.feed(frame)

    def refused(self, call):
        """The client knows that call no more: it answers that there is none, at most once a second."""
        while True:
            self.push(call.stamped, call.number, JUNK)
            while harness.can_read(self.peer.sock, 200):
                name, number, frame = self.relay()
                assert (name, number) == (call.stamped, call.number), (name, number)
                if not frame:
                    return

    def gone(self):
        """The client leaves."""
        try:
            while True:
                self.peer.answer(self.peer.next())
        except glasschat_server.Gone:
            pass


def caller(name="bob", user="alice"):
    """One who calls the client. stamped: who that is if one asks the server."""
    call = Call(identity(name), user)
    call.stamped = name
    return call.start()


@harness.unsanitized
class Liar(CallCase):
    def lie(self, part, user="alice", register=True, before=lambda port: None):
        """A client at a server that plays this part, after it has let the client in; to be joined by `done`."""
        def whole(peer):
            try:
                for kind in (wire.REGISTER, wire.LOG_IN, wire.READY) if register else (wire.LOG_IN,):
                    peer.answer(peer.expect(kind))
                part(Middle(peer))
            except Exception as failure:  # that the client has left, too
                self.failure = failure
            self.ended = True
        self.ended, self.failure = False, None
        server = self.started(glasschat_server.Server(whole))
        before(server.port)
        return self.client(server, user, register=register)

    def done(self):
        harness.wait_until(lambda: self.ended, "the end of the server's part", 2 * harness.PATIENCE)
        if self.failure:
            raise self.failure

    @staticmethod
    def open(middle):
        """A call of bob's to the client, whose first text has been shown."""
        call = caller()
        middle.carry(call, lambda: call.status == "open")
        first = call.say("to begin with")
        middle.carry(call, lambda: first in call.acked)
        return call

    def test_frames_that_come_otherwise_than_they_were_sent(self):
        """Twice, one not at all, in another order, from another call: the call ends, and each text is shown once."""
        def part(middle):
            for what in ("twice", "not at all", "in another order", "of another call"):
                before, call = self.open(middle), self.open(middle)  # the second takes the place of the first
                call.say("one")
                call.say("two")
                before.say("three")
                step, one, two = call.out
                for frame in {"twice": (step, one, one, two), "not at all": (step, two),
                              "in another order": (step, two, one), "of another call": before.out}[what]:
                    middle.push("bob", call.number, frame)
                middle.refused(call)
        alice = self.lie(part)
        self.done()
        shown = re.findall(rf"^\[bob, {NEW}\] (.*)$", alice.out.text, re.M)
        self.assertEqual(shown, ["to begin with"] * 2 + ["one"] + ["to begin with"] * 6)

    def test_somebody_elses_name(self):
        """The names are in what both have signed: bob's call is carol's to nobody."""
        def part(middle):
            call = caller()
            call.stamped = "carol"
            middle.carry(call, lambda: call.status == "failed")
            assert call.why == "the callee's signature", call.why
        alice = self.lie(part)
        self.done()
        self.assertNotIn("carol", alice.out.text)

    def test_a_call_of_ones_own(self):
        """Nobody calls themselves: it is dropped, with all that follows; and so is an empty frame of no call."""
        def part(middle):
            for frame in (caller("bob").hello, JUNK, b""):
                middle.push("alice", NUMBER, frame)
            middle.push("bob", NUMBER, b"")
            self.open(middle)  # the next thing that is relayed is of this call
        self.lie(part)
        self.done()

    def test_an_empty_frame_ends_a_call(self):
        """Whoever says it, and that call alone."""
        def part(middle):
            call = self.open(middle)
            middle.push("carol", call.number, b"")
            middle.push("bob", NUMBER, b"")
            still = call.say("still here")
            middle.carry(call, lambda: still in call.acked)
            middle.push("bob", call.number, b"")
            middle.refused(call)
        self.lie(part)
        self.done()

    def test_what_is_typed_after_a_call(self):
        """Is for that user alone, also where the server takes its time and then refuses ready: nothing of it is said in
        the room, until /leave. Nor where the name is none, or one's own."""
        said = []

        def whole(peer):
            try:
                while True:
                    request = peer.next()
                    if request.type == wire.WHO:
                        peer.answer(request, wire.MEMBERS, v8(request.fields.text(1).encode()) + bytes(3))
                        continue
                    if request.type == wire.SAY:
                        said.append((request.fields.text(1), request.fields.text(2)))
                    if request.type == wire.READY:
                        harness.wait_until(lambda: typed, "the user types")
                        peer.refuse(request, wire.E_UNKNOWN_TYPE, "no")
                    else:
                        peer.answer(request)
            except glasschat_server.Gone:
                pass

        for name in ("bob", "alice", "Bob"):
            typed = []
            server = self.started(glasschat_server.Server(whole))
            alice = self.client(server, "alice", terminal=True, env={"TERM": "dumb"})
            alice.type(f"/call {name}\nthe secret plan\n")
            typed.append(name)
            if name == "bob":
                alice.expect("no direct messages: this server is of version 1.0, and has no calls")
                alice.expect("no direct messages: ")
                alice.type("/leave\n")
                alice.expect("you left the call with bob")
            else:
                alice.expect("that is you|'Bob' is no user")
            alice.type("to all\n")
            harness.wait_until(lambda: ("lobby", "to all") in said, "what is for all")
            self.assertEqual(said, [("lobby", "to all")], name)
            said.clear()
            alice.close()

    def test_relayed_without_ready(self):
        """A client that has no key here has not sent that: it leaves, as from any server that breaks the protocol."""
        def part(middle):
            middle.push("bob", NUMBER, caller().hello)
            middle.gone()
        alice = self.lie(part, register=False)
        alice.expect(r"^\* no key of alice is kept here: no direct messages\.")
        alice.err.expect("^glasschat: the server sent a message that breaks the protocol: leaving it$")
        self.done()

    def test_what_is_no_frame(self):
        for i, (name, frame) in enumerate((("bob", JUNK[:-1]), ("bob", JUNK + b"\0"), ("bob", b"\3\2\0\0"),
                                           ("bob", b"\5\1\0\0"), ("Bob", JUNK),
                                           ("bob", wire.frame(wire.RECORD, bytes(4161))))):
            def part(middle):
                middle.push(name, NUMBER, frame)
                middle.gone()
            with self.subTest(name=name, frame=frame[:8]):
                alice = self.lie(part, f"alice{i}")
                alice.err.expect("^glasschat: the server sent a message that breaks the protocol: leaving it$")
                self.done()

    def gives_way(self, middle, callers):
        """Of these, in whose names the server calls, the first is gone, and the second is there."""
        hello = caller().hello
        for name in callers:
            middle.push(name, NUMBER, hello)
        for name in callers[1], callers[0]:
            middle.push(name, NUMBER, JUNK)
        frame = hello
        while frame:
            name, number, frame = middle.relay()
        assert (name, number) == (callers[0], NUMBER), name

    def test_how_many_strangers_may_call(self):
        """16 of peers who were never met; whoever is known is none of them."""
        def part(middle):
            self.open(middle)
            self.gives_way(middle, [*(f"new{i}" for i in range(16)), "bob", "new16"])
        self.lie(part)
        self.done()

    def test_how_many_may_call(self):
        """256, all of whom are known."""
        names = [f"known{i}" for i in range(257)]

        def know(port):
            os.mkdir(self.path("home-alice"), 0o700)
            self.path("home-alice/peers", "".join(f"127.0.0.1:{port} {name} new SHA256:{'A' * 43}=\n"
                                                  for name in names).encode())
        self.lie(lambda middle: self.gives_way(middle, names), before=know)
        self.done()


if __name__ == "__main__":
    harness.main()
