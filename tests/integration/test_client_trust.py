#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Which server the client trusts: pins, keys that were compared, authorities, and a key that has changed."""
import base64
import os

from cryptography.hazmat.primitives import serialization

import harness
from client_case import ClientCase


class Trust(ClientCase):
    def known_servers(self):
        return os.path.join(self.folder, "home", "known-servers")

    def test_a_key_is_pinned_and_a_changed_one_refused(self):
        server = self.server()
        out, _ = self.run_client(server, "", new=True)
        self.assertIn(f"for the first time, key {server.fingerprint}", out)
        with open(self.known_servers()) as f:
            self.assertIn(f"127.0.0.1:{server.port} {server.fingerprint} {self.certificate(server)}\n", f.read())
        self.assertEqual(os.stat(self.known_servers()).st_mode & 0o777, 0o600)
        self.assertEqual(os.stat(os.path.dirname(self.known_servers())).st_mode & 0o777, 0o700)
        out, _ = self.run_client(server, "")
        self.assertIn("known from before", out)

        other = f"127.0.0.1:{server.port} SHA256:AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE=\n"
        with open(self.known_servers(), "w") as f:
            f.write(other)
        why = self.refuse(server, "HAS CHANGED")
        self.assertIn(self.known_servers(), why)
        self.assertIn(server.fingerprint, why)
        with open(self.known_servers(), "w") as f:
            f.write(other[:-5] + "\n")
        self.refuse(server, "line 1 is damaged")
        with open(self.known_servers()) as f:
            self.assertEqual(f.read(), other[:-5] + "\n")
        self.run_client(server, "", "--pin", server.fingerprint)  # another rule: it doesn't look at the file

    @staticmethod
    def certificate(server):
        with open(os.path.join(server.data, "server.certificate"), "rb") as f:
            return base64.b64encode(f.read()).decode()

    def remember(self, text):
        """A home that knows what is written here."""
        os.makedirs(os.path.dirname(self.known_servers()), mode=0o700, exist_ok=True)
        with open(self.known_servers(), "w") as f:
            f.write(text)

    def run_as(self, host, server, *options, status=0):
        """The client on a server that is named so."""
        done = self.run_program("glasschat", f"alice@{host}:{server.port}", "--home", self.path("home"),
                                "--password-file", self.path("password"), *options, status=status, stdin=b"")
        return done.stdout.decode() + done.stderr.decode()

    def test_one_server_one_pin(self):
        """However it is spelled, now or when it was remembered, it must have the key that was remembered."""
        server = self.server()
        self.run_client(server, "", new=True)
        spellings = ("127.1", "127.0.0.1.", "0x7f.1", "2130706433", "[::ffff:127.0.0.1]", "127.0.0.1")
        for spelling in spellings:
            self.assertIn(f"connected to 127.0.0.1:{server.port}, key {server.fingerprint}, the one known from before",
                          self.run_as(spelling, server))
        for there in spellings:
            wrong = f"{there}:{server.port} SHA256:AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE=\n"
            self.remember(wrong)
            self.assertIn("HAS CHANGED", self.run_as("127.1", server, status=1))
            with open(self.known_servers()) as f:
                self.assertEqual(f.read(), wrong)
        key = f":{server.port} {server.fingerprint}"
        self.remember(f"# a\n127.1{key}\n127.0.0.1{key}\n# b")
        self.assertIn("known from before", self.run_as("127.0.0.1", server))
        with open(self.known_servers()) as f:
            self.assertEqual(f.read(), f"# a\n127.0.0.1{key} {self.certificate(server)}\n# b")

    def test_lines_that_disagree(self):
        server = self.server()
        self.run_client(server, "", new=True)
        both = (f"127.1:{server.port} {server.fingerprint}\n127.0.0.1:{server.port} "
                "SHA256:AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE=\n")
        self.remember(both)
        why = self.refuse(server, "name different keys")
        self.assertRegex(why, r"REFUSED: lines 1 and 2 of .*--pin.*--remember")
        with open(self.known_servers()) as f:
            self.assertEqual(f.read(), both)

    def test_a_compared_key_is_remembered(self):
        """The way out of a refusal, without an editor."""
        server = self.server()
        self.run_client(server, "", new=True)
        self.remember(f"127.0.0.1:{server.port} SHA256:AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE=\n")
        why = self.refuse(server, "HAS CHANGED")
        self.assertIn("connect once with --pin, what the operator gave, and --remember", why)
        self.run_client(server, "", "--pin", server.fingerprint)
        self.refuse(server, "HAS CHANGED")
        wrong = "SHA256:AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE="
        self.refuse(server, "not the one given with --pin", "--pin", wrong, "--remember")
        self.refuse(server, "HAS CHANGED")
        out, _ = self.run_client(server, "", "--pin", server.fingerprint, "--remember")
        self.assertIn("given with --pin, and the one that is known from now on\n", out)
        out, _ = self.run_client(server, "")
        self.assertIn("known from before", out)
        for options in (("--remember",), ("--remember", "--ca", "x")):
            done = self.run_program("glasschat", "alice@h", *options, status=2)
            self.assertIn(b"--remember goes with --pin only", done.stderr)

    def test_pin(self):
        server = self.server()
        out, _ = self.run_client(server, "", "--pin", server.fingerprint, new=True)
        self.assertIn("the one given with --pin", out)
        self.assertFalse(os.path.exists(self.known_servers()))
        wrong = "SHA256:AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE="
        self.refuse(server, "not the one given with --pin", "--pin", wrong)

    def test_authority(self):
        def key(command, *args):
            self.run_program("glass", "key", command, *args, status=0)
        path = lambda name: os.path.join(self.folder, name)
        server = self.server()
        self.run_client(server, "", new=True)
        server.stop()
        key("new", path("authority.key"))
        os.remove(os.path.join(server.data, "server.certificate"))
        key("certify", "--authority", path("authority.key"), "--key", os.path.join(server.data, "server.key"), "--name",
            "127.0.0.1", os.path.join(server.data, "server.certificate"))
        with open(path("authority.key"), "rb") as f:
            public = serialization.load_pem_private_key(f.read(), None).public_key()
        with open(path("authority.pem"), "wb") as f:
            f.write(public.public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo))
        server = self.server()
        with open(self.known_servers()) as f:
            before = f.read()
        out, _ = self.run_client(server, "", "--ca", path("authority.pem"))
        self.assertIn("certified by the authority", out)
        with open(self.known_servers()) as f:
            self.assertEqual(f.read(), before)
        self.refuse(server, "not signed by the authority", "--ca", os.path.join(server.data, "server.certificate"))
        self.refuse(server, "holds a private key, and a public one is wanted", "--ca", path("authority.key"))
        self.refuse(server, "No such file", "--ca", path("nothing"))

    def test_nothing_is_pinned_before_the_server_has_shown_its_key(self):
        """The ServerHello alone can be a copy of an old one: here its Finished never comes."""
        server = self.server("--handshake-seconds", "1")
        seen = bytearray()

        def only_hello(direction, data):
            if direction == "up":
                return data
            seen.extend(data)
            hello = 4 + int.from_bytes(seen[2:4], "big") if len(seen) >= 4 else 0
            if len(seen) - len(data) >= hello > 0:
                return None
            return data if not hello else data[:hello - (len(seen) - len(data))]
        proxy = self.proxy(server, only_hello)
        self.run_client(proxy.port, "", status=1)
        self.assertFalse(os.path.exists(self.known_servers()))


if __name__ == "__main__":
    harness.main()
