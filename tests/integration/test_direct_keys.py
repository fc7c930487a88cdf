#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Whose key it is that one talks to, and one's own: compared, changed, new, moved, under another password, damaged."""
import os
import re
import shutil
import stat
import subprocess
import time

import glasschat_client as wire
import harness
from commands_case import holds
from direct_case import NEW, DirectCase

PASSWORD = harness.PASSWORD
BETTER = "a better horse"


class Peers(DirectCase):
    def number(self, user, peer):
        user.say("/verify " + peer)
        user.expect(rf"^\* the safety number of {peer} and you, the same on both screens if nobody is in between:$")
        halves = [user.expect(r"^\*     ([0-9 ]{35})$")[1] for _ in range(2)]
        user.expect(rf"; then /verify {peer} and the digits that the other sees$")
        return " ".join(halves)

    def test_compared(self):
        """From then on it stands on each line, in the same call and after the next login."""
        server, alice, bob = self.pair()
        self.meet(alice, bob)
        number = self.number(alice, "bob")
        self.assertEqual(number, self.number(bob, "alice"))
        alice.say("/peers")
        alice.expect(rf"^\* peer bob: {NEW}, key {re.escape(bob.key)}$")
        alice.say("/verify bob " + number)
        alice.expect(r"^\* the key of bob is compared from now on$")
        bob.say("/msg alice hello")
        alice.expect(r"^\[bob, compared\] hello$")
        alice.say("/peers")
        alice.expect(rf"^\* peer bob: compared, key {re.escape(bob.key)}$")
        alice.say("/msg bob hello")
        bob.expect(rf"^\[alice, {NEW}\] hello$")
        self.leave(alice)
        out, _ = self.run_script(server, "alice", ["/call bob", "/verify bob " + number.replace(" ", "")])
        self.assertIn("* bob is there: compared\n* the key of bob is compared from now on\n", out)
        self.leave(bob)

    def test_what_does_not_compare_ends_a_script(self):
        """What follows was not meant for somebody in between."""
        server, alice, bob = self.pair()
        self.meet(alice, bob)
        number = self.number(alice, "bob")
        self.leave(alice)
        for wrong in (number[:-1], number[:-1] + str((int(number[-1]) + 1) % 10), number + "0", number.replace(" ", "x"),
                      number[:35]):
            out, err = self.run_script(server, "alice", ["/verify bob " + wrong, "/msg bob secret"], status=1)
            self.assertEqual(err, "glasschat: MISMATCH: that is not the safety number of bob and you. Was it typed right? "
                                  "If so, somebody is in between (line 1: nothing after it was done or said)\n")
        out, _ = self.run_script(server, "alice", ["/peers"])
        self.assertIn(f"* peer bob: {NEW}, key ", out)
        self.leave(bob)
        self.assertNotIn("secret", bob.out.text)

    def test_a_changed_key(self):
        """Nothing is said to it, nor shown of it, until it is trusted; then it is new. Until then both keys are told."""
        server, alice, bob = self.pair()
        self.meet(alice, bob)
        alice.say("/verify bob " + self.number(bob, "alice"))
        alice.expect("compared from now on$")
        bob.say("/identity new")
        bob.type(PASSWORD + "\n\n")
        key = bob.expect(r"^\* your new key is (SHA256:\S{44}): tell it, in another way than this chat, to those who know "
                         "the one before$")[1]
        bob.say("/msg alice do you believe me?")
        said = alice.err.expect(r"^glasschat: REFUSED: THE KEY OF bob HAS CHANGED: it was (\S+) and is now (\S+)\. ")
        self.assertEqual((said[1], said[2]), (bob.key, key))
        bob.expect(r"^\* not confirmed: to alice: do you believe me\?$")
        alice.say("/msg bob who are you?")
        alice.err.expect(r"^glasschat: not said to bob: their key is not believed$")
        for answer in "no", "yes":
            alice.type("/trust bob\n")
            alice.expect(rf"^\* the key of bob was  {re.escape(bob.key)}$")
            alice.expect(rf"^\* and is shown as now  {re.escape(key)}$")
            alice.say(answer)
            if answer == "no":  # which ends a script
                alice.err.expect(r"^glasschat: not believed: that was not yes \(line \d+: nothing after it")
                self.assertEqual(alice.wait(), 1)
                alice = self.user(server, "alice", register=False)
                alice.say("/msg bob who are you?")
                alice.err.expect("not said to bob")
            else:
                alice.expect(rf"^\* the new key of bob is believed from now on: {NEW}$")
        alice.say("/msg bob hello again")
        bob.expect(rf"^\[alice, {NEW}\] hello again$")
        bob.say("/msg alice hello")
        alice.expect(rf"^\[bob, {NEW}\] hello$")
        self.assertNotIn("do you believe me", alice.out.text)
        alice.type("/trust bob\n")
        alice.err.expect(r"^glasschat: the key of bob has not changed since you met \(line ")
        self.assertEqual(alice.wait(), 1)
        self.leave(bob, status=1)


