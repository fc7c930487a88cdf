#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""The second factor at the real server: when a code is asked for, that it is good once, what is on disk, and that nobody
guesses one or keeps its owner out."""
import base64
import glob
import hashlib
import os
import shutil
import signal
import stat
import subprocess
import time

import glasschat_client as wire
import harness
from account_case import NEW, WRONG_CODE, CodeCase, begin_second_factor, totp
from glasschat_client import Closed, Refused, v8
from server_case import PASSWORD


class SecondFactor(CodeCase):
    def test_required_at_login_and_good_once(self):
        server = self.server("--free-tries", "100")
        self.enrolled(server)
        self.assert_no_login(server, "anna")
        self.assert_no_login(server, "anna", code=self.code(-1))  # the confirmation was its use
        self.assert_no_login(server, "anna", code=self.code(2))   # too early
        self.assert_no_login(server, "anna", "wrong password", self.code(0))
        self.assert_logs_in(server, "anna", code=self.code(0))
        self.assert_no_login(server, "anna", code=self.code(0))
        self.assert_logs_in(server, "anna", code=self.code(1))
        self.assert_no_login(server, "anna", code=self.code(0))   # nor an earlier one

    def test_a_used_code_stays_used_when_the_server_is_killed(self):
        server = self.server()
        self.enrolled(server)
        self.assert_logs_in(server, "anna", code=self.code(0))
        server.kill()
        server.wait()
        server = self.server()
        self.assert_no_login(server, "anna", code=self.code(0))
        self.assert_logs_in(server, "anna", code=self.code(1))

    def test_the_same_code_at_the_same_time(self):
        server = self.server("--free-tries", "100", iterations="50000")
        self.enrolled(server)
        clients = [self.connect(server) for _ in range(5)]
        fields = v8(b"anna") + v8(PASSWORD.encode()) + v8(self.code(0).encode())
        numbers = [c.post(wire.LOG_IN, fields) for c in clients]
        well = 0
        for c, number in zip(clients, numbers):
            try:
                c.answer_to(number)
                well += 1
            except Refused as refused:
                self.assertIn(refused.args[0], (wire.E_LOGIN_FAILED, wire.E_TRY_LATER))
        self.assertEqual(well, 1)

    def test_what_is_on_disk(self):
        server = self.server()
        self.enrolled(server)
        key_file = os.path.join(server.data, "storage.key")
        self.assertEqual(stat.S_IMODE(os.stat(key_file).st_mode), 0o600)
        sealed = base64.b64decode(self.line(server, "anna")["totp"])
        self.assertEqual(len(sealed), 80)
        self.assertNotIn(self.secret, sealed)
        with open(key_file) as f:
            self.assertRegex(f.read(), r"\A[0-9a-f]{64}\n\Z")
        server.stop()
        os.rename(key_file, key_file + ".away")
        done = self.run_program("glasschatd", "--listen", "127.0.0.1:0", "--data", server.data, "--log-level", "error",
                                *harness.SANDBOX, status=1)
        self.assertIn(b"storage.key: is missing", done.stderr)
        with open(key_file, "w") as f:
            os.chmod(key_file, 0o600)
            f.write("00" * 32 + "\n")
        server = self.server()
        self.assert_no_login(server, "anna", code=self.code(0))
        server.expect_log("second factor can't be opened")
        server.stop()
        os.rename(key_file + ".away", key_file)
        self.assert_logs_in(self.server(), "anna", code=self.code(0))

    @harness.waits
    def test_one_who_logs_in_while_it_is_being_written(self):
        """The disk is slow, and a login needs no code until the secret is on it; then that session ends."""
        if shutil.which("strace") is None or subprocess.run(["strace", "-qq", "true"], capture_output=True).returncode:
            self.skipTest("strace is not there, or may not trace")
        server = self.server()
        self.connect(server).register("anna", "a@example.org", PASSWORD)
        server.stop()
        server = self.server(before=("strace", "-D", "-f", "-qq", "-o", "/dev/null", "-e", "trace=fdatasync",
                                     "-e", "inject=fdatasync:delay_enter=5000000"))
        anna, thief = self.connect(server), self.connect(server)
        anna.log_in("anna", PASSWORD)
        secret = anna.begin_second_factor(PASSWORD)
        anna.post(wire.CONFIRM_SECOND_FACTOR, v8(totp(secret, time.time()).encode()))
        # Written, but not yet sure to be on the disk. (A login before that ends the session that confirms.)
        harness.wait_until(lambda: "totp" in self.line(server, "anna"), "the second factor is written")
        thief.log_in("anna", PASSWORD)
        self.assertNotIn("second factor confirmed", server.log)
        self.assertIn("another session", thief.wait_for(wire.NOTICE).text)
        self.assert_ended(thief, (Closed,))
        self.assert_no_login(server, "anna")

    def test_begin_needs_the_password_and_confirm_a_code(self):
        server = self.server("--free-tries", "100")
        anna = self.member(server, "anna")
        self.assert_refused(wire.E_NO_SECOND_FACTOR, anna.confirm_second_factor, "123456")
        self.assert_refused(wire.E_LOGIN_FAILED, anna.begin_second_factor, "wrong password")
        self.assert_refused(wire.E_NO_SECOND_FACTOR, anna.confirm_second_factor, "123456")
        first = anna.begin_second_factor(PASSWORD)
        second = begin_second_factor(anna, PASSWORD)
        self.assertNotEqual(first, second)
        self.assert_refused(wire.E_WRONG_CODE, anna.confirm_second_factor, "")
        self.assert_refused(wire.E_WRONG_CODE, anna.confirm_second_factor, totp(first, time.time()))
        self.assert_logs_in(server, "anna")  # nothing has changed yet; and this ended the session that began
        bert = self.member(server, "bert")
        self.assert_refused(wire.E_NO_SECOND_FACTOR, bert.confirm_second_factor, totp(second, time.time()))
        anna = self.assert_logs_in(server, "anna")
        self.assert_refused(wire.E_NO_SECOND_FACTOR, anna.confirm_second_factor, totp(second, time.time()))

    def test_end(self):
        server = self.server("--free-tries", "100")
        anna = self.member(server, "anna")
        self.assert_refused(wire.E_NO_SECOND_FACTOR, anna.end_second_factor, PASSWORD, "")
        anna = self.enrolled(server, "bert")
        self.assert_refused(wire.E_WRONG_CODE, anna.end_second_factor, PASSWORD, "")
        self.assert_refused(wire.E_WRONG_CODE, anna.end_second_factor, PASSWORD, self.code(-1))
        anna.end_second_factor(PASSWORD, self.code(0))
        self.assertNotIn("totp", self.line(server, "bert"))
        self.assert_logs_in(server, "bert")

    def test_a_second_one_takes_the_first_ones_place(self):
        server = self.server("--free-tries", "100")
        anna = self.enrolled(server)
        self.assert_refused(wire.E_WRONG_CODE, anna.begin_second_factor, PASSWORD)
        old, self.secret = self.secret, anna.begin_second_factor(PASSWORD, self.code(0))
        new = totp(self.secret, self.start + 30)
        self.assert_no_login(server, "anna", code=new)
        anna.confirm_second_factor(totp(self.secret, self.start))
        self.assert_no_login(server, "anna", code=totp(old, self.start + 30))
        self.assert_logs_in(server, "anna", code=new)

    def test_the_other_requests_want_a_code(self):
        server = self.server("--free-tries", "100")
        anna = self.enrolled(server)
        self.assert_refused(wire.E_WRONG_CODE, anna.change_password, PASSWORD, NEW)
        self.assert_refused(wire.E_WRONG_CODE, anna.delete_account, PASSWORD)
        anna.change_password(PASSWORD, NEW, self.code(0))
        self.assert_refused(wire.E_WRONG_CODE, anna.delete_account, NEW, self.code(0))
        anna.delete_account(NEW, self.code(1))

    def test_each_change_leaves_the_rest(self):
        server = self.server("--free-tries", "100")
        anna = self.enrolled(server)
        self.connect(server).register("bert", "b@example.org", PASSWORD)
        anna.block("bert")
        before = self.line(server, "anna")
        anna.change_password(PASSWORD, NEW, self.code(0))
        after = self.line(server, "anna")
        self.assertEqual(int(after.pop("step")), int(before.pop("step")) + 1)
        self.assertNotEqual(after.pop("pbkdf2"), before.pop("pbkdf2"))
        self.assertEqual(after, before)
        self.assertEqual(set(after), {"email", "created", "totp", "blocks"})
        anna.end_second_factor(NEW, self.code(1))
        self.assertEqual(set(self.line(server, "anna")), {"email", "created", "pbkdf2", "blocks"})

    def test_codes_can_not_be_guessed(self):
        """Ten wrong codes after the right password; wrong passwords and missing codes don't count, from anywhere."""
        server = self.server("--free-tries", "1000", "--max-tries", "1000", "--max-wrong-codes", "4")
        self.enrolled(server)
        c = self.connect(server)
        for _ in range(6):
            self.assert_refused(wire.E_LOGIN_FAILED, c.log_in, "anna", "wrong password", self.code(0))
            self.assert_refused(wire.E_LOGIN_FAILED, c.log_in, "anna", PASSWORD)
        for _ in range(4):
            self.assert_refused(wire.E_LOGIN_FAILED, c.log_in, "anna", PASSWORD, WRONG_CODE)
        server.expect_log("too many wrong codes after the right password.* user=anna")
        self.assert_refused(wire.E_LOGIN_FAILED, c.log_in, "anna", PASSWORD, self.code(0))
        self.assert_refused(wire.E_LOGIN_FAILED, c.log_in, "anna", "wrong password", self.code(0))
        self.run_program("glasschatd", "--data", server.data, "account", "unlock", "anna", status=0)
        self.connect(server).log_in("anna", PASSWORD, self.code(0))

    def test_a_thief_of_the_password_does_not_keep_the_owner_from_changing_it(self):
        """The thief's wrong codes lock logins, but not what the owner's session asks for; that has a lock too."""
        server = self.server("--free-tries", "1000", "--max-tries", "1000", "--max-wrong-codes", "4")
        owner = self.enrolled(server)
        thief = self.connect(server)
        for _ in range(5):
            self.assert_refused(wire.E_LOGIN_FAILED, thief.log_in, "anna", PASSWORD, WRONG_CODE)
        self.assert_refused(wire.E_LOGIN_FAILED, self.connect(server).log_in, "anna", PASSWORD, self.code(0))
        owner.change_password(PASSWORD, NEW, self.code(0))
        for _ in range(2):
            self.assert_refused(wire.E_WRONG_CODE, owner.begin_second_factor, NEW, WRONG_CODE)
            self.assert_refused(wire.E_WRONG_CODE, owner.change_password, NEW, PASSWORD, WRONG_CODE)
        self.assert_refused(wire.E_WRONG_CODE, owner.change_password, NEW, PASSWORD, self.code(1))


