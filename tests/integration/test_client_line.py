#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""The line that is typed, as people who live in weechat, irssi or a shell type it: the keys."""
import glasschat_client as wire
import harness
from client_case import PASSWORD
from screens import Screens


class Line(Screens):
    """One who types; the others are there without a screen."""

    def setUp(self):
        super().setUp()
        if not self.edits():
            self.skipTest("built without libedit")
        self.there = self.server()
        self.window("me", self.there, columns=80)

    def enter(self, name, *rooms):
        client = wire.Client(self.there.port)
        self.addCleanup(client.sock.close)
        client.enter(name, PASSWORD)
        for room in rooms:
            client.join(room)
        return client

    def last_row(self):
        return self.screen("me").split("\n")[-1]

    def shows(self, row):
        """The last row becomes this one, blanks at its end aside."""
        try:
            harness.wait_until(lambda: self.last_row() == row, row)
        except AssertionError:
            raise AssertionError(f"not {row!r}, but {self.last_row()!r}") from None

    def keys(self, typed, keys, row):
        """Types this, and after it these keys one by one; the row says where x was put then. Clears it."""
        self.type("me", typed)
        self.shows(f"lobby> {typed}".rstrip())
        self.type("me", "", *keys)
        self.type("me", "x")
        self.shows(row)
        self.type("me", "", "C-e", "C-u")
        self.shows("lobby>")


class Keys(Line):
    def test_keys_that_move_and_delete(self):
        for keys, row in (
                (["C-a"], "xone two three"), (["Home"], "xone two three"), (["C-a", "C-e"], "one two threex"),
                (["Home", "End"], "one two threex"), (["C-b", "C-b", "C-f"], "one two threxe"),
                (["M-b"], "one two xthree"), (["C-Left", "C-Left"], "one xtwo three"),
                (["M-Left", "M-Left", "M-Right"], "one twox three"), (["C-a", "C-Right"], "onex two three"),
                (["C-w"], "one two x"), (["C-w", "C-w"], "one x"), (["M-BSpace"], "one two x"), (["C-u"], "x"),
                (["M-b", "C-k"], "one two x"), (["M-b", "C-k", "C-a", "C-y"], "threexone two"),
                (["C-a", "M-d"], "x two three"), (["C-a", "DC"], "xne two three"), (["C-a", "C-d"], "xne two three"),
                (["BSpace"], "one two threx"), (["C-h"], "one two threx")):
            with self.subTest(keys):
                self.keys("one two three", keys, "lobby> " + row)

    def test_keys_that_mean_nothing_here_type_nothing(self):
        for key in ("PPage", "NPage", "IC", "F1", "F5", "F6", "F11", "F12", "BTab", "M-1", "M-2", "M-x", "C-g"):
            with self.subTest(key):
                self.keys("one", [key], "lobby> onex")

    def test_the_screen_is_cleared_below_a_line(self):
        self.type("me", "half a line", "C-l")
        harness.wait_until(lambda: self.screen("me") == "lobby> half a line", "a clear screen")

    def test_earlier_lines_and_back_to_the_half_typed_one(self):
        for line in "first", "second":
            self.type("me", line, "Enter")
            self.shows("lobby>")
        self.type("me", "half")
        for key, row in (("Down", "half"), ("Up", "second"), ("Up", "first"), ("Up", "first"), ("Down", "second"),
                         ("Down", "half"), ("Down", "half"), ("C-p", "second"), ("C-n", "half"), ("C-n", "half")):
            self.type("me", "", key)
            self.shows(f"lobby> {row}")
        self.type("me", "", "Up", "Up", "Enter")
        self.shows("lobby>")
        self.type("me", "new", "Down")
        self.type("me", "er")
        self.shows("lobby> newer")

    def test_a_line_that_is_longer_than_the_window(self):
        bob = self.enter("bob")
        self.type("me", "a word " * 15 + "end")
        self.shows("ord " + "a word " * 4 + "end")
        bob.say("lobby", "it arrives")
        self.see("me", "[lobby] bob: it arrives\nlobby> a word a word")
        self.assertEqual(self.screen("me").count("lobby> a word"), 1)
        self.resize("me", 50)
        bob.say("lobby", "in a narrow window")
        self.see("me", "[lobby] bob: in a narrow window\nlobby> a word a word")
        self.type("me", "", "Home")
        self.type("me", "I say ", "Enter")
        self.assertEqual(bob.wait_for(wire.SAID).text, "I say " + "a word " * 15 + "end")


if __name__ == "__main__":
    harness.main()
