#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""A server that loses, repeats, changes and mixes up the frames of a call: what the users see is what was said, or that
something was lost, and then they talk on."""
import os
import time

import harness
from treacherous_case import TreacherousCase

# Of a call that is made for a text: the frames, as the server counts them.
HELLO, ANSWER, FINISHED, CALLER, STEP_0, TEXT, STEP_1, ACK = range(8)
ALL = bool(os.environ.get("ALL"))


@harness.unsanitized
class Frames(TreacherousCase):
    def begin_to_talk(self):
        self.begin()
        for user in self.users.values():
            user.say("/receipts on")
            user.expect("you are told what has arrived")
        self.meet()
        self.n = 0

    def under(self, misdeed, outcomes, live=True, behind=False):
        """A text is said while the server does this, in a live call or in one that is made for it; the outcome is one of
        these. All that was between the two has ended first, and arrived."""
        self.n += 1
        self.betray("end")
        self.betray("none")
        self.talk_on()
        if not live:
            self.betray("end")
        text = f"number {self.n} under {misdeed.replace(' ', '-')}"
        time.sleep(1)  # who says "no such call" has not said so in the last second, and may say it again
        self.betray(misdeed)
        self.assertIn(self.attempt(text, behind=behind), outcomes, misdeed)

    def talk_on(self):
        self.n += 1
        for name, to in (("alice", "bob"), ("bob", "alice")):
            self.assertEqual(self.attempt(f"{name} talks on, {self.n}", name, to), ("confirmed", 1))

    LOST = [("not confirmed", 0), ("not said", 0)]
    SHOWN = [("not confirmed", 1)]

    def test_records(self):
        """Of a live call: sent twice, in another order, of another call, or of another direction. Frame 0 is alice's
        text, 1 and 2 are bob's step and acknowledgement."""
        self.begin_to_talk()
        for misdeed, outcomes in (("replay", self.SHOWN), ("reorder bob", self.LOST), ("forge alice", self.LOST),
                                  ("other-call bob", self.LOST), ("turn-back bob", self.LOST), ("drop 0", self.LOST)):
            self.under(misdeed, outcomes, behind=True)
        for misdeed, outcomes in (("forge bob", self.SHOWN), ("drop 1", self.SHOWN), ("deny alice", self.LOST)):
            self.under(misdeed, outcomes)

    def test_a_call_sent_again(self):
        """Its hello with each frame, and then all of it: the live call is not disturbed, and nothing is shown twice."""
        self.begin_to_talk()
        self.betray("replay-hello")
        for i in range(4):
            self.assertEqual(self.attempt(f"undisturbed {i}"), ("confirmed", 1))
            self.assertEqual(self.attempt(f"undisturbed {i}", "bob", "alice"), ("confirmed", 1))
        self.betray("replay-call bob")
        self.betray("replay-call alice")
        self.betray("none")
        for i in range(4):
            self.assertEqual(self.shown("bob", f"undisturbed {i}"), 1)
        self.assertEqual(self.attempt("and this is the same call"), ("confirmed", 1))
        self.assertEqual([self.shown(name, text) for name, text in (("bob", "we meet"), ("alice", "so we do"))], [1, 1])
        self.assertNotIn("ended", self.users["alice"].err.text + self.users["bob"].err.text)

    def test_changed_and_cut_short(self):
        """Each frame of a call in turn, from its hello to the acknowledgement: the call fails, and the next is made."""
        self.begin_to_talk()
        for n in range(HELLO, ACK + 1):
            outcomes = self.LOST if n <= TEXT else self.SHOWN
            for offset in (range(4, 60, 3) if ALL else [4 + 7 * n]):
                self.under(f"flip {n} {offset}", outcomes, live=False, behind=n == TEXT)
            for length in (0, 1, 15, 16, 35, 48, 63) if ALL else [16 * (n % 4)]:
                self.under(f"truncate {n} {length}", outcomes, live=False, behind=n == TEXT)
        self.betray("end")
        self.talk_on()

    def test_what_is_no_frame(self):
        """A server that relays what is none breaks the rules of section 10: nobody stays with it."""
        self.begin_to_talk()
        self.betray("flip 1 1")  # its version
        self.say("alice", "bob", "not this")
        self.assertEqual(self.users["bob"].wait(), 1)
        self.assert_unseen("bob", "not this")
        self.users["alice"].expect("not confirmed: to bob: not this", 3 * harness.PATIENCE)


@harness.unsanitized
class Acknowledgements(Frames):
    test_records = test_a_call_sent_again = test_changed_and_cut_short = test_what_is_no_frame = None

    def test_withheld_and_late(self):
        """It is shown once; it is told as not confirmed, once; and its ack, when it comes at last, in silence."""
        self.begin_to_talk()
        self.betray("hold bob")
        self.assertEqual(self.attempt("did you get this?"), ("not confirmed", 1))
        self.betray("release")
        self.assertEqual(self.attempt("and this?"), ("confirmed", 1))
        alice = self.users["alice"].out.text
        self.assertEqual((alice.count("bob has it"), alice.count("not confirmed"), self.shown("bob", "did you get this?")),
                         (2, 1, 1))  # the first of the two is for: we meet
        self.assertEqual(self.users["alice"].err.text + self.users["bob"].err.text, "")


if __name__ == "__main__":
    harness.main()
