#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""A connection that is cut, and what comes after it: real servers that die and come back, real terminals."""
import base64
import contextlib
import os
import re
import socket
import signal
import time

import glasschat_client as wire
import harness
from commands_case import code_of
from screens import Screens

CUT = "the connection was cut"


class Restarted(harness.TestCase):
    """A server that can be ended and begun again where it was, with the same accounts and key."""

    def setUp(self):
        super().setUp()
        self.port = self.own_port()
        self.begin()

    def begin(self, *options):
        self.now = self.server("--listen", f"127.0.0.1:{self.port}", *options)

    def die(self):
        self.now.kill()
        self.now.wait()

    def restart(self, *options):
        self.die()
        self.begin(*options)


class Scripts(Restarted):
    def talker(self, name, *options, **kw):
        return self.client(self.now, name, *options, **kw)

    def test_a_script_goes_on_after_a_restart(self):
        alice = self.talker("alice", "--reconnect")
        alice.say("/join exam")
        alice.expect(r"\* you joined exam")
        alice.say("before")
        with wire.Client(self.port) as bob:
            bob.enter("bob", harness.PASSWORD)
            bob.join("exam")
            alice.expect("bob joined exam")
            self.die()
        alice.expect(rf"\* {CUT}, by the network or by somebody in between\n\* connecting again in [2-8] s\n")
        alice.say("typed while nobody was there")
        self.begin()
        alice.expect(r"\* connected to .*, the one known from before\n\* you joined exam\n\* you are back, in exam: ")
        with wire.Client(self.port) as carol:
            carol.log_in("bob", harness.PASSWORD)
            carol.join("exam")
            alice.say("and after")
            while carol.wait_for(wire.SAID).text != "and after":
                pass
        alice.end_input()
        self.assertEqual(alice.wait(), 0, alice.err.text)
        self.assertEqual(alice.err.text, "")

    def test_what_was_typed_meanwhile_is_said_once_it_is_back(self):
        alice = self.talker("alice", "--reconnect")
        bob = self.talker("bob", "--reconnect")
        bob.say("/join exam")
        bob.expect("you joined")
        alice.say("/join exam")
        bob.expect("alice joined")
        self.die()
        alice.expect("connecting again")
        alice.say("for those in exam")
        self.begin()
        bob.expect("you are back, in exam")
        alice.expect("you are back, in exam")
        # It was read only then, and so for the room it was typed for.
        alice.say("the last")
        bob.expect(r"\[exam\] alice: the last")
        self.assertEqual(len(re.findall("for those in exam", bob.out.text)) <= 1, True)
        self.assertNotIn("[lobby] alice", bob.out.text)

    def test_a_server_that_stops_in_order_is_waited_for(self):
        alice = self.talker("alice", "--reconnect")
        self.now.stop()
        alice.expect(r"\* notice: the server is stopping\n\* the server closed the connection\n\* connecting again in")
        self.begin()
        alice.expect("you are back, in lobby")

    def test_without_the_option_a_script_ends(self):
        alice = self.talker("alice")
        self.die()
        self.assertEqual(alice.wait(), 1)
        self.assertEqual(alice.err.text, f"glasschat: {CUT}, by the network or by somebody in between: connect again\n")
        self.assertNotIn("again", alice.out.text)

    def test_who_is_closed_replaced_or_gone_is_not_called_back(self):
        alice = self.talker("alice", "--reconnect")
        with wire.Client(self.port) as second:
            second.log_in("alice", harness.PASSWORD)
            self.assertEqual(alice.wait(), 1)
        self.assertIn("logged in elsewhere", alice.err.text)
        bob = self.talker("bob", "--reconnect")
        done = self.run_program("glasschatd", "account", "remove", "bob", "--data", self.now.data, status=0)
        self.assertEqual(bob.wait(), 1, done)
        self.assertIn("the server closed the connection", bob.err.text)
        carol = self.talker("carol", "--reconnect")
        carol.end_input()
        self.assertEqual(carol.wait(), 0)
        for client in alice, bob, carol:
            self.assertNotIn("connecting again", client.out.text)

    def test_who_is_refused_gives_up(self):
        alice = self.talker("alice", "--reconnect")
        self.die()
        self.run_program("glasschatd", "account", "lock", "alice", "--data", self.now.data, status=0)
        self.begin()
        self.assertEqual(alice.wait(), 1)
        self.assertRegex(alice.err.text, "not logged in: .*wrong name, password or code|locked")
        self.assertEqual(len(re.findall("login failed|login-failed|auth", self.now.log)) < 3, True)

    def test_another_key_is_refused(self):
        alice = self.talker("alice", "--reconnect")
        self.die()
        for name in os.listdir(self.now.data):
            if name.startswith("server."):
                os.remove(os.path.join(self.now.data, name))
        self.begin()
        self.assertEqual(alice.wait(), 1)
        self.assertIn("REFUSED", alice.err.text)
        self.assertNotIn("log_in", self.now.log)

    def test_a_key_that_is_forgotten(self):
        """Whoever answers now would be met for the first time, and get the password; or, with a key that is kept and
        that nobody has compared, at the next start."""
        alice = self.talker("alice", "--reconnect")
        self.die()
        os.remove(os.path.join(alice.home, "known-servers"))
        for name in os.listdir(self.now.data):
            if name.startswith("server."):
                os.remove(os.path.join(self.now.data, name))
        self.begin()
        self.assertEqual(alice.wait(), 1)
        self.assertIn("REFUSED: the server's key is not known here any more", alice.err.text)
        self.assertNotIn("login", self.now.log)
        again = self.talker("alice", register=False)
        self.assertIn("for the first time, key ", again.out.text)

    def test_nothing_is_said_twice(self):
        """The text arrives, its answer doesn't: it is told as not confirmed, and not said again."""
        swallow = []
        proxy = self.proxy(self.now, lambda direction, data: None if swallow and direction == "down" else data)
        alice = self.talker("alice", "--reconnect", port=proxy.port)
        bob = self.talker("bob")
        alice.say("/join exam")
        alice.expect("you joined exam")
        bob.say("/join exam")
        bob.expect("you joined exam")
        alice.expect("bob joined exam")
        swallow.append(True)
        alice.say("perhaps")
        bob.expect(r"\[exam\] alice: perhaps")
        alice.expect(rf"\* {CUT}.*\n\* not confirmed: in exam: perhaps\n\* connecting again")
        swallow.clear()
        alice.expect("you are back, in exam")
        alice.say("certainly")
        bob.expect(r"\[exam\] alice: certainly")
        self.assertEqual(bob.out.text.count("perhaps"), 1)
        alice.end_input()
        self.assertEqual(alice.wait(), 1)  # as something may not have arrived

    def swallowed(self, *options):
        """A talker, and the list that, while there is something in it, keeps all answers from her and cuts her off."""
        swallow = []
        proxy = self.proxy(self.now, lambda direction, data: None if swallow and direction == "down" else data)
        return self.talker("alice", "--reconnect", *options, port=proxy.port), swallow

    def test_a_join_that_is_not_answered(self):
        """What follows it is for that room, and for no other."""
        alice, swallow = self.swallowed()
        bob = self.talker("bob")
        bob.say("/join exam")
        bob.expect("you joined exam")
        alice.expect("bob joined lobby")
        swallow.append(True)
        alice.say("/join exam")
        alice.say("for exam alone")
        alice.expect("connecting again")
        swallow.clear()
        alice.expect("you are back, in exam")
        bob.expect(r"\[exam\] alice: for exam alone")
        self.assertNotIn("[lobby]", bob.out.text)

    def test_a_leave_that_is_not_answered(self):
        alice, swallow = self.swallowed()
        bob = self.talker("bob")
        for client in bob, alice:
            client.say("/join exam")
            client.expect("you joined exam")
        bob.expect("alice joined exam")
        swallow.append(True)
        alice.say("/leave exam")
        alice.say("for the lobby alone")
        alice.expect("connecting again")
        swallow.clear()
        alice.expect("you are back, in lobby")
        bob.expect(r"\[lobby\] alice: for the lobby alone")
        self.assertNotIn("[exam]", bob.out.text)

    def test_answers_are_not_said(self):
        """Where a question is gone, what was to answer it is no text."""
        alice = self.talker("alice", "--reconnect")
        for line in "/password", harness.PASSWORD:
            alice.say(line)
            harness.wait_until(alice.is_read, "the line to be taken")
        self.die()
        with contextlib.suppress(BrokenPipeError):
            for line in "", "another password":
                alice.say(line)
        self.assertEqual(alice.wait(), 1)
        self.assertRegex(alice.err.text, r"what you were asked for is not done .*nothing after it was done or said")
        self.assertNotIn("you are back", alice.out.text)

    def test_a_change_of_the_account_that_is_not_answered(self):
        """The password may be the new one, or the old one: whoever is there should look."""
        alice, swallow = self.swallowed()
        alice.say("/peers")
        alice.expect("you have met nobody yet")
        alice.say("/password")
        alice.say(harness.PASSWORD)
        alice.say("")
        swallow.append(True)
        alice.say("another password")
        self.assertEqual(alice.wait(), 1)
        self.assertIn(CUT, alice.err.text)
        self.assertNotIn("connecting again", alice.out.text)

    def end_behind_the_answer(self, alice, stopped, line):
        """What comes to alice once she has said that line, and the server's good-bye, are there at the same time."""
        alice.say("/peers")
        alice.expect("you have met nobody yet")
        for before in line[:-1]:
            alice.say(before)
            harness.wait_until(alice.is_read, "the line to be taken")
        stopped.append(False)
        alice.say(line[-1])
        harness.wait_until(lambda: stopped[-1], "the answer")
        self.now.kill(signal.SIGTERM)
        self.now.wait()
        alice.kill(signal.SIGCONT)
        alice.expect("the server closed the connection")
        self.begin()

    def test_an_answer_that_comes_with_the_end(self):
        """It counts: the next login takes the new password, and a new key is not the server's alone."""
        password, key = ("/password", harness.PASSWORD, "", "another password"), ("/identity new", harness.PASSWORD, "")
        for name, line, words in ("alice", password, "password changed"), ("bob", key, "certificate registered"):
            stopped = []

            def change(direction, data):
                if stopped == [False] and direction == "down":
                    client.kill(signal.SIGSTOP)
                    stopped.append(True)
                return data

            client = self.talker(name, "--reconnect", port=self.proxy(self.now, change).port)
            self.end_behind_the_answer(client, stopped, line)
            client.expect("you are back, in lobby")
            self.assertRegex(client.out.text, words + r"(.*\n)+\* the server closed the connection")
            client.end_input()
            self.assertEqual(client.wait(), 0, client.err.text)
        self.assertIn("your new key is", client.out.text)

    def test_a_server_that_is_full(self):
        """That is no refusal: a little later it may be otherwise."""
        alice = self.talker("alice", terminal=True, env={"TERM": "dumb"})
        self.die()
        alice.expect("connect again\\? Enter does")
        self.begin("--max-clients", "1")
        with wire.Client(self.port) as bob:
            bob.enter("bob", harness.PASSWORD)
            alice.type("\n")
            alice.expect(r"\* .*the server is full: try again later")
            alice.expect("connect again\\? Enter does")
        self.now.expect_log("disconnect .*user=bob")
        alice.type("\n")
        alice.expect("you are back, in lobby")

    def test_what_is_no_glasschat(self):
        """A network's own page, as one meets it before one is let in there: nobody knows who said that."""
        for options in ["--reconnect"], []:
            with self.subTest(options):
                alice = self.talker(f"alice{len(options)}", *options, terminal=True, env={"TERM": "dumb"})
                self.die()
                with socket.create_server(("127.0.0.1", self.port)) as page:
                    alice.expect("connecting again in|connect again\\? Enter does")
                    alice.type("\n")
                    with page.accept()[0] as asked:
                        asked.sendall(b"HTTP/1.1 302 Found\r\nLocation: http://login.example/\r\n\r\n")
                        alice.expect(r"\* .*does not speak glasschat")
                self.begin()
                alice.expect("connecting again in|connect again\\? Enter does")
                alice.type("\n")
                alice.expect("you are back, in lobby")

    def test_as_many_rooms_as_one_may_be_in(self):
        """And the lobby, to which each login leads, is none of them."""
        self.restart("--max-joined", "3")
        alice = self.talker("alice", "--reconnect")
        alice.say("/leave lobby")
        alice.expect("you left lobby")
        for room in "one", "two", "three":
            alice.say(f"/join {room}")
            alice.expect(f"you joined {room}")
        self.restart("--max-joined", "3")
        alice.expect("you are back, in three")
        alice.end_input()
        self.assertEqual(alice.wait(), 0, alice.err.text)

    def test_a_room_that_can_not_be_joined_again(self):
        """What is typed next was meant for that room alone."""
        alice = self.talker("alice", "--reconnect")
        for room in "den", "exam":
            alice.say(f"/join {room}")
            alice.expect(f"you joined {room}")
        self.die()
        alice.expect("connecting again")
        self.begin("--max-rooms", "2")  # den and the lobby
        alice.say("for those in exam alone")
        self.assertEqual(alice.wait(), 1)
        self.assertRegex(alice.err.text, r"exam: .*nothing after it was done or said")
        self.assertNotIn("you talk in", alice.out.text)

    def locked(self, process):
        if harness.sanitized():
            self.skipTest("a sanitizer locks no memory")
        with open(f"/proc/{process.pid}/status") as f:
            return int(re.search(r"VmLck:\s+(\d+)", f.read())[1])

    def test_the_password_is_in_locked_memory_alone(self):
        alice, bob = self.talker("alice", "--reconnect"), self.talker("bob")
        self.assertEqual(self.locked(bob), 0)
        self.assertGreater(self.locked(alice), 0)

    def test_a_new_password_beside_a_second_factor_is_not_kept(self):
        """Nobody logs in with it alone."""
        alice, now = self.talker("alice", "--reconnect"), time.time()
        for line in "/2fa on", harness.PASSWORD, "":
            alice.say(line)
        secret = base64.b32decode(alice.expect(r"^\* secret: ([A-Z2-7]{32})$")[1])
        alice.say("/2fa confirm " + code_of(secret, now))
        alice.expect("second factor on")
        self.assertEqual(self.locked(alice), 0)
        for line in "/password", harness.PASSWORD, code_of(secret, now + 30), "another password":
            alice.say(line)
        alice.expect("password changed")
        self.assertEqual(self.locked(alice), 0)

    def test_direct_messages_and_sealed_rooms_go_on(self):
        alice, bob = self.talker("alice", "--reconnect"), self.talker("bob", "--reconnect")
        alice.say("/seal +exam")
        alice.expect(r"\* you joined \+exam")
        bob.say("/peers")  # which is answered once there are calls
        bob.expect("you have met nobody yet")
        alice.say("/invite bob")
        bob.expect("/accept")
        bob.say("/accept +exam alice")
        bob.expect(r"you joined \+exam")
        alice.say("one")
        bob.expect(r"\[\+exam\] alice, .*: one")
        bob.say("two")
        alice.expect(r"\[\+exam\] bob, .*: two")
        self.restart()
        alice.expect(r"you are back, in \+exam")
        bob.expect(r"you are back, in \+exam")
        # Each has to hear of the other, and to have the keys: as after any coming.
        time.sleep(1)
        alice.say("three")
        bob.expect(r"\[\+exam\] alice, .*: three")
        bob.say("/msg alice four")
        alice.expect(r"\[bob, .*\] four")
        alice.end_input()
        bob.end_input()
        self.assertEqual((alice.wait(), bob.wait()), (0, 0), alice.err.text + bob.err.text)

    @harness.waits
    def test_fifty_come_back_without_a_herd(self):
        crowd = [self.talker(f"u{i}", "--reconnect", ready=False) for i in range(50)]
        for client in crowd:
            client.expect("in lobby")
        self.die()
        for client in crowd:
            client.expect("connecting again in")
        began = time.monotonic()
        self.begin()
        for client in crowd:
            client.expect("you are back, in lobby")
        took = time.monotonic() - began
        at = [int(s) for s in re.findall(r"^\S+T\d+:\d+:(\d+)\S* \w+ login .*user=u", self.now.log, re.M)]
        self.assertNotRegex(self.now.log, "refused|try.later|limit")
        self.assertGreater(took, 2)
        self.assertGreater(len(set(at)), 3, "they all came at once")


