# SPDX-License-Identifier: MIT
"""Captures for the tests of net/wireshark, and what tshark makes of them.

    capture = captures.of([(captures.UP, hello), (captures.DOWN, answer)])      a packet each
    packets = captures.dissect(self.path("a.pcap", capture))
    packets[0].value("glasschat.client_random")                                 its bytes
"""
import os
import re
import shutil
import struct
import subprocess
import xml.etree.ElementTree

import harness

SCRIPT = os.path.join(harness.ROOT, "net", "wireshark", "glasschat.lua")
UP, DOWN, NEW = "up", "down", "new"
PORT, INSIDE_PORT = 7447, 7448
HERE = bool(shutil.which("tshark"))


def packet(source, target, sequence, data):
    """IPv4 and TCP around it, with checksums of 0: tshark does not look at them unless asked."""
    tcp = struct.pack(">HHIIBBHHH", *source[1:], *target[1:], sequence, 1, 5 << 4, 0x18, 65535, 0, 0) + data
    return struct.pack(">BBHHHBBH4s4s", 0x45, 0, 20 + len(tcp), 0, 0x4000, 64, 6, 0, source[0], target[0]) + tcp


def of(packets, port=PORT):
    """A capture in which each of these, (direction, bytes), is a packet. (NEW, port) begins a connection there."""
    out = [struct.pack("<IHHIIII", 0xa1b2c3d4, 2, 4, 0, 0, 262144, 101)]
    client, sequence = 50000, {UP: 1, DOWN: 1}
    for direction, data in packets:
        if direction is NEW:
            client, port, sequence = client + 1, data, {UP: 1, DOWN: 1}
            continue
        ends = (b"\x0a\0\0\1", client), (b"\x0a\0\0\2", port)
        raw = packet(*(ends if direction == UP else ends[::-1]), sequence[direction], data)
        sequence[direction] += len(data)
        out.append(struct.pack("<IIII", 1764460000, 0, len(raw), len(raw)) + raw)
    return b"".join(out)


class Packet:
    """What tshark says of one: its fields by name, and its protocols of ours, each a unit of a stream."""

    def __init__(self, element):
        self.number = int(element.find("proto[@name='geninfo']/field[@name='num']").get("show"))
        self.units = [p for p in element.findall("proto") if p.get("name").startswith("glasschat")]
        self.fields = {}
        for field in element.iter("field"):
            self.fields.setdefault(field.get("name"), []).append(field)

    def has(self, name):
        return name in self.fields

    def shown(self, name):
        """As tshark shows it, of each field of that name."""
        return [field.get("show") for field in self.fields.get(name, [])]

    def value(self, name):
        """The bytes of the one field of that name."""
        field, = self.fields[name]
        return bytes.fromhex(field.get("value") or "")

    def number_of(self, name):
        """The number that the one field of that name is."""
        return int.from_bytes(self.value(name), "big")

    def gaps(self):
        """Where the fields without parts do not cover a unit byte for byte, once and in order."""
        wrong = []
        for unit in self.units:
            at = int(unit.get("pos"))
            end = at + int(unit.get("size"))
            for field in leaves(unit):
                if int(field.get("pos")) != at:
                    wrong.append((self.number, field.get("name"), field.get("pos"), at))
                at = int(field.get("pos")) + int(field.get("size"))
            if at != end:
                wrong.append((self.number, "the end", end, at))
        return wrong


def leaves(element):
    for field in element.findall("field"):
        if field.get("name") == "_ws.expert":
            continue
        inner = list(leaves(field))
        if inner:
            yield from inner
        else:
            yield field


def tshark(path, *options, **environment):
    """Runs it with our script; its standard output. It has to have nothing to say of errors. Only to begin takes it a
    second of a processor."""
    done = subprocess.run(["tshark", "-n", "-X", "lua_script:" + SCRIPT, "-r", path, *options], capture_output=True,
                          timeout=4 * harness.PATIENCE, env=dict(os.environ, HOME=os.path.dirname(path), **environment))
    complaints = re.sub(r"Running as user \"root\".*\n", "", done.stderr.decode())
    if done.returncode != 0 or complaints or b"Lua Error" in done.stdout or b"_ws.lua.error" in done.stdout:
        said = re.findall(r"[^\n]*Lua Error[^\n]*", done.stdout.decode())
        raise AssertionError(f"tshark ended with {done.returncode}: {complaints}{said[:3]}")
    return done.stdout


def dissect(path, *options, **environment):
    """Each packet that carries something of ours. What XML can't have in it tshark writes none the less."""
    told = tshark(path, "-T", "pdml", *options, **environment).decode(errors="replace")
    text = re.sub(r"[^\t\n\r -\ud7ff\ue000-\ufffd]", "?", told)
    document = xml.etree.ElementTree.fromstring(text)
    return [p for p in map(Packet, document.findall("packet")) if p.units]
