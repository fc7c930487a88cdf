#!/usr/bin/python3
"""What users change of their own accounts, at the real server: who may, what holds afterwards, what a restart brings
back."""
import os
import re
import time

import glasschat_client as wire
import harness
from glasschat_client import Closed, Refused, v8
from test_server import PASSWORD, ServerCase

NEW = "another password"


class AccountCase(ServerCase):
    def line(self, server, name):
        """The last line of that name in the accounts file, as a dict of its fields."""
        with open(os.path.join(server.data, "accounts")) as f:
            lines = [line.rstrip("\n").split("\t") for line in f if line.split("\t")[0] == name]
        return dict(field.split("=", 1) for field in lines[-1][1:-1])

    def restarted(self, server, **kw):
        server.stop()
        return self.server(**kw)  # on the same folder

    def before_and_after_restart(self, server):
        yield server
        yield self.restarted(server)

    def assert_logs_in(self, server, name, password=PASSWORD, code=""):
        c = self.connect(server)
        c.log_in(name, password, code)
        return c

    def assert_no_login(self, server, name, password=PASSWORD, code=""):
        self.assert_refused(wire.E_LOGIN_FAILED, self.connect(server).log_in, name, password, code)


class Password(AccountCase):
    def test_change(self):
        server = self.server()
        anna = self.member(server, "anna")
        anna.change_password(PASSWORD, NEW)
        anna.say("lobby", "still here")
        for server in self.before_and_after_restart(server):
            self.assert_no_login(server, "anna", PASSWORD)
            self.assert_logs_in(server, "anna", NEW)
        self.assertNotIn(NEW, open(os.path.join(server.data, "accounts")).read())

    def test_wrong_password(self):
        server = self.server("--free-tries", "100")
        anna = self.member(server, "anna")
        self.assert_refused(wire.E_LOGIN_FAILED, anna.change_password, "wrong password", NEW)
        self.assert_refused(wire.E_LOGIN_FAILED, anna.change_password, PASSWORD, NEW, "123456")
        self.assert_refused(wire.E_BAD_PASSWORD, anna.change_password, PASSWORD, "short")
        self.assert_no_login(server, "anna", NEW)
        self.assert_logs_in(server, "anna", PASSWORD)

    def test_failures_count_as_logins_do(self):
        server = self.server()
        anna = self.member(server, "anna")
        for ask in (lambda: anna.change_password("wrong password", NEW), lambda: anna.delete_account("wrong password"),
                    lambda: anna.change_password("wrong password", NEW)):
            self.assert_refused(wire.E_LOGIN_FAILED, ask)
        self.assert_refused(wire.E_TRY_LATER, anna.delete_account, PASSWORD)
        self.assert_refused(wire.E_TRY_LATER, self.connect(server).log_in, "anna", PASSWORD)
        time.sleep(1.1)
        anna.change_password(PASSWORD, NEW)

    def test_five_tries_a_connection(self):
        server = self.server("--free-tries", "100")
        anna = self.member(server, "anna")
        for _ in range(5):
            self.assert_refused(wire.E_LOGIN_FAILED, anna.change_password, "wrong password", NEW)
        self.assert_ended(anna, (Closed,))

    def test_before_login(self):
        server = self.server()
        anna = self.connect(server)
        self.assert_refused(wire.E_NOT_LOGGED_IN, anna.change_password, PASSWORD, NEW)
        self.assert_refused(wire.E_NOT_LOGGED_IN, anna.delete_account, PASSWORD)

    def test_a_login_with_the_old_password_meanwhile(self):
        """Whichever comes first: in the end nobody is in who only knows the old one."""
        server = self.server("--free-tries", "100", iterations="100000")
        anna = self.member(server, "anna")
        change = anna.post(wire.CHANGE_PASSWORD, v8(PASSWORD.encode()) + v8(b"") + v8(NEW.encode()))
        thieves = [self.connect(server) for _ in range(3)]
        for thief in thieves:
            thief.post(wire.LOG_IN, v8(b"anna") + v8(PASSWORD.encode()) + v8(b""))
        try:
            anna.answer_to(change)
        except Closed:  # one of the others has taken her place
            pass
        server.expect_log("password changed")
        self.assert_logs_in(server, "anna", NEW)
        for thief in thieves:
            with self.assertRaises((Closed, Refused)):
                while True:
                    m = thief.next()
                    if m.type == wire.ERROR:
                        raise Refused(m.code, m.text)

    def test_an_old_hash_is_raised(self):
        server = self.server(iterations="1000")
        self.connect(server).register("anna", "a@example.org", PASSWORD)
        server = self.restarted(server, iterations="2000")
        self.assert_no_login(server, "anna", NEW)
        self.assertTrue(self.line(server, "anna")["pbkdf2"].startswith("1000:"))
        self.assert_logs_in(server, "anna")
        raised = self.line(server, "anna")["pbkdf2"]
        self.assertTrue(raised.startswith("2000:"))
        server = self.restarted(server, iterations="1000")  # and never lowered
        self.assert_logs_in(server, "anna")
        self.assertEqual(self.line(server, "anna")["pbkdf2"], raised)

    def test_many_at_once_raise_one_hash(self):
        server = self.server(iterations="1000")
        self.connect(server).register("anna", "a@example.org", PASSWORD)
        server = self.restarted(server, iterations="50000")
        clients = [self.connect(server) for _ in range(4)]
        for c in clients:
            c.post(wire.LOG_IN, v8(b"anna") + v8(PASSWORD.encode()) + v8(b""))
        server.expect_log(" login user=anna")
        self.assert_logs_in(server, "anna")
        self.assertTrue(self.line(server, "anna")["pbkdf2"].startswith("50000:"))


class Deletion(AccountCase):
    def test_delete(self):
        server = self.server()
        anna, bert = self.member(server, "anna"), self.member(server, "bert")
        anna.delete_account(PASSWORD)
        self.assert_ended(anna, (Closed,))
        self.expect_disconnect(server, "its account was deleted")
        while True:
            m = bert.wait_for(wire.PRESENCE)
            if m.what == 2:
                break
        self.assertEqual(m.names, ["anna"])
        for server in self.before_and_after_restart(server):
            self.assert_no_login(server, "anna")
            self.assert_refused(wire.E_NAME_TAKEN, self.connect(server).register, "anna", "a@example.org", PASSWORD)
            self.assertEqual(self.line(server, "anna"), {"deleted": "1"})
        self.assert_logs_in(server, "bert")

    def test_wrong_password(self):
        server = self.server()
        anna = self.member(server, "anna")
        self.assert_refused(wire.E_LOGIN_FAILED, anna.delete_account, "wrong password")
        anna.delete_account(PASSWORD)

    def test_a_login_meanwhile(self):
        server = self.server("--free-tries", "100", iterations="100000")
        anna = self.member(server, "anna")
        anna.post(wire.DELETE_ACCOUNT, v8(PASSWORD.encode()) + v8(b""))
        others = [self.connect(server) for _ in range(3)]
        for other in others:
            other.post(wire.LOG_IN, v8(b"anna") + v8(PASSWORD.encode()) + v8(b""))
        server.expect_log("account deleted")
        bert = self.member(server, "bert")
        self.assertEqual(bert.who("lobby").names, ["bert"])
        self.assert_no_login(server, "anna")


if __name__ == "__main__":
    harness.main()
