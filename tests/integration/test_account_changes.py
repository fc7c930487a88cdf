#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""What users change of their own accounts, at the real server: who may, what holds afterwards, what a restart brings
back. The second factor: test_account_codes.py."""
import os
import time

from cryptography.hazmat.primitives.asymmetric import rsa

import glasschat_client as wire
import harness
from account_case import NEW, AccountCase, begin_second_factor, totp
from commands_case import holds
from glasschat_client import Closed, Refused, v8
from server_case import PASSWORD


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
        self.assert_refused(wire.E_WRONG_CODE, anna.change_password, PASSWORD, NEW, "123456")
        self.assert_refused(wire.E_BAD_PASSWORD, anna.change_password, PASSWORD, "short")
        self.assert_no_login(server, "anna", NEW)
        self.assert_logs_in(server, "anna", PASSWORD)

    def test_none_stays_in_the_memory_of_the_server(self):
        """Whether it was right or wrong, checked alone or with others; and no secret of a second factor."""
        if harness.sanitized():
            self.skipTest("a sanitizer keeps what was freed, and more memory than can be read")
        server = self.server("--free-tries", "100")
        anna, several = self.member(server, "anna"), [self.connect(server) for _ in range(6)]
        wrong = ["a wrong one, %d" % i for i in range(8)]
        self.assert_refused(wire.E_LOGIN_FAILED, anna.change_password, wrong[6], NEW)
        self.assert_refused(wire.E_WRONG_CODE, anna.change_password, PASSWORD, NEW, "123456")
        self.assert_refused(wire.E_LOGIN_FAILED, anna.delete_account, wrong[7])
        anna.change_password(PASSWORD, NEW)
        numbers = [c.post(wire.LOG_IN, v8(b"anna") + v8(p.encode()) + v8(b"")) for c, p in zip(several, wrong)]
        for c, number in zip(several, numbers):
            self.assert_refused(wire.E_LOGIN_FAILED, c.answer_to, number)
        secret = begin_second_factor(anna, NEW)
        anna.confirm_second_factor(totp(secret, time.time()))
        self.assertTrue(holds(server, b"anna@"))  # it does find what is there
        for kept in secret, *(password.encode() for password in (PASSWORD, NEW, *wrong)):
            self.assertEqual(holds(server, kept), [], kept)

    def test_failures_count_as_logins_do(self):
        server = self.server()
        anna, another = self.member(server, "anna"), self.connect(server)  # beforehand, as the delay is a second
        for ask in (lambda: anna.change_password("wrong password", NEW), lambda: anna.delete_account("wrong password"),
                    lambda: anna.change_password("wrong password", NEW)):
            self.assert_refused(wire.E_LOGIN_FAILED, ask)
        self.assert_refused(wire.E_TRY_LATER, anna.delete_account, PASSWORD)
        self.assert_refused(wire.E_TRY_LATER, another.log_in, "anna", PASSWORD)
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
        """Whichever comes first: in the end nobody who only knows the old one is in. Some come when the change, which
        hashes two times, is at its second: they are checked against the old hash, and done after the change."""
        server = self.server("--free-tries", "100", iterations="500000")
        anna = self.member(server, "anna")
        thieves = [self.connect(server) for _ in range(6)]
        started = time.monotonic()
        self.assert_no_login(server, "anna", NEW)
        once = time.monotonic() - started
        change = anna.post(wire.CHANGE_PASSWORD, v8(PASSWORD.encode()) + v8(b"") + v8(NEW.encode()))
        for thief in thieves:
            time.sleep(0.3 * once)
            thief.post(wire.LOG_IN, v8(b"anna") + v8(PASSWORD.encode()) + v8(b""))
        try:
            anna.answer_to(change)
        except Closed:  # one of the others has taken her place
            pass
        server.expect_log("password changed")
        for thief in thieves:
            with self.assertRaises((Closed, Refused)):
                while True:
                    m = thief.next()
                    if m.type == wire.ERROR:
                        raise Refused(m.code, m.text)
        self.assert_logs_in(server, "anna", NEW)

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
        # Tries that are under way count like failures until it is known that they are none.
        server = self.restarted(server, options=("--free-tries", "100"), iterations="50000")
        clients = [self.connect(server) for _ in range(4)]
        for c in clients:
            c.post(wire.LOG_IN, v8(b"anna") + v8(PASSWORD.encode()) + v8(b""))
        server.expect_log(" login user=anna")
        self.assert_logs_in(server, "anna")
        self.assertTrue(self.line(server, "anna")["pbkdf2"].startswith("50000:"))

    def test_old_hashes_of_many_are_raised_together(self):
        """What waits for a worker is checked in batches, old hashes and newer ones side by side."""
        names = [f"old{i}" for i in range(12)]
        server = self.server(iterations="1000")
        self.connect(server).register("anna", "a@example.org", PASSWORD)
        for name in names[:6]:
            self.connect(server).register(name, "a@example.org", PASSWORD)
        server = self.restarted(server, options=("--free-tries-address", "100"), iterations="1500")
        for name in names[6:]:
            self.connect(server).register(name, "a@example.org", PASSWORD)
        server = self.restarted(server, options=("--free-tries-address", "100"), iterations="100000")
        clients = [self.connect(server) for _ in names] + [self.connect(server)]
        numbers = [c.post(wire.LOG_IN, v8(name.encode()) + v8(PASSWORD.encode()) + v8(b""))
                   for c, name in zip(clients, names)]
        wrong = clients[-1].post(wire.LOG_IN, v8(b"anna") + v8(b"wrong password") + v8(b""))
        for c, number in zip(clients, numbers):
            c.answer_to(number)
        self.assert_refused(wire.E_LOGIN_FAILED, clients[-1].answer_to, wrong)
        for name in names:
            self.assertTrue(self.line(server, name)["pbkdf2"].startswith("100000:"), name)
            self.assert_logs_in(server, name)
        self.assertTrue(self.line(server, "anna")["pbkdf2"].startswith("1000:"))


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


class Blocks(AccountCase):
    def assert_heard(self, listener, speaker, heard=True):
        """Whether what one says reaches the other; a third one's word after it says that it would be there by now."""
        text = os.urandom(8).hex()
        speaker.say("lobby", text)
        self.witness.say("lobby", "end " + text)
        said = []
        while said[-1:] != ["end " + text]:
            said.append(listener.wait_for(wire.SAID).text)
        self.assertEqual(text in said, heard)

    def test_block(self):
        server = self.server()
        anna, bert = self.member(server, "anna"), self.member(server, "bert")
        self.witness = self.member(server, "carl")
        self.assert_heard(anna, bert)
        anna.block("bert")
        anna.block("bert")
        self.assert_heard(anna, bert, False)
        self.assert_heard(bert, anna)  # it goes one way
        self.assertEqual(self.line(server, "anna")["blocks"], "bert")
        self.assertEqual([m for m in bert.pushed if m.type == wire.NOTICE], [])
        anna = self.assert_logs_in(server, "anna")
        self.assert_heard(anna, bert, False)
        server = self.restarted(server)
        anna, bert = self.assert_logs_in(server, "anna"), self.assert_logs_in(server, "bert")
        self.witness = self.assert_logs_in(server, "carl")
        self.assert_heard(anna, bert, False)
        anna.unblock("bert")
        anna.unblock("bert")
        self.assert_heard(anna, bert)
        self.assertNotIn("blocks", self.line(server, "anna"))

    def test_in_any_room_and_presence_is_told(self):
        server = self.server()
        anna, bert = self.member(server, "anna"), self.member(server, "bert")
        anna.block("bert")
        anna.join("den")
        bert.join("den")
        while (m := anna.wait_for(wire.PRESENCE, wire.SAID)).type != wire.PRESENCE or m.room != "den":
            pass
        self.assertEqual(m.names, ["bert"])
        bert.say("den", "hello")
        anna.ask(wire.PING)
        self.assertEqual([m for m in anna.pushed if m.type == wire.SAID], [])

    def test_whom(self):
        server = self.server("--max-blocks", "2")
        anna = self.member(server, "anna")
        for name in ("bert", "carl", "dora", "emil"):
            self.connect(server).register(name, "x@example.org", PASSWORD)
        self.assert_refused(wire.E_NO_SUCH_USER, anna.block, "nobody")
        self.assert_refused(wire.E_NO_SUCH_USER, anna.block, "operator")
        self.assert_refused(wire.E_BAD_NAME, anna.block, "anna")
        anna.block("dora")
        anna.block("bert")
        self.assert_refused(wire.E_LIMIT, anna.block, "carl")
        anna.block("bert")
        self.assertEqual(self.line(server, "anna")["blocks"], "bert,dora")
        anna.unblock("dora")
        anna.block("carl")
        self.assertEqual(self.line(server, "anna")["blocks"], "bert,carl")
        self.assert_refused(wire.E_NOT_LOGGED_IN, self.connect(server).block, "bert")

    def test_list(self):
        server = self.server()
        anna, bert = self.member(server, "anna"), self.member(server, "bert")
        self.assertEqual(anna.blocked(), [])
        for name in ("emil", "dora"):
            self.connect(server).register(name, "x@example.org", PASSWORD)
        for name in ("emil", "bert", "dora"):
            anna.block(name)
        self.assertEqual(anna.blocked(), ["bert", "dora", "emil"])
        self.assertEqual(bert.blocked(), [])  # nobody is told who has blocked them
        bert.delete_account(PASSWORD)
        server = self.restarted(server)
        anna = self.assert_logs_in(server, "anna")
        self.assertEqual(anna.blocked(), ["bert", "dora", "emil"])
        # An answer has all that came before it, in one go as well.
        asked = []
        for name in (b"bert", b"emil", b"dora"):
            anna.post(wire.UNBLOCK, v8(name))
            asked.append(anna.post(wire.LIST_BLOCKED))
        answers = [anna.next() for _ in range(6)]
        self.assertEqual([(m.request, m.names) for m in answers if m.type == wire.BLOCKED],
                         list(zip(asked, (["dora", "emil"], ["dora"], []))))

    def test_list_of_the_longest_names(self):
        server = self.server(*harness.FAST)
        anna, other = self.member(server, "anna"), self.connect(server)
        names = ["b%031d" % i for i in range(64)]
        for name in [*names, "more"]:
            other.register(name, "x@example.org", PASSWORD)
        for name in reversed(names):
            anna.block(name)
        self.assert_refused(wire.E_LIMIT, anna.block, "more")
        self.assertEqual(anna.blocked(), names)
        self.assert_refused(wire.E_NOT_LOGGED_IN, other.blocked)
        self.assert_refused(wire.E_MALFORMED, anna.ask, wire.LIST_BLOCKED, v8(b"bert"))