class Own(DirectCase):
    def new_identity(self, user):
        """The new key. What comes after /identity new is read once the server has allowed calls."""
        user.type(f"/identity new\n{PASSWORD}\n\n/who\n")
        key = user.expect(r"^\* your new key is (SHA256:\S{44}): ")[1]
        user.expect("in lobby: ")
        return key

    def opens_with(self, server, name, password, identity_password=None):
        """Logs in, and says something to dave, if the key opens."""
        options = []
        if identity_password:
            options = ["--identity-password-file", self.path("own-password", (identity_password + "\n").encode())]
            os.chmod(options[1], 0o600)
        out, err = self.run_script(server, name, ["/identity"], *options, password=password,
                                   status=0 if identity_password != "wrong password" else 1)
        return "* your key is SHA256:" in out

    def test_what_registering_leaves(self):
        server, alice, bob = self.pair()
        self.leave(alice, bob)
        path = self.identity(server, "alice")
        self.assertEqual(sorted(os.listdir(os.path.dirname(path))),
                         [os.path.basename(path) + end for end in (".certificate", ".key", ".lock")])
        for end in ".certificate", ".key":
            self.assertEqual(stat.S_IMODE(os.stat(path + end).st_mode), 0o600)
        with open(path + ".key") as f:
            self.assertIn("BEGIN ENCRYPTED PRIVATE KEY", f.read())
        with open(path + ".certificate", "rb") as f, wire.Client(server.port) as c:
            self.assertEqual(c.enter("carol").fetch_certificate("alice"), f.read())

    def test_an_account_from_before(self):
        """Of version 1.0: it is told what it lacks, and how to get it."""
        server = self.server()
        with wire.Client(server.port) as c:
            c.enter("alice", PASSWORD)
        bob = self.user(server, "bob")
        alice = self.client(server, "alice", register=False)
        alice.expect("^\\* no key of alice is kept here: no direct messages")
        bob.say("/msg alice hello")
        bob.err.expect("not said to alice")
        key = self.new_identity(alice)
        bob.say("/msg alice hello again")
        alice.expect("] hello again$")
        bob.say("/peers")
        bob.expect(rf"peer alice: {NEW}, key {re.escape(key)}$")
        self.leave(alice)
        self.leave(bob, status=1)
        self.assertTrue(self.opens_with(server, "alice", PASSWORD))

    def test_a_new_key_in_the_middle_of_talk(self):
        """Whatever is under way then: calls end, and the program goes on."""
        server, alice, bob = self.pair()
        self.meet(alice, bob)
        bob.type(f"/identity new\n{PASSWORD}\n\n")
        said = 0
        while "your new key is" not in bob.out.text and bob.child.poll() is None:
            said += 1
            alice.say(f"/msg bob {said}")
            time.sleep(0.01)
        bob.say("/who")
        bob.expect("in lobby: alice, bob$")
        self.assertNotIn("breaks the protocol", bob.err.text)
        self.assertIsNone(alice.child.poll())
        self.assertIsNone(bob.child.poll())

    def test_a_new_key_that_is_refused(self):
        server, alice, bob = self.pair()
        self.leave(bob)
        alice.type("/identity new\nwrong password\n\n/identity\n")
        alice.expect(rf"^\* your key is {re.escape(alice.key)}, kept in ")
        self.leave(alice, status=1)
        self.assertEqual(alice.err.text, "glasschat: no new identity: wrong password\n")
        self.assertTrue(self.opens_with(server, "alice", PASSWORD))

    def test_passwords_do_not_stay_in_memory(self):
        if harness.sanitized():
            self.skipTest("a sanitizer keeps what was freed, and more memory than can be read")
        server, alice, bob = self.pair()
        self.assertEqual(holds(alice, PASSWORD.encode()), [])
        alice.type(f"/password\n{PASSWORD}\n\n{BETTER}\n")
        alice.expect(r"^\* password changed$")
        alice.type(f"/identity new\n{BETTER}\n\n")
        alice.expect(r"^\* your new key is ")
        alice.type("/identity new\nnot the password\n\n/identity\n")
        alice.expect(r"your key is")
        self.assertTrue(holds(alice, b"alice@127.0.0.1:"))
        for password in PASSWORD, BETTER, "not the password":
            self.assertEqual(holds(alice, password.encode()), [], password)
        self.leave(alice, status=1)


