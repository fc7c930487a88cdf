#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""The real client calls the second implementation (glasschat_peer.py) and is called by it, through the real server: what
both say, what the client shows, and what of a peer's ends a call."""
import re
import signal
import struct
import time

import glasschat_call as calls
import glasschat_client as wire
import glasschat_identity as trusted
import glasschat_server
import harness
from call_case import CallCase, key

NEW = "new, not compared"


def numbers_of(call):
    """Of the texts that came in it."""
    return [event[1] for event in call.events if event[0] == "text"]


class ClientCalls(CallCase):
    """Alice has the real client, bob the second implementation, unless a test says otherwise."""

    def two(self, *options, user="alice", peer="bob", **kw):
        server = self.server()
        return server, self.client(server, user, *options), self.peer(server, peer, **kw)

    def called(self, peer, name="alice"):
        """A live call to the client, which may not have said yet that it is ready."""
        def call():
            try:
                return peer.call(name)
            except trusted.Failure:
                return None
        return harness.wait_until(call, "a call to " + name)

    def hears(self, client, text, name="bob", state=NEW):
        client.expect(rf"^\[{name}, {state}\] {re.escape(text)}$")

    def speaks(self, client, peer, text, user="alice"):
        """From the client, to the peer."""
        client.say(f"/msg {peer.identity.name} {text}")
        self.assertEqual(peer.wait_text(user), text)

    def answers(self, peer, client, text, user="alice", state=NEW):
        """From the peer, to the client, which acknowledges it."""
        call, sequence = peer.say(user, text)
        self.hears(client, text, peer.identity.name, state)
        call.wait_acked(sequence)
        return call

    def finds_out(self, peer, call):
        """That the client has no such call any more: from an empty frame, when something is said."""
        def told():
            with peer.changed:
                if call.status not in calls.OVER:
                    call.say("not to be seen")
                return call.status in calls.OVER
        harness.wait_until(told, "the end of a call")
        self.assertIn((call.peer, call.number, b""), peer.seen)

    def not_confirmed(self, client, *texts):
        for text in texts:
            client.expect(rf"^\* not confirmed: to bob: {text}$")


