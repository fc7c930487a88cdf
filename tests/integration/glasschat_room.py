# SPDX-License-Identifier: MIT
"""A second implementation of sealed rooms, from docs/protocol.md section 9 alone, without any network: what comes
inside calls and what the server passes on go in, what is to be sent and shown comes out. glasschat_member.py carries
it. Each piece can be used alone, to make what nobody should: a RoomList of any fields, a Statement of any text, sealed
under any key.
"""
import collections
import copy
import hashlib
import hmac
import os
import re
import struct
import time

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from glasschat_call import is_text
from glasschat_client import Reader, expand, v8, v16
from glasschat_identity import Failure, holds, need

KEY, LIST, LEAVE = 3, 4, 5
ASKED, IN, LEFT, OUT, STOPPED, CLOSED = "asked", "in", "left", "out", "stopped", "closed"
ZEROS = bytes(32)
MEMBERS_MAX, KEY_MESSAGES, HASHES_KEPT = 32, 100, 1000
GRACE_SECONDS, KEY_SECONDS = 30, 3600
SEALED_MIN, SEALED_MAX, SEALED_AROUND = 580, 4580, 116
TO_THE_LIST_BEFORE = "said to the list before"
ANEW = "began anew"
MISSING = "something before it is missing"
NOT_SHOWN = "said after a line that was not shown here"

Line = collections.namedtuple("Line", "sender text marks statement")
Kept = collections.namedtuple("Kept", "key fingerprint public until")  # until: None, or when it is over


def is_name(name, sealed=False):
    return re.fullmatch(rb"\+[a-z][a-z0-9_-]{0,30}" if sealed else rb"[a-z][a-z0-9_-]{0,31}", name) is not None


# --- The list (section 9.2) -------------------------------------------------------------------------------------------

class RoomList:
    """members: pairs of a name and a fingerprint, the founder first."""

    def __init__(self, room, name, n, before, members, signature=bytes(384)):
        self.room, self.name, self.n, self.before = room, name, n, before
        self.members, self.signature = tuple(members), signature

    @property
    def body(self):
        members = b"".join(v8(name.encode()) + mark for name, mark in self.members)
        return (b"glasschat/1 room list\0" + self.room + v8(self.name.encode()) + struct.pack(">I", self.n)
                + self.before + bytes([len(self.members)]) + members)

    @property
    def hash(self):
        return hashlib.sha256(self.body).digest()

    @property
    def names(self):
        return [name for name, _ in self.members]

    def signed(self, identity):
        self.signature = identity.sign(self.body)
        return self

    def signed_by(self, key):
        return holds(key, self.signature, self.body)

    def next(self, members, **fields):
        """The one that comes after it, still to be signed: the founder stays first."""
        members = tuple(members[:1]) + tuple(sorted(members[1:]))
        return RoomList(**{"room": self.room, "name": self.name, "n": self.n + 1, "before": self.hash,
                           "members": members, **fields})

    def payload(self):
        return bytes([LIST]) + self.body + self.signature


def read_list(data):
    """What follows the type; Failure for what has not the layout."""
    r = Reader(data)
    try:
        need(r.take(22) == b"glasschat/1 room list\0", "the label of a list")
        room, name, n, before, count = r.take(16), r.take(r.number(1)), r.number(4), r.take(32), r.number(1)
        members = [(r.take(r.number(1)), r.take(32)) for _ in range(count)]
        signature = r.take(384)
    except AssertionError as error:
        raise Failure("a list ends early") from error
    names = [member for member, _ in members]
    need(not r.data and count <= MEMBERS_MAX, "the length of a list")
    need(is_name(name, True) and all(is_name(member) for member in names), "a name in a list")
    need(names[1:] == sorted(set(names[1:])) and not set(names[:1]) & set(names[1:]), "the order of a list")
    need((n == 0) == (before == ZEROS) and (n > 0 or count > 0), "the first list, or no first one")
    return RoomList(room, name.decode(), n, before, [(member.decode(), mark) for member, mark in members], signature)


def read_leave(data):
    need(len(data) == 16, "the layout of leave")
    return data


# --- Sender keys (section 9.6) ----------------------------------------------------------------------------------------

