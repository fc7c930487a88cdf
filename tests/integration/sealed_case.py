# SPDX-License-Identifier: MIT
"""What the tests of sealed rooms share: rooms in memory, and members of them through the real server."""
import functools
import unittest

import glasschat_room as rooms
from call_case import CallCase, key
from glasschat_identity import Identity
from glasschat_member import Member
from glasschat_room import ASKED, RoomList, founded, invited

DEN = "+den"


KEYS = {"carol": "server", "dave": "authority"}  # of vectors/keys.txt: to make a key takes seconds


@functools.cache
def who(name):
    return Identity(name, key(KEYS.get(name, name)))


def pair(name):
    return name, who(name).fingerprint


def public(name):
    return who(name).key.public_key()


class RoomCase(unittest.TestCase):
    """Alice has founded a room with bob and carol: what one gives another is put there by hand."""

    def setUp(self):
        self.now = 1000.0
        self.alice = founded(who("alice"), DEN, self.clock)
        self.sign([pair("alice"), pair("bob"), pair("carol")])
        self.bob, self.carol = (self.invited(name) for name in ("bob", "carol"))
        self.bob.accept()
        self.carol.accept()
        self.exchange(self.alice, self.bob, self.carol)

    def clock(self):
        return self.now

    def sign(self, members, **fields):
        """The founder's next list, which it takes; returns it."""
        new = self.alice.list.next(members, **fields).signed(who("alice"))
        self.alice.take(new)
        return new

    def invited(self, name, known=()):
        return invited(who(name), self.alice.list, pair("alice"), public("alice"), known, self.clock)

    def exchange(self, *members):
        """All that they owe each other, as if in new calls."""
        for giver in members:
            for taker in members:
                if giver is not taker:
                    self.give(giver, taker)

    def give(self, giver, taker):
        for one in giver.owed(taker.me, ()):
            if isinstance(one, RoomList):
                taker.take_list(rooms.read_list(one.payload()[1:]), giver.me)
            else:
                taker.take_key(rooms.read_key(one.payload()[1:]), giver.me, public(giver.me[0]))

    def hear(self, text, speaker, *listeners, marks=()):
        sealed = speaker.seal(text)
        for one in listeners:
            line = one.open(speaker.me[0], sealed)
            self.assertEqual((line.sender, line.text, line.marks), (speaker.me[0], text, list(marks)))
        return sealed

    def said(self, speaker, text, sender_key=None, signer=None, inside=None, **fields):
        """A message of any fields, under this key or the speaker's own, signed by the speaker or another."""
        sender_key = sender_key or speaker.key
        statement = speaker.statement(text, sender_key, **fields)
        return rooms.seal(sender_key, statement, (signer or speaker.identity).sign(statement.message()), inside)


class MemberCase(CallCase):
    """Members of sealed rooms, through the real server."""

    def member(self, server, name, **kw):
        found = Member(server.port, name, **{"key": who(name).key, **kw})
        self.addCleanup(found.stop)
        return found

    def den(self, *names, server=None):
        """Members of a room that the first of them has founded, each with the keys of the others."""
        server = server or self.server()
        members = [self.member(server, name) for name in names]
        members[0].found(DEN)
        for other in members[1:]:
            self.joins(members[0], other)
        self.settled(*members)
        return members

    def joins(self, founder, other):
        founder.invite(DEN, other.identity.name)
        other.wait_state(DEN, ASKED)
        other.accept(DEN)

    def settled(self, *members):
        for one in members:
            one.wait_all(DEN, *(other for other in members if other is not one))

    def hear(self, text, speaker, *listeners, marks=()):
        self.assertEqual(speaker.tell(DEN, text), [])
        for one in listeners:
            line = one.wait_line(DEN)
            self.assertEqual((line.sender, line.text, line.marks), (speaker.identity.name, text, list(marks)))