class Talking(ClientCalls):
    def talk(self, client, peer, turns):
        """Each says something in turn; each change of speaker is a step."""
        call = peer.wait_call("alice")
        for i in range(turns):
            before, ours = call.n, call.value is None  # whose the latest step is
            if i % 2 == 0:
                self.speaks(client, peer, f"text {i}")
                peer.wait(lambda: call.n == before + (2 if ours else 1), "the steps of the text and of its ack")
            else:
                self.answers(peer, client, f"text {i}")
                self.assertEqual(call.n, before + (1 if ours else 2))

    def test_the_client_calls(self):
        _, alice, bob = self.two()
        self.speaks(alice, bob, "hello")
        alice.expect(r"^\* first call with bob, key (SHA256:\S+): new, not compared; ")
        self.talk(alice, bob, 10)
        self.assertEqual((bob.live["alice"].caller, bob.live["alice"].group), (False, 2))

    def test_the_client_is_called(self):
        _, alice, bob = self.two()
        self.called(bob)
        self.answers(bob, alice, "hello")
        self.talk(alice, bob, 10)
        self.assertTrue(bob.live["alice"].caller)

    def test_many_texts_both_ways_at_once(self):
        """In their order, each once, and all confirmed."""
        _, alice, bob = self.two()
        call = self.called(bob)
        alice.say("/call bob")
        texts = [f"text {i}" for i in range(100)]
        for text in texts:
            alice.say(text)
            last = bob.say("alice", text)[1]
        self.assertEqual([bob.wait_text("alice") for _ in texts], texts)
        call.wait_acked(last)
        self.hears(alice, texts[-1])
        self.assertEqual(re.findall(rf"^\[bob, {NEW}\] (.*)$", alice.out.text, re.M), texts)
        alice.end_input()
        self.assertEqual((alice.wait(), alice.err.text), (0, ""))
        self.assertEqual(call.wait_over(), "closed")
        self.assertNotIn("not confirmed", alice.out.text)

    def test_a_text_of_any_shape(self):
        _, alice, bob = self.two()
        for text in ("x" * 4000, "ü€😀" * 400, "  two  blanks  between", "//", "/msg bob", "tab\there"):
            self.speaks(alice, bob, text.strip())
        for text, shown in (("x" * 4000, "x" * 4000), ("two\nlines", "two\u23celines"), ("ü€😀", "ü€😀")):
            bob.say("alice", text)
            self.hears(alice, shown)

    def test_receipts(self):
        _, alice, bob = self.two()
        self.speaks(alice, bob, "in silence")
        self.answers(bob, alice, "behind its ack")
        alice.say("/receipts on")
        alice.expect(r"^\* you are told what has arrived$")
        self.speaks(alice, bob, "and now")
        alice.expect(r"^\* bob has it$")
        alice.say("/receipts off")
        alice.expect("told only what may not")
        self.speaks(alice, bob, "in silence again")
        self.answers(bob, alice, "you said that")
        self.assertEqual(alice.out.text.count("has it"), 1)

    def test_a_call_that_is_made_and_left(self):
        """/call and /leave: what is typed goes to bob alone, and then to the room again."""
        server, alice, bob = self.two()
        carol = self.peer(server, "carol", key=key("server"))
        alice.say("/call bob")
        alice.expect(r"^\* what you type goes to bob alone now, until /leave$")
        alice.expect(rf"^\* bob is there: {NEW}$")
        alice.say("for bob alone")
        self.assertEqual(bob.wait_text("alice"), "for bob alone")
        call = self.answers(bob, alice, "behind its ack")
        with bob.changed:  # it takes nothing meanwhile
            alice.say("/leave")
            alice.expect(r"^\* you left the call with bob$")
            call.say("this crosses the Close")
            self.hears(alice, "this crosses the Close")
        self.assertEqual(call.wait_over(), "closed")
        self.assertEqual(list(bob.not_confirmed), [("alice", "this crosses the Close")])
        alice.say("for all")
        self.assertEqual(carol.wait_for(wire.SAID).text, "for all")
        self.speaks(alice, bob, "in another call")
        self.assertNotEqual(bob.live["alice"].number, call.number)

    def test_a_close_without_an_answer(self):
        """3 s later the call is over: there is no such call then."""
        _, alice, bob = self.two()
        alice.say("/call bob")
        alice.expect("bob is there")
        call = bob.wait_call("alice")
        with bob.changed:
            alice.say("/leave")
            alice.expect("you left the call")
            time.sleep(3.5)
        self.assertEqual(call.wait_over(), "closed")
        bob.wait(lambda: ("alice", call.number, b"") in bob.seen, "the empty frame")
        self.assertEqual(alice.err.text, "")

    def test_a_close_is_answered(self):
        _, alice, bob = self.two()
        call = self.called(bob)
        self.answers(bob, alice, "hello and good-bye")
        call.close()
        self.assertEqual(call.wait_over(), "closed")
        self.speaks(alice, bob, "in another call")
        self.assertEqual(alice.err.text, "")

    def cross(self, user):
        """Of the two calls the one of the lower name stands, whichever program that one has; no text is lost."""
        server, client, bob = self.two(user=user)
        self.speaks(client, bob, "before", user)
        bob.live[user].close()
        bob.wait(lambda: not bob.calls, "the end of the first call")
        with bob.changed:  # it takes nothing meanwhile
            relays = server.status("relays")
            client.say("/msg bob from the client")
            harness.wait_until(lambda: server.status("relays") > relays, "the client's ClientHello")
            own = bob.begin_call(user)
        live = harness.wait_until(lambda: bob.live.get(user), "a call")
        self.assertEqual(live is own, user > "bob")
        self.assertEqual(bob.wait_text(user), "from the client")
        self.answers(bob, client, "from bob", user)
        self.assertEqual((len(bob.calls), client.err.text, "not confirmed" in client.out.text), (1, "", False))

    def test_a_call_that_crosses_one_of_a_lower_name(self):
        self.cross("zoe")

    def test_a_call_that_crosses_one_of_a_higher_name(self):
        self.cross("alice")

    def test_a_second_try(self):
        """Each refuses the other's first group, and meets it in another."""
        _, alice, bob = self.two(call_groups=(3,))
        self.speaks(alice, bob, "group 3")
        self.assertEqual(bob.live["alice"].group, 3)
        bob.call_groups = (1, 3)
        bob.begin_call("alice")
        bob.wait(lambda: bob.live["alice"].caller, "bob's call in place of alice's")
        self.assertEqual((self.answers(bob, alice, "group 3 again").group, bob.live["alice"].again), (3, True))

    def test_nothing_in_common(self):
        _, alice, bob = self.two(call_groups=(1,))
        alice.say("/msg bob hello")
        alice.err.expect("^glasschat: not said to bob: their program and this one have no group or suite in common")
        with self.assertRaises(trusted.Failure):
            bob.call("alice")
        self.assertEqual([frame[0] for _, _, frame in bob.seen], [wire.CLIENT_HELLO, wire.ALERT])

    def test_a_script(self):
        """It ends when all is confirmed, or when that has taken too long."""
        server = self.server()
        bob = self.peer(server, "bob")
        for acks, status, said in ((True, 0, ""), (False, 1, "* not confirmed: to bob: hello\n")):
            bob.habits["acks"] = acks
            alice = self.client(server, "alice", register=acks)
            alice.say("/msg bob hello")
            alice.end_input()
            self.assertEqual(bob.wait_text("alice"), "hello")
            self.assertEqual((alice.wait(), alice.err.text), (status, ""))
            self.assertTrue(alice.out.text.endswith(said), alice.out.text)
            self.assertEqual(bob.wait(lambda: bob.over, "the end of the call").pop().status, "closed")


