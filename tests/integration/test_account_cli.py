#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""`glasschatd account ...`: on the store while no server runs, and through the running server's socket."""
import calendar
import os
import re
import signal
import subprocess
import time
import unittest

import glasschat_client as wire
import harness
from account_case import totp
from account_cli_case import PASSWORD, AccountCliCase
from glasschat_client import Refused


class Both:
    """Everything twice: with a server, which is started by `running`, and without."""

    def test_many_from_a_file(self):
        names = [f"user{i}" for i in range(40)]
        self.assertEqual(self.account("add", "--from", self.roster(names)), "40 accounts added\n")
        self.assertIn("--pbkdf2-iterations", self.warnings)
        self.assertEqual(self.names(), sorted(names))
        server = self.running()
        for name in ("user0", "user16", "user39"):
            self.log_in(server, name, f"{PASSWORD} {name}").close()
        self.refused(server, "user0", f"{PASSWORD} user1")

    def test_from_standard_input_with_comments_and_crlf(self):
        text = b"# for the course\r\n\r\nalice\ta@example.org\t" + PASSWORD.encode() + b"\r\nbob\tb@example.org\tpa ss wd"
        self.assertEqual(self.account("add", "--from", "-", stdin=text), "2 accounts added\n")
        server = self.running()
        self.log_in(server, "alice", PASSWORD).close()
        self.log_in(server, "bob", "pa ss wd").close()

    def test_a_wrong_line_is_named_and_nothing_is_added(self):
        good = f"alice\ta@example.org\t{PASSWORD}\n"
        for bad, why in (("bob\tb@example.org\n", "with a tab between"), (f"bob b@example.org {PASSWORD}\n", "with a tab"),
                         (f"bob\tb@example.org\t{PASSWORD}\tmore\n", "with a tab"), (f"Bob\tb@x.org\t{PASSWORD}\n", "name must"),
                         (f"root\tb@example.org\t{PASSWORD}\n", "nobody may have"), (f"bob\tb@\t{PASSWORD}\n", "e-mail"),
                         ("bob\tb@example.org\tshort\n", "8 to 128"), (f"bob\tb@example.org\t{'x' * 129}\n", "8 to 128"),
                         (f"alice\tb@example.org\t{PASSWORD}\n", "an earlier"), (f"bo\0b\tb@x.org\t{PASSWORD}\n", "zero byte")):
            with self.subTest(bad=bad):
                self.account("add", "--from", self.write("bad.tsv", good + "\n" + bad + good.replace("alice", "carl")), status=1)
                self.assertRegex(self.errors, r"bad.tsv line 3: .*" + why + ".*; nothing was added")
                self.assertEqual(self.names_or_none(), [])

    def names_or_none(self):
        return self.names() if os.path.exists(self.data) else []

    def test_a_name_that_is_taken_stops_all(self):
        self.account("add", "--from", self.roster(["alice"]))
        self.account("add", "--from", self.roster(["bob", "alice", "carl"]), status=1)
        self.assertRegex(self.errors, r"roster.tsv line 2: alice is taken; nothing was added")
        self.account("add", "--from", "-", stdin=f"alice\ta@example.org\t{PASSWORD}\n".encode(), status=1)
        self.assertEqual(self.errors, "glasschatd: standard input line 1: alice is taken; nothing was added\n")
        self.assertEqual(self.names(), ["alice"])

    def test_a_file_that_others_can_read_is_warned_of(self):
        path = self.roster(["alice"])
        self.account("add", "--from", path)
        self.assertNotIn("other users", self.warnings)
        os.chmod(path, 0o644)
        self.account("add", "--from", path, status=1)
        self.assertIn("other users", self.warnings)

    def test_locked_is_as_a_wrong_password_until_unlocked(self):
        self.account("add", "--from", self.roster(["alice"]))
        self.assertIn("alice is locked", self.account("lock", "alice"))
        self.assertEqual(self.account("list").split("\t")[3], "locked")
        server = self.running()
        self.refused(server, "alice", f"{PASSWORD} alice")
        self.account("unlock", "alice")
        alice = self.log_in(server, "alice", f"{PASSWORD} alice")
        self.assertEqual(alice.wait_for(wire.NOTICE).text,  # no word of a code: it has none
                         "1 failed try to log in since your last login, 1 with the right password: if that was not "
                         "you, change your password")
        alice.close()
        self.assertEqual(self.account("list").split("\t")[3], "-")

    def test_reset_gives_a_new_password(self):
        self.account("add", "--from", self.roster(["alice"]))
        self.assertEqual(self.account("reset", "alice", "--password-file", self.write("new", "another one\n")),
                         "alice has a new password\n")
        server = self.running()
        self.refused(server, "alice", f"{PASSWORD} alice")
        self.log_in(server, "alice", "another one").close()

    def test_a_password_is_piped_in(self):
        self.account("add", "alice", "a@example.org", "--password-file", "-", stdin=PASSWORD.encode() + b"\nmore\n")
        server = self.running()
        self.log_in(server, "alice", PASSWORD).close()
        self.account("reset", "alice", "--password-file", "-", stdin=b"too few", status=1)
        self.assertEqual(self.errors,
                         "glasschatd: standard input: its first line must be the password, 8 to 128 bytes\n")
        marked = b"\xef\xbb\xbf" + PASSWORD.encode()
        self.account("reset", "alice", "--password-file", "-", stdin=marked + b"\r\n")  # no part of the password
        self.account("reset", "alice", "--password-file", "-", stdin=b"\xef\xbb\xbf" + marked, status=1)
        self.assertRegex(self.errors, "standard input: it begins with a byte order mark")
        self.log_in(server, "alice", PASSWORD).close()
        slow = subprocess.Popen(["sh", "-c", "printf another; sleep 0.3; echo ' one'"], stdout=subprocess.PIPE)
        done = subprocess.run([harness.program("glasschatd"), "--data", self.data, "account", "reset", "alice",
                               "--password-file", "-"], stdin=slow.stdout, capture_output=True,
                              timeout=harness.PATIENCE)
        slow.stdout.close()
        slow.wait()
        self.assertEqual((done.returncode, done.stderr), (0, b""))
        self.log_in(server, "alice", "another one").close()

    def test_add_one(self):
        self.account("add", "alice", "a@example.org", "--password-file", self.write("new", PASSWORD + "\n"))
        self.log_in(self.running(), "alice", PASSWORD).close()

    def test_removed_names_are_gone_for_ever(self):
        self.account("add", "--from", self.roster(["alice", "bob"]))
        self.account("remove", "alice")
        self.assertEqual(self.names(), ["bob"])
        self.account("add", "--from", self.roster(["alice"]), status=1)
        self.assertIn("alice is taken", self.errors)
        server = self.running()
        self.refused(server, "alice", f"{PASSWORD} alice")
        with self.assertRaises(Refused) as refused:
            self.connect(server).register("alice", "a@example.org", PASSWORD)
        self.assertEqual(refused.exception.args[0], wire.E_NAME_TAKEN)

    def test_list(self):
        before = int(time.time())
        self.account("add", "--from", self.roster(["bob", "alice"]))
        found = re.fullmatch(r"alice\talice@example.org\t(\d+-\d+-\d+T\d+:\d+:\d+Z)\t-\t-\t0\t-\nbob\t.*\n", self.account("list"))
        self.assertTrue(found)
        self.assertAlmostEqual(calendar.timegm(time.strptime(found[1], "%Y-%m-%dT%H:%M:%SZ")), before, delta=60)

    def test_long_lists_come_in_parts(self):
        names = [f"user{i:04}" for i in range(1500)]
        self.account("add", "--from", self.write("long.tsv", "".join(
            f"{n}\t{n}{'x' * 50}@{'y' * 60}.{'y' * 60}.org\t{PASSWORD}\n" for n in names)))
        self.assertEqual(self.names(), names)

    def test_a_link_in_the_folder_s_place_is_refused(self):
        """Whatever comes after its name, and whether a server runs or not."""
        self.account("add", "anna", "a@example.org", "--password-file", self.write("password", PASSWORD))
        folder, link = self.data, os.path.join(self.folder, "link")
        os.symlink(folder, link)
        for self.data in (link, link + "/", link + "//", link + "/.", link + "/./"):
            self.account("list", status=1)
            self.assertIn("is no folder", self.errors)
        self.data = folder + "/"
        self.assertEqual(self.names(), ["anna"])

    def test_who_is_not_there(self):
        self.account("add", "--from", self.roster(["alice"]))
        for verb in ("lock", "unlock", "remove"):
            self.account(verb, "nobody", status=1)
            self.assertIn("there is no account of the name nobody; ", self.errors)
            self.account(verb, "no\nbody\33[2J", status=1)
            self.assertIn("'no", self.errors)
            self.assertNotIn("\33", self.errors)
        self.account("reset", "nobody", "--password-file", self.write("new", PASSWORD), status=1)
        self.assertEqual(self.names(), ["alice"])

    def test_wrong_usage(self):
        every, one, add = "account add|list|lock", "account lock NAME", "account add --from FILE, or: account add NAME"
        for words, why in (((), every), (("nonsense",), every), (("lock",), one), (("lock", "a", "b"), one),
                           (("lock", "a", "--password-file", "x"), one), (("list", "a"), "account list:"),
                           (("list", "--from", "x"), "account list:"), (("add",), add), (("add", "a"), add),
                           (("add", "--from", "x", "--password-file", "y"), add), (("add", "a", "--from", "x"), add),
                           (("add", "a", "b", "c", "d"), "unexpected argument 'c'")):
            with self.subTest(words=words):
                self.account(*words, status=2)
                self.assertIn(why, self.errors)

    def test_passwords_stay_out_of_what_is_printed_and_stored(self):
        self.account("add", "--from", self.roster(["alice"]))
        self.account("reset", "alice", "--password-file", self.write("new", "another one\n"))
        server = self.running()
        with open(os.path.join(self.data, "accounts")) as f:
            text = f.read() + server.log + self.account("list") + self.errors
        self.assertNotIn(PASSWORD, text)
        self.assertNotIn("another one", text)


    def codes(self):
        with open(os.path.join(self.data, "codes")) as f:
            return f.read()

    @harness.waits
    def test_removed_names_leave_the_codes(self):
        """A failed login is in them, of a removed account and of one that stays; the operator is answered after the disk."""
        self.account("add", "--from", self.roster(["alice", "bob"]))
        server = self.running()
        for name in ("alice", "bob"):
            self.refused(server, name, "wrong password")
        harness.wait_until(lambda: "\nalice\t1 0" in self.codes() and "\nbob\t1 0" in self.codes(), "both are counted")
        self.stopped(server)
        self.account("remove", "alice")
        self.assertNotIn("alice", self.codes())
        self.assertIn("\nbob\t1 0", self.codes())

    @harness.waits
    def test_one_who_leaves_leaves_the_codes(self):
        self.account("add", "--from", self.roster(["alice"]))
        server = self.running()
        client = self.log_in(server, "alice", f"{PASSWORD} alice")
        self.refused(server, "alice", "wrong password")
        harness.wait_until(lambda: "\nalice\t1 0" in self.codes(), "it is counted")
        client.delete_account(f"{PASSWORD} alice")
        harness.wait_until(lambda: "alice" not in self.codes(), "its name is gone")


