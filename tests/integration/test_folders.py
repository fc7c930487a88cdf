#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Folders that version 1.0 left (folders-1.0/README.md says what is in them) with the programs of today: nothing is lost,
and nobody has to do anything."""
import hashlib
import os
import re
import shutil
import subprocess
import time

import glasschat_client as wire
import harness
from glasschat_client import Client, Refused

HERE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "folders-1.0")
PASSWORD = "a good password"
BOB = re.search(r"its secret ([0-9a-f]{40})", open(os.path.join(HERE, "README.md"), encoding="utf-8").read())[1]


class Folders(harness.TestCase):
    def setUp(self):
        super().setUp()
        for name in ("data", "home"):
            copy = self.path(name)
            shutil.copytree(os.path.join(HERE, name), copy)
            os.chmod(copy, 0o700)
            for file in os.listdir(copy):
                os.chmod(os.path.join(copy, file), 0o600)

    def connect(self, server, name=None, code=""):
        c = Client(server.port, timeout=harness.PATIENCE)
        self.addCleanup(c.sock.close)
        if name is not None:
            c.log_in(name, PASSWORD, code)
        return c

    def refused(self, code, ask, *args):
        with self.assertRaises(Refused) as refused:
            ask(*args)
        self.assertEqual(refused.exception.args[0], code, refused.exception.args[1])

    def carol(self, server, host="localhost"):
        known = self.path("home/known-servers")
        with open(known) as f:
            text = f.read().replace("PORT", str(server.port))
        with open(known, "w") as f:
            f.write(text)
        self.path("password", PASSWORD.encode())
        os.chmod(self.path("password"), 0o600)
        return self.started(harness.Process([harness.program("glasschat"), f"carol@{host}:{server.port}", "--home",
                                             self.path("home"), "--password-file", self.path("password")]))

    def test_accounts(self):
        server = self.server()
        alice, carol = self.connect(server, "alice"), self.connect(server, "carol")
        self.assertEqual(len(alice.fetch_certificate("alice")), 824)
        self.assertEqual(carol.blocked(), ["bob"])
        self.refused(wire.E_LOGIN_FAILED, self.connect(server).log_in, "bob", PASSWORD)
        self.refused(wire.E_LOGIN_FAILED, self.connect(server).log_in, "eve", PASSWORD)
        self.refused(wire.E_NAME_TAKEN, self.connect(server).register, "dave", "dave@example.org", PASSWORD)
        code = subprocess.run(["oathtool", "--totp", BOB], capture_output=True, text=True, check=True).stdout.strip()
        bob = self.connect(server, "bob", code)
        bob.say("lobby", "hello")
        alice.say("lobby", "hello")
        self.assertEqual(carol.wait_for(wire.SAID).sender, "alice")
        self.assertNotRegex(server.log, r" (warn|error) (?!--sandbox off|passwords are hashed weakly|login failed)")

    def test_delays(self):
        """As if they had been written now, and after more failures than there were."""
        with open(self.path("data/delays")) as f:
            header, *entries, _ = f.read().splitlines(True)
        fields = header.split(" ")
        fields[3] = str(int(time.time()))
        entries = [re.sub(r"^(\S+) 3 \d+ \d+$", r"\1 20 2000 1000", entry, flags=re.M) for entry in entries]
        text = " ".join(fields) + "".join(entries)
        with open(self.path("data/delays"), "w") as f:
            f.write(text + "#" + hashlib.sha256(text.encode()).hexdigest() + "\n")
        server = self.server()
        self.refused(wire.E_TRY_LATER, self.connect(server).log_in, "alice", PASSWORD)
        self.connect(server, "carol")

    def test_known_servers(self):
        server = self.server()
        carol = self.carol(server)
        carol.expect(r"connected to localhost:\d+, key SHA256:\S+, the one known from before")
        carol.expect("logged in as carol")
        carol.end_input()
        self.assertEqual(carol.wait(), 0)
        server.stop()
        for name in ("server.key", "server.certificate"):
            os.remove(self.path("data/" + name))
        changed = self.server()
        with open(self.path("home/known-servers")) as f:
            text = f.read().replace(f":{server.port} ", ":PORT ")  # as if it listened on the same port
        with open(self.path("home/known-servers"), "w") as f:
            f.write(text)
        other = self.carol(changed, "LOCALHOST")
        self.assertEqual(other.wait(), 1)
        self.assertIn("REFUSED", other.err.text)


if __name__ == "__main__":
    harness.main()