class NotThere(ClientCalls):
    def test_a_client_of_1_0(self):
        """It never says that it is ready: nobody waits for it, and it goes on."""
        server = self.server()
        alice = self.client(server, "alice")
        carl = wire.Client(server.port).enter("carl")
        self.addCleanup(carl.sock.close)
        for line in ("/msg carl hello", "/msg carl hello again"):
            alice.say(line)
            alice.err.expect("^glasschat: not said to carl: that user is not here, or has a program that takes no calls$",
                             patience=10)
        alice.say("/call carl")
        alice.err.expect("^glasschat: the call with carl ended: that user is not here", patience=10)
        alice.say("/leave")
        alice.say("to the room")
        self.assertEqual(carl.wait_for(wire.SAID).text, "to the room")

    def test_nobody_of_that_name(self):
        _, alice, _ = self.two()
        alice.say("/msg nobody hello")
        alice.err.expect("^glasschat: not said to nobody: ", patience=10)
        alice.say("/msg alice hello")
        alice.err.expect("^glasschat: that is you$")

    def test_a_server_of_1_0(self):
        """It knows no relay: that is said when one is tried, and not before."""
        def part(peer):
            while True:
                request = peer.next()
                if request.type in (wire.REGISTER, wire.LOG_IN, wire.SAY, wire.LOG_OUT):
                    said.append(request.type)
                    peer.answer(request)
                else:
                    peer.refuse(request, wire.E_UNKNOWN_TYPE, "the server does not know this")
                    tried.append(request.type)

        said, tried = [], []
        server = self.started(glasschat_server.Server(part))
        alice = self.client(server, "alice")
        alice.say("hello")
        harness.wait_until(lambda: wire.SAY in said, "what is said in the room")
        self.assertEqual(alice.err.text, "")
        for line in ("/msg bob hello", "/verify bob"):
            alice.say(line)
            alice.err.expect("^glasschat: no direct messages: this server is of version 1.0, and has no calls$")
        alice.end_input()
        self.assertEqual(alice.wait(), 1)
        self.assertEqual(tried, [wire.READY])

    def test_a_peer_that_is_started_anew(self):
        """What was on its way is not confirmed; the next text makes another call, with the same key."""
        server, alice, bob = self.two()
        self.speaks(alice, bob, "hello")
        bob.stop()
        again = self.peer(server, "bob", register=False)
        alice.say("/msg bob to a call that is gone")
        self.not_confirmed(alice, "to a call that is gone")
        self.speaks(alice, again, "in a new one")
        self.answers(again, alice, "here I am")
        self.assertEqual(len(again.texts), 0)
        again.stop()
        third = self.peer(server, "bob", register=False)
        self.called(third)
        self.answers(third, alice, "and in mine")
        self.speaks(alice, third, "as if nothing had been")

    def test_a_peer_that_is_gone(self):
        server, alice, bob = self.two()
        self.speaks(alice, bob, "hello")
        bob.stop()
        server.expect_log("disconnect .*user=bob")
        alice.say("/msg bob are you there?")
        self.not_confirmed(alice, r"are you there\?")
        alice.say("/msg bob or now?")
        alice.err.expect("^glasschat: not said to bob: that user is not here")

    def test_the_client_is_killed_and_started_again(self):
        server, alice, bob = self.two()
        self.speaks(alice, bob, "hello")
        number = bob.safety_number("alice")
        alice.say("/verify bob " + number)
        alice.expect("compared from now on")
        alice.kill(signal.SIGKILL)
        alice.wait()
        again = self.client(server, "alice", register=False)
        old = bob.live.get("alice")
        call = harness.wait_until(lambda: self.new_call(bob, old), "a new call")
        self.hears(again, "once more", state="compared")
        self.assertEqual(trusted.NEW, bob.trust.state("alice"))
        call.wait_acked(call.said)
        self.speaks(again, bob, "and back")

    @staticmethod
    def new_call(bob, old):
        """One in which the client has acknowledged a text: it may be that the old one has to fail first."""
        try:
            call, said = bob.say("alice", "once more")
            call.wait(lambda: said in call.acked or call.status in calls.OVER, "an ack, or the end")
        except trusted.Failure:
            return None
        call.said = said
        return call if call is not old and said in call.acked else None


