#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""glasschat --record: the file has what crossed the wire and what opens it, is its owner's alone, takes no other file's
place, and has whole lines however the program ends."""
import contextlib
import hashlib
import hmac
import os
import re
import resource
import signal
import socket
import stat
import time
import unittest

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

import glasschat_client as wire
import harness
from client_case import PASSWORD, ClientCase
from commands_case import holds

HEAD = re.compile(rb"glasschat recording 1\nrole (client)\nserver ([!-~]+)\nbegan (\d+)\n")
EVENT = re.compile(rb"(\d+\.\d{6}) (\w+) ((?:[0-9a-f]{2})+)\n")


class Recording:
    """A file, by what app/dissect/recording.h says. rest: a last line without its end."""

    def __init__(self, path):
        with open(path, "rb") as f:
            text = f.read()
        head = HEAD.match(text)
        assert head, text[:200]
        self.role, self.server, self.began = head[1].decode(), head[2].decode(), int(head[3])
        lines = text[head.end():].splitlines(keepends=True)
        self.rest = lines.pop() if lines and not lines[-1].endswith(b"\n") else b""
        self.ended = bool(lines) and lines[-1] == b"end\n"
        if self.ended:
            lines.pop()
        matches = [EVENT.fullmatch(line) for line in lines]
        assert all(matches), lines[matches.index(None)] if None in matches else ""
        self.events = [(m[2].decode(), bytes.fromhex(m[3].decode())) for m in matches]
        times = [float(m[1]) for m in matches]
        assert times == sorted(times)

    def all(self, *names):
        return [data for name, data in self.events if name in names]


def opened(key, mac_key, sequence, frame):
    """The plaintext of a Record, with its padding: docs/protocol.md section 6, and python3-cryptography's AES."""
    tag = hmac.digest(mac_key, sequence + frame[:-32], hashlib.sha256)
    assert hmac.compare_digest(tag, frame[-32:])
    cipher = Cipher(algorithms.AES(key), modes.CBC(frame[4:20])).decryptor()
    return cipher.update(frame[20:-32]) + cipher.finalize()