class Passwords(DirectCase):
    def is_open(self, server, name, password, *options, status=0):
        out, _ = self.run_script(server, name, ["/identity"] if status == 0 else [], *options, password=password)
        return "* your key is SHA256:" in out

    def copies(self, server, name):
        path = self.identity(server, name)
        return [end for end in (".key", ".key.next") if os.path.exists(path + end)]

    def test_changed_with_the_account_s(self):
        server = self.server()
        self.run_script(server, "alice", ["/password", PASSWORD, "", BETTER], register=True)
        self.assertEqual(self.copies(server, "alice"), [".key"])
        self.assertTrue(self.is_open(server, "alice", BETTER))
        out, err = self.run_script(server, "alice", ["/password", "wrong password", "", PASSWORD], password=BETTER, status=1)
        self.assertEqual(err, "glasschat: password not changed: wrong password\n")
        self.assertEqual(self.copies(server, "alice"), [".key"])
        self.assertTrue(self.is_open(server, "alice", BETTER))

    def test_cut_while_it_changes(self):
        """Whether the server has heard of it or not, the key opens with whatever the server believes."""
        for heard in False, True:
            server = self.server()
            cut = []

            def change(direction, data):
                return None if cut and (direction == "down" or not heard) else data
            proxy = self.proxy(server, change)
            name = "heard" if heard else "unheard"
            port = proxy.port
            alice = self.user(server, name, port=port)
            alice.type("/who\n")
            alice.expect(f"in lobby: {name}$")
            cut.append(True)
            alice.type(f"/password\n{PASSWORD}\n\n{BETTER}\n")
            self.assertEqual(alice.wait(), 1)
            files = os.path.join(alice.home, "identities")
            for file in os.listdir(files):  # as the server at its own port
                os.rename(os.path.join(files, file), os.path.join(files, file.replace(str(port), str(server.port))))
            self.assertEqual(self.copies(server, name), [".key", ".key.next"])
            self.assertTrue(self.is_open(server, name, BETTER if heard else PASSWORD))
            self.assertEqual(self.copies(server, name), [".key"])
            server.stop()
            shutil.rmtree(server.data)

    def reset(self, server, name, password):
        path = self.path("reset", (password + "\n").encode())
        os.chmod(path, 0o600)
        subprocess.run([harness.program("glasschatd"), "--data", server.data, "account", "reset", name,
                        "--password-file", path], check=True, capture_output=True, timeout=harness.PATIENCE)

    def test_unlocked_after_a_reset(self):
        server = self.server()
        self.run_script(server, "alice", [], register=True)
        self.reset(server, "alice", BETTER)
        out, err = self.run_script(server, "alice", [
            "/msg bob hello", "/identity unlock", "wrong password", "/identity unlock", "short", "/identity unlock", PASSWORD,
            "/identity", "/identity unlock", PASSWORD, "never said"], password=BETTER, status=1)
        said = ("* the key of alice that is kept here is under another password: no direct messages. /identity unlock asks "
                "for that one; /identity new makes another key\n")
        self.assertEqual(out.count(said), 2)
        self.assertIn("* your key is open; it stays under that password until the next /password\n* your key is SHA256:", out)
        self.assertRegex(err, r"^glasschat: no direct messages: .*\.key: does not open with this password\n"
                              "glasschat: not unlocked: a password has 8 to 128 bytes\n"
                              r"glasschat: your key is open already \(line 9: nothing after it was done or said\)\n$")
        self.run_script(server, "alice", ["/identity unlock", PASSWORD, "/password", BETTER, "", "the third horse"],
                        password=BETTER)
        self.assertTrue(self.is_open(server, "alice", "the third horse"))

    def test_a_password_of_its_own(self):
        """The account's doesn't open it, and a change of that leaves it alone."""
        server = self.server()
        own = self.path("own", b"of the key alone\n")
        os.chmod(own, 0o600)
        option = ["--identity-password-file", own]
        self.run_script(server, "alice", ["/password", PASSWORD, "", BETTER], *option, register=True)
        self.assertEqual(self.copies(server, "alice"), [".key"])
        self.assertTrue(self.is_open(server, "alice", BETTER, *option))
        out, _ = self.run_script(server, "alice", ["/identity unlock", "of the key alone", "/identity"], password=BETTER)
        self.assertIn("* your key is SHA256:", out)
        with open(own, "w") as f:
            f.write("not that of the key\n")
        out, err = self.run_script(server, "alice", ["/identity unlock", "of the key alone", "/identity", "/password", BETTER,
                                                     "", PASSWORD, "not that of the key"], *option, password=BETTER, status=1)
        self.assertIn("* your key is open\n* your key is SHA256:", out)
        self.assertIn("not said: it was given as a password (line 8", err)
        with open(own, "w") as f:
            f.write("of the key alone\n")
        self.assertTrue(self.is_open(server, "alice", PASSWORD, *option))
        os.chmod(own, 0o644)
        _, err = self.run_script(server, "alice", [], *option, status=1)
        self.assertEqual(err.count("\n"), 1)


