#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Recomputes the known answers of sealed rooms from docs/protocol.md section 9 alone: lists, sender keys, messages.

As tests/protocol_check.py, whose primitives it takes, and as that one

    tests/protocol_rooms.py            checks the files
    tests/protocol_rooms.py --mutate   also changes each value in turn, and expects each change to be noticed
"""
import re
import unicodedata

import protocol_check as protocol
from protocol_check import (KEYS, Wrong, aes_cbc, expand, fingerprint, fixed_source, hmac256, long, need, number, octets,
                            sha256, short, sign, verify)

MEMBERS_MAX, MESSAGES = 32, 100


class Reader:
    """Takes fields from the front; Wrong where one runs over the end."""

    def __init__(self, data):
        self.data = data

    def take(self, length):
        need(len(self.data) >= length, "it is cut")
        field, self.data = self.data[:length], self.data[length:]
        return field

    def number(self, length):
        return number(self.take(length))

    def short(self):
        return self.take(self.number(1))

    def long(self):
        return self.take(self.number(2))

    def end(self):
        need(not self.data, "bytes are left over")


def is_name(data):
    return re.fullmatch(rb"[a-z][a-z0-9_-]{0,31}", data) is not None


def is_room_name(data):
    return data[:1] == b"+" and len(data) <= 32 and is_name(data[1:])


def is_text(data):
    """Section 10.6."""
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        return False
    refused = {0x61c, 0x200e, 0x200f, 0x2028, 0x2029, *range(0x202a, 0x202f), *range(0x2066, 0x206a)}
    return 1 <= len(data) <= 4000 and not any(
        ord(c) in refused or (unicodedata.category(c) == "Cc" and c not in "\t\n") for c in text)


# --- The list -------------------------------------------------------------------------------------------------------

LIST_LABEL = b"glasschat/1 room list\0"


def list_body(room, room_name, n, before, members):
    return (LIST_LABEL + room + short(room_name) + octets(n, 4) + before + bytes([len(members)])
            + b"".join(short(name) + key for name, key in members))


def accept_list(data, founder_n):
    """Wrong where a member who knows the founder's key must refuse it."""
    reader = Reader(data)
    need(reader.take(len(LIST_LABEL)) == LIST_LABEL, "the label")
    reader.take(16)
    need(is_room_name(reader.short()), "the room's name")
    n, before = reader.number(4), reader.take(32)
    need((n == 0) == (before == bytes(32)), "the list before")
    count = reader.number(1)
    need(count <= MEMBERS_MAX and (n > 0 or count > 0), "count")
    members = [(reader.short(), reader.take(32)) for _ in range(count)]
    need(all(is_name(name) for name, _ in members), "a member's name")
    others = [name for name, _ in members[1:]]
    need(all(a < b for a, b in zip(others, others[1:])), "the order")
    need(not members or members[0][0] not in others, "the founder stands there twice")
    need(not members or members[0][1] == fingerprint(founder_n), "the first is not the founder")
    need(verify(founder_n, data[:-384], reader.take(384)), "the signature")
    reader.end()


def refuses(judge, *arguments):
    try:
        judge(*arguments)
    except Wrong:
        return True
    return False


def check_room_list(entry):
    founder_n = KEYS[entry.text("key")]["n"]
    if entry.has("expect"):
        need(entry.text("expect") == "reject", "expect")
        data = entry.hex("list")
        need(refuses(accept_list, data, founder_n), "this should be refused, and is not")
        need("signature is right" not in entry.text("why") or verify(founder_n, data[:-384], data[-384:]),
             "the signature is wrong, so nothing else is tested")
        return
    keys = Reader(entry.hex("fingerprints"))
    members = [(name.encode(), keys.take(32)) for name in entry.text("names").split()]
    keys.end()
    body = list_body(entry.hex("room"), entry.text("room_name").encode(), entry.number("n"), entry.hex("before"), members)
    entry.same("L", sha256(body))
    entry.same("salt", fixed_source(entry.text("seed"), 32))
    entry.same("list", body + sign(entry.text("key"), body, entry.hex("salt")))
    accept_list(entry.hex("list"), founder_n)


# --- Sender keys ----------------------------------------------------------------------------------------------------

def advanced(secret, times):
    for _ in range(times):
        secret = expand(secret, b"glasschat/1 update", 32)
    return secret


def accept_sender_key(payload):
    reader = Reader(payload)
    need(reader.number(1) == 3, "the type")
    reader.take(16 + 32 + 16)
    need(reader.number(4) < MESSAGES, "i")
    reader.take(32)
    reader.end()


