#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""glass and the openssl command must agree wherever both have the same job.

Each test gives both programs the same input and compares what they print, or lets one read what the other wrote.
"""
import hashlib
import os
import random
import shutil
import subprocess
import tempfile
import unittest

import harness

GLASS = harness.program("glass")
SIZES = [0, 1, 15, 16, 17, 55, 56, 63, 64, 65, 1000, 65535, 65536, 65537, 131072, 200001]
KEY128 = "000102030405060708090a0b0c0d0e0f"
KEY256 = KEY128 + "101112131415161718191a1b1c1d1e1f"
IV = "f0f1f2f3f4f5f6f7f8f9fafbfcfdfeff"
PASSWORD = b"correct horse battery staple"


def run(*command, stdin=b"", status=0):
    done = subprocess.run(command, input=stdin, capture_output=True, timeout=60)
    if done.returncode != status:
        raise AssertionError(f"{command} ended with {done.returncode}: {done.stderr.decode()}")
    return done.stdout


def glass(*args, **kw):
    return run(GLASS, *args, **kw)


def openssl(*args, **kw):
    return run("openssl", *args, **kw)


def message(size):
    return random.Random(size).randbytes(size)


@harness.unsanitized
class Digests(harness.TestCase):
    def test_sha256(self):
        for size in SIZES:
            path = self.path("message", message(size))
            self.assertEqual(glass("sha256", path).split()[0], openssl("dgst", "-sha256", "-r", path).split()[0])
            self.assertEqual(glass("sha256", stdin=message(size)),
                             hashlib.sha256(message(size)).hexdigest().encode() + b"  -\n")

    def test_sha256_on_every_backend(self):
        for line in glass("backends").decode().splitlines():
            primitive, name, state = line.split(None, 2)
            if primitive == "sha256" and state in ("picked", "usable"):
                self.assertEqual(glass("sha256", "--backend", name, stdin=message(1000)).split()[0].decode(),
                                 hashlib.sha256(message(1000)).hexdigest())

    def test_hmac(self):
        for size in SIZES:
            path = self.path("message", message(size))
            for key in ("0b" * 20, "aa" * 64, "aa" * 131):
                theirs = openssl("mac", "-digest", "SHA256", "-macopt", "hexkey:" + key, "-in", path, "HMAC")
                self.assertEqual(glass("hmac", "--key", key, path).strip(), theirs.strip().lower())

    def test_hkdf(self):
        for salt, info, length in (("00010203", "f0f1", 42), ("aa" * 80, "bb" * 80, 82), ("01", "02", 8160)):
            theirs = openssl("kdf", "-keylen", str(length), "-kdfopt", "digest:SHA256", "-kdfopt", "hexkey:" + "0b" * 22,
                             "-kdfopt", "hexsalt:" + salt, "-kdfopt", "hexinfo:" + info, "HKDF")
            ours = glass("hkdf", "--ikm", "0b" * 22, "--salt", salt, "--info", info, "--length", str(length))
            self.assertEqual(ours.decode().strip(), theirs.decode().strip().replace(":", "").lower())

    def test_pbkdf2(self):
        for iterations, length, text in ((1, 32, PASSWORD + b"\n"), (1000, 20, PASSWORD + b"\r\nmore"),
                                         (1000, 100, b"\xef\xbb\xbf" + PASSWORD)):
            password = self.path("password", text)
            theirs = openssl("kdf", "-keylen", str(length), "-kdfopt", "digest:SHA256", "-kdfopt",
                             "pass:" + PASSWORD.decode(), "-kdfopt", "hexsalt:" + IV, "-kdfopt",
                             f"iter:{iterations}", "-kdfopt", "pkcs5:1", "PBKDF2")
            ours = glass("pbkdf2", "--password-file", password, "--salt", IV, "--iterations", str(iterations),
                         "--length", str(length))
            self.assertEqual(ours.decode().strip(), theirs.decode().strip().replace(":", "").lower())


@harness.unsanitized
class Ciphers(harness.TestCase):
    def test_block_on_every_backend(self):
        for line in glass("backends").decode().splitlines():
            primitive, name, state = line.split(None, 2)
            if primitive == "aes" and state in ("picked", "usable"):
                self.assertEqual(glass("aes", "--key", KEY128, "--backend", name, "00112233445566778899aabbccddeeff"),
                                 b"69c4e0d86a7b0430d8cdb78070b4c55a\n")  # FIPS 197, appendix C.1

    def test_block(self):
        for name, key in (("aes-128-ecb", KEY128), ("aes-256-ecb", KEY256)):
            block = "00112233445566778899aabbccddeeff"
            theirs = openssl("enc", "-" + name, "-K", key, "-nopad", stdin=bytes.fromhex(block)).hex()
            self.assertEqual(glass("aes", "--key", key, block).decode().strip(), theirs)
            self.assertEqual(glass("aes", "--key", key, "--decrypt", theirs).decode().strip(), block)

    def test_cbc_both_ways(self):
        for name, key in (("aes-128-cbc", KEY128), ("aes-256-cbc", KEY256)):
            for size in SIZES:
                plain = message(size)
                ours = glass("cbc", "--key", key, "--iv", IV, stdin=plain)
                self.assertEqual(ours, openssl("enc", "-" + name, "-K", key, "-iv", IV, stdin=plain))
                self.assertEqual(glass("cbc", "--key", key, "--iv", IV, "--decrypt", stdin=ours), plain)

    def test_cbc_without_padding(self):
        plain = message(65536 + 32)
        ours = glass("cbc", "--key", KEY128, "--iv", IV, "--no-padding", stdin=plain)
        self.assertEqual(ours, openssl("enc", "-aes-128-cbc", "-K", KEY128, "-iv", IV, "-nopad", stdin=plain))
        self.assertEqual(glass("cbc", "--key", KEY128, "--iv", IV, "--no-padding", "--decrypt", stdin=ours), plain)

    def test_cbc_refuses(self):
        cipher = glass("cbc", "--key", KEY128, "--iv", IV, stdin=b"x" * 40)
        for broken in (cipher[:-1], cipher[:-16], b""):
            glass("cbc", "--key", KEY128, "--iv", IV, "--decrypt", stdin=broken, status=1)
        glass("cbc", "--key", KEY128, "--iv", IV, "--no-padding", stdin=b"x" * 17, status=1)


@harness.unsanitized
class Keys(harness.TestCase):
    """RSA keys and signatures, each program reading what the other wrote."""

    @classmethod
    def setUpClass(cls):
        if shutil.which("openssl") is None:  # tests/test_pem.c has files that it made
            raise unittest.SkipTest("openssl is not installed")
        cls.shared = tempfile.TemporaryDirectory()
        cls.addClassCleanup(cls.shared.cleanup)
        cls.ours = os.path.join(cls.shared.name, "ours.pem")
        cls.theirs = os.path.join(cls.shared.name, "theirs.pem")
        cls.password = os.path.join(cls.shared.name, "password")
        with open(cls.password, "wb") as f:
            f.write(PASSWORD + b"\n")
        cls.sealed = os.path.join(cls.shared.name, "sealed.pem")
        glass("key", "new", cls.ours)
        glass("key", "new", "--password-file", cls.password, cls.sealed)
        openssl("genpkey", "-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:3072", "-out", cls.theirs)

    PSS = ("-sha256", "-sigopt", "rsa_padding_mode:pss", "-sigopt", "rsa_pss_saltlen:32", "-sigopt", "rsa_mgf1_md:sha256")

    @staticmethod
    def public_half(pem):
        return pem[pem.index(b"-----BEGIN PUBLIC KEY"):]

    def test_openssl_finds_our_key_sound(self):
        self.assertIn(b"Key is valid", openssl("pkey", "-in", self.ours, "-check", "-noout"))

    def test_new_key_files_are_private(self):
        for path in (self.ours, self.sealed):
            self.assertEqual(os.stat(path).st_mode & 0o777, 0o600)

    def test_public_keys_agree(self):
        for path in (self.ours, self.theirs):
            self.assertEqual(self.public_half(glass("key", "show", path)), openssl("pkey", "-in", path, "-pubout"))

    def test_public_key_file(self):
        pub = self.path("pub.pem", openssl("pkey", "-in", self.theirs, "-pubout"))
        self.assertEqual(glass("key", "show", pub), glass("key", "show", self.theirs))

    def test_encrypted_keys_both_ways(self):
        ours = openssl("pkey", "-in", self.sealed, "-passin", "file:" + self.password, "-pubout")
        self.assertEqual(self.public_half(glass("key", "show", "--password-file", self.password, self.sealed)), ours)
        for cipher in ("aes-128-cbc", "aes-192-cbc", "aes-256-cbc"):
            for prf in ("SHA1", "SHA224", "SHA256", "SHA384", "SHA512"):
                path = self.path(cipher + prf)
                openssl("pkcs8", "-topk8", "-in", self.theirs, "-out", path, "-v2", cipher, "-v2prf", "hmacWith" + prf,
                        "-passout", "file:" + self.password)
                self.assertEqual(glass("key", "show", "--password-file", self.password, path),
                                 glass("key", "show", self.theirs), (cipher, prf))

    def test_wrong_password_and_no_password(self):
        wrong = self.path("wrong", b"incorrect horse\n")
        glass("key", "show", "--password-file", wrong, self.sealed, status=1)
        glass("key", "show", self.sealed, status=1)

    def test_forms_that_are_read(self):
        """Whatever openssl writes of a key of ours, in whatever text, is the same key."""
        with open(self.theirs, "rb") as f:
            pem = f.read()
        public = openssl("pkey", "-in", self.theirs, "-pubout")
        forms = {"pkcs1": openssl("pkey", "-in", self.theirs, "-traditional"),
                 "text first": openssl("rsa", "-in", self.theirs, "-text"),
                 "text, public": openssl("pkey", "-in", self.theirs, "-pubout", "-text"),
                 "pkcs1, public": openssl("rsa", "-in", self.theirs, "-RSAPublicKey_out"),
                 "CR LF": pem.replace(b"\n", b"\r\n"), "CR": pem.replace(b"\n", b"\r"), "BOM": b"\xef\xbb\xbf" + pem,
                 "blanks": b"From: me\n\n" + pem.replace(b"\n", b" \n  "), "both": public + pem, "one line":
                 b"-----BEGIN PRIVATE KEY-----" + b"".join(pem.splitlines()[1:-1]) + b"-----END PRIVATE KEY-----"}
        for name, text in forms.items():
            self.assertEqual(self.public_half(glass("key", "show", self.path("form.pem", text))), public, name)

    def refuse(self, words, text, *more):
        path = self.path("refused.pem", text)
        told = subprocess.run([GLASS, "key", "show", *more, path], capture_output=True, timeout=60)
        self.assertEqual(told.returncode, 1, words)
        self.assertIn(f"{path} {words}", told.stderr.decode())

    def test_other_keys_are_named(self):
        def new(*args):
            return openssl("genpkey", "-algorithm", *args)
        rsa = ("RSA", "-pkeyopt", "rsa_keygen_bits:2048")
        short, curve, edwards = new(*rsa), new("EC", "-pkeyopt", "ec_paramgen_curve:P-256"), new("ED25519")
        self.refuse("holds an RSA key of another size", short)
        self.refuse("holds an RSA key of another size", openssl("rsa", "-pubout", stdin=short))
        self.refuse("holds an RSA key of another size", openssl("pkey", "-traditional", stdin=short))
        self.refuse("holds an RSA key with more than two primes", new(*rsa, "-pkeyopt", "rsa_keygen_primes:3"))
        self.refuse("holds an RSA key with another e",
                    new("RSA", "-pkeyopt", "rsa_keygen_bits:3072", "-pkeyopt", "rsa_keygen_pubexp:3"))
        self.refuse("holds an RSA key that says it is for PSS alone", new("RSA-PSS"))
        for form in curve, openssl("pkey", "-traditional", stdin=curve), openssl("pkey", "-pubout", stdin=curve):
            self.refuse("holds an EC key", form)
        self.refuse("holds an Ed25519 or Ed448 key", edwards)
        self.refuse("holds an Ed25519 or Ed448 key", openssl("pkey", "-pubout", stdin=edwards))
        self.refuse("holds an X25519 or X448 key", new("X25519"))
        self.refuse("holds a Diffie-Hellman key", new("DH", "-pkeyopt", "group:ffdhe2048"))
        self.refuse("is in DER, not in PEM", openssl("pkey", "-outform", "DER", stdin=edwards))
        self.refuse("is in DER, not in PEM", openssl("rsa", "-RSAPublicKey_out", "-outform", "DER", stdin=short))
        self.refuse("is in Microsoft's own format", openssl("rsa", "-outform", "MSBLOB", stdin=short))
        self.refuse("holds an X.509 certificate",
                    openssl("req", "-new", "-x509", "-key", self.theirs, "-subj", "/CN=x", "-days", "1"))
        for broken in short.replace(b"A", b"B", 1), short[:-100], curve[:60] + curve[70:], edwards.replace(b"MC", b"MD"):
            self.refuse("is no key in PEM (PKCS#8, PKCS#1 or SubjectPublicKeyInfo), or is damaged", broken)

    def test_other_encryptions_are_named(self):
        secret, given = ("-passout", "file:" + self.password), ("--password-file", self.password)
        for words, *options in (("is encrypted by scrypt, which glass does not read", "-scrypt"),
                                ("is encrypted with DES or RC2", "-v2", "des3"),
                                ("is encrypted by PBES1", "-v1", "PBE-SHA1-3DES"),
                                ("is encrypted with another cipher than AES-CBC", "-v2", "camellia-256-cbc"),
                                ("is encrypted, and its password hashed with another hash",
                                 "-v2", "aes-128-cbc", "-v2prf", "hmacWithSHA512-256")):
            text = openssl("pkcs8", "-topk8", "-in", self.theirs, *options, *secret)
            self.refuse(words, text, *given)
            self.refuse(words, text)
        text = openssl("rsa", "-in", self.theirs, "-aes256", "-traditional", *secret)
        self.refuse("is encrypted in the way before PKCS#8", text, *given)
        text = openssl("pkcs8", "-topk8", "-in", self.theirs, "-v2", "aes-256-cbc", "-iter", "10000001", *secret)
        self.refuse("is encrypted with more than 10000000 iterations", text, *given)
        text = openssl("genpkey", "-algorithm", "ED25519", "-aes256", "-pass", "file:" + self.password)
        self.refuse("holds an Ed25519 or Ed448 key", text, *given)
        self.refuse("is encrypted; give its password", text)

    def test_they_verify_what_we_sign(self):
        for size in SIZES[:6]:
            text = self.path("text", message(size))
            signature = self.path("signature", glass("rsa", "sign", "--key", self.ours, text))
            pub = self.path("pub.pem", openssl("pkey", "-in", self.ours, "-pubout"))
            openssl("dgst", *self.PSS, "-verify", pub, "-signature", signature, text)

    def test_we_verify_what_they_sign(self):
        text = self.path("text", message(1000))
        signature = self.path("signature", openssl("dgst", *self.PSS, "-sign", self.theirs, text))
        glass("rsa", "verify", "--key", self.theirs, "--signature", signature, text)
        glass("rsa", "verify", "--key", self.ours, "--signature", signature, text, status=1)
        other = self.path("other", message(1001))
        glass("rsa", "verify", "--key", self.theirs, "--signature", signature, other, status=1)

    def test_sealed_key_signs(self):
        text = self.path("text", b"hello")
        signature = self.path("signature",
                              glass("rsa", "sign", "--key", self.sealed, "--password-file", self.password, text))
        pub = self.path("pub.pem", self.public_half(glass("key", "show", "--password-file", self.password, self.sealed)))
        glass("rsa", "verify", "--key", pub, "--signature", signature, text)


    def test_certificate_is_the_authoritys(self):
        """The layout of docs/protocol.md, section 7, and a signature that openssl verifies."""
        path = self.path("certificate")
        glass("key", "certify", "--authority", self.sealed, "--password-file", self.password, "--key", self.theirs,
              "--name", "chat.example", "--days", "7", path)
        with open(path, "rb") as f:
            c = f.read()
        self.assertEqual(c[:15], b"\x01\x01\x0cchat.example")
        self.assertEqual(int.from_bytes(c[23:31], "big") - int.from_bytes(c[15:23], "big"), 7 * 86400)
        self.assertEqual(len(c), 15 + 16 + 384 + 32 + 384)
        signed = self.path("signed", b"glasschat/1 certificate\0" + c[:-384])
        signature = self.path("signature", c[-384:])
        pub = self.path("pub.pem", self.public_half(glass("key", "show", "--password-file", self.password, self.sealed)))
        openssl("dgst", *self.PSS, "-verify", pub, "-signature", signature, signed)
        self.assertIn(b"certificate of the server chat.example", glass("key", "show", path))

    def test_certificate_has_the_one_spelling_of_its_host(self):
        """As docs/protocol.md, section 7.6, folds it; a name that is no host gets none, as no client would take it."""
        def certify(name, path, status=0):
            return glass("key", "certify", "--authority", self.ours, "--key", self.theirs, "--name", name, path,
                         status=status)
        for typed, folded in (("Chat.EXAMPLE.", b"chat.example"), ("127.1", b"127.0.0.1"), ("0::1", b"::1")):
            path = self.path("certificate-of-" + typed)
            certify(typed, path)
            with open(path, "rb") as f:
                self.assertEqual(f.read()[:3 + len(folded)], b"\x01\x01" + bytes([len(folded)]) + folded)
        for wrong in ("chat.example:7447", "[::1]", "b\u00fccher.example", "two words", "chat..", "#chat", "", "x" * 256):
            certify(wrong, self.path("none"), status=2)
            self.assertFalse(os.path.exists(self.path("none")), wrong)

    def test_certificate_of_a_user_is_signed_by_its_own_key(self):
        path = self.path("certificate")
        glass("key", "certify", "--user", "alice", "--key", self.sealed, "--password-file", self.password, path)
        with open(path, "rb") as f:
            c = f.read()
        pub = self.path("pub.pem", self.public_half(glass("key", "show", "--password-file", self.password, self.sealed)))
        modulus = bytes.fromhex(openssl("rsa", "-pubin", "-in", pub, "-noout", "-modulus").decode().split("=")[1])
        self.assertEqual((c[:8], c[24:408]), (b"\x01\x02\x05alice", modulus))
        self.assertEqual(c[408:440], hashlib.sha256(b"glasschat/1 key\0" + modulus).digest())
        signed = self.path("signed", b"glasschat/1 certificate\0" + c[:-384])
        signature = self.path("signature", c[-384:])
        openssl("dgst", *self.PSS, "-verify", pub, "-signature", signature, signed)


@harness.unsanitized
class DiffieHellman(harness.TestCase):
    def test_shared_secret(self):
        """openssl's key pair in ffdhe3072 and ours arrive at the same secret."""
        from cryptography.hazmat.primitives import serialization
        path = self.path("dh.pem")
        openssl("genpkey", "-algorithm", "DH", "-pkeyopt", "group:ffdhe3072", "-out", path)
        with open(path, "rb") as f:
            numbers = serialization.load_pem_private_key(f.read(), None).private_numbers()
        p, theirs = numbers.public_numbers.parameter_numbers.p, numbers.public_numbers.y
        private = "5a" * 40
        out = glass("dh", "--group", "ffdhe3072", "--private", private, "--peer", f"{theirs:0768x}").decode().split()
        self.assertEqual(out[0::2], ["public", "shared"])
        self.assertEqual(int(out[1], 16), pow(2, int(private, 16), p))
        self.assertEqual(int(out[3], 16), pow(int(out[1], 16), numbers.x, p))
        self.assertEqual(len(out[3]), 768)


