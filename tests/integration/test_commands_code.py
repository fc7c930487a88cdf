#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""The client's commands about the second factor."""
import base64
import os
import time

import glasschat_client as wire
import harness
from account_case import begin_second_factor, wait_for_a_fresh_step
from commands_case import NEW, PASSWORD, Commands, code_of, holds


class Factor(Commands):
    """With the real server."""

    def start(self, server, *options, terminal=False):
        return self.started(harness.Client(self.folder, "alice", server.port, *options, terminal=terminal))

    def begin(self, client, first=PASSWORD, code=""):
        client.say("/2fa on")
        client.say(first)
        client.say(code)
        return base64.b32decode(client.expect(r"^\* secret: ([A-Z2-7]{32})$")[1])

    def test_a_second_factor_from_beginning_to_end(self):
        server = self.server()
        alice = self.client(server, "alice")
        secret, now = self.begin(alice), time.time()
        wrong = "%06d" % ((int(code_of(secret, now)) + 1) % 1000000)
        alice.say("/2fa confirm " + wrong)
        alice.err.expect("not confirmed: wrong code")
        alice.say("/2fa confirm " + code_of(secret, now))
        alice.expect("second factor on")
        alice.end_input()
        self.assertEqual(alice.wait(), 1)
        _, err = self.run_client(server.port, [], status=1)
        self.assertIn("wrong name, password or code", err)
        _, err = self.run_client(server.port, [], code=code_of(secret, now), status=1)  # it has been used
        self.assertIn("wrong name, password or code", err)
        with open(os.path.join(server.data, "accounts"), "rb") as f:
            self.assertNotIn(secret, f.read())
        out, _ = self.run_client(server.port, ["/who"], code=code_of(secret, now + 30))
        self.assertIn("in lobby: alice", out)
        self.assertNotIn(base64.b32encode(secret).decode(), server.log)

    def test_a_used_code_is_told_apart_from_a_wrong_password(self):
        """To a user who is logged in; to others, only that a code counts once."""
        server = self.server("--free-tries", "100")
        alice = self.client(server, "alice")
        secret, now = self.begin(alice), time.time()
        alice.say("/2fa confirm " + code_of(secret, now))
        alice.expect("second factor on: .* this one is used up now, the next one counts\n")
        for password, code, why in (("not the password", code_of(secret, now + 30), "wrong password\n"),
                                    (PASSWORD, code_of(secret, now), "wrong code: .*used already: wait for the next one"),
                                    (PASSWORD, "", "wrong code: missing"), (PASSWORD, "12345", "a code has six digits")):
            for line in "/2fa off", password, code:
                alice.say(line)
            alice.err.expect("glasschat: second factor not ended: " + why)
        for line in "/2fa off", PASSWORD, code_of(secret, now + 30):
            alice.say(line)
        alice.expect("second factor off")
        for line in "/2fa off", PASSWORD, "123456":
            alice.say(line)
        alice.err.expect("not ended: wrong code: .* without a second factor, give none")
        _, err = self.run_client(server.port, [], code="123456", status=1)
        self.assertEqual(err, "glasschat: not logged in: wrong name, password or code; each code counts once: wait for "
                              "the next one\n")

    def test_logging_in_asks_for_the_code(self):
        server = self.server()
        with wire.Client(server.port) as c:
            c.enter("alice", PASSWORD)
            wait_for_a_fresh_step()
            secret, now = begin_second_factor(c, PASSWORD), time.time()
            c.confirm_second_factor(code_of(secret, now - 30))
        alice = self.started(harness.Process(
            [harness.program("glasschat"), f"alice@127.0.0.1:{server.port}", "--home", self.folder], terminal=True,
            env={"TERM": "dumb"}))
        for question, text in (("password: ", PASSWORD), ("code .*: ", "12345"), ("six digits\r\nunused code .*: ", ""),
                               ("wrong name, password or code\r\npassword: ", PASSWORD),
                               ("code .*: ", code_of(secret, now)), ("lobby> ", "/2fa off"), ("password: ", PASSWORD),
                               ("code .*: ", code_of(secret, now + 30)), ("second factor off\r\n", "/quit")):
            alice.expect(question)
            alice.type(text + "\n")
        self.assertEqual(alice.wait(), 0)
        with wire.Client(server.port) as c:
            c.log_in("alice", PASSWORD)

    def test_no_secret_stays_in_memory(self):
        with open(harness.program("glasschat"), "rb") as f:
            if b"__asan_init" in f.read():
                self.skipTest("a sanitizer keeps what was freed, and more memory than can be read")
        server = self.server()
        alice = self.client(server, "alice")
        # One read; and where what is after the first line moves to the front, nothing of it overlaps where it was.
        alice.type("".join(line + "\n" for line in ("/password".ljust(100), PASSWORD, "", NEW)))
        alice.expect("password changed")
        secret = self.begin(alice, NEW)
        alice.say("/block nobody")
        alice.err.expect("no such user")
        self.assertTrue(holds(alice, b"alice@example.org"))  # it does find what is there
        for kept in PASSWORD.encode(), NEW.encode(), secret, base64.b32encode(secret):
            self.assertEqual(holds(alice, kept), [], kept)
        for term in "screen", "dumb":
            bob = self.started(harness.Process(
                [harness.program("glasschat"), f"{term}@127.0.0.1:{server.port}", "--home", self.folder, "--register",
                 "--email", "bob@example.org"], terminal=True, env={"TERM": term}))
            for question, text in (("new password: ", PASSWORD), ("repeat password: ", PASSWORD), ("lobby> ", "/password"),
                                   ("password: ", PASSWORD), ("code .*: ", ""), ("new password: ", NEW),
                                   ("repeat password: ", NEW), (r"password changed[^*]*lobby> ", "/who")):
                bob.expect(question)
                bob.type(text + "\n")
            bob.expect("in lobby: ")
            for kept in PASSWORD.encode(), NEW.encode():
                self.assertEqual(holds(bob, kept), [], (kept, term))


if __name__ == "__main__":
    harness.main()
