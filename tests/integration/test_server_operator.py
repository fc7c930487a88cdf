#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""The real server as its operator meets it: how it starts, stops and is used wrongly, and its console."""
import hashlib
import os
import shutil
import signal
import time

import glasschat_client as wire
import harness
from glasschat_client import Closed, Refused, v8, v16
from server_case import PASSWORD, ServerCase


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
        numbers = [c.post(wire.LOG_IN, v8(b"u%d" % i) + v8(PASSWORD.encode()) + v8(b"")) for i, c in enumerate(held)]
        harness.wait_until(lambda: server.status("jobs") > 0, "the passwords are being hashed")
        server.stop()
        for c, number in zip(held, numbers):  # each is told how it ended, or that there was no time for it
            with self.assertRaises(Refused) as refused:
                c.answer_to(number)
            self.assertIn(refused.exception.args[0], (wire.E_LOGIN_FAILED, wire.E_STOPPING))
        self.assertEqual(len(self.disconnects(server)), 30)

    def test_one_who_leaves_during_work(self):
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
        self.assertEqual(server.out.text.count("anna joined lobby"), 1)
        self.assertEqual(server.out.text.count("[lobby] anna: "), 1)
        self.assertNotIn("operator: ", server.out.text)  # nobody hears what they say themselves

    def test_the_console_shows_what_it_hears_in_the_same_turn(self):
        """Else only what wakes the loop next would bring it: soon there is nothing."""
        server = self.server("--console")
        a = self.member(server, "anna")
        rooms = ["room%d" % i for i in range(8)]
        for room in rooms:
            server.type(f"/join {room}\n")
            server.expect(rf"^\* lines go to {room} now$")
        for room in rooms:
            a.join(room)
            server.expect(rf"^\* anna joined {room}$")
        a.close()
        server.stop()

    def test_a_server_with_nothing_else_to_do_is_quit(self):
        for word in "/quit", "quit", "exit":
            with self.subTest(word=word):
                server = self.server("--console")
                server.type(word + "\n")
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
        """It is read to its end, even a last line without a line end, and then costs nothing."""
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
        """Whether its loop runs, or wants to, at a moment when nobody asks for anything: that is the same on a busy
        machine."""
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
            # The sandbox forbids what a leak check does at the end, and --sandbox off gets a warning, one line more.
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
