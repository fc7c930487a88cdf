#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""All that a server can read of those who talk through it: every word of a room, and none of a direct message."""
import harness
from treacherous_case import TreacherousCase

WORDS = "attack at dawn, from the east"


class Tap(TreacherousCase):
    def test_a_room_is_read_and_a_call_is_not(self):
        """The same words twice, once in each."""
        betrayer = self.begin()
        alice, bob = self.users["alice"], self.users["bob"]
        self.tell("alice", "bob", WORDS)
        self.tell("bob", "alice", "from the west would be better")
        alice.say("/receipts on")
        self.tell("alice", "bob", "so it is " + WORDS)
        alice.expect("bob has it")
        before = betrayer.tap
        self.assertIn(b"alice", before)  # who talks to whom is known
        for word in (WORDS + " better so it is").replace(",", "").split():
            self.assertNotIn(b" " + word.encode() + b" ", before, word)
        for word in ("attack", "dawn", "east", "west", "better"):
            self.assertNotIn(word.encode(), before.lower(), word)
        alice.say(WORDS)
        bob.expect(r"^\[lobby\] alice: " + WORDS)
        self.assertEqual(betrayer.tap.count(WORDS.encode()), 2)  # from alice, to bob

    def test_it_reads_what_is_meant_for_the_server(self):
        """A password is the server's to check: it is there in the clear."""
        betrayer = self.begin(names=("alice",))
        self.assertIn(harness.PASSWORD.encode(), betrayer.tap)


if __name__ == "__main__":
    harness.main()
