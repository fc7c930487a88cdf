#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""What tshark makes of the protocol with net/wireshark/glasschat.lua: known answers field by field, hostile bytes."""
import os
import random
import re
import signal
import socket
import struct
import subprocess
import unittest

import captures
import harness
from captures import DOWN, INSIDE_PORT, NEW, PORT, UP


def vectors(stem):
    """The records of vectors/<stem>.txt."""
    with open(f"{harness.ROOT}/vectors/{stem}.txt") as f:
        blocks = [[line for line in block.splitlines() if line and not line.startswith("#")]
                  for block in f.read().split("\n\n")]
    records = [dict(re.split(r"\s*=\s?", line, maxsplit=1) for line in block) for block in blocks]
    return [r for r in records if "name" in r]


def unhex(text):
    return bytes.fromhex(text)


def frame(kind, body):
    return struct.pack(">BBH", kind, 1, len(body)) + body


def piece(how, told):
    """Of an inside: net/wireshark/glasschat.lua has the layout."""
    return struct.pack(">IB", 1 + len(told), how) + told


def opened(plaintext, sequence=0):
    padding = 16 - len(plaintext) % 16
    return piece(1, struct.pack(">Q", sequence) + plaintext + bytes([padding]) * padding)


def colons(data):
    """As tshark prints bytes."""
    return ":".join("%02x" % c for c in data)


# What vectors/message.txt says, record by record, in the words of docs/protocol.md section 10.
PASSWORD = {"password": ["correct battery"]}
CALL = {"call": [colons(b"0123456789:;<=>?")]}
RECORD = b"\3\1\0\x40" + bytes(17 * c for c in range(16)) + b"\x44" * 16 + b"\x55" * 32
SEALED = (b"R" * 16 + b"L" * 32 + b"K" * 16 + b"\0\0\0\7" + bytes(17 * c for c in range(16)) + b"D" * 464 +
          b"U" * 32)
MESSAGES = {
    "register": {"name": ["alice"], "email": ["alice@example.org"], **PASSWORD, "certificate": [""]},
    "log in without a code": {"name": ["alice"], "code": [""], **PASSWORD},
    "log in with a code": {"name": ["alice"], "code": ["287082"], **PASSWORD},
    "log out": {}, "ping": {}, "ok": {}, "replaced": {}, "still there": {}, "list blocked": {},
    "list rooms": {"after": [""]},
    "list rooms after one": {"after": ["lobby"]},
    "join": {"room": ["c-course"]},
    "leave": {"room": ["c-course"]},
    "say": {"room": ["lobby"], "text": ["grüß dich"]},
    "who": {"room": ["lobby"], "after": [""]},
    "error": {"error": ["14"], "words": ["join the room first"]},
    "rooms": {"more": ["1"], "n": ["2"], "room": ["c-course", "lobby"], "members": ["1", "70000"]},
    "members": {"room": ["lobby"], "more": ["0"], "n": ["2"], "name": ["alice", "bob"]},
    "said": {"room": ["lobby"], "sender": ["alice"], "time": ["1700000000"], "text": ["grüß dich"]},
    "presence": {"what": ["1"], "room": ["lobby"], "n": ["2"], "name": ["alice", "bob"]},
    "notice": {"words": ["the server stops in a minute"]},
    "change password": {**PASSWORD, "code": ["287082"], "new_password": ["staple horse"]},
    "delete account": {**PASSWORD, "code": [""]},
    "begin second factor": {**PASSWORD, "code": [""]},
    "confirm second factor": {"code": ["287082"]},
    "end second factor": {**PASSWORD, "code": ["287082"]},
    "replace certificate": {**PASSWORD, "code": [""]},
    "replace certificate by none": {**PASSWORD, "code": [""], "certificate": [""]},
    "block": {"name": ["bob"]},
    "unblock": {"name": ["bob"]},
    "fetch certificate": {"name": ["alice"]},
    "secret": {"secret": [colons(b"12345678901234567890")]},
    "certificate": {"name": ["alice"]},
    "blocked": {"n": ["2"], "name": ["alice", "bob"]},
    "blocked nobody": {"n": ["0"]},
    "relay": {"name": ["bob"], **CALL, "frame": ["04:01:00:04:01:02:02:03"]},
    "relay without a frame": {"name": ["bob"], **CALL, "frame": [""]},
    "ready": {},
    "relayed": {"name": ["alice"], **CALL, "frame": [colons(RECORD)]},
    "join a sealed room": {"room": ["+den"]},
    "leave a sealed room": {"room": ["+den"]},
    "who is in a sealed room": {"room": ["+den"], "after": ["alice"]},
    "list rooms after a sealed one": {"after": ["+den"]},
    "seal": {"room": ["+den"], "sealed": [colons(SEALED)]},
    "members of a sealed room": {"room": ["+den"], "more": ["0"], "n": ["2"], "name": ["alice", "bob"]},
    "rooms, one of them sealed": {"more": ["0"], "n": ["2"], "room": ["+den", "lobby"], "members": ["2", "3"]},
    "presence in a sealed room": {"what": ["2"], "room": ["+den"], "n": ["2"], "name": ["alice", "bob"]},
    "sealed": {"room": ["+den"], "sender": ["alice"], "time": ["1700000000"], "sealed": [colons(SEALED)]},
}