class Terminals(Screens):
    def window_on(self, name, server, *options, **kw):
        self.window(name, server, *options, **kw)

    def test_by_itself_and_what_is_typed_stays(self):
        if not self.edits():
            self.skipTest("built without libedit")
        port = self.own_port()
        server = self.server("--listen", f"127.0.0.1:{port}")
        self.window("alice", server, "--reconnect", columns=80)
        self.type("alice", "/join exam", "Enter")
        self.see("alice", "exam>")
        self.type("alice", "half of a line")
        server.kill()
        server.wait()
        self.see("alice", "not connected, again in")
        self.see("alice", "s> half of a line")
        counts = set()
        deadline = time.monotonic() + 1.9
        while time.monotonic() < deadline:
            counts |= set(re.findall(r"again in (\d+) s> half of a line", self.screen("alice")))
            time.sleep(0.1)
        self.assertGreater(len(counts), 1)
        server = self.server("--listen", f"127.0.0.1:{port}")
        self.see("alice", "you are back, in exam")
        self.see("alice", "exam> half of a line")
        with wire.Client(port) as bob:
            bob.enter("bob", harness.PASSWORD)
            bob.join("exam")
            self.see("alice", "bob joined exam")
            self.type("alice", ", and the rest", "Enter")
            self.assertIn("half of a line, and the rest", str(bob.wait_for(wire.SAID).text))

    def test_enter_cuts_it_short_and_quit_leaves(self):
        port = self.own_port()
        server = self.server("--listen", f"127.0.0.1:{port}")
        self.window("alice", server, "--reconnect", columns=80)
        server.kill()
        server.wait()
        self.see("alice", "Enter does it now, /quit leaves")
        self.type("alice", "", "Enter")
        self.see("alice", "Connection refused")
        self.type("alice", "hello", "Enter")
        self.see("alice", "not said: you are not connected; Enter connects")
        self.type("alice", "/quit", "Enter")
        self.see("alice", "status 1")

    def test_what_is_pasted_meanwhile(self):
        """An empty line in it connects, and what comes after that was no text."""
        port = self.own_port()
        server = self.server("--listen", f"127.0.0.1:{port}")
        for name, term in ("alice", "screen"), ("carol", "dumb"):
            self.window(name, server, term=term, columns=90)
        server.kill()
        server.wait()
        server = self.server("--listen", f"127.0.0.1:{port}")
        self.window("bob", server)
        for name in "alice", "carol":
            self.see(name, "connect again? Enter does")
            self.type(name, f"/password\r{harness.PASSWORD}\r\rthe next password\rthe next password\r")
            self.see(name, "not said: you are not connected")
            self.see(name, "right after it is thrown away")
            self.type(name, "", "Enter")
            self.see(name, "you are back, in lobby")
            self.type(name, f"the end of {name}", "Enter")
            self.see("bob", f"{name}: the end of {name}")
        self.assertNotIn("next password", self.screen("bob"))

    def test_what_is_typed_while_it_connects(self):
        """The password stands in a file, and is not asked for: nothing else would throw it away."""
        port = self.own_port()
        server = self.server("--listen", f"127.0.0.1:{port}")
        for name, term in ("alice", "screen"), ("carol", "dumb"):
            self.window(name, server, term=term, columns=90)
        server.kill()
        server.wait()
        server = self.server("--listen", f"127.0.0.1:{port}")
        self.window("bob", server)
        for name in "alice", "carol":
            self.see(name, "connect again? Enter does")
            self.type(name, f"\r{harness.PASSWORD}\rthe next password\r")
            self.see(name, "not said: you are not connected yet")
            self.see(name, "you are back, in lobby")
            self.type(name, f"the end of {name}", "Enter")
            self.see("bob", f"{name}: the end of {name}")
        self.assertNotIn("next password", self.screen("bob"))

    def test_a_join_meanwhile(self):
        port = self.own_port()
        server = self.server("--listen", f"127.0.0.1:{port}")
        for name, term in ("alice", "screen"), ("carol", "dumb"):
            self.window(name, server, term=term, columns=90)
        server.kill()
        server.wait()
        for name in "alice", "carol":
            self.see(name, "connect again? Enter does")
            self.type(name, "/join +den", "Enter")
            self.see(name, "not said: you are not connected")
        server = self.server("--listen", f"127.0.0.1:{port}")
        for name in "alice", "carol":
            self.type(name, "", "Enter")
            self.see(name, "what you type is said to nobody now: /join lobby to talk there again")
            self.see(name, "* you are back:")
            self.type(name, "in the clear", "Enter")
            self.see(name, "/join one")

    def person(self, port):
        """Who types the password."""
        alice = self.started(harness.Process(
            [harness.program("glasschat"), f"alice@127.0.0.1:{port}", "--home", os.path.join(self.folder, "home"),
             "--register", "--email", "alice@example.org"], terminal=True, env={"TERM": "dumb"}))
        for question in "new password: ?", "repeat password: ?":
            alice.expect(question)
            alice.type("correct horse\n")
        alice.expect("in lobby")
        return alice

    def test_without_the_option_it_asks(self):
        port = self.own_port()
        server = self.server("--listen", f"127.0.0.1:{port}")
        alice = self.person(port)
        server.kill()
        server.wait()
        alice.expect("connect again\\? Enter does, /quit leaves")
        server = self.server("--listen", f"127.0.0.1:{port}")
        alice.type("\n")
        alice.expect("password: ?")
        alice.type("correct horse\n")
        alice.expect("code .*: ?")
        alice.type("\n")
        alice.expect("you are back, in lobby")
        self.assertNotIn("correct horse", alice.out.text)
        server.kill()
        server.wait()
        alice.expect("connect again\\? Enter does, /quit leaves")
        alice.kill(signal.SIGINT)
        self.assertEqual(alice.wait(), 1)

    def test_the_password_is_asked_for_at_once(self):
        """Whoever types it before is shown it. A wait would be one of a second, each time; a busy machine's is not."""
        port = self.own_port()
        server = self.server("--listen", f"127.0.0.1:{port}")
        alice = self.client(server, "alice", terminal=True, env={"TERM": "dumb"})
        alice.type("/peers\n")
        alice.expect("you have met nobody yet")  # her key is open, and nothing else wakes her
        os.remove(os.path.join(self.folder, "password-alice"))
        waited = []
        for _ in range(6):
            server.kill()
            server.wait()
            alice.expect("connect again\\? Enter does")
            server = self.server("--listen", f"127.0.0.1:{port}")
            alice.type("\n")
            alice.expect("connected to")
            began = time.monotonic()
            alice.expect("password: ?")
            waited.append(time.monotonic() - began)
            if waited[-1] < 0.8:
                break
            alice.type(f"{harness.PASSWORD}\n")
            alice.expect("code .*: ?")
            alice.type("\n")
            alice.expect("you are back")
        self.assertLess(min(waited), 0.8)

    def test_half_of_a_password(self):
        """None of it is shown, whenever the connection is cut; what was typed is thrown away, and Enter is Enter."""
        port = self.own_port()
        server = self.server("--listen", f"127.0.0.1:{port}")
        alice = self.person(port)
        alice.type("/password\n")
        for _ in range(2):  # by the command, and after the connection was made again
            alice.expect("password: ?")
            alice.type("correct ")
            server.kill()
            server.wait()
            alice.expect("connect again\\? Enter does")
            server = self.server("--listen", f"127.0.0.1:{port}")
            alice.type("horse\n")
            alice.expect("connected to")
        self.assertNotIn("correct", alice.out.text)
        self.assertNotIn("horse", alice.out.text)

    def cut_while_a_key_is_made(self, port, register):
        """A client that is back; None where the key was made, or asked for, before the cut: that is chance."""
        server = self.server("--listen", f"127.0.0.1:{port}")
        alice = self.client(server, "alice", register=register, terminal=True, env={"TERM": "dumb"})
        alice.type("/identity new\n")
        alice.expect("password: ?")
        alice.type(f"{harness.PASSWORD}\n")
        alice.expect("code .*: ?")
        alice.type("\n")
        time.sleep(0.05)
        server.kill()
        server.wait()
        alice.expect("the connection was cut")
        if "your new key is" in alice.out.text or "certificate registered" in alice.out.text:
            return None
        harness.wait_until(lambda: alice.child.poll() is not None or "connect again? Enter" in alice.out.text, "the end")
        if alice.child.poll() is not None:
            return None
        self.server("--listen", f"127.0.0.1:{port}")
        alice.type("\n")
        alice.expect("you are back")
        return alice

    def test_a_key_that_is_made_meanwhile(self):
        """What was typed for it is gone with the connection: nothing is asked in its name on the next one."""
        port = self.own_port()
        for i in range(20):
            alice = self.cut_while_a_key_is_made(port, register=i == 0)
            if alice is not None:
                break
        harness.wait_until(lambda: "no new identity: " in alice.out.text, "what becomes of the key")
        self.assertIn("no new identity: the connection was cut", alice.out.text)

    def test_a_file_with_an_old_password(self):
        """It is not tried again and again, each time as a wrong guess."""
        port = self.own_port()
        server = self.server("--listen", f"127.0.0.1:{port}")
        alice = self.client(server, "alice", terminal=True, env={"TERM": "dumb"})
        alice.type("/password\n")
        for question, answer in (("password: ?", harness.PASSWORD), ("code .*: ?", ""),
                                 ("new password: ?", "another password"), ("repeat password: ?", "another password")):
            alice.expect(question)
            alice.type(answer + "\n")
        alice.expect("password changed")
        server.kill()
        server.wait()
        alice.expect("connect again\\? Enter does")
        self.server("--listen", f"127.0.0.1:{port}")
        alice.type("\n")
        alice.expect("not logged in: ")
        alice.expect("connect again\\? Enter does")
        alice.type("\n")
        alice.expect("password: ?")
        alice.type("another password\n")
        alice.expect("code .*: ?")
        alice.type("\n")
        alice.expect("you are back")

    def test_a_pipe_is_not_read_again(self):
        """It has given its password, and would be waited for while nothing can be typed."""
        port = self.own_port()
        server = self.server("--listen", f"127.0.0.1:{port}")
        first = self.client(server, "alice")
        first.end_input()
        first.wait()
        pipe = os.path.join(self.folder, "pipe")
        os.mkfifo(pipe, 0o600)
        alice = self.started(harness.Process(
            [harness.program("glasschat"), f"alice@127.0.0.1:{port}", "--home", os.path.join(self.folder, "home"),
             "--password-file", pipe], terminal=True, env={"TERM": "dumb"}))
        with open(pipe, "w") as f:
            f.write(harness.PASSWORD + "\n")
        alice.expect("in lobby")
        server.kill()
        server.wait()
        alice.expect("connect again\\? Enter does")
        self.server("--listen", f"127.0.0.1:{port}")
        alice.type("\n")
        alice.expect("connected to")
        alice.expect("password: ?", 5)

    def test_a_wrong_password_asks_again(self):
        port = self.own_port()
        server = self.server("--listen", f"127.0.0.1:{port}")
        alice = self.client(server, "alice", "--reconnect", terminal=True, env={"TERM": "dumb"})
        server.kill()
        server.wait()
        self.run_program("glasschatd", "account", "lock", "alice", "--data", server.data, status=0)
        alice.expect("connecting again")
        self.server("--listen", f"127.0.0.1:{port}")
        alice.type("\n")
        alice.expect("not logged in: ")
        alice.expect("connect again\\? Enter does")
        alice.type("/quit\n")
        self.assertEqual(alice.wait(), 1)


if __name__ == "__main__":
    harness.main()
