#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""The real client calls the second implementation (glasschat_peer.py) and is called by it, through the real server: what
both say, what the client shows, whom it believes, and what it says where there is nobody."""
import base64
import os
import re
import signal
import time

import glasschat_call as calls
import glasschat_client as wire
import glasschat_identity as trusted
import glasschat_server
import harness
from call_case import NEW, ClientCalls, key

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

    @harness.waits
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
        server, alice, bob = self.two()
        alice.say("/verify bob")
        alice.err.expect("^glasschat: no key of bob is known yet")
        self.speaks(alice, bob, "hello")
        number = self.number(alice)
        self.assertEqual(number, bob.safety_number("alice"))
        wrong = number[:-1] + ("1" if number[-1] != "1" else "2")
        for digits in (wrong, number[:-1], number + "1", number[:-5], number.replace(number[0], "x", 1)):
            alice.say("/verify bob " + digits)
            alice.err.expect("^glasschat: MISMATCH: ")
            self.assertEqual(alice.wait(), 1)  # what follows in a script was not meant for somebody in between
            alice = self.client(server, "alice", register=False)
        self.speaks(alice, bob, "hello again")
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


    def own_key(self, client):
        client.say("/identity")
        return base64.b64decode(client.expect(r"^\* your key is SHA256:(\S+), kept in ")[1])

    def test_a_new_identity(self):
        """It is a changed key to whoever has met the user before; whom the user has met stays as it was."""
        _, alice, bob = self.two()
        self.speaks(alice, bob, "hello")
        before = self.own_key(alice)
        self.assertEqual(bob.trust.known["alice"], [before, trusted.NEW])
        alice.say("/verify bob " + bob.safety_number("alice"))
        alice.expect("compared from now on")
        alice.say(f"/identity new\n{harness.PASSWORD}\n")
        after = self.own_key(alice)
        self.assertNotEqual(before, after)
        harness.wait_until(lambda: "alice" not in bob.live, "the call under the old key ends")
        with self.assertRaises(trusted.Failure):
            bob.call("alice")
        self.assertEqual((bob.trust.state("alice"), bob.trust.shown["alice"]), (trusted.CHANGED, after))
        bob.trust.accept("alice", after)
        self.answers(bob, alice, "your new key", state="compared")
        self.assertEqual(self.number(alice), bob.safety_number("alice"))

    def test_a_machine_without_the_key(self):
        """It says so, makes none in its place, and takes no calls; the other machine has the key still."""
        server, alice, bob = self.two()
        self.speaks(alice, bob, "hello")
        bob.live["alice"].close()
        os.rename(self.path("home-alice"), self.path("elsewhere"))
        again = self.client(server, "alice", register=False)
        again.expect(r"^\* no key of alice is kept here: no direct messages\.")
        again.say("/msg bob hello")
        again.err.expect("^glasschat: no direct messages: no key of alice is kept here$")
        with self.assertRaises(trusted.Failure) as failure:
            bob.call("alice")
        self.assertIn(str(wire.E_NOT_HERE), str(failure.exception))
        again.end_input()
        self.assertEqual(again.wait(), 1)
        os.rename(self.path("home-alice"), self.path("nothing"))
        os.rename(self.path("elsewhere"), self.path("home-alice"))
        third = self.client(server, "alice", register=False)
        self.called(bob)
        self.answers(bob, third, "there you are")


if __name__ == "__main__":
    harness.main()