class Stopped(Both, AccountCliCase):
    def running(self):
        return self.server()

    def stopped(self, server):
        server.stop()

    def test_the_store_needs_to_be_there(self):
        self.account("list", status=1)
        self.assertIn("--data", self.errors)
        self.assertFalse(os.path.exists(self.data))

    def test_a_damaged_store_is_left_alone(self):
        self.account("add", "--from", self.roster(["alice", "bob"]))
        path = os.path.join(self.data, "accounts")
        with open(path) as f:
            text = f.read().replace("alice@", "elice@")
        with open(path, "w") as f:
            f.write(text)
        self.account("lock", "bob", status=1)
        self.assertRegex(self.errors, r"accounts line 2 is damaged")
        with open(path) as f:
            self.assertEqual(f.read(), text)

    def test_a_password_is_asked_for_without_echo(self):
        self.account("add", "--from", self.roster(["alice"]))
        process = self.started(harness.Process([harness.program("glasschatd"), "--data", self.data, "--pbkdf2-iterations",
                                                harness.ITERATIONS, "account", "reset", "alice"], terminal=True))
        process.expect("new password: ")
        process.type("short\n")
        process.expect("8 to 128 bytes")
        process.expect("new password: ")
        process.type("typed by hand\n")
        process.expect("repeat password: ")
        process.type("typed by hand\n")
        process.expect("alice has a new password")
        self.assertEqual(process.wait(), 0)
        self.assertNotIn("typed by hand", process.out.text)
        self.log_in(self.server(), "alice", "typed by hand").close()

    def test_giving_up_leaves_the_terminal_as_it_was(self):
        self.account("add", "--from", self.roster(["alice"]))
        again = self.started(harness.Process(["sh", "-c", 'trap : INT; "$@"; stty -a; echo over', "sh",
                                              harness.program("glasschatd"), "--data", self.data, "account", "reset",
                                              "alice"], terminal=True))
        again.expect("new password: ")
        again.type("\x03")
        again.expect("over")
        self.assertRegex(again.out.text, r"[^-]\becho\b")

    def test_stopped_at_a_password(self):
        """Back at it the operator is asked again: what the shell made of the terminal meanwhile may show what is typed, and
        where nobody asks it goes to the shell and to its history. A script stops and goes on with it."""
        self.account("add", "--from", self.roster(["alice"]))
        process = self.started(harness.Job(["sh", "-c", '"$@"; echo the end of the script', "sh",
                                            harness.program("glasschatd"), "--data", self.data, "account", "reset",
                                            "alice"]))
        process.expect("new password: ")
        asks = harness.children(process.job())[0]

        def go_on():
            process.go_on()
            process.expect("new password: ")
            harness.wait_until(lambda: not process.echoes() and not harness.is_stopped(asks), "it hides what is typed")

        process.type("\x1a")
        harness.wait_until(lambda: process.has_terminal() and harness.is_stopped(asks), "both stop")
        go_on()
        process.stop(signal.SIGSTOP)
        os.kill(asks, signal.SIGSTOP)
        harness.wait_until(lambda: harness.is_stopped(asks), "it leaves what is typed to the shell")
        go_on()
        process.type("typed by hand\n")
        process.expect("repeat password: ")
        process.type("typed by hand\n")
        process.expect("alice has a new password")
        process.expect("the end of the script")
        self.assertNotIn("typed by hand", process.out.text)
        self.assertEqual(process.out.text.count("new password: "), 3)  # once more for each stop

    def test_nobody_else_makes_accounts(self):
        """Where --max-registrations is 0; and the answer tells nothing of the names that there are."""
        self.account("add", "--from", self.roster(["anna"]))
        server = self.server("--max-registrations", "0")
        answers = set()
        for name in ("anna", "bert", "server"):
            with self.assertRaises(Refused) as refused:
                self.connect(server).register(name, "a@example.org", PASSWORD)
            answers.add(refused.exception.args)
        self.assertEqual(answers, {(wire.E_LIMIT, "accounts are made by this server's operator alone")})
        self.log_in(server, "anna", f"{PASSWORD} anna").close()
        self.assertEqual(self.names(), ["anna"])

    def test_members_are_not_told_which_names_there_are(self):
        """Either, where --max-registrations is 0: a name without an account is answered like one with."""
        self.account("add", "--from", self.roster(["anna", "bert", "gone"]))
        self.account("remove", "gone")
        server = self.server("--max-registrations", "0")
        anna = self.log_in(server, "anna", f"{PASSWORD} anna")
        for name in ("bert", "nobody", "gone", "server"):
            answer = anna.ask(wire.FETCH_CERTIFICATE, wire.v8(name.encode()))
            self.assertEqual((answer.name, answer.certificate), (name, b""))
            anna.block(name)
            anna.block(name)
            with self.assertRaises(wire.Refused) as refused:
                anna.relay(name, bytes(16), b"")
            self.assertEqual(refused.exception.args[0], wire.E_NOT_HERE)
        self.assertEqual(anna.blocked(), ["bert", "gone", "nobody", "server"])
        for name in ("bert", "nobody", "never"):
            anna.unblock(name)
        self.assertEqual(anna.blocked(), ["gone", "server"])
        server.stop()
        again = self.log_in(self.server("--max-registrations", "0"), "anna", f"{PASSWORD} anna")
        self.assertEqual(again.blocked(), ["gone", "server"])


