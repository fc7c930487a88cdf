#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""What two users say to each other end to end, as they see it: real clients, by pipe and at terminals, through the real
server."""
import os
import re
import signal

import harness
from commands_case import holds
from direct_case import NEW, NOT_HERE, DirectCase
from screens import Screens


class Messages(DirectCase):
    def test_a_message_and_its_answer(self):
        """The key that is shown at the first call is the one that its user sees; the server never has the text."""
        server, alice, bob = self.pair()
        alice.say("/receipts on")
        alice.expect(r"^\* you are told what has arrived$")
        alice.say("/msg bob  it's me,\talice ")
        how = r"/verify %s says how to compare it$"
        bob.expect(rf"^\* first call with alice, key {re.escape(alice.key)}: {NEW}; " + how % "alice")
        bob.expect(rf"^\[alice, {NEW}\] it's me,\talice $")
        alice.expect(rf"^\* first call with bob, key {re.escape(bob.key)}: {NEW}; " + how % "bob")
        alice.expect(r"^\* bob has it$")
        bob.say("/msg alice hello Alice")
        alice.expect(rf"^\[bob, {NEW}\] hello Alice$")
        alice.say("/receipts off")
        alice.expect("^\\* you are told only what may not have arrived$")
        alice.say("/msg bob unacknowledged, as far as I see")
        bob.expect("as far as I see$")
        self.leave(alice, bob)
        self.assertEqual(alice.out.text.count("has it"), 1)
        self.assertEqual(alice.err.text + bob.err.text, "")
        self.assertNotIn("has it", bob.out.text)

    def test_the_server_never_has_the_text(self):
        if harness.sanitized():
            self.skipTest("a sanitizer keeps what was freed, and more memory than can be read")
        server, alice, bob = self.pair()
        alice.say("/msg bob bergamot and vetiver")
        bob.expect("bergamot")
        alice.say("in the lobby: juniper and oakmoss")
        bob.expect("oakmoss")
        self.assertEqual(holds(server, b"bergamot and vetiver"), [])
        self.leave(alice, bob)

    def test_many_texts_in_their_order(self):
        """More than may be under way at once, and of any length, in both directions at once."""
        server, alice, bob = self.pair()
        texts = [f"{i} " + "x" * (i * 37 % 3990) for i in range(150)]
        for user, peer in (alice, "bob"), (bob, "alice"):
            user.say("/receipts on")
            user.type("".join(f"/msg {peer} {text}\n" for text in texts))
        for user, peer in (alice, "bob"), (bob, "alice"):
            user.expect(rf"^\[{peer}, {NEW}\] 149 ")
        harness.wait_until(lambda: all(u.out.text.count(" has it\n") == 150 for u in (alice, bob)), "all are acknowledged")
        self.leave(alice, bob)
        for user, peer in (alice, "bob"), (bob, "alice"):
            self.assertEqual(re.findall(rf"^\[{peer}, {NEW}\] (.*)$", user.out.text, re.M), texts)

    def test_a_script_waits_for_acknowledgements(self):
        server = self.server()
        bob = self.user(server, "bob")
        out, err = self.run_script(server, "alice", ["/receipts on", "/msg bob one", "/msg bob two"], register=True)
        self.assertEqual(out.count("* bob has it\n"), 2)
        self.assertEqual(err, "")
        bob.expect("] one$")
        bob.expect("] two$")
        self.leave(bob)

    def test_a_call(self):
        """What is typed goes to one user alone, and to the room again afterwards; also where another is joined."""
        server, alice, bob = self.pair()
        alice.say("/call bob")
        alice.expect(r"^\* what you type goes to bob alone now, until /leave$")
        alice.expect(r"^\* bob is there: " + NEW + "$")
        alice.type("for bob alone\n//so is this\n/leave\nfor the lobby\n/call bob\nagain\n/join lobby\nin the lobby\n"
                   "/call bob\nonce more\n/join den\nin the den\n/call bob\n/leave den\nat last\n")
        bob.expect("at last$")
        self.assertEqual(re.findall(rf"^\[alice, {NEW}\] (.*)$", bob.out.text, re.M),
                         ["for bob alone", "/so is this", "again", "once more", "at last"])
        self.assertEqual(re.findall(r"^\[lobby\] alice: (.*)$", bob.out.text, re.M), ["for the lobby", "in the lobby"])
        alice.expect(r"^\* you left the call with bob$")
        self.leave(alice, bob)
        self.assertEqual(alice.err.text, "")

    def test_who_is_not_there(self):
        """Refused at once, whatever the reason, and a script goes on, and fails."""
        server = self.server()
        self.run_script(server, "bob", [], register=True)
        listener = self.client(server, "carol")
        out, err = self.run_script(server, "alice", ["/msg bob hello", "/msg nobody hello", "/call bob", "said to bob",
                                                     "/leave", "said in the lobby", "/msg Bob hello", "never said"],
                                   register=True, status=1)
        self.assertEqual(err.split("\n"), [
            f"glasschat: not said to bob: {NOT_HERE}",
            "glasschat: not said to nobody: there is no such user",
            f"glasschat: the call with bob ended: {NOT_HERE}",
            f"glasschat: not said to bob: {NOT_HERE}",
            "glasschat: that is no user: a name is 1 to 32 of a-z 0-9 _ -, starting with a letter (line 7: nothing after "
            "it was done or said)", ""])
        listener.expect(r"said in the lobby$")
        listener.expect("alice left")
        self.assertEqual(listener.out.text.count("[lobby]"), 1)

    def test_what_is_meant_for_one_never_goes_to_the_room(self):
        """Where a call can't be begun at all, a script ends."""
        server = self.server()
        listener = self.client(server, "carol")
        for lines, why in ((["/call alice"], "that is you"), (["/call"], "/call is used like this: /call NAME"),
                           (["/call bob carol"], "/call is used like this"), (["/call BOB"], "that is no user"),
                           (["/trust alice", "yes"], "that is you"), (["/trust bob", "yes"], "no key of bob is known yet"),
                           (["/verify bob 1"], "no key of bob is known yet"),
                           (["/identity unlock", "a secret"], "your key is open already"),
                           (["/identity open", "a secret"], "/identity, /identity new or /identity unlock"),
                           (["/msg carol " + harness.PASSWORD], "not said: it was given as a password")):
            _, err = self.run_script(server, "alice", [*lines, "never said"], register=lines == ["/call alice"], status=1)
            self.assertRegex(err, rf"^glasschat: {why}.* \(line 1: nothing after it was done or said\)\n$")
            listener.expect("alice left")
        self.assertNotIn("[", listener.out.text)

    def test_what_is_no_text(self):
        server = self.server()
        bob = self.user(server, "bob")
        longest = "x" * 3999 + "y"
        _, err = self.run_script(server, "alice", [
            "/msg bob " + longest + "z", "/msg bob \udcff", "/msg bob \x1b[2J", "/msg bob " + longest, "/msg alice me",
            "/call bob", longest + "z", "at the end"], register=True, status=1)
        invalid = "glasschat: not said: a text is 1 to 4000 bytes of UTF-8 without control characters"
        self.assertEqual(err.split("\n"), [invalid] * 3 + ["glasschat: that is you", invalid, ""])
        bob.expect(r"\] at the end$")
        self.assertEqual(re.findall(r"\] (.*)$", bob.out.text, re.M), [longest, "at the end"])

    def test_one_who_has_no_key(self):
        """Its user is told at login; a peer finds nobody there."""
        server, alice, bob = self.pair()
        self.leave(bob)
        os.rename(os.path.join(self.folder, "home-bob"), os.path.join(self.folder, "elsewhere"))
        bob = self.client(server, "bob", register=False)
        bob.expect(r"^\* no key of bob is kept here: no direct messages\. Move it here from where it is; if there is "
                   "none, /identity new makes one$")
        bob.type("/msg alice hello\n/identity\n/peers\n/verify alice\n/call alice\n")
        self.assertEqual(bob.wait(), 1)
        why = "glasschat: no direct messages: no key of bob is kept here"
        self.assertEqual(bob.err.text, (why + "\n") * 4 + why + " (line 5: nothing after it was done or said)\n")
        self.run_script(server, "alice", ["/msg bob hello"], status=1)