class WrongCodes(CodeCase):
    """The owner comes from 127.0.0.1; 127.0.0.2 is elsewhere."""

    OPTIONS = ("--free-tries", "1000", "--max-tries", "1000", "--max-wrong-codes", "3")
    ELSEWHERE = "127.0.0.2"

    def elsewhere(self, server):
        return self.connect(server, source=self.ELSEWHERE)

    def guess(self, server, times=3):
        c = self.elsewhere(server)
        for _ in range(times):
            self.assert_refused(wire.E_LOGIN_FAILED, c.log_in, "anna", PASSWORD, WRONG_CODE)

    def assert_locked_elsewhere(self, server, code=None):
        self.assert_refused(wire.E_LOGIN_FAILED, self.elsewhere(server).log_in, "anna", PASSWORD, code or self.code(0))

    def account(self, server, *words):
        return self.run_program("glasschatd", "--data", server.data, "account", *words, status=0).stdout.decode()

    def listed(self, server):
        return self.account(server, "list").rstrip("\n").split("\t")[5:]

    def test_a_thief_elsewhere_does_not_keep_the_owner_out(self):
        server = self.server(*self.OPTIONS)
        self.enrolled(server)
        self.assertEqual(self.listed(server), ["0", "-"])
        self.guess(server)
        server.expect_log('too many wrong codes.* user=anna hours=1 from="another address"')
        self.assert_locked_elsewhere(server)
        wrong, until = self.listed(server)
        self.assertEqual(wrong, "3")
        self.assertRegex(until, r"\d+-\d+-\d+T\d+:\d+:\d+Z")
        owner = self.assert_logs_in(server, "anna", code=self.code(0))
        told = owner.wait_for(wire.NOTICE).text
        self.assertIn("4 failed tries to log in since your last login, 4 with the right password", told)
        self.assert_locked_elsewhere(server, self.code(1))  # the owner's right code is none for the thief
        server.kill(signal.SIGUSR1)
        server.expect_log("status .*codes_wrong=5")

    def test_the_operators_way_and_a_new_password(self):
        server = self.server(*self.OPTIONS)
        owner = self.enrolled(server)
        self.guess(server)
        self.assertEqual(self.account(server, "unlock", "anna"), "anna is unlocked\n")
        self.assertEqual(self.listed(server), ["0", "-"])
        self.guess(server, 2)
        owner.change_password(PASSWORD, NEW, self.code(0))
        self.assertEqual(self.listed(server), ["0", "-"])
        c = self.elsewhere(server)
        for _ in range(3):
            self.assert_refused(wire.E_LOGIN_FAILED, c.log_in, "anna", NEW, WRONG_CODE)
        server.stop()
        self.assertEqual(self.listed(server)[0], "3")
        self.account(server, "unlock", "anna")  # the same without a server
        self.elsewhere(self.server(*self.OPTIONS)).log_in("anna", NEW, self.code(1))

    def test_what_is_free_to_make_pushes_no_count_out(self):
        server = self.server(*self.OPTIONS, "--max-failures", "8", "--free-tries-address", "100000")
        self.enrolled(server)
        self.guess(server)
        for i in range(8):
            c = self.elsewhere(server)
            for j in range(8):
                self.assert_refused(wire.E_LOGIN_FAILED, c.log_in, f"nobody{i}-{j}", "wrong password")
            self.connect(server).register(f"new{i}", "new@example.org", PASSWORD)
        self.assert_locked_elsewhere(server)

    def test_a_wrong_code_is_on_disk_before_its_answer(self):
        server = self.server(*self.OPTIONS)
        self.enrolled(server)
        for _ in range(3):
            self.guess(server, 1)
            server.kill()
            server.wait()
            server = self.server(*self.OPTIONS)
        self.assert_locked_elsewhere(server)
        self.assert_logs_in(server, "anna", code=self.code(0))  # and where home is

    def test_every_answer_to_a_code_waits_for_the_disk(self):
        """As long where the password, the code or the name is wrong: else a slow disk would say which it is."""
        if shutil.which("strace") is None or subprocess.run(["strace", "-qq", "true"], capture_output=True).returncode:
            self.skipTest("strace is not there, or may trace nothing")
        server = self.server(*self.OPTIONS)
        self.enrolled(server)
        server.stop()
        server = self.server(*self.OPTIONS, before=("strace", "-D", "-f", "-qq", "-o", "/dev/null", "-e",
                                                    "trace=fdatasync", "-e", "inject=fdatasync:delay_enter=1000000"))
        for name, password in (("anna", PASSWORD), ("anna", "wrong password"), ("nobody", PASSWORD)):
            c = self.connect(server)
            begun = time.monotonic()
            self.assert_refused(wire.E_LOGIN_FAILED, c.log_in, name, password, WRONG_CODE)
            self.assertGreaterEqual(time.monotonic() - begun, 1, name)

    def test_failed_tries_are_told_at_the_next_login(self):
        server = self.server(*self.OPTIONS)
        self.enrolled(server)
        self.assert_no_login(server, "anna", "wrong password")
        self.assert_no_login(server, "anna", "wrong password", self.code(0))
        self.assert_no_login(server, "anna", PASSWORD)
        server = self.restarted(server, self.OPTIONS)
        owner = self.assert_logs_in(server, "anna", code=self.code(0))
        self.assertEqual(owner.wait_for(wire.NOTICE).text,
                         "3 failed tries to log in since your last login, 1 with the right password: if that was not "
                         "you, change your password")
        again = self.assert_logs_in(server, "anna", code=self.code(1))
        again.ask(wire.PING)
        self.assertEqual([m for m in again.pushed if m.type == wire.NOTICE], [])
        self.member(server, "bert")
        self.assert_no_login(server, "bert", "wrong password")
        bert = self.assert_logs_in(server, "bert")
        self.assertEqual(bert.wait_for(wire.NOTICE).text, "1 failed try to log in since your last login")

    def server_after_1_0(self, *options):
        """As if it had been 1.0 that counted three wrong codes of anna's."""
        server = self.server(*options)
        self.enrolled(server)
        server.stop()
        secret = b"s" * 32
        entry = hashlib.sha256(secret + b"c" + b"anna").digest()[:16].hex() + " 3 5000 2000\n"
        text = f"glasschat delays 1 {int(time.time())} {secret.hex()}\n{entry}"
        with open(os.path.join(server.data, "delays"), "w") as f:
            f.write(text + "#" + hashlib.sha256(text.encode()).hexdigest() + "\n")
        os.unlink(os.path.join(server.data, "codes"))
        return self.server(*options)

    def test_counts_of_1_0_are_taken_over(self):
        server = self.server_after_1_0(*self.OPTIONS)
        self.assertEqual(self.listed(server)[0], "3")
        self.assert_locked_elsewhere(server)

    def test_counts_of_1_0_are_taken_over_once(self):
        server = self.server_after_1_0()
        for _ in range(2):
            self.assertEqual(self.listed(server), ["3", "-"])
            server.stop()
            server = self.server()
        self.assertEqual(self.listed(server), ["3", "-"])

    def test_the_lock_doubles_until_a_right_code(self):
        """Hours pass while the server is down: its clock is another at each start."""
        found = glob.glob("/usr/lib/*/faketime/libfaketimeMT.so.1")
        if not found or harness.sanitized():
            self.skipTest("apt-get install faketime; it comes before a sanitizer is ready")

        def server_after(hours):
            env = {"LD_PRELOAD": found[0], "FAKETIME": f"+{3600 * hours + 100}", "FAKETIME_DONT_FAKE_MONOTONIC": "1"}
            return self.server(*self.OPTIONS, "--sandbox", "off", env=env)

        def code(hours):
            return totp(self.secret, time.time() + 3600 * hours + 100)

        server = self.server(*self.OPTIONS)
        self.enrolled(server)
        self.guess(server)
        server.stop()
        for after, lock in ((1, 2), (3, 4), (7, 8)):
            server = server_after(after - 1)
            self.assert_locked_elsewhere(server, code(after - 1))
            server.stop()
            server = server_after(after)
            self.guess(server, 1)
            server.expect_log(f"too many wrong codes.* hours={lock} ")
            self.assert_locked_elsewhere(server, code(after))
            server.stop()
        server = server_after(15)
        self.elsewhere(server).log_in("anna", PASSWORD, code(15))
        self.assertEqual(self.listed(server), ["0", "-"])


if __name__ == "__main__":
    harness.main()
