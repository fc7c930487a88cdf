#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""docs/protocol.md section 10.9 says what each event leads to. Here each of them happens, to the real server; a row of
its table that has no test here is a failure, and so is a test that has no row."""
import collections
import contextlib
import os
import re
import signal
import socket
import struct

import glasschat_client as wire
import harness
from crowd import Quick
from events_case import PASSWORD, event, marked, rows
from glasschat_client import Client, Closed, Cut, Refused, v8, v16


class Server(harness.TestCase):
    """What the server does. `ends` reads what it says, to the end or, for STAYS, to the answer of one more ping."""

    def connect(self, server, **kw):
        c = Client(server.port, timeout=harness.PATIENCE, **kw)
        self.addCleanup(c.sock.close)
        return c

    def member(self, server, name):
        return self.connect(server).enter(name, PASSWORD)

    def ends(self, c):
        """Cut or Closed, whichever it was, what was said before being passed over; an Alert counts as cut."""
        heard = []
        try:
            while True:
                heard.append(c.next())
        except Cut:
            return Cut, heard
        except Closed:
            self.assertEqual(c.sock.recv(1), b"", "something after a Close")
            return Closed, heard

    def cut(self, c):
        how, heard = self.ends(c)
        self.assertIs(how, Cut)
        return heard

    def closed(self, c):
        how, heard = self.ends(c)
        self.assertIs(how, Closed)
        return heard

    def stays(self, c):
        c.ask(wire.PING)

    def alert(self, code, c, frame):
        """It answers with this Alert alone, and hangs up."""
        c.sock.sendall(frame)
        with self.assertRaises(wire.Alert) as alert:
            c.read_frame()
        self.assertEqual(alert.exception.args[0], code)
        self.assertEqual(c.sock.recv(1), b"")

    def silence(self, c, data):
        """It answers with nothing, and hangs up."""
        c.sock.sendall(data)
        with contextlib.suppress(ConnectionResetError):
            self.assertEqual(c.sock.recv(1), b"")

    def refused(self, code, ask, *args):
        with self.assertRaises(Refused) as refused:
            ask(*args)
        self.assertEqual(refused.exception.args[0], code, refused.exception.args[1])

    @event("a frame of an unknown type, of another version, over its limit or out of turn")
    def test_frames(self):
        server = self.server()
        hello = self.connect(server, handshake=False).client_hello()
        for data in (b"\x05", b"\x01\x02", b"\x01\x02" + hello[2:], b"\x01\x01\x04\x01", b"\x02", b"\x04\x01\0\2\1\0"):
            self.silence(self.connect(server, handshake=False), data)
        for data in (b"\x05", b"\x03\x02", b"\x03\x01\x40\x41", hello, b"\x04\x01\0\2\1\0"):
            self.silence(self.connect(server), data)

    @event("a ClientHello without its shape, or with a public value that section 3.1 refuses")
    def test_bad_hello(self):
        server = self.server()
        c = self.connect(server, handshake=False)
        self.alert(3, c, wire.frame(wire.CLIENT_HELLO, bytes(500)))
        c = self.connect(server, handshake=False)
        self.alert(3, c, c.client_hello()[:-384] + bytes(384))
        c = self.connect(server, handshake=False)
        self.alert(3, c, c.client_hello(suites=tuple(range(1, 18))))

    @event("a group that is not the list's first that the server allows, or not in the list")
    def test_groups(self):
        server = self.server()
        c = self.connect(server, handshake=False)
        self.alert(1, c, c.client_hello(groups=(1, 2)))
        for listed in ((2, 3), (99,)):  # the public value's group, 3 and 2, is not the first, or not there at all
            c = self.connect(server, handshake=False)
            hello = c.client_hello(groups=(3,) if listed == (2, 3) else (2,))
            self.alert(1, c, wire.frame(wire.CLIENT_HELLO, hello[4:36] + v8(b"\1\2") + v8(bytes(listed)) +
                                        hello[4 + 32 + 3 + 2:]))

    @event("no suite that the server allows")
    def test_suites(self):
        c = self.connect(self.server(), handshake=False)
        self.alert(2, c, c.client_hello(suites=(99,)))

    @event("a connection over a bound of section 10.8, for which nobody gives way")
    def test_busy(self):
        server = self.server("--max-clients", "1")
        self.member(server, "anna")
        c = self.connect(server, handshake=False)
        self.alert(4, c, b"")

    @event("somebody else's connection, for which this one gives way before it has logged in")
    def test_gives_way(self):
        server = self.server("--max-clients", "1")
        silent = self.connect(server, handshake=False)
        established = self.connect(server)
        self.alert(4, silent, b"")
        self.connect(server)
        self.cut(established)

    @event("no whole ClientHello in 10 s, or no Finished in 10 s more")
    def test_slow_handshakes(self):
        server = self.server("--handshake-seconds", "1")
        idle = self.connect(server, handshake=False)
        half = self.connect(server, handshake=False)
        half.sock.sendall(half.client_hello()[:-1])
        unfinished = self.connect(server, handshake=False)
        hello = unfinished.client_hello()
        unfinished.sock.sendall(hello)
        unfinished.answer(hello, *unfinished.read_frame()[1:])
        unfinished.receive.open(*unfinished.read_frame()[1:])
        for c in (idle, half, unfinished):
            self.assertEqual(c.sock.recv(1), b"")

    def before_finished(self, server):
        c = self.connect(server, handshake=False)
        hello = c.client_hello()
        c.sock.sendall(hello)
        c.answer(hello, *c.read_frame()[1:])
        self.assertEqual(c.receive.open(*c.read_frame()[1:]), (wire.FINISHED, b""))
        return c

    @event("a first Record that does not open or is no Finished")
    def test_between_the_two_finished(self):
        server = self.server()
        for content, payload in ((wire.APPLICATION, b"\x04\0\0\0\1"), (wire.CLOSE, b""), (wire.KEY_UPDATE, b""),
                                 (wire.FINISHED, b"x"), (99, b"")):
            c = self.before_finished(server)
            self.silence(c, c.send.seal(content, payload))
        c = self.before_finished(server)
        self.silence(c, wire.flipped(c.send.seal(wire.FINISHED, b"")))

    @event("a later Record that section 6.2 or 6.4 refuses")
    def test_records(self):
        server = self.server()
        for record in (lambda c: c.send.seal(wire.APPLICATION, b"\x04\0\0\0\1")[:-32] + bytes(32),
                       lambda c: c.send.seal(4, b""), lambda c: c.send.seal(wire.FINISHED, b""),
                       lambda c: c.send.seal(wire.CLOSE, b"x"), lambda c: c.send.seal(wire.KEY_UPDATE, b"x"),
                       lambda c: c.send.seal_padded(b"\x10" * 16)):
            c = self.connect(server)
            self.silence(c, record(c))

    @event("the end of the stream without a Close")
    def test_the_stream_ends(self):
        server = self.server()
        c = self.member(server, "anna")
        c.sock.shutdown(socket.SHUT_WR)
        self.cut(c)
        server.expect_log(r"disconnect from=\S+ user=anna cause=\"?the connection was cut")

    @event("a Close")
    def test_close(self):
        c = self.member(self.server(), "anna")
        last = [c.post(wire.PING) for _ in range(20)][-1]
        c.sock.sendall(c.send.seal(wire.CLOSE, b""))
        heard = self.closed(c)
        self.assertEqual([m.request for m in heard if m.type == wire.OK], list(range(last - 19, last + 1)))

    @event("a byte after the Close")
    def test_after_a_close(self):
        server = self.server()
        c = self.member(server, "anna")
        c.post(wire.PING)
        c.sock.sendall(c.send.seal(wire.CLOSE, b"") + c.send.seal(wire.APPLICATION, struct.pack(">BI", wire.PING, 99)))
        _, heard = self.ends(c)
        self.assertNotIn(99, [m.request for m in heard])

    @event("a malformed message, a type that is no request, a number not greater than the last")
    def test_malformed(self):
        server = self.server()
        for kind, request, fields in ((wire.PING, 1, b"x"), (0, 1, b""), (64, 1, b""), (255, 1, b""),
                                      (wire.WHO, 1, b"\x05den"), (wire.PING, 0, b""), (wire.READY, 1, b"x"),
                                      (wire.RELAY, 1, v8(b"bert") + bytes(16) + v16(wire.frame(wire.RECORD, b"", 2))),
                                      (wire.SEAL, 1, v8(b"+den") + v16(bytes(581)))):
            c = self.connect(server)
            c.post(kind, fields, request=request)
            heard = self.closed(c)
            self.assertEqual([(m.type, m.code, m.request) for m in heard], [(wire.ERROR, wire.E_MALFORMED, request)])
        c = self.connect(server)
        c.ask(wire.PING)
        c.post(wire.PING, request=1)
        self.assertEqual([(m.code, m.request) for m in self.closed(c)], [(wire.E_MALFORMED, 1)])

    @event("a request of a type that it does not know")
    def test_unknown_type(self):
        c = self.member(self.server(), "anna")
        for kind in (22, 23, 25, 63):
            self.refused(wire.E_UNKNOWN_TYPE, c.ask, kind)
        self.stays(c)

    @event("a field that breaks its rule, a request that may not come now")
    def test_refused(self):
        server = self.server()
        c = self.connect(server)
        good = v8(b"a good password")
        too_long = v16(bytes(5000))
        for code, kind, fields in (
                (wire.E_BAD_NAME, wire.JOIN, v8(b"Lobby")), (wire.E_BAD_NAME, wire.LIST_ROOMS, v8(b"no name")),
                (wire.E_BAD_NAME, wire.WHO, v8(b"lobby") + v8(b"1")),
                (wire.E_BAD_NAME, wire.SAY, v8(b"+den") + v16(b"in the clear")),
                (wire.E_BAD_NAME, wire.SEAL, v8(b"den") + v16(bytes(580))),
                (wire.E_BAD_EMAIL, wire.REGISTER, v8(b"anna") + v8(b"anna") + good + v16(b"")),
                (wire.E_BAD_PASSWORD, wire.LOG_IN, v8(b"anna") + v8(b"short") + v8(b"")),
                (wire.E_LOGIN_FAILED, wire.LOG_IN, v8(b"anna") + good + v8(b"12345")),
                (wire.E_WRONG_CODE, wire.CONFIRM_SECOND_FACTOR, v8(b"12345x")),
                (wire.E_BAD_TEXT, wire.SAY, v8(b"lobby") + v16(b"")),
                (wire.E_BAD_CERTIFICATE, wire.REPLACE_CERTIFICATE, good + v8(b"") + too_long),
                (wire.E_NOT_LOGGED_IN, wire.LIST_ROOMS, v8(b""))):
            self.refused(code, c.ask, kind, fields)
        c.enter("anna", PASSWORD)
        self.refused(wire.E_ALREADY_LOGGED_IN, c.log_in, "anna", PASSWORD)
        self.refused(wire.E_NO_SECOND_FACTOR, c.confirm_second_factor, "123456")
        c.unblock("nobody-ever")
        self.stays(c)

    @event("the 5th try that fails")
    def test_tries(self):
        server = self.server()
        c = self.connect(server)
        for name in ("root", "anna-1"):  # one that can't be had, and one whose field is wrong: the second doesn't count
            with self.assertRaises(Refused):
                c.register(name, name + "@example.org" if name == "root" else "no address", PASSWORD)
        for i in range(3):
            self.refused(wire.E_LOGIN_FAILED, c.log_in, "nobody%d" % i, PASSWORD)
        self.stays(c)
        self.refused(wire.E_LOGIN_FAILED, c.log_in, "nobody4", PASSWORD)
        self.closed(c)

    def test_a_login_begins_the_count_anew(self):
        server = self.server()
        c = self.connect(server)
        c.register("anna", "anna@example.org", PASSWORD)
        for i in range(4):
            self.refused(wire.E_LOGIN_FAILED, c.log_in, "nobody%d" % i, PASSWORD)
        c.log_in("anna", PASSWORD)
        for _ in range(3):
            self.refused(wire.E_LOGIN_FAILED, c.change_password, "another password", PASSWORD)
        self.stays(c)

    @event("nobody logged in after 60 s")
    def test_nobody_logs_in(self):
        c = self.connect(self.server("--login-seconds", "1"))
        self.assertEqual(self.closed(c), [])

    @event("log out, delete account")
    def test_leaving(self):
        server = self.server()
        anna, bert = self.member(server, "anna"), self.member(server, "bert")
        anna.log_out()
        self.closed(anna)
        bert.delete_account(PASSWORD)
        self.closed(bert)

    @event("120 s of silence")
    def test_still_there(self):
        c = self.member(self.server("--idle-seconds", "1"), "anna")
        for _ in range(2):
            c.wait_for(wire.STILL_THERE)
            self.stays(c)

    @event("30 s more of silence")
    def test_no_longer_there(self):
        c = self.member(self.server("--idle-seconds", "1", "--answer-seconds", "1"), "anna")
        c.wait_for(wire.STILL_THERE)
        self.cut(c)

    @event("the user logs in elsewhere")
    def test_replaced(self):
        server = self.server()
        old = self.member(server, "anna")
        self.connect(server).log_in("anna", PASSWORD)
        self.assertEqual(self.closed(old)[-1].type, wire.REPLACED)

    @event("another session or the operator changes what the account needs to log in, or ends it")
    def test_ended_by_the_operator(self):
        server = self.server()
        c = self.member(server, "anna")
        self.run_program("glasschatd", "account", "lock", "anna", "--data", server.data, status=0)
        self.assertEqual(self.closed(c)[-1].type, wire.NOTICE)
        c = self.connect(server)
        self.refused(wire.E_LOGIN_FAILED, c.log_in, "anna", PASSWORD)

    def test_what_is_under_way_when_it_is_ended(self):
        """Also answered before the Close: else it would look like a request that was not begun."""
        server = self.server(iterations=harness.iterations(0.3))
        c = self.member(server, "anna")
        new = c.post(wire.CHANGE_PASSWORD, v8(PASSWORD.encode()) + v8(b"") + v8(b"a new password"))
        harness.wait_until(lambda: server.status("jobs") == 1 or " password changed " in server.log, "it is being hashed")
        self.run_program("glasschatd", "account", "lock", "anna", "--data", server.data, status=0)
        self.assertIn(new, [m.request for m in self.closed(c)])

    @event("requests faster than they may come")
    def test_rate(self):
        c = self.member(self.server("--max-rate", "100"), "anna")
        posted = [c.post(wire.PING) for _ in range(300)]
        for request in posted:
            c.answer_to(request)

    @event("relays faster than they may come")
    def test_relay_rate(self):
        c = self.member(self.server("--max-relays", "50"), "anna")
        posted = [c.post(wire.RELAY, v8(b"bert") + bytes(16) + v16(b"")) for _ in range(150)]
        for request in posted:
            self.refused(wire.E_NO_SUCH_USER, c.answer_to, request)
        self.stays(c)

    @event("a relay to a user who is not here, or has not sent ready")
    def test_relay_to_nobody(self):
        server = self.server()
        anna, bert = self.member(server, "anna"), self.member(server, "bert")
        self.refused(wire.E_NOT_HERE, anna.relay, "bert", bytes(16), b"")
        bert.ready()
        bert.log_out()
        self.refused(wire.E_NOT_HERE, anna.relay, "bert", bytes(16), b"")
        self.stays(anna)

    @event("a relay to a user for whom too much waits")
    def test_relay_to_a_slow_reader(self):
        server = self.server("--max-relays", "100000", "--max-queue-kib", "32")
        slow, loud = self.member(server, "slow"), self.member(server, "loud")
        slow.ready()
        with self.assertRaises(Refused) as refused:
            while True:
                loud.relay("slow", bytes(16), wire.frame(wire.RECORD, bytes(4160)))
        self.assertEqual(refused.exception.args[0], wire.E_TRY_LATER)
        self.stays(loud)
        self.stays(slow)

    @event("a relay from somebody whom the user has blocked")
    def test_relay_of_the_blocked(self):
        server = self.server()
        anna, bert = self.member(server, "anna"), self.member(server, "bert")
        bert.ready()
        bert.block("anna")
        anna.relay("bert", bytes(16), b"")
        self.stays(anna)
        self.stays(bert)
        self.assertNotIn(wire.RELAYED, [m.type for m in bert.pushed])

    def sealed_room(self, *options):
        """Two who are in the sealed room +den."""
        server = self.server(*options)
        members = [self.member(server, name) for name in ("anna", "bert")]
        for member in members:
            member.ready()
            member.join("+den")
        return members

    @event("a request about a sealed room before ready")
    def test_sealed_rooms_before_ready(self):
        c = self.member(self.server(), "anna")
        for ask in (c.join, c.leave, c.who):
            self.refused(wire.E_BAD_NAME, ask, "+den")
        self.refused(wire.E_BAD_NAME, c.seal, "+den", bytes(580))
        self.stays(c)

    @event("something sealed, where too much waits for a member")
    def test_seal_for_a_slow_reader(self):
        anna, bert = self.sealed_room("--max-queue-kib", "32", *harness.FAST)
        sent = 2000
        for _ in range(sent):
            anna.seal("+den", bytes(4580))
        self.stays(bert)
        self.assertIn([m.type for m in bert.pushed].count(wire.SEALED), range(1, sent))

    @event("something sealed by somebody whom a member has blocked")
    def test_seal_of_the_blocked(self):
        anna, bert = self.sealed_room()
        bert.block("anna")
        anna.seal("+den", bytes(580))
        self.stays(anna)
        self.stays(bert)
        self.assertNotIn(wire.SEALED, [m.type for m in bert.pushed])

    @event("more waits to be sent than may")
    def test_slow_reader(self):
        server = self.server("--max-queue-kib", "32", *harness.FAST)
        slow, loud = self.member(server, "slow"), self.member(server, "loud")
        ended = re.compile(r"disconnect from=\S+ user=slow")
        for _ in range(20000):
            loud.say("lobby", "x" * 4000)
            if ended.search(server.log):
                break
        server.expect_log(r"disconnect from=\S+ user=slow cause=\"?the peer does not read")
        self.cut(slow)

    @event("no Close within 3 s of its own")
    def test_no_close_in_return(self):
        server = self.server()
        c = self.member(server, "anna")
        c.log_out()
        self.closed(c)  # and says nothing more
        server.expect_log(r"disconnect from=\S+ user=anna cause=\"?it logged out")

    @event("the server stops")
    def test_the_server_stops(self):
        server = self.server()
        c = self.member(server, "anna")
        server.kill(signal.SIGTERM)
        heard = self.closed(c)
        self.assertEqual(heard[-1].type, wire.NOTICE)
        c.sock.sendall(c.send.seal(wire.CLOSE, b""))
        self.assertEqual(server.wait(), 0)

    def test_what_is_under_way_when_the_server_stops(self):
        server = self.server(iterations=harness.iterations(0.2))  # a server that stops waits for five seconds
        c = self.connect(server)
        account = v8(b"anna") + v8(b"anna@example.org") + v8(PASSWORD.encode()) + v16(b"")
        c.sock.sendall(c.send.seal(wire.APPLICATION, struct.pack(">BI", wire.REGISTER, 1) + account) +
                       c.send.seal(wire.APPLICATION, struct.pack(">BI", wire.PING, 2)))
        harness.wait_until(lambda: server.status("jobs") == 1, "the password is being hashed")
        server.kill(signal.SIGTERM)
        registered, later = self.closed(c)
        self.assertEqual((registered.type, registered.request), (wire.OK, 1))
        self.assertEqual((later.code, later.request), (wire.E_STOPPING, 2))
        c.sock.close()
        self.assertEqual(server.wait(), 0)

    def test_what_the_server_had_no_time_for(self):
        """More registrations than five seconds are enough for: each is made and told so, or told why it was not."""
        count = 8 * os.cpu_count()
        server = self.server("--max-per-address", "100000", "--max-waiting", "100000", "--max-registrations", "100000",
                             iterations="10000000")
        crowd = [self.enterContext(Quick(server.port, timeout=10 * harness.PATIENCE)) for _ in range(count)]
        for i, c in enumerate(crowd):
            c.post(wire.REGISTER, v8(b"user%d" % i) + v8(b"a@example.org") + v8(PASSWORD.encode()) + v16(b""))
        harness.wait_until(lambda: server.cpu() - server.loop_cpu() > 0.1, "passwords are being hashed")
        server.kill(signal.SIGTERM)
        told = collections.defaultdict(list)
        for i, c in enumerate(crowd):
            m = c.next()
            told["ok" if m.type == wire.OK else m.code].append("user%d" % i)
        self.assertEqual(server.wait(10 * harness.PATIENCE), 0)
        self.assertEqual(set(told) - {"ok"}, {wire.E_STOPPING})
        listed = self.run_program("glasschatd", "account", "list", "--data", server.data, status=0).stdout.decode()
        self.assertEqual(sorted(told["ok"]), sorted(line.split("\t")[0] for line in listed.splitlines()))

    def test_each_row_has_its_test(self):
        self.assertEqual(sorted(marked(Server)), sorted(rows("server")))


if __name__ == "__main__":
    harness.main()
