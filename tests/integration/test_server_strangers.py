#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""The real server and those who have not logged in, or do not as they should: what they may ask, what that tells them,
and what guessing gets them."""
import os
import time

import glasschat_client as wire
import harness
from glasschat_client import Closed, Refused, v8, v16
from server_case import PASSWORD, ServerCase


class Strangers(ServerCase):
    def test_before_login(self):
        server = self.server()
        c = self.connect(server)
        for kind, fields in ((wire.LIST_ROOMS, v8(b"")), (wire.JOIN, v8(b"den")), (wire.LEAVE, v8(b"lobby")),
                             (wire.SAY, v8(b"lobby") + v16(b"hi")), (wire.WHO, v8(b"lobby") + v8(b""))):
            self.assert_refused(wire.E_NOT_LOGGED_IN, c.ask, kind, fields)
        c.ask(wire.PING)
        c.enter("anna", PASSWORD)
        self.assert_refused(wire.E_ALREADY_LOGGED_IN, c.log_in, "anna", PASSWORD)
        self.assert_refused(wire.E_ALREADY_LOGGED_IN, c.register, "bert", "b@example.org", PASSWORD)
        c.log_out()
        self.assert_ended(c, (Closed,))

    def test_register_is_checked_here(self):
        server = self.server("--max-tries", "100")
        c = self.connect(server)
        for name in ("operator", "server", "Anna", "1anna", "an na", "", "a" * 33, "\u0430nna", "an\tna"):
            self.assert_refused(wire.E_BAD_NAME, c.register, name, "a@example.org", PASSWORD)
        kept = self.assert_refused(wire.E_BAD_NAME, c.register, "root", "a@example.org", PASSWORD)
        self.assertIn("kept for the server", kept)
        for email in ("", "anna", "a@b@c", "a@example.org\n", "a\tb@example.org", "x" * 65 + "@example.org"):
            self.assert_refused(wire.E_BAD_EMAIL, c.register, "anna", email, PASSWORD)
        for password in ("", "x" * 7, "x" * 129):
            self.assert_refused(wire.E_BAD_PASSWORD, c.register, "anna", "a@example.org", password)
        c.register("anna", "a@example.org", PASSWORD)
        self.assert_refused(wire.E_NAME_TAKEN, c.register, "anna", "other@example.org", PASSWORD)
        with open(os.path.join(server.data, "accounts")) as f:
            text = f.read()
        self.assertEqual(text.count("anna"), 1)
        self.assertNotIn(PASSWORD, text)

    def assert_made(self, count, clients, numbers, refusal):
        """So many of these requests made an account, and each of the others was refused with that code."""
        made = 0
        for c, number in zip(clients, numbers):
            try:
                c.answer_to(number)
                made += 1
            except Refused as refused:
                self.assertEqual(refused.args[0], refusal)
        self.assertEqual(made, count)

    def test_the_same_name_at_the_same_time(self):
        server = self.server(iterations="200000")
        clients = [self.connect(server) for _ in range(4)]
        numbers = [c.post(wire.REGISTER, v8(b"anna") + v8(b"a@example.org") + v8(PASSWORD.encode()) + v16(b""))
                   for c in clients]
        self.assert_made(1, clients, numbers, wire.E_NAME_TAKEN)

    def test_many_registrations_at_the_same_time_are_bounded(self):
        server = self.server("--max-registrations", "2", iterations="200000")
        clients = [self.connect(server) for _ in range(5)]
        numbers = [c.post(wire.REGISTER, v8(b"user%d" % i) + v8(b"a@example.org") + v8(PASSWORD.encode()) + v16(b""))
                   for i, c in enumerate(clients)]
        self.assert_made(2, clients, numbers, wire.E_TRY_LATER)

    def test_wrong_name_or_password(self):
        server = self.server()
        self.connect(server).register("anna", "a@example.org", PASSWORD)
        texts = set()
        for name, password, code in (("anna", "wrong password", ""), ("nobody", PASSWORD, ""),
                                     ("anna", PASSWORD, "123456")):
            c = self.connect(server)
            texts.add(self.assert_refused(wire.E_LOGIN_FAILED, c.log_in, name, password, code))
        self.assertEqual(len(texts), 1)

    def test_guessing_is_slowed_down(self):
        server = self.server()
        self.connect(server).register("anna", "a@example.org", PASSWORD)
        c, another = self.connect(server), self.connect(server)  # beforehand, as the delay is a second
        for _ in range(3):
            self.assert_refused(wire.E_LOGIN_FAILED, c.log_in, "anna", "wrong password")
        self.assertIn("1 second", self.assert_refused(wire.E_TRY_LATER, c.log_in, "anna", PASSWORD))
        self.assert_refused(wire.E_TRY_LATER, another.log_in, "anna", PASSWORD)
        self.assert_refused(wire.E_LOGIN_FAILED, c.log_in, "bert", "wrong password")  # other names are not delayed
        time.sleep(1.1)
        self.connect(server).log_in("anna", PASSWORD)  # and the delay ends

    def test_one_who_logs_in_well_never_waits(self):
        server = self.server()
        self.connect(server).register("anna", "a@example.org", PASSWORD)
        for _ in range(8):
            self.connect(server).log_in("anna", PASSWORD)

    def spent_on_failing(self, server, *names):
        """The server's processor time for three failed logins of each: what a clock shows depends on what else runs. They
        take turns, as even that is more, up to twice as much, where two threads of the system share a core: so the
        least of the three counts for all."""
        spent = {name: [] for name in names}
        for name in 3 * names:
            before = server.cpu()
            self.assert_refused(wire.E_LOGIN_FAILED, self.connect(server).log_in, name, "wrong password")
            spent[name].append(server.cpu() - before)
        return {name: 3 * min(times) for name, times in spent.items()}

    def test_an_unknown_name_takes_as_long(self):
        server = self.server(iterations="600000")
        self.connect(server).register("anna", "a@example.org", PASSWORD)
        spent = self.spent_on_failing(server, "anna", "nobody")
        self.assertLess(max(spent.values()), 1.5 * min(spent.values()) + 0.05, spent)  # the kernel counts in 0.01 s

    def test_an_old_hash_takes_as_long(self):
        server = self.server(iterations="1000")
        self.connect(server).register("anna", "a@example.org", PASSWORD)
        server.stop()
        server = self.server(iterations="600000")  # on the same folder
        spent = self.spent_on_failing(server, "anna", "nobody")
        self.assertLess(max(spent.values()), 1.5 * min(spent.values()) + 0.05, spent)
        time.sleep(1.1)
        self.connect(server).log_in("anna", PASSWORD)

    def test_a_hash_from_a_higher_default_takes_as_long(self):
        server = self.server(iterations="900000")
        self.connect(server).register("anna", "a@example.org", PASSWORD)
        server.stop()
        server = self.server("--free-tries", "100", iterations="1000")
        server.expect_log(" warn logins take as long as the costliest hash in accounts: .* iterations=900000")
        self.connect(server).register("bert", "b@example.org", PASSWORD)
        spent = self.spent_on_failing(server, "anna", "bert", "nobody")
        self.assertLess(max(spent.values()), 1.5 * min(spent.values()) + 0.05, spent)

    def test_registrations_that_went_well_are_no_failures(self):
        server = self.server()
        c = self.connect(server)
        for i in range(7):
            c.register("u%d" % i, "u@example.org", PASSWORD)
        self.assert_refused(wire.E_NAME_TAKEN, c.register, "u0", "u@example.org", PASSWORD)
        c.log_in("u0", PASSWORD)

    def test_five_tries_a_connection(self):
        server = self.server()
        c = self.connect(server)
        for i in range(5):
            self.assert_refused(wire.E_LOGIN_FAILED, c.log_in, "nobody%d" % i, PASSWORD)
        self.assert_ended(c, (Closed,))
        self.expect_disconnect(server, "too many failed tries")

    def test_request_numbers_rise(self):
        server = self.server()
        c = self.connect(server)
        c.post(wire.PING, request=0)  # 0 is for pushes
        self.assert_ended(c, (Closed,))
        for numbers in ((1, 1), (5, 4), (2**32 - 1, 1)):
            c = self.connect(server)
            for number in numbers:
                c.post(wire.PING, request=number)
            self.assert_ended(c, (Closed,))
            c.sock.close()
            self.expect_disconnect(server, "a request number out of order")

    def test_malformed_messages(self):
        server = self.server()
        for kind, fields in ((wire.PING, b"x"), (wire.JOIN, b"\x05den"), (wire.JOIN, b""), (wire.OK, b""), (0, b""), (95, b""),
                             (255, b""), (wire.SAY, v8(b"lobby") + b"\xff\xff"), (wire.REPLACED, b"")):
            c = self.connect(server)
            self.assert_refused(wire.E_MALFORMED, c.ask, kind, fields)
            self.assert_ended(c, (Closed,))
        c = self.connect(server)
        c.sock.sendall(c.send.seal(wire.APPLICATION, b""))  # nothing at all
        self.assert_ended(c, (Closed,))
        c = self.connect(server)
        self.assert_refused(wire.E_UNKNOWN_TYPE, c.ask, 63)  # of a later version: no reason to hang up
        c.ask(wire.PING)


if __name__ == "__main__":
    harness.main()
