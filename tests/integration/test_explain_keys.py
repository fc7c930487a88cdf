#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""What `glass dh`, `ring`, `rsa`, `etm`, `rng` and `base64` explain: the commands that they print are run by sh, and must
come to the values that are shown; what is refused is refused at the right place."""
import base64
import hashlib
import hmac
import re
import subprocess

import harness

X = "00000001946b9886505f6b1af0e3bfd3c314622fb52f4e22a6db8bcaea9b86fa"  # of vectors/dh.txt: its Z begins with zeros
ENC_KEY, MAC_KEY, IV = bytes(range(16)), bytes(range(64, 96)), bytes(range(240, 256))
KEYS = ("--enc-key", ENC_KEY.hex(), "--mac-key", MAC_KEY.hex(), "--iv", IV.hex())


def vector(stem, name, field):
    """A field of a record of vectors/."""
    with open(f"{harness.ROOT}/vectors/{stem}.txt") as f:
        record = f.read().split(f"name   = {name}\n")[1].split("\n\n")[0]
    return re.search(rf"^{field} *= (.*)$", record, re.M)[1]


def values(text):
    """The rows "  name        value" in their order, as a list of [name, value]; rows without a name are joined to the
    one before."""
    found = []
    for line in text.splitlines():
        if re.match(r" {14}\S", line) and found:
            found[-1][1] += line.strip()
        elif row := re.match(r"  (?! |\$)(.{11}) (\S.*)", line):
            found.append([row[1].strip(), row[2]])
    return found


def value(text, name):
    """The last one of that name."""
    return [v for n, v in values(text) if n == name][-1]


def commands(text):
    """The commands as a script: the lines "  $ ...", and after a << what follows up to its END."""
    script, inside = [], False
    for line in text.splitlines():
        if inside or line.startswith("  $ "):
            script.append(line if inside else line[4:])
            inside = line != "END" if inside else line.endswith("<<END")
    return "\n".join(script) + "\n"


class Explained(harness.TestCase):
    def glass(self, *args, status=0, stdin=b""):
        return self.run_program("glass", *args, status=status, stdin=stdin)

    def explain(self, *args, status=0, stdin=b""):
        text = self.glass(*args, "--explain", status=status, stdin=stdin).stdout.decode()
        for line in text.splitlines():
            self.assertTrue(len(line) <= 80 or line.startswith("  $ "), line)
        return text

    def run_commands(self, text):
        """What they print, as one text without white space and in small letters."""
        done = subprocess.run(["sh", "-eu"], input=commands(text).encode(), capture_output=True, cwd=self.folder,
                              timeout=harness.PATIENCE)
        self.assertEqual((done.returncode, done.stderr), (0, b""), commands(text))
        return "".join(done.stdout.decode().split()).lower()

    def run_each(self, text):
        """What each of them prints, given to sh as an argument."""
        done = [subprocess.run(["sh", "-euc", line], capture_output=True, check=True, timeout=harness.PATIENCE)
                for line in commands(text).splitlines()]
        return ["".join(d.stdout.decode().split()).lower() for d in done]

    def computes(self, text, *names):
        """The commands print these values, one after the other."""
        self.assertEqual(self.run_commands(text), "".join(value(text, name) for name in names))


@harness.unsanitized
class DiffieHellman(Explained):
    def setUp(self):
        super().setUp()
        self.peer = vector("dh", "ffdhe2048, the first of two (Z starts with two zero bytes)", "peer")

    def dh(self, peer, *options, group="ffdhe2048", private=X, status=0):
        return self.explain("dh", "--group", group, "--private", private, "--peer", peer, *options, status=status)

    def test_openssl_comes_to_the_same(self):
        text = self.dh(self.peer, "--all")
        plain = self.glass("dh", "--group", "ffdhe2048", "--private", X, "--peer", self.peer).stdout.decode()
        self.assertEqual(plain, f"public {value(text, 'y')}\nshared {value(text, 'Z')}\n")
        self.assertTrue(value(text, "Z").startswith("0000"))
        self.computes(text, "y", "Z")

    def test_in_every_group(self):
        for group, length in ("ffdhe2048", 32), ("ffdhe3072", 40), ("ffdhe4096", 48):
            private = hashlib.shake_256(group.encode()).hexdigest(length)
            peer = re.search("public (.*)", self.glass("dh", "--group", group, "--private", "5a" * length)
                             .stdout.decode())[1]
            self.computes(self.dh(peer, "--all", group=group, private=private), "y", "Z")
            alone = self.explain("dh", "--group", group, "--private", private, "--all")
            self.computes(alone, "y")

    def test_long_values_are_folded(self):
        short, long = self.dh(self.peer), self.dh(self.peer, "--all")
        self.assertRegex(value(short, "peer"), r"^de4b.* \.\.\. .*2f33 \(256 bytes\)$")
        self.assertEqual(value(long, "peer"), self.peer)
        self.assertEqual(commands(short), "\n")
        self.assertEqual(value(short, "Z"), value(long, "Z"))

    def test_a_value_that_is_refused(self):
        p = int(vector("dh", "ffdhe2048 refuses p", "peer"), 16)
        for number, check in (0, "1 < peer"), (1, "1 < peer"), (p - 1, "peer < p-1"), (p - 2, "is it 1?"):
            text = self.dh(f"{number:0512x}", status=1)
            self.assertEqual(values(text)[-1], [check, "refused"])
        self.assertEqual(values(self.dh("02", status=1))[-1], ["the same?", "refused"])

    def test_misuse(self):
        self.misuse("glass", ["dh", "--group", "ffdhe2048", "--private", X, "--all"], "--all is for --explain")


@harness.unsanitized
class Ring(Explained):
    def ring(self, *options):
        """What is printed without --explain, as {what: {name: value}}, and the sentences at the end."""
        lines = self.glass("ring", "--group", "ffdhe2048", "--seed", "ring", *options).stdout.decode().splitlines()
        found = {}
        for line in lines:
            if not line.startswith("all "):
                what, name, shown = line.split(" ")
                found.setdefault(what, {})[name] = shown
        return found, [line for line in lines if line.startswith("all ")]

    def test_pow_comes_to_the_same(self):
        """By the formula as it stands in the paper, for each party."""
        p = int(vector("dh", "ffdhe2048 refuses p", "peer"), 16)
        for n in 2, 3, 4, 17:
            found, told = self.ring("--parties", str(n))
            r, z, x, k = ([int(shown, 16) for shown in found[what].values()] for what in "rzXK")
            self.assertEqual(told, [f"all {n} have the same key"])
            self.assertEqual([len(found[what]) for what in ("r", "z", "X", "K", "key")], [n] * 5)
            for i in range(n):
                self.assertEqual(z[i], pow(2, r[i], p))
                self.assertEqual(x[i], pow(z[(i + 1) % n] * pow(z[i - 1], -1, p), r[i], p))
                own = pow(z[i - 1], n * r[i], p)
                for step in range(n - 1):
                    own = own * pow(x[(i + step) % n], n - 1 - step, p) % p
                self.assertEqual(k[i], own)
            self.assertEqual((len(set(k)), len(set(found["key"].values()))), (1, 1))

    def test_what_is_explained_is_what_is_printed(self):
        found, _ = self.ring()
        text = self.explain("ring", "--group", "ffdhe2048", "--seed", "ring", "--all")
        for name in found["K"]:
            for what in "rzX":
                self.assertEqual(value(text, f"{what} {name}"), found[what][name])
        self.assertEqual(value(text, "K"), found["K"]["alice"])
        self.assertEqual(value(text, "key"), found["key"]["alice"])
        self.assertEqual(int(value(text, "product"), 16), 1)

    def test_signed(self):
        found, told = self.ring("--signed", "--parties", "3")
        self.assertEqual(told, ["all 3 have the same key", "all 3 have verified the signatures of all others"])
        self.assertEqual([{len(shown) for shown in found[what].values()} for what in ("signature", "confirmation")],
                         [{768}, {768}])

    def test_another_run_has_another_key(self):
        one, two = (self.glass("ring").stdout for _ in range(2))
        self.assertEqual(one.count(b"\n"), 4 * 5 + 1)
        self.assertNotEqual(one.splitlines()[-2], two.splitlines()[-2])

    def test_misuse(self):
        for options, why in ((["--parties", "1"], "--parties"), (["--parties", "65"], "--parties"),
                             (["--group", "ffdhe1"], "no such group"), (["--all"], "--all is for --explain"),
                             (["--seed", "x" * 65], "at most 64 bytes")):
            self.misuse("glass", ["ring", *options], why)


@harness.unsanitized
class Signatures(Explained):
    def setUp(self):
        super().setUp()
        self.key = f"{harness.ROOT}/vectors/pem/key1.pem"
        self.sealed = f"{harness.ROOT}/vectors/pem/key1-aes128.pem"
        self.message = self.path("it's a message", b"a message\n")
        self.pub = self.path("pub.pem", subprocess.run(["openssl", "pkey", "-in", self.key, "-pubout"],
                                                       capture_output=True, check=True).stdout)
        self.signature = self.path("signature", self.glass("rsa", "sign", "--key", self.key, self.message).stdout)

    def verify(self, *, key=None, signature=None, message=None, status=0):
        return self.explain("rsa", "verify", "--key", key or self.pub, "--signature", signature or self.signature,
                            message or self.message, status=status)

    def is_verified(self, text):
        """One command opens the signature, the next one verifies it."""
        self.assertEqual(self.run_commands(text), value(text, "EM") + "verifiedok")

    def test_a_signature_is_opened(self):
        text = self.verify()
        self.is_verified(text)
        self.assertTrue(text.endswith("\nThe signature is good.\n"))
        self.assertEqual(value(text, "mHash"), hashlib.sha256(b"a message\n").hexdigest())
        with open(self.signature, "rb") as f:
            self.assertEqual(value(text, "S"), f.read().hex())
        self.is_verified(self.verify(key=self.key))

    def test_signing(self):
        text = self.explain("rsa", "sign", "--key", self.key, self.message)
        self.is_verified(text)
        signature = self.path("shown", bytes.fromhex(value(text, "S")))
        again = self.verify(signature=signature)
        for name in "mHash", "salt", "M'", "DB", "dbMask", "EM":
            self.assertEqual(value(text, name), value(again, name))

    def test_signing_with_a_sealed_key(self):
        password = self.path("password", harness.PASSWORD.encode() + b"\n")
        self.is_verified(self.explain("rsa", "sign", "--key", self.sealed, "--password-file", password, self.message))

    def test_no_part_of_the_private_key_is_shown(self):
        text = self.explain("rsa", "sign", "--key", self.key, self.message)
        shown = re.sub(r"\s", "", text)
        for part in "d", "p", "q", "dp", "dq", "qinv":
            self.assertNotIn(vector("rsa", "key 1", part)[:32], shown)

    def test_a_message_from_standard_input(self):
        """It can't be read twice: what is left is the command that opens the signature."""
        text = self.explain("rsa", "sign", "--key", self.key, stdin=b"abc")
        self.computes(text, "EM")

    def test_a_tampered_signature(self):
        with open(self.signature, "rb") as f:
            good = f.read()
        cases = ((good[:-1], "its length?"), (b"\xff" * 384, "s < n?"), (bytes(383) + b"\x01", "is it bc?"))
        for bad, check in cases:
            text = self.verify(signature=self.path("bad", bad), status=1)
            self.assertEqual(values(text)[-1], [check, "refused"])
        text = self.verify(message=self.path("other", b"another message"), status=1)
        self.assertEqual(values(text)[-1], ["H' = H?", "refused"])
        self.assertEqual(commands(text), "\n")