@unittest.skipUnless(captures.HERE, "tshark is not installed")
class Wireshark(harness.TestCase):
    def dissect(self, packets, *options, **kw):
        """What tshark finds in a capture of these packets, of which all bytes must be some field's."""
        found = captures.dissect(self.path("a.pcap", captures.of(packets, **kw)), *options)
        self.assertEqual([gap for packet in found for gap in packet.gaps()], [])
        return found

    def assert_well_formed(self, packets):
        for packet in packets:
            self.assertFalse(packet.has("glasschat.malformed"), packet.number)
            self.assertFalse(packet.has("glasschat.rule"), packet.number)

    def assert_fields(self, packet, expected):
        for name, value in expected.items():
            self.assertEqual(packet.value("glasschat." + name).hex(), value.hex(), name)


class KnownAnswers(Wireshark):
    def check_certificate(self, packet, certificate):
        n = certificate[2]
        times, rest = certificate[3 + n:19 + n], certificate[19 + n:]
        self.assert_fields(packet, {
            "certificate.version": b"\1", "certificate.role": certificate[1:2],
            "certificate.name": certificate[3:3 + n], "certificate.not_before": times[:8],
            "certificate.not_after": times[8:], "certificate.modulus": rest[:384], "certificate.issuer": rest[384:416],
            "certificate.signature": rest[416:]})

    def check_record(self, packet, record):
        self.assert_fields(packet, {"header": record[:4], "iv": record[4:20], "ciphertext": record[20:-32],
                                    "tag": record[-32:]})

    def check_handshake(self, found, v, data):
        hello, answer, server_finished, client_finished = found
        self.assert_fields(hello, {
            "header": data["client_hello"][:4], "client_random": data["client_random"], "suites": data["client_suites"],
            "groups": data["client_groups"], "group": bytes([int(v["group"])]), "client_public": data["client_public"]})
        self.assertEqual(bytes(map(int, hello.shown("glasschat.groups.group"))), data["client_groups"])
        self.assertEqual(bytes(map(int, hello.shown("glasschat.suites.suite"))), data["client_suites"])
        self.assert_fields(answer, {
            "header": data["server_hello"][:4], "server_random": data["server_random"],
            "suite": bytes([int(v["suite"])]), "server_public": data["server_public"],
            "certificate": data["server_certificate"], "signature": data["server_signature"]})
        self.check_certificate(answer, data["server_certificate"])
        self.check_record(server_finished, data["server_finished"])
        self.check_record(client_finished, data["client_finished"])

    def test_handshakes(self):
        names = ("client_hello", "server_hello", "server_finished", "client_finished")
        records = [(v, {name: unhex(v[name]) for name in v if re.fullmatch(r"([0-9a-f]{2})+", v[name])})
                   for v in vectors("handshake")]
        packets = [packet for _, data in records
                   for packet in [(NEW, PORT), *((UP if name[0] == "c" else DOWN, data[name]) for name in names)]]
        found = self.dissect(packets)
        self.assert_well_formed(found)
        self.assertEqual(len(found), 4 * len(records))
        for i, (v, data) in enumerate(records):
            with self.subTest(v["name"]):
                self.check_handshake(found[4 * i:4 * i + 4], v, data)

    def test_alerts(self):
        records = vectors("hello")
        found = self.dissect([(DOWN, unhex(v["frame"])) for v in records])
        self.assert_well_formed(found)
        self.assertEqual(len(found), len(records))
        for v, packet in zip(records, found):
            self.assert_fields(packet, {"alert.code": bytes([int(v["code"])]), "alert.data": unhex(v["data"])})
            entry = {1: "group", 2: "suite"}.get(int(v["code"]), "group")
            self.assertEqual(bytes(map(int, packet.shown("glasschat.alert.data." + entry))), unhex(v["data"]))

    def test_the_records_of_a_session(self):
        records = vectors("session")
        found = self.dissect([(UP if v["from"] == "client" else DOWN, unhex(v["frame"])) for v in records])
        self.assert_well_formed(found)
        self.assertEqual(len(found), len(records))
        for v, packet in zip(records, found):
            self.assertEqual(packet.value("glasschat.iv").hex(), v["iv"])
            self.check_record(packet, unhex(v["frame"]))

    def test_messages(self):
        """What is inside: each message of section 10, with its fields and no others."""
        records = vectors("message")
        packets = [(UP, opened(b"\1" + unhex(v["message"]), i)) for i, v in enumerate(records)]
        found = self.dissect(packets, port=INSIDE_PORT)
        self.assert_well_formed(found)
        self.assertEqual({v["name"] for v in records}, set(MESSAGES))
        for i, (v, packet) in enumerate(zip(records, found, strict=True)):
            message = unhex(v["message"])
            self.assertEqual(packet.number_of("glasschat.sequence"), i)
            self.assert_fields(packet, {"content_type": b"\1", "message": message, "message.type": message[:1],
                                        "message.request": message[1:5]})
            fields = {name.removeprefix("glasschat.message."): packet.shown(name) for name in packet.fields
                      if re.fullmatch(r"glasschat\.message\.[a-z_]+", name)}
            for name in ("type", "request"):
                del fields[name]
            if len(message) > 800:
                self.assertEqual(packet.value("glasschat.message.certificate"), message[-824:])
                self.check_certificate(packet, message[-824:])
                del fields["certificate"]
            self.assertEqual(fields, MESSAGES[v["name"]], v["name"])
            if "sealed" in fields:
                self.check_sealed(packet, SEALED)

    def check_sealed(self, packet, line):
        """What stands before the ciphertext can be read."""
        self.assert_fields(packet, {"message.sealed." + name: value for name, value in (
            ("room", line[:16]), ("L", line[16:48]), ("key_id", line[48:64]), ("i", line[64:68]), ("iv", line[68:84]),
            ("ciphertext", line[84:-32]), ("tag", line[-32:]))})

    def test_the_other_content_types(self):
        kind_2 = vectors("handshake")[-1]
        certificate, signature = unhex(kind_2["client_certificate"]), unhex(kind_2["client_signature"])
        finished = b"\3" + b"".join(struct.pack(">H", len(part)) + part for part in (certificate, signature))
        hello = unhex(kind_2["client_hello"])
        refused = unhex(kind_2["client_finished"])
        found = self.dissect([(UP, piece(0, hello)), (UP, opened(b"\3")), (UP, opened(finished)), (UP, opened(b"\2")),
                              (DOWN, opened(b"\0")), (DOWN, piece(2, bytes(7) + b"\7" + refused))],
                             port=INSIDE_PORT)
        self.assert_well_formed(found)
        self.assert_fields(found[0], {"client_random": hello[4:36]})
        self.assertEqual([p.number_of("glasschat.content_type") for p in found[1:5]], [3, 3, 2, 0])
        self.check_certificate(found[2], certificate)
        self.assert_fields(found[2], {"signature": signature})
        self.check_record(found[5], refused)
        self.assertEqual(found[5].number_of("glasschat.sequence"), 7)


