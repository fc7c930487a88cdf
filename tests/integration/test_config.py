#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""The client's configuration file with a real server: `glasschat` alone connects, and nothing of it goes elsewhere."""
import os

import harness
from client_case import PASSWORD, ClientCase
from direct_case import DirectCase


class Config(ClientCase, DirectCase):
    def config(self, *lines, mode=0o600):
        folder = os.path.join(self.folder, "home")
        os.makedirs(folder, 0o700, exist_ok=True)
        path = os.path.join(folder, "config")
        with open(path, "w") as f:
            f.write("".join(line + "\n" for line in lines))
        os.chmod(path, mode)
        return path

    def alone(self, lines, *args, status=0):
        done = self.run_program("glasschat", "--home", os.path.join(self.folder, "home"), *args, status=status,
                                stdin=lines.encode())
        return done.stdout.decode().split("\n"), done.stderr.decode()

    def of(self, server, *lines):
        return self.config(f"server 127.0.0.1:{server.port}", "user alice", "password-file ../password", *lines)

    def test_alone(self):
        server = self.server()
        listener = self.client(server, "bob")
        listener.say("/join quiz")
        listener.expect("you joined quiz")
        self.of(server, "pin " + server.fingerprint, "room den", "room quiz")
        out, _ = self.alone("hello\n", "--register", "--email", "alice@example.org")
        self.assertEqual(out[1:], ["* registered alice", "* logged in as alice, in lobby", "* you joined den",
                                   "* you joined quiz", ""])
        self.assertIn("the one given with --pin", out[0])
        listener.expect(r"^\[quiz\] alice: hello$")
        out, _ = self.alone("hello again\n", "--room", "den")
        self.assertEqual(out[2:], ["* you joined den", ""])

    def test_a_pin_that_does_not_fit(self):
        server = self.server()
        self.of(server, "pin SHA256:AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE=")
        self.assertIn("not the one given with --pin", self.alone("", status=1)[1])

    def test_another_server_gets_nothing_of_it(self):
        """It asks for the user and the password there, as if nothing of the account stood in the file."""
        server = self.server()
        os.mkdir(self.path("other"))
        other = self.started(harness.Server(self.path("other")))
        self.of(server, "pin " + server.fingerprint, "room quiz")
        for words, target in (("who are you?", "127.0.0.1"), ("the password must come from", "alice@127.0.0.1")):
            self.assertIn(words, self.alone("", f"{target}:{other.port}", status=2)[1])
        out, _ = self.alone("", f"alice@127.0.0.1:{other.port}", "--password-file",
                            os.path.join(self.folder, "password"), "--register", "--email", "a@b.c")
        self.assertIn("for the first time", out[0])
        self.assertEqual(out[2:], ["* registered alice", "* logged in as alice, in lobby", ""])

    def test_sealed_rooms(self):
        server = self.server()
        self.of(server)
        self.alone("/seal +exam\n", "--register", "--email", "alice@example.org")
        self.of(server, "room +exam")
        out, _ = self.alone("hello\n")
        self.assertIn("* you joined +exam", out)
        self.of(server, "room +other")
        out, err = self.alone("hello\n", status=1)
        self.assertIn("+other: no sealed room of that name is known here", err)
        self.assertIn("(before the first line: nothing was done or said)", err)

    def test_at_a_terminal(self):
        server = self.server()
        self.of(server, "room den", "room quiz")
        self.alone("", "--register", "--email", "alice@example.org")
        alice = self.started(harness.Process([harness.program("glasschat"), "--home",
                                              os.path.join(self.folder, "home")], terminal=True))
        alice.expect("you joined quiz")
        alice.type("/rooms\n")
        alice.expect(r"\* room den: 1 member, you among them")
        alice.type("/quit\n")
        self.assertEqual(alice.wait(), 0)

    def test_what_is_wrong_is_told_before_anybody_is_asked(self):
        path = self.config("server 127.0.0.1:1", "", "usr alice")
        self.assertEqual(self.alone("", status=2)[1], f"glasschat: {path} line 3: unknown word 'usr': it must be server, "
                         "user, or an option of glasschat --help without its dashes\n")
        self.config("server 127.0.0.1:1", "password " + PASSWORD)
        err = self.alone("", status=2)[1]
        self.assertIn("config line 2: no password may stand here", err)
        self.assertNotIn(PASSWORD, err)
        self.config("server 127.0.0.1:1", mode=0o622)
        self.assertIn("/config: can be changed by other users", self.alone("", status=2)[1])

    def test_without_one(self):
        err = self.alone("", status=2)[1]
        self.assertEqual(err, "glasschat: which server? glasschat [USER@]HOST[:PORT], or a line `server HOST` in "
                         f"{self.folder}/home/config; glasschat --help tells more\n")


if __name__ == "__main__":
    harness.main()