class Endings(DirectCase):
    def stop(self, process):
        process.kill(signal.SIGSTOP)
        harness.wait_until(lambda: harness.is_stopped(process.pid), "it stops")

    def test_ctrl_c_tells_what_may_not_have_arrived(self):
        server, alice, bob = self.pair()
        carol = self.user(server, "carol")
        self.meet(alice, bob)
        self.stop(bob)
        alice.type("/receipts on\n/msg bob did you hear?\n/msg carol who comes after him\n")
        alice.expect(r"^\* carol has it$")
        alice.kill(signal.SIGINT)
        self.assertEqual(alice.wait(), 1)
        self.assertTrue(alice.out.text.endswith("* not confirmed: to bob: did you hear?\n"), alice.out.text)
        self.assertEqual(alice.err.text, "")
        bob.kill(signal.SIGCONT)
        bob.expect(r"\] did you hear\?$")
        self.leave(bob)
        self.assertEqual(bob.err.text, "")

    def test_a_connection_that_is_cut(self):
        """In the middle of a call: what is not acknowledged is told, once."""
        server = self.server()
        cut = []
        proxy = self.proxy(server, lambda direction, data: data if not cut else None)
        alice = self.user(server, "alice", port=proxy.port)
        bob, carol = self.user(server, "bob"), self.user(server, "carol")
        self.meet(alice, bob)
        self.stop(bob)
        alice.type("/receipts on\n/call bob\none\ntwo\n/msg carol who comes after him\n")
        alice.expect(r"^\* carol has it$")
        cut.append(True)
        alice.type("three\n")
        self.assertEqual(alice.wait(), 1)
        said = re.findall(r"^\* not confirmed: to bob: (.*)$", alice.out.text, re.M)
        self.assertEqual(said[:2], ["one", "two"])
        self.assertLessEqual(len(said), 3)
        self.assertIn("glasschat: the connection was cut", alice.err.text)
        self.assertNotIn("the call with bob ended", alice.err.text)
        bob.kill(signal.SIGCONT)
        bob.expect(r"\] two$")

    def test_a_peer_that_is_killed(self):
        """The next text finds nobody; one that comes back is called anew."""
        server, alice, bob = self.pair()
        self.meet(alice, bob)
        bob.kill()
        bob.wait()
        alice.expect(r"^\* bob left lobby$")
        alice.say("/msg bob are you there?")
        alice.err.expect(f"^glasschat: the call with bob ended: {NOT_HERE}$")
        alice.expect(r"^\* not confirmed: to bob: are you there\?$")
        bob = self.user(server, "bob", register=False)
        alice.say("/msg bob once more")
        bob.expect(r"\] once more$")
        self.leave(bob)
        self.leave(alice, status=1)

    def test_one_who_was_stopped_goes_on(self):
        server, alice, bob = self.pair()
        self.meet(alice, bob)
        self.stop(alice)
        bob.say("/msg alice wake up")
        alice.kill(signal.SIGCONT)
        alice.expect(r"\] wake up$")
        alice.say("/msg bob awake")
        bob.expect(r"\] awake$")
        self.leave(alice, bob)

    def test_the_others_are_heard_while_one_is_silent(self):
        """Nothing waits for a peer that does not answer: rooms, other peers, and commands go on."""
        server, alice, bob = self.pair()
        carol = self.user(server, "carol")
        self.stop(bob)
        alice.type("/receipts on\n")
        carol.say("/msg alice hello")
        alice.expect(r"^\[carol, .*hello$")
        alice.say("/msg carol to one")
        carol.expect(r"\] to one$")
        alice.expect(r"^\* carol has it$")
        alice.say("to all")
        carol.expect(r"\[lobby\] alice: to all$")
        self.leave(alice)