class Streams(Wireshark):
    def setUp(self):
        super().setUp()
        v = vectors("handshake")[0]
        self.hello, self.answer = unhex(v["client_hello"]), unhex(v["server_hello"])
        self.finished = unhex(v["server_finished"])

    def values(self, packets, name):
        return [field.get("value") for packet in packets for field in packet.fields.get(name, [])]

    def test_frames_cut_in_any_way_into_segments(self):
        stream, packets = self.answer + self.finished + self.finished, []
        sizes = (3, 1460, len(stream))
        for size in sizes:
            packets += [(NEW, PORT), (UP, self.hello)]
            packets += [(DOWN, stream[i:i + size]) for i in range(0, len(stream), size)]
        path = self.path("a.pcap", captures.of(packets))
        found = captures.dissect(path)
        self.assert_well_formed(found)
        self.assertEqual(self.values(found, "glasschat.iv"), [self.finished[4:20].hex()] * 2 * len(sizes))
        self.assertEqual(self.values(found, "glasschat.signature"), [self.answer[-384:].hex()] * len(sizes))
        lines = captures.tshark(path, "-T", "fields", "-e", "_ws.col.Info").decode().splitlines()
        answer = ["ServerHello", "Record", "Record"]  # the end of the first and two more, then all three
        self.assertEqual([line.split() for line in lines[-3:]], [answer, ["ClientHello"], answer])

    def test_filters(self):
        path = self.path("a.pcap", captures.of([(UP, self.hello), (DOWN, self.answer + self.finished)]))
        random = self.hello[4:36].hex(":")
        for wanted, numbers in ((f"glasschat.group == 2 && glasschat.client_random == {random}", b"1\n"),
                                ('glasschat.certificate.name == "chat.example" && glasschat.tag', b"2\n"),
                                ("glasschat && !glasschat.malformed", b"1\n2\n")):
            with self.subTest(wanted):
                self.assertEqual(captures.tshark(path, "-Y", wanted, "-T", "fields", "-e", "frame.number"), numbers)

    def test_other_ports(self):
        """By the ClientHello; where that is not in the capture, by what the user says."""
        changed = bytearray(self.hello)
        changed[36] = 0  # no suites
        packets = [(NEW, 5555), (UP, self.hello), (DOWN, self.answer), (NEW, 5556), (DOWN, self.answer),
                   (NEW, 5557), (UP, bytes(changed)), (NEW, PORT), (DOWN, self.answer),
                   (NEW, 5558), (UP, opened(b"\0"))]
        for options, numbers in (((), [1, 2, 5]),
                                 (("-d", "tcp.port==5556,glasschat", "-d", "tcp.port==5558,glasschat_inside"),
                                  [1, 2, 3, 5, 6]),
                                 (("-o", "glasschat.port:5550-5556", "-o", "glasschat_inside.port:5558"),
                                  [1, 2, 3, 6])):
            with self.subTest(options):
                self.assertEqual([packet.number for packet in self.dissect(packets, *options)], numbers)


