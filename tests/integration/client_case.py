# SPDX-License-Identifier: MIT
"""What the tests of the client without a terminal share."""
import os
import subprocess

import harness

PASSWORD = "correct horse"


class ClientCase(harness.TestCase):
    def setUp(self):
        super().setUp()
        self.password_file("password", PASSWORD + "\n")

    def password_file(self, name, text, mode=0o600):
        path = os.path.join(self.folder, name)
        with open(path, "w", newline="") as f:
            os.chmod(path, mode)
            f.write(text)
        return path

    def run_client(self, server, lines, *options, user="alice", status=0, new=False, home="home"):
        account = ["--register", "--email", user + "@example.org"] if new else []
        port = server if isinstance(server, int) else server.port
        done = subprocess.run([harness.program("glasschat"), f"{user}@127.0.0.1:{port}", "--home",
                               os.path.join(self.folder, home), "--password-file",
                               os.path.join(self.folder, "password"), *account, *options], capture_output=True,
                              input=lines.encode("utf-8", "surrogateescape"), timeout=harness.PATIENCE)
        out, err = done.stdout.decode(), done.stderr.decode()
        self.assertEqual(done.returncode, status, out + err)
        return out, err

    def refuse(self, server, why, *options, status=1, **kw):
        """It fails with one line that has this in it; returns the line."""
        _, err = self.run_client(server, "", *options, status=status, **kw)
        self.assertEqual(err.count("\n"), 1, err)
        self.assertTrue(err.startswith("glasschat: "), err)
        self.assertIn(why, err)
        return err