class Certificate(AccountCase):
    key = None

    def certificate(self, name, role=2, begins=-1000, ends=1000, broken=0, issuer=None):
        """Self-signed, as docs/protocol.md section 7.1 says, unless there is another issuer."""
        cls = Certificate
        cls.key = cls.key or rsa.generate_private_key(65537, 3072)
        now = int(time.time())
        return wire.certificate(cls.key, role, name, now + begins, now + ends, issuer, broken)

    def test_replace_and_fetch(self):
        server = self.server()
        anna, bert = self.member(server, "anna"), self.member(server, "bert")
        self.assertEqual(bert.fetch_certificate("anna"), b"")
        mine = self.certificate("anna")
        anna.replace_certificate(PASSWORD, mine)
        self.assertEqual(bert.fetch_certificate("anna"), mine)
        server = self.restarted(server)
        anna, bert = self.assert_logs_in(server, "anna"), self.assert_logs_in(server, "bert")
        self.assertEqual(bert.fetch_certificate("anna"), mine)
        other = self.certificate("anna", issuer=b"i" * 32)  # by an authority that the server doesn't know
        anna.replace_certificate(PASSWORD, other)
        self.assertEqual(bert.fetch_certificate("anna"), other)
        anna.replace_certificate(PASSWORD, b"")
        self.assertEqual(bert.fetch_certificate("anna"), b"")
        self.assertNotIn("certificate", self.line(server, "anna"))

    def test_register_with_one(self):
        server = self.server()
        c = self.connect(server)
        mine = self.certificate("anna")
        self.assert_refused(wire.E_BAD_CERTIFICATE, c.register, "bert", "b@example.org", PASSWORD, mine)
        c.register("anna", "a@example.org", PASSWORD, mine)
        c.log_in("anna", PASSWORD)
        self.assertEqual(c.fetch_certificate("anna"), mine)
        self.assert_refused(wire.E_NO_SUCH_USER, c.fetch_certificate, "bert")

    def test_what_can_not_be_used(self):
        server = self.server()
        anna = self.member(server, "anna")
        for wrong in (self.certificate("bert"), self.certificate("anna", role=1), self.certificate("anna", ends=-500),
                      self.certificate("anna", begins=500), self.certificate("anna", broken=1),
                      self.certificate("anna")[:-1], b"x"):
            self.assert_refused(wire.E_BAD_CERTIFICATE, anna.replace_certificate, PASSWORD, wrong)
        self.assert_refused(wire.E_LOGIN_FAILED, anna.replace_certificate, "wrong password", self.certificate("anna"))
        self.assertEqual(anna.fetch_certificate("anna"), b"")


if __name__ == "__main__":
    harness.main()
