#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Strangers who only hold places: whatever they have said, and however long they stay, they keep nobody out. Their
addresses are 127.0.0.2 and the ones after it; whoever comes from 127.0.0.1 is honest."""
import socket

import glasschat_client as wire
import harness
from crowd import Quick
from server_case import ServerCase

FLOOD = 512  # connections of one address: all that it may have


class Strangers(ServerCase):
    def setUp(self):
        super().setUp()
        self.allow_descriptors()

    def stranger(self, server, source, handshake=False):
        return self.enterContext(Quick(server.port, timeout=harness.PATIENCE, handshake=handshake, source=source))

    def flood(self, server, first, addresses, each, says, handshake=False):
        """As many as the server has room for, and then some of each address again."""
        for i in range(addresses * each + 10 * addresses):
            try:
                self.stranger(server, f"127.0.0.{first + i % addresses}", handshake).sock.sendall(says)
            except (ConnectionError, wire.Alert, wire.Cut):
                pass  # they may be told to go, or just be

    def assert_get_in(self, server, count=20):
        """New members from an address of which there are few."""
        for i in range(count):
            self.member(server, f"honest{i}").ask(wire.PING)

    def flooded(self, says):
        server = self.server("--max-registrations", "1000", "--handshake-seconds", "600", "--login-seconds", "600")
        a, b = self.member(server, "anna"), self.member(server, "bert")
        self.flood(server, 2, 2, FLOOD, says)
        self.assert_get_in(server)
        self.flood(server, 2, 2, 100, says)
        self.assert_hear_each_other(a, b)
        return server

    def test_silence(self):
        server = self.flooded(b"")
        server.expect_log("disconnect from=127.0.0.2.*it gave way")
        server.expect_log("disconnect from=127.0.0.3.*it gave way")
        # A class behind one address, all at once, and each of them slow.
        pupils = [self.stranger(server, "127.0.0.1") for _ in range(300)]
        for pupil in pupils:
            pupil.handshake()
        self.assertNotIn("disconnect from=127.0.0.1:", server.log)

    def test_half_a_hello(self):
        self.flooded(self.hello()[:200])

    def test_whole_hellos(self):
        self.flooded(self.hello())

    def hello(self):
        with socket.create_server(("127.0.0.1", 0)) as nobody:
            with Quick(nobody.getsockname()[1], handshake=False) as c:
                return c.client_hello()

    def test_one_who_never_logs_in(self):
        """All connections are taken, by eight addresses with as many as each may have."""
        server = self.server("--max-clients", "160", "--max-per-address", "20", "--max-registrations", "1000",
                             "--login-seconds", "600")
        a, b = self.member(server, "anna"), self.member(server, "bert")
        for first in (2, 16, 32, 48):  # of all of them: a network may have twice as many as an address
            self.flood(server, first, 2, 20, b"", handshake=True)
        self.assert_get_in(server, 10)
        self.assert_hear_each_other(a, b)

    def test_one_who_has_logged_in_stays(self):
        server = self.server("--max-clients", "4")
        members = [self.member(server, f"member{i}") for i in range(4)]
        with self.assertRaises((wire.Alert, wire.Cut)):
            self.connect(server)
        server.expect_log("refused connections=1 .*--max-clients")
        self.assert_hear_each_other(members[0], members[3])

    def test_one_who_is_being_said_good_bye(self):
        """Whoever has logged out, and does not answer the good-bye, keeps nobody out for that while."""
        server = self.server("--max-clients", "4")
        members = [self.member(server, f"member{i}") for i in range(4)]
        for member in members[:2]:
            member.post(wire.LOG_OUT)
            with self.assertRaises(wire.Closed):
                member.wait_for(wire.OK)
                member.next()
        a, b = self.member(server, "anna"), self.member(server, "bert")
        self.assert_hear_each_other(a, b)
        self.assert_hear_each_other(members[2], members[3])

    def test_no_descriptors(self):
        server = self.server("--handshake-seconds", "600", "--max-registrations", "1000",
                             before=("prlimit", "--nofile=64:64"))
        a, b = self.member(server, "anna"), self.member(server, "bert")
        self.flood(server, 2, 2, 100, b"")
        self.assert_get_in(server, 10)
        self.assert_hear_each_other(a, b)

    def test_one_that_gives_way_is_told(self):
        server = self.server("--max-handshakes", "1")
        silent = self.connect(server, handshake=False)
        self.connect(server).ask(wire.PING)
        with self.assertRaises(wire.Alert) as alert:
            silent.read_frame()
        self.assertEqual(alert.exception.args, (4, b""))


if __name__ == "__main__":
    harness.main()
