#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""A server's key is renewed: what clients believe of it and what they refuse, with real processes; and `glasschatd key
renew` killed before each call that writes, syncs or renames, and failing at each."""
import base64
import os
import shutil
import subprocess
import unittest

import glasschat_client as wire
import glasschat_server
import harness
import store_case as faults

PASSWORD = "a good password"


class Renew(harness.TestCase):
    def setUp(self):
        super().setUp()
        with open(self.path("password"), "w") as f:
            os.chmod(f.name, 0o600)
            f.write(PASSWORD + "\n")
        self.port = self.own_port()

    def start(self):
        """A server, each time on the same port: to clients it is the same one."""
        return self.started(harness.Server(self.folder, "--listen", f"127.0.0.1:{self.port}"))

    def key(self, *words, status=0, data="data"):
        return self.run_program("glasschatd", "--data", self.path(data), "key", *words, status=status)

    def renew(self):
        """The fingerprints that it says: the new one and the one before."""
        out = self.key("renew").stdout.decode()
        self.assertEqual(out.count("SHA256:"), 2, out)
        new, old = (word.strip(",") for word in out.split() if word.startswith("SHA256:"))
        return new, old

    def run_client(self, server, *options, status=0, host="127.0.0.1"):
        done = self.run_program("glasschat", f"alice@{host}:{server.port}", "--home", self.path("home"),
                                "--password-file", self.path("password"), *options, status=status)
        return done.stdout.decode() + done.stderr.decode()

    def register(self, server):
        self.run_client(server, "--register", "--email", "a@example.org")

    def read(self, *names):
        with open(os.path.join(self.folder, *names), "rb") as f:
            return f.read()

    def known(self):
        return self.read("home", "known-servers").decode()

    def remember(self, text):
        os.makedirs(self.path("home"), mode=0o700, exist_ok=True)
        with open(os.path.join(self.path("home"), "known-servers"), "w") as f:
            f.write(text)

    def certificate(self, folder=""):
        return base64.b64encode(self.read(folder, "data", "server.certificate")).decode()


class Clients(Renew):
    def test_a_renewed_key_is_believed(self):
        old = self.start()
        self.register(old)
        others = "# a comment\n\nelsewhere:7447 SHA256:AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE=\n"
        self.remember(others + self.known().splitlines()[1] + "\n# the end")
        old.stop()
        shutil.copytree(self.path("data"), self.path("thief/data"), ignore=shutil.ignore_patterns("control"))
        self.assertEqual(self.renew(), (self.renewed_fingerprint(), old.fingerprint))
        self.assertEqual(sorted(name for name in os.listdir(self.path("data")) if name.startswith("server.")),
                         ["server.certificate", "server.key"])
        new = self.start()
        self.assertEqual(new.fingerprint, self.renewed_fingerprint())
        out = self.run_client(new)
        self.assertIn(f"* connected to 127.0.0.1:{new.port}, whose key was renewed: it is now {new.fingerprint}, "
                      f"signed by the one known from before, {old.fingerprint}, which is believed no more\n", out)
        line = f"127.0.0.1:{new.port} {new.fingerprint} {self.certificate()}\n"
        self.assertEqual(self.known(), others + line + "# the end")
        self.assertIn(f"key {new.fingerprint}, the one known from before", self.run_client(new))
        new.stop()
        # A thief of the old key is an impostor from now on.
        before = self.known()
        thief = self.started(harness.Server(self.path("thief"), "--listen", f"127.0.0.1:{old.port}"))
        self.assertEqual(thief.fingerprint, old.fingerprint)
        self.assertIn("HAS CHANGED", self.run_client(thief, status=1))
        self.assertEqual(self.known(), before)

    def renewed_fingerprint(self):
        out = self.run_program("glass", "key", "show", os.path.join(self.path("data"), "server.key"), status=0).stdout
        return out.split()[1].decode()

    def test_two_renewals_at_once_are_too_many(self):
        """For a client that did not see the first; and the way out."""
        old = self.start()
        self.register(old)
        before = self.known()
        old.stop()
        self.renew()
        new, _ = self.renew()
        server = self.start()
        self.assertEqual(server.fingerprint, new)
        self.assertIn("HAS CHANGED", self.run_client(server, status=1))
        self.assertIn("not the one given with --pin", self.run_client(server, "--pin", old.fingerprint, status=1))
        self.assertEqual(self.known(), before)
        self.run_client(server, "--pin", new, "--remember")
        self.assertIn("known from before", self.run_client(server))

    def test_what_version_1_0_remembered(self):
        """A fingerprint alone can't check a renewal; a client that comes before that adds the certificate to it."""
        old = self.start()
        self.register(old)
        line = f"LOCALHOST.:{old.port} {old.fingerprint}\n"
        certificate = self.certificate()
        old.stop()
        self.remember(line)
        same = self.start()
        self.assertIn("known from before", self.run_client(same, host="localhost"))
        self.assertEqual(self.known(), f"localhost:{old.port} {old.fingerprint} {certificate}\n")
        same.stop()
        self.renew()
        new = self.start()
        self.assertIn("whose key was renewed", self.run_client(new, host="LocalHost"))
        self.remember(line)
        self.assertIn("HAS CHANGED", self.run_client(new, status=1, host="localhost"))
        self.assertEqual(self.known(), line)

    def test_a_renewed_certificate_alone_is_not_enough(self):
        """Anybody can copy one. Here a server that has another key shows it, and then a forgery of its own."""
        old = self.start()
        self.register(old)
        old.stop()
        self.renew()
        liar = self.started(glasschat_server.Server(lambda peer: peer.next()))
        known = f"127.0.0.1:{liar.port} {old.fingerprint} {self.known().split()[-1]}\n"
        self.remember(known)
        liar.certificate = self.read("data", "server.certificate")
        self.assertIn("REFUSED: the handshake failed", self.run_client(liar, status=1))
        self.assertEqual(self.known(), known)
        # The liar's own key, with the known one said to be its issuer.
        issuer = base64.b64decode(old.fingerprint[7:])
        liar.certificate = wire.certificate(liar.key, 1, "127.0.0.1", 0, 2**64 - 1, issuer=issuer)
        self.assertIn("HAS CHANGED", self.run_client(liar, status=1))
        self.assertEqual(self.known(), known)


class Command(Renew):
    def test_while_a_server_runs(self):
        server = self.start()
        before = self.read("data", "server.key")
        done = self.key("renew", status=1)
        self.assertIn(b"is in use by another server; stop it", done.stderr)
        self.assertEqual(self.read("data", "server.key"), before)
        server.stop()

    def test_where_there_is_no_key(self):
        self.assertIn(b"is not there", self.key("renew", status=1).stderr)
        self.assertFalse(os.path.exists(self.path("data")))
        os.mkdir(self.path("data"), 0o700)
        self.assertIn(b"server.key: is not there: the server's first start", self.key("renew", status=1).stderr)
        self.assertEqual(os.listdir(self.path("data")), ["lock"])

    def test_wrong_usage(self):
        for words in ([], ["new"], ["renew", "x"], ["renew", "--from", "x"]):
            self.key(*words, status=2)
        self.assertFalse(os.path.exists(self.path("data")))


@unittest.skipUnless(faults.may_trace(), "strace is not there, or may not trace")
class Killed(Renew):
    def setUp(self):
        super().setUp()
        server = self.start()
        self.register(server)
        server.stop()
        os.rename(self.path("data"), self.path("like"))
        self.old, self.line = server.fingerprint, self.known().split()[-1]

    def traced(self, name, *inject):
        """Runs `key renew` on a copy; returns its folder, and how it ended. self.wiped: the old key's bytes are 0."""
        folder = self.path(name)
        os.mkdir(folder)
        shutil.copytree(self.path("like"), os.path.join(folder, "data"), ignore=shutil.ignore_patterns("control"))
        command = ["strace", "-f", "-y", "-qq", "-o", os.path.join(folder, "trace"), "-e", "trace=" + faults.CALLS]
        with open(os.path.join(folder, "data", "server.key"), "rb") as key:
            done = subprocess.run([*command, *("--inject=" + i for i in inject), harness.program("glasschatd"),
                                   "--data", os.path.join(folder, "data"), "key", "renew"], capture_output=True,
                                  timeout=harness.PATIENCE, env=dict(os.environ, **faults.NO_LEAK_CHECK))
            self.wiped = not any(key.read())
        return folder, done

    def points(self):
        folder, done = self.traced("whole")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertTrue(self.wiped)
        calls = faults.calls_of(os.path.join(folder, "trace"))
        named = [call for call in calls if ">(deleted)" not in call[3]]  # there the old key's bytes are wiped
        self.assertNotEqual(named, calls)
        self.assertEqual(faults.unsynced(named, os.path.join(folder, "data")), set())
        names = [call[1] for call in calls]
        self.assertGreaterEqual(len([name for name in names if name.startswith("rename")]), 3, names)
        return [call[1:3] for call in calls]

    def starts_with(self, folder):
        """Which key a server has there, at this start and the next; a client that knows the old one believes it."""
        data = os.path.join(folder, "data")
        server = self.started(harness.Server(folder))
        self.assertFalse([name for name in os.listdir(data) if name.endswith((".new", ".renewed"))])
        self.remember(f"127.0.0.1:{server.port} {self.old} {self.line}\n")
        out = self.run_client(server)
        self.assertIn("the one known from before" if server.fingerprint == self.old else "whose key was renewed", out)
        self.assertIn(f" {server.fingerprint} ", self.known())
        server.stop()
        again = self.started(harness.Server(folder))
        self.assertEqual(again.fingerprint, server.fingerprint)
        again.stop()
        return server.fingerprint

    def test_killed_while_renewing(self):
        seen = set()
        for call, count in self.points():
            with self.subTest(call=call, count=count):
                folder, done = self.traced(f"{call}-{count}", f"{call}:signal=SIGKILL:when={count}")
                self.assertEqual(done.returncode, -9, done.stderr)
                seen.add(self.starts_with(folder) == self.old)
        self.assertEqual(seen, {True, False})

    def test_failing_while_renewing(self):
        for call, count in self.points():
            if call.startswith(("write", "fsync", "rename")):
                with self.subTest(call=call, count=count):
                    folder, done = self.traced(f"{call}-{count}", f"{call}:error=EIO:when={count}")
                    if done.returncode == 0:  # what failed was not needed: the folder above, which was there before
                        self.assertNotEqual(self.starts_with(folder), self.old)
                        continue
                    self.assertEqual(done.returncode, 1)
                    if "standard output" not in done.stderr.decode():
                        self.assertFalse(self.wiped, done.stderr)  # the folder may name it again after a crash
                    self.assertRegex(done.stderr.decode(), r"\Aglasschatd: .*\n\Z")
                    self.starts_with(folder)


if __name__ == "__main__":
    harness.main()
