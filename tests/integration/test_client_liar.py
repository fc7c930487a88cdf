#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""The client and a server that breaks the protocol: it says so and ends."""
import struct

import glasschat_client as wire
import glasschat_server
import harness
from client_case import ClientCase


class Liar(ClientCase):
    def liar(self, part):
        """A server that lets anybody in, and then plays this part."""
        def enter(peer):
            peer.answer(peer.expect(wire.LOG_IN))
            part(peer)
        return self.started(glasschat_server.Server(enter))

    @staticmethod
    def page(kind, more, *names):
        names = struct.pack(">BH", more, len(names)) + b"".join(
            wire.v8(name.encode()) + (bytes(4) if kind == wire.ROOMS else b"") for name in names)
        return names if kind == wire.ROOMS else wire.v8(b"lobby") + names

    def test_a_list_that_never_ends(self):
        asked = []

        def part(peer):
            while True:
                request = peer.next()
                if request.type == wire.LOG_OUT:
                    peer.answer(request)
                    continue
                kind = {wire.WHO: wire.MEMBERS, wire.LIST_ROOMS: wire.ROOMS}[request.type]
                asked.append(kind)
                peer.answer(request, kind, self.page(kind, 1, f"n{len(asked):06}"))
        server = self.liar(part)
        _, err = self.run_client(server.port, "/who\n/rooms\n", status=1)
        self.assertEqual(err.count("the list goes on after 250 pages"), 2, err)
        self.assertEqual((asked.count(wire.MEMBERS), asked.count(wire.ROOMS)), (250, 250))
        self.assertIsNone(server.failure)

    def test_a_list_that_goes_round_in_circles(self):
        for line, kind in ("/who", wire.MEMBERS), ("/rooms", wire.ROOMS):
            def part(peer):
                peer.answer(peer.next(), kind, self.page(kind, 1, "a", "b"))
                peer.answer(peer.next(), kind, self.page(kind, 1, "b", "c"))
                peer.next()
            server = self.liar(part)
            _, err = self.run_client(server.port, line + "\n", status=1)
            self.assertIn("a list that does not go on", err)
            self.assertIsNone(server.failure)

    def test_a_list_that_ends_in_nothing(self):
        """There is more of it, and no last name to go on from."""
        for line, kind in ("/who", wire.MEMBERS), ("/rooms", wire.ROOMS):
            def part(peer):
                peer.answer(peer.next(), kind, self.page(kind, 1))
                peer.next()
            server = self.liar(part)
            _, err = self.run_client(server.port, line + "\n", status=1)
            self.assertIn("a list that does not go on", err)
            self.assertIsNone(server.failure)

    def test_what_breaks_the_protocol(self):
        """Section 10.1: nothing of it is shown, the client leaves without a Close, and says so."""
        lobby, said = wire.v8(b"lobby"), wire.v8(b"lobby") + wire.v8(b"eve") + bytes(8)

        def names(*names, members=b""):
            return struct.pack(">H", len(names)) + b"".join(wire.v8(name) + members for name in names)
        many = [b"n%03d" % i for i in range(401)]
        pushes = [
            (wire.PRESENCE, b"\1" + lobby + names(b"eve", b"adam")), (wire.PRESENCE, b"\2" + lobby + names(b"eve", b"eve")),
            (wire.PRESENCE, b"\1" + lobby + names()), (wire.PRESENCE, b"\3" + lobby + names(b"eve")),
            (wire.PRESENCE, b"\1" + lobby + names(*many)), (wire.PRESENCE, b"\1" + lobby + names(b"Eve")),
            (wire.PRESENCE, b"\1" + lobby + names(b"eve")[:-1]), (wire.PRESENCE, b"\1" + lobby + names(b"eve") + b"x"),
            (wire.SAID, said + wire.v16(b"")), (wire.SAID, said + wire.v16(b"eve\x1b[2J")), (wire.SAID, said + b"\xff\xff"),
            (wire.SAID, said + wire.v16(b"eve" * 2000)), (wire.NOTICE, wire.v16(b"eve\xff")), (wire.NOTICE, b""),
            (wire.NOTICE, wire.v16(b"e" * 1001)), (wire.REPLACED, b"x"), (wire.STILL_THERE, b"x"), (106, b"eve"), (255, b""),
            (wire.SAID, wire.v8(b"+den") + said[6:] + wire.v16(b"eve")), (wire.SEALED, said + wire.v16(bytes(580))),
            (wire.SEALED, wire.v8(b"+den") + said[6:] + wire.v16(b"eve " * 145)),
            (wire.OK, b""), (wire.SAY, lobby + wire.v16(b"eve")), (0, b""), (63, b""), (95, b"")]
        answers = [
            (wire.MEMBERS, lobby + b"\0" + names(b"eve", b"adam")), (wire.MEMBERS, lobby + b"\0" + names(b"eve", b"eve")),
            (wire.MEMBERS, lobby + b"\2" + names(b"eve")), (wire.MEMBERS, lobby + b"\0" + names(*many)),
            (wire.ROOMS, b"\0" + names(b"eve", b"adam", members=bytes(4))), (wire.OK, b"x"), (70, b""), (wire.SAID, said),
            (wire.ROOMS, b"\0" + names(b"eve", b"eve", members=bytes(4))), (wire.ERROR, b"\0\1" + wire.v16(b"eve\n\x9b")),
            (wire.ERROR, b"\0"), (wire.NOTICE, wire.v16(b"eve")), (wire.PRESENCE, b"\1" + lobby + names(b"eve"))]
        ends = []

        def part(peer):
            request = peer.next()
            peer.send(kind, request.request if asked else 0, fields)
            try:
                ends.append(peer.incoming.open(*peer.read_frame()))
            except glasschat_server.Gone:
                ends.append("cut")
        server = self.liar(part)
        for kind, fields, asked in [(*push, False) for push in pushes] + [(*answer, True) for answer in answers]:
            ends.clear()
            out, err = self.run_client(server.port, "/rooms\n" if kind == wire.ROOMS else "/who\n", status=1)
            self.assertEqual(err, "glasschat: the server sent a message that breaks the protocol: leaving it\n",
                             (kind, fields))
            self.assertRegex(out, r"\n\* logged in as alice, in lobby\n\* no key of alice is kept here: .*\n\Z")
            harness.wait_until(lambda: ends, "the server sees how it ends")
            self.assertEqual(ends, ["cut"])

    def test_an_answer_of_the_wrong_kind_or_number(self):
        def part(peer):
            request = peer.next()
            peer.send(kind, request.request + off, fields)
            peer.next()
        server = self.liar(part)
        for line, kind, fields, off in (("/who", wire.OK, b"", 0), ("hello", wire.MEMBERS, self.page(wire.MEMBERS, 0), 0),
                                        ("hello", wire.OK, b"", 1), ("hello", wire.OK, b"", 2**32 - 5),
                                        ("hello", wire.ERROR, b"\0\1" + wire.v16(b"eve"), 1)):
            _, err = self.run_client(server.port, line + "\n", status=1)
            self.assertIn("answered what was not asked: leaving it", err)
            self.assertEqual(err.count("\n"), 1)

    def test_a_close_is_answered(self):
        """Before logging in, with a request under way, after a farewell, at a terminal, and to its own."""
        def before(peer):
            peer.expect(wire.LOG_IN)

        def under_way(peer):
            peer.answer(peer.expect(wire.LOG_IN))
            peer.expect(wire.SAY)

        def replaced(peer):
            peer.answer(peer.expect(wire.LOG_IN))
            peer.send(wire.REPLACED, 0)

        def at_the_end(peer):
            peer.answer(peer.expect(wire.LOG_IN))
            peer.answer(peer.expect(wire.SAY))
            peer.answer(peer.expect(wire.LOG_OUT))
        for part, status in (before, 1), (under_way, 1), (replaced, 1), (at_the_end, 0):
            answers = []

            def closing(peer):
                part(peer)
                peer.close()
                try:
                    while not answers:
                        content, payload = peer.incoming.open(*peer.read_frame())
                        if content != wire.APPLICATION:  # sent before it saw ours
                            answers.append((content, payload))
                    peer.read(1)
                    answers.append("and more")
                except glasschat_server.Gone:
                    answers.append("end")
            server = self.started(glasschat_server.Server(closing))
            _, err = self.run_client(server.port, "hello\n", status=status)
            self.assertEqual(err.count("\n"), status)
            harness.wait_until(lambda: "end" in answers, "the connection ends")
            self.assertEqual(answers, [(wire.CLOSE, b""), "end"], part.__name__)
            self.assertIsNone(server.failure)

    def test_a_refusal_without_a_number(self):
        """It is none the less one: nothing looks done that was not."""
        def part(peer):
            peer.refuse(peer.next(), 0, "no")
            peer.next()
        server = self.liar(part)
        out, err = self.run_client(server.port, "/password\na good password\n\nanother password\n", status=1)
        self.assertIn("glasschat: password not changed: the server says: no\n", err)
        self.assertNotIn("password changed", out)

    def test_members_of_another_room(self):
        def part(peer):
            peer.answer(peer.expect(wire.WHO), wire.MEMBERS, self.page(wire.MEMBERS, 0, "eve"))
            peer.next()
        server = self.liar(part)
        out, err = self.run_client(server.port, "/who den\n", status=1)
        self.assertIn("answered what was not asked", err)
        self.assertNotIn(": eve", out)


if __name__ == "__main__":
    harness.main()
