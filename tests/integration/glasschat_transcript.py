# SPDX-License-Identifier: MIT
"""What was said in a sealed room, and a file of it, from section 9 of docs/protocol.md and app/peer/transcript.h alone."""
import base64
import hashlib
import os
import struct

from glasschat_client import v8, v16

ZEROS = bytes(32)


class List:
    def __init__(self, room, n, before, members, founder):
        self.n, self.members = n, members
        signed = b"glasschat/1 room list\0" + room.number + v8(room.name.encode()) + struct.pack(">I", n) + before
        signed += bytes([len(members)]) + b"".join(v8(m.name.encode()) + m.fingerprint for m in members)
        self.hash = hashlib.sha256(signed).digest()
        self.bytes = signed + founder.sign(signed)


class Statement:
    def __init__(self, sender, to, signed, prev, seen):
        self.sender, self.list, self.prev, self.seen = sender, to, prev, seen
        self.hash = hashlib.sha256(signed).digest()
        self.bytes = signed + sender.sign(signed)


class Room:
    """Members are of glasschat_identity.Identity. Whoever speaks has seen all that was said before."""

    def __init__(self, founder, name="+ring"):
        self.founder, self.name, self.number = founder, name, os.urandom(16)
        self.lists, self.said, self.keys = [], [], {}
        self.list(founder)

    def list(self, *members):
        before = self.lists[-1].hash if self.lists else ZEROS
        self.lists.append(List(self, len(self.lists), before, members, self.founder))
        self.keys = {}

    def say(self, sender, text, **other):
        """One more statement; other gives another prev, seen, i or key id than those that are right."""
        key_id, i = self.keys.get(sender.name, (os.urandom(16), 0))
        own = [s.hash for s in self.said if s.sender is sender]
        others = [s.hash for s in self.said if s.sender is not sender]
        prev, seen = other.get("prev", (own or [ZEROS])[-1]), other.get("seen", (others or [ZEROS])[-1])
        signed = b"glasschat/1 room message\0" + self.number + self.lists[-1].hash + v8(sender.name.encode())
        signed += other.get("key_id", key_id) + struct.pack(">I", other.get("i", i)) + prev + seen + v16(text.encode())
        self.keys[sender.name] = (key_id, i + 1)
        self.said.append(Statement(sender, self.lists[-1], signed, prev, seen))
        return self.said[-1]

    def lines(self, said=None):
        """The lines of a file with these statements, else all, and with what they need."""
        said = self.said if said is None else said
        senders = {s.sender.name: s.sender for s in said if s.sender is not self.founder}
        certificates = [self.founder] + [senders[name] for name in sorted(senders)]
        needed = [self.lists[0], self.lists[-1], *(s.list for s in said)]
        lists = [l for l in self.lists if l in needed]
        lines = ["glasschat transcript 1", "read and check it with: glass transcript verify FILE",
                 f"room {self.number.hex()} {self.name}"]
        lines += ["certificate " + base64.b64encode(c.certificate).decode() for c in certificates]
        lines += ["list " + base64.b64encode(l.bytes).decode() for l in lists]
        for at, s in enumerate(said):
            own = [above.hash for above in said[:at] if above.sender is s.sender]
            others = [above.hash for above in said[:at] if above.sender is not s.sender]
            gap = s.prev not in (ZEROS, (own or [ZEROS])[-1])
            unseen = s.seen not in (ZEROS, *others)
            lines.append("said " + gap * "gap " + unseen * "unseen " + base64.b64encode(s.bytes).decode())
        return lines + [f"end {len(certificates)} {len(lists)} {len(said)}"]


def text(lines):
    return "".join(line + "\n" for line in lines).encode()
