#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""The real server and clients that don't behave: what a stranger sends ends that stranger's connection, with one line in
the log, and nobody else's."""
import hashlib
import os
import re
import select
import shutil
import signal
import socket
import struct
import time

import glasschat_client as wire
import harness
from glasschat_client import Client, Closed, Cut, Refused, v8, v16

PASSWORD = "a good password"


class ServerCase(harness.TestCase):
    def connect(self, server, **kw):
        return self.enterContext(Client(server.port, timeout=harness.PATIENCE, **kw))

    def enterContext(self, context):
        self.addCleanup(context.__exit__, None, None, None)
        return context.__enter__()

    def member(self, server, name):
        return self.connect(server).enter(name, PASSWORD)

    def assert_refused(self, code, ask, *args):
        with self.assertRaises(Refused) as refused:
            ask(*args)
        self.assertEqual(refused.exception.args[0], code, refused.exception.args[1])
        return refused.exception.args[1]

    def assert_ended(self, client, how=(Cut,)):
        """The server hangs up on this client; what it says before is passed over."""
        with self.assertRaises(how):
            while True:
                client.next()

    def assert_hear_each_other(self, a, b, room="lobby"):
        for speaker, listener in ((a, b), (b, a)):
            text = os.urandom(8).hex()
            speaker.say(room, text)
            while listener.wait_for(wire.SAID).text != text:
                pass

    def disconnects(self, server):
        return re.findall(r"disconnect from=\S+ user=(\S+) cause=(.*)$", server.log, re.M)

    def expect_disconnect(self, server, cause):
        server.expect_log(r"disconnect from=\S+ user=\S+ cause=\"?" + cause)


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

    def test_who_comes_is_told_before_what_he_says(self):
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
        self.assertEqual(b.pushed, [])  # he hears neither

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

    def test_who_logs_out_has_left_at_once(self):
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
        """So that whoever reads 16 KiB a second stays; what is too much waits, and nothing of it is lost."""
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
        told, costs, began = {}, [], time.monotonic()  # the watcher reads below who comes here, too
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
        """Twelve never stop; whoever said nothing yet is next all the same."""
        server = self.server()
        names = ["t%02d" % i for i in range(12)]
        reader, quiet, *talkers = (self.member(server, name) for name in ["reader", "quiet"] + names)
        for talker in talkers:
            self.say_much(talker, 3)
        for _ in range(20):  # more than may come at once: all twelve wait
            reader.wait_for(wire.SAID)
        server.kill(signal.SIGSTOP)  # or what is said while this test is not looking would be counted
        while select.select([reader.sock], [], [], 0.2)[0]:
            reader.wait_for(wire.SAID)
        request = quiet.post(wire.SAY, v8(b"lobby") + v16(b"may I?"))
        server.kill(signal.SIGCONT)
        before = 0
        while reader.wait_for(wire.SAID).sender != "quiet":
            before += 1
        self.assertLess(before, 4)
        self.assertEqual(quiet.answer_to(request).type, wire.OK)

    def test_accounts_of_one_address_take_turns(self):
        """Forty of one address each say a little, all at once; who comes from elsewhere waits for no round of them."""
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

    def test_who_waits_to_be_heard_is_not_missed(self):
        """It can't say that it is still there while nothing is read of it: here for four seconds, of two."""
        server = self.server("--max-said-room", "1024", "--idle-seconds", "1", "--answer-seconds", "1")
        a = self.member(server, "anna")
        began = time.monotonic()
        for _ in range(3):
            a.say("lobby", "x" * 4000)
        self.assertGreater(time.monotonic() - began, 3)
        a.ask(wire.PING)

    def test_who_leaves_while_waiting_to_be_heard(self):
        """By a cut, or as a newer session takes its place: nothing of it is left, and the others are heard."""
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