class Hostile(Wireshark):
    """Whatever comes, it is all shown, and the script does not fail: captures.tshark sees to that."""

    def frames(self):
        v = vectors("handshake")[0]
        return [unhex(v["client_hello"]), unhex(v["server_hello"]), unhex(v["client_finished"]),
                *(unhex(v["frame"]) for v in vectors("hello"))]

    def plaintexts(self):
        kind_2 = vectors("handshake")[-1]
        certificate = unhex(kind_2["client_certificate"])
        return [b"\3" + struct.pack(">H", len(certificate)) + certificate + b"\1\x80" + bytes(384),
                *(b"\1" + unhex(v["message"]) for v in vectors("message"))]

    def assert_malformed(self, found, count):
        self.assertEqual(len(found), count)
        self.assertEqual([p.number for p in found if not p.has("glasschat.malformed")], [])

    def test_frames_that_end_early_or_late(self):
        cut = [frame(f[0], f[4:n]) for f in self.frames() for n in range(4, len(f), 3 if len(f) < 500 else 37)]
        late = [frame(f[0], f[4:] + b"x") for f in self.frames()]
        self.assert_malformed(self.dissect([(UP, f) for f in cut + late]), len(cut + late))

    def test_messages_that_end_early_or_late(self):
        cut = [p[:n] for p in self.plaintexts() for n in range(2, len(p), 1 if len(p) < 100 else 37)]
        late = [p + b"x" for p in self.plaintexts()] + [b"\0x", b"\2x", b"\1", b"\1\xff" + bytes(4), b""]
        packets = [(UP, opened(p)) for p in cut + late]
        self.assert_malformed(self.dissect(packets, port=INSIDE_PORT), len(packets))

    def test_headers_and_pieces_that_are_none(self):
        headers = (b"\0\1\0\4abcd", b"\5\1\0\4abcd", b"\1\2\0\4abcd", b"\1\1\4\1ab", b"\2\1\x10\1ab", b"\3\1\x40\x41ab",
                   b"\4\1\1\1ab", b"\3\1\0\0", b"\xff" * 9)
        self.assert_malformed(self.dissect([p for h in headers for p in ((NEW, PORT), (UP, h))]), len(headers))
        pieces = (bytes(4), bytes(9), b"\xff" * 9, piece(0, b""), piece(0, b"abc"), piece(1, b""), piece(1, bytes(8)),
                  piece(1, bytes(24)), piece(1, bytes(8) + b"\1" * 15), piece(1, bytes(8) + b"\x11" * 32),
                  piece(1, bytes(8) + b"\1\4\0\0\0\1" + b"\x0b" * 9 + b"\x0a"), piece(2, b""),
                  piece(2, bytes(8) + b"\3\1\0\0"), piece(3, b"abc"))
        self.assert_malformed(self.dissect([p for h in pieces for p in ((NEW, INSIDE_PORT), (UP, h))]), len(pieces))

    def test_rules_that_are_broken(self):
        certificate = self.plaintexts()[0][3:-386]
        broken = [b"\x60\0\0\0\1\1a\1a" + bytes(8) + b"\0\1x",  # a push with a request
                  b"\x04\0\0\0\0",  # a request without a number
                  b"\x06\0\0\0\1\1A", b"\x06\0\0\0\1\0",  # no names
                  b"\x08\0\0\0\1\2+a\0\1x", b"\x09\0\0\0\1\2+a\2+b",  # a sealed room where none may be
                  b"\x06\0\0\0\1\1+", b"\x14\0\0\0\1\1a\x02\x44" + SEALED,
                  b"\x14\0\0\0\1\2+a\x02\x45" + SEALED + b"x", b"\x14\0\0\0\1\2+a\0\4" + bytes(4),
                  b"\x14\0\0\0\1\2+a\x02\x44" + SEALED[:64] + b"\0\0\0\x64" + SEALED[68:],  # a key's 101st message
                  b"\x43\0\0\0\1\1a\2\0\0", b"\x61\0\0\0\0\3\1a\0\1\1b",  # flags
                  b"\x61\0\0\0\0\1\1a\0\0", b"\x43\0\0\0\1\1a\0\0\2\1b\1a",  # lists
                  b"\x0d\0\0\0\1\0012", b"\x62\0\0\0\0\x03\xe9" + b"x" * 1001,  # a code, words
                  b"\x45\0\0\0\1\1a" + struct.pack(">H", len(certificate)) + b"\2" + certificate[1:]]
        found = self.dissect([(UP, opened(b"\1" + m)) for m in broken], port=INSIDE_PORT)
        self.assertEqual([p.has("glasschat.rule") for p in found], [True] * len(broken))
        self.assertEqual([p.number for p in found if p.has("glasschat.malformed")], [])

    def test_names_ascend_by_their_bytes_in_any_locale(self):
        """In this locale z comes before a, and what it does not name is all the same to it."""
        source = self.path("source", b"LC_COLLATE\norder_start forward\n<U007A>\n<U0061>\norder_end\n"
                                     b"END LC_COLLATE\n")
        try:
            subprocess.run(["localedef", "-c", "-i", source, self.path("odd")], capture_output=True)
        except FileNotFoundError:
            self.skipTest("localedef is not installed")
        odd = {"LOCPATH": self.folder, "LC_ALL": "", "LANG": "C", "LC_COLLATE": "odd"}
        done = subprocess.run(["sort"], input=b"a\nz\n", capture_output=True, env=dict(os.environ, **odd))
        if done.stdout != b"z\na\n":
            self.skipTest("no locale can be made here that sorts otherwise than by bytes")
        lists = ((b"a", b"z"), (b"z", b"a"), (b"b", b"c"), (b"c", b"b"), (b"a1", b"a_"), (b"a_", b"a1"), (b"a", b"ab"),
                 (b"ab", b"a"), (b"a", b"a"))
        messages = [b"\x43\0\0\0\1\1r\0\0\2" + b"".join(bytes([len(n)]) + n for n in names) for names in lists]
        path = self.path("a.pcap", captures.of([(UP, opened(b"\1" + m)) for m in messages], INSIDE_PORT))
        found = captures.dissect(path, **odd)
        self.assertEqual([p.has("glasschat.rule") for p in found], [a >= b for a, b in lists])

    def test_anything(self):
        """Frames and pieces in which some bytes are other ones, and bytes that never were any."""
        rng = random.Random(1)
        def changed(data):
            data = bytearray(data)
            for _ in range(rng.randint(1, 4)):
                data[rng.randrange(len(data))] = rng.choice((0, 1, 0x7f, 0xff, rng.randrange(256)))
            return bytes(data)
        def many(units, port):
            data = [changed(rng.choice(units)) for _ in range(400)] + [rng.randbytes(n) for n in range(1, 60)]
            return [packet for d in data for packet in ((NEW, port), (UP, d))]
        self.dissect(many(self.frames(), PORT) +
                     many([opened(p) for p in self.plaintexts()] + [piece(0, f) for f in self.frames()], INSIDE_PORT))


