#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""docs/protocol.md section 10.9 says what each event leads to. Here each of them happens, to the real client; a row of
its table that has no test here is a failure, and so is a test that has no row."""
import contextlib
import socket
import struct
import threading
import unittest

import glasschat_client as wire
import glasschat_server
import harness
from events_case import STAYS, event, marked, rows
from glasschat_client import Closed, Cut, v8, v16

# Rows whose tests take other means than these here.
ELSEWHERE = {
    "no connection in 10 s, or no handshake in 20 s more": "test_patience.Patience.test_the_handshake",
    "120 s of silence, or 120 s without the answer to a request": "test_patience.Patience.test_a_request",
}


class Ends(glasschat_server.Peer):
    """A peer that tells a client's Close from a cut."""

    def how(self):
        """STAYS where a ping or another request comes, else Closed or Cut."""
        while True:
            try:
                content, _ = self.incoming.open(*self.read_frame())
            except glasschat_server.Gone:
                return Cut
            if content == wire.CLOSE:
                return Closed
            if content == wire.KEY_UPDATE:
                self.incoming.update()
            else:
                return STAYS


class ClientSide(harness.TestCase):
    """What the client in app/client does, with a server that a test speaks for."""

    def meet(self, part, *options, stdin=b"", env=None, logged_in=True):
        """Runs the client, logged in as anna, against part(peer); returns how the peer saw it end, status and stderr."""
        seen = []

        def whole(peer):
            peer.__class__ = Ends
            request = peer.expect(wire.LOG_IN)
            if logged_in:
                peer.answer(request)
            part(peer)
            seen.append(peer.how())

        server = glasschat_server.Server(whole)
        self.addCleanup(server.close)
        client = self.client(server, "anna", *options, register=False, ready=False, env=env)
        if stdin:
            client.type(stdin.decode())
        status = client.wait()
        harness.wait_until(lambda: seen or server.failure, "the peer's part is over")
        self.assertIsNone(server.failure)
        return seen[0], status, client.err.text

    def cut(self, part, said, **kw):
        how, status, err = self.meet(part, **kw)
        self.assertEqual((how, status), (Cut, 1), err)
        self.assertRegex(err, said)
        self.assertEqual(err.count("\n"), 1, err)

    def raw(self, *answers):
        """Runs the client against what answers its connections with these bytes, one after the other; returns the
        frames that it sent on each, its status and its stderr."""
        listener = socket.create_server(("127.0.0.1", 0))
        self.addCleanup(listener.close)
        listener.settimeout(harness.PATIENCE)
        said = []

        def serve():
            for answer in answers:
                with listener.accept()[0] as sock:
                    sock.settimeout(harness.PATIENCE)
                    got = b""
                    while len(harness.frames(got)) < 1:
                        got += sock.recv(4096)
                    sock.sendall(answer)
                    with contextlib.suppress(ConnectionResetError):
                        while more := sock.recv(4096):
                            got += more
                    said.append(harness.frames(got))

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        client = self.started(harness.Client(self.folder, "anna", listener.getsockname()[1], register=False))
        status = client.wait()
        thread.join(harness.PATIENCE)
        return said, status, client.err.text

    def hung_up(self, answer, reason):
        said, status, err = self.raw(answer)
        self.assertEqual([len(frames) for frames in said], [1], "the client said more than its hello")
        self.assertEqual((status, err.count("\n")), (1, 1), err)
        self.assertRegex(err, reason)

    @event("a frame of an unknown type, of another version, over its limit or out of turn")
    def test_frames(self):
        for data in (b"\x09", b"\x02\x02", b"\x02\x01\x10\x01", b"\x01"):
            self.hung_up(data, "does not speak glasschat|the handshake failed")
        for data in (b"\x09", b"\x03\x02", b"\x03\x01\x40\x41", b"\x04\x01\0\2\4\0"):
            self.cut(lambda peer, data=data: peer.sock.sendall(data), "the connection failed")

    @event("Alert group_not_allowed with another group of its list, the first time")
    def test_second_try(self):
        allowed = wire.frame(wire.ALERT, b"\x01" + v8(b"\x03"))
        said, status, err = self.raw(allowed, allowed)
        groups = [frames[0][4 + 32 + 3 + 3:][:1] for frames in said]
        self.assertEqual(groups, [b"\x02", b"\x03"])
        self.assertEqual((status, err.count("\n")), (1, 1), err)

    @event("any other Alert")
    def test_alerts(self):
        for alert, reason in ((b"\x01\x01\x09", "allows none of the groups"), (b"\x02\0", "allows none of the suites"),
                              (b"\x03\0", "refused"), (b"\x04\0", "full"), (b"\x63\0", "refused")):
            self.hung_up(wire.frame(wire.ALERT, alert), reason)

    @event("a check of section 4.6 that fails")
    def test_server_hello(self):
        self.hung_up(wire.frame(wire.SERVER_HELLO, bytes(1000)), "REFUSED")
        public = v16(pow(2, 12345, wire.GROUPS[2]).to_bytes(384, "big"))
        for suite, value in ((9, public), (1, v16(bytes(384)))):
            self.hung_up(wire.frame(wire.SERVER_HELLO, bytes(32) + bytes([suite]) + value + v16(bytes(900)) +
                                    v16(bytes(384))), "REFUSED")

    @event("a later Record that section 6.2 or 6.4 refuses")
    def test_records(self):
        for record in (lambda p: wire.flipped(p.outgoing.seal(wire.APPLICATION, b"\x62\0\0\0\0\0\0")),
                       lambda p: p.outgoing.seal(wire.FINISHED, b""), lambda p: p.outgoing.seal(9, b""),
                       lambda p: p.outgoing.seal(wire.CLOSE, b"x")):
            self.cut(lambda peer, record=record: peer.sock.sendall(record(peer)), "the connection failed")

    @event("the end of the stream without a Close")
    def test_the_stream_ends(self):
        self.cut(lambda peer: peer.sock.shutdown(socket.SHUT_WR), "the connection was cut")

    @event("a Close")
    def test_close(self):
        how, status, err = self.meet(lambda peer: peer.close())
        self.assertEqual((how, status), (Closed, 1), err)

    @event("a message that breaks a rule of section 10")
    def test_messages(self):
        lobby, anna = v8(b"lobby"), v8(b"anna")
        for kind, request, fields in (
                (wire.NOTICE, 0, b""), (wire.NOTICE, 0, v16(b"\x1b[2J")), (wire.NOTICE, 7, v16(b"")), (106, 0, b""),
                (wire.SAID, 0, lobby + v8(b"An na") + bytes(8) + v16(b"hello")),
                (wire.SAID, 0, lobby + anna + bytes(8) + v16(b"")), (wire.PING, 9, b""), (0, 0, b""),
                (wire.SAID, 0, v8(b"+den") + anna + bytes(8) + v16(b"hello")), (wire.SEAL, 9, b""),
                (wire.SEALED, 0, v8(b"+den") + anna + bytes(8) + v16(bytes(581))),
                (wire.SEALED, 0, lobby + anna + bytes(8) + v16(bytes(580))),
                (wire.PRESENCE, 0, b"\3" + lobby + b"\0\1" + anna),
                (wire.PRESENCE, 0, b"\1" + lobby + b"\0\2" + anna + anna),
                (wire.PRESENCE, 0, b"\1" + lobby + b"\0\2" + v8(b"bert") + anna)):
            self.cut(lambda peer, m=(kind, request, fields): peer.send(*m), "breaks the protocol|was not asked")

    def test_a_message_while_it_signs_in(self):
        self.cut(lambda peer: peer.send(106, 0), "breaks the protocol", logged_in=False)

    @event("said, presence or sealed of a room that one is not in, replaced before ok to log in")
    def test_pushes_for_others(self):
        def said(room):
            return lambda peer: peer.send(wire.SAID, 0, v8(room) + v8(b"anna") + bytes(8) + v16(b"hello"))

        def came(room):
            return lambda peer: peer.send(wire.PRESENCE, 0, b"\1" + v8(room) + b"\0\1" + v8(b"anna"))
        def sealed(peer):
            peer.send(wire.SEALED, 0, v8(b"+den") + v8(b"anna") + bytes(8) + v16(bytes(580)))
        for part, logged_in in ((said(b"den"), True), (came(b"den"), True), (said(b"lobby"), False),
                                (came(b"lobby"), False), (lambda peer: peer.send(wire.REPLACED, 0), False),
                                (came(b"+den"), True), (sealed, True), (sealed, False)):
            self.cut(part, "breaks the protocol", logged_in=logged_in)

        def left(peer):
            peer.answer(peer.expect(wire.LEAVE))
            said(b"lobby")(peer)
        self.cut(left, "breaks the protocol", stdin=b"/leave\n")

        def joins(peer):
            request = peer.expect(wire.JOIN)
            came(b"den")(peer)
            peer.answer(request)
            request = peer.expect(wire.LEAVE)
            said(b"den")(peer)
            peer.answer(request)
            peer.close()
        self.assertIs(self.meet(joins, stdin=b"/join den\n/leave\n")[0], Closed)

    @event("an answer that is not waited for, comes before an older request's, or can't answer its request")
    def test_answers(self):
        self.cut(lambda peer: peer.send(wire.OK, 77), "was not asked")
        self.cut(lambda peer: peer.send(wire.ERROR, 77, b"\0\1\0\0"), "was not asked")

        def wrong_type(peer):
            peer.answer(peer.expect(wire.LIST_ROOMS))
        self.cut(wrong_type, "was not asked", stdin=b"/rooms\n")

        def wrong_order(peer):
            peer.expect(wire.SAY)
            peer.answer(peer.expect(wire.SAY))
        self.cut(wrong_order, "was not asked", stdin=b"one\ntwo\n")

    @event("an error of a code that it does not know, or with number 0")
    def test_errors(self):
        def part(peer):
            peer.send(wire.ERROR, 0, struct.pack(">H", 9999) + v16(b"something new"))
            peer.refuse(peer.expect(wire.SAY), 9999, "something else")
        how, _, err = self.meet(part, stdin=b"hello\n/rooms\n")
        self.assertEqual(how, STAYS)
        self.assertIn("something new", err)
        self.assertIn("something else", err)

    @event("still there, or 60 s of silence")
    def test_still_there(self):
        def part(peer):
            peer.send(wire.STILL_THERE, 0)
            self.assertEqual(peer.next().type, wire.PING)
            peer.close()
        self.assertIs(self.meet(part)[0], Closed)

    def test_each_row_has_its_test(self):
        self.assertEqual(sorted(marked(ClientSide) + list(ELSEWHERE)), sorted(rows("client")))
        for name in ELSEWHERE.values():
            suite = unittest.defaultTestLoader.loadTestsFromName(name)
            self.assertEqual(unittest.defaultTestLoader.errors, [])
            self.assertEqual(suite.countTestCases(), 1, name)


if __name__ == "__main__":
    harness.main()