class Strangers(ServerCase):
    def test_before_login(self):
        server = self.server()
        c = self.connect(server)
        for kind, fields in ((wire.LIST_ROOMS, v8(b"")), (wire.JOIN, v8(b"den")), (wire.LEAVE, v8(b"lobby")),
                             (wire.SAY, v8(b"lobby") + v16(b"hi")), (wire.WHO, v8(b"lobby") + v8(b""))):
            self.assert_refused(wire.E_NOT_LOGGED_IN, c.ask, kind, fields)
        c.ask(wire.PING)
        c.enter("anna", PASSWORD)
        self.assert_refused(wire.E_ALREADY_LOGGED_IN, c.log_in, "anna", PASSWORD)
        self.assert_refused(wire.E_ALREADY_LOGGED_IN, c.register, "bert", "b@example.org", PASSWORD)
        c.log_out()
        self.assert_ended(c, (Closed,))

    def test_register_is_checked_here(self):
        server = self.server("--max-tries", "100")
        c = self.connect(server)
        for name in ("operator", "server", "Anna", "1anna", "an na", "", "a" * 33, "\u0430nna", "an\tna"):
            self.assert_refused(wire.E_BAD_NAME, c.register, name, "a@example.org", PASSWORD)
        kept = self.assert_refused(wire.E_BAD_NAME, c.register, "root", "a@example.org", PASSWORD)
        self.assertIn("kept for the server", kept)
        for email in ("", "anna", "a@b@c", "a@example.org\n", "a\tb@example.org", "x" * 65 + "@example.org"):
            self.assert_refused(wire.E_BAD_EMAIL, c.register, "anna", email, PASSWORD)
        for password in ("", "x" * 7, "x" * 129):
            self.assert_refused(wire.E_BAD_PASSWORD, c.register, "anna", "a@example.org", password)
        c.register("anna", "a@example.org", PASSWORD)
        self.assert_refused(wire.E_NAME_TAKEN, c.register, "anna", "other@example.org", PASSWORD)
        with open(os.path.join(server.data, "accounts")) as f:
            text = f.read()
        self.assertEqual(text.count("anna"), 1)
        self.assertNotIn(PASSWORD, text)

    def test_the_same_name_at_the_same_time(self):
        server = self.server(iterations="200000")
        clients = [self.connect(server) for _ in range(4)]
        numbers = [c.post(wire.REGISTER, v8(b"anna") + v8(b"a@example.org") + v8(PASSWORD.encode()) + v16(b""))
                   for c in clients]
        made = 0
        for c, number in zip(clients, numbers):
            try:
                c.answer_to(number)
                made += 1
            except Refused as refused:
                self.assertEqual(refused.args[0], wire.E_NAME_TAKEN)
        self.assertEqual(made, 1)

    def test_many_registrations_at_the_same_time_are_bounded(self):
        server = self.server("--max-registrations", "2", iterations="200000")
        clients = [self.connect(server) for _ in range(5)]
        numbers = [c.post(wire.REGISTER, v8(b"user%d" % i) + v8(b"a@example.org") + v8(PASSWORD.encode()) + v16(b""))
                   for i, c in enumerate(clients)]
        made = 0
        for c, number in zip(clients, numbers):
            try:
                c.answer_to(number)
                made += 1
            except Refused as refused:
                self.assertEqual(refused.args[0], wire.E_TRY_LATER)
        self.assertEqual(made, 2)

    def test_wrong_name_or_password(self):
        server = self.server()
        self.connect(server).register("anna", "a@example.org", PASSWORD)
        texts = set()
        for name, password, code in (("anna", "wrong password", ""), ("nobody", PASSWORD, ""),
                                     ("anna", PASSWORD, "123456")):
            c = self.connect(server)
            texts.add(self.assert_refused(wire.E_LOGIN_FAILED, c.log_in, name, password, code))
        self.assertEqual(len(texts), 1)

    def test_guessing_is_slowed_down(self):
        server = self.server()
        self.connect(server).register("anna", "a@example.org", PASSWORD)
        c, another = self.connect(server), self.connect(server)  # beforehand, as the delay is a second
        for _ in range(3):
            self.assert_refused(wire.E_LOGIN_FAILED, c.log_in, "anna", "wrong password")
        self.assertIn("1 second", self.assert_refused(wire.E_TRY_LATER, c.log_in, "anna", PASSWORD))
        self.assert_refused(wire.E_TRY_LATER, another.log_in, "anna", PASSWORD)
        self.assert_refused(wire.E_LOGIN_FAILED, c.log_in, "bert", "wrong password")  # others are not
        time.sleep(1.1)
        self.connect(server).log_in("anna", PASSWORD)  # and never for good

    def test_who_logs_in_well_never_waits(self):
        server = self.server()
        self.connect(server).register("anna", "a@example.org", PASSWORD)
        for _ in range(8):
            self.connect(server).log_in("anna", PASSWORD)

    def spent_on_failing(self, server, *names):
        """The server's processor time for three failed logins of each: what a clock shows depends on who else is busy."""
        spent = {}
        for name in names:
            before = server.cpu()
            for _ in range(3):
                self.assert_refused(wire.E_LOGIN_FAILED, self.connect(server).log_in, name, "wrong password")
            spent[name] = server.cpu() - before
        return spent

    def test_an_unknown_name_takes_as_long(self):
        server = self.server(iterations="600000")
        self.connect(server).register("anna", "a@example.org", PASSWORD)
        spent = self.spent_on_failing(server, "anna", "nobody")
        self.assertLess(max(spent.values()), 1.5 * min(spent.values()) + 0.05, spent)  # the kernel counts in 0.01 s

    def test_an_old_hash_takes_as_long(self):
        server = self.server(iterations="1000")
        self.connect(server).register("anna", "a@example.org", PASSWORD)
        server.stop()
        server = self.server(iterations="600000")  # on the same folder
        spent = self.spent_on_failing(server, "anna", "nobody")
        self.assertLess(max(spent.values()), 1.5 * min(spent.values()) + 0.05, spent)
        time.sleep(1.1)
        self.connect(server).log_in("anna", PASSWORD)

    def test_a_hash_from_a_higher_default_takes_as_long(self):
        server = self.server(iterations="900000")
        self.connect(server).register("anna", "a@example.org", PASSWORD)
        server.stop()
        server = self.server("--free-tries", "100", iterations="1000")
        server.expect_log(" warn logins take as long as the costliest hash in accounts: .* iterations=900000")
        self.connect(server).register("bert", "b@example.org", PASSWORD)
        spent = self.spent_on_failing(server, "anna", "bert", "nobody")
        self.assertLess(max(spent.values()), 1.5 * min(spent.values()) + 0.05, spent)

    def test_registrations_that_went_well_are_no_failures(self):
        server = self.server()
        c = self.connect(server)
        for i in range(7):
            c.register("u%d" % i, "u@example.org", PASSWORD)
        self.assert_refused(wire.E_NAME_TAKEN, c.register, "u0", "u@example.org", PASSWORD)
        c.log_in("u0", PASSWORD)

    def test_five_tries_a_connection(self):
        server = self.server()
        c = self.connect(server)
        for i in range(5):
            self.assert_refused(wire.E_LOGIN_FAILED, c.log_in, "nobody%d" % i, PASSWORD)
        self.assert_ended(c, (Closed,))
        self.expect_disconnect(server, "too many failed tries")

    def test_request_numbers_rise(self):
        server = self.server()
        c = self.connect(server)
        c.post(wire.PING, request=0)  # that is for pushes
        self.assert_ended(c, (Closed,))
        for numbers in ((1, 1), (5, 4), (2**32 - 1, 1)):
            c = self.connect(server)
            for number in numbers:
                c.post(wire.PING, request=number)
            self.assert_ended(c, (Closed,))
            c.sock.close()
            self.expect_disconnect(server, "a request number out of order")

    def test_malformed_messages(self):
        server = self.server()
        for kind, fields in ((wire.PING, b"x"), (wire.JOIN, b"\x05den"), (wire.JOIN, b""), (wire.OK, b""), (0, b""), (95, b""),
                             (255, b""), (wire.SAY, v8(b"lobby") + b"\xff\xff"), (wire.REPLACED, b"")):
            c = self.connect(server)
            self.assert_refused(wire.E_MALFORMED, c.ask, kind, fields)
            self.assert_ended(c, (Closed,))
        c = self.connect(server)
        c.sock.sendall(c.send.seal(wire.APPLICATION, b""))  # nothing at all
        self.assert_ended(c, (Closed,))
        c = self.connect(server)
        self.assert_refused(wire.E_UNKNOWN_TYPE, c.ask, 63)  # of a later version: no reason to hang up
        c.ask(wire.PING)


