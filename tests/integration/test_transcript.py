#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""glass transcript verify: files of a second implementation, what is shown of them, and the exit status."""
import base64

import harness
from call_case import identity, key
from glasschat_client import certificate
from glasschat_identity import Identity
from glasschat_transcript import ZEROS, Room, text

USAGE = b"glass transcript verify FILE"


def shown_key(who):
    return "SHA256:" + base64.b64encode(who.fingerprint).decode()


class Transcript(harness.TestCase):
    def setUp(self):
        super().setUp()
        self.alice, self.bob = identity("alice"), identity("bob")
        self.room = Room(self.alice)
        self.room.list(self.alice, self.bob)

    def verify(self, lines, status=0):
        """What is printed, as lines; at a refusal nothing but the reason."""
        path = self.path("file", text(lines))
        done = self.run_program("glass", "transcript", "verify", path, status=status)
        if status == 0:
            self.assertEqual(done.stderr, b"")
            return done.stdout.decode().splitlines()
        self.assertEqual(done.stdout, b"")
        return done.stderr.decode()

    def said(self, lines, status=0):
        """Only the lines that were said, and what is said between them."""
        lines = self.verify(lines, status)
        begin = next(i for i, line in enumerate(lines) if line.startswith("* said to list "))
        return lines[begin:-2]

    def test_who_said_what(self):
        carol = Identity("carol", key("server"))
        self.room.say(self.bob, "hello")
        self.room.say(self.alice, "hello Bob")
        self.room.list(self.alice, self.bob, carol)
        self.room.say(carol, "\u05e9\u05dc\u05d5\u05dd\nalice: no")
        shown = self.verify(self.room.lines())
        self.assertEqual(shown[0], f"* what was said in +ring, founded by alice; the room's number is "
                                   f"{self.room.number.hex()}")
        self.assertEqual(shown[2:5], [
            f"*   alice: {shown_key(self.alice)} (the founder; certificate signed by itself)",
            f"*   bob: {shown_key(self.bob)} (certificate signed by itself)",
            f"*   carol: {shown_key(carol)} (certificate signed by itself)"])
        self.assertEqual(shown[6:], [
            "*   list 0: alice", "*   list 1: alice, bob", "*   list 2: alice, bob, carol",
            "* said to list 1:",
            "1 [bob] hello",
            "2 [alice, who had seen 1] hello Bob",
            "* said to list 2:",
            "3 [carol, who had seen 2] \u05e9\u05dc\u05d5\u05dd\u23cealice: no",
            "* it holds: each of the 3 lines was signed by the key of the sender that it is shown with",
            "* it does not show when that was; nor that nothing was left out after the last line of each sender, or "
            "before one with which somebody began anew"])

    def test_what_is_missing(self):
        first = self.room.say(self.bob, "one")
        lost = self.room.say(self.bob, "two")
        self.room.say(self.alice, "three")
        self.room.say(self.bob, "four")
        self.room.say(self.bob, "five", prev=ZEROS)
        self.room.say(self.bob, "six", prev=first.hash)
        kept = [s for s in self.room.said if s is not lost]
        self.assertEqual(self.said(self.room.lines(kept)), [
            "* said to list 1:",
            "1 [bob] one",
            "* missing: a line that alice had seen before 2",
            "2 [alice] three",
            "* missing: something that bob said between 1 and 3",
            "3 [bob, who had seen 2] four",
            "* bob began anew with 4: whether something is missing before it can't be told",
            "4 [bob, who had seen 2] five",
            "* 5 says that it comes right after 1: bob contradicts the lines above",
            "5 [bob, who had seen 2] six"])
        self.assertEqual(self.said(self.room.lines(kept[2:]))[1:3], [
            "* missing: what bob said before 1",
            "* missing: a line that bob had seen before 1"])

    def test_what_was_turned_round(self):
        one = self.room.say(self.bob, "one")
        two = self.room.say(self.alice, "two")
        self.assertEqual(self.said(self.room.lines([two, one])), [
            "* said to list 1:",
            "* alice says that 2 was seen before 1, and whoever saved this can't have seen it so",
            "1 [alice] two",
            "2 [bob] one"])
        self.room.list(self.alice, self.bob)
        three = self.room.say(self.bob, "three")
        self.assertEqual(self.said(self.room.lines([three, one]))[1:], [
            "* 1 comes after 2, as bob signed it; whoever saved this saw it before",
            "* missing: a line that bob had seen before 1",
            "1 [bob] three",
            "* said to list 1:",
            "* bob began anew with 2: whether something is missing before it can't be told",
            "2 [bob] one"])

    def test_lists_that_are_missing(self):
        for _ in range(3):
            self.room.list(self.alice)
        self.room.say(self.alice, "I am alone")
        self.room.list(self.alice)
        self.room.lists = self.room.lists[1:]
        self.assertEqual(self.verify(self.room.lines())[4:9], [
            "*   (lists before 1 are not in this file)", "*   list 1: alice, bob",
            "*   (lists before 4 are not in this file)", "*   list 4: alice", "*   list 5: alice"])

    def test_a_closed_room(self):
        self.room.list()
        self.assertIn("*   list 2: nobody: the room is closed", self.verify(self.room.lines()))

    def test_names_that_look_like_others(self):
        b0b = Identity("b0b", key("server"))
        you = Identity("you", key("authority"))
        self.room.list(self.alice, b0b, self.bob, you)
        for who in self.bob, b0b, you:
            self.room.say(who, "hello")
        shown = self.verify(self.room.lines())
        self.assertTrue(shown[4].startswith("*   bob (looks like b0b): SHA256:"), shown)
        self.assertIn("3 ['you', who had seen 2] hello", shown)

    def test_an_authority(self):
        issuer = bytes(range(32))
        bob = Identity("bob", self.bob.key, certificate(self.bob.key, 2, "bob", 0, 1, issuer=issuer))
        self.room.say(bob, "hello")
        self.assertIn(f"*   bob: {shown_key(bob)} (certificate signed by "
                      f"SHA256:{base64.b64encode(issuer).decode()}, which is not checked here)",
                      self.verify(self.room.lines()))

    def test_the_first_wrong_line_is_named(self):
        """Nothing of a file is shown that does not hold."""
        for who, what in (self.bob, "one"), (self.alice, "two"), (self.bob, "three"):
            self.room.say(who, what)
        lines = self.room.lines()
        self.assertEqual(len(lines), 11)
        self.assertIn(": line 8: its sender had seen a line that is not above it",
                      self.verify(lines[:7] + lines[8:], status=1))
        self.assertIn(": line 9: it does not come after the line above it", self.verify(lines[:8] + lines[7:], status=1))
        self.assertIn(": line 10: it should be 'end 2 2 2'", self.verify(lines[:9] + lines[10:], status=1))
        self.assertIn(": line 11: it is not there: the file was cut", self.verify(lines[:10], status=1))
        self.assertIn(": line 1: ", self.verify(["glasschat transcript 2"] + lines[1:], status=1))
        self.assertIn(": line 1: ", self.verify([], status=1))
        flipped = bytearray(base64.b64decode(lines[8].split()[1]))
        flipped[-400] ^= 1
        lines[8] = "said " + base64.b64encode(flipped).decode()
        self.assertIn(": line 9: its sender's key did not sign it", self.verify(lines, status=1))

    def test_carriage_returns_are_refused(self):
        path = self.path("file", text(self.room.lines()).replace(b"\n", b"\r\n"))
        self.assertIn(b": line 1: ", self.run_program("glass", "transcript", "verify", path, status=1).stderr)

    def test_no_escape_sequence_is_shown(self):
        self.room.say(self.bob, "a\x1b[2Jb")
        self.assertIn(": line 8: its text has what no text may have", self.verify(self.room.lines(), status=1))

    def test_usage(self):
        self.assertIn(USAGE, self.run_program("glass", "transcript", "--help", status=0).stdout)
        self.assertIn(USAGE, self.run_program("glass", "transcript", "verify", "--help", status=0).stdout)
        for args in [], ["frob"], ["verify"], ["verify", "a", "b"], ["verify", "--frob"]:
            self.assertIn(USAGE, self.run_program("glass", "transcript", *args, status=2).stderr)

    def test_files_that_can_not_be_read(self):
        self.assertIn(b"nothing", self.run_program("glass", "transcript", "verify", "nothing", status=1).stderr)
        path = self.path("long", bytes(1))
        with open(path, "r+b") as f:
            f.truncate((16 << 20) + 1)
        self.assertIn(b"larger", self.run_program("glass", "transcript", "verify", path, status=1).stderr)
        lines = text(self.room.lines())
        done = self.run_program("glass", "transcript", "verify", "-", stdin=lines, status=0)
        self.assertIn(b"it holds", done.stdout)


if __name__ == "__main__":
    harness.main()