@contextlib.contextmanager
def files_limited_to(size):
    """What is started meanwhile can't make a file longer, as on a disk that is full."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


class Record(ClientCase):
    def record(self, server, lines, *options, file="recording", **kw):
        """Runs a script that is recorded; returns the recording, and what was said on stderr."""
        path = self.path(file)
        _, err = self.run_client(server, lines, "--record", path, *options, **kw)
        return Recording(path), err

    def assert_crossed(self, recording, proxy):
        """Of a whole session. The server says its Close first, and may be gone before ours."""
        self.assertTrue(recording.ended)
        self.assertEqual(b"".join(recording.all("alert", "server_hello", "open_frame")), bytes(proxy.down))
        self.assertEqual(recording.all("seal_plaintext")[-1], bytes([wire.CLOSE]) + bytes([15]) * 15)
        up = b"".join(recording.all("client_hello", "seal_frame"))
        self.assertIn(bytes(proxy.up), (up, up[:-len(recording.all("seal_frame")[-1])]))

    def test_it_has_what_crossed_the_wire(self):
        proxy = self.proxy(self.server())
        before = int(time.time())
        recording, err = self.record(proxy.port, "a text of mine\n/who\n", new=True)
        self.assert_crossed(recording, proxy)
        self.assertEqual(recording.server, "127.0.0.1:%d" % proxy.port)
        self.assertIn(recording.began, range(before, int(time.time()) + 1))
        self.assertRegex(err, r"(?m)\Arecord: WARNING: .*/recording .*password")

    def test_its_keys_open_what_it_has(self):
        server = self.server()
        for user, suite in ("alice", "aes-128-cbc"), ("bob", "aes-256-cbc"):
            recording, _ = self.record(server, "a text of mine\n", "--suite", suite, user=user, file=suite, new=True)
            send, receive = zip(recording.all("enc_key"), recording.all("mac_key"))
            sealed = list(zip(recording.all("seal_sequence"), recording.all("seal_frame")))
            self.assertEqual([opened(*send, *record) for record in sealed], recording.all("seal_plaintext"))
            came = [opened(*receive, *record) for record in
                    zip(recording.all("open_sequence"), recording.all("open_frame"))]
            self.assertEqual([plain[:-plain[-1]] for plain in came], recording.all("open_plaintext"))
            for said in PASSWORD, "a text of mine", user + "@example.org":
                self.assertTrue(any(said.encode() in plain for plain in recording.all("seal_plaintext")), said)

    def test_the_second_try_is_in_it(self):
        """The client begins with ffdhe3072, is told that it is not allowed, and tries again."""
        proxy = self.proxy(self.server("--allow-group", "ffdhe4096"))
        recording, _ = self.record(proxy.port, "", new=True)
        self.assertEqual([len(value) for value in recording.all("client_public")], [384, 512])
        self.assert_crossed(recording, proxy)

    def test_with_explain(self):
        recording, err = self.record(self.server(), "a text of mine\n", "--explain", new=True)
        self.assertTrue(recording.ended)
        self.assertIn("explain: WARNING", err)
        self.assertIn("record: WARNING", err)
        for name in "client_private", "prk", "mac_key":
            for value in recording.all(name):
                self.assertIn(value[:8].hex(), err.replace(" ", ""), name)

    @unittest.skipIf(harness.sanitized(rb"__asan_init"), "a sanitizer has more memory than can be read")
    def test_no_secret_stays_in_memory(self):
        """Not as it went to the file: the keys that are in use are there, but not in hex."""
        alice = self.client(self.server(), "alice", "--record", self.path("recording"))
        alice.say("/block nobody")
        alice.err.expect("no such user")
        recording = Recording(self.path("recording"))
        self.assertTrue(holds(alice, b"alice@example.org"))  # it does find what is there
        secrets = recording.all("client_private", "Z", "prk", "c_secret", "mac_key", "enc_key") + [PASSWORD.encode(), recording.events[-1][1]]
        for secret in secrets:
            self.assertEqual(holds(alice, secret[:16].hex().encode()), [], secret)
        self.assertEqual(holds(alice, PASSWORD.encode()), [])

    # --- The file

    def test_it_is_its_owners_alone(self):
        server = self.server()
        for number, mask in enumerate((0o000, 0o022, 0o777)):
            before = os.umask(mask)
            try:  # the folder of known servers is made before, as a mask of 777 makes one that nobody can use
                recording, _ = self.record(server, "", new=number == 0, file=f"mask-{mask:o}")
            finally:
                os.umask(before)
            self.assertTrue(recording.ended)
            self.assertEqual(os.stat(self.path(f"mask-{mask:o}")).st_mode, stat.S_IFREG | 0o600)

    def test_what_is_there_stays(self):
        """And nobody is connected to."""
        proxy = self.proxy(self.server())
        there = self.path("there", b"mine")
        os.symlink(there, self.path("link"))
        os.symlink(self.path("nothing"), self.path("dangling"))
        os.mkfifo(self.path("pipe"))
        for name in "there", "link", "dangling", "pipe", ".":
            for more in (), ("--explain",):
                self.refuse(proxy.port, f"/{name}: it is there already, and stays as it is", "--record",
                            self.path(name), *more, new=True)
        self.refuse(proxy.port, "No such file or directory", "--record", self.path("no/folder"), new=True)
        self.misuse("glasschat", ["alice@127.0.0.1:%d" % proxy.port, "--record", ""], "--record takes the name")
        self.assertEqual(proxy.sockets, [])
        self.assertFalse(os.path.lexists(self.path("nothing")))
        with open(there, "rb") as f:
            self.assertEqual(f.read(), b"mine")

    def test_a_disk_that_is_full(self):
        """It is told once, and everything is said all the same."""
        server = self.server()
        bob = self.client(server, "bob")
        for number, room in enumerate(range(9000, 13000, 1300)):
            with files_limited_to(room):
                recording, err = self.record(server, "a text of mine\n" * 20, new=number == 0, status=1,
                                             file=f"full-{room}")
            self.assertEqual(err.count("glasschat: "), 1, err)
            self.assertRegex(err, r"(?m)^glasschat: .*/full-\d+: File too large: the recording ends here")
            self.assertEqual(os.stat(self.path(f"full-{room}")).st_size, room)
            self.assertIn("open_frame", dict(recording.events))
            self.assertFalse(recording.ended)
            for _ in range(20):
                bob.expect("alice: a text of mine")

    def test_no_room_at_all(self):
        proxy = self.proxy(self.server())
        with files_limited_to(20):
            self.refuse(proxy.port, "File too large", "--record", self.path("none"), new=True)
        self.assertEqual(proxy.sockets, [])
        self.assertFalse(os.path.exists(self.path("none")))

    # --- Ends that are none

    def test_killed_in_the_middle(self):
        proxy = self.proxy(self.server())
        alice = self.client(None, "alice", "--record", self.path("recording"), port=proxy.port)
        alice.say("a text of mine")
        alice.say("/who")
        alice.expect("in lobby: alice")
        alice.kill(signal.SIGKILL)
        alice.wait()
        recording = Recording(self.path("recording"))
        self.assertEqual((recording.ended, recording.rest), (False, b""))
        self.assertEqual(b"".join(recording.all("client_hello", "seal_frame")), bytes(proxy.up))
        self.assertTrue(any(b"a text of mine" in plain for plain in recording.all("seal_plaintext")))

    def test_a_connection_that_is_cut(self):
        cut = []
        proxy = self.proxy(self.server(), lambda direction, data: None if cut else data)
        alice = self.client(None, "alice", "--record", self.path("recording"), port=proxy.port)
        alice.say("/who")
        alice.expect("in lobby: alice")  # by now lines are read
        cut.append(True)
        alice.say("a text of mine")
        self.assertEqual(alice.wait(), 1)
        recording = Recording(self.path("recording"))
        self.assertEqual((recording.ended, recording.rest), (False, b""))
        self.assertTrue(any(b"a text of mine" in plain for plain in recording.all("seal_plaintext")))

    def test_a_handshake_that_is_refused(self):
        proxy = self.proxy(self.server(), lambda direction, data: wire.flipped(data) if direction == "down" else data)
        recording, err = self.record(proxy.port, "", new=True, status=1)
        self.assertIn("glasschat: ", err)
        self.assertFalse(recording.ended)
        self.assertEqual(b"".join(recording.all("client_hello")), bytes(proxy.up))
        self.assertEqual(len(recording.all("server_hello")), 1)

    def test_a_connection_that_never_was(self):
        """Nothing is left, so that the same command works once the server is there."""
        with socket.socket() as nobody:
            nobody.bind(("127.0.0.1", 0))
            self.run_client(nobody.getsockname()[1], "", "--record", self.path("recording"), status=1)
        self.assertFalse(os.path.exists(self.path("recording")))
        self.record(self.server(), "", new=True)


if __name__ == "__main__":
    harness.main()