class Wire(ServerCase):
    """Two talk while strangers do each of these things."""

    def setUp(self):
        super().setUp()
        self.hub = self.server(*harness.FAST)
        self.a, self.b = self.member(self.hub, "anna"), self.member(self.hub, "bert")

    def assert_one_line(self, cause, before):
        self.expect_disconnect(self.hub, cause)
        self.assert_hear_each_other(self.a, self.b)
        self.assertEqual(len(self.disconnects(self.hub)), before + 1)

    def stranger(self, cause, data, handshake=False):
        """A connection that sends this is ended, and the log says why."""
        before = len(self.disconnects(self.hub))
        c = self.connect(self.hub, handshake=handshake)
        c.sock.sendall(data(c) if callable(data) else data)
        self.assert_ended(c, (Cut, wire.Alert))
        self.assert_one_line(cause, before)

    def test_before_the_handshake(self):
        hello = wire.frame(wire.CLIENT_HELLO, b"x" * 500)
        self.stranger("a frame of an unknown type", b"GET / HTTP/1.1\r\n\r\n")
        self.stranger("a frame of another protocol version", b"\x01\x02\x00\x10")
        self.stranger("a frame longer than its type may be", struct.pack(">BBH", 1, 1, 1025))
        self.stranger("a frame longer than its type may be", b"\x01\x01\x05")  # the length's first byte shows it
        for kind in (wire.SERVER_HELLO, wire.RECORD, wire.ALERT):
            self.stranger("a frame or Record out of turn", bytes([kind]))  # one byte shows it: no other is waited for
        self.stranger("a frame or Record out of turn", lambda c: c.client_hello() + b"\x03")
        self.stranger("a malformed handshake message", hello)
        self.stranger("a malformed handshake message", lambda c: c.client_hello(suites=()))
        self.stranger("the Diffie-Hellman group", lambda c: c.client_hello(groups=(1, 2)))
        self.stranger("no cipher suite", lambda c: c.client_hello(suites=(99,)))

    def test_public_values(self):
        p = wire.GROUPS[2]
        for y in (0, 1, p - 1, p, p + 1, p - 2, 2**3072 - 1):  # p-2: no square, since -1 and 2 are and are not
            def hello(c, y=y):
                return c.client_hello()[:-384] + y.to_bytes(384, "big")
            self.stranger("a bad Diffie-Hellman public value", hello)
        self.stranger("a malformed handshake message|a bad Diffie-Hellman", lambda c: wire.frame(
            wire.CLIENT_HELLO, c.client_hello()[4:-386] + v16(b"\x02" * 383)))

    def test_alert_says_which_groups(self):
        c = self.connect(self.hub, handshake=False)
        with self.assertRaises(wire.Alert) as alert:
            c.handshake(groups=(1, 3))
        self.assertEqual(alert.exception.args, (1, b"\x02\x03"))
        self.connect(self.hub, groups=(3,)).ask(wire.PING)
        self.connect(self.hub, suites=(2,)).ask(wire.PING)

    def test_records(self):
        def flipped(at):
            def data(c):
                record = bytearray(c.send.seal(wire.APPLICATION, b"\x04\0\0\0\1"))
                record[at] ^= 1
                return bytes(record)
            return data

        def ping(c):
            return c.send.seal(wire.APPLICATION, b"\x04\0\0\0\1")

        def replayed(c):
            return ping(c) * 2

        def reordered(c):
            first, second = ping(c), ping(c)
            return second + first

        broken = "a Record that does not open"
        for at in (4, 19, 20, 35, 36, -1, -32):  # IV, ciphertext, tag
            self.stranger(broken, flipped(at), handshake=True)
        self.stranger(broken, replayed, handshake=True)
        self.stranger(broken, reordered, handshake=True)
        self.stranger(broken, lambda c: ping(c)[:-32] + bytes(32), handshake=True)
        self.stranger(broken, wire.frame(wire.RECORD, bytes(63)), handshake=True)
        self.stranger(broken, wire.frame(wire.RECORD, bytes(65)), handshake=True)
        self.stranger(broken, lambda c: c.send.seal_padded(b"\x10" * 16), handshake=True)  # no content type
        self.stranger(broken, lambda c: c.send.seal_padded(b"\x01" * 16384 + b"\x00" * 16), handshake=True)
        self.stranger(broken, lambda c: c.send.seal_padded(b"\x01" * 16400), handshake=True)  # too long
        self.stranger("", lambda c: c.send.seal(4, b""), handshake=True)
        self.stranger("a frame or Record out of turn", lambda c: c.send.seal(wire.FINISHED, b""), handshake=True)
        self.stranger("", lambda c: c.send.seal(wire.KEY_UPDATE, b"x"), handshake=True)
        self.stranger("a frame or Record out of turn", self.two_updates, handshake=True)
        self.stranger("", lambda c: c.send.seal(wire.CLOSE, b"x"), handshake=True)
        self.stranger("a frame or Record out of turn", lambda c: c.client_hello(), handshake=True)

    def two_updates(self, c):
        first = c.send.seal(wire.KEY_UPDATE, b"")
        c.send.update()
        return first + c.send.seal(wire.KEY_UPDATE, b"")

    def test_key_update(self):
        c = self.member(self.hub, "carla")
        for _ in range(3):
            c.sock.sendall(c.send.seal(wire.KEY_UPDATE, b""))
            c.send.update()
            c.ask(wire.PING)

    def test_one_byte_at_a_time(self):
        c = self.connect(self.hub)
        record = c.send.seal(wire.APPLICATION, b"\x04\0\0\0\1")
        for i in range(len(record)):
            c.sock.sendall(record[i:i + 1])
        self.assertEqual(c.next().type, wire.OK)

    def test_cut_anywhere(self):
        before = len(self.disconnects(self.hub))
        count = 0
        for part in (0, 1, 3, 4, 200, 430):
            c = self.connect(self.hub, handshake=False)
            c.sock.sendall(c.client_hello()[:part])
            c.sock.close()
            count += 1
        c = self.connect(self.hub, handshake=False)  # while a worker is on it
        c.sock.sendall(c.client_hello())
        c.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        c.sock.close()  # a reset
        count += 1
        for part in (1, 30, 67):
            c = self.connect(self.hub)
            c.sock.sendall(c.send.seal(wire.APPLICATION, b"\x04\0\0\0\1")[:part])
            c.sock.close()
            count += 1
        for _ in range(count):
            self.expect_disconnect(self.hub, "the connection was cut")
        self.assert_hear_each_other(self.a, self.b)
        self.assertEqual(len(self.disconnects(self.hub)), before + count)

    def test_idle_ones_and_a_flood(self):
        idle = [socket.create_connection(("127.0.0.1", self.hub.port)) for _ in range(100)]
        for _ in range(20):
            with socket.create_connection(("127.0.0.1", self.hub.port)) as s:
                try:
                    s.sendall(os.urandom(200000))
                except OSError:
                    pass
            started = time.monotonic()
            self.assert_hear_each_other(self.a, self.b)
            self.assertLess(time.monotonic() - started, harness.PATIENCE / 10)
        for s in idle:
            s.close()