class SenderKey:
    """As it stands: the secret of message i."""

    def __init__(self, room, list_hash, key_id=None, i=0, secret=None):
        self.room, self.list, self.id, self.i = room, list_hash, key_id or os.urandom(16), i
        self.secret = secret or os.urandom(32)

    def advance(self):
        self.secret = expand(self.secret, b"glasschat/1 update", 32)
        self.i += 1

    def at(self, i):
        """Another one, as it will stand at message i."""
        later = copy.copy(self)
        while later.i < i:
            later.advance()
        return later

    def payload(self):
        return bytes([KEY]) + self.room + self.list + self.id + struct.pack(">I", self.i) + self.secret

    @property
    def enc_key(self):
        return expand(self.secret, b"glasschat/1 encrypt", 16)

    @property
    def mac_key(self):
        return expand(self.secret, b"glasschat/1 authenticate", 32)


def read_key(data):
    need(len(data) == 100, "the layout of a sender key")
    r = Reader(data)
    key = SenderKey(r.take(16), r.take(32), r.take(16), r.number(4), r.take(32))
    need(key.i < KEY_MESSAGES, "a sender key that is used up")
    return key


READERS = {KEY: read_key, LIST: read_list, LEAVE: read_leave}


# --- Messages (section 9.7) -------------------------------------------------------------------------------------------

class Statement:
    """What a sender signs. text: bytes."""

    def __init__(self, key, sender, prev, seen, text):
        self.room, self.list, self.key_id, self.i = key.room, key.list, key.id, key.i
        self.sender, self.prev, self.seen, self.text = sender, prev, seen, text

    def message(self):
        return (b"glasschat/1 room message\0" + self.room + self.list + v8(self.sender.encode()) + self.key_id
                + struct.pack(">I", self.i) + self.prev + self.seen + v16(self.text))

    @property
    def hash(self):
        return hashlib.sha256(self.message()).digest()

    def head(self):
        return self.room + self.list + self.key_id + struct.pack(">I", self.i)

    def inside(self, signature):
        return self.prev + self.seen + v16(self.text) + signature


def _tag(key, sender, data):
    return hmac.digest(key.mac_key, b"glasschat/1 room record\0" + v8(sender.encode()) + data, "sha256")


def seal(key, statement, signature, inside=None):
    """Under key as it stands. inside: another plaintext before its padding."""
    plaintext = statement.inside(signature) if inside is None else inside
    pad = 16 - len(plaintext) % 16
    iv = os.urandom(16)
    cipher = Cipher(algorithms.AES(key.enc_key), modes.CBC(iv)).encryptor()
    data = statement.head() + iv + cipher.update(plaintext + bytes([pad]) * pad) + cipher.finalize()
    return data + _tag(key, statement.sender, data)


def head_of(sealed):
    """Its room, L, key id and i."""
    return sealed[:16], sealed[16:48], sealed[48:64], int.from_bytes(sealed[64:68], "big")


def unseal(key, sender, sealed, public):
    """Checks 5 to 9 of section 9.8, with key as it stands: the Statement."""
    data, tag = sealed[:-32], sealed[-32:]
    need(hmac.compare_digest(_tag(key, sender, data), tag), "the tag")
    cipher = Cipher(algorithms.AES(key.enc_key), modes.CBC(data[68:84])).decryptor()
    plaintext = cipher.update(data[84:]) + cipher.finalize()
    pad = plaintext[-1]
    need(1 <= pad <= 16 and plaintext.endswith(bytes([pad]) * pad), "the padding")
    inside = plaintext[:-pad]
    need(len(inside) >= 66 + 384 and len(inside) == 66 + 384 + int.from_bytes(inside[64:66], "big"), "the fields")
    statement = Statement(key, sender, inside[:32], inside[32:64], inside[66:-384])
    need(holds(public, inside[-384:], statement.message()), "the signature")
    need(is_text(statement.text), "the text")
    return statement


def unseal_with(key, sender, sealed, public):
    """With a sender key that is kept: the Statement, and the key as it stands then."""
    need(SEALED_MIN <= len(sealed) <= SEALED_MAX and (len(sealed) - SEALED_AROUND) % 16 == 0, "the length")
    *which, i = head_of(sealed)
    need(which == [key.room, key.list, key.id] and key.i <= i < KEY_MESSAGES, "the key, or the number")
    later = key.at(i)
    statement = unseal(later, sender, sealed, public)
    later.advance()
    return statement, later


# --- What a room is to a client ---------------------------------------------------------------------------------------

class Unknown(Exception):
    """A list or a key that is not known: perhaps it comes still."""