class WrongUse(harness.TestCase):
    def test_status_2(self):
        for args in ([], ["nothing"], ["hmac"], ["hmac", "--key", "0"], ["hmac", "--key", "zz"], ["aes", "--key", "00", "00"],
                     ["hkdf", "--ikm", "00", "--length", "8161"], ["hkdf", "--length", "32"],
                     ["hkdf", "--prk", "00" * 31, "--length", "32"],
                     ["hkdf", "--prk", "00" * 32, "--ikm", "00", "--length", "32"],
                     ["hkdf", "--prk", "00" * 32, "--salt", "00", "--length", "32"],
                     ["dh", "--group", "ffdhe1024", "--private", "01"],
                     ["sha256", "--backend", "abacus"], ["cbc", "--key", KEY128], ["key"], ["rsa", "sign"],
                     ["key", "certify", "--name", "two words", "--key", "k", "--authority", "a", "out"],
                     ["key", "certify", "--user", "Alice", "--key", "k", "out"], ["key", "certify", "--user", "a", "out"],
                     ["key", "certify", "--user", "a", "--authority", "b", "--key", "k", "out"]):
            done = subprocess.run([GLASS, *args], stdin=subprocess.DEVNULL, capture_output=True, timeout=10)
            self.assertEqual(done.returncode, 2, args)
            self.assertEqual(done.stderr.count(b"\n"), 1, args)
            self.assertEqual(done.stdout, b"", args)

    def test_status_1(self):
        for args in (["sha256", "/nowhere/at/all"], ["key", "show", "/dev/null"]):
            done = subprocess.run([GLASS, *args], stdin=subprocess.DEVNULL, capture_output=True, timeout=10)
            self.assertEqual((done.returncode, done.stderr.count(b"\n")), (1, 1), args)

    def test_a_key_file_is_never_overwritten(self):
        path = self.path("key.pem", b"precious")
        glass("key", "new", path, status=1)
        with open(path, "rb") as f:
            self.assertEqual(f.read(), b"precious")


if __name__ == "__main__":
    harness.main()
