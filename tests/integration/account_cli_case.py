# SPDX-License-Identifier: MIT
"""What the tests of `glasschatd account` share."""
import os
import subprocess

import glasschat_client as wire
import harness
from glasschat_client import Client, Refused

PASSWORD = "a good password"


class AccountCliCase(harness.TestCase):
    def setUp(self):
        super().setUp()
        self.data = os.path.join(self.folder, "data")

    def account(self, *words, status=0, stdin=b""):
        """Runs the command; returns what it printed."""
        done = subprocess.run([harness.program("glasschatd"), "--data", self.data, "--pbkdf2-iterations",
                               harness.ITERATIONS, "account", *words], input=stdin, capture_output=True,
                              timeout=harness.PATIENCE)
        self.errors = "".join(line + "\n" for line in done.stderr.decode().splitlines() if "warning" not in line)
        self.warnings = "".join(line + "\n" for line in done.stderr.decode().splitlines() if "warning" in line)
        self.assertEqual(done.returncode, status, (words, done.stdout, done.stderr))
        self.assertEqual(self.errors.count("\n"), 0 if status == 0 else 1, done.stderr)
        return done.stdout.decode()

    def write(self, name, text, mode=0o600):
        path = os.path.join(self.folder, name)
        with open(path, "wb") as f:
            os.chmod(path, mode)
            f.write(text if isinstance(text, bytes) else text.encode())
        return path

    def roster(self, names):
        return self.write("roster.tsv", "".join(f"{n}\t{n}@example.org\t{PASSWORD} {n}\n" for n in names))

    def names(self):
        return [line.split("\t")[0] for line in self.account("list").splitlines()]

    def connect(self, server):
        client = Client(server.port, timeout=harness.PATIENCE)
        self.addCleanup(client.sock.close)
        return client

    def log_in(self, server, name, password):
        client = self.connect(server)
        client.log_in(name, password)
        return client

    def refused(self, server, name, password):
        with self.assertRaises(Refused) as refused:
            self.log_in(server, name, password)
        self.assertEqual(refused.exception.args[0], wire.E_LOGIN_FAILED)
