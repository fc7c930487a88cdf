#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""The client's commands about one's own account at a terminal: what is asked, shown and never shown, and what stops it."""
import base64
import fcntl
import os
import re
import shutil
import signal
import struct
import subprocess
import termios
import time

import glasschat_client as wire
import harness
from commands_case import NEW, PASSWORD, Commands, code_of
from screens import Screens


class Terminals(Commands, Screens):
    """The same as people see it."""

    def answer(self, name, question, text, *keys):
        self.see(name, question)
        self.type(name, text, *keys)

    def change_password(self, server, name, term):
        """While it is asked for, bob talks."""
        self.window(name, server, term=term)
        self.type(name, "/password", "Enter")
        self.answer(name, "\npassword:", PASSWORD[:5])
        self.type("bob", "it arrives", "Enter")
        self.see(name, "[lobby] bob: it arrives\npassword:")
        self.type(name, PASSWORD[5:], "Enter")
        self.answer(name, "code (Enter if none):", "", "Enter")
        self.answer(name, "new password:", NEW, "Enter")
        self.answer(name, "repeat password:", NEW + "x", "Enter")
        self.see(name, "passwords do not match\nnew password:")
        self.type(name, NEW, "Enter")
        self.see(name, "match\nnew password:\nrepeat password:")
        self.type(name, NEW, "Enter")
        self.see(name, "* password changed\nlobby>")
        screen = self.screen(name)
        self.assertNotIn(PASSWORD[5:], screen)
        self.assertNotIn(NEW, screen)
        self.type(name, f"{name} goes on", "Enter")
        self.see("bob", f"[lobby] {name}: {name} goes on")
        with wire.Client(server.port) as c:
            c.log_in(name, NEW)

    def test_the_password(self):
        server = self.server()
        self.window("bob", server)
        self.change_password(server, "alice", "screen")
        self.change_password(server, "carol", "dumb")

    def test_what_is_pasted_after_a_command_is_never_said(self):
        server = self.server()
        self.window("bob", server)
        for name, term in ("alice", "screen"), ("carol", "dumb"):
            self.window(name, server, term=term)
            self.type(name, f"/password\r{PASSWORD}\r\r{NEW}\r{NEW}\r")
            self.see(name, "\npassword:")
            time.sleep(0.3)

            def answers_with_nothing():
                return self.screen(name).endswith("lobby>") or self.type(name, "", "Enter")

            harness.wait_until(answers_with_nothing, "it asks for no more, whatever it asked for")
            self.type(name, f"the end of {name}", "Enter")
            self.see("bob", f"the end of {name}")
        for secret in PASSWORD, NEW:
            self.assertNotIn(secret, self.screen("bob"))

    def test_what_is_pasted_after_a_refused_command_is_never_said(self):
        """Here no question comes that would throw it away."""
        server = self.server()
        self.window("bob", server)
        for name, term in ("alice", "screen"), ("carol", "dumb"):
            self.window(name, server, term=term)
            self.type(name, f"/certificate /nowhere\r{PASSWORD}\r\r")
            self.see(name, "not registered")
            self.type(name, "/delete-account", "Enter")
            self.see(name, f"type {name} to delete it")
            self.type(name, f"x\r{PASSWORD}\r\r")
            self.see(name, "that is not your name")
            time.sleep(0.3)
            self.type(name, f"the end of {name}", "Enter")
            self.see("bob", f"the end of {name}")
        self.assertNotIn(PASSWORD, self.screen("bob"))

    def test_whoever_pastes_is_told_what_is_thrown_away(self):
        """And who pasted nothing is told nothing of it."""
        server = self.server()
        for name, term in ("alice", "screen"), ("carol", "dumb"):
            self.window(name, server, term=term)
            self.type(name, "/names", "Enter")
            self.see(name, "who is in a\n    room\nlobby>")
            self.type(name, "/usr/bin/true is a file\rso is this\r")
            self.see(name, "\n* what was typed or pasted right after it is thrown away\nlobby>")
            self.assertEqual(self.screen(name).count("thrown away"), 1)

    def test_what_is_pasted_after_a_mistyped_command_is_never_said(self):
        """Nor the command itself; and what is typed afterwards is said again."""
        server = self.server("--max-rate", "1000")
        self.window("bob", server)
        for name, term in ("alice", "screen"), ("carol", "dumb"):
            self.window(name, server, term=term)
            for i, line in enumerate(("/pasword", "/Password", " /password", "\u00a0/password", "\uff0fpassword",
                                      ".password", "/2fa ON", "/password now", "/block bob dave", PASSWORD)):
                self.type(name, f"{line}\r{PASSWORD}\r\r{NEW}\r")
                self.see(name, "glasschat: ")
                harness.wait_until(lambda: self.screen(name).endswith("lobby>"), "the prompt is back")
                time.sleep(0.2)
                self.type(name, f"{i} of {name}", "Enter")
                self.see("bob", f"{name}: {i} of {name}")
                self.tmux("clear-history", "-t", f"={name}:")
                self.tmux("send-keys", "-t", f"={name}:", "-R")
        heard = re.findall(r"^\[lobby\] (.*)$", self.screen("bob", "-S", "-"), re.M)
        self.assertEqual(heard, [f"{name}: {i} of {name}" for name in ("alice", "carol") for i in range(10)])

    def test_what_is_typed_after_a_mistyped_way_to_a_sealed_room_is_never_said(self):
        server = self.server()
        for name, term in ("alice", "screen"), ("carol", "dumb"):
            self.window(name, server, term=term, columns=90)
            for line in "/seal +den now", "/jion +den", " /seal +den":
                self.type(name, line, "Enter")
                self.see(name, "what you type is said to nobody now: /join lobby to talk there again")
                self.type(name, "in the clear", "Enter")
                self.see(name, "not said: you talk in no room")
                self.type(name, "/join lobby", "Enter")
                self.see(name, "you talk in lobby now")
                self.tmux("clear-history", "-t", f"={name}:")
                self.tmux("send-keys", "-t", f"={name}:", "-R")

    def test_nothing_typed_takes_it_back(self):
        server = self.server()
        self.window("alice", server)
        for command, question, why in (("/password", "password:", "password not changed"),
                                       ("/2fa on", "password:", "no second factor begun"),
                                       ("/delete-account", "type alice to delete it", "account not deleted")):
            self.type("alice", command, "Enter")
            self.answer("alice", question, "", "Enter")
            self.see("alice", f"glasschat: {why}: ")
            self.tmux("clear-history", "-t", "=alice:")
            self.tmux("send-keys", "-t", "=alice:", "-R")

    def matrix(self, screen):
        """The rows of the code that is on the screen, dark as #."""
        lines = [line for line in screen.split("\n") if re.fullmatch("[ \u2580\u2584\u2588]*\\S[ \u2580\u2584\u2588]*", line)]
        self.assertGreater(len(lines), 10, screen)
        side = max(len(line) for line in lines)
        rows = []
        for line in lines:
            line = line.ljust(side)
            rows.append("".join(".#"[c in "\u2580\u2588"] for c in line))
            rows.append("".join(".#"[c in "\u2584\u2588"] for c in line))
        return [row for row in rows if "#" in row]

    def test_the_code_that_is_drawn_is_the_uri(self):
        if shutil.which("qrencode") is None:
            self.skipTest("qrencode is not installed")
        secret, seen = os.urandom(20), []

        def part(peer):
            request = peer.expect(wire.BEGIN_SECOND_FACTOR)
            peer.answer(request, wire.SECRET, secret)
            request = peer.expect(wire.CONFIRM_SECOND_FACTOR)
            seen.append(request.fields.text(1))
            peer.answer(request)
        server = self.peer(part)
        self.window("alice", server, columns=130, rows=50)
        self.type("alice", "/2fa on", "Enter")
        self.answer("alice", "password:", PASSWORD, "Enter")
        self.answer("alice", "code (Enter if none):", "", "Enter")
        self.see("alice", "/2fa confirm and the code it shows")
        screen = self.screen("alice")
        uri = re.search(r"otpauth://\S+", screen)[0]
        self.assertIn("secret=" + base64.b32encode(secret).decode(), uri)
        drawn = self.matrix(screen)
        theirs = subprocess.run(["qrencode", "-t", "ASCII", "-l", "M", "-m", "0", "-o", "-"], input=uri.encode(),
                                capture_output=True, check=True).stdout.decode().split("\n")
        theirs = [line[::2].replace(" ", ".") for line in theirs if line]
        left = min(row.index("#") for row in drawn)
        self.assertEqual([row[left:left + len(theirs)] for row in drawn], theirs)
        self.assertIn("107m", self.screen("alice", "-e"))  # dark on light, whatever the terminal's colors
        if shutil.which("zbarimg"):
            margin = ["." * len(theirs)] * 4
            pixels = [row.center(len(theirs) + 8, ".") for row in margin + theirs + margin]
            picture = os.path.join(self.folder, "code.pbm")
            with open(picture, "w") as f:
                f.write("P1\n%d %d\n" % (4 * len(pixels[0]), 4 * len(pixels)))
                for row in pixels:
                    f.write(4 * ("".join(4 * ("1 " if c == "#" else "0 ") for c in row) + "\n"))
            read = subprocess.run(["zbarimg", "--quiet", "--raw", picture], capture_output=True, text=True).stdout
            self.assertEqual(read.strip(), uri)
        code = code_of(secret)
        self.type("alice", f"/2fa confirm {code}", "Enter")
        self.see("alice", "* second factor on")
        self.assertEqual(seen, [code])

    def test_the_secret_is_on_no_command_line(self):
        """A qrencode in the way writes down how it was called."""
        tools = os.path.join(self.folder, "bin")
        os.mkdir(tools)
        said = os.path.join(self.folder, "said")
        script = os.path.join(tools, "qrencode")
        with open(script, "w") as f:
            f.write(f'#!/bin/sh\nenv >{said}\necho "$0 $*" >>{said}\ntr "\\0" " " </proc/$PPID/cmdline >>{said}\n'
                    'printf "\\033[2J##\\n"\necho it complains >&2\n')
        os.chmod(script, 0o755)
        secret = os.urandom(20)

        def part(peer):
            peer.answer(peer.expect(wire.BEGIN_SECOND_FACTOR), wire.SECRET, secret)
        server = self.peer(part)
        alice = self.started(harness.Process(
            [harness.program("glasschat"), f"alice@127.0.0.1:{server.port}", "--home", self.folder], terminal=True,
            env={"PATH": tools + ":" + os.environ["PATH"], "TERM": "xterm"}))
        fcntl.ioctl(alice.stdin, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
        for question, text in (("password: ", PASSWORD), ("code .*: ", ""), ("lobby> ", "/2fa on"),
                               ("password: ", PASSWORD), ("code .*: ", ""), (r"\* secret: \S+", "/quit")):
            alice.expect(question)
            alice.type(text + "\n")
        self.assertEqual(alice.wait(), 0)
        with open(said) as f:
            said = f.read()
        self.assertIn("qrencode -t ASCII", said)
        self.assertNotIn(base64.b32encode(secret).decode(), said)
        self.assertNotIn("otpauth", said)
        self.assertNotIn("\x1b[2J", alice.out.text)  # what it says is no drawing, so nothing is drawn
        self.assertNotIn("it complains", alice.out.text + alice.err.text)  # nor does it write past us

    def test_stopped_at_a_password(self):
        """The shell gets a terminal that shows what is typed; back at the question it is hidden again."""
        server = self.server()
        alice = self.started(harness.Job([harness.program("glasschat"), f"alice@127.0.0.1:{server.port}", "--home",
                                          self.folder]))
        alice.expect("password: ")
        for sig in (signal.SIGTSTP, signal.SIGSTOP):  # of the second the client hears only when it goes on
            self.assertFalse(alice.echoes())
            alice.stop(sig)
            shown = termios.tcgetattr(alice.stdin)
            if sig == signal.SIGTSTP:
                self.assertTrue(alice.echoes())
            shown[3] |= termios.ECHO  # as bash does for itself, and does not undo
            termios.tcsetattr(alice.stdin, termios.TCSANOW, shown)
            alice.go_on()
            alice.expect("password: ")
            harness.wait_until(lambda: not alice.echoes(), "it hides what is typed")
        alice.type(PASSWORD + "\n")
        alice.expect("code .*: ")
        self.assertEqual(alice.out.text.count("password: "), 3)  # once more for each stop

    def waits_in(self, pid):
        """The number of the system call; None while it runs, or waits for something else."""
        with open(f"/proc/{pid}/syscall") as f:
            number = f.read().split()[0]
        return None if number in ("running", "-1") else number

    def test_stopped_with_its_shell(self):
        """Ctrl-Z stops a script, too, and the shell has the terminal before the client has heard of it: to hold the client
        until then, the terminal takes no output, and there is some. Then both go on."""
        server = self.server()
        bob = wire.Client(server.port).enter("bob", PASSWORD)
        self.addCleanup(bob.close)
        with open(os.path.join(self.folder, "password"), "w") as f:
            os.chmod(f.name, 0o600)
            f.write(PASSWORD)
        alice = self.started(harness.Job(
            ["sh", "-c", '"$@"; echo the end of the script', "sh", harness.program("glasschat"),
             f"alice@127.0.0.1:{server.port}", "--home", self.folder, "--register", "--email", "a@example.org",
             "--password-file", f.name], env={"TERM": "xterm"}))
        alice.expect("in lobby")
        client = harness.children(alice.job())[0]
        tty = os.open(f"/proc/{client}/fd/0", os.O_RDWR | os.O_NOCTTY)
        self.addCleanup(os.close, tty)
        alice.type("/password\n")
        alice.expect("password: ")
        for turn in range(2):
            poll = harness.wait_until(lambda: self.waits_in(client), "it waits")
            modes = termios.tcgetattr(tty)
            modes[0] &= ~termios.IXON  # or Ctrl-Z would let the output go on
            termios.tcsetattr(tty, termios.TCSANOW, modes)
            termios.tcflow(tty, termios.TCOOFF)
            bob.say("lobby", f"turn {turn}")
            harness.wait_until(lambda: self.waits_in(client) not in (poll, None), "it waits for the terminal")
            alice.type("\x1a")
            harness.wait_until(alice.has_terminal, "the shell has the terminal")
            termios.tcflow(tty, termios.TCOON)
            harness.wait_until(lambda: harness.is_stopped(client), "it stops")
            alice.go_on()
            alice.expect("password: ")
            harness.wait_until(lambda: not alice.echoes() and not harness.is_stopped(client), "it hides what is typed")
        alice.type("\n")
        alice.expect("nothing was typed[^>]*lobby> ")
        alice.type("/quit\n")
        alice.expect("the end of the script")

    def begun_in_the_background(self, *options, **env):
        """A client of alice, and how the terminal was before. When it goes on, the shell has had the terminal for itself."""
        server = self.server()
        wire.Client(server.port).enter("alice", PASSWORD).close()
        alice = self.started(harness.Job([harness.program("glasschat"), f"alice@127.0.0.1:{server.port}", "--home",
                                          self.folder, *options], background=True, env=env))
        usual, keys = termios.tcgetattr(alice.stdin), termios.tcgetattr(alice.stdin)
        keys[3] &= ~(termios.ICANON | termios.ECHO)
        termios.tcsetattr(alice.stdin, termios.TCSANOW, keys)
        alice.go_on()
        harness.wait_until(lambda: harness.children(alice.pid) and alice.is_stopped(), "it stops")
        termios.tcsetattr(alice.stdin, termios.TCSANOW, usual)
        alice.go_on()
        return alice, usual

    def test_begun_in_the_background(self):
        """A question wants a line, though each key counted when it was begun."""
        alice, _ = self.begun_in_the_background(TERM="dumb")
        alice.expect("password: ")
        self.assertTrue(termios.tcgetattr(alice.stdin)[3] & termios.ICANON)
        for key in PASSWORD + "\n":
            alice.type(key)
        alice.expect("code .*: ")
        alice.type("\n")
        alice.expect("in lobby")
        self.assertNotIn(PASSWORD, alice.out.text)
        alice.type("/quit\n")

    def test_begun_in_the_background_with_a_line_editor(self):
        """What the shell had for itself is not how the terminal is left."""
        password = os.path.join(self.folder, "password")
        with open(password, "w") as f:
            os.chmod(password, 0o600)
            f.write(PASSWORD)
        alice, usual = self.begun_in_the_background("--password-file", password, TERM="xterm")
        alice.expect("lobby> ")
        alice.type("/quit\n")
        harness.wait_until(lambda: not harness.children(alice.pid), "it ends")
        self.assertEqual(termios.tcgetattr(alice.stdin)[:4], usual[:4])

    def test_ended_at_a_password(self):
        """Whatever ends it, the terminal shows what is typed again."""
        server = self.server()
        signals = (signal.SIGINT, signal.SIGQUIT, signal.SIGTERM, signal.SIGHUP, signal.SIGALRM, signal.SIGUSR1,
                   signal.SIGUSR2, signal.SIGXCPU)
        for sig in signals:
            alice = self.started(harness.Process(
                ["sh", "-c", '"$@"; echo over; cat', "sh", harness.program("glasschat"),
                 f"alice@127.0.0.1:{server.port}", "--home", self.folder], terminal=True))
            alice.expect("password: ")
            os.kill(harness.children(alice.pid)[0], sig)
            alice.expect("over")
            self.assertTrue(termios.tcgetattr(alice.stdin)[3] & termios.ECHO, sig)
            alice.close()

    def test_nobody_could_let_it_go_on(self):
        """Without a shell Ctrl-Z must not stop it, at the question or after it: it would be stopped for ever."""
        server = self.server()
        alice = self.client(server, "alice", terminal=True, env={"TERM": "xterm"})
        alice.type("\x1a/who\n")
        alice.expect("in lobby: alice")
        bob = self.started(harness.Process(
            [harness.program("glasschat"), f"alice@127.0.0.1:{server.port}", "--home", self.folder], terminal=True))
        bob.expect("password: ")
        bob.type("\x1a")
        bob.expect("password: ")  # once more: the signal was seen
        bob.type(PASSWORD + "\n")
        bob.expect("code .*: ")
        bob.type("\n")
        bob.expect("in lobby")
        self.assertNotIn(PASSWORD, bob.out.text)


if __name__ == "__main__":
    harness.main()
