#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""A class's authority: what `glass key authority` makes, what it signs, and what it refuses to sign."""
import os
import subprocess

import harness

GLASS = harness.program("glass")
PSS = ["-sha256", "-sigopt", "rsa_padding_mode:pss", "-sigopt", "rsa_pss_saltlen:32"]
DAY = 86400


class KeyAuthority(harness.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.made = {}

    def glass(self, *args, status=0):
        """All that it prints; at a refusal that is one line for each file, and nothing else."""
        done = subprocess.run([GLASS, *args], stdin=subprocess.DEVNULL, capture_output=True, timeout=harness.PATIENCE,
                              cwd=self.folder)
        self.assertEqual(done.returncode, status, f"{args}: {done.stdout!r} {done.stderr.decode()}")
        return done.stdout.decode(), done.stderr.decode()

    def key(self, name):
        """The path of a key, which is made once for all tests, as that takes time."""
        if name not in self.made:
            self.glass("key", "new", name)
            with open(self.path(name), "rb") as f:
                self.made[name] = f.read()
        return self.path(name, self.made[name])

    def user(self, name, key, path=None):
        path = self.path(path or name + ".certificate")
        os.makedirs(os.path.dirname(path), exist_ok=True)
        self.glass("key", "certify", "--user", name, "--key", self.key(key), path)
        return path

    def read(self, path):
        with open(self.path(path), "rb") as f:
            return f.read()

    def certify(self, *args, status=0):
        return self.glass("key", "authority", "certify", "--authority", self.key("authority"), *args, status=status)

    def test_what_is_handed_out_is_the_public_half(self):
        printed, _ = self.glass("key", "authority", "new", "--out", "class.key")
        self.assertEqual(os.stat(self.path("class.key")).st_mode & 0o777, 0o600)
        self.assertEqual(printed.split("\n", 1)[1], self.read("class.key.pub").decode())
        self.assertTrue(self.read("class.key.pub").startswith(b"-----BEGIN PUBLIC KEY-----\n"))
        self.assertEqual(self.glass("key", "show", "class.key")[0], printed)
        before = self.read("class.key")
        self.glass("key", "authority", "new", "--out", "class.key", status=1)
        os.rename(self.path("class.key"), self.path("elsewhere"))
        self.glass("key", "authority", "new", "--out", "class.key", status=1)  # the public half is there still
        self.assertFalse(os.path.exists(self.path("class.key")))
        self.assertEqual(self.read("elsewhere"), before)

    def test_a_sealed_authority(self):
        self.path("secret", b"a long enough password\n")
        self.glass("key", "authority", "new", "--password-file", "secret", "--out", "class.key")
        self.assertIn(b"ENCRYPTED PRIVATE KEY", self.read("class.key"))
        self.user("alice", "one")
        args = ["key", "authority", "certify", "--authority", "class.key", "--out", "signed", "alice.certificate"]
        _, error = self.glass(*args, status=1)
        self.assertIn("--password-file", error)
        self.glass(*args, "--password-file", "secret")
        self.assertIn("certificate of the user alice", self.glass("key", "show", "signed/alice.certificate")[0])

    @harness.unsanitized
    def test_name_and_key_stay_and_the_authority_signs(self):
        """The layout of docs/protocol.md, section 7, and a signature that openssl verifies."""
        before = self.read(self.user("alice", "one"))
        printed, error = self.certify("--days", "100", "--out", "signed", "alice.certificate")
        self.assertEqual((printed.split()[0], printed.split()[2], error), ("alice", "signed/alice.certificate", ""))
        c = self.read("signed/alice.certificate")
        self.assertEqual(len(c), 819 + 5)
        self.assertEqual(c[:8], b"\x01\x02\x05alice")
        self.assertEqual(int.from_bytes(c[16:24], "big") - int.from_bytes(c[8:16], "big"), 100 * DAY)
        self.assertEqual(c[24:408], before[24:408])
        self.assertNotEqual(c[408:440], before[408:440])
        pub = self.path("pub", self.glass("key", "show", self.key("authority"))[0].split("\n", 1)[1].encode())
        signed = self.path("signed-bytes", b"glasschat/1 certificate\0" + c[:-384])
        done = subprocess.run(["openssl", "dgst", *PSS, "-verify", pub, "-signature", self.path("s", c[-384:]), signed],
                              capture_output=True, timeout=harness.PATIENCE)
        self.assertEqual(done.returncode, 0, done.stderr)

    def test_a_class(self):
        """A folder of what was handed in: what is right is signed, what is wrong is named, and nothing is asked twice."""
        names = [f"user-{i}" for i in range(12)]
        for name in names:
            self.user(name, "one", f"in/{name}.certificate")
        self.user("alice", "one", "in/alice@chat.example:7447.certificate")
        self.user("mallory", "two", "in/bob.certificate")
        self.path("in/carl.key", self.read(self.key("two")))
        self.path("in/.hidden", b"")
        os.mkdir(self.path("in/folder"))
        os.symlink("nowhere", self.path("in/gone"))
        printed, error = self.certify("--out", "signed", "in", status=1)
        self.assertEqual(sorted(os.listdir(self.path("signed"))),
                         sorted(name + ".certificate" for name in [*names, "alice"]))
        self.assertIn("13 signed, 4 refused\n", printed)
        self.assertEqual(sorted(line.split(": ")[1] for line in error.splitlines()),
                         ["in/bob.certificate", "in/carl.key", "in/folder", "in/gone"])
        self.assertIn("in/bob.certificate: is not called as the user that it is made out to", error)
        self.assertNotIn("PRIVATE", printed + error)
        before = self.read("signed/alice.certificate")
        printed, error = self.certify("--out", "signed", "in", status=1)
        self.assertIn("0 signed, 17 refused", printed)
        self.assertIn("signed/alice.certificate: is there already", error)
        self.assertEqual(self.read("signed/alice.certificate"), before)

    def test_several_files(self):
        self.user("alice", "one")
        self.user("bob", "two")
        printed, _ = self.certify("--out", "signed", "alice.certificate", "bob.certificate")
        self.assertIn("2 signed, 0 refused", printed)

    def test_a_name_that_is_given(self):
        self.user("bob", "two", "assignment-7")
        self.certify("--out", "signed", "assignment-7", status=1)
        self.certify("--name", "alice", "--out", "signed", "assignment-7", status=1)
        self.assertEqual(os.listdir(self.path("signed")), [])
        self.certify("--name", "bob", "--out", "signed", "assignment-7")
        self.assertEqual(os.listdir(self.path("signed")), ["bob.certificate"])
        self.certify("--name", "bob", "--out", "signed", "assignment-7", "assignment-7", status=2)
        self.certify("--name", "bob", "--out", "signed", "signed", status=1)
        self.certify("--name", "Bob", "--out", "signed", "assignment-7", status=2)

    def test_a_renewal(self):
        """What this authority has signed before it signs again; what another one has signed it doesn't."""
        self.user("alice", "one")
        self.certify("--out", "first", "alice.certificate")
        self.certify("--out", "second", "first/alice.certificate")
        self.glass("key", "authority", "certify", "--authority", self.key("two"), "--out", "third",
                   "first/alice.certificate", status=1)
        self.assertFalse(os.path.exists(self.path("third/alice.certificate")))

    def test_what_is_not_signed(self):
        """Each byte matters: a certificate whose maker has not shown that it has the key, a server's, the authority's."""
        good = self.read(self.user("alice", "one"))
        for at in (20, 30, 407, 408, 440, len(good) - 1):
            bad = bytearray(good)
            bad[at] ^= 1
            self.path("alice.certificate", bytes(bad))
            self.certify("--out", "signed", "alice.certificate", status=1)
        for bad in (good[:-1], good + b"\0", b""):
            self.path("alice.certificate", bad)
            self.certify("--out", "signed", "alice.certificate", status=1)
        os.remove(self.path("alice.certificate"))
        self.glass("key", "certify", "--authority", self.key("one"), "--key", self.key("one"), "--name", "alice",
                   "alice.certificate")
        self.assertIn("is a server's", self.certify("--out", "signed", "alice.certificate", status=1)[1])
        self.user("carl", "authority")
        self.assertIn("is the authority's own key", self.certify("--out", "signed", "carl.certificate", status=1)[1])
        self.assertEqual(os.listdir(self.path("signed")), [])

    def test_wrong_use(self):
        for args in ([], ["new"], ["show"], ["certify"], ["new", "--out", "a", "b"], ["certify", "--out", "o", "f"],
                     ["certify", "--authority", "a", "f"], ["certify", "--authority", "a", "--out", "o"],
                     ["certify", "--authority", "a", "--out", "o", "--days", "0", "f"]):
            self.run_program("glass", "key", "authority", *args, status=2)
        self.assertEqual(os.listdir(self.folder), [])


if __name__ == "__main__":
    harness.main()
