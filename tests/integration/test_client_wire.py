#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""What the client puts on the wire, what it says of it, and what happens if that is changed on the way."""
import glasschat_client as wire
import harness
from client_case import PASSWORD, ClientCase


class Wire(ClientCase):
    def test_what_is_offered_and_agreed_is_on_the_wire(self):
        """The first frame each way is in the clear: docs/protocol.md sections 4.2 and 4.4."""
        server = self.server()
        self.run_client(server, "", new=True)
        for options, suites, groups, suite in (((), [1, 2], [2, 3], 1), (("--suite", "aes-128-cbc"), [1], [2, 3], 1),
                                               (("--suite", "aes-256-cbc"), [2], [2, 3], 2),
                                               (("--group", "ffdhe3072"), [1, 2], [2], 1),
                                               (("--group=ffdhe4096", "--suite=aes-256-cbc"), [2], [3], 2)):
            proxy = self.proxy(server)
            self.run_client(proxy.port, "", *options)
            hello = wire.Reader(harness.frames(proxy.up)[0][4:])
            hello.take(32)
            self.assertEqual((list(hello.take(hello.number(1))), list(hello.take(hello.number(1)))), (suites, groups))
            self.assertEqual(hello.number(1), groups[0])
            answer = wire.Reader(harness.frames(proxy.down)[0][4:])
            answer.take(32)
            self.assertEqual(answer.number(1), suite)
            self.assertEqual(answer.number(2), {2: 384, 3: 512}[groups[0]])

    def test_suites_and_groups(self):
        server = self.server()
        self.run_client(server, "", "--suite", "aes-256-cbc", "--group", "ffdhe4096", new=True)
        self.refuse(server, "none of the groups", "--group", "ffdhe2048")

    def test_a_bit_that_is_turned_on_the_way(self):
        server = self.server()
        turn = []

        def change(direction, data):
            return wire.flipped(data) if direction == "down" and turn else data
        alice = self.client(server, "alice", port=self.proxy(server, change).port)
        turn.append(True)
        alice.say("hello")
        alice.err.expect("tampering")
        self.assertEqual(alice.wait(), 1)

    def test_nothing_readable_on_the_wire(self):
        server = self.server()
        proxy = self.proxy(server)
        self.run_client(proxy.port, "a text that nobody else may read\n", new=True)
        for secret in (PASSWORD, "alice", "example.org", "nobody else may read", "lobby"):
            self.assertNotIn(secret.encode(), bytes(proxy.up) + bytes(proxy.down))


if __name__ == "__main__":
    harness.main()
