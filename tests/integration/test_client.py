#!/usr/bin/python3
"""The client as a person uses it: on a terminal of its own, with a real server."""
import os
import time

import harness


class Terminal(harness.TestCase):
    def start(self, server, *options, user="alice", home="home"):
        """A client on a terminal that has no password file: it will ask."""
        return self.started(harness.Process(
            [harness.program("glasschat"), f"{user}@127.0.0.1:{server.port}", "--home",
             os.path.join(self.folder, home), *options], terminal=True))

    def test_thinking_about_a_password_takes_longer_than_a_handshake_may(self):
        server = self.server("--handshake-seconds", "1")
        alice = self.start(server, "--register", "--email", "alice@example.org")
        alice.expect("new password: ?")
        time.sleep(2.5)
        alice.type("correct horse\n")
        alice.expect("the same again: ?")
        alice.type("correct horse\n")
        alice.expect("in lobby")
        self.assertNotIn("correct horse", alice.out.text)
        alice.type("exit\n")
        self.assertEqual(alice.wait(), 0)
        server.expect_log("disconnect .*user=alice.*logged out")


if __name__ == "__main__":
    harness.main()
