#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""A server that lies about who somebody is: its keys in the place of theirs, others' names, and its own kind of
handshake. What the users see of it."""
import base64
import glob
import os
import re

import harness
from treacherous_case import TreacherousCase, memory

KEY = r"SHA256:\S{43}="


def changed(name):
    return rf"REFUSED: THE KEY OF {name} HAS CHANGED: it was ({KEY}) and is now ({KEY})\. "


class KeysAreSwapped(TreacherousCase):
    def key(self):
        """The newest of mallory's."""
        return re.findall(r"^mallory has the key (\S+)$", self.betrayer.out.text, re.M)[-1]

    def test_at_first_contact(self):
        """Nobody can keep a server from it: it stands on every line, and comparing finds it out."""
        betrayer = self.begin(misdeed="swap-keys")
        for i in range(3):
            self.tell("alice", "bob", f"line {i} for bob")
            self.tell("bob", "alice", f"line {i} for alice")
        self.assertIn(b"in a call, from alice to bob: line 2 for bob\n", betrayer.tap)  # it has worked
        numbers = self.number("alice", "bob"), self.number("bob", "alice")
        self.assertNotEqual(*numbers)
        self.users["alice"].say("/verify bob " + numbers[1])
        self.users["alice"].err.expect("MISMATCH: that is not the safety number of bob and you")

    def test_under_an_authority(self):
        """Where a class's authority vouches for keys, another one is refused the first time."""
        self.begin()
        self.glass("key", "authority", "new", "--out", "class", "--password-file", "password-alice")
        for name, user in self.users.items():
            found = glob.glob(os.path.join(user.home, "identities", "*.certificate"))[0]
            self.glass("key", "authority", "certify", "--authority", "class", "--password-file", "password-alice", "--out",
                       "signed-" + name, found)
            signed = glob.glob(os.path.join(self.folder, "signed-" + name, "*"))[0]
            user.say(f"/certificate {signed}\n{harness.PASSWORD}\n")
            user.expect("certificate registered")
        self.betray("swap-keys")
        for name in self.users:
            self.restart(name, "--user-ca", os.path.join(self.folder, "class.pub"))
        self.fails("alice", "bob", why="REFUSED: the key of bob is not signed by the authority given with --user-ca")
        self.users["bob"].err.expect("REFUSED: the key of alice is not signed by the authority given with --user-ca")
        self.assertNotIn(b"this is lost", self.betrayer.tap)
        self.betray("none")
        self.tell("alice", "bob", "there you are", "vouched for")

    def glass(self, *args):
        self.run_program("glass", *args, status=0)

    def test_later(self):
        """Nothing is sent and nothing shown, until the user has seen both fingerprints, and said so."""
        self.begin()
        self.meet()
        self.betray("swap-keys")
        key = self.key()
        alice, bob = self.again("alice"), self.users["bob"]  # so that there is no call any more
        alice.say("/msg bob secret one")
        was, now = alice.err.expect(changed("bob")).groups()
        self.assertEqual((now, was == key), (key, False))
        bob.err.expect(changed("alice"))
        self.assert_unseen("bob", "secret one")
        self.assertNotIn(b"in a call", self.betrayer.tap)
        alice.say("/trust bob")
        alice.expect(f"^\\* the key of bob was  {re.escape(was)}$")
        alice.expect(f"^\\* and is shown as now  {re.escape(now)}$")
        alice.say("no")
        alice.err.expect("not believed: that was not yes")
        alice = self.again("alice")
        self.fails("alice", "bob", "secret two", changed("bob"))
        alice.say("/trust bob\nyes")
        alice.expect("the new key of bob is believed from now on: new, not compared")
        alice.say("/msg bob secret three")
        harness.wait_until(lambda: b"in a call, from alice to bob: secret three" in self.betrayer.tap, "mallory reads")
        self.assert_unseen("bob", "secret three")  # who has trusted nobody

    def test_again_while_trust_asks(self):
        """It believes the key that it showed, and no other."""
        self.begin()
        self.meet()
        self.betray("swap-keys")
        first = self.key()
        alice = self.again("alice")
        self.fails("alice", "bob", "secret one", changed("bob"))
        alice.say("/trust bob")
        alice.expect("and is shown as now  " + re.escape(first))
        self.betray("swap-keys")
        second = self.key()
        self.again("bob").say("/msg alice let me in")
        shown = base64.b64decode(second[len("SHA256:"):])
        harness.wait_until(lambda: any(shown in part for part in memory(alice.pid)), "alice has refused it")
        alice.say("yes")
        alice.err.expect("THE KEY OF bob HAS CHANGED AGAIN since its fingerprint was shown: nothing was changed")
        self.assertEqual(alice.wait(), 1)  # what follows in a script was meant for somebody who is trusted
        self.again("alice")
        self.fails("alice", "bob", "secret two", changed("bob"))
        self.betray("none")
        self.tell("alice", "bob", "secret three")


class Names(TreacherousCase):
    def test_stamped_meant_and_certified(self):
        """What is alice's is stamped as carol's, and what is for bob is given to carol: three names must be one."""
        self.begin(names=("alice", "bob", "carol"))
        for misdeed, why in (("reroute bob carol", "the call failed"), ("rename alice carol", "the call failed")):
            self.betray(misdeed)
            self.fails("alice", "bob", f"for bob alone, {misdeed}", f"not said to bob: {why}")
            self.assert_unseen("carol", "for bob alone")
        for name in self.users:
            self.assertNotIn("first call", self.users[name].out.text)
            self.users[name].say("/peers")
            self.users[name].expect("you have met nobody yet")
        self.betray("none")
        self.tell("alice", "bob", "for bob alone, at last")

    @harness.waits
    def test_frames_that_come_back(self):
        """A call with oneself, in the other's name or in one's own, never opens; whoever wanted it is told."""
        self.begin(misdeed="reflect")
        self.say("alice", "bob", "to myself?")
        self.say("bob", "alice", "to me?")
        self.users["alice"].err.expect("not said to bob: ")
        self.users["bob"].err.expect("not said to alice: ")
        for name in self.users:
            self.assertEqual(self.shown(name, "to myself?") + self.shown(name, "to me?"), 0)
        sent = self.betrayer.tap.count(b", type 19, ")
        self.assertLess(sent, 200)  # it is not an endless game
        self.betray("none")
        self.tell("alice", "bob", "to you")


class Handshakes(TreacherousCase):
    def test_of_the_other_kind(self):
        """The server answers a call as it answers its own clients, with its own key, of role 1."""
        self.begin(misdeed="kind-1")
        self.fails("alice", "bob", "no server hears this", "not said to bob: the call failed")
        self.assertNotIn("first call", self.users["alice"].out.text)
        self.betray("none")
        self.tell("alice", "bob", "bob hears this")

    def test_bad_values(self):
        """0, 1, p-1, no square, too short: in the caller's hello, and in the callee's."""
        self.begin()
        for value in range(5):
            for whose in ("client", "server"):
                self.betray(f"bad-value {value} {whose}")
                self.fails("alice", "bob", f"never under {value} of the {whose}", "not said to bob: the call failed")
        self.assertEqual(self.users["bob"].err.text, "")
        self.assertNotIn("first call", self.users["alice"].out.text + self.users["bob"].out.text)
        self.betray("none")
        self.tell("alice", "bob", "all is well")


if __name__ == "__main__":
    harness.main()
