#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Real clients and a real server: people talk, leave, come back; and what the client says when something is wrong."""
import os
import signal
import time

import harness


class Talk(harness.TestCase):
    def test_two_talk_and_leave(self):
        server = self.server()
        alice, bob = self.client(server, "alice"), self.client(server, "bob")
        alice.say("hello Bob")
        bob.expect(r"^\[lobby\] alice: hello Bob$")
        bob.say("grüß dich, Алиса 👋")
        alice.expect(r"^\[lobby\] bob: grüß dich, Алиса 👋$")
        alice.say("/quit")
        bob.expect(r"alice left")
        bob.say("exit")
        self.assertEqual((alice.wait(), bob.wait()), (0, 0))
        self.assertEqual(alice.err.text + bob.err.text, "")
        server.stop()

    def test_rooms_are_apart(self):
        server = self.server()
        alice, bob, carol = (self.client(server, name) for name in ("alice", "bob", "carol"))
        for one in (alice, bob):
            one.say("/join tea")
            one.expect("you joined tea")
        alice.say("milk?")
        bob.expect(r"\[tea\] alice: milk\?")
        carol.say("/who tea")
        carol.expect("alice, bob")
        self.assertNotIn("milk", carol.out.text)

    def test_end_of_input_waits_for_the_answers(self):
        server = self.server()
        bob = self.client(server, "bob")
        alice = self.client(server, "alice", ready=False)
        for i in range(30):
            alice.say(f"line {i}")
        alice.end_input()
        self.assertEqual(alice.wait(), 0)
        for i in range(30):
            bob.expect(rf"alice: line {i}$")

    def test_the_end_is_told_from_a_cut(self):
        """An authenticated Close, and a connection that somebody cut, are not the same to either side."""
        server = self.server()
        proxy = self.proxy(server)
        alice, bob = self.client(server, "alice", port=proxy.port), self.client(server, "bob")
        proxy.close()
        self.assertEqual(alice.wait(), 1)
        self.assertIn("cut", alice.err.text)
        server.expect_log("disconnect .*user=alice.*cut")
        server.kill(signal.SIGTERM)
        bob.wait()
        self.assertNotIn("cut", bob.err.text + bob.out.text)

    def test_server_gone(self):
        server = self.server()
        alice = self.client(server, "alice")
        server.kill()
        self.assertEqual(alice.wait(), 1)
        self.assertEqual(alice.err.text.count("\n"), 1)

    def test_an_account_comes_back(self):
        server = self.server()
        self.client(server, "alice").close()
        server.stop()
        server = self.server()
        alice = self.client(server, "alice", "--pin", server.fingerprint, register=False)
        alice.say("/quit")
        self.assertEqual(alice.wait(), 0)

    def refused(self, server, user, *options, **kw):
        """A client that must end with status 1 and one line, which is returned."""
        client = self.client(server, user, *options, ready=False, **kw)
        client.end_input()
        self.assertEqual(client.wait(), 1, client.out.text)
        self.assertEqual(client.err.text.count("\n"), 1, client.err.text)
        return client.err.text

    def test_wrong_password_and_unknown_name(self):
        server = self.server()
        self.client(server, "alice").close()
        wrong = self.refused(server, "alice", register=False, password="not the right one")
        unknown = self.refused(server, "nobody", register=False)
        self.assertEqual(wrong.replace("alice", "X"), unknown.replace("nobody", "X"))

    def test_name_taken(self):
        server = self.server()
        self.client(server, "alice").close()
        self.assertIn("taken", self.refused(server, "alice", "--home", self.folder + "/other"))

    def test_a_changed_key_is_refused(self):
        """What the client remembers stays as it was."""
        server = self.server("--listen", f"127.0.0.1:{self.own_port()}")
        alice = self.client(server, "alice")
        alice.say("/quit")
        alice.wait()
        known = os.path.join(alice.home, "known-servers")
        with open(known) as f:
            before = f.read()
        self.assertIn(server.fingerprint, before)
        server.stop()
        os.mkdir(self.folder + "/new")
        impostor = self.started(harness.Server(self.folder + "/new", "--listen", f"127.0.0.1:{server.port}"))
        self.assertNotEqual(impostor.fingerprint, server.fingerprint)
        self.assertIn("CHANGED", self.refused(impostor, "alice", register=False, port=server.port).upper())
        with open(known) as f:
            self.assertEqual(f.read(), before)

    def test_a_wrong_pin_is_refused(self):
        server = self.server()
        self.assertIn("REFUSED", self.refused(server, "alice", "--pin", "SHA256:" + "A" * 43 + "=").upper())

    def test_certified_by_an_authority(self):
        """A certificate made by `glass key certify`, checked with --ca, by that authority and by another."""
        server = self.server()
        server.stop()
        ca, other = self.folder + "/ca.pem", self.folder + "/other.pem"
        self.run_program("glass", "key", "new", ca, status=0)
        self.run_program("glass", "key", "new", other, status=0)
        certificate = os.path.join(server.data, "server.certificate")
        os.remove(certificate)
        self.run_program("glass", "key", "certify", "--authority", ca, "--key", os.path.join(server.data, "server.key"),
                         "--name", "127.0.0.1", certificate, status=0)
        server = self.server()
        public = self.folder + "/ca.pub"
        with open(public, "w") as f:
            shown = self.run_program("glass", "key", "show", ca, status=0).stdout.decode()
            f.write(shown[shown.index("-----BEGIN"):])
        alice = self.client(server, "alice", "--ca", public)
        alice.say("/quit")
        self.assertEqual(alice.wait(), 0)
        with open(public, "w") as f:
            shown = self.run_program("glass", "key", "show", other, status=0).stdout.decode()
            f.write(shown[shown.index("-----BEGIN"):])
        self.refused(server, "bob", "--ca", public)

    def test_each_suite_and_group(self):
        server = self.server("--allow-group", "ffdhe2048", "--allow-group", "ffdhe3072", "--allow-group", "ffdhe4096")
        for i, suite in enumerate(("aes-128-cbc", "aes-256-cbc")):
            for group in ("ffdhe2048", "ffdhe3072", "ffdhe4096"):
                name = f"user{i}{group}"
                client = self.client(server, name, "--suite", suite, "--group", group)
                client.say("/quit")
                self.assertEqual(client.wait(), 0)

    def test_flipped_bits_on_the_way(self):
        """Somebody in between flips a bit of each of the first frames in turn: not a word of it is believed."""
        server = self.server()
        for flip in (5, 40, 200, 430, 500, 900, 1300, 1700, 1800, 2000):
            seen = {"up": 0, "down": 0}
            direction = "up" if flip < 400 else "down"
            at = flip if direction == "up" else flip - 400

            def change(way, data):
                start, seen[way] = seen[way], seen[way] + len(data)
                if way == direction and start <= at < start + len(data):
                    data = bytearray(data)
                    data[at - start] ^= 1
                return bytes(data)

            proxy = self.proxy(server, change)
            client = self.client(server, f"mallory{flip}", port=proxy.port, ready=False)
            client.end_input()
            self.assertEqual(client.wait(), 1, f"flipped byte {at} {direction}: {client.out.text}")
        with open(os.path.join(server.data, "accounts")) as f:
            self.assertEqual(f.read().count("\n"), 1)

    def test_disturbers_do_not_disturb(self):
        """A hundred idle connections, a third client and a flood of garbage; two who talk notice nothing."""
        import socket
        server = self.server()
        alice, bob, carol = (self.client(server, name) for name in ("alice", "bob", "carol"))
        idle = [socket.create_connection(("127.0.0.1", server.port)) for _ in range(100)]
        for s in idle:
            self.addCleanup(s.close)
        slowest = 0
        for i in range(50):
            for _ in range(4):
                with socket.create_connection(("127.0.0.1", server.port)) as s:
                    s.sendall(os.urandom(5000))
            started = time.monotonic()
            alice.say(f"can you hear me {i}")
            bob.expect(rf"alice: can you hear me {i}$")
            slowest = max(slowest, time.monotonic() - started)
        carol.expect("can you hear me 49")
        self.assertIsNone(server.child.poll())
        print(f"slowest of 50 messages: {1000 * slowest:.0f} ms", end=" ")


