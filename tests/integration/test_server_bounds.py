#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""The bounds of the real server: each is reached, and clients within them notice nothing."""
import os
import select
import time

import glasschat_client as wire
import harness
from glasschat_client import Closed, Cut, Refused, v8, v16
from server_case import PASSWORD, ServerCase


class Bounds(ServerCase):
    def test_many_passwords_keep_no_handshake_waiting(self):
        """When a handshake is done, most of the passwords that came before it are still waiting."""
        server = self.server("--max-registrations", "1000", iterations=harness.iterations(0.1))
        crowd = [self.connect(server) for _ in range(min(12 * os.cpu_count(), 500))]
        poll = select.poll()
        for i, c in enumerate(crowd):  # registrations are never hashed together
            poll.register(c.sock, select.POLLIN)
            c.post(wire.REGISTER, v8(b"user%d" % i) + v8(b"a@example.org") + v8(PASSWORD.encode()) + v16(b""))
        self.connect(server)
        self.assertLess(len(poll.poll(0)), len(crowd) / 2)
        server.kill()

    def test_connections(self):
        server = self.server("--max-clients", "3")
        held = [self.member(server, f"member{i}") for i in range(3)]
        with self.assertRaises((wire.Alert, Cut)):
            self.connect(server)
        server.expect_log(r"refused connections=1 .*--max-clients")
        held[0].close()
        self.expect_disconnect(server, "it said good-bye")
        self.connect(server).ask(wire.PING)

    def test_handshakes_that_are_not_finished(self):
        server = self.server("--max-handshakes", "2")
        a, b = self.member(server, "anna"), self.member(server, "bert")  # theirs are finished
        held = [self.connect(server, handshake=False) for _ in range(2)]
        self.connect(server).ask(wire.PING)
        self.expect_disconnect(server, "it gave way to another")
        self.assert_hear_each_other(a, b)
        with self.assertRaises(wire.Alert):
            held[0].handshake()  # the oldest
        held[1].handshake()

    def test_connections_of_one_address(self):
        server = self.server("--max-per-address", "2")
        held = [self.member(server, f"member{i}") for i in range(2)]
        with self.assertRaises((wire.Alert, Cut)):
            self.connect(server)
        self.connect(server, source="127.0.0.2").ask(wire.PING)
        held[0].sock.close()
        self.expect_disconnect(server, "the connection was cut")
        self.connect(server).ask(wire.PING)

    @harness.alone
    def test_time_to_shake_hands_and_to_log_in(self):
        server = self.server("--handshake-seconds", "1", "--login-seconds", "1")
        silent = self.connect(server, handshake=False)
        half = self.connect(server, handshake=False)
        half.sock.sendall(half.client_hello())  # and never a Finished
        self.assert_ended(silent)
        with self.assertRaises(Cut):
            while True:
                half.read_frame()
        self.expect_disconnect(server, "it did not finish the handshake in time")
        self.expect_disconnect(server, "it did not finish the handshake in time")
        self.assert_ended(self.connect(server), (Closed,))
        self.expect_disconnect(server, "it did not log in in time")

    def test_silence_is_asked_about(self):
        server = self.server("--idle-seconds", "1", "--answer-seconds", "5")  # which is for this test to answer in, too
        a, b = self.member(server, "anna"), self.member(server, "bert")
        for _ in range(2):
            a.wait_for(wire.STILL_THERE)
            a.ask(wire.PING)
        self.assert_ended(b)
        self.expect_disconnect(server, "it did not answer")

    def test_one_who_talks_too_fast_waits(self):
        server = self.server("--max-rate", "20")
        a = self.member(server, "anna")
        started = time.monotonic()
        numbers = [a.post(wire.PING) for _ in range(80)]  # 40 at once, 40 more in two seconds
        for number in numbers:
            a.answer_to(number)
        self.assertGreater(time.monotonic() - started, 1.5)

    def test_many_tries_at_once_from_one_address(self):
        """Each on a connection of its own, and for another name: once the address has had its tries, those that are
        under way are not looked at any more. All eight have to be done before the second that this costs is over."""
        server = self.server("--free-tries-address", "2", iterations="50000")
        self.connect(server).register("name7", "a@example.org", PASSWORD)
        clients = [self.connect(server) for _ in range(8)]
        numbers = [c.post(wire.LOG_IN, v8(b"name%d" % i) + v8(PASSWORD.encode()) + v8(b""))
                   for i, c in enumerate(clients)]
        codes = []
        for c, number in zip(clients, numbers):
            try:
                c.answer_to(number)
                self.assertIs(c, clients[7])  # the right one may be looked at before the others: there is no order
            except Refused as refused:
                codes.append(refused.args[0])
        self.assertEqual(codes.count(wire.E_LOGIN_FAILED), 2)
        self.assertEqual(codes.count(wire.E_TRY_LATER), len(codes) - 2)
        time.sleep(1.1)
        self.connect(server).log_in("name7", PASSWORD)

    def test_rooms_and_members(self):
        server = self.server("--max-rooms", "3", "--max-members", "2", "--max-joined", "2")
        a, b, c = self.member(server, "anna"), self.member(server, "bert"), self.connect(server)
        c.register("carl", "c@example.org", PASSWORD)
        self.assert_refused(wire.E_LIMIT, c.log_in, "carl", PASSWORD)  # the lobby is full
        a.join("x")
        self.assert_refused(wire.E_LIMIT, a.join, "y")
        b.leave("lobby")
        b.join("y")
        self.assert_refused(wire.E_LIMIT, b.join, "z")
        c.log_in("carl", PASSWORD)

    def test_throw_away_accounts_do_not_take_all_rooms(self):
        """The refusal says which bound it was; a room that is gone makes space for the next."""
        server = self.server("--max-rooms", "6", "--max-rooms-user", "2", "--max-rooms-address", "4")
        a, b, c = (self.member(server, name) for name in ("anna", "bert", "carl"))
        for user, names in ((a, ("a1", "a2")), (b, ("b1", "b2"))):
            for name in names:
                user.join(name)
        for user, words in ((a, "you have made"), (b, "you have made"), (c, "from your network")):
            with self.assertRaises(Refused) as refused:
                user.join("new")
            self.assertEqual(refused.exception.args[0], wire.E_LIMIT)
            self.assertIn(words, refused.exception.args[1])
        c.join("a1")
        b.log_out()
        a.wait_for(wire.PRESENCE)
        c.join("new")

    def test_disk_full(self):
        server = self.server("--max-registrations", "1000", "--max-tries", "1000", before=("prlimit", "--fsize=4096"))
        c = self.connect(server)
        made = 0
        with self.assertRaises(Refused) as refused:
            while made < 100:
                c.register("u%d" % made, "u@example.org", PASSWORD)
                made += 1
        self.assertEqual(refused.exception.args[0], wire.E_NOT_SAVED)
        self.assert_refused(wire.E_LOGIN_FAILED, c.log_in, "u%d" % made, PASSWORD)
        c.log_in("u0", PASSWORD)
        server.stop()
        again = self.server()
        self.connect(again).log_in("u%d" % (made - 1), PASSWORD)


if __name__ == "__main__":
    harness.main()