@harness.unsanitized
class EncryptThenMac(Explained):
    AD = bytes(8) + bytes.fromhex("03010040")

    def etm(self, *options, stdin=b"", status=0):
        return self.glass("etm", *KEYS, "--ad", self.AD.hex(), *options, stdin=stdin, status=status).stdout

    def test_sealed_and_opened(self):
        for length in 0, 1, 15, 16, 17, 100000:
            plain = bytes(i & 0xff for i in range(length))
            sealed = self.etm(stdin=plain)
            ciphertext = self.glass("cbc", "--key", ENC_KEY.hex(), "--iv", IV.hex(), stdin=plain).stdout
            tag = hmac.digest(MAC_KEY, self.AD + IV + ciphertext, "sha256")
            self.assertEqual(sealed, ciphertext + tag)
            self.assertEqual(self.etm("--open", stdin=sealed), plain)

    def test_openssl_comes_to_the_same(self):
        for plain in b"", b"hello", bytes(1000):
            text = self.explain("etm", *KEYS, "--ad", self.AD.hex(), stdin=plain)
            sealed = self.etm(stdin=plain)
            self.assertEqual(value(text, "sealed"), sealed.hex())
            whole = [v for n, v in values(text) if n == "ciphertext"][0]
            self.assertEqual(self.run_commands(text), whole + value(text, "tag"))
            text = self.explain("etm", *KEYS, "--ad", self.AD.hex(), "--open", stdin=sealed)
            self.assertEqual(value(text, "plaintext"), plain.hex() or "(empty)")
            self.assertEqual(self.run_commands(text), value(text, "received") + plain.hex())

    def test_what_was_changed_is_refused(self):
        """One message for all; the explanation says more."""
        sealed = self.etm(stdin=b"hello")
        bad = {sealed[:-1]: "its length?", b"": "its length?", bytes(16) + sealed[16:]: "the same?",
               sealed[:-1] + bytes([sealed[-1] ^ 1]): "the same?"}
        said = set()
        for what, check in bad.items():
            done = self.glass("etm", *KEYS, "--ad", self.AD.hex(), "--open", stdin=what, status=1)
            self.assertEqual(done.stdout, b"")
            said.add(done.stderr)
            text = self.explain("etm", *KEYS, "--ad", self.AD.hex(), "--open", stdin=what, status=1)
            self.assertEqual(values(text)[-1], [check, "refused"])
            self.assertNotIn("plaintext", text)
        self.assertEqual(len(said), 1)
        self.glass("etm", *KEYS, "--open", stdin=sealed, status=1)  # without its ad

    def test_bounds_and_misuse(self):
        text = self.explain("etm", *KEYS, "--ad", "5a" * 4096, stdin=bytes(32768))
        self.assertEqual(self.run_each(text), [[v for n, v in values(text) if n == "ciphertext"][0], value(text, "tag")])
        done = self.glass("etm", *KEYS, "--explain", stdin=bytes(32769), status=1)
        self.assertIn(b"larger than the 32768 bytes", done.stderr)
        self.misuse("glass", ["etm"], "--enc-key is missing")
        for option, bad, why in (("--enc-key", "00" * 17, "16 or 32 bytes"), ("--mac-key", "00", "32 bytes"),
                                 ("--iv", "00" * 15, "16 bytes"), ("--ad", "0", "hex digits in pairs")):
            args = ["etm", *KEYS]
            if option in args:
                args[args.index(option) + 1] = bad
            else:
                args += [option, bad]
            self.misuse("glass", args, why)