class WrongUse(harness.TestCase):
    def test_client(self):
        alice = "alice@localhost"
        for args, why in (([], "which server?"), (["--nonsense"], "unknown option"), (["a", "b"], "'b' is too many"),
                          ([alice, "--register"], "--register needs"), ([alice, "--pin", "x"], "--pin takes"),
                          ([alice, "--suite", "rot13"], "--suite takes"), (["Alice@localhost"], "is no user name"),
                          ([alice, "--group", "ffdhe1024"], "--group takes"), ([alice + ":99999"], "is not HOST"),
                          (["alice@"], "is not HOST"), ([alice, "--email"], "--email needs a value")):
            self.misuse("glasschat", args, why)

    def test_nobody_listens(self):
        number = self.own_port()
        password = os.path.join(self.folder, "password")
        with open(password, "w") as f:
            os.chmod(password, 0o600)
            f.write("correct horse\n")
        done = self.run_program("glasschat", f"alice@127.0.0.1:{number}", "--password-file", password, "--home",
                                self.folder + "/home", status=1)
        self.assertIn(str(number).encode(), done.stderr)

    def test_a_password_file_that_others_can_read_is_refused(self):
        password = os.path.join(self.folder, "password")
        with open(password, "w") as f:
            os.chmod(password, 0o644)
            f.write("correct horse\n")
        server = self.server()
        done = self.run_program("glasschat", f"alice@127.0.0.1:{server.port}", "--password-file", password, "--home",
                                self.folder + "/home", status=1)
        self.assertIn(b"chmod", done.stderr)

    def test_help_and_version(self):
        for name in ("glasschat", "glasschatd", "glass"):
            for option in ("--help", "--version"):
                done = self.run_program(name, option, status=0)
                self.assertTrue(done.stdout and not done.stderr)


if __name__ == "__main__":
    harness.main()
