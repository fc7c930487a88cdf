#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""The line that is typed, as people who live in weechat, irssi or a shell type it: keys, completion, the prompt, other chats' words."""
import signal

import glasschat_client as wire
import harness
from client_case import PASSWORD
from screens import Screens


class Line(Screens):
    """One who types; the others are there without a screen."""
    term = "screen"

    def setUp(self):
        super().setUp()
        if not self.edits():
            self.skipTest("built without libedit")
        self.there = self.server()
        self.window("me", self.there, columns=80, term=self.term)

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

    def test_what_is_typed_while_a_command_waits(self):
        self.there.kill(signal.SIGSTOP)
        self.type("me", "/join den", "Enter")
        self.type("me", "half a", "Tab")
        self.type("me", " line")
        self.there.kill(signal.SIGCONT)
        self.see("me", "* you joined den\nden> half a line")
        self.type("me", "", "C-w")
        self.type("me", "word")
        self.shows("den> half a word")

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


    def test_a_width_of_which_no_signal_told(self):
        """It may come late: what is shown meanwhile stays."""
        bob = self.enter("bob")
        self.type("me", "/quit", "Enter")
        self.see("me", "status 0")
        self.tmux("new-session", "-d", "-s", "deaf", "-x", "80", "-y", "24",
                  f"trap '' WINCH; TERM={self.term} {harness.program('glasschat')} me@127.0.0.1:{self.there.port} --home "
                  f"{self.path('home-me')} --password-file {self.path('password-me')}; cat")
        self.see("deaf", "in lobby\nlobby>")
        self.type("deaf", "a word " * 15 + "end")
        self.see("deaf", "a word end")
        self.resize("deaf", 50)
        for n in "one", "two", "three":
            bob.say("lobby", n)
            self.see("deaf", f"[lobby] bob: {n}\nlobby> a word a word")
        self.see("deaf", "bob: one\n[lobby] bob: two\n[lobby] bob: three\nlobby> a word")


class KeysUnderAnotherName(Keys):
    """Programs that say to be an xterm send other bytes for some keys than it does: so does this one."""
    term = "xterm"


