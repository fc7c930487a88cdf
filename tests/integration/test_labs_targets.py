#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""glass lab --target: for each lab a student's program, written from its page in docs/labs alone, gets the flag over the
socket; and what a target lets nobody do."""
import contextlib
import functools
import glob
import hashlib
import hmac
import math
import os
import re
import signal
import socket
import struct
import subprocess
import time

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

import harness

SECRET = "the teacher's secret of this term"
SMALL_P = 1048343
FFDHE2048_LEN = 256
E = 65537


class Link:
    """A student's connection."""

    def __init__(self, port):
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=harness.PATIENCE)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.lines = self.socket.makefile("rb")
        self.hello = self.line()

    def line(self):
        return self.lines.readline().decode().rstrip("\n")

    def say(self, text):
        self.socket.sendall(text.encode())
        return self.line()

    def ask(self, question=b""):
        word, _, answer = self.say(question.hex() + "\n").partition(" ")
        assert word in ("ok", "no"), word
        return word == "ok", bytes.fromhex(answer)

    def close(self):
        self.lines.close()
        self.socket.close()


def mac(key, data):
    return hmac.new(key, data, hashlib.sha256).digest()


def xor(*parts):
    return bytes(functools.reduce(int.__xor__, column) for column in zip(*parts))


def open_record(frame, secret, number=0):
    """The Record of a direction with that number, or None: docs/protocol.md sections 5 and 6."""
    enc_key = mac(secret, b"glasschat/1 encrypt\x01")[:16]
    mac_key = mac(secret, b"glasschat/1 authenticate\x01")
    if mac(mac_key, struct.pack(">Q", number) + frame[:-32]) != frame[-32:]:
        return None
    aes = Cipher(algorithms.AES(enc_key), modes.CBC(frame[4:20])).decryptor()
    text = aes.update(frame[20:-32]) + aes.finalize()
    return text[1:-text[-1]]


def seal_record(text, secret):
    iv, padded = os.urandom(16), b"\1" + text
    padded += bytes([16 - len(padded) % 16]) * (16 - len(padded) % 16)
    header = b"\3\1" + struct.pack(">H", len(padded) + 48)
    aes = Cipher(algorithms.AES(mac(secret, b"glasschat/1 encrypt\x01")[:16]), modes.CBC(iv)).encryptor()
    frame = header + iv + aes.update(padded) + aes.finalize()
    return frame + mac(mac(secret, b"glasschat/1 authenticate\x01"), bytes(8) + frame)


def open_line(frame, z):
    """A Record under Z alone, as the labs about Z have it."""
    return open_record(frame, mac(bytes(32), z))


def small_prime(link):
    heard = link.ask()[1]
    y_a, y_b = struct.unpack(">II", heard[:8])
    x, power = 0, 1
    while power != y_a:
        x, power = x + 1, power * 2 % SMALL_P
    return open_line(heard[8:], pow(y_b, x, SMALL_P).to_bytes(4, "big"))


def public_key_one(link):
    one = (1).to_bytes(FFDHE2048_LEN, "big")
    return open_line(link.ask(one)[1], one)


def smooth_group():
    """p and what divides p - 1, as the page says."""
    with open(os.path.join(harness.ROOT, "app/workbench/labs/dh_smooth.c")) as f:
        numbers = re.findall(r"\{\n((?:\s+0x.*\n)+)\}", f.read())
    p = int("".join(re.findall("0x(..)", numbers[0])), 16)
    return p, [r for r in range(3, 200) if (p - 1) % r == 0 and all(r % i for i in range(2, r))]


