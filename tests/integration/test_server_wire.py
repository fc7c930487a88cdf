#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""The real server and clients that don't keep to the protocol: what a stranger sends ends that stranger's connection,
with one line in the log, and nobody else's."""
import os
import socket
import struct
import time

import glasschat_client as wire
import harness
from glasschat_client import Cut, v16
from server_case import ServerCase


class Wire(ServerCase):
    """Two talk while strangers do each of these things."""

    def setUp(self):
        super().setUp()
        self.hub = self.server(*harness.FAST)
        self.a, self.b = self.member(self.hub, "anna"), self.member(self.hub, "bert")

    def assert_one_line(self, cause, before):
        self.expect_disconnect(self.hub, cause)
        self.assert_hear_each_other(self.a, self.b)
        self.assertEqual(len(self.disconnects(self.hub)), before + 1)

    def stranger(self, cause, data, handshake=False):
        """A connection that sends this is ended, and the log says why."""
        before = len(self.disconnects(self.hub))
        c = self.connect(self.hub, handshake=handshake)
        c.sock.sendall(data(c) if callable(data) else data)
        self.assert_ended(c, (Cut, wire.Alert))
        self.assert_one_line(cause, before)

    def test_before_the_handshake(self):
        hello = wire.frame(wire.CLIENT_HELLO, b"x" * 500)
        self.stranger("a frame of an unknown type", b"GET / HTTP/1.1\r\n\r\n")
        self.stranger("a frame of another protocol version", b"\x01\x02\x00\x10")
        self.stranger("a frame longer than its type may be", struct.pack(">BBH", 1, 1, 1025))
        self.stranger("a frame longer than its type may be", b"\x01\x01\x05")  # the length's first byte shows it
        for kind in (wire.SERVER_HELLO, wire.RECORD, wire.ALERT):
            self.stranger("a frame or Record out of turn", bytes([kind]))  # one byte shows it: no other is waited for
        self.stranger("a frame or Record out of turn", lambda c: c.client_hello() + b"\x03")
        self.stranger("a malformed handshake message", hello)
        self.stranger("a malformed handshake message", lambda c: c.client_hello(suites=()))
        self.stranger("the Diffie-Hellman group", lambda c: c.client_hello(groups=(1, 2)))
        self.stranger("no cipher suite", lambda c: c.client_hello(suites=(99,)))

    def test_public_values(self):
        p = wire.GROUPS[2]
        for y in (0, 1, p - 1, p, p + 1, p - 2, 2**3072 - 1):  # p-2: no square, as 2 is one and -1 is none
            def hello(c, y=y):
                return c.client_hello()[:-384] + y.to_bytes(384, "big")
            self.stranger("a bad Diffie-Hellman public value", hello)
        self.stranger("a malformed handshake message|a bad Diffie-Hellman", lambda c: wire.frame(
            wire.CLIENT_HELLO, c.client_hello()[4:-386] + v16(b"\x02" * 383)))

    def test_alert_says_which_groups(self):
        c = self.connect(self.hub, handshake=False)
        with self.assertRaises(wire.Alert) as alert:
            c.handshake(groups=(1, 3))
        self.assertEqual(alert.exception.args, (1, b"\x02\x03"))
        self.connect(self.hub, groups=(3,)).ask(wire.PING)
        self.connect(self.hub, suites=(2,)).ask(wire.PING)

    def test_records(self):
        def ping(c):
            return c.send.seal(wire.APPLICATION, b"\x04\0\0\0\1")

        def replayed(c):
            return ping(c) * 2

        def reordered(c):
            first, second = ping(c), ping(c)
            return second + first

        broken = "a Record that does not open"
        for at in (4, 19, 20, 35, 36, -1, -32):  # IV, ciphertext, tag
            self.stranger(broken, lambda c, at=at: wire.flipped(ping(c), at), handshake=True)
        self.stranger(broken, replayed, handshake=True)
        self.stranger(broken, reordered, handshake=True)
        self.stranger(broken, lambda c: ping(c)[:-32] + bytes(32), handshake=True)
        self.stranger(broken, wire.frame(wire.RECORD, bytes(63)), handshake=True)
        self.stranger(broken, wire.frame(wire.RECORD, bytes(65)), handshake=True)
        self.stranger(broken, lambda c: c.send.seal_padded(b"\x10" * 16), handshake=True)  # no content type
        self.stranger(broken, lambda c: c.send.seal_padded(b"\x01" * 16384 + b"\x00" * 16), handshake=True)
        self.stranger(broken, lambda c: c.send.seal_padded(b"\x01" * 16400), handshake=True)  # too long
        self.stranger("", lambda c: c.send.seal(4, b""), handshake=True)
        self.stranger("a frame or Record out of turn", lambda c: c.send.seal(wire.FINISHED, b""), handshake=True)
        self.stranger("", lambda c: c.send.seal(wire.KEY_UPDATE, b"x"), handshake=True)
        self.stranger("a frame or Record out of turn", self.two_updates, handshake=True)
        self.stranger("", lambda c: c.send.seal(wire.CLOSE, b"x"), handshake=True)
        self.stranger("a frame or Record out of turn", lambda c: c.client_hello(), handshake=True)

    def two_updates(self, c):
        first = c.send.seal(wire.KEY_UPDATE, b"")
        c.send.update()
        return first + c.send.seal(wire.KEY_UPDATE, b"")

    def test_key_update(self):
        c = self.member(self.hub, "carla")
        for _ in range(3):
            c.sock.sendall(c.send.seal(wire.KEY_UPDATE, b""))
            c.send.update()
            c.ask(wire.PING)

    def test_one_byte_at_a_time(self):
        c = self.connect(self.hub)
        record = c.send.seal(wire.APPLICATION, b"\x04\0\0\0\1")
        for i in range(len(record)):
            c.sock.sendall(record[i:i + 1])
        self.assertEqual(c.next().type, wire.OK)

    def test_cut_anywhere(self):
        before = len(self.disconnects(self.hub))
        count = 0
        for part in (0, 1, 3, 4, 200, 430):
            c = self.connect(self.hub, handshake=False)
            c.sock.sendall(c.client_hello()[:part])
            c.sock.close()
            count += 1
        c = self.connect(self.hub, handshake=False)  # leaves while a worker is busy with it
        c.sock.sendall(c.client_hello())
        c.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        c.sock.close()  # a reset
        count += 1
        for part in (1, 30, 67):
            c = self.connect(self.hub)
            c.sock.sendall(c.send.seal(wire.APPLICATION, b"\x04\0\0\0\1")[:part])
            c.sock.close()
            count += 1
        for _ in range(count):
            self.expect_disconnect(self.hub, "the connection was cut")
        self.assert_hear_each_other(self.a, self.b)
        self.assertEqual(len(self.disconnects(self.hub)), before + count)

    def test_idle_ones_and_a_flood(self):
        idle = [socket.create_connection(("127.0.0.1", self.hub.port)) for _ in range(100)]
        for _ in range(20):
            with socket.create_connection(("127.0.0.1", self.hub.port)) as s:
                try:
                    s.sendall(os.urandom(200000))
                except OSError:
                    pass
            started = time.monotonic()
            self.assert_hear_each_other(self.a, self.b)
            self.assertLess(time.monotonic() - started, harness.PATIENCE / 10)
        for s in idle:
            s.close()


if __name__ == "__main__":
    harness.main()
