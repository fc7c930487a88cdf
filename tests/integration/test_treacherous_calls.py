#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""A server that keeps calls from coming about, lets them cross, or makes thousands: one call comes of it, or a failure
that is seen."""
import os
import shutil
import signal

import glasschat_client as wire
import harness
from treacherous_case import TreacherousCase

LONGEST = wire.frame(wire.RECORD, bytes(4160))
IN_TIME = "not said to {}: their program did not answer in time"


class Crossing(TreacherousCase):
    def both_say(self):
        self.say("alice", "bob", "from alice")
        self.say("bob", "alice", "from bob")

    def both_hear(self):
        self.users["alice"].expect(r"^\[bob, new, not compared\] from bob$")
        self.users["bob"].expect(r"^\[alice, new, not compared\] from alice$")
        self.assertEqual([self.users["alice"].out.text.count("from bob"), self.users["bob"].out.text.count("from alice")],
                         [1, 1])
        for one, other in (("alice", "bob"), ("bob", "alice")):
            self.tell(one, other, f"one call it is, {one}")
        self.assertEqual(self.users["alice"].err.text + self.users["bob"].err.text, "")

    def held(self, n):
        """So many hellos have come to the server, which keeps them."""
        harness.wait_until(lambda: self.betrayer.tap.count(b"type 101, ") == n, "hellos that cross")

    def test_two_that_cross(self):
        self.begin(misdeed="hold *")
        self.both_say()
        self.held(2)
        self.betray("release")
        self.both_hear()

    def test_the_one_that_gives_way_is_withheld(self):
        self.begin(misdeed="withhold bob hello")
        self.both_say()
        self.both_hear()

    @harness.waits
    def test_the_one_that_stands_is_withheld(self):
        """Theirs is passed over for ours, and ours never comes: both are told."""
        self.begin(misdeed="withhold alice hello")
        self.say("alice", "bob", "from alice")
        harness.wait_until(lambda: b"from alice, type 19, " in self.betrayer.tap, "her hello, before his is there")
        self.say("bob", "alice", "from bob")
        self.users["alice"].err.expect(IN_TIME.format("bob"))
        self.users["bob"].err.expect(IN_TIME.format("alice"))
        self.betray("none")
        self.both_say()
        self.both_hear_again()

    def both_hear_again(self):
        self.users["alice"].expect(r"from bob$")
        self.users["bob"].expect(r"from alice$")

    @harness.waits
    def test_into_the_void(self):
        self.begin(misdeed="withhold alice")
        self.assertEqual(self.fails("alice", "bob", "hello?", "did not answer in time"),
                         "glasschat: " + IN_TIME.format("bob"))
        self.betray("none")
        self.tell("alice", "bob", "hello!")


class BegunAnew(TreacherousCase):
    def test_in_the_middle_of_a_handshake(self):
        """Whoever was called, and then whoever called, is another program by the time the frames come."""
        self.begin(misdeed="hold *")
        self.say("alice", "bob", "before the restart")
        harness.wait_until(lambda: b"type 101, " in self.betrayer.tap, "a hello that is kept")
        self.restart("bob")
        self.betray("release")
        self.users["bob"].expect("before the restart")
        self.restart("alice")
        self.betray("hold *")
        seen = self.betrayer.tap.count(b"to bob, type 101, ")
        self.say("alice", "bob", "lost with its program")
        harness.wait_until(lambda: self.betrayer.tap.count(b"to bob, type 101, ") > seen, "a hello that is kept")
        self.restart("alice")
        self.betray("release")
        self.tell("alice", "bob", "after the restart")
        self.tell("bob", "alice", "and back")

    def test_in_the_middle_of_a_talk(self):
        """Who has lost the call says so when it is used: the text is not confirmed, and the next makes another call."""
        self.begin()
        for user in self.users.values():
            user.say("/receipts on")
        for name, to in (("alice", "bob"), ("bob", "alice")):
            self.assertEqual(self.attempt("we meet", name, to), ("confirmed", 1))
        self.restart("bob")
        self.assertEqual(self.attempt("to one who has gone"), ("not confirmed", 0))
        self.tell("alice", "bob", "to one who is there")
        self.restart("alice")
        self.tell("alice", "bob", "from another program")
        self.tell("bob", "alice", "to another program")


class Floods(TreacherousCase):
    def rss(self, user):
        with open(f"/proc/{user.pid}/statm") as f:
            return int(f.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")

    def test_half_open_calls(self):
        """2,000 of people whom nobody knows, three times: 16 of them are kept, and those who talk talk on."""
        self.begin(names=("alice", "bob", "carol"))
        self.meet()
        alice = self.users["alice"]
        before = self.rss(alice)
        for i in range(3):
            self.betray("flood alice 2000")
            self.tell("alice", "bob", f"in the flood, {i}")
            self.tell("bob", "alice", f"in the flood, {i} again")
        self.tell("alice", "carol", "one who was never met before")
        if not harness.sanitized():
            self.assertLess(self.rss(alice) - before, 4 << 20)
        self.assertEqual(alice.err.text, "")
        self.assertNotIn("nobody", alice.out.text)

    def member(self, name):
        found = wire.Client(self.real.port).enter(name)
        self.addCleanup(found.sock.close)
        return found

    def test_one_who_is_blocked(self):
        """Uses up nothing of who has blocked: no frame comes."""
        self.begin(names=("alice",))
        mallory = self.member("mallory")
        hello = mallory.client_hello((2, 3))
        mallory.relay("alice", bytes(16), hello)
        harness.wait_until(lambda: b"from alice, type 19, " in self.betrayer.tap, "alice answers")
        alice = self.users["alice"]
        alice.say("/block mallory")
        alice.expect("mallory is blocked")
        before = len(self.betrayer.tap)
        for i in range(1, 100):
            mallory.relay("alice", i.to_bytes(16, "big"), hello)
        alice.say("/rooms")
        harness.wait_until(lambda: b"to alice, type 66, " in self.betrayer.tap[before:], "an answer behind them all")
        self.assertEqual(self.betrayer.tap[before:].count(b"to alice, type 101, "), 0)

    def test_one_who_reads_slowly(self):
        """Is flooded by somebody, and never cut."""
        self.real = self.server()
        bob, alice = self.client(self.real, "bob"), self.client(self.real, "alice")
        self.users = {"alice": alice, "bob": bob}
        for user in (bob, alice):
            self.there(user)
        mallory = self.member("mallory")
        os.kill(bob.pid, signal.SIGSTOP)
        refused = sent = 0
        while refused < 20:
            try:
                mallory.relay("bob", sent.to_bytes(16, "big"), LONGEST)
                sent += 1
            except wire.Refused as error:
                self.assertEqual(error.args[0], wire.E_TRY_LATER)
                refused += 1
        os.kill(bob.pid, signal.SIGCONT)
        self.say("bob", "alice", "still here")
        alice.expect(r"\] still here$")


class NoKey(TreacherousCase):
    def test_at_a_login(self):
        """It is said, and none is made in silence: what others know of it stays as it was."""
        self.begin()
        self.meet()
        alice = self.users["alice"]
        alice.close()
        key = self.number("bob", "alice")
        shutil.rmtree(os.path.join(alice.home, "identities"))
        alice = self.users["alice"] = self.client(self.betrayer, "alice", register=False)
        alice.expect(r"^\* no key of alice is kept here: no direct messages\. Move it here from where it is; if there is")
        alice.say("/msg bob who am I?")
        alice.err.expect("no direct messages: ")
        self.assertEqual(glob_keys(alice.home), [])
        self.fails("bob", "alice", "are you there?")  # in the call that there was
        self.fails("bob", "alice", "or are you not?", "not said to alice: that user is not here")
        self.assertEqual(self.number("bob", "alice"), key)
        self.assert_unseen("bob", "who am I?")


def glob_keys(home):
    return [name for _, _, files in os.walk(home) for name in files if ".key" in name]


class SafetyNumbers(TreacherousCase):
    def test_all_but_one_group(self):
        """Each group of the twelve counts, each digit of them, and nothing may follow or be missing. At a terminal, as a
        script ends at the first."""
        self.begin()
        self.meet()
        number = self.number("alice", "bob")
        self.assertEqual(self.number("bob", "alice"), number)
        groups = number.split()
        wrong = [" ".join(groups[:i] + ["%05d" % ((int(groups[i]) + 1) % 100000)] + groups[i + 1:]) for i in range(12)]
        alice = self.client(self.betrayer, "alice", register=False, terminal=True)
        for digits in wrong + [number[:-1], number + "0", number.replace(" ", "x", 1)]:
            alice.say("/verify bob " + digits)
            alice.expect("MISMATCH")
        alice.say("/peers")
        alice.expect("peer bob: new, not compared")
        alice.say("/verify bob " + number.replace(" ", "  "))
        alice.expect("the key of bob is compared from now on")
        self.again("alice")
        self.tell("alice", "bob", "for you it may be anybody")
        self.tell("bob", "alice", "and for you it is me", "compared")


if __name__ == "__main__":
    harness.main()
