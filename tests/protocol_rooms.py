#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Recomputes the known answers of sealed rooms from docs/protocol.md section 9 alone: lists and sender keys.

As tests/protocol_check.py, whose primitives it takes, and as that one

    tests/protocol_rooms.py            checks the files
    tests/protocol_rooms.py --mutate   also changes each value in turn, and expects each change to be noticed
"""
import re

import protocol_check as protocol
from protocol_check import (KEYS, Wrong, expand, fingerprint, fixed_source, need, number, octets, sha256, short, sign,
                            verify)

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

    def end(self):
        need(not self.data, "bytes are left over")


def is_name(data):
    return re.fullmatch(rb"[a-z][a-z0-9_-]{0,31}", data) is not None


def is_room_name(data):
    return data[:1] == b"+" and len(data) <= 32 and is_name(data[1:])


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


if __name__ == "__main__":
    protocol.main({"room_list": check_room_list, "sender_key": check_sender_key})
