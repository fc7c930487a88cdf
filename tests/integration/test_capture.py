#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Nothing readable crosses the wire: a capture of a whole session has no password, e-mail, name or text in it."""
import os
import re
import socket
import threading
import unittest

import harness

TEXT = "the eagle lands at midnight behind the old mill"
PASSWORD = "battery staple of the eagle"


class Loopback:
    """Every packet on the loopback interface, as a packet socket sees it (Linux, root)."""

    def __init__(self):
        self.socket = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(0x0003))
        self.socket.bind(("lo", 0))
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 8 << 20)
        self.socket.settimeout(0.2)
        self.packets = []
        self.running = True
        self.thread = threading.Thread(target=self.collect, daemon=True)
        self.thread.start()

    def collect(self):
        while self.running:
            try:
                self.packets.append(self.socket.recv(70000))
            except OSError:
                continue

    def close(self):
        self.running = False
        self.thread.join()
        self.socket.close()


class Capture(harness.TestCase):
    def talk(self, server, port):
        alice = self.client(server, "alice", port=port, password=PASSWORD)
        bob = self.client(server, "bob", port=port)
        alice.say(TEXT)
        bob.expect(re.escape(TEXT))
        alice.say("/quit")
        bob.say("exit")
        self.assertEqual((alice.wait(), bob.wait()), (0, 0))
        # And once more, with the account and the pinned key that are there now.
        again = self.client(server, "alice", port=port, password=PASSWORD, register=False)
        again.say("/quit")
        again.wait()

    def assert_nothing_readable(self, data):
        self.assertIn(b"\x01\x01", data)  # the capture has frames in it: a ClientHello's header
        for secret in (TEXT, TEXT[:12], PASSWORD, harness.PASSWORD, "alice@example.org", "example.org", "lobby"):
            self.assertNotIn(secret.encode(), data)
            self.assertNotIn(secret.encode("utf-16-le"), data)
            self.assertNotIn(secret.encode().hex().encode(), data)

    def test_recorded_by_somebody_in_between(self):
        server = self.server()
        proxy = self.proxy(server)
        self.talk(server, proxy.port)
        self.assertGreater(len(proxy.up), 2000)
        self.assert_nothing_readable(bytes(proxy.up))
        self.assert_nothing_readable(bytes(proxy.down))
        self.assertEqual({f[0] for f in harness.frames(proxy.up[:1024 * 1024])} - {1, 2, 3}, set())

    @unittest.skipUnless(os.geteuid() == 0 and hasattr(socket, "AF_PACKET"), "packets are for root to see, on Linux")
    def test_captured_on_the_loopback_interface(self):
        server = self.server()
        loopback = self.started(Loopback())
        self.talk(server, server.port)
        port = server.port.to_bytes(2, "big")
        data = b"".join(p for p in loopback.packets if port in p[34:38])
        self.assertGreater(len(data), 6000)
        self.assert_nothing_readable(data)


if __name__ == "__main__":
    harness.main()