@harness.unsanitized
class Random(Explained):
    def test_real_bytes(self):
        a, b = (self.glass("rng", "32").stdout for _ in range(2))
        self.assertEqual((len(a), len(b)), (32, 32))
        self.assertNotEqual(a, b)
        self.assertRegex(self.glass("rng", "100", "--hex").stdout, rb"^[0-9a-f]{200}\n$")
        self.assertEqual(len(self.glass("rng", "1000001").stdout), 1000001)
        self.assertEqual(self.glass("rng", "0").stdout, b"")

    def test_a_seed(self):
        stream = b"".join(hashlib.sha256(b"example" + i.to_bytes(8, "big")).digest() for i in range(4000))
        for length in 0, 1, 32, 33, 100000:
            self.assertEqual(self.glass("rng", str(length), "--seed", "example").stdout, stream[:length])
        as_hex = self.glass("rng", "40", "--hex", "--seed", "example").stdout.decode()
        self.assertEqual(as_hex, stream[:40].hex() + "\n")
        text = self.explain("rng", "40", "--seed", "example")
        self.assertEqual(value(text, "stream"), stream[:40].hex())
        self.assertEqual(self.run_commands(text), stream[:32].hex() + "*stdin")

    def test_misuse(self):
        self.misuse("glass", ["rng"], "an argument is missing")
        self.misuse("glass", ["rng", "5", "--explain"], "--explain is for a stream that has a --seed")
        self.misuse("glass", ["rng", "5", "--seed", "x" * 65], "at most 64 bytes")
        for length in "x", "-1", "1073741825", "1.5", "":
            self.misuse("glass", ["rng", length], "LENGTH is a number from 0 to 1073741824")
        self.misuse("glass", ["rng", "65537", "--seed", "", "--explain"], "LENGTH is a number from 0 to 65536")


