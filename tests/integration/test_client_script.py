#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""The client without a terminal, with a real server: what scripts may rely on, and how it ends."""
import os
import signal
import socket
import subprocess
import threading

import harness
from client_case import PASSWORD, ClientCase
from glasschat_client import Client


class Script(ClientCase):
    def test_a_whole_session(self):
        server = self.server()
        lines = "hello\n\n/who\n/rooms\n/join den\n/join lobby\n/leave den\n/who den\n//x\r\nexit\nno"
        out, err = self.run_client(server, lines, new=True, status=1)
        self.assertEqual(out.split("\n")[2:], [
            "* registered alice", "* logged in as alice, in lobby", "* in lobby: alice",
            "* room lobby: 1 member, you among them", "* you joined den", "* you talk in lobby now", "* you left den",
            ""])
        self.assertEqual(err, "glasschat: den: there is no such room\n")
        server.expect_log("disconnect .*user=alice.*logged out")

    def test_sealed_rooms_are_listed(self):
        """Where this client is ready: it has a key for calls."""
        server = self.server()
        with Client(server.port, timeout=harness.PATIENCE) as other:
            other.enter("bob")
            other.ready()
            other.join("+den")
            out, _ = self.run_client(server, "/rooms\n", new=True)
            self.assertIn("\n* room +den: 1 member\n* room lobby: 2 members, you among them\n", out)
            out, _ = self.run_client(server, "/rooms\n", home="another")  # which has no key of alice
            self.assertNotIn("+den", out)
            self.assertIn("\n* room lobby: 2 members, you among them\n", out)

    def test_lines_arrive_whole_in_their_order(self):
        server = self.server(*harness.FAST)
        listener = self.client(server, "bob")
        lines = "".join(f"line {i}\n" for i in range(1000))
        self.run_client(server, lines, new=True)
        listener.expect(r"\* alice left lobby")
        heard = [l for l in listener.out.text.split("\n") if l.startswith("[lobby]")]
        self.assertEqual(heard, [f"[lobby] alice: line {i}" for i in range(1000)])

    def test_texts_that_break_the_rules_are_not_sent(self):
        server = self.server()
        bad = ["a\x1b[2Jb", "\udcff\udcfe", "\u202eturned", "x" * 4001]
        out, err = self.run_client(server, "\n".join(bad) + "\n" + "x" * 4000 + "\n", new=True, status=1)
        self.assertEqual(err.count("glasschat: not said: "), len(bad))
        self.assertEqual(err.count("\n"), len(bad))

    def test_wrong_password_and_taken_name(self):
        server = self.server()
        self.run_client(server, "", new=True)
        taken = self.refuse(server, "not registered: this name is taken", new=True)
        self.assertIn("log in without --register", taken)
        self.password_file("password", "another password\n")
        self.refuse(server, "not logged in: wrong name, password or code")
        self.refuse(server, "not logged in: wrong name, password or code", user="nobody")

    def test_password_files(self):
        server = self.server()
        self.run_client(server, "", new=True)
        for text, why in (("", "must be the password"), ("short\n", "must be the password"),
                          ("x" * 129, "must be the password"),
                          (PASSWORD + "\n12345\n", "code of six digits"), (PASSWORD + "\n\nmore\n", "two lines only"),
                          (PASSWORD + "\n" * 400, "too long")):
            self.password_file("password", text)
            self.refuse(server, why)
        for text in (PASSWORD, PASSWORD + "\r\n", PASSWORD + "\n\n", "\ufeff" + PASSWORD, f"\ufeff{PASSWORD}\r\n\r\n"):
            self.password_file("password", text)
            self.run_client(server, "")
        self.password_file("password", "\ufeff\ufeff" + PASSWORD)  # the first is no part of it
        _, err = self.run_client(server, "", user="carol", new=True, status=1)
        self.assertRegex(err, "password: it begins with a byte order mark")
        self.refuse(server, "wrong name, password or code")  # an account may have such a one of before
        self.password_file("password", PASSWORD)
        self.run_client(server, "", user="carol", new=True)
        self.password_file("password", PASSWORD + "\n123456\n")  # there is no second factor, so no code is right
        self.refuse(server, "wrong name, password or code")
        self.password_file("password", PASSWORD, 0o640)
        self.refuse(server, "chmod 600")
        os.remove(os.path.join(self.folder, "password"))
        self.refuse(server, "No such file")

    def test_a_password_file_is_read_before_anything_is_sent(self):
        with socket.create_server(("127.0.0.1", 0)) as listener:
            listener.setblocking(False)
            self.password_file("password", "short\n")
            self.refuse(listener.getsockname()[1], "must be the password")
            os.remove(os.path.join(self.folder, "password"))
            self.refuse(listener.getsockname()[1], "No such file")
            with self.assertRaises(BlockingIOError):
                listener.accept()

    def test_names_that_nobody_can_have(self):
        with socket.create_server(("127.0.0.1", 0)) as listener:
            for name in "root", "server":
                self.refuse(listener.getsockname()[1], "kept for the server and its operator", user=name, new=True,
                            status=2)

    def test_wrong_usage(self):
        """Each line is right but for one thing, and that is what the words are about."""
        pin = "SHA256:AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE="
        for words, *args in (("which server?", "--no-config"), ("is too many", "a@h", "b"), ("is no user name", "Bad@h"),
                             ("is not HOST", "a@h:70000"), ("is not HOST", "a@h:"), ("is not HOST", "a@::1"),
                             ("a blank in it", "a@h h"), ("unknown option", "a@h", "--nope"),
                             ("--pin needs a value", "a@h", "--pin"), ("--pin takes", "a@h", "--pin", "SHA256:x"),
                             ("--register needs --email", "a@h", "--register"),
                             ("with --register only", "a@h", "--email", "a@b.c"),
                             ("is not an e-mail address", "a@h", "--register", "--email", "nobody"),
                             ("--suite takes", "a@h", "--suite", "rc4"), ("--group takes", "a@h", "--group=dh1024"),
                             ("--home takes", "a@h", "--home", ""), ("--home takes", "a@h", "--home", "x" * 1024),
                             ("choose one", "a@h", "--ca", "x", "--pin", pin), ("who are you?", "h")):
            done = self.run_program("glasschat", *([*args[:1], "--password-file", "x", *args[1:]] if args else []), status=2)
            self.assertIn(words, done.stderr.decode())
        done = self.run_program("glasschat", "a@h", status=2)
        self.assertIn(b"the password must come from --password-file", done.stderr)
        told = self.run_program("glasschat", "--help", status=0).stdout
        self.assertIn(b"usage: glasschat [[USER@]HOST[:PORT]]", told)
        self.assertLess(max(map(len, told.splitlines())), 80)  # no terminal breaks it within a word
        self.assertIn(b"glasschat ", self.run_program("glasschat", "--version", status=0).stdout)

    def test_where_no_server_is(self):
        with socket.create_server(("127.0.0.1", 0)) as listener:
            port = listener.getsockname()[1]
            threading.Thread(target=self.answer, args=(listener, b"SSH-2.0-OpenSSH_9.2\r\n"), daemon=True).start()
            self.refuse(port, "does not speak glasschat")
            threading.Thread(target=self.answer, args=(listener, b""), daemon=True).start()
            self.refuse(port, "cut during the handshake")
        self.refuse(self.own_port(), "Connection refused: is the server running there, and is the port right?")

    @staticmethod
    def answer(listener, data):
        connection, _ = listener.accept()
        connection.recv(1000)
        connection.sendall(data)
        connection.close()

    def test_interrupted_while_nobody_answers(self):
        with socket.create_server(("127.0.0.1", 0)) as listener:
            alice = self.started(harness.Client(self.folder, "alice", listener.getsockname()[1]))
            connection, _ = listener.accept()
            connection.recv(1)
            alice.kill(signal.SIGINT)
            self.assertEqual(alice.wait(), -signal.SIGINT)
            connection.close()

    def test_ends_of_the_connection_are_told_apart(self):
        for end, why in ((signal.SIGTERM, "closed the connection"), (signal.SIGKILL, "was cut")):
            server = self.server()
            alice = self.client(server, "alice", register=end == signal.SIGTERM)
            server.kill(end)
            alice.err.expect("glasschat: the (server|connection) " + why)
            self.assertEqual(alice.wait(), 1)
            server.wait()

    def test_replaced(self):
        server = self.server()
        first = self.client(server, "alice")
        self.client(server, "alice", register=False)
        first.err.expect("logged in elsewhere")
        self.assertEqual(first.wait(), 1)

    def test_interrupted(self):
        server = self.server()
        alice = self.client(server, "alice")
        alice.kill(signal.SIGTERM)
        self.assertEqual(alice.wait(), 1)
        server.expect_log("user=alice .*logged out")

    def test_nobody_reads_what_it_writes(self):
        server = self.server()
        alice = self.client(server, "alice")
        reader, writer = os.pipe()
        os.close(reader)
        done = subprocess.run([harness.program("glasschat"), f"bob@127.0.0.1:{server.port}", "--home",
                               os.path.join(self.folder, "home"), "--password-file",
                               os.path.join(self.folder, "password"), "--register", "--email", "b@example.org"],
                              stdin=subprocess.PIPE, stdout=writer, stderr=subprocess.PIPE, timeout=harness.PATIENCE)
        os.close(writer)
        self.assertEqual(done.returncode, 1)
        self.assertIn(b"cannot write", done.stderr)
        self.assertEqual(alice.child.poll(), None)

    def test_a_script_that_cannot_be_read(self):
        """That is not its end: nobody may take what was left out for done."""
        server = self.server()
        folder = os.open("/", os.O_RDONLY)  # the system opens one, and reads none
        done = subprocess.run([harness.program("glasschat"), f"bob@127.0.0.1:{server.port}", "--home",
                               os.path.join(self.folder, "home"), "--password-file",
                               os.path.join(self.folder, "password"), "--register", "--email", "b@example.org"],
                              stdin=folder, capture_output=True, timeout=harness.PATIENCE)
        os.close(folder)
        self.assertEqual(done.returncode, 1)
        self.assertEqual(done.stderr, b"glasschat: cannot read the input: Is a directory: nothing more was done or said\n")

    def test_started_without_its_standard_descriptors(self):
        """Then the connection must not take their numbers: what is for the screen would go to the network in the clear,
        and what came from there would be taken for what was typed."""
        server = self.server()
        bob = self.client(server, "bob")
        for i, (closed, status) in enumerate((("1>&-", 1), ("2>&-", 1), ("1>&- 2>&-", 1), ("0<&-", 0),
                                              ("0<&- 1>&- 2>&-", 1))):
            user = f"alice{i}"
            command = [harness.program("glasschat"), f"{user}@127.0.0.1:{server.port}", "--home", self.folder,
                       "--password-file", os.path.join(self.folder, "password"), "--register", "--email",
                       "a@example.org"]
            done = subprocess.run(["sh", "-c", f'exec "$@" {closed}', "sh", *command], input=b"/nonsense\n",
                                  capture_output=True, timeout=harness.PATIENCE)
            self.assertEqual(done.returncode, status, (closed, done))
            if "1>&-" not in closed:  # else it leaves before it asks for anything
                server.expect_log(f"register.* user={user} ")
            self.assertRegex(server.expect_log("disconnect .*\n")[0], "logged out|said good-bye|closed")
        self.assertEqual(bob.child.poll(), None)

    def test_no_core_dumps(self):
        server = self.server()
        alice = self.client(server, "alice")
        self.assertEqual(harness.core_limit(alice.pid), harness.NO_CORE)


if __name__ == "__main__":
    harness.main()
