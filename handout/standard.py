# SPDX-License-Identifier: MIT
"""AES, SHA-256 and what is built on them, from the standards and for any S-box constant and start values: what a class's
vectors are recomputed with. Slow, and independent of crypto/."""
import re

H0 = [0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19]
# A record that takes more than so many compressions or blocks is left out: this is no fast code.
BEARABLE = 2000


# --- AES (FIPS 197) --------------------------------------------------------------------------------------------------

def times(a, b):
    product = 0
    while b:
        product ^= a if b & 1 else 0
        a = a << 1 ^ (0x11b if a & 0x80 else 0)
        b >>= 1
    return product


def linear(x):
    return sum((((x >> i) ^ (x >> (i + 4) % 8) ^ (x >> (i + 5) % 8) ^ (x >> (i + 6) % 8) ^ (x >> (i + 7) % 8)) & 1) << i
               for i in range(8))


def inverse_linear(y):
    return next(x for x in range(256) if linear(x) == y)


def sbox(constant):
    inverses = [0] + [next(y for y in range(1, 256) if times(x, y) == 1) for x in range(1, 256)]
    return [linear(x) ^ constant for x in inverses]


def inverse(table):
    return [table.index(x) for x in range(256)]


class Aes:
    """Blocks are lists of 16: byte r + 4c is row r, column c."""

    def __init__(self, constant):
        self.s = sbox(constant)
        self.product = {k: [times(x, k) for x in range(256)] for k in (1, 2, 3)}

    def expand(self, key):
        nk, rcon = len(key) // 4, 1
        w = [list(key[4 * i:4 * i + 4]) for i in range(nk)]
        for i in range(nk, 4 * (nk + 7)):
            temp = list(w[i - 1])
            if i % nk == 0:
                temp = [self.s[b] for b in temp[1:] + temp[:1]]
                temp[0] ^= rcon
                rcon = times(rcon, 2)
            elif nk > 6 and i % nk == 4:
                temp = [self.s[b] for b in temp]
            w.append([a ^ b for a, b in zip(w[i - nk], temp)])
        return [sum(w[i:i + 4], []) for i in range(0, len(w), 4)]

    def rounds(self, keys, block):
        """The states after each step of each round, and last the ciphertext."""
        state, steps = [a ^ b for a, b in zip(block, keys[0])], []
        for n, key in enumerate(keys[1:], 1):
            step = {"start": state, "k_sch": key}
            step["s_box"] = [self.s[b] for b in state]
            step["s_row"] = [step["s_box"][(i + 4 * (i % 4)) % 16] for i in range(16)]
            state = step["s_row"]
            if n < len(keys) - 1:
                state = step["m_col"] = self.mix(state)
            state = step["output"] = [a ^ b for a, b in zip(state, key)]
            steps.append(step)
        return steps, state

    def mix(self, state):
        p1, p2, p3 = self.product[1], self.product[2], self.product[3]
        out = []
        for c in range(0, 16, 4):
            a = state[c:c + 4]
            out += [p2[a[r]] ^ p3[a[(r + 1) % 4]] ^ p1[a[(r + 2) % 4]] ^ p1[a[(r + 3) % 4]] for r in range(4)]
        return out

    def cbc(self, key, iv, plaintext):
        keys, out, before = self.expand(key), [], list(iv)
        for i in range(0, len(plaintext), 16):
            before = self.rounds(keys, [a ^ b for a, b in zip(plaintext[i:i + 16], before)])[1]
            out += before
        return bytes(out)


# --- SHA-256 (FIPS 180-4) and what stands on it ----------------------------------------------------------------------

def primes():
    return [n for n in range(2, 312) if all(n % d for d in range(2, n))]


def cube_root_bits(n):
    """The first 32 bits of the fractional part of n's cube root."""
    low, high = 0, 1 << 40
    while low < high - 1:
        middle = (low + high) // 2
        low, high = (middle, high) if middle ** 3 <= n << 96 else (low, middle)
    return low & 0xffffffff


K = [cube_root_bits(p) for p in primes()]
MASK = 0xffffffff


def turn(x, n):
    return x >> n | x << (32 - n) & MASK


