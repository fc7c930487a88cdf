#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""The backends of big numbers in the programs: asked for by name, each that this processor can run gives what GMP's
gives, and one that it can't run is refused, not replaced."""
import os
import subprocess

import harness

X = "0123456789abcdef" * 4


def backends(test):
    """Those of bignum: name -> whether this processor can run it."""
    lines = test.run_program("glass", "backends", status=0).stdout.decode().splitlines()
    rows = [line.split(None, 2) for line in lines]
    return {name: state != "not on this processor" for primitive, name, state in rows if primitive == "bignum"}


class Bignum(harness.TestCase):
    def test_gmp_is_picked(self):
        out = self.run_program("glass", "backends", status=0).stdout.decode()
        self.assertRegex(out, r"(?m)^bignum +gmp +picked$")

    def test_the_same_secret(self):
        command = ["dh", "--group", "ffdhe2048", "--private", X]
        public = self.run_program("glass", *command, status=0).stdout.decode().split()[1]
        want = self.run_program("glass", *command, "--peer", public, status=0).stdout
        for name, usable in backends(self).items():
            done = self.run_program("glass", *command, "--peer", public, "--backend", name, status=0 if usable else 1)
            self.assertEqual(done.stdout, want if usable else b"")
            self.assertEqual(b"can't run the backend" in done.stderr, not usable)
        self.run_program("glass", *command, "--peer", public, "--backend", "abacus", status=2)
        self.run_program("glass", *command, "--peer", public, "--backend", "gmp", "--explain", status=2)
        self.run_program("glass", *command, "--backend", "gmp", status=2)

    def test_signatures_of_each_for_each(self):
        key, signature, message = (os.path.join(self.folder, n) for n in ("key", "signature", "message"))
        self.run_program("glass", "key", "new", key, status=0)
        with open(message, "w") as f:
            f.write("what is signed")
        names = [name for name, usable in backends(self).items() if usable]
        for signer in names:
            made = self.run_program("glass", "rsa", "sign", "--key", key, "--backend", signer, message, status=0)
            with open(signature, "wb") as f:
                f.write(made.stdout)
            for verifier in names:
                verify = ["rsa", "verify", "--key", key, "--signature", signature, "--backend", verifier]
                self.run_program("glass", *verify, message, status=0)
                self.assertIn(b"not this key's", self.run_program("glass", *verify, key, status=1).stderr)

    def test_a_power_on_paper(self):
        """Against Python's own; the command that an explanation ends with says the same."""
        for m, a, e in ((233, 46, 13), (99999999, 99999998, 65537), (3, 2, 0), (77777771, 12345678, 54321)):
            command = ["bignum", "--modulus", str(m), "--base", str(a), "--exponent", str(e)]
            self.assertEqual(int(self.run_program("glass", *command, status=0).stdout), pow(a, e, m))
            shown = self.run_program("glass", *command, "--explain", status=0).stdout.decode()
            self.assertIn(f"{a}^{e} mod {m} = {pow(a, e, m)}\n", shown)
            python = shown.partition("  $ ")[2].strip()
            self.assertEqual(int(subprocess.run(["sh", "-c", python], capture_output=True).stdout), pow(a, e, m))
        for wrong in (["--modulus", "234"], ["--modulus", "235"], ["--modulus", "1"], ["--base", "233"],
                      ["--modulus", "100000001"], ["--exponent", "65538"], ["--exponent", "x"], ["12"]):
            self.run_program("glass", "bignum", *wrong, status=2)

    def test_the_server(self):
        for name, usable in backends(self).items():
            if usable:
                server = self.server("--bignum", name)
                alice, bob = self.client(server, "alice_" + name), self.client(server, "bob_" + name)
                alice.say("hello")
                bob.expect(rf"^\[lobby\] alice_{name}: hello$")
                server.stop()
            else:
                done = self.run_program("glasschatd", "--bignum", name, status=2)
                self.assertIn(b"this processor lacks", done.stderr)


if __name__ == "__main__":
    harness.main()
