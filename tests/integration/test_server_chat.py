#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""The real server's rooms: who hears what, in which order, and that nobody can talk the others down."""
import select
import signal
import struct
import time

import glasschat_client as wire
import harness
from glasschat_client import Closed, v8, v16
from server_case import PASSWORD, ServerCase


class Chat(ServerCase):
    def test_rooms(self):
        server = self.server()
        a, b = self.member(server, "anna"), self.member(server, "bert")
        joined = a.wait_for(wire.PRESENCE)
        self.assertEqual((joined.what, joined.room, joined.names), (1, "lobby", ["bert"]))
        said_at = time.time()
        a.say("lobby", "hello\tüñí")
        heard = b.wait_for(wire.SAID)
        self.assertEqual((heard.room, heard.sender, heard.text), ("lobby", "anna", "hello\tüñí"))
        self.assertLess(abs(heard.time - said_at), 5)
        self.assertEqual(b.who("lobby").names, ["anna", "bert"])
        b.join("den")
        self.assertEqual(a.rooms().members, {"den": 1, "lobby": 2})
        self.assertEqual(a.rooms(after="den").members, {"lobby": 2})
        self.assertEqual(a.who("den").names, ["bert"])
        self.assertEqual(a.who("lobby", after="anna").names, ["bert"])
        self.assert_refused(wire.E_NOT_IN_ROOM, a.say, "den", "let me in")
        self.assert_refused(wire.E_NO_SUCH_ROOM, a.say, "nowhere", "hello")
        self.assert_refused(wire.E_NO_SUCH_ROOM, a.who, "nowhere")
        self.assert_refused(wire.E_NO_SUCH_ROOM, a.leave, "nowhere")
        self.assert_refused(wire.E_NOT_IN_ROOM, a.leave, "den")
        self.assert_refused(wire.E_ALREADY_IN_ROOM, b.join, "den")
        a.join("den")
        self.assertEqual(b.wait_for(wire.PRESENCE).room, "den")
        self.assert_hear_each_other(a, b, "den")
        a.leave("den")
        left = b.wait_for(wire.PRESENCE)
        self.assertEqual((left.what, left.room, left.names), (2, "den", ["anna"]))
        b.leave("den")
        self.assertEqual(a.rooms().members, {"lobby": 2})
        b.close()
        left = a.wait_for(wire.PRESENCE)
        self.assertEqual((left.what, left.room, left.names), (2, "lobby", ["bert"]))

    def test_an_arrival_is_told_before_the_first_text(self):
        server = self.server()
        a, b = self.member(server, "anna"), self.member(server, "bert")
        a.join("den")
        a.wait_for(wire.PRESENCE)  # bert, in the lobby
        join, say = v8(b"den"), v8(b"den") + v16(b"here I am")
        number = b.request
        b.request += 2
        b.sock.sendall(b.send.seal(wire.APPLICATION, struct.pack(">BI", wire.JOIN, number + 1) + join) +
                       b.send.seal(wire.APPLICATION, struct.pack(">BI", wire.SAY, number + 2) + say))
        self.assertEqual([a.next().type, a.next().type], [wire.PRESENCE, wire.SAID])
        b.answer_to(number + 1)
        b.answer_to(number + 2)
        self.assertEqual(b.pushed, [])  # bert hears neither

    def test_only_one_session_an_account(self):
        server = self.server()
        a, b = self.member(server, "anna"), self.member(server, "bert")
        a.wait_for(wire.PRESENCE)
        newer = self.connect(server)
        newer.log_in("bert", PASSWORD)
        self.assertEqual(b.wait_for(wire.REPLACED).request, 0)
        self.assert_ended(b, (Closed,))
        self.assert_hear_each_other(a, newer)
        self.assertEqual(a.who("lobby").names, ["anna", "bert"])

    def test_one_who_logs_out_has_left_at_once(self):
        server = self.server()
        a, b = self.member(server, "anna"), self.member(server, "bert")
        a.wait_for(wire.PRESENCE)
        started = time.monotonic()
        b.log_out()  # and doesn't close its end
        self.assertEqual(a.wait_for(wire.PRESENCE).names, ["bert"])
        self.assertLess(time.monotonic() - started, 2)

    def say_much(self, client, texts):
        """Says the longest texts without waiting for an answer; returns their numbers."""
        return [client.post(wire.SAY, v8(b"lobby") + v16(b"%d " % i + b"x" * 3990)) for i in range(texts)]

    def test_what_is_said_in_a_room_is_bounded_in_bytes(self):
        """So that a reader of 16 KiB a second stays; what is too much waits, and none of it is lost."""
        server = self.server()
        reader, *talkers = (self.member(server, name) for name in ("reader", "anna", "bert", "carl", "dora"))
        began, heard = time.monotonic(), []
        asked = [(talker, self.say_much(talker, 10)) for talker in talkers]
        while len(heard) < 40:
            m = reader.wait_for(wire.SAID)
            heard.append((m.sender, int(m.text.split()[0])))
        said = sum(4000 for _ in heard)
        self.assertLess(said, 4 * 16384 + 16384 * (time.monotonic() - began) + 4200)
        self.assertEqual(sorted(heard), [(name, i) for name in ("anna", "bert", "carl", "dora") for i in range(10)])
        for name in ("anna", "bert", "carl", "dora"):
            self.assertEqual([i for sender, i in heard if sender == name], list(range(10)))
        for talker, requests in asked:
            for request in requests:
                self.assertEqual(talker.answer_to(request).type, wire.OK)

    def test_coming_and_going_is_bounded_in_bytes(self):
        """Four leave and join again as fast as they may: the others are told of it now and then, also while one talks."""
        server = self.server("--max-rate", "1000")
        told, costs, began = {}, [], time.monotonic()  # before they log in: the watcher hears of that, too
        watcher, loud, *restless = (self.member(server, name) for name in ("watcher", "loud", "anna", "bert", "carl",
                                                                           "dora"))
        for _ in range(50):
            for c in restless:
                c.leave("lobby")
                loud.post(wire.SAY, v8(b"lobby") + v16(b"!"))
                c.join("lobby")
        restless[0].say("lobby", "I stay")
        said = False
        while not said or [told.get(name) for name in ("anna", "bert", "carl", "dora")] != [1] * 4:
            m = watcher.next()
            said = said or (m.type == wire.SAID and m.sender == "anna")
            if m.type == wire.PRESENCE and m.room == "lobby":
                costs.append(150 + sum(len(name) + 1 for name in m.names))
                told.update(dict.fromkeys(m.names, m.what))
        self.assertLess(sum(costs), 4096 * (time.monotonic() - began) + 1000)

    def test_nobody_can_talk_the_others_down(self):
        """Twelve never stop; one who has said nothing yet is next all the same."""
        server = self.server()
        names = ["t%02d" % i for i in range(12)]
        reader, quiet, *talkers = (self.member(server, name) for name in ["reader", "quiet"] + names)
        for talker in talkers:
            self.say_much(talker, 3)
        for _ in range(20):  # more than may come at once: all twelve wait
            reader.wait_for(wire.SAID)
        server.kill(signal.SIGSTOP)  # or what is said while this test is not looking would be counted
        stopped = time.monotonic()
        while select.select([reader.sock], [], [], 0.2)[0]:
            reader.wait_for(wire.SAID)
        request = quiet.post(wire.SAY, v8(b"lobby") + v16(b"may I?"))
        server.kill(signal.SIGCONT)
        may_come_first = 3 + (time.monotonic() - stopped) * 16384 / 4000  # what the room may hear in the time meanwhile
        before = 0
        while reader.wait_for(wire.SAID).sender != "quiet":
            before += 1
        self.assertLess(before, may_come_first)
        self.assertEqual(quiet.answer_to(request).type, wire.OK)

    def test_accounts_of_one_address_take_turns(self):
        """Forty at one address each say a little, all at once; others need not wait until all forty were heard."""
        server = self.server("--max-said-room", "1024")
        reader = self.member(server, "reader")
        quiet = [self.connect(server, source="127.2.0.%d" % (i + 1)).enter("quiet%d" % i, PASSWORD) for i in range(3)]
        crowd = [self.connect(server, source="127.1.0.1").enter("t%02d" % i, PASSWORD) for i in range(40)]
        for talker in crowd:
            for _ in range(20):
                talker.post(wire.SAY, v8(b"lobby") + v16(b"x"))
        for _ in range(35):  # more than may come at once: all wait
            reader.wait_for(wire.SAID)
        for i, client in enumerate(quiet):
            server.kill(signal.SIGSTOP)
            stopped = time.monotonic()
            while select.select([reader.sock], [], [], 0.2)[0]:
                reader.wait_for(wire.SAID)
            client.post(wire.SAY, v8(b"lobby") + v16(b"may I?"))
            server.kill(signal.SIGCONT)
            may_come_first = 4 + (time.monotonic() - stopped) * 1024 / 151  # the room's part of the time meanwhile
            before = 0
            while reader.wait_for(wire.SAID).sender != "quiet%d" % i:
                before += 1
            self.assertLess(before, may_come_first)

    def test_one_who_waits_to_be_heard_is_not_missed(self):
        """It can't say that it is still there while nothing is read from it: here for over three seconds, of two."""
        server = self.server("--max-said-room", "1024", "--idle-seconds", "1", "--answer-seconds", "1")
        a = self.member(server, "anna")
        began = time.monotonic()
        for _ in range(3):
            a.say("lobby", "x" * 4000)
        self.assertGreater(time.monotonic() - began, 3)
        a.ask(wire.PING)

    def test_one_who_leaves_while_waiting_to_be_heard(self):
        """By a cut, or as a newer session takes its place: nothing of the old one is left, and the others are heard."""
        server = self.server()
        a, b, reader = (self.member(server, name) for name in ("anna", "bert", "reader"))
        self.say_much(a, 12)
        self.say_much(b, 12)
        for _ in range(17):
            reader.wait_for(wire.SAID)
        b.sock.close()
        self.connect(server).log_in("anna", PASSWORD)
        quiet = self.member(server, "quiet")
        quiet.say("lobby", "still here")
        while reader.wait_for(wire.SAID).sender != "quiet":
            pass
        server.stop()

    def test_what_no_terminal_may_get(self):
        server = self.server()
        a = self.member(server, "anna")
        bad = ["\x1b[2J", "\x00", "", "x" * 4001, "\u202eevil", "\x7f", "\x85", "\r", "\u2028"]
        for text in bad:
            self.assert_refused(wire.E_BAD_TEXT, a.say, "lobby", text)
        self.assert_refused(wire.E_BAD_TEXT, a.ask, wire.SAY, v8(b"lobby") + v16(b"\xc0\x80"))
        a.say("lobby", "x" * 4000)

    def test_long_lists_come_in_pages(self):
        server = self.server("--max-rooms", "1000", "--max-rooms-user", "1000", "--max-rooms-address", "1000",
                             "--max-joined", "1000", *harness.FAST)
        a = self.member(server, "anna")
        names = ["r%03d" % i for i in range(401)]
        for name in names:
            a.join(name)
        page = a.rooms(after="lobby")
        self.assertEqual((len(page.members), page.more), (400, 1))
        rest = a.rooms(after=max(page.members))
        self.assertEqual((list(rest.members), rest.more), (["r400"], 0))

    def test_many_come_and_go(self):
        server = self.server()
        watcher = self.member(server, "watcher")
        here = set()
        crowd = [self.member(server, "c%02d" % i) for i in range(30)]
        while len(here) < 30:
            told = watcher.wait_for(wire.PRESENCE)
            self.assertEqual(told.what, 1)
            here.update(told.names)
        for c in crowd:
            c.sock.close()
        while here:
            told = watcher.wait_for(wire.PRESENCE)
            self.assertEqual(told.what, 2)
            here.difference_update(told.names)
        self.assertEqual(watcher.who("lobby").names, ["watcher"])
        server.stop()
        self.assertEqual(self.disconnects(server).count(("c07", '"the connection was cut: no good-bye came"')), 1)


if __name__ == "__main__":
    harness.main()