class Completing(Line):
    def press(self, typed, *rows):
        """What the row is after that and one TAB, after another, and so on; clears it."""
        self.type("me", typed)
        self.shows(f"lobby> {typed}".rstrip())
        for row in rows:
            self.type("me", "", "Tab")
            self.shows(f"lobby> {row}")
        self.type("me", "", "C-e", "C-u")
        self.shows("lobby>")

    def test_names_in_a_text(self):
        alice, alfred = self.enter("alice"), self.enter("alfred")
        self.see("me", "* alfred joined lobby")
        alfred.say("lobby", "one")
        self.see("me", "alfred: one")
        alice.say("lobby", "two")
        self.see("me", "alice: two")
        self.press("al", "alice:", "alfred:", "al", "alice:")
        self.type("me", "al", "Tab")
        self.shows("lobby> alice:")
        alfred.say("lobby", "three")
        self.see("me", "alfred: three\nlobby> alice:")
        self.type("me", "", "Tab")
        self.shows("lobby> alfred:")
        self.type("me", "", "C-u")
        alice.say("lobby", "four")
        self.see("me", "alice: four\nlobby>")
        self.press("AL", "alice:")
        self.press("", "alice:")
        self.press("hello al", "hello alice", "hello alfred", "hello al")
        self.press("\u5b57\u00e4 al", "\u5b57\u00e4 alice", "\u5b57\u00e4 alfred")
        self.press("xyz", "xyz")
        self.press("hello ", "hello")
        self.press("me", "me")
        self.press(" /jo", " /jo")
        self.press("//al", "//al")
        alfred.log_out()
        self.see("me", "alfred left")
        self.press("al", "alice:", "alice:")

    def test_what_was_completed_is_said(self):
        alice = self.enter("alice")
        self.see("me", "alice joined")
        self.type("me", "al", "Tab")
        self.shows("lobby> alice:")
        self.type("me", "hi", "Enter")
        self.assertEqual(alice.wait_for(wire.SAID).text, "alice: hi")
        self.type("me", "see al there", *["Left"] * 6, "Tab")
        self.shows("lobby> see alice there")
        self.type("me", "x", "Enter")
        self.assertEqual(alice.wait_for(wire.SAID).text, "see alicex there")

    def test_commands_and_what_they_take(self):
        alice = self.enter("alice", "exam", "examples")
        self.see("me", "alice joined")
        self.press("/jo", "/join")
        self.press("/", "/help", "/who", "/rooms")
        self.press("/2fa o", "/2fa on", "/2fa off", "/2fa o")
        self.press("/receipts ", "/receipts on")
        self.press("/msg a", "/msg alice", "/msg alice")
        self.press("/msg alice I am al", "/msg alice I am alice")
        self.press("/certificate @a", "/certificate @alice")
        self.press("/save a", "/save a")
        self.press("/nothing a", "/nothing a")
        self.press("/who l", "/who lobby")
        self.press("/join e", "/join e")
        self.type("me", "/rooms", "Enter")
        self.see("me", "* room lobby")
        self.press("/join e", "/join exam", "/join examples", "/join e")
        self.type("me", "/join e", "Tab")
        self.shows("lobby> /join exam")
        self.type("me", "", "Enter")
        self.see("me", "* you joined exam\nexam>")
        self.type("me", "a", "Tab")
        self.shows("exam> alice:")
        self.type("me", "", "C-u")
        self.type("me", "/join ", "Tab")
        self.shows("exam> /join lobby")
        self.type("me", "", "Enter")
        self.see("me", "* you talk in lobby now\nlobby>")
        alice.leave("lobby")
        self.see("me", "alice left lobby")
        self.press("a", "a")

    def test_who_has_left_a_room_before_one_came(self):
        zoe, alice = self.enter("zoe", "den"), self.enter("alice", "den")
        self.type("me", "/who den", "Enter")
        self.see("me", "* in den: alice, zoe")
        zoe.leave("den")
        alice.say("den", "she has gone")
        self.type("me", "/join den", "Enter")
        self.see("me", "you joined den")
        for typed, row in (("a", "alice:"), ("z", "z")):
            self.type("me", typed, "Tab")
            self.shows(f"den> {row}")
            self.type("me", "", "C-u")
            self.shows("den>")

    def test_what_is_pasted_completes_nothing(self):
        alice = self.enter("alice")
        self.see("me", "alice joined")
        self.type("me", "al\tis here\t", "Enter")
        self.assertEqual(alice.wait_for(wire.SAID).text, "alis here")

    def test_a_question_is_answered_as_it_is_typed(self):
        self.enter("alice")
        self.see("me", "alice joined")
        self.type("me", "/delete-account", "Enter")
        self.see("me", "for ever:")
        self.type("me", "al", "Tab", "Enter")
        self.see("me", "not deleted")
        self.assertNotIn("alice:", self.screen("me"))

    def test_sealed_rooms_and_invitations(self):
        for name in "ann", "ben":
            self.window(name, self.there, columns=80)
        self.type("ann", "/seal +exam", "Enter")
        self.see("ann", "you joined +exam\n")
        self.type("ann", "/inv", "Tab")
        self.see("ann", "+exam> /invite")
        self.type("ann", "b", "Tab")
        self.see("ann", "+exam> /invite ben")
        self.type("ann", "", "Enter")
        self.see("ann", "calling ben")
        self.see("ben", "to be in it")
        self.type("ben", "/leave +exam ", "Tab")
        self.see("ben", "/leave +exam ann")
        self.type("ben", "", "C-u")
        self.type("ben", "/accept ", "Tab")
        self.see("ben", "lobby> /accept +exam ann")
        self.type("ben", "", "Enter")
        self.see("ben", "you joined +exam")
        self.see("ann", "ben joined +exam")
        self.type("ann", "b", "Tab")
        self.see("ann", "+exam> ben:")
        self.type("ann", "", "Enter")
        self.see("ben", "new, not compared: ben:")
        self.type("ben", "/save x ", "Tab")
        self.see("ben", "/save x +exam")