def check_sender_key(entry):
    payload = entry.hex("payload")
    if entry.has("expect"):
        need(entry.text("expect") == "reject", "expect")
        need(refuses(accept_sender_key, payload), "this should be refused, and is not")
        return
    drawn, i = fixed_source(entry.text("seed"), 48), entry.number("i")
    entry.same("key_id", drawn[:16])
    secret = advanced(drawn[16:], i)
    entry.same("secret", secret)
    entry.same("payload", b"\x03" + entry.hex("room") + entry.hex("L") + drawn[:16] + octets(i, 4) + secret)
    entry.same("next_secret", advanced(secret, 1))
    accept_sender_key(payload)


# --- Messages -------------------------------------------------------------------------------------------------------

def keys_of(secret):
    return expand(secret, b"glasschat/1 encrypt", 16), expand(secret, b"glasschat/1 authenticate", 32)


def what_is_signed(room, list_hash, sender, key_id, i, prev, seen, text):
    return (b"glasschat/1 room message\0" + room + list_hash + short(sender) + key_id + octets(i, 4) + prev + seen
            + long(text))


def pad(data):
    missing = 16 - len(data) % 16
    return data + bytes([missing]) * missing


def tag_of(secret, sender, outside):
    """outside: all of a message but its tag."""
    return hmac256(keys_of(secret)[1], b"glasschat/1 room record\0", short(sender), outside)


def seal(secret, sender, head, iv, padded):
    outside = head + iv + aes_cbc(keys_of(secret)[0], iv, padded, True)
    return outside + tag_of(secret, sender, outside)


class Held:
    """What a receiver has of a sender: the name, the public key, and a sender key as it stands."""

    def __init__(self, entry):
        self.sender, self.n = entry.text("sender").encode(), KEYS[entry.text("key")]["n"]
        self.head = entry.hex("room") + entry.hex("L") + entry.hex("key_id")
        self.i, self.secret = entry.number("held_i"), entry.hex("held_secret")

    def at(self, i):
        return advanced(self.secret, i - self.i)

    def tag_is_right(self, data):
        return tag_of(self.at(number(data[64:68])), self.sender, data[:-32]) == data[-32:]

    def inside(self, data):
        """prev | seen | <u16> text | signature; after the tag."""
        return aes_cbc(keys_of(self.at(number(data[64:68])))[0], data[68:84], data[84:-32], False)

    def signature_is_right(self, data):
        """Of a message whose padding and fields are."""
        inside = self.inside(data)
        inside = inside[:-inside[-1]]
        return verify(self.n, what_is_signed(data[:16], data[16:48], self.sender, data[48:64], number(data[64:68]),
                                             inside[:32], inside[32:64], inside[66:-384]), inside[-384:])

    def open(self, data):
        need(580 <= len(data) <= 4580 and (len(data) - 116) % 16 == 0, "lengths")
        need(data[:64] == self.head and self.i <= number(data[64:68]) < MESSAGES, "another key, or i")
        need(self.tag_is_right(data), "the tag")
        padded = self.inside(data)
        count = padded[-1]
        need(1 <= count <= 16 and padded[-count:] == bytes([count]) * count, "the padding")
        reader = Reader(padded[:-count])
        reader.take(64)
        text = reader.long()
        need(len(text) <= 4000, "the text is too long")
        reader.take(384)
        reader.end()
        need(self.signature_is_right(data), "the signature")
        need(is_text(text), "the text")


def check_sealed(entry):
    held, data = Held(entry), entry.hex("sealed")
    if entry.has("expect"):
        need(entry.text("expect") == "reject", "expect")
        need(refuses(held.open, data), "this should be refused, and is not")
        need("tag is right" not in entry.text("why") or held.tag_is_right(data), "the tag is wrong")
        need("signature is right" not in entry.text("why") or held.signature_is_right(data), "the signature is wrong")
        return
    i, prev, seen, text = entry.number("i"), entry.hex("prev"), entry.hex("seen"), entry.hex("text")
    message = what_is_signed(entry.hex("room"), entry.hex("L"), held.sender, entry.hex("key_id"), i, prev, seen, text)
    entry.same("hash", sha256(message))
    entry.same("salt", fixed_source(entry.text("seed"), 32))
    entry.same("signature", sign(entry.text("key"), message, entry.hex("salt")))
    entry.same("secret", held.at(i))
    enc_key, mac_key = keys_of(entry.hex("secret"))
    entry.same("enc_key", enc_key)
    entry.same("mac_key", mac_key)
    entry.same("iv", fixed_source(entry.text("seed") + " iv", 16))
    entry.same("plaintext", pad(prev + seen + long(text) + entry.hex("signature")))
    entry.same("sealed", seal(held.at(i), held.sender, held.head + octets(i, 4), entry.hex("iv"), entry.hex("plaintext")))
    entry.same("next_secret", advanced(entry.hex("secret"), 1))
    held.open(data)


if __name__ == "__main__":
    protocol.main({"room_list": check_room_list, "sender_key": check_sender_key, "sealed": check_sealed})