class Dropped(Exception):
    """Nothing that anybody is told of."""


class Room:
    """identity: one's own. founder: the founder's name and fingerprint, founder_key their public key. What the program
    would keep on a disk is identity, founder, founder_key, list and state. A test may put something else in the place
    of list_for and key_for (what a member of this name gets) and of key (one's own), or send nothing (gives)."""

    def __init__(self, identity, founder, founder_key, first, state, clock=time.monotonic):
        self.identity, self.founder, self.founder_key, self.clock = identity, founder, founder_key, clock
        self.list, self.state = first, state
        self.list_before, self.list_before_until = None, 0
        self.removed = ()      # who was on the list before, and is to get the newest still
        self.key, self.drawn = None, 0
        self.kept = collections.defaultdict(list)  # of each sender: the newest first, then the one before
        self.gives = True
        self.lines = collections.deque()
        self.said = self.seen = ZEROS              # the last statement of ours, and of another that was shown
        self.hashes = collections.deque(maxlen=HASHES_KEPT)
        self.last = {}         # of each sender since one entered: hash and seen of what was shown last
        if state == IN:
            self.draw()

    def __repr__(self):
        return "Room(%s, %s, n = %d)" % (self.list.name, self.state, self.list.n)

    @property
    def name(self):
        return self.list.name

    @property
    def me(self):
        return self.identity.name, self.identity.fingerprint

    @property
    def others(self):
        return [member for member in self.list.members if member != self.me]

    def entered(self):
        self.last = {}

    def accept(self):
        assert self.state == ASKED
        self.state = IN
        self.draw()

    # Lists

    def take_list(self, new, peer):
        """From a call's peer, a name and a fingerprint. Returns "passed over", "older", "same", or, where it changed
        anything, "taken" or the state that it led to."""
        if self.state in (STOPPED, CLOSED) or peer not in (new.members or self.list.members):
            return "passed over"
        if new.name != self.name or new.members[:1] not in ((), (self.founder,)) or not new.signed_by(self.founder_key):
            return "passed over"
        if new.n < self.list.n:
            return "older"
        if new.hash == self.list.hash:
            return "same"
        if new.n == self.list.n or (new.n == self.list.n + 1 and new.before != self.list.hash):
            return self.end(STOPPED)
        return self.take(new)

    def take(self, new):
        before, self.list = self.list, new
        self.removed = tuple(member for member in before.members if member not in new.members and member != self.me)
        if not new.members or self.me not in new.members:
            return self.end(OUT if new.members else CLOSED)
        self.list_before, self.list_before_until = before, self.clock() + GRACE_SECONDS
        for name, kept in self.kept.items():
            self.kept[name] = [one._replace(until=min(one.until or self.list_before_until, self.list_before_until))
                               for one in kept]
        if self.state == IN:
            self.draw()
        return "taken"

    def end(self, state):
        self.state, self.key, self.list_before = state, None, None
        self.kept.clear()
        return state

    def before(self):
        """The list before, while it is good."""
        return self.list_before if self.clock() < self.list_before_until else None

    # Keys

    def draw(self):
        """A new sender key of one's own."""
        self.key, self.drawn = SenderKey(self.list.room, self.list.hash), self.clock()

    def take_key(self, key, peer, public):
        """Whether it is kept now."""
        lists = [known for known in (self.list, self.before()) if known and known.hash == key.list]
        if self.state not in (ASKED, IN) or not lists:
            return False
        if peer not in lists[0].members or peer not in self.list.members:
            return False
        kept = self.usable(peer[0])
        if any((one.key.list, one.key.id) == (key.list, key.id) for one in kept):
            return True
        new = Kept(key, peer[1], public, None if lists[0] is self.list else self.list_before_until)
        newest = [one for one in kept if one.until is None]
        if new.until:
            self.kept[peer[0]] = newest + [new]
        else:
            over = self.clock() + GRACE_SECONDS
            self.kept[peer[0]] = [new] + [one._replace(until=one.until or over) for one in newest or kept][:1]
        return True

    def usable(self, sender):
        self.kept[sender] = [one for one in self.kept[sender] if one.until is None or self.clock() < one.until]
        return self.kept[sender]

    def forget_other_keys(self, sender, fingerprint):
        """The user believes this key alone, of that name."""
        self.kept[sender] = [one for one in self.kept[sender] if one.fingerprint == fingerprint]

    # What goes out

    def list_for(self, name):
        return self.list

    def key_for(self, name):
        return self.key

    def owed(self, peer, given):
        """The lists and keys for a call's peer, without those in given: hashes, and ids of keys."""
        new = []
        if self.state in (IN, STOPPED) and peer in self.others:
            new = [self.list_for(peer[0])] + ([self.key_for(peer[0])] if self.gives else [])
        elif self.state in (IN, STOPPED, CLOSED) and peer in self.removed:
            new = [self.list_for(peer[0])]
            self.removed = tuple(member for member in self.removed if member != peer)
        return [one for one in new if one and mark_of(one) not in given and not is_used_up(one)]

    def statement(self, text, key=None, **fields):
        """What this member would sign next, but for these fields."""
        data = text if isinstance(text, bytes) else text.encode()
        statement = Statement(key or self.key, self.identity.name, self.said, self.seen, data)
        vars(statement).update(fields)
        return statement

    def seal(self, text):
        """The next message under one's own key, which is gone then."""
        statement = self.statement(text)
        sealed = seal(self.key, statement, self.identity.sign(statement.message()))
        self.key.advance()
        self.said = statement.hash
        self.hashes.append(statement.hash)
        return sealed

    def renew(self):
        """Before a message: is the key used up, or too old?"""
        if self.key.i == KEY_MESSAGES or self.clock() - self.drawn >= KEY_SECONDS:
            self.draw()

    # What comes in

    def open(self, sender, sealed):
        """The Line. Dropped, Unknown (to be held) or Failure (could not be opened)."""
        room, list_hash, key_id, _ = head_of(sealed)
        lists = [known for known in (self.list, self.before()) if known]
        if self.state != IN or room != self.list.room or sender == self.identity.name:
            raise Dropped()
        if not any(sender in known.names for known in lists):
            raise Dropped()
        found = [n for n, one in enumerate(self.usable(sender)) if (one.key.list, one.key.id) == (list_hash, key_id)]
        if not found:
            raise Unknown()
        kept = self.kept[sender][found[0]]
        statement, key = unseal_with(kept.key, sender, sealed, kept.public)
        self.kept[sender][found[0]] = kept._replace(key=key)
        return self.show(statement)

    def show(self, statement):
        line = Line(statement.sender, statement.text.decode(), self.marks(statement), statement)
        self.last[statement.sender] = statement.hash, statement.seen
        self.seen = statement.hash
        self.hashes.append(statement.hash)
        self.lines.append(line)
        return line

    def marks(self, s):
        marks = [TO_THE_LIST_BEFORE] if s.list != self.list.hash else []
        if s.sender in self.last:
            prev, seen = self.last[s.sender]
            if s.prev != prev:
                marks.append(MISSING if s.prev != ZEROS else ANEW)
            if s.seen not in (ZEROS, seen) and s.seen not in self.hashes:
                marks.append(NOT_SHOWN)
        return marks


