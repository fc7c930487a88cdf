# SPDX-License-Identifier: MIT
"""Two users and more who talk with each other through the real server, without it: what the tests of direct messages
share."""
import os
import subprocess

import harness

NEW = "new, not compared"
NOT_HERE = "that user is not here, or has a program that takes no calls"


class DirectCase(harness.TestCase):
    def user(self, server, name, *options, **kw):
        """Somebody who can be called by now."""
        user = self.client(server, name, *options, **kw)
        user.say("/identity")
        user.key = user.expect(r"\* your key is (SHA256:\S{44}), kept in .*/home-\w+\r?$")[1]
        return user

    def pair(self, *options, **kw):
        server = self.server()
        return server, self.user(server, "alice", *options, **kw), self.user(server, "bob")

    def run_script(self, server, name, lines, *options, status=0, register=False, password=harness.PASSWORD, port=None):
        """A client from its beginning to its end; what it wrote to both outputs."""
        path = self.path("password-of-" + name, (password + "\n").encode())
        os.chmod(path, 0o600)
        account = ["--register", "--email", name + "@example.org"] if register else []
        done = subprocess.run([harness.program("glasschat"), f"{name}@127.0.0.1:{port or server.port}", "--home",
                               os.path.join(self.folder, "home-" + name), "--password-file", path, *account, *options],
                              capture_output=True, timeout=2 * harness.PATIENCE,
                              input="".join(line + "\n" for line in lines).encode("utf-8", "surrogateescape"))
        out, err = done.stdout.decode(), done.stderr.decode()
        self.assertEqual(done.returncode, status, out + err)
        return out, err

    def identity(self, server, name):
        """The path that the files of a user's identity begin with."""
        return os.path.join(self.folder, "home-" + name, "identities", f"{name}@127.0.0.1:{server.port}")

    def meet(self, one, other):
        """One says something to the other, which is seen and acknowledged; and so each has the other's key."""
        one.type(f"/receipts on\n/msg {other.user} we meet\n")
        other.expect(rf"\[{one.user}, [a-z, ]+\] we meet\r?$")
        one.expect(rf"\* {other.user} has it\r?$")
        one.say("/receipts off")

    def leave(self, *clients, status=0):
        for client in clients:
            client.end_input()
            self.assertEqual(client.wait(), status, client.out.text + client.err.text)