class Bounds(ServerCase):
    def test_many_passwords_keep_no_handshake_waiting(self):
        """When it is done, most of those who came before it are still waiting."""
        server = self.server("--max-registrations", "1000", iterations=harness.iterations(0.1))
        crowd = [self.connect(server) for _ in range(min(12 * os.cpu_count(), 500))]
        poll = select.poll()
        for i, c in enumerate(crowd):  # registrations are never hashed together
            poll.register(c.sock, select.POLLIN)
            c.post(wire.REGISTER, v8(b"user%d" % i) + v8(b"a@example.org") + v8(PASSWORD.encode()) + v16(b""))
        self.connect(server)
        self.assertLess(len(poll.poll(0)), len(crowd) / 2)
        server.kill()

    def test_connections(self):
        server = self.server("--max-clients", "3")
        held = [self.member(server, f"member{i}") for i in range(3)]
        with self.assertRaises((wire.Alert, Cut)):
            self.connect(server)
        server.expect_log(r"refused connections=1 .*--max-clients")
        held[0].close()
        self.expect_disconnect(server, "it said good-bye")
        self.connect(server).ask(wire.PING)

    def test_handshakes_that_are_not_finished(self):
        server = self.server("--max-handshakes", "2")
        a, b = self.member(server, "anna"), self.member(server, "bert")  # theirs are
        held = [self.connect(server, handshake=False) for _ in range(2)]
        self.connect(server).ask(wire.PING)
        self.expect_disconnect(server, "it gave way to another")
        self.assert_hear_each_other(a, b)
        with self.assertRaises(wire.Alert):
            held[0].handshake()  # the oldest
        held[1].handshake()

    def test_connections_of_one_address(self):
        server = self.server("--max-per-address", "2")
        held = [self.member(server, f"member{i}") for i in range(2)]
        with self.assertRaises((wire.Alert, Cut)):
            self.connect(server)
        self.connect(server, source="127.0.0.2").ask(wire.PING)
        held[0].sock.close()
        self.expect_disconnect(server, "the connection was cut")
        self.connect(server).ask(wire.PING)

    @harness.alone
    def test_time_to_shake_hands_and_to_log_in(self):
        server = self.server("--handshake-seconds", "1", "--login-seconds", "1")
        silent = self.connect(server, handshake=False)
        half = self.connect(server, handshake=False)
        half.sock.sendall(half.client_hello())  # and never a Finished
        self.assert_ended(silent)
        with self.assertRaises(Cut):
            while True:
                half.read_frame()
        self.expect_disconnect(server, "it did not finish the handshake in time")
        self.expect_disconnect(server, "it did not finish the handshake in time")
        self.assert_ended(self.connect(server), (Closed,))
        self.expect_disconnect(server, "it did not log in in time")

    def test_silence_is_asked_about(self):
        server = self.server("--idle-seconds", "1", "--answer-seconds", "1")
        a, b = self.member(server, "anna"), self.member(server, "bert")
        for _ in range(2):
            a.wait_for(wire.STILL_THERE)
            a.ask(wire.PING)
        self.assert_ended(b)
        self.expect_disconnect(server, "it did not answer")

    def test_who_talks_too_fast_waits(self):
        server = self.server("--max-rate", "20")
        a = self.member(server, "anna")
        started = time.monotonic()
        numbers = [a.post(wire.PING) for _ in range(80)]  # 40 at once, 40 more in two seconds
        for number in numbers:
            a.answer_to(number)
        self.assertGreater(time.monotonic() - started, 1.5)

    def test_many_tries_at_once_from_one_address(self):
        """Each on a connection of its own, and for another name: what is under way when the address has had its tries
        is not looked at any more."""
        server = self.server("--free-tries-address", "2", iterations="300000")
        self.connect(server).register("name7", "a@example.org", PASSWORD)
        clients = [self.connect(server) for _ in range(8)]
        numbers = [c.post(wire.LOG_IN, v8(b"name%d" % i) + v8(PASSWORD.encode()) + v8(b""))
                   for i, c in enumerate(clients)]
        codes = []
        for c, number in zip(clients, numbers):
            try:
                c.answer_to(number)
                self.assertIs(c, clients[7])  # the right one may have been looked at before the others: nobody orders them
            except Refused as refused:
                codes.append(refused.args[0])
        self.assertEqual(codes.count(wire.E_LOGIN_FAILED), 2)
        self.assertEqual(codes.count(wire.E_TRY_LATER), len(codes) - 2)
        time.sleep(1.1)
        self.connect(server).log_in("name7", PASSWORD)

    def test_rooms_and_members(self):
        server = self.server("--max-rooms", "3", "--max-members", "2", "--max-joined", "2")
        a, b, c = self.member(server, "anna"), self.member(server, "bert"), self.connect(server)
        c.register("carl", "c@example.org", PASSWORD)
        self.assert_refused(wire.E_LIMIT, c.log_in, "carl", PASSWORD)  # the lobby is full
        a.join("x")
        self.assert_refused(wire.E_LIMIT, a.join, "y")
        b.leave("lobby")
        b.join("y")
        self.assert_refused(wire.E_LIMIT, b.join, "z")
        c.log_in("carl", PASSWORD)

    def test_throw_away_accounts_do_not_take_all_rooms(self):
        """Which bound it was is said; a room that is gone makes room for the next."""
        server = self.server("--max-rooms", "6", "--max-rooms-user", "2", "--max-rooms-address", "4")
        a, b, c = (self.member(server, name) for name in ("anna", "bert", "carl"))
        for user, names in ((a, ("a1", "a2")), (b, ("b1", "b2"))):
            for name in names:
                user.join(name)
        for user, words in ((a, "you have made"), (b, "you have made"), (c, "from your network")):
            with self.assertRaises(Refused) as refused:
                user.join("new")
            self.assertEqual(refused.exception.args[0], wire.E_LIMIT)
            self.assertIn(words, refused.exception.args[1])
        c.join("a1")
        b.log_out()
        a.wait_for(wire.PRESENCE)
        c.join("new")

    def test_disk_full(self):
        server = self.server("--max-registrations", "1000", "--max-tries", "1000", before=("prlimit", "--fsize=4096"))
        c = self.connect(server)
        made = 0
        with self.assertRaises(Refused) as refused:
            while made < 100:
                c.register("u%d" % made, "u@example.org", PASSWORD)
                made += 1
        self.assertEqual(refused.exception.args[0], wire.E_NOT_SAVED)
        self.assert_refused(wire.E_LOGIN_FAILED, c.log_in, "u%d" % made, PASSWORD)
        c.log_in("u0", PASSWORD)
        server.stop()
        again = self.server()
        self.connect(again).log_in("u%d" % (made - 1), PASSWORD)