def mark_of(one):
    """What tells a list or a sender key from others."""
    return one.hash if isinstance(one, RoomList) else one.id


def is_used_up(one):
    return isinstance(one, SenderKey) and one.i == KEY_MESSAGES


def founded(identity, name, clock=time.monotonic):
    """A new room of one's own: nobody else is in it yet."""
    me = identity.name, identity.fingerprint
    first = RoomList(os.urandom(16), name, 0, ZEROS, [me]).signed(identity)
    return Room(identity, me, identity.key.public_key(), first, IN, clock)


def invited(identity, new, peer, public, rooms, clock=time.monotonic):
    """The room that this list invites to, in state asked; None where it is no invitation. peer and public: of the call
    in which it came; rooms: those that are known."""
    known = next((room for room in rooms if room.list.room == new.room), None)
    if (identity.name, identity.fingerprint) not in new.members or new.members[0] != peer or not new.signed_by(public):
        return None
    if known and (known.state != OUT or peer != known.founder or new.name != known.name or new.n <= known.list.n):
        return None
    waiting = [room for room in rooms if room.state == ASKED]
    full = len(waiting) >= 8 or sum(room.founder == peer for room in waiting) >= 2
    named = [room for room in rooms if room.name == new.name]
    if full or any(room.state == IN or (room.state == ASKED and room.founder[0] == peer[0]) for room in named):
        return None
    return Room(identity, peer, public, new, ASKED, clock)
