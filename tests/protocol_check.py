#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Recomputes the known answers of the protocol from docs/protocol.md alone.

Nothing here is shared with the C code: big numbers are Python's, SHA-256 and HMAC are hashlib's, AES is
python3-cryptography's, and the primes are computed from the formula of RFC 7919. So if this and the C tests agree on
vectors/*.txt, the specification says what the code does.

    tests/protocol_check.py            checks the files
    tests/protocol_check.py --mutate   also changes each value in turn, and expects each change to be noticed
"""
import copy
import functools
import hashlib
import hmac
import ipaddress
import os
import re
import sys

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

VECTORS = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "vectors")


class Wrong(Exception):
    pass


def need(truth, what):
    if not truth:
        raise Wrong(what)


# --- The files ------------------------------------------------------------------------------------------------------

class Entry:
    """One record of a file; remembers which fields were looked at."""

    def __init__(self, fields):
        self.fields = fields
        self.read = {"name", "source", "why"}

    def text(self, name):
        self.read.add(name)
        need(name in self.fields, "there is no field " + name)
        return self.fields[name]

    def hex(self, name):
        return bytes.fromhex(self.text(name))

    def number(self, name):
        return int(self.text(name))

    def has(self, name):
        return name in self.fields

    def same(self, name, value):
        need(self.hex(name) == value, name + " differs")

    def all_read(self):
        need(self.read >= set(self.fields), "nothing checks " + ", ".join(set(self.fields) - self.read))


def read(stem):
    entries, fields = [], {}
    with open(os.path.join(VECTORS, stem + ".txt"), encoding="ascii") as file:
        for line in file:
            line = line.rstrip("\n")
            if line.startswith("#"):
                continue
            if line:
                name, value = line.split("=", 1)
                fields[name.strip()] = value.strip()
            elif fields:
                entries.append(Entry(fields))
                fields = {}
    need(fields == {"end": str(len(entries))}, stem + ".txt is cut, or its end is wrong")
    return entries


# --- Primitives -----------------------------------------------------------------------------------------------------

def sha256(*parts):
    return hashlib.sha256(b"".join(parts)).digest()


def hmac256(key, *parts):
    return hmac.new(key, b"".join(parts), hashlib.sha256).digest()


def expand(prk, info, length):
    """HKDF-Expand, RFC 5869 section 2.3."""
    okm = block = b""
    for counter in range(1, 1 + (length + 31) // 32):
        block = hmac256(prk, block, info, bytes([counter]))
        okm += block
    return okm[:length]


def aes_cbc(key, iv, data, encrypt):
    cipher = Cipher(algorithms.AES(key), modes.CBC(iv))
    worker = cipher.encryptor() if encrypt else cipher.decryptor()
    return worker.update(data) + worker.finalize()


def ffdhe_prime(bits, addend):
    """RFC 7919 appendix A: 2^b - 2^(b-64) + (floor(2^(b-130) e) + X) 2^64 - 1."""
    scale = bits + 64  # digits of e after the point, with some to spare
    e = term = 1 << scale
    divisor = 1
    while term:
        term //= divisor
        e += term
        divisor += 1
    return (1 << bits) - (1 << bits - 64) + ((e >> scale - (bits - 130)) + addend << 64) - 1


GROUPS = {1: ffdhe_prime(2048, 560316), 2: ffdhe_prime(3072, 2625351), 3: ffdhe_prime(4096, 5736041)}
EXPONENT_LEN = {1: 32, 2: 40, 3: 48}
KEY_LEN = {1: 16, 2: 32}


def number(data):
    return int.from_bytes(data, "big")


def octets(value, length):
    return value.to_bytes(length, "big")


def mgf1(seed, length):
    return b"".join(sha256(seed, octets(i, 4)) for i in range((length + 31) // 32))[:length]


def pss_encode(message, salt):
    """EMSA-PSS for 3072 bits, RFC 8017 section 9.1.1."""
    h = sha256(bytes(8), sha256(message), salt)
    db = bytes(384 - 32 - 32 - 2) + b"\x01" + salt
    masked = bytes(a ^ b for a, b in zip(db, mgf1(h, len(db))))
    return bytes([masked[0] & 0x7f]) + masked[1:] + h + b"\xbc"


def sign(who, message, salt):
    return octets(pow(number(pss_encode(message, salt)), KEYS[who]["d"], KEYS[who]["n"]), 384)


def verify(n, message, signature):
    """EMSA-PSS verification, RFC 8017 section 9.1.2."""
    if len(signature) != 384 or number(signature) >= n:
        return False
    em = octets(pow(number(signature), 65537, n), 384)
    db = bytes(a ^ b for a, b in zip(em[:351], mgf1(em[351:383], 351)))
    return em == pss_encode(message, db[-32:])


def fixed_source(seed, length):
    return b"".join(sha256(seed.encode(), octets(i, 8)) for i in range((length + 31) // 32))[:length]


def read_keys():
    keys = {}
    for entry in read("keys"):
        k = {name: number(entry.hex(name)) for name in ("n", "d", "p", "q", "dp", "dq", "qinv")}
        need(k["n"] == k["p"] * k["q"] and k["n"] >> 3071 == 1, "n")
        need(k["dp"] == k["d"] % (k["p"] - 1) and k["dq"] == k["d"] % (k["q"] - 1), "dp, dq")
        need(65537 * k["dp"] % (k["p"] - 1) == 1 and 65537 * k["dq"] % (k["q"] - 1) == 1, "d")
        need(k["qinv"] * k["q"] % k["p"] == 1, "qinv")
        keys[entry.text("name")] = k
    return keys


KEYS = {}


def fingerprint(n):
    return sha256(b"glasschat/1 key\0", octets(n, 384))


# --- Frames and Records ---------------------------------------------------------------------------------------------

def frame(kind, body):
    return bytes([kind, 1]) + octets(len(body), 2) + body


def short(data):
    """Bytes after a length of 8 bits, <u8>."""
    return octets(len(data), 1) + data


def long(data):
    """Bytes after a length of 16 bits, <u16>."""
    return octets(len(data), 2) + data


def direction_keys(secret, suite):
    return expand(secret, b"glasschat/1 encrypt", KEY_LEN[suite]), expand(secret, b"glasschat/1 authenticate", 32)


def pad(content_type, payload):
    data = bytes([content_type]) + payload
    missing = 16 - len(data) % 16
    return data + bytes([missing]) * missing


def seal(secret, suite, sequence, iv, content_type, payload):
    enc_key, mac_key = direction_keys(secret, suite)
    ciphertext = aes_cbc(enc_key, iv, pad(content_type, payload), True)
    header = b"\x03\x01" + octets(16 + len(ciphertext) + 32, 2)
    return header + iv + ciphertext + hmac256(mac_key, octets(sequence, 8), header, iv, ciphertext)


def tag_is_right(secret, suite, sequence, data):
    mac_key = direction_keys(secret, suite)[1]
    return hmac256(mac_key, octets(sequence, 8), data[:-32]) == data[-32:]


def content_of(secret, suite, sequence, data, types):
    """The content type and payload of a frame that is a Record, or None where section 6.2 refuses it."""
    ciphertext = data[20:-32]
    if data[:4] != b"\x03\x01" + octets(len(data) - 4, 2) or not ciphertext or len(ciphertext) % 16:
        return None
    if not tag_is_right(secret, suite, sequence, data):
        return None
    plain = aes_cbc(direction_keys(secret, suite)[0], data[4:20], ciphertext, False)
    count = plain[-1]
    if not 1 <= count <= 16 or plain[-count:] != bytes([count]) * count:
        return None
    content = plain[:-count]
    return (content[0], content[1:]) if 1 <= len(content) <= 16385 and content[0] in types else None


def opens(secret, suite, sequence, data):
    """Whether a whole frame is a Record that a receiver of kind 1 must accept."""
    return content_of(secret, suite, sequence, data, (0, 1, 2, 3)) is not None


def check_record(entry):
    secret, suite, sequence = entry.hex("secret"), entry.number("suite"), entry.number("sequence")
    if entry.has("expect"):
        need(entry.text("expect") == "reject", "expect")
        data = entry.hex("frame")
        need(not opens(secret, suite, sequence, data), "this should open, and must not")
        if "tag is right" in entry.text("why"):
            need(tag_is_right(secret, suite, sequence, data), "the tag is wrong, so nothing after it is tested")
        return
    content_type, payload, iv = entry.number("content_type"), entry.hex("payload"), entry.hex("iv")
    enc_key, mac_key = direction_keys(secret, suite)
    entry.same("enc_key", enc_key)
    entry.same("mac_key", mac_key)
    entry.same("plaintext", pad(content_type, payload))
    entry.same("frame", seal(secret, suite, sequence, iv, content_type, payload))
    need(opens(secret, suite, sequence, entry.hex("frame")), "this does not open")
    if entry.has("next_secret"):
        entry.same("next_secret", expand(secret, b"glasschat/1 update", 32))


# --- Certificates ---------------------------------------------------------------------------------------------------

def certificate_body(role, name, not_before, not_after, n, issuer):
    return bytes([1, role]) + short(name) + octets(not_before, 8) + octets(not_after, 8) + octets(n, 384) + issuer


def certificate(who, issuer, role, name, not_before, not_after, salt):
    body = certificate_body(role, name, not_before, not_after, KEYS[who]["n"], fingerprint(KEYS[issuer]["n"]))
    return body + sign(issuer, b"glasschat/1 certificate\0" + body, salt)


def certificate_holds(data, issuer_n):
    """Whether a receiver that knows the issuer's key must accept it (at the right time, for the right name)."""
    if len(data) < 819 or len(data) != 819 + data[2] or data[0] != 1 or data[1] not in (1, 2):
        return False
    name, rest = data[3:3 + data[2]], data[3 + data[2]:]
    if not name or not all(0x21 <= c <= 0x7e for c in name) or number(rest[:8]) > number(rest[8:16]):
        return False
    if not rest[16] & 0x80 or not rest[16 + 383] & 1 or rest[400:432] != fingerprint(issuer_n):
        return False
    return verify(issuer_n, b"glasschat/1 certificate\0" + data[:-384], data[-384:])


def check_certificate(entry):
    issuer = entry.text("issuer_key")
    if entry.has("expect"):
        need(entry.text("expect") == "reject", "expect")
        need(not certificate_holds(entry.hex("certificate"), KEYS[issuer]["n"]), "this should hold, and must not")
        return
    entry.same("fingerprint", fingerprint(KEYS[entry.text("key")]["n"]))
    entry.same("issuer", fingerprint(KEYS[issuer]["n"]))
    entry.same("salt", fixed_source(entry.text("seed"), 32))
    name = entry.text("certificate_name").encode()
    entry.same("certificate", certificate(entry.text("key"), issuer, entry.number("role"), name,
                                          entry.number("not_before"), entry.number("not_after"), entry.hex("salt")))
    need(certificate_holds(entry.hex("certificate"), KEYS[issuer]["n"]), "this does not hold")


def own_certificate(who, role, name):
    """The certificates of tests/keys.c."""
    now, half_a_year = 1800000000, 15768000
    return certificate(who, who, role, name, now - half_a_year, now + half_a_year, fixed_source(who, 32))


# --- Handshakes -----------------------------------------------------------------------------------------------------

def first_common(wanted, allowed):
    return next(entry for entry in wanted if entry in allowed)


def check_side(entry, side, group, signs):
    """A side's values are what the fixed source gave, and its public value belongs to its exponent."""
    length = EXPONENT_LEN[group]
    drawn = fixed_source(entry.text(side + "_seed"), 32 + length + 32)
    entry.same(side + "_random", drawn[:32])
    entry.same(side + "_private", drawn[32:32 + length])
    p = GROUPS[group]
    public = octets(pow(2, number(entry.hex(side + "_private")), p), (p.bit_length() + 7) // 8)
    entry.same(side + "_public", public)
    if signs:
        entry.same(side + "_salt", drawn[32 + length:])
    entry.same(side + "_finished_iv", fixed_source(entry.text(side + "_seed") + " iv", 16))
    return public


def check_keys_of(entry, letter, secret, suite):
    enc_key, mac_key = direction_keys(secret, suite)
    entry.same(letter + "_enc_key", enc_key)
    entry.same(letter + "_mac_key", mac_key)


def check_handshake(entry):
    kind, group, suite = entry.number("kind"), entry.number("group"), entry.number("suite")
    client_name, server_name = entry.text("client_name").encode(), entry.text("server_name").encode()
    users = kind == 2
    context = sha256(b"glasschat/1 context\0", bytes([kind]), short(client_name), short(server_name))
    entry.same("C", context)

    groups, suites = entry.hex("client_groups"), entry.hex("client_suites")
    need(first_common(groups, entry.hex("server_groups")) == group, "the server would refuse this group")
    need(first_common(entry.hex("server_suites"), suites) == suite, "the server would choose another suite")
    client_public = check_side(entry, "client", group, users)
    client_hello = frame(1, entry.hex("client_random") + short(suites) + short(groups) + bytes([group])
                         + long(client_public))
    entry.same("client_hello", client_hello)

    client, server = (client_name.decode(), server_name.decode()) if users else ("", "server")
    server_public = check_side(entry, "server", group, True)
    entry.same("server_certificate", own_certificate(server, kind, server_name or b"chat.example"))
    unsigned = (entry.hex("server_random") + bytes([suite]) + long(server_public)
                + long(entry.hex("server_certificate")))
    header = frame(2, unsigned + long(bytes(384)))[:4]
    entry.same("signed_hash", sha256(context, client_hello, header, unsigned))
    message = b"glasschat/1 server hello\0" + entry.hex("signed_hash")
    entry.same("server_signature", sign(server, message, entry.hex("server_salt")))
    need(verify(KEYS[server]["n"], message, entry.hex("server_signature")), "the server's signature")
    server_hello = frame(2, unsigned + long(entry.hex("server_signature")))
    entry.same("server_hello", server_hello)

    transcript = sha256(context, client_hello, server_hello)
    entry.same("T", transcript)
    p = GROUPS[group]
    z = octets(pow(number(server_public), number(entry.hex("client_private")), p), len(client_public))
    need(number(z) == pow(number(client_public), number(entry.hex("server_private")), p), "the two sides' Z differ")
    entry.same("Z", z)
    prk = hmac256(entry.hex("client_random") + entry.hex("server_random"), z)
    entry.same("prk", prk)
    c_secret = expand(prk, b"glasschat/1 client" + transcript, 32)
    s_secret = expand(prk, b"glasschat/1 server" + transcript, 32)
    entry.same("c_secret", c_secret)
    entry.same("s_secret", s_secret)
    check_keys_of(entry, "c", c_secret, suite)
    check_keys_of(entry, "s", s_secret, suite)
    entry.same("server_finished", seal(s_secret, suite, 0, entry.hex("server_finished_iv"), 3, b""))

    finished = b""
    if users:
        entry.same("client_certificate", own_certificate(client, 2, client_name))
        message = b"glasschat/1 client finished\0" + transcript + sha256(entry.hex("client_certificate"))
        entry.same("client_signature", sign(client, message, entry.hex("client_salt")))
        need(verify(KEYS[client]["n"], message, entry.hex("client_signature")), "the client's signature")
        finished = long(entry.hex("client_certificate")) + long(entry.hex("client_signature"))
    entry.same("client_finished", seal(c_secret, suite, 0, entry.hex("client_finished_iv"), 3, finished))


# --- Alerts and a whole talk ----------------------------------------------------------------------------------------

def check_hello(entry):
    entry.same("frame", frame(4, bytes([entry.number("code")]) + short(entry.hex("data"))))


CONTENT_TYPES = {"close": 0, "message": 1, "key update": 2}


def check_session(entry, directions):
    """directions: for each side its secret, suite and next sequence number."""
    state = directions[entry.text("from")]
    need(entry.number("sequence") == state["sequence"], "sequence")
    content_type = CONTENT_TYPES[entry.text("what")]
    entry.same("frame", seal(state["secret"], state["suite"], state["sequence"], entry.hex("iv"), content_type,
                             entry.hex("payload")))
    state["sequence"] += 1
    if entry.has("next_secret"):
        need(content_type == 2, "only a KeyUpdate changes the secret")
        state["secret"] = expand(state["secret"], b"glasschat/1 update", 32)
        entry.same("next_secret", state["secret"])


def talk_of(handshake):
    return {side: {"secret": handshake.hex(side[0] + "_secret"), "suite": handshake.number("suite"), "sequence": 1}
            for side in ("client", "server")}


# --- The ratchet ----------------------------------------------------------------------------------------------------

CLOSE, APPLICATION, KEY_UPDATE, FINISHED, STEP = range(5)
OTHER = {"client": "server", "server": "client"}


@functools.cache
def power(base, exponent, p):
    """The same few again and again, while values are changed one at a time."""
    return pow(base, exponent, p)


def shared(public, private, group):
    return octets(power(number(public), number(private), GROUPS[group]), GROUPS[group].bit_length() // 8)


def public_of(private, group):
    return shared(b"\2", private, group)


def is_public_value(value, group):
    """Section 3.1."""
    p = GROUPS[group]
    return len(value) == p.bit_length() // 8 and 1 < number(value) < p - 1 and power(number(value), p // 2, p) == 1


class Side:
    """What one side of a call keeps between Records (section 8.4), and what it does with it."""

    def __init__(self, role, group, suite, prk, transcript):
        self.role, self.group, self.suite = role, group, suite
        self.secret = {side: expand(prk, b"glasschat/1 " + side.encode() + transcript, 32) for side in OTHER}
        self.sequence = {"client": 0, "server": 0}
        self.root = expand(prk, b"glasschat/1 root" + transcript, 32)
        self.n = self.private = self.public = None  # of the latest step: the exponent if it is ours, or else the value

    def _pass(self, direction, content_type):
        """After a Record that was no step but step 0."""
        self.sequence[direction] += 1
        self.secret[direction] = (b"" if content_type == CLOSE
                                  else expand(self.secret[direction], b"glasschat/1 update", 32))

    def _ratchet(self, direction, n, z):
        self.sequence[direction] += 1
        t = hmac256(self.root, z)
        self.n, self.root = n, expand(t, b"glasschat/1 next root", 32)
        self.secret[direction] = expand(t, b"glasschat/1 ratchet" + octets(n, 8), 32)
        return t

    def _sealed(self, iv, content_type, payload):
        return seal(self.secret[self.role], self.suite, self.sequence[self.role], iv, content_type, payload)

    def step_is_due(self):
        """Before an Application Record; for the caller step 0 too."""
        return (self.role == "client") if self.n is None else self.private is None

    def seal(self, iv, content_type, payload):
        data = self._sealed(iv, content_type, payload)
        self._pass(self.role, content_type)
        return data

    def seal_step(self, iv, private):
        """The frame, and Z and t from step 1 on."""
        data = self._sealed(iv, STEP, long(public_of(private, self.group)))
        if self.n is None:
            self._pass(self.role, STEP)
            self.n, self.private = 0, private
            return data, None, None
        z = shared(self.public, private, self.group)
        t = self._ratchet(self.role, self.n + 1, z)
        self.private, self.public = private, None
        return data, z, t

    def _may_come(self, peer, content_type, payload):
        """Section 8.5."""
        first, second = self.sequence[peer] == 0, self.sequence[peer] == 1
        need((content_type == FINISHED) == first, "Finished is the first Record, and no other")
        if first:
            return
        need(peer == "server" or (content_type == STEP) or not second, "the caller's second Record is step 0")
        need(self.n is not None or content_type == STEP, "before step 0")
        need(peer == "client" or content_type != APPLICATION or self.n > 0, "the callee speaks after its first step")
        need(len(payload) <= (0 if content_type == CLOSE else 4096), "the payload is too long")

    def open(self, data):
        """The content type and payload; Wrong where it must be refused, and then this side is worth nothing."""
        peer = OTHER[self.role]
        need(self.secret[peer], "a Record after the Close")
        content = content_of(self.secret[peer], self.suite, self.sequence[peer], data,
                             (CLOSE, APPLICATION, FINISHED, STEP))
        need(content is not None, "it does not open")
        self._may_come(peer, *content)
        if content[0] == STEP:
            self._open_step(peer, content[1])
        else:
            self._pass(peer, content[0])
        return content

    def _open_step(self, peer, payload):
        need(self.private is not None or (self.n is None and peer == "client"), "the latest step is the peer's own")
        value = payload[2:]
        need(payload[:2] == octets(len(value), 2), "the shape of a step")
        need(is_public_value(value, self.group), "a bad public value")
        if self.n is None:
            self._pass(peer, STEP)
            self.n = 0
        else:
            self._ratchet(peer, self.n + 1, shared(value, self.private, self.group))
        self.private, self.public = None, value


CALL_TYPES = {"close": CLOSE, "application": APPLICATION, "key update": KEY_UPDATE, "finished": FINISHED, "step": STEP}


class Conversation:
    """What follows one handshake, Record by Record in the order in which they were sealed."""

    def __init__(self, handshake):
        self.handshake = handshake
        group, suite = handshake.number("group"), handshake.number("suite")
        self.sides = {side: Side(side, group, suite, handshake.hex("prk"), handshake.hex("T")) for side in OTHER}
        self.coming = {"client": [], "server": []}  # to a side, sealed and not yet opened by it
        self.ivs, self.steps = {"client": 0, "server": 0}, {"client": 0, "server": 0}

    def deliver(self, side, but=0):
        while len(self.coming[side]) > but:
            self.sides[side].open(self.coming[side].pop(0))

    def drawn_iv(self, side):
        self.ivs[side] += 1
        return fixed_source(self.handshake.text(side + "_seed") + " iv", 16 * self.ivs[side])[-16:]

    def drawn_exponent(self, side):
        """Behind the random, the handshake's exponent and the salt."""
        length = EXPONENT_LEN[self.handshake.number("group")]
        self.steps[side] += 1
        return fixed_source(self.handshake.text(side + "_seed"), 64 + length * (1 + self.steps[side]))[-length:]

    def check(self, entry):
        sender = entry.text("from")
        crossing = entry.number("crosses") if entry.has("crosses") else 0
        need(crossing <= len(self.coming[sender]), "there are not so many to cross")
        self.deliver(sender, crossing)
        if entry.has("expect"):
            self.check_refused(entry, sender)
            return
        side = self.sides[sender]
        entry.same("iv", self.drawn_iv(sender))
        need(entry.number("sequence") == side.sequence[sender], "sequence")
        content_type = CALL_TYPES[entry.text("type")]
        if content_type == STEP:
            data = self.check_step(entry, side)
        else:
            need(content_type != APPLICATION or not side.step_is_due(), "a step was due")
            data = side.seal(entry.hex("iv"), content_type, entry.hex("payload"))
        entry.same("frame", data)
        if content_type == FINISHED:
            need(self.handshake.hex(sender + "_finished") == data, "handshake.txt has another Finished")
        self.coming[OTHER[sender]].append(data)
        for direction in OTHER:
            entry.same(direction[0] + "_secret", side.secret[direction])
        if side.n is not None:
            need(entry.number("n") == side.n, "n")
        entry.same("root", side.root)

    def check_step(self, entry, side):
        need(side.step_is_due(), "no step was due")
        entry.same("private", self.drawn_exponent(side.role))
        entry.same("public", public_of(entry.hex("private"), side.group))
        entry.same("payload", long(entry.hex("public")))
        data, z, t = side.seal_step(entry.hex("iv"), entry.hex("private"))
        if z is not None:
            entry.same("Z", z)
            entry.same("t", t)
        return data

    def check_refused(self, entry, sender):
        """It comes here in place of what its sender did, and leaves no trace."""
        need(entry.text("expect") == "reject", "expect")
        side, data = self.sides[sender], entry.hex("frame")
        if entry.has("type"):
            need(entry.number("sequence") == side.sequence[sender], "sequence")
            need(seal(side.secret[sender], side.suite, entry.number("sequence"), entry.hex("iv"),
                      CALL_TYPES[entry.text("type")], entry.hex("payload")) == data, "frame differs")
        self.deliver(OTHER[sender])
        try:
            copy.deepcopy(self.sides[OTHER[sender]]).open(data)
        except Wrong:
            return
        raise Wrong("this should be refused, and is not")

    def check_end(self):
        for side in OTHER:
            self.deliver(side)
            need(self.sides[side].secret == {"client": b"", "server": b""}, "it does not end with a Close each")


def check_conversation(entry, conversations):
    name = entry.text("handshake")
    if name not in conversations:
        conversations[name] = Conversation({h.fields["name"]: h for h in read("handshake")}[name])
    conversations[name].check(entry)


def check_dh(entry):
    """Sections 3.1 and 5.1's Z. The prime's records have the constant of RFC 7919's formula; what must be refused says
    expect = reject."""
    group = {"ffdhe2048": 1, "ffdhe3072": 2, "ffdhe4096": 3}[entry.text("group")]
    p, size = GROUPS[group], GROUPS[group].bit_length() // 8
    if entry.has("offset"):
        need(ffdhe_prime(8 * size, entry.number("offset")) == p, "offset")
        return
    peer = entry.hex("peer")
    good = len(peer) == size and 1 < number(peer) < p - 1 and pow(number(peer), (p - 1) // 2, p) == 1
    if entry.has("expect"):
        need(entry.text("expect") == "reject" and not good, "a good public value is called bad")
        return
    need(good, "a bad public value")
    x = entry.hex("x")
    need(len(x) == EXPONENT_LEN[group], "the length of x")
    entry.same("y", octets(pow(2, number(x), p), size))
    entry.same("z", octets(pow(number(peer), number(x), p), size))


# --- Hosts ----------------------------------------------------------------------------------------------------------

def ipv4_number(text):
    """Decimal, octal or hexadecimal; None for anything else."""
    for shape, base in ((r"0[xX]([0-9a-fA-F]+)", 16), (r"(0[0-7]*)", 8), (r"([1-9][0-9]*)", 10)):
        found = re.fullmatch(shape, text)
        if found:
            return int(found[1], base)
    return None


def ipv4(text):
    """Section 7.6, rule 3: four bytes, or None."""
    numbers = [ipv4_number(part) for part in text.split(".")]
    if len(numbers) > 4 or None in numbers:
        return None
    left = 5 - len(numbers)
    if any(n > 255 for n in numbers[:-1]) or numbers[-1] >= 256 ** left:
        return None
    return bytes(numbers[:-1]) + octets(numbers[-1], left)


def fold(host):
    """Section 7.6; None where it is no host."""
    if len(host) > 255 or not all(0x21 <= c <= 0x7e for c in host):
        return None
    text = host.decode("ascii")
    if ":" in text:
        address, percent, zone = text.partition("%")
        try:
            ip = ipaddress.IPv6Address(address)
        except ValueError:
            return None
        if percent and not zone:
            return None
        if ip.ipv4_mapped:
            return str(ip.ipv4_mapped)
        return ip.compressed + (percent + zone if ip in ipaddress.IPv6Network("fe80::/10") else "")
    text = text[:-1] if text.endswith(".") else text
    if not text or text.endswith("."):
        return None
    address = ipv4(text)
    if address is not None:
        return ".".join(str(byte) for byte in address)
    return "".join(chr(ord(c) + 32) if "A" <= c <= "Z" else c for c in text)


def check_hostname(entry):
    folded = fold(entry.hex("typed"))
    if entry.has("expect"):
        need(entry.text("expect") == "reject" and folded is None, "this is no host, and is taken for one")
        return
    need(folded is not None, "a host is refused")
    entry.same("folded", folded.encode())
    need(fold(folded.encode()) == folded, "what is folded changes when it is folded again")


# --- Between users --------------------------------------------------------------------------------------------------

def check_safety(entry):
    """Section 8.7: the safety number, one string for both users."""
    users = sorted((entry.text("name_" + user).encode(), entry.hex("fingerprint_" + user)) for user in "ab")
    password = b"".join(short(name) + key for name, key in users)
    okm = hashlib.pbkdf2_hmac("sha256", password, b"glasschat/1 safety", 100000, 60)
    need(entry.text("number") == "".join("%05d" % (number(okm[at:at + 5]) % 100000) for at in range(0, 60, 5)),
         "number differs")


# --- Running --------------------------------------------------------------------------------------------------------

def check_file(check, stem, entries):
    directions, conversations = talk_of(read("handshake")[0]), {}
    for entry in entries:
        try:
            if stem == "session":
                check_session(entry, directions)
            elif stem == "ratchet":
                check_conversation(entry, conversations)
            else:
                check(entry)
            entry.all_read()
        except (Wrong, ValueError, KeyError, StopIteration, OverflowError) as error:
            raise Wrong("vectors/%s.txt, %s: %s" % (stem, entry.fields["name"], error or repr(error))) from None
    for conversation in conversations.values():
        conversation.check_end()


CHECKS = {"record": check_record, "certificate": check_certificate, "handshake": check_handshake, "hello": check_hello,
          "session": check_session, "ratchet": check_conversation, "dh": check_dh, "hostname": check_hostname,
          "safety": check_safety}
SKIPPED = {"name", "source", "why", "server_groups", "server_suites"}  # what a server allows leaves no trace


def changed(value):
    """The same length, one character different."""
    if not value:
        return "00"
    return value[:-1] + ("1" if value[-1] != "1" else "2")


def mutate(check, stem):
    """Changes each value of each positive entry; returns how many, and which changes went unnoticed."""
    count, unnoticed = 0, []
    for i, entry in enumerate(read(stem)):
        if entry.has("expect"):
            continue
        for field in sorted(set(entry.fields) - SKIPPED):
            entries = read(stem)
            fields = dict(entry.fields)
            fields[field] = changed(fields[field])
            entries[i] = Entry(fields)
            count += 1
            try:
                check_file(check, stem, entries if stem in ("session", "ratchet") else entries[i:i + 1])
                unnoticed.append("vectors/%s.txt, %s: a changed %s goes unnoticed" % (stem, fields["name"], field))
            except Wrong:
                pass
    return count, unnoticed


def main(checks):
    try:
        KEYS.update(read_keys())
        for stem, check in checks.items():
            entries = read(stem)
            check_file(check, stem, entries)
            print("ok      vectors/%s.txt: %d records" % (stem, len(entries)))
    except Wrong as error:
        sys.exit("FAILED  %s" % error)
    if "--mutate" in sys.argv[1:]:
        for stem, check in checks.items():
            count, unnoticed = mutate(check, stem)
            if unnoticed:
                sys.exit("FAILED  " + "\n        ".join(unnoticed))
            print("ok      vectors/%s.txt: %d changes, all noticed" % (stem, count))


if __name__ == "__main__":
    main(CHECKS)
