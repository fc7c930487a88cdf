# SPDX-License-Identifier: MIT
"""Programs on a terminal that can be looked at: what the tests that see a screen share."""
import os
import shutil
import subprocess
import time

import harness


class Screens(harness.TestCase):
    """Programs as people see them: tmux is the terminal, and says what is on its screen."""

    def setUp(self):
        super().setUp()
        if shutil.which("tmux") is None:
            self.skipTest("tmux is not installed")
        self.socket = os.path.join(self.folder, "tmux")
        self.addCleanup(subprocess.run, ["tmux", "-S", self.socket, "kill-server"], stderr=subprocess.DEVNULL)
        # The next window after the last was closed would else meet a server that is just ending.
        self.tmux("start-server", ";", "set-option", "-s", "exit-empty", "off")

    def tmux(self, *args):
        return subprocess.run(["tmux", "-f", "/dev/null", "-S", self.socket, *args], check=True, capture_output=True,
                              text=True, env={**os.environ, **harness.NO_LEAK_CHECK}).stdout

    def window(self, name, server, *options, columns=60, rows=24, term="screen"):
        """A client that has registered and logged in, in a window of its own; then its shell."""
        password = os.path.join(self.folder, "password-" + name)
        with open(os.open(password, os.O_WRONLY | os.O_CREAT, 0o600), "w") as f:
            f.write(harness.PASSWORD + "\n")
        command = " ".join([harness.program("glasschat"), f"{name}@127.0.0.1:{server.port}", "--register", "--email",
                            f"{name}@example.org", "--home", os.path.join(self.folder, "home-" + name),
                            "--password-file", password, *options])
        self.tmux("new-session", "-d", "-s", name, "-x", str(columns), "-y", str(rows),
                  f"TERM={term} {command}; echo status $?; stty -a; cat")
        self.see(name, "in lobby\nlobby>")

    def type(self, name, text, *keys):
        if text:
            self.tmux("send-keys", "-t", f"={name}:", "-l", text)
        for key in keys:
            self.tmux("send-keys", "-t", f"={name}:", key)

    def resize(self, name, columns):
        """Waits until the terminal has that width, of which the kernel has told the program on it."""
        self.tmux("resize-window", "-t", f"={name}:", "-x", str(columns))
        with open(self.tmux("display-message", "-p", "-t", f"={name}:", "#{pane_tty}").strip(),
                  opener=lambda path, flags: os.open(path, flags | os.O_NOCTTY)) as tty:
            harness.wait_until(lambda: os.get_terminal_size(tty.fileno()).columns == columns, f"{columns} columns")

    def screen(self, name, *how):
        return self.tmux("capture-pane", "-p", *how, "-t", f"={name}:").rstrip()

    def see(self, name, text, patience=harness.PATIENCE):
        deadline = time.monotonic() + patience
        while text not in self.screen(name):
            if time.monotonic() > deadline:
                raise AssertionError(f"no {text!r} on {name}'s screen:\n{self.all_windows()}")
            time.sleep(0.05)

    def all_windows(self):
        """What is on each, and what runs there, to find the cause of a failure."""
        said = []
        for line in self.tmux("list-panes", "-a", "-F", "#{session_name} #{pane_tty}").splitlines():
            name, tty = line.split()
            runs = ""
            if shutil.which("ps"):
                runs = subprocess.run(["ps", "-t", tty, "-o", "pid,stat,etimes,wchan:24,args"], capture_output=True,
                                      text=True).stdout
            said.append(f"--- {name}\n{self.screen(name)}\n{runs}")
        return "".join(said)

    def edits(self):
        """True where the client was built with libedit."""
        return b"libedit" in subprocess.run(["ldd", harness.program("glasschat")], capture_output=True).stdout