class Terminals(Screens, DirectCase):
    def test_a_call_on_the_screen(self):
        """The prompt says where what is typed goes; what arrives leaves what is being typed whole."""
        server = self.server()
        for name in "alice", "bob":
            self.window(name, server, columns=76)
        self.type("alice", "/call bob", "Enter")
        self.see("alice", "* bob is there: new, not compared\n@bob>")
        self.type("alice", "hello Bob", "Enter")
        self.see("bob", "[alice, new, not compared] hello Bob\nlobby")
        self.type("alice", "half a li")
        self.see("alice", "@bob> half a li")
        self.type("bob", "/msg alice hello Alice", "Enter")
        self.see("alice", "[bob, new, not compared] hello Alice\n@bob> half a li")
        self.type("alice", "ne", "Enter")
        self.see("bob", "[alice, new, not compared] half a line\nlobby")
        self.type("alice", "/leave", "Enter")
        self.see("alice", "* you left the call with bob\nlobby>")

    def test_leaving_while_a_text_is_not_acknowledged(self):
        """A person is told why it takes so long, and may go."""
        server = self.server()
        alice = self.user(server, "alice", terminal=True, env={"TERM": "dumb"})
        bob = self.user(server, "bob")
        self.meet(alice, bob)
        bob.kill(signal.SIGSTOP)
        alice.type("/msg bob hello\n/quit\n")
        alice.expect(r"\* waiting to hear whether what you said has arrived: Ctrl-C leaves now")
        alice.kill(signal.SIGINT)
        alice.expect(r"\* not confirmed: to bob: hello")
        self.assertEqual(alice.wait(), 0)

    def test_a_name_that_looks_like_a_known_one(self):
        """Also like that of somebody who is not there now."""
        server, alice, bob = self.pair()
        self.meet(bob, alice)
        self.leave(alice, bob)
        alice = self.user(server, "alice", register=False)
        b0b = self.user(server, "b0b")
        b0b.say("/msg alice it's me")
        alice.expect(r"^\* first call with b0b \(looks like bob\), key SHA256:")
        alice.expect(rf"^\[b0b \(looks like bob\), {NEW}\] it's me$")


if __name__ == "__main__":
    harness.main()