class Operator(ServerCase):
    def test_sigterm(self):
        server = self.server()
        a, stranger = self.member(server, "anna"), self.connect(server)
        server.kill(signal.SIGTERM)
        self.assertIn("stopping", a.wait_for(wire.NOTICE).text)
        self.assert_ended(a, (Closed,))
        self.assert_ended(stranger, (Closed,))
        a.sock.close()
        stranger.sock.close()
        self.assertEqual(server.wait(), 0)

    def test_stops_though_clients_do_not_answer(self):
        server = self.server()
        held = [self.member(server, "anna"), self.connect(server), self.connect(server, handshake=False)]
        server.stop()
        self.assertEqual(len(held), len(self.disconnects(server)))

    def test_registration_under_way_is_finished(self):
        server = self.server(iterations=harness.iterations(0.2))  # a server that stops waits for five seconds
        c = self.connect(server)
        number = c.post(wire.REGISTER, v8(b"anna") + v8(b"a@example.org") + v8(PASSWORD.encode()) + v16(b""))
        harness.wait_until(lambda: server.status("jobs") == 1 or " register " in server.log, "the password is hashed")
        server.kill(signal.SIGTERM)
        self.assertEqual(c.answer_to(number).type, wire.OK)
        self.assert_ended(c, (Closed,))
        c.sock.close()
        self.assertEqual(server.wait(), 0)

    def test_stops_though_logins_queue(self):
        server = self.server(iterations=harness.iterations(0.15))
        held = [self.connect(server) for _ in range(30)]
        for i, c in enumerate(held):
            c.post(wire.LOG_IN, v8(b"u%d" % i) + v8(PASSWORD.encode()) + v8(b""))
        harness.wait_until(lambda: server.status("jobs") > 0, "the passwords are being hashed")
        started = time.monotonic()
        server.stop()
        self.assertLess(time.monotonic() - started, 15)
        self.assertEqual(len(self.disconnects(server)), 30)

    def test_who_leaves_during_work(self):
        server = self.server(iterations="500000")
        for _ in range(3):
            c = self.connect(server)
            c.post(wire.LOG_IN, v8(b"anna") + v8(PASSWORD.encode()) + v8(b""))
            c.sock.close()
        self.connect(server).ask(wire.PING)
        for _ in range(3):
            self.expect_disconnect(server, "the connection was cut")
        server.stop()

    def test_console(self):
        server = self.server("--console")
        a = self.member(server, "anna")
        server.expect(r"^\* anna joined lobby$")
        a.say("lobby", "hello\tthere")
        server.expect(r"^\[lobby\] anna: hello.*there$")
        server.type("good morning\n")
        said = a.wait_for(wire.SAID)
        self.assertEqual((said.sender, said.room, said.text), ("operator", "lobby", "good morning"))
        server.type("/notice back at noon\n/join den\nhere\n/who lobby\n/rooms\n/nonsense\n\x1b[2J\n" + "x" * 5000 + "\n")
        self.assertEqual(a.wait_for(wire.NOTICE).text, "back at noon")
        server.expect(r"^\* in lobby: anna$")
        server.expect(r"^\* in lobby: operator$")
        server.expect(r"^\* room den: 1 member$")
        server.expect(r"^! no such command")
        server.expect(r"^! a text is")
        server.expect(r"^! that line is too long")
        server.type("/notice " + "n" * 1001 + "\n/notice " + "n" * 1000 + "\n")
        self.assertEqual(a.wait_for(wire.NOTICE).text, "n" * 1000)
        server.expect(r"^! a notice has at most 1000 bytes")
        server.type("exit\n")
        self.assert_ended(a, (Closed,))
        a.sock.close()
        self.assertEqual(server.wait(), 0)

    def test_nobody_logs_in_as_the_operator(self):
        server = self.server()
        self.connect(server).register("operatox", "a@example.org", PASSWORD)
        server.stop()
        path = os.path.join(server.data, "accounts")
        with open(path) as f:
            head, line = f.read().splitlines()
        line = line.rpartition("#")[0].replace("operatox", "operator")
        with open(path, "w") as f:
            f.write("%s\n%s#%s\n" % (head, line, hashlib.sha256(line.encode()).hexdigest()[:8]))
        server = self.server("--console")
        self.assert_refused(wire.E_LOGIN_FAILED, self.connect(server).log_in, "operator", PASSWORD)
        server.stop()

    def test_no_core_dumps(self):
        server = self.server()
        self.assertEqual(harness.core_limit(server.pid), harness.NO_CORE)

    def test_console_input_may_end(self):
        server = self.server("--console")
        server.end_input()
        a = self.member(server, "anna")
        server.expect(r"anna joined")
        a.close()
        cpu = server.cpu()
        time.sleep(0.5)
        self.assertLess(server.cpu() - cpu, 0.1)
        server.stop()

    def test_console_input_from_a_file(self):
        """It is read to its end, the last line without a line end too, and then costs nothing."""
        self.path("lines", b"/rooms\n\n/who")
        read_it = ("sh", "-c", 'exec "$0" "$@" <"$LINES_FILE"')
        server = self.server("--console", before=read_it, env={"LINES_FILE": self.path("lines")})
        server.expect(r"^\* room lobby: 1 member$")
        server.expect(r"^\* in lobby: operator$")
        a = self.member(server, "anna")
        server.expect(r"anna joined")
        a.close()
        server.expect(r"anna left")
        self.assertLess(sum(self.runs(server) for _ in range(20)), 10)
        server.stop()

    def runs(self, server):
        """Whether its loop runs, or wants to, at a moment at which nobody asks for anything: a busy machine changes
        nothing in that."""
        time.sleep(0.05)
        with open("/proc/%d/task/%d/stat" % (server.pid, server.pid)) as f:
            return f.read().rsplit(")", 1)[1].split()[0] == "R"

    def test_wrong_usage(self):
        for args, why in ((["--nope"], "unknown option '--nope'"), (["--listen"], "--listen needs a value"),
                          (["--listen", "::1"], "--listen takes"), (["--max-clients", "x"], "--max-clients takes"),
                          (["x"], "unexpected argument 'x'")):
            self.misuse("glasschatd", args, why)
        self.assertIn(b"--pbkdf2-iterations", self.run_program("glasschatd", "--help", status=0).stdout)
        self.assertIn(b"glasschatd", self.run_program("glasschatd", "--version", status=0).stdout)

    def test_what_hinders_a_start(self):
        server = self.server()
        other = os.path.join(self.folder, "other")
        listen = "127.0.0.1:%d" % server.port

        def complaint(*args):
            # The sandbox forbids what a leak check does at the end, and to be told of --sandbox off is a line more.
            done = self.run_program("glasschatd", *args, status=1, env={"ASAN_OPTIONS": "detect_leaks=0"})
            return done.stderr.decode()

        def accounts(change):
            path = os.path.join(other, "accounts")
            with open(path) as f:
                text = f.read()
            with open(path, "w") as f:
                f.write(change(text))
            return text

        self.assertIn("--listen", complaint("--listen", listen, "--data", other))
        self.assertIn(server.data, complaint("--listen", "127.0.0.1:0", "--data", server.data))  # locked
        os.chmod(other, 0o755)
        self.assertIn("chmod", complaint("--listen", "127.0.0.1:0", "--data", other))
        os.chmod(other, 0o700)
        shutil.copy(os.path.join(server.data, "accounts"), other)
        accounts(lambda text: text + "nonsense\nmore\n")
        self.assertIn(other + "/accounts line 2 ", complaint("--listen", "127.0.0.1:0", "--data", other))
        self.assertIn("nonsense", accounts(lambda text: text))  # nothing was overwritten
        self.assertIn("nowhere.invalid", complaint("--listen", "nowhere.invalid:0", "--data",
                                                   os.path.join(self.folder, "third")))

    def test_hashes_that_are_weak_are_warned_of(self):
        self.server().expect_log(r"warn .*iterations=1000")


if __name__ == "__main__":
    harness.main()
