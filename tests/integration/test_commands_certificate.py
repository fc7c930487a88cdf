#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""The client's commands about one's own certificate and other people's."""
import base64
import os
import re
import time

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

import glasschat_client as wire
import harness
from commands_case import PASSWORD, Commands, holds


class Certificates(Commands):
    def setUp(self):
        super().setUp()
        self.key = rsa.generate_private_key(65537, 3072)

    def pem(self, password=None, kind=serialization.PrivateFormat.PKCS8):
        how = serialization.BestAvailableEncryption(password) if password else serialization.NoEncryption()
        return self.key.private_bytes(serialization.Encoding.PEM, kind, how)

    def public_pem(self):
        return self.key.public_key().public_bytes(serialization.Encoding.PEM,
                                                  serialization.PublicFormat.SubjectPublicKeyInfo)

    def certificate(self, name, role=2, begins=-1000, ends=1000, **how):
        now = int(time.time())
        return wire.certificate(self.key, role, name, now + begins, now + ends, **how)

    def fingerprint(self):
        return "SHA256:" + base64.b64encode(wire.key_fingerprint(self.key)).decode()

    def glass(self, *args):
        return self.run_program("glass", *args, status=0).stdout.decode()

    def wrong(self):
        """What the certificate of alice can't be, and what is said of it."""
        return ((self.certificate("bob"), "it is made out to bob, not to alice"),
                (self.certificate("alicf"), "it is made out to alicf, not to alice"),
                (self.certificate("alice", broken=1), "its signature is wrong"),
                (self.certificate("alice", issuer=b"i" * 32), "it is signed by another key than its own"),
                (self.certificate("alice", begins=-2000, ends=-500), "it expired on 20"),
                (self.certificate("alice", begins=500), "it is not valid before 20"))

    def test_registered_and_seen(self):
        """All with what a user has: the three programs. The key is the one that the client keeps; the path is long."""
        server = self.server()
        folder = self.path(os.path.join(*["d" * 100] * 4))
        os.makedirs(folder)
        new = ["--register", "--email", "a@example.org"]
        out, err = self.run_client(server.port, ["/identity", "/certificate @alice"], *new)
        fingerprint = re.search(r"^\* your key is (SHA256:\S+), kept in ", out, re.M)[1]
        self.assertIn(f"\n* certificate of alice: key {fingerprint}, valid from ", out)
        key = self.path(f"home/identities/alice@127.0.0.1:{server.port}.key")
        mine = os.path.join(folder, "alice.certificate")
        self.glass("key", "certify", "--user", "alice", "--key", key, "--password-file", self.path("password"), "--days",
                   "7", mine)
        self.assertIn("certificate of the user alice\n", self.glass("key", "show", mine))
        said = dict(line.rsplit(" ", 1) for line in self.glass("key", "show", mine).split("\n")[:5])
        self.assertEqual(said["fingerprint"], fingerprint)
        out, err = self.run_client(server.port, ["/certificate " + mine, PASSWORD, "", "/certificate @alice",
                                                 "/certificate @nobody"], status=1)
        self.assertEqual(err, "glasschat: nobody: there is no such user\n")
        shown = [f"* certificate of alice: key {said['fingerprint']}, valid from {said['not before']} to "
                 f"{said['not after']}", "* compare that key with alice outside this chat: nothing of it is remembered"]
        self.assertEqual(re.sub(r".*lobby\n", "", out, count=1, flags=re.S).split("\n"), [
            f"* certificate registered, key {said['fingerprint']}; other sessions of this account end", *shown, ""])
        with wire.Client(server.port) as c:
            c.enter("bob", PASSWORD)  # which has no key, and may register any
        another = self.path("bob", self.certificate("bob"))
        out, err = self.run_client(server.port, ["/certificate @alice", "/certificate @bob", "/certificate " + another,
                                                 PASSWORD, "", "/certificate @bob"], user="bob")
        self.assertIn("\n".join([*shown, "* bob has no certificate", ""]), out)
        self.assertIn(f"* certificate of bob: key {self.fingerprint()}, ", out)
        with wire.Client(server.port) as c, open(mine, "rb") as f:
            self.assertEqual(c.enter("carol").fetch_certificate("alice"), f.read())
        self.assertIn("certificate replaced", server.log)
        with wire.Client(server.port) as other:
            other.log_in("carol", "a good password")
            out, err = self.run_client(server.port, ["/delete-certificate", PASSWORD, "", "/certificate @alice"])
            self.assertEqual(err, "")
            self.assertTrue(out.endswith("* certificate deleted, you have none now; other sessions of this account end\n"
                                         "* alice has no certificate\n"), out)
            self.assertEqual(other.fetch_certificate("alice"), b"")
        self.run_client(server.port, ["/delete-certificate", PASSWORD, ""])  # there is none: so it stays

    def test_another_key_than_one_s_own_is_refused(self):
        """What is shown to others would not be what answers their calls."""
        server = self.server()
        other = self.path("other", self.certificate("alice"))
        _, err = self.run_client(server.port, ["/certificate " + other, PASSWORD, "", "never said"], "--register",
                                 "--email", "a@example.org", status=1)
        self.assertEqual(err, "glasschat: certificate not registered: it is of another key than your identity's, which "
                              "/identity shows (line 1: nothing after it was done or said)\n")
        self.assertNotIn("certificate replaced", server.log)

    def test_what_is_sent(self):
        mine = self.certificate("alice")

        def part(peer):
            for code, refusal in ("123456", None), ("", wire.E_BAD_CERTIFICATE), ("", wire.E_LOGIN_FAILED):
                request = peer.expect(wire.REPLACE_CERTIFICATE)
                assert request.fields.data == wire.v8(PASSWORD.encode()) + wire.v8(code.encode()) + wire.v16(mine)
                if refusal:
                    peer.refuse(request, refusal, "it can't be used")
                else:
                    peer.answer(request)
        command = "/certificate " + self.path("mine", mine)
        out, err = self.run_client(self.peer(part).port, [command, PASSWORD, "123456", command, PASSWORD, "", command,
                                                          PASSWORD, ""], status=1)
        self.assertEqual(out.count("* certificate registered, key " + self.fingerprint()), 1)
        self.assertEqual(err, "glasschat: certificate not registered: the server says: it can't be used\n"
                              "glasschat: certificate not registered: wrong password\n")

    def test_deleting_it(self):
        def part(peer):
            for code, refusal in ("123456", None), ("", wire.E_LOGIN_FAILED), ("", wire.E_NOT_SAVED):
                request = peer.expect(wire.REPLACE_CERTIFICATE)
                assert request.fields.data == wire.v8(PASSWORD.encode()) + wire.v8(code.encode()) + wire.v16(b"")
                if refusal:
                    peer.refuse(request, refusal, "it could not be saved")
                else:
                    peer.answer(request)
        command = "/delete-certificate"
        out, err = self.run_client(self.peer(part).port, [
            command, PASSWORD, "123456", command, PASSWORD, "", command, PASSWORD, "", command, "short", "", command,
            PASSWORD, "12345", command, PASSWORD], status=1)
        self.assertEqual(out.count("* certificate deleted"), 1)
        not_done = "glasschat: certificate not deleted: "
        self.assertEqual([line[len(not_done):] for line in err.split("\n") if line.startswith(not_done)], [
            "wrong password", "the server says: it could not be saved", "a password has 8 to 128 bytes",
            "a code has six digits", "the input ended where an answer was expected"])

    def test_what_is_not_sent(self):
        """Whatever is wrong with the file, the server hears nothing of it, nor of what answers the questions."""
        heard = []

        def part(peer):
            request = peer.expect(wire.SAY)
            heard.append(request.fields.data)
            peer.answer(request)
        os.mkfifo(self.path("pipe"))
        good = self.certificate("alice")
        files = [*self.wrong(), (self.certificate("alice", role=1), "it is a server's, not a user's"),
                 (self.pem(), "holds a private key: keep it to yourself"),
                 (b"a copy\n" + self.pem(b"sealed"), "holds a private key"),
                 (self.pem(kind=serialization.PrivateFormat.TraditionalOpenSSL), "holds a private key"),
                 (self.public_pem(), "holds a public key"), (b"", "is no certificate as"), (b"x", "is no certificate"),
                 (good[:-1], "is no certificate"), (good + b"\n", "is no certificate"), (b"\0" * 20000, "is no certificate"),
                 (b"-----BEGIN CERTIFICATE-----\n" + base64.b64encode(good), "is no certificate")]
        cases = [(self.path(f"file{i}", data), why) for i, (data, why) in enumerate(files)]
        cases += [(self.path("none"), "the file: No such file"), (self.folder, "is no file"),
                  (self.path("pipe"), "is no file"), ("/dev/zero", "is no file")]
        private = (self.pem() + self.pem(kind=serialization.PrivateFormat.TraditionalOpenSSL)).decode().split("\n")
        for path, why in cases:
            out, err = self.run_client(self.peer(lambda peer: None).port, ["/certificate " + path, PASSWORD, "",
                                                                           "never said"], status=1)
            self.assertIn(why, err)
            self.assertTrue(err.startswith("glasschat: "))
            self.assertTrue(err.endswith(" (line 1: nothing after it was done or said)\n"), err)
            for line in private:
                self.assertFalse(len(line) > 30 and line in out + err)
        lines = ["/certificate " + self.path("good", good), "short", "", "behind it"]
        _, err = self.run_client(self.peer(part).port, lines, status=1)
        self.assertEqual(err, "glasschat: certificate not registered: a password has 8 to 128 bytes\n")
        self.assertEqual(heard, [wire.v8(b"lobby") + wire.v16(b"behind it")])

    def test_a_server_that_lies(self):
        """It sends others' certificates, broken ones and old ones under alice's name; the last one is good."""
        wrong = self.wrong()
        far = wire.certificate(self.key, 2, "alice", 0, 2**64 - 1)

        def part(peer):
            for sent in [c for c, _ in wrong] + [far, b""]:
                request = peer.expect(wire.FETCH_CERTIFICATE)
                assert self.fields(request, 1) == ["alice"]
                peer.answer(request, wire.CERTIFICATE, wire.v8(b"alice") + wire.v16(sent))
        out, err = self.run_client(self.peer(part).port, ["/certificate @alice"] * (len(wrong) + 2), status=1,
                                   user="bob")
        said = err.rstrip("\n").split("\n")
        self.assertEqual(len(said), len(wrong), err)
        for line, (_, why) in zip(said, wrong):
            self.assertIn("glasschat: the certificate that the server sent for alice does not verify: " + why, line)
        self.assertEqual(self.after_login(out).split("\n"), [
            f"* certificate of alice: key {self.fingerprint()}, valid from 1970-01-01T00:00:00Z to {2**64 - 1}",
            "* compare that key with alice outside this chat: nothing of it is remembered",
            "* alice has no certificate", ""])

    def test_a_certificate_of_an_account_called_you(self):
        """And one made out to a name that no account has, as long as a certificate's name may be."""
        shown = ["you", "x" * 255, "alice,not-to-you"]

        def part(peer):
            peer.answer(peer.expect(wire.FETCH_CERTIFICATE), wire.CERTIFICATE,
                        wire.v8(b"you") + wire.v16(self.certificate("you")))
            for name in shown:
                peer.answer(peer.expect(wire.FETCH_CERTIFICATE), wire.CERTIFICATE,
                            wire.v8(b"y0u") + wire.v16(self.certificate(name)))
            peer.refuse(peer.expect(wire.FETCH_CERTIFICATE), wire.E_NO_SUCH_USER, "there is no such user")
            peer.refuse(peer.expect(wire.BLOCK), wire.E_NO_SUCH_USER, "there is no such user")
        out, err = self.run_client(self.peer(part).port, ["/certificate @you", *["/certificate @y0u"] * len(shown),
                                                          "/certificate @you", "/block you"], status=1)
        self.assertRegex(out, r"\n\* certificate of 'you': key .*\n\* compare that key with 'you' outside this chat")
        self.assertEqual(err.split("\n"), [
            *(f"glasschat: the certificate that the server sent for 'y0u' does not verify: it is made out to '{name}', "
              "not to 'y0u'" for name in shown), *["glasschat: 'you': there is no such user"] * 2, ""])

    def test_a_server_that_breaks_the_protocol(self):
        good = self.certificate("alice")
        unasked, broken = "answered what was not asked: leaving it", "breaks the protocol: leaving it"
        alice = wire.v8(b"alice")
        for command, kind, fields, why in (
                ("/certificate @alice", wire.CERTIFICATE, wire.v8(b"bob") + wire.v16(good), unasked),
                ("/certificate @alice", wire.OK, b"", unasked), ("/block alice", wire.CERTIFICATE, alice + wire.v16(good), unasked),
                ("/certificate @alice", wire.CERTIFICATE, alice + wire.v16(self.certificate("alice", role=1)), broken),
                ("/certificate @alice", wire.CERTIFICATE, alice + wire.v16(good[:-1]), broken),
                ("/certificate @alice", wire.CERTIFICATE, alice + wire.v16(b"x" * 3000), broken)):
            def part(peer):
                peer.answer(peer.next(), kind, fields)
                peer.next()
            out, err = self.run_client(self.peer(part).port, [command], status=1, user="bob")
            self.assertIn(why, err)
            self.assertNotIn("SHA256", out.split("in lobby")[-1].split("lobby\n")[-1])

    def test_no_key_stays_in_memory(self):
        if harness.sanitized():
            self.skipTest("a sanitizer keeps what was freed, and more memory than can be read")
        alice = self.client(self.server(), "alice", ready=False, terminal=True, env={"TERM": "dumb"})
        alice.expect("lobby> ")
        alice.type("/certificate " + self.path("key", self.pem()) + "\n")
        alice.expect("holds a private key")
        self.assertTrue(holds(alice, b"alice@example.org"))
        for line in self.pem().split(b"\n")[1:-2]:
            self.assertEqual(holds(alice, line), [])

    def test_at_a_terminal(self):
        """The password isn't shown; nothing typed takes it back. The account has no key of its own."""
        server = self.server()
        with wire.Client(server.port) as c:
            c.enter("alice", PASSWORD)
        mine = self.path("mine", self.certificate("alice"))
        for term in "screen", "dumb":
            alice = self.started(harness.Client(self.folder, "alice", server.port, terminal=True, env={"TERM": term},
                                                register=False))
            for question, text in (("lobby> ", "/certificate " + mine), ("password: ", ""),
                                   ("not registered: nothing was typed", "/certificate " + mine),
                                   ("password: ", PASSWORD), ("code .*: ", ""), ("registered, key SHA256:", "/quit")):
                alice.expect(question)
                alice.type(text + "\n")
            self.assertEqual(alice.wait(), 0)
            self.assertNotIn(PASSWORD, alice.out.text)


if __name__ == "__main__":
    harness.main()