@harness.unsanitized
class Text(Explained):
    ALPHABETS = ((), base64.b64encode), (("--base32",), base64.b32encode)

    def test_both_ways(self):
        for options, encode in self.ALPHABETS:
            for length, end in (0, b"\n"), (1, b""), (2, b"\n"), (3, b"\r\n"), (4, b""), (9, b"\n"):
                data = bytes(255 - 7 * i for i in range(length))
                self.assertEqual(self.glass("base64", *options, stdin=data).stdout, encode(data) + b"\n")
                self.assertEqual(self.glass("base64", "--decode", *options, stdin=encode(data) + end).stdout, data)

    def test_a_file(self):
        data = bytes(i * i & 0xff for i in range(100000))
        text = self.glass("base64", self.path("data", data)).stdout
        self.assertEqual(text, base64.b64encode(data) + b"\n")
        self.assertEqual(self.glass("base64", "--decode", self.path("text", text)).stdout, data)

    def test_coreutils_comes_to_the_same(self):
        for options, encode in self.ALPHABETS:
            for data in b"", b"f", b"foob", bytes(range(256)):
                shown = encode(data).decode() or "(empty)"
                text = self.explain("base64", *options, stdin=data)
                self.assertEqual(value(text, "text"), shown)
                self.assertEqual(self.run_commands(text), encode(data).decode().lower())
                text = self.explain("base64", "--decode", *options, stdin=encode(data) + b"\n")
                self.assertEqual(value(text, "data"), data.hex() or "(empty)")
                self.assertEqual(self.run_commands(text), data.hex())

    def test_what_is_refused_and_where(self):
        cases = {b"Zm9v\nYg==": "character 5 is a blank or a line end", b"Zm9vYg==\n\n": "character 9 is",
                 b"Zm9vYg": "it has 6 characters", b"Zm9vYh==": "character 6 has bits set", b"\0\0\0\0": "the byte 00"}
        for text, why in cases.items():
            done = self.glass("base64", "--decode", stdin=text, status=1)
            self.assertIn(why, done.stderr.decode())
            self.assertEqual(done.stdout, b"")
            shown = self.explain("base64", "--decode", stdin=text, status=1)
            self.assertIn(["valid?", "refused"], values(shown))
            self.assertIn(why, " ".join(shown.split()))

    def test_bounds(self):
        text = self.explain("base64", stdin=bytes(32768))
        self.assertEqual(self.run_each(text), [value(text, "text").lower()])
        self.glass("base64", "--explain", stdin=bytes(32769), status=1)
        text = self.explain("base64", "--decode", stdin=b"A" * 52432)
        self.assertEqual(self.run_each(text), [value(text, "data")])
        for length in 52433, 52434, 52435:
            self.glass("base64", "--decode", "--explain", stdin=b"A" * length, status=1)


if __name__ == "__main__":
    harness.main()
