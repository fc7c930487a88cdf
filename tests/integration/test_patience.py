#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""How long the client waits for a server that keeps it waiting: each wait has an end, with one line and status 1.
The clock that the client goes by is moved, so that nobody has to wait that long."""
import os
import socket
import struct
import subprocess
import threading
import unittest

import glasschat_client as wire
import glasschat_server
import harness
from fault_case import Shim

UNANSWERED = "glasschat: the server has left a request unanswered for 120 seconds: connect again later\n"


@unittest.skipIf(harness.sanitized(), "a sanitizer comes before the moved clock; test_conversation hands a clock in")
class Patience(harness.TestCase):
    def setUp(self):
        super().setUp()
        self.shim = Shim(self.folder)
        self.came, self.over = threading.Event(), threading.Event()
        self.addCleanup(self.over.set)

    def talk(self, peer, kind=wire.NOTICE, fields=wire.v16(b"hear hear")):
        """Says something, ten times a second, until the client is gone."""
        try:
            while not self.over.wait(0.1):
                peer.send(kind, 0, fields)
        except OSError:
            pass

    def start(self, part, *lines):
        """A client that says these lines, from a pipe that stays open, to a server that plays this part."""
        server = self.started(glasschat_server.Server(part))
        client = self.client(server, "alice", ready=False, register=False, env=self.shim.env)
        for line in lines:
            client.say(line)
        self.assertTrue(self.came.wait(harness.PATIENCE))
        return client

    def check_leaves(self, client, seconds, why):
        """Not a minute before its time; then with one line."""
        self.shim.set_monotonic(seconds - 60)
        client.expect("hear hear")
        client.expect("hear hear")
        self.assertIsNone(client.child.poll())
        self.shim.set_monotonic(seconds + 1)
        self.assertEqual(client.wait(), 1)
        self.assertEqual(client.err.text, why)

    def test_the_sign_in(self):
        def part(peer):
            peer.expect(wire.LOG_IN)
            self.came.set()
            self.talk(peer)
        self.check_leaves(self.start(part), 120, UNANSWERED)

    def test_a_request(self):
        """While more could be typed, and while answers are waited for at the end of the input."""
        for ends in False, True:
            self.came.clear()
            self.shim.set_monotonic(0)

            def part(peer):
                peer.answer(peer.expect(wire.LOG_IN))
                peer.expect(wire.WHO)
                self.came.set()
                self.talk(peer)
            client = self.start(part, "/who")
            if ends:
                client.end_input()
            self.check_leaves(client, 120, UNANSWERED)

    def test_a_text(self):
        def part(peer):
            peer.answer(peer.expect(wire.LOG_IN))
            peer.expect(wire.SAY)
            self.came.set()
            self.talk(peer)
        self.check_leaves(self.start(part, "hello"), 120, UNANSWERED[:-1] + " (1 text may not have arrived)\n")

    def test_a_ping(self):
        def part(peer):
            peer.answer(peer.expect(wire.LOG_IN))
            peer.send(wire.STILL_THERE, 0)
            peer.expect(wire.PING)
            self.came.set()
            self.talk(peer)
        self.check_leaves(self.start(part), 120, UNANSWERED)

    def test_pings_without_an_end(self):
        """Each answer to a ping comes with what asks for the next one: a script ends all the same."""
        def part(peer):
            message = lambda kind, request: peer.outgoing.seal(wire.APPLICATION, struct.pack(">BI", kind, request))
            request = peer.expect(wire.LOG_IN)
            while True:
                peer.sock.sendall(message(wire.OK, request.request) + message(wire.STILL_THERE, 0))
                request = peer.next()
                if request.type != wire.PING:
                    break
            peer.answer(request)
            peer.close()
        server = self.started(glasschat_server.Server(part))
        client = self.client(server, "alice", ready=False, register=False, env=self.shim.env)
        client.end_input()
        self.assertEqual(client.wait(), 0, client.err.text)

    def test_a_list_page_by_page(self):
        """Each page comes in time, and the next one is asked for; the list is waited for as a whole."""
        def part(peer):
            peer.answer(peer.expect(wire.LOG_IN))
            self.came.set()
            for i in range(10):
                request = peer.expect(wire.WHO)
                peer.answer(request, wire.MEMBERS, wire.v8(b"lobby") + b"\1\0\1" + wire.v8(b"a%d" % i))
                self.shim.set_monotonic(self.shim.monotonic() + 50)
        client = self.start(part, "/who")
        client.end_input()
        self.assertEqual(client.wait(), 1)
        self.assertEqual(client.err.text, UNANSWERED)
        self.assertLess(client.out.text.count("* in lobby"), 5)

    def test_answers_keep_it(self):
        """What counts is how long the oldest request has waited, not how long there have been requests."""
        def part(peer):
            peer.answer(peer.expect(wire.LOG_IN))
            self.came.set()
            for _ in range(5):
                request = peer.expect(wire.WHO)
                self.shim.set_monotonic(self.shim.monotonic() + 50)
                peer.answer(request, wire.MEMBERS, wire.v8(b"lobby") + b"\0\0\1" + wire.v8(b"alice"))
            peer.answer(peer.expect(wire.LOG_OUT))
            peer.close()
        client = self.start(part)
        for _ in range(5):
            client.say("/who")
            client.expect("in lobby: alice")
        client.end_input()
        self.assertEqual(client.wait(), 0, client.err.text)

    def test_good_bye(self):
        def part(peer):
            peer.answer(peer.expect(wire.LOG_IN))
            peer.answer(peer.expect(wire.LOG_OUT))
            self.came.set()
            self.talk(peer)
        client = self.start(part, "exit")
        self.shim.set_monotonic(10)
        self.assertEqual(client.wait(), 1)
        self.assertEqual(client.err.text, "glasschat: the server did not say good-bye\n")

    def test_the_handshake(self):
        """The server's part of it comes byte by byte, for ever."""
        with socket.create_server(("127.0.0.1", 0)) as listener:
            client = self.started(harness.Client(self.folder, "alice", listener.getsockname()[1], env=self.shim.env))
            connection, _ = listener.accept()
            with connection:
                connection.recv(2000)
                connection.sendall(wire.frame(wire.SERVER_HELLO, bytes(2000))[:9])
                self.shim.set_monotonic(21)
                try:
                    while client.child.poll() is None and not self.over.wait(0.1):
                        connection.sendall(b"\0")
                except OSError:
                    pass
                self.assertEqual(client.wait(), 1)
        self.assertRegex(client.err.text, r"\Aglasschat: 127\.0\.0\.1:\d+: the server did not finish the handshake in "
                                          r"time: is it a glasschat server that listens there\?\n\Z")

    def test_connecting(self):
        """To a listener that accepts no more connections: 10 s, which nothing can shorten."""
        with socket.socket() as listener:
            listener.bind(("127.0.0.1", 0))
            listener.listen(0)
            waiting = []
            try:
                for _ in range(3):  # more than the kernel queues
                    waiting.append(socket.socket())
                    waiting[-1].setblocking(False)
                    waiting[-1].connect_ex(listener.getsockname())
                done = subprocess.run([harness.program("glasschat"), "a@127.0.0.1:%d" % listener.getsockname()[1],
                                       "--home", self.folder, "--password-file", self.secret()], capture_output=True,
                                      text=True, stdin=subprocess.DEVNULL, timeout=harness.PATIENCE + 30)
            finally:
                for s in waiting:
                    s.close()
        self.assertEqual(done.returncode, 1)
        self.assertRegex(done.stderr, r"\Aglasschat: cannot connect to 127\.0\.0\.1:\d+: .*timed out.*\n\Z")

    def secret(self):
        path = self.path("secret", b"correct horse\n")
        os.chmod(path, 0o600)
        return path


if __name__ == "__main__":
    harness.main()