class Sha256:
    def __init__(self, start):
        self.start = start

    def compress(self, h, block, trace=None):
        w = [int.from_bytes(block[4 * t:4 * t + 4], "big") for t in range(16)]
        for t in range(16, 64):
            s0, s1 = w[t - 15], w[t - 2]
            w.append((turn(s1, 17) ^ turn(s1, 19) ^ s1 >> 10) + w[t - 7] + (turn(s0, 7) ^ turn(s0, 18) ^ s0 >> 3) + w[t - 16] & MASK)
        a, b, c, d, e, f, g, i = h
        for t in range(64):
            t1 = i + (turn(e, 6) ^ turn(e, 11) ^ turn(e, 25)) + (e & f ^ ~e & g) + K[t] + w[t]
            t2 = (turn(a, 2) ^ turn(a, 13) ^ turn(a, 22)) + (a & b ^ a & c ^ b & c)
            a, b, c, d, e, f, g, i = t1 + t2 & MASK, a, b, c, d + t1 & MASK, e, f, g
            if trace is not None:
                trace += b"".join(v.to_bytes(4, "big") for v in (a, b, c, d, e, f, g, i))
        return [x + y & MASK for x, y in zip(h, (a, b, c, d, e, f, g, i))]

    def digest(self, message):
        padded = message + b"\x80" + bytes((55 - len(message)) % 64) + (8 * len(message)).to_bytes(8, "big")
        h = self.start
        for i in range(0, len(padded), 64):
            h = self.compress(h, padded[i:i + 64])
        return b"".join(v.to_bytes(4, "big") for v in h)

    def hmac(self, key, message):
        key = (self.digest(key) if len(key) > 64 else key).ljust(64, b"\0")
        inner = self.digest(bytes(b ^ 0x36 for b in key) + message)
        return self.digest(bytes(b ^ 0x5c for b in key) + inner)

    def expand(self, prk, info, n):
        out, t = b"", b""
        for i in range(1, -(-n // 32) + 1):
            t = self.hmac(prk, t + info + bytes([i]))
            out += t
        return out[:n]

    def pbkdf2(self, password, salt, count, n):
        out = b""
        for i in range(1, -(-n // 32) + 1):
            u = self.hmac(password, salt + i.to_bytes(4, "big"))
            total = int.from_bytes(u, "big")
            for _ in range(count - 1):
                u = self.hmac(password, u)
                total ^= int.from_bytes(u, "big")
            out += total.to_bytes(32, "big")
        return out[:n]


# --- The files of vectors/ -------------------------------------------------------------------------------------------

def aes_record(r, aes, steps):
    """`steps` keeps the rounds of the examples by their names: not of all of them there are records."""
    b = {k: bytes.fromhex(v) for k, v in r.items() if k in ("key", "plaintext", "start", "k_sch")}
    if "w" in r:
        return {"w": bytes(sum(aes.expand(b["key"]), [])).hex()}
    if "ciphertext" in r:
        blocks = [aes.rounds(aes.expand(b["key"]), list(b["plaintext"][i:i + 16])) for i in range(0, len(b["plaintext"]), 16)]
        steps.append((r["name"], blocks[0][0]))
        return {"ciphertext": b"".join(bytes(out) for _, out in blocks).hex()}
    example, _, number = r["name"].rpartition(", round ")
    step = dict(steps)[example][int(number) - 1]
    return {k: bytes(v).hex() for k, v in step.items() if k in r}


def cbc_record(r, aes, _):
    if "monte_carlo" in r or int(len(r["plaintext"]) / 32) > BEARABLE:
        return None
    return {"ciphertext": aes.cbc(*(bytes.fromhex(r[k]) for k in ("key", "iv", "plaintext"))).hex()}


def sha256_record(r, sha, _):
    if "blocks" in r:
        trace, h = bytearray(), sha.start
        for i in range(0, len(r["blocks"]), 128):
            h = sha.compress(h, bytes.fromhex(r["blocks"][i:i + 128]), trace)
        return {"rounds": trace.hex(), "digest": b"".join(v.to_bytes(4, "big") for v in h).hex()}
    message = bytes.fromhex(r["msg"]) * int(r.get("repeat", "1"))
    return {"digest": sha.digest(message).hex()} if len(message) <= 64 * BEARABLE else None


def hmac_record(r, sha, _):
    return {"tag": sha.hmac(bytes.fromhex(r["key"]), bytes.fromhex(r["msg"])).hex()[:len(r["tag"])]}


def hkdf_record(r, sha, _):
    prk = sha.hmac(bytes.fromhex(r["salt"]), bytes.fromhex(r["ikm"]))
    return {"prk": prk.hex(), "okm": sha.expand(prk, bytes.fromhex(r["info"]), len(r["okm"]) // 2).hex()}


def pbkdf2_record(r, sha, _):
    if int(r["iterations"]) > BEARABLE // 4:
        return None
    return {"dk": sha.pbkdf2(bytes.fromhex(r["password"]), bytes.fromhex(r["salt"]), int(r["iterations"]), len(r["dk"]) // 2).hex()}


FILES = {"aes": (Aes, aes_record), "cbc": (Aes, cbc_record), "sha256": (Sha256, sha256_record),
         "hmac": (Sha256, hmac_record), "hkdf": (Sha256, hkdf_record), "pbkdf2": (Sha256, pbkdf2_record)}


def rewrite(text, record, engine):
    """The same records with other answers; those that would take too long are left out, and counted off."""
    kept, state, n = [], [], 0
    for block in re.split(r"\n\n+", text.strip()):
        fields = dict((k.strip(), v.strip()) for k, _, v in (line.partition("=") for line in block.splitlines()
                                                             if not line.startswith("#")))
        if "end" in fields:
            kept.append(f"end = {n}")
            continue
        answers = record(fields, engine, state)
        if answers is None:
            continue
        n += 1
        lines = []
        for line in block.splitlines():
            name = line.partition("=")[0].strip()
            if name == "source":
                line += ", recomputed for this class"
            lines.append(f"{line.partition('=')[0]}= {answers[name]}" if name in answers else line)
        kept.append("\n".join(lines))
    return "\n\n".join(kept) + "\n"


def rewrite_vectors(folder, constant, start):
    """Recomputes what the two change; returns the stems of the files."""
    written = set()
    for stem, (make, record) in FILES.items():
        if (constant != 0x63) if make is Aes else (start != H0):
            path = folder / f"{stem}.txt"
            path.write_text(rewrite(path.read_text(), record, make(constant if make is Aes else start)))
            written.add(stem)
    return written