class Trust(ClientCalls):
    def number(self, client, name="bob"):
        client.say("/verify " + name)
        client.expect(rf"^\* the safety number of {name} and you")
        return "".join(client.expect(r"^\*  +((\d{5} ?){6})$")[1] for _ in range(2)).replace(" ", "")

    def test_safety_numbers(self):
        """Both see the same; only all of it counts; from then on it shows with what comes."""
        _, alice, bob = self.two()
        alice.say("/verify bob")
        alice.err.expect("^glasschat: no key of bob is known yet")
        self.speaks(alice, bob, "hello")
        number = self.number(alice)
        self.assertEqual(number, bob.safety_number("alice"))
        wrong = number[:-1] + ("1" if number[-1] != "1" else "2")
        for digits in (wrong, number[:-1], number + "1", number[:-5], number.replace(number[0], "x", 1)):
            alice.say("/verify bob " + digits)
            alice.err.expect("^glasschat: MISMATCH: ")
        self.answers(bob, alice, "not yet")
        alice.say("/verify bob " + " ".join(number[i:i + 5] for i in range(0, 60, 5)))
        alice.expect(r"^\* the key of bob is compared from now on$")
        self.answers(bob, alice, "in the same call", state="compared")
        bob.live["alice"].close()
        self.answers(bob, alice, "in the next call", state="compared")
        alice.say("/peers")
        alice.expect(r"^\* peer bob: compared, key SHA256:")

    def test_a_changed_key(self):
        """Nothing is said to it, and nothing of it is shown, whoever calls, until the user believes it."""
        server, alice, bob = self.two()
        self.speaks(alice, bob, "hello")
        alice.say("/verify bob " + self.number(alice))
        alice.expect("compared from now on")
        alice.say("/trust bob")
        alice.err.expect("^glasschat: the key of bob has not changed")
        self.assertEqual(alice.wait(), 1)  # the next line would have been the answer, and is not said
        alice = self.client(server, "alice", register=False)
        bob.stop()
        mallory = self.peer(server, "bob", key=key("server"), register=False)
        call = self.called(mallory)
        alice.err.expect("^glasschat: REFUSED: THE KEY OF bob HAS CHANGED: it was (SHA256:\\S+) and is now (SHA256:\\S+)\\.")
        self.finds_out(mallory, call)
        alice.say("/msg bob a secret")
        alice.err.expect("^glasschat: REFUSED: THE KEY OF bob HAS CHANGED")
        alice.err.expect("^glasschat: not said to bob: ")
        alice.say("/peers")
        alice.expect(r"^\* peer bob: changed, key SHA256:")
        self.assertFalse(mallory.texts)
        self.assertNotIn("not to be seen", alice.out.text)
        alice.say("/trust bob\nyes")
        alice.expect(r"^\* the key of bob was  SHA256:")
        alice.expect(r"^\* the new key of bob is believed from now on")
        self.speaks(alice, mallory, "a secret")
        self.answers(mallory, alice, "my new key")
        self.assertEqual(self.number(alice), mallory.safety_number("alice"))
        mallory.stop()
        self.peer(server, "bob", register=False)
        alice.say("/call bob")  # where the old call fails, and then one with the old key
        alice.say("to whom?")
        self.not_confirmed(alice, r"to whom\?")
        alice.say("and now?")
        alice.err.expect("^glasschat: REFUSED: THE KEY OF bob HAS CHANGED")


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
