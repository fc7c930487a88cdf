#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""What people who live in weechat or irssi do without thinking, on a terminal with a real server. Written down before
any of it was built; each is a test here, or a refusal that names what there is instead.

 1  TAB completes a name: `al` at the beginning of a line becomes `alice: `, elsewhere `alice `; TAB again, the next
 2  TAB completes commands, and what they take: `/jo`, `/join l`
 3  the arrow up brings earlier lines back, the arrow down the half of a line that was typed before it
 4  Ctrl-A, Ctrl-E, Ctrl-W, Ctrl-U and Ctrl-K edit the line
 5  Ctrl-L draws the screen anew, with what is being typed
 6  a line with one's own name stands out, and rings if wanted
 7  one sees that something was said elsewhere without going there
 8  Alt-1 to Alt-9 go to another window: there are none, and the key changes nothing of what is typed
 9  PageUp, the mouse: the lines are the terminal's, and stay in it; the program neither clears nor catches anything
10  several lines that are pasted are said, each once, in order
11  the words of IRC: /nick, /query, /names, /list, /part, /me, /whois, /ignore, /topic, /away, /log, ...
12  a connection that was cut comes back by itself, with the rooms
13  the program is started by its name alone, and is where one always is
14  each line has its time
15  each name has its colour, the same every day
16  detach from tmux or screen, come back on a terminal of another size
17  Ctrl-Z, and fg
"""
import os
import re
import signal
import time

import glasschat_client as wire
import harness
from client_case import PASSWORD
from screens import Screens


class Habits(Screens):
    """Me at a terminal; the others are there without a screen."""

    def setUp(self):
        super().setUp()
        if not self.edits():
            self.skipTest("built without libedit")
        self.port = self.own_port()
        self.there = self.server("--listen", f"127.0.0.1:{self.port}")

    def sit_down(self, *options, **kw):
        self.window("me", self.there, *options, columns=80, **kw)

    def enter(self, name, *rooms):
        client = wire.Client(self.port)
        self.addCleanup(client.sock.close)
        client.enter(name, PASSWORD)
        for room in rooms:
            client.join(room)
        return client

    def typing(self, row):
        """The row with the prompt becomes this one."""
        def last():
            return self.screen("me").split("\n")[-1]
        try:
            harness.wait_until(lambda: last() == row, row)
        except AssertionError:
            raise AssertionError(f"not {row!r}, but {last()!r}") from None

    def test_01_tab_completes_a_name(self):
        self.sit_down()
        self.enter("alice")
        self.enter("alfred")
        self.see("me", "alfred joined")
        self.type("me", "al", "Tab")
        self.typing("lobby> alfred:")
        self.type("me", "", "Tab")
        self.typing("lobby> alice:")
        self.type("me", "hello al", "Tab")
        self.see("me", "lobby> alice: hello al")

    def test_02_tab_completes_a_command_and_what_it_takes(self):
        self.sit_down()
        self.type("me", "/jo", "Tab")
        self.typing("lobby> /join")
        self.type("me", "l", "Tab")
        self.typing("lobby> /join lobby")

    def test_03_earlier_lines_come_back(self):
        self.sit_down()
        self.type("me", "first", "Enter")
        self.type("me", "second", "Enter")
        self.type("me", "half", "Up")
        self.typing("lobby> second")
        self.type("me", "", "Up")
        self.typing("lobby> first")
        self.type("me", "", "Down", "Down")
        self.typing("lobby> half")

    def test_04_the_keys_of_every_line_editor(self):
        self.sit_down()
        self.type("me", "two words", "C-a")
        self.type("me", "a", "C-e")
        self.type("me", "z")
        self.typing("lobby> atwo wordsz")
        self.type("me", "", "C-w")
        self.typing("lobby> atwo")
        self.type("me", "three", "C-a", "C-k")
        self.typing("lobby>")
        self.type("me", "gone", "C-u")
        self.typing("lobby>")

    def test_05_the_screen_is_drawn_anew(self):
        self.sit_down()
        self.type("me", "half a line", "C-l")
        harness.wait_until(lambda: self.screen("me") == "lobby> half a line", "a clear screen")

    def test_06_a_line_to_me_stands_out_and_rings(self):
        self.sit_down("--bell")  # test_client_shown.py hears it
        bob = self.enter("bob")
        bob.say("lobby", "nobody is meant")
        self.see("me", "\n[lobby] bob: nobody is meant")
        bob.say("lobby", "is it you, me?")
        self.see("me", "@ [lobby] bob: is it you, me?")

    def test_07_something_was_said_elsewhere(self):
        self.sit_down()
        bob = self.enter("bob", "exam")
        self.type("me", "/join exam", "Enter")
        self.see("me", "exam>")
        self.type("me", "/join lobby", "Enter")
        self.see("me", "lobby>")
        bob.say("exam", "over here")
        self.see("me", "lobby (exam 1)>")

    def test_08_there_are_no_windows(self):
        self.sit_down()
        self.type("me", "text", "M-1", "M-9", "M-a")
        self.type("me", "!")
        self.typing("lobby> text!")
        self.type("me", "", "C-u")
        self.type("me", "/window 2", "Enter")
        self.see("me", "there is no /window here: all rooms are on one screen")

    def test_09_what_was_shown_stays_the_terminal_s(self):
        """No other screen, no region that scrolls, no mouse: what scrolled off is where the terminal keeps it."""
        self.sit_down(rows=10)
        bob = self.enter("bob")
        for i in range(15):
            bob.say("lobby", f"line {i}")
        self.see("me", "line 14")
        self.assertNotIn("line 1\n", self.screen("me"))
        kept = self.screen("me", "-S", "-200")
        for i in range(15):
            self.assertIn(f"[lobby] bob: line {i}\n", kept)
        flags = self.tmux("display-message", "-p", "-t", "=me:", "#{alternate_on}#{mouse_any_flag}#{scroll_region_upper}")
        self.assertEqual(flags.strip(), "000")

    def test_10_pasted_lines_are_each_said_once_and_in_order(self):
        self.sit_down()
        bob = self.enter("bob")
        self.see("me", "bob joined")
        self.tmux("set-buffer", "one\ntwo\nthree\n")
        self.tmux("paste-buffer", "-t", "=me:")
        said = [bob.wait_for(wire.SAID).text for _ in range(3)]
        self.assertEqual([t.decode() if isinstance(t, bytes) else t for t in said], ["one", "two", "three"])

    def test_11_the_words_of_irc(self):
        self.sit_down(rows=50)
        for typed, words in (("/nick x", "an account keeps its name"), ("/query bob", "/call talks with one user alone"),
                             ("/names", "/who lists who is in a room"), ("/list", "/rooms lists all rooms"),
                             ("/part", "/leave leaves a room"), ("/me waves", "there are no actions; say it in words"),
                             ("/whois bob", "/who lists who is in a room"), ("/ignore bob", "/block stops hearing a user"),
                             ("/topic", "a room has a name and no topic"), ("/away", "nobody is shown as away"),
                             ("/log", "nothing is kept on disk")):
            self.type("me", typed, "Enter")
            self.see("me", f"there is no {typed.split()[0]} here: {words}"[:60])

    def test_12_a_connection_that_was_cut_comes_back(self):
        self.sit_down("--reconnect")
        self.type("me", "/join exam", "Enter")
        self.see("me", "exam>")
        self.there.kill()
        self.there.wait()
        self.see("me", "not connected, again in")
        self.there = self.server("--listen", f"127.0.0.1:{self.port}")
        self.see("me", "you are back, in exam")

    def test_13_the_name_of_the_program_alone(self):
        self.sit_down()
        self.type("me", "/quit", "Enter")
        self.see("me", "status 0")
        home = os.path.join(self.folder, "home-me")
        with open(os.path.join(home, "config"), "w") as f:
            f.write(f"# where I always am\nserver 127.0.0.1:{self.port}\nuser me\nroom exam\nroom den\n"
                    f"password-file {os.path.join(self.folder, 'password-me')}\n")
        self.tmux("new-session", "-d", "-s", "again", "-x", "80", "-y", "24",
                  f"TERM=screen {harness.program('glasschat')} --home {home}; echo status $?; cat")
        self.see("again", "* you joined exam")
        self.see("again", "den>")

    def test_14_each_line_has_its_time(self):
        self.sit_down("--times")
        bob = self.enter("bob")
        bob.say("lobby", "what time is it?")
        self.see("me", "what time is it?")
        self.assertRegex(self.screen("me"), r"(?m)^\d\d:\d\d \[lobby\] bob: what time is it\?")

    def test_15_each_name_has_its_colour_the_same_every_day(self):
        self.sit_down("--color", "always")
        for name in "bob", "carol", "bob":
            client = self.enter(name) if name != "bob" or "bob:" not in self.screen("me") else self.bob
            if name == "bob":
                self.bob = client
            client.say("lobby", f"I am {name}, {len(self.screen('me'))}")
        self.see("me", "I am carol")
        harness.wait_until(lambda: self.screen("me").count("I am bob") == 2, "three lines")
        colours = re.findall(r"\x1b\[((?:38;5;)?\d+)m(bob|carol)\x1b", self.screen("me", "-e"))
        by_name = {name: {c for c, n in colours if n == name} for _, name in colours}
        self.assertEqual({name: len(c) for name, c in by_name.items()}, {"bob": 1, "carol": 1}, colours)
        self.assertNotEqual(by_name["bob"], by_name["carol"])

    def test_16_detach_and_come_back_to_another_size(self):
        self.sit_down()
        self.type("me", "half of a line that is longer than it will be wide when I am back")
        self.resize("me", 40)
        self.enter("bob")
        self.see("me", "* bob joined lobby\nlobby> half of a line that is longer")
        self.resize("me", 100)
        self.enter("carol")
        self.see("me", "* carol joined lobby\nlobby> half of a line that is longer than it will be wide when I am back")

    def test_17_stopped_and_back(self):
        """By the key, and by somebody else's SIGSTOP; the shell is a real one, with jobs."""
        password = self.path("password-me", PASSWORD.encode() + b"\n")
        os.chmod(password, 0o600)
        self.tmux("new-session", "-d", "-s", "me", "-x", "80", "-y", "24", "PS1='shell: ' bash --norc -i")
        self.see("me", "shell:")
        self.type("me", f"TERM=screen {harness.program('glasschat')} me@127.0.0.1:{self.port} --register --email "
                        f"me@example.org --home {self.folder}/h --password-file {password}", "Enter")
        self.see("me", "in lobby\nlobby>")
        shell = int(self.tmux("display-message", "-p", "-t", "=me:", "#{pane_pid}"))
        for by_key in True, False:
            self.type("me", "half")
            self.see("me", "lobby> half")
            if by_key:
                self.type("me", "", "C-z")
            else:
                os.kill(harness.children(shell)[0], signal.SIGSTOP)
            self.see("me", "Stopped")
            self.type("me", "clear; fg", "Enter")
            self.see("me", "lobby> half")
            self.type("me", "", "C-u")


if __name__ == "__main__":
    harness.main()