class Recorded(Wireshark):
    """A real session, by `glasschat --record` and `glass explain`, and as somebody in between saw it."""

    TEXT = "the eagle lands at midnight"
    SECRET = "battery staple of the eagle"

    def setUp(self):
        super().setUp()
        self.session = self.path("session")

    def play(self, server, port, *options):
        """A session of alice's, through this port, in which bob is there too."""
        bob = self.client(server, "bob")
        alice = self.client(server, "alice", *options, port=port, password=self.SECRET)
        alice.say(self.TEXT)
        bob.expect(self.TEXT)
        bob.say("copied: grüß dich")
        alice.expect("copied: grüß dich")
        alice.say("/quit")
        self.assertEqual(alice.wait(), 0)

    def explain(self):
        self.run_program("glass", "explain", "--session", self.session, "--pcap", self.session, status=0)
        return self.session + ".wire.pcap", self.session + ".inside.pcap"

    def lines(self, path):
        """Of each packet that carries something: who sent it, when, and what Wireshark says of it in a line."""
        fields = ("-e", "ip.src", "-e", "frame.time_epoch", "-e", "_ws.col.Info")
        rows = captures.tshark(path, "-Y", "tcp.len > 0", "-T", "fields", *fields).decode().splitlines()
        return [row.split("\t") for row in rows]

    def test_two_captures_of_a_session(self):
        server = self.server()
        proxy = self.proxy(server)
        self.play(server, proxy.port, "--record", self.session)
        wire, inside = self.explain()
        self.check_wire(wire, proxy)
        self.check_inside(inside)
        outer, inner = self.lines(wire), self.lines(inside)
        self.assertEqual([row[:2] for row in outer], [row[:2] for row in inner])
        self.assertEqual([row[2].strip() for row in inner[:8]],
                         ["ClientHello", "ServerHello", "Finished", "Finished", "register #1", "ok #1", "log in #2",
                          "ok #2"])
        self.assertEqual([row[2].strip() for row in inner[-2:]], ["Close", "Close"])
        self.assertEqual({row[2].strip() for row in outer}, {"ClientHello", "ServerHello", "Record"})
        for path in (wire, inside):
            self.check_tcp(path)
            self.assertEqual(os.stat(path).st_mode & 0o777, 0o600)

    def check_wire(self, wire, proxy):
        """The very bytes that crossed, and what of them anybody can read."""
        streams = {UP: b"", DOWN: b""}
        rows = captures.tshark(wire, "-T", "fields", "-e", "tcp.dstport", "-e", "tcp.payload").decode().splitlines()
        for port, _, payload in (row.partition("\t") for row in rows):
            streams[UP if port == str(PORT) else DOWN] += unhex(payload)
        self.assertEqual(streams[DOWN], bytes(proxy.down))
        self.assertEqual(streams[UP][:len(proxy.up)], bytes(proxy.up))
        self.assertIn(len(streams[UP]) - len(proxy.up), (0, 68))  # the proxy is gone when the server has said good-bye
        found = captures.dissect(wire)
        self.assertEqual([gap for packet in found for gap in packet.gaps()], [])
        self.assert_well_formed(found)
        hello, answer = found[:2]
        self.assert_fields(hello, {"client_random": proxy.up[4:36], "suites": b"\1\2", "groups": b"\2\3",
                                   "group": b"\2"})
        self.assert_fields(answer, {"server_random": proxy.down[4:36], "suite": b"\1",
                                    "signature": harness.frames(proxy.down)[0][-384:]})
        with open(wire, "rb") as f:
            data = f.read()
        self.assertNotIn(self.TEXT.encode(), data)
        self.assertNotIn(self.SECRET.encode(), data)

    def check_inside(self, inside):
        found = captures.dissect(inside)
        self.assertEqual([gap for packet in found for gap in packet.gaps()], [])
        self.assert_well_formed(found)
        said = [(p.shown("glasschat.message.sender"), p.shown("glasschat.message.text")) for p in found
                if p.has("glasschat.message.text")]
        self.assertEqual(said, [([], [self.TEXT]), (["bob"], ["copied: grüß dich"])])
        self.assertEqual([p.shown("glasschat.message.password") for p in found if p.has("glasschat.message.password")],
                         [[self.SECRET]] * 2)
        for port in (str(INSIDE_PORT), found[0].shown("tcp.srcport")[0]):
            sequences = [p.number_of("glasschat.sequence") for p in found[2:] if p.shown("tcp.srcport") == [port]]
            self.assertEqual(sequences, list(range(len(sequences))))

    def check_tcp(self, path):
        """Nothing that Wireshark's own TCP complains of, and all checksums right."""
        check = ("-o", "ip.check_checksum:TRUE", "-o", "tcp.check_checksum:TRUE", "-T", "fields", "-e", "frame.number")
        every = captures.tshark(path, *check)
        good = "ip.checksum.status == 1 && tcp.checksum.status == 1 && !tcp.analysis.flags"
        self.assertEqual(captures.tshark(path, "-Y", good, *check), every)

    @unittest.skipIf(harness.sanitized(), "its server runs as it is, in its sandbox")
    def test_the_listings_of_the_document(self):
        """docs/wireshark.md shows, but for the times, what tshark says of the session that it has its reader play."""
        with open(os.path.join(harness.ROOT, "docs/wireshark.md"), encoding="utf-8") as f:
            document = f.read()
        play = next(b for b in re.findall(r"^```sh\n(.*?)^```$", document, re.M | re.S) if "--pcap" in b)
        shown = [b for b in re.findall(r"^```console\n(.*?)^```$", document, re.M | re.S) if "lesson." in b]
        asked = [re.findall(r"^\$ (.*)", listing, re.M) for listing in shown]
        tshark = f"tshark -X lua_script:{harness.ROOT}/net/wireshark/glasschat.lua -r \"$dir/lesson"
        ask = "\n".join(re.sub(r"tshark -r lesson(\S*)", lambda m: f"{tshark}{m[1]}\"", command)
                        for listing in asked for command in listing)
        play = play.replace("make\n", "", 1).replace("    ls -l \"$dir\"/lesson*\n", ask + "\n")
        play = play.replace("build/", harness.BUILD + "/")
        run = subprocess.run(["bash", "-eu"], input=play, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                             encoding="utf-8", timeout=4 * harness.PATIENCE)
        self.assertEqual(run.returncode, 0, run.stderr)
        rows = [self.without_time(row) for row in run.stdout.splitlines()]
        wanted = [self.without_time(row) for listing in shown for row in listing.splitlines()
                  if row.strip() != "..." and not row.startswith("$ ")]
        self.assertGreater(len(wanted), 10)
        for row in wanted:
            self.assertIn(row, rows)

    @staticmethod
    def without_time(row):
        return re.sub(r"^( *\d+) +\d+\.\d{6} ", r"\1 ", row).rstrip()

    def test_what_dumpcap_sees(self):
        """The same script on packets that are real ones, at a port that it knows by the ClientHello alone."""
        server, path, mark = self.server(), self.path("lo.pcap"), b"nothing more is to come"
        listener = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.addCleanup(listener.close)
        listener.bind(("127.0.0.1", 0))
        wanted = f"tcp port {server.port} or udp port {listener.getsockname()[1]}"
        try:
            dumpcap = self.started(harness.Process(["dumpcap", "-i", "lo", "-P", "-f", wanted, "-w", path]))
            dumpcap.err.expect("File: ")
        except (OSError, AssertionError) as why:
            self.skipTest(f"dumpcap may not capture here: {why}")
        self.play(server, server.port)

        def all_there():
            listener.sendto(mark, listener.getsockname())
            with open(path, "rb") as f:
                return mark in f.read()
        harness.wait_until(all_there, "dumpcap writes down what it saw")
        dumpcap.kill(signal.SIGINT)
        self.assertEqual(dumpcap.wait(), 0)
        found = captures.dissect(path)
        self.assert_well_formed(found)
        names = [unit.find("field[@name='glasschat.header']/field[@name='glasschat.type']").get("show")
                 for packet in found for unit in packet.units]
        self.assertEqual((names.count("1"), names.count("2")), (2, 2))
        self.assertGreater(names.count("3"), 20)

    def test_what_is_no_recording(self):
        self.path("session", b"glasschat recording 1\nrole client\n")
        os.chmod(self.session, 0o600)
        done = self.run_program("glass", "explain", "--session", self.session, "--pcap", self.session, status=1,
                                env=harness.NO_LEAK_CHECK)
        self.assertIn(b"line ", done.stderr)
        self.assertEqual(os.listdir(self.folder).count("session"), 1)
        self.assertFalse(os.path.exists(self.session + ".wire.pcap"))

    def test_no_capture_takes_the_place_of_another_file(self):
        self.path("session", b"glasschat recording 1\nrole client\nserver a:1\nbegan 1764460000\nend\n")
        os.chmod(self.session, 0o600)
        self.path("session.inside.pcap", b"mine")
        done = self.run_program("glass", "explain", "--session", self.session, "--pcap", self.session, status=1,
                                env=harness.NO_LEAK_CHECK)
        self.assertIn(b"session.inside.pcap is there already", done.stderr)
        with open(self.session + ".inside.pcap", "rb") as f:
            self.assertEqual(f.read(), b"mine")
        self.assertFalse(os.path.exists(self.session + ".wire.pcap"))

    def test_what_does_not_fit_on_the_disk_leaves_nothing(self):
        hello = vectors("handshake")[0]["client_hello"]
        self.path("session", b"glasschat recording 1\nrole client\nserver a:1\nbegan 1764460000\n"
                  + f"0.000000 client_hello {hello}\n".encode() + b"end\n")
        os.chmod(self.session, 0o600)
        for option in ("--html", "--pcap"):
            done = subprocess.run(["sh", "-c", "trap '' XFSZ; ulimit -f 0; exec \"$@\"", "sh", harness.program("glass"),
                                   "explain", "--session", self.session, option, self.path("out")],
                                  capture_output=True, env=dict(os.environ, **harness.NO_LEAK_CHECK))
            self.assertEqual(done.returncode, 1)
            self.assertRegex(done.stderr, rb"^glass: \S+/out\S* can't be written: File too large\n$")
            self.assertEqual([name for name in os.listdir(self.folder) if name.startswith("out")], [])


if __name__ == "__main__":
    harness.main()