class Prompt(Line):
    def go_to_exam_and_back(self, name):
        for room, told in ("exam", "* you joined exam"), ("lobby", "* you talk in lobby now"):
            self.type(name, f"/join {room}", "Enter")
            self.see(name, f"{told}\n{room}>")

    def test_leaving_says_where_one_talks_then(self):
        self.type("me", "/join exam", "Enter")
        self.see("me", "* you joined exam\nexam>")
        self.type("me", "/leave", "Enter")
        self.see("me", "* you left exam\n* you talk in lobby now\nlobby>")
        self.type("me", "/leave", "Enter")
        self.see("me", "* you left lobby\n>")

    def test_what_comes_elsewhere_is_counted(self):
        alice = self.enter("alice", "exam")
        self.go_to_exam_and_back("me")
        self.shows("lobby>")
        self.type("me", "half a line")
        alice.say("exam", "one")
        self.shows("lobby (exam 1)> half a line")
        alice.say("lobby", "here")
        self.see("me", "[lobby] alice: here\nlobby (exam 1)> half a line")
        alice.say("exam", "two")
        self.shows("lobby (exam 2)> half a line")
        self.type("me", "", "C-u")
        self.type("me", "/join exam", "Enter")
        self.see("me", "you talk in exam now\nexam>")
        alice.say("exam", "three")
        self.see("me", "alice: three\nexam>")
        alice.say("lobby", "four")
        self.shows("exam (lobby 1)>")
        self.type("me", "/leave lobby", "Enter")
        self.see("me", "you left lobby\nexam>")

    def test_a_prompt_that_grows(self):
        """Where the row it stands in is full: with the next prompt the line has a row more."""
        alice = self.enter("alice", "exam")
        self.go_to_exam_and_back("me")
        half = "abcdefgh" * 9
        self.type("me", half)
        self.see("me", "lobby> " + half)
        before = self.screen("me")
        alice.say("exam", "one")
        self.see("me", "[exam] alice: one\nlobby (exam 1)> abcdefgh")
        alice.say("exam", "two")
        self.see("me", "[exam] alice: two\nlobby (exam 2)> abcdefgh")
        after = self.screen("me")
        self.assertEqual(after.count("lobby ("), 1)
        self.assertTrue(after.startswith(before[:before.rindex("lobby> ")]), after)
        self.type("me", "", "Enter")
        self.assertEqual(alice.wait_for(wire.SAID).text, half)

    def test_direct_messages_and_a_question(self):
        self.window("ann", self.there, columns=80)
        self.type("ann", "/msg me hello", "Enter")
        self.see("me", "not compared] hello\nlobby (@ann 1)>")
        self.type("me", "/delete-account", "Enter")
        self.see("me", "for ever:")
        self.type("ann", "/msg me again", "Enter")
        self.see("me", "not compared] again\n")
        self.assertTrue(self.last_row().endswith("for ever:"), self.last_row())
        self.type("me", "", "Enter")
        self.shows("lobby (@ann 2)>")
        self.type("me", "/msg ann yes?", "Enter")
        self.see("ann", "yes?\nlobby (@me 1)>")
        self.shows("lobby>")
        self.type("ann", "/call me", "Enter")
        self.see("ann", "until /leave\n@me>")

    def test_a_terminal_without_an_editor_has_the_room_alone(self):
        self.window("ann", self.there, term="dumb")
        alice = self.enter("alice", "exam")
        self.go_to_exam_and_back("ann")
        alice.say("exam", "one")
        self.see("ann", "[exam] alice: one\nlobby>")
        self.type("ann", "/help", "Enter")
        self.see("ann", "* no TAB, ")

    def test_help_on_one_command(self):
        for word in "join", "/join":
            self.type("me", f"/help {word}", "Enter")
            self.see("me", "* /join ROOM               go into a room")
            self.assertNotIn("/leave", self.screen("me"))
        self.type("me", "/help jion", "Enter")
        self.see("me", "there is no command /jion: did you mean /join?")
        self.type("me", "/help names", "Enter")
        self.see("me", "there is no /names here: /who lists who is in a room")


class Words(Line):
    def refused(self, line, words):
        self.type("me", line, "Enter")
        self.see("me", words)
        self.shows("lobby>")

    def test_commands_of_other_chats_are_refused_by_name(self):
        alice = self.enter("alice")
        for line, words in (("/names", "there is no /names here: /who lists who is in a room"),
                            ("/me waves", "there is no /me here: there are no actions; say it in words"),
                            ("/part lobby", "there is no /part here: /leave leaves a room"),
                            ("/log", "there is no /log here: nothing is kept on disk;"),
                            ("/query alice hello", "there is no /query here: /call talks with one user alone")):
            with self.subTest(line):
                self.refused(line, words)
        self.type("me", "the end", "Enter")
        self.assertEqual(alice.wait_for(wire.SAID).text, "the end")

    def test_a_letter_that_is_wrong(self):
        for line, meant in (("/jion exam", "/join"), ("/pasword", "/password"), ("/Who", "/who"), ("/leav", "/leave")):
            with self.subTest(line):
                self.refused(line, f"there is no command {line.split()[0]}: did you mean {meant}?")
        self.refused("/nothing", "there is no command /nothing: /help lists them")


if __name__ == "__main__":
    harness.main()
