#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Changes of an account while the system runs out of memory."""
import time

import glasschat_client as wire
import harness
from account_case import NEW, AccountCase, totp
from crowd import Quick
from fault_case import ShimCase
from glasschat_client import Closed, Cut, Refused, v8
from server_case import PASSWORD


class Allocations(ShimCase, AccountCase):
    """Each allocation in turn fails, once, while one changes all that an account has: the request is refused or the
    connection ends, what was acknowledged is in the file, and the server goes on."""

    def changes(self, server, name):
        """What was acknowledged, in order."""
        done = []
        c = None
        try:
            c = Quick(server.port, timeout=harness.PATIENCE)
            c.register(name, "a@example.org", PASSWORD)
            c.log_in(name, PASSWORD)
            for what, change in (("block", lambda: c.block("bert")), ("unblock", lambda: c.unblock("bert")),
                                 ("block", lambda: c.block("bert")), ("list", c.blocked),
                                 ("fetch", lambda: c.fetch_certificate("bert")),
                                 ("password", lambda: c.change_password(PASSWORD, NEW)),
                                 ("begin", lambda: self.begin(c)),
                                 ("confirm", lambda: c.confirm_second_factor(totp(self.secret, self.now))),
                                 ("end", lambda: c.end_second_factor(NEW, totp(self.secret, self.now + 30))),
                                 ("delete", lambda: c.delete_account(NEW))):
                change()
                done.append(what)
        except (Closed, Cut, Refused, ConnectionError, wire.Alert):
            pass
        finally:
            if c is not None:
                c.sock.close()
        return done

    def begin(self, client):
        self.secret = client.begin_second_factor(NEW)
        self.now = time.time()

    def test_changes(self):
        server = self.server_on_shim("--free-tries", "1000")
        self.connect(server).register("bert", "b@example.org", PASSWORD)
        nth = 0
        while self.shim.failed == nth and nth < 300:
            nth += 1
            self.shim.fail_allocation(nth)
            name = "u%d" % nth
            done = self.changes(server, name)
            self.shim.fail_allocation(0)
            self.assertIsNone(server.child.poll(), "allocation %d ended the server: %s" % (nth, server.log))
            with Quick(server.port, timeout=harness.PATIENCE) as c:
                c.ask(wire.PING)
                c.close()
            if done:
                line = self.line(server, name)
                self.assertTrue("delete" not in done or line == {"deleted": "1"}, (nth, done, line))
                self.assertTrue("deleted" in line or done.count("block") < 2 or line["blocks"] == "bert",
                                (nth, done, line))
        print(f"    {nth - 1} allocations while an account is changed, each failed once", flush=True)
        self.assertGreater(nth, 40)
        self.assertEqual(done[-1], "delete")
        server = self.restarted(server)
        self.assert_logs_in(server, "bert")


class Codes(ShimCase, AccountCase):
    def test_a_code_is_of_the_time_at_which_it_came(self):
        """However late its turn comes: the clock is set an hour forward while a worker has the password. Once, all the
        same, and what comes after that hour is judged after it."""
        server = self.server(env=self.shim.env, name=self.shim.server)
        anna = self.member(server, "anna")
        secret = anna.begin_second_factor(PASSWORD)
        anna.confirm_second_factor(totp(secret, time.time()))
        server.stop()
        server = self.server(env=self.shim.env, name=self.shim.server, iterations="3000000")  # long enough to be seen
        late, again = self.connect(server), self.connect(server)
        code = totp(secret, time.time() + 30)  # the next one: that of now is used up
        login = late.post(wire.LOG_IN, v8(b"anna") + v8(PASSWORD.encode()) + v8(code.encode()))
        self.wait_until_it_works(server)
        self.shim.set_clock(3600)
        late.answer_to(login)
        self.assert_refused_code(again, totp(secret, time.time()))
        again.log_in("anna", PASSWORD, totp(secret, time.time() + 3600))

    def wait_until_it_works(self, server):
        """Until a worker has something, or had it."""
        harness.wait_until(lambda: server.status("jobs") > 0 or " login user=anna" in server.log,
                           "a login is under way")

    def assert_refused_code(self, client, code):
        with self.assertRaises(Refused) as refused:
            client.log_in("anna", PASSWORD, code)
        self.assertNotEqual(refused.exception.args[0], wire.E_TRY_LATER)


if __name__ == "__main__":
    harness.main()