def small_subgroup(link):
    p, primes = smooth_group()
    heard = link.ask()[1]
    x, product = 0, 1
    for r in primes:
        h = next(h for a in range(2, 99) if (h := pow(a, (p - 1) // r, p)) != 1)
        sealed = link.ask(h.to_bytes(128, "big"))[1]
        k = next(k for k in range(r) if open_line(sealed, pow(h, k, p).to_bytes(128, "big")) == b"hello")
        x += product * ((k - x) * pow(product, -1, r) % r)
        product *= r
    z = pow(int.from_bytes(heard[128:256], "big"), x, p)
    return open_line(heard[256:], z.to_bytes(128, "big"))


def ffdhe2048():
    """RFC 7919 appendix A.1: 2^2048 - 2^1984 + (floor(2^1918 e) + 560316) 2^64 - 1."""
    e = sum((1 << 2048) // math.factorial(i) for i in range(300)) >> 130
    return 2**2048 - 2**1984 + (e + 560316) * 2**64 - 1


def secrets_of(z, y_c, y_s):
    """c_secret and s_secret, as the lab's page says."""
    prk, t = mac(bytes(32), z), hashlib.sha256(y_c + y_s).digest()
    return [mac(prk, b"glasschat/1 " + end + t + b"\x01") for end in (b"client", b"server")]


def man_in_the_middle(link):
    p, x = ffdhe2048(), int.from_bytes(os.urandom(32), "big")
    y = pow(2, x, p).to_bytes(FFDHE2048_LEN, "big")
    z_with = lambda other: pow(int.from_bytes(other, "big"), x, p).to_bytes(FFDHE2048_LEN, "big")
    y_c = link.ask()[1]
    y_s = link.ask(b"\1" + y)[1]
    line = open_record(link.ask(b"\0" + y)[1], secrets_of(z_with(y_c), y_c, y)[0])
    c_secret, s_secret = secrets_of(z_with(y_s), y, y_s)
    return open_record(link.ask(b"\1" + seal_record(line.replace(b"close", b"open"), c_secret))[1], s_secret)


def bit_flip(link):
    order = bytearray(link.ask()[1])
    order[4] ^= ord("0") ^ ord("9")
    return link.ask(bytes(order))[1]


def iv_reuse(link):
    known, last = b"", None
    while True:
        fill = b"\x01" + b"A" * (15 - len(known) % 16)
        sealed = link.ask(fill)[1]
        at = len(known) // 16 * 16
        before, wanted = sealed[at:at + 16], sealed[at + 16:at + 32]
        fifteen, last = (fill[1:] + known)[-15:], sealed[-16:]
        for guess in sorted(range(128), key=lambda c: not chr(c).isalnum()):
            sealed = link.ask(b"\x01" + xor(last, before, fifteen + bytes([guess])))[1]
            last = sealed[-16:]
            if sealed[16:32] == wanted:
                break
        if guess == 1:
            return known
        known += bytes([guess])


def padding_oracle(link):
    heard, text = link.ask()[1], b""
    for at in range(len(heard) - 16, 0, -16):
        before, block, d = heard[at - 16:at], heard[at:at + 16], b""
        for pad in range(1, 17):
            end = bytes(b ^ pad for b in d)
            for guess in range(256):
                x = bytes(16 - pad) + bytes([guess]) + end
                if link.ask(x + block)[0] and (pad > 1 or link.ask(b"\xff" * 15 + bytes([guess]) + block)[0]):
                    break
            d = bytes([guess ^ pad]) + d
        text = xor(d, before) + text
    return text[:-text[-1]]


# SHA-256 that goes on from a state: FIPS 180-4, as hashlib does not let go of its own.
def sha256_block(h, block):
    primes = [n for n in range(2, 312) if all(n % i for i in range(2, n))]
    k = [icbrt(p << 96) & 0xffffffff for p in primes]
    rotate = lambda v, n: (v >> n | v << 32 - n) & 0xffffffff
    w = list(struct.unpack(">16I", block))
    for t in range(16, 64):
        s0 = rotate(w[t - 15], 7) ^ rotate(w[t - 15], 18) ^ w[t - 15] >> 3
        s1 = rotate(w[t - 2], 17) ^ rotate(w[t - 2], 19) ^ w[t - 2] >> 10
        w.append((w[t - 16] + s0 + w[t - 7] + s1) & 0xffffffff)
    a, b, c, d, e, f, g, i = h
    for t in range(64):
        t1 = i + (rotate(e, 6) ^ rotate(e, 11) ^ rotate(e, 25)) + (e & f ^ ~e & g) + k[t] + w[t]
        t2 = (rotate(a, 2) ^ rotate(a, 13) ^ rotate(a, 22)) + (a & b ^ a & c ^ b & c)
        a, b, c, d, e, f, g, i = (t1 + t2) & 0xffffffff, a, b, c, (d + t1) & 0xffffffff, e, f, g
    return [(x + y) & 0xffffffff for x, y in zip(h, (a, b, c, d, e, f, g, i))]


def icbrt(n):
    """The cube root, rounded down."""
    low, high = 0, 1 << n.bit_length() // 3 + 1
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if middle**3 <= n else (low, middle - 1)
    return low


def padding(length):
    return b"\x80" + bytes((55 - length) % 64) + struct.pack(">Q", 8 * length)


def length_extension(link):
    heard = link.ask()[1]
    message, tag = heard[:-32], heard[-32:]
    for key_len in range(1, 65):
        forged = message + padding(key_len + len(message)) + b"&do=open"
        rest = b"&do=open" + padding(key_len + len(forged))
        answer = link.ask(forged + struct.pack(">8I", *sha256_block(struct.unpack(">8I", tag), rest)))
        if answer[0]:
            return answer[1]


def replay(link):
    record, answer = link.ask()[1][:84], b""
    while b"flag" not in answer:
        answer = link.ask(record)[1]
    return answer


def stolen_memory(link):
    texts = [link.ask()[1] for _ in range(3)]
    stolen = link.ask(b"\1")[1]
    texts += [link.ask()[1] for _ in range(3)]
    assert not link.ask()[0] and not link.ask(b"\1")[0]
    assert (stolen[:8], stolen[40:48]) == (struct.pack(">Q", 2), struct.pack(">Q", 1))
    first, last = (open_record(text, stolen[8:40], number) for text, number in ((texts[0], 0), (texts[4], 2)))
    return first.split(b"begins with ")[1] + last.split(b"ends with ")[1]


def compare_timing(link):
    tag = bytearray(32)
    for at in range(32):
        for tag[at] in range(256):
            right, answer = link.ask(bytes(tag))
            if right or answer[0] > at + 1:
                break
    return answer[1:]


def encode(message):
    digest = hashlib.sha256(message).digest()
    return int.from_bytes(b"".join(hashlib.sha256(digest + struct.pack(">I", i)).digest() for i in range(12))[:383], "big")


def rsa_fault(link):
    n, order = int.from_bytes(link.ask()[1], "big"), b"open the door"
    for i in range(64):
        message = b"number %d" % i
        s = int.from_bytes(link.ask(b"\0" + message)[1], "big")
        q = math.gcd(pow(s, E, n) - encode(message), n)
        if q != n:
            break
    d = pow(E, -1, (q - 1) * (n // q - 1))
    return link.ask(b"\1" + order + pow(encode(order), d, n).to_bytes(384, "big"))[1]


STUDENTS = {"small-prime": small_prime, "public-key-one": public_key_one, "small-subgroup": small_subgroup,
            "man-in-the-middle": man_in_the_middle, "bit-flip": bit_flip, "iv-reuse": iv_reuse, "padding-oracle": padding_oracle,
            "length-extension": length_extension, "replay": replay, "stolen-memory": stolen_memory,
            "compare-timing": compare_timing, "rsa-fault": rsa_fault}


class Case(harness.TestCase):
    def setUp(self):
        super().setUp()
        self.secret = os.path.join(self.folder, "secret")
        with open(self.secret, "w") as f:
            f.write(SECRET + "\n")

    def target(self, lab, *options, student="alice", env=None):
        target = self.started(harness.Process([harness.program("glass"), "lab", lab, "--target", "127.0.0.1:0",
                                               "--secret-file", self.secret, "--student", student, *options], env=env))
        target.port = int(target.expect(r"^listening on 127\.0\.0\.1:(\d+)$")[1])
        return target

    def link(self, target):
        link = Link(target.port)
        self.addCleanup(link.close)
        return link

    def check(self, lab, flag, student="alice", status=0):
        return self.run_program("glass", "lab", lab, "--check", flag, "--secret-file", self.secret, "--student", student,
                                status=status).stdout.decode()


class Flags(Case):
    def test_each_lab(self):
        out = subprocess.run([harness.program("glass"), "lab"], capture_output=True, check=True).stdout.decode()
        self.assertLessEqual(set(STUDENTS), set(re.findall(r"^  ([a-z-]+)  ", out, re.M)))
        for lab, student in STUDENTS.items():
            with self.subTest(lab):
                target = self.target(lab, "--once")
                link = self.link(target)
                self.assertTrue(link.hello.startswith(f"hello {lab}: "), link.hello)
                found = student(link).decode()
                flag = "flag{" + mac(SECRET.encode(), lab.encode() + b"\0alice").hex()[:16] + "}"
                self.assertEqual(re.findall(r"flag\{.*\}", found), [flag])
                self.assertIn("alice has solved " + lab, self.check(lab, flag))
                link.close()
                self.assertEqual(target.wait(), 0)

    def test_a_flag_is_one_students(self):
        flag = "flag{" + mac(SECRET.encode(), b"bit-flip\0alice").hex()[:16] + "}"
        self.check("bit-flip", flag, student="bob", status=1)
        self.check("iv-reuse", flag, status=1)
        self.check("bit-flip", flag[:-1], status=1)
        self.check("bit-flip", "", status=1)


class Bounds(Case):
    def test_lines(self):
        link = self.link(self.target("bit-flip"))
        self.assertEqual(link.say("0\n"), "error a question is hex digits in pairs")
        self.assertEqual(link.say("zz\n"), "error a question is hex digits in pairs")
        self.assertEqual(link.say("00" * 1024 + "\r\n"), "no")
        self.assertEqual(link.say("00" * 1024 + "0\n"), "error a question is hex digits in pairs")
        order = link.ask()[1].hex()
        self.assertEqual(link.say(f"{order}\n{order.upper()}\n"), "ok " + b"paid".hex())  # two questions at once
        self.assertEqual(link.line(), "ok " + b"paid".hex())
        self.assertEqual(link.say("0" * 2050), "error the line is too long")
        self.assertEqual(link.line(), "")

    def test_a_line_without_end(self):
        # The error comes, and no reset overtakes it, however much is on its way behind.
        link = self.link(self.target("bit-flip"))
        self.assertEqual(link.say("0" * 100000), "error the line is too long")
        for _ in range(20):
            link.socket.sendall(b"0" * 100000)
        self.assertEqual(link.line(), "")

    def test_a_minute_of_silence(self):
        found = glob.glob("/usr/lib/*/faketime/libfaketimeMT.so.1")
        if not found or harness.sanitized():
            self.skipTest("apt-get install faketime; it comes before a sanitizer is ready")
        # A minute goes by in three seconds. Bytes that never become a line are silence too.
        target = self.target("bit-flip", env={"LD_PRELOAD": found[0], "FAKETIME": "+0 x20"})
        silent, dripping = self.link(target), self.link(target)
        with contextlib.suppress(OSError):
            for _ in range(600):
                dripping.socket.sendall(b"0")
                time.sleep(0.05)
            self.fail("it takes single bytes for ever")
        self.assertEqual(silent.line(), "")
        self.assertTrue(self.link(target).ask()[0])

    def test_connections_of_one_address(self):
        target = self.target("bit-flip")
        links = [self.link(target) for _ in range(8)]
        self.assertEqual(self.link(target).hello, "error there are too many connections; end one")
        self.assertTrue(links[7].ask()[0])
        links[0].close()
        target.expect("left after 0 questions")
        self.assertTrue(self.link(target).ask()[0])

    def test_one_connection_is_nothing_to_another(self):
        target = self.target("iv-reuse")
        one, other = self.link(target), self.link(target)
        first = one.ask()[1]
        self.assertNotEqual(one.ask()[1][:16], first[:16])
        self.assertEqual(other.ask()[1], first)

    def test_who_says_nothing_or_takes_nothing(self):
        """Neither holds up anybody else."""
        target = self.target("rsa-fault")
        self.link(target)
        greedy = self.link(target)
        greedy.socket.setblocking(False)
        try:
            for _ in range(100000):
                greedy.socket.send(b"\n" * 1000)
        except BlockingIOError:
            pass
        self.assertTrue(self.link(target).ask()[0])

    def test_it_ends(self):
        for sig in (signal.SIGTERM, signal.SIGINT):
            target = self.target("bit-flip")
            link = self.link(target)
            target.kill(sig)
            self.assertEqual(target.wait(), 0)
            self.assertEqual(link.line(), "")

    def test_wrong_use(self):
        ours = ["--secret-file", self.secret, "--student", "alice"]
        for args, why in ((["--target", "127.0.0.1:0", "--student", "alice"], "--secret-file is missing"),
                          (["--target", "127.0.0.1:0", "--secret-file", self.secret], "--student is missing"),
                          (["--target", "a b", *ours], "HOST:PORT"), (ours, "go with --target"),
                          (["--target", "127.0.0.1:0", "--check", "x", *ours], "not both"),
                          (["--check", "x", "--step", *ours], "run no attack"),
                          (["--check", "x", *ours[:2], "--student", "x" * 65], "1 to 64 bytes")):
            self.misuse("glass", ["lab", "bit-flip", *args], why)
        with open(self.secret, "w") as f:
            f.write("too short\n")
        done = self.run_program("glass", "lab", "bit-flip", "--check", "x", *ours, status=1)
        self.assertIn("shorter than 16 bytes", done.stderr.decode())


if __name__ == "__main__":
    harness.main()