class Folders(DirectCase):
    def test_moved_to_another_machine(self):
        server, alice, bob = self.pair()
        self.meet(alice, bob)
        self.leave(alice)
        os.rename(alice.home, self.path("a-stick"))
        out, _ = self.run_script(server, "alice", ["/msg bob back on another machine"], "--home", self.path("a-stick"))
        self.assertNotIn("first call", out)
        bob.expect(rf"^\[alice, {NEW}\] back on another machine$")
        self.leave(bob)

    def test_two_accounts_with_one_folder(self):
        server = self.server()
        home = ["--home", self.path("home-of-both")]
        alice, bob = (self.client(server, name, *home) for name in ("alice", "bob"))
        for user in alice, bob:
            user.say("/identity")
            user.expect("your key is")
        self.meet(alice, bob)
        self.meet(bob, alice)
        carol = self.user(server, "carol")
        self.meet(carol, alice)
        self.meet(carol, bob)
        for user in alice, bob:
            user.say("/peers")
        self.leave(alice, bob, carol)
        with open(self.path("home-of-both/peers")) as f:
            self.assertEqual(len(f.read().splitlines()), 4)  # of one server: a name stands once, whoever met it

    def test_a_server_that_lost_its_accounts(self):
        """The key that is kept is the new account's, where its password opens it; so nobody finds it changed."""
        server, alice, bob = self.pair()
        self.meet(alice, bob)
        self.leave(alice, bob)
        port, data = server.port, server.data
        server.stop()
        os.remove(os.path.join(data, "accounts"))
        server = self.started(harness.Process([harness.program("glasschatd"), "--listen", f"127.0.0.1:{port}", "--data", data,
                                               "--pbkdf2-iterations", harness.ITERATIONS, *harness.SANDBOX]))
        server.port = port
        server.expect("listening")
        _, err = self.run_script(server, "alice", [], register=True, password=BETTER, status=1)
        self.assertRegex(err, r"^glasschat: not registered: .*\.key: does not open with this password; move it away if nobody "
                              r"needs it any more\n$")
        bob = self.user(server, "bob")
        out, _ = self.run_script(server, "alice", ["/msg bob hello"], register=True)
        self.assertIn("* registered alice\n* your key is the one that was kept here already\n", out)
        bob.expect(rf"^\[alice, {NEW}\] hello$")
        self.assertNotIn("first call", bob.out.text)
        self.leave(bob)

    def test_damaged_files(self):
        """The reason is told, the chat goes on, nothing is written over; a new key is one's own decision."""
        server, alice, bob = self.pair()
        self.meet(alice, bob)
        self.leave(alice, bob)
        path = self.identity(server, "alice")
        with open(path + ".key", "rb") as f:
            key = f.read()
        with open(self.identity(server, "bob") + ".certificate", "rb") as f:
            others = f.read()
        for end, content, why in ((".key", key[:-200], "is damaged"), (".key", b"", "is damaged"),
                                  (".certificate", b"x", "is no certificate, or is damaged"),
                                  (".certificate", others, "it is not made out to alice"),
                                  (".certificate", None, "is missing, and its key is there")):
            shutil.copytree(alice.home, self.path("good"))
            if content is None:
                os.remove(path + end)
            else:
                with open(path + end, "wb") as f:
                    f.write(content)
            out, err = self.run_script(server, "alice", ["still in the lobby", "/msg bob hello"], status=1)
            self.assertEqual(err.count("glasschat: no direct messages: "), 2, err)
            self.assertIn(why, err)
            shutil.rmtree(alice.home)
            os.rename(self.path("good"), alice.home)
        with open(os.path.join(alice.home, "peers"), "a") as f:
            f.write("x\n")
        out, err = self.run_script(server, "alice", ["/identity"], status=1)
        self.assertIn("peers, line 3 is damaged: mend or remove that line, nothing was changed", err)

    def test_a_new_account_beside_a_damaged_list_of_peers(self):
        """Its key is written all the same: nobody else has it."""
        server = self.server()
        os.mkdir(self.path("home-alice"))
        self.path("home-alice/peers", b"x\n")
        _, err = self.run_script(server, "alice", [], register=True, status=1)
        self.assertIn("line 1 is damaged", err)
        os.remove(self.path("home-alice/peers"))
        out, _ = self.run_script(server, "alice", ["/identity"])
        self.assertIn("* your key is SHA256:", out)


if __name__ == "__main__":
    harness.main()