class Running(Both, AccountCliCase):
    def setUp(self):
        super().setUp()
        self.one = self.server()

    def running(self):
        return self.one

    def stopped(self, server):
        pass

    def test_a_session_ends_with_the_lock(self):
        self.account("add", "--from", self.roster(["alice", "bob", "carl", "dora"]))
        new = self.write("new", "another one\n")
        dora = self.log_in(self.one, "dora", f"{PASSWORD} dora")
        for name, words in (("alice", ("lock", "alice")), ("bob", ("reset", "bob", "--password-file", new)),
                            ("carl", ("remove", "carl"))):
            with self.subTest(name=name):
                client = self.log_in(self.one, name, f"{PASSWORD} {name}")
                self.account(*words)
                self.assertRegex(client.wait_for(wire.NOTICE).text, "operator")
        for name in ("alice", "bob", "carl"):
            self.one.expect_log(rf"disconnect .*user={name} .*operator changed")
        dora.ask(wire.PING)  # nobody else's session ends
        dora.close()

    def test_reset_ends_the_second_factor(self):
        self.account("add", "--from", self.roster(["alice", "bob"]))
        for name in ("alice", "bob"):
            client = self.log_in(self.one, name, f"{PASSWORD} {name}")
            secret = client.begin_second_factor(f"{PASSWORD} {name}")
            client.confirm_second_factor(totp(secret, time.time()))
            client.close()
        self.assertEqual([line.split("\t")[4] for line in self.account("list").splitlines()], ["totp", "totp"])
        self.assertIn("second factor is ended",
                      self.account("reset", "alice", "--password-file", self.write("new", "another one\n")))
        self.log_in(self.one, "alice", "another one").close()
        self.refused(self.one, "bob", f"{PASSWORD} bob")
        self.assertEqual([line.split("\t")[4] for line in self.account("list").splitlines()], ["-", "totp"])


@unittest.skipIf(harness.sanitized(), "it is about speed and memory")
class Large(AccountCliCase):
    alone = True

    def test_a_hundred_thousand_are_loaded_in_a_second(self):
        """Processor time, as others may be busy here; the bound on memory is twice what was measured."""
        self.account("add", "--from", self.write("large.tsv", "".join(
            f"student{i}\tstudent{i}@example.org\t{PASSWORD}\n" for i in range(100000))))
        self.server().stop()  # makes its key
        server = self.server()
        self.assertLess(server.cpu(), 1)
        self.assertLess(server.memory(), 64 << 20)
        self.assertEqual(self.account("list").count("\n"), 100000)


if __name__ == "__main__":
    harness.main()
