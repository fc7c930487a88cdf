#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""What a sealed room is to a member of the second implementation (glasschat_room.py): in memory, and the known answers of
vectors/. What it refuses here, other tests send to the client."""
import copy
import struct
import unittest

import glasschat_client as wire
import glasschat_room as rooms
import harness
from call_case import key, records
from glasschat_identity import Failure
from glasschat_room import (ANEW, ASKED, CLOSED, IN, LEFT, MISSING, NOT_SHOWN, OUT, STOPPED, TO_THE_LIST_BEFORE, ZEROS,
                            Dropped, RoomList, SenderKey, Unknown, founded, invited)
from sealed_case import DEN, RoomCase, pair, public, who


@harness.unsanitized
class Lists(RoomCase):
    def take(self, new, sender="alice", room=None):
        return (room or self.bob).take_list(new, pair(sender))

    def next(self, members, signer="alice", **fields):
        return self.alice.list.next([pair(name) for name in members], **fields).signed(who(signer))

    def test_layout(self):
        good = self.alice.list.payload()[1:]
        self.assertEqual(rooms.read_list(good).payload()[1:], good)
        for at in range(len(good)):
            with self.assertRaises(Failure):
                rooms.read_list(good[:at])
            try:
                changed = rooms.read_list(wire.flipped(good, at))
            except Failure:
                continue
            with self.subTest(at):
                self.assertEqual(self.take(changed), "passed over")
        with self.assertRaises(Failure):
            rooms.read_list(good + b"\0")

    def test_fields(self):
        members = self.alice.list.members

        def read(**fields):
            good = {"room": bytes(16), "name": DEN, "n": 2, "before": self.alice.list.hash, "members": members}
            return rooms.read_list(RoomList(**{**good, **fields}).payload()[1:])
        many = [(f"m{n:02}", bytes(32)) for n in range(33)]
        for fields in ({}, {"members": members[1:]}, {"members": many[:32]}, {"members": []}):
            read(**fields)
        read(n=0, before=ZEROS)
        for fields in ({"name": "den"}, {"name": "+"}, {"name": "+" + "a" * 32}, {"n": 0}, {"before": ZEROS},
                       {"members": members[:1] + members[:0:-1]}, {"members": members + members[:1]},
                       {"members": members + members[-1:]}, {"members": [*members, ("Eve", bytes(32))]},
                       {"members": many}, {"n": 0, "before": ZEROS, "members": []}):
            with self.assertRaises(Failure, msg=fields):
                read(**fields)

    def test_who_may_bring_which(self):
        self.assertEqual(self.take(self.next(["alice", "bob"]), "carol"), "passed over")  # she is not on it
        self.assertEqual(self.take(self.next(["alice", "bob", "carol"], signer="carol"), "carol"), "passed over")
        self.assertEqual(self.take(self.next(["carol", "alice", "bob"])), "passed over")
        self.assertEqual(self.take(self.next(["alice", "bob"], name="+lair")), "passed over")
        impostor = self.bob.take_list(self.next(["alice", "bob"]), ("alice", bytes(32)))
        self.assertEqual((impostor, self.bob.state, self.bob.list.n), ("passed over", IN, 1))
        self.assertEqual(self.take(self.next(["alice", "bob", "carol"]), "carol"), "taken")

    def test_older_and_the_same(self):
        before, newest = self.alice.list, self.sign([pair("alice"), pair("bob")])
        self.assertEqual(self.take(newest), "taken")
        self.assertEqual(self.take(before), "older")
        again = copy.copy(newest).signed(who("alice"))
        self.assertNotEqual(again.signature, newest.signature)
        self.assertEqual((self.take(again), self.bob.list.n), ("same", 2))

    def test_two_histories(self):
        for fields in ({"n": 1, "before": self.alice.list.before}, {"before": bytes(31) + b"\1"}):
            self.setUp()
            self.assertEqual(self.take(self.next(["alice", "bob"], **fields)), STOPPED)
            self.assertEqual((self.bob.state, self.bob.key, dict(self.bob.kept)), (STOPPED, None, {}))
            self.assertEqual(self.bob.owed(pair("alice"), ()), [self.bob.list])
            self.assertEqual(self.take(self.next(["alice", "bob"])), "passed over")

    def test_what_lies_between_was_missed(self):
        self.sign([pair("alice"), pair("bob")])
        self.assertEqual(self.take(self.sign([pair("alice"), pair("bob"), pair("dave")])), "taken")
        self.assertEqual([name for name, _ in self.bob.removed], ["carol"])

    def test_removed_and_closed(self):
        newest = self.sign([pair("alice"), pair("bob")])
        self.assertEqual(self.alice.owed(pair("carol"), ()), [newest])
        self.assertEqual(self.alice.owed(pair("carol"), ()), [])
        self.assertEqual((self.take(newest, room=self.carol), self.carol.state), (OUT, OUT))
        self.take(newest)
        last = self.sign([])
        self.assertEqual(self.alice.owed(pair("bob"), ()), [last])
        self.assertEqual(self.take(last, "carol"), "passed over")
        self.assertEqual((self.take(last), self.bob.state, self.bob.key), (CLOSED, CLOSED, None))

    def test_another_key_is_another_member(self):
        self.assertEqual(self.take(self.sign([pair("alice"), ("bob", bytes(32)), pair("carol")])), OUT)

    def test_invitations(self):
        def asked(name="bob", new=None, founder="alice", mark=None, known=()):
            peer = founder, mark or who(founder).fingerprint
            return invited(who(name), new or self.alice.list, peer, public(founder), known)
        self.assertEqual(asked().state, ASKED)
        self.assertIsNone(asked("dave"))
        self.assertIsNone(asked(founder="carol"))
        self.assertIsNone(asked(mark=bytes(32)))
        self.assertIsNone(asked(new=copy.copy(self.alice.list).signed(who("carol"))))
        mine = RoomList(bytes(16), DEN, 0, ZEROS, [pair("carol"), pair("bob")]).signed(who("carol"))
        self.assertIsNone(asked(new=mine, founder="carol", known=[self.bob]))
        self.bob.end(OUT)
        self.assertEqual(asked(new=mine, founder="carol", known=[self.bob]).founder, pair("carol"))
        self.assertIsNone(asked(known=[self.bob]))  # it is no newer than what he is out of
        self.sign(self.alice.list.members)
        self.assertEqual(asked(known=[self.bob]).state, ASKED)
        eight = [founded(who("carol"), f"+room{n}") for n in range(8)]
        for room in eight:
            room.state = ASKED
        self.assertIsNone(asked(known=eight))
        self.assertEqual(asked(known=eight[:7]).state, ASKED)


@harness.unsanitized
class Keys(RoomCase):
    def test_layout(self):
        good = self.alice.key.payload()[1:]
        self.assertEqual(len(good), 100)
        for bad in (good[:-1], good + b"\0", good[:64] + struct.pack(">I", 100) + good[68:]):
            with self.assertRaises(Failure):
                rooms.read_key(bad)
        self.assertEqual(rooms.read_key(good[:64] + struct.pack(">I", 99) + good[68:]).i, 99)

    def test_handed_over_as_it_stands(self):
        """Who comes later opens nothing earlier."""
        early = self.hear("early", self.alice, self.bob)
        late = rooms.read_key(self.alice.key.payload()[1:])
        self.assertEqual(late.i, 1)
        self.carol.kept.clear()
        self.carol.take_key(late, pair("alice"), public("alice"))
        with self.assertRaises(Failure):
            self.carol.open("alice", early)
        self.hear("later", self.alice, self.bob, self.carol)

    def test_whose_and_for_which_list(self):
        def taken(sender="bob", mark=None, **fields):
            sender_key = SenderKey(self.carol.list.room, fields.pop("list_hash", self.carol.list.hash))
            return self.carol.take_key(sender_key, (sender, mark or who(sender).fingerprint), public(sender))
        self.assertTrue(taken())
        self.assertFalse(taken("dave"))
        self.assertFalse(taken(mark=bytes(32)))
        self.assertFalse(taken(list_hash=bytes(32)))
        before = self.carol.list.hash
        self.carol.take_list(self.sign([pair("alice"), pair("carol"), pair("dave")]), pair("alice"))
        self.assertTrue(taken("alice", list_hash=before))
        self.assertFalse(taken("bob", list_hash=before))   # he is not on the newest
        self.assertFalse(taken("dave", list_hash=before))  # he was not on that one
        self.now += rooms.GRACE_SECONDS
        self.assertFalse(taken("alice", list_hash=before))
        self.carol.end(LEFT)
        self.assertFalse(taken("alice"))

    def test_a_key_that_is_known_changes_nothing(self):
        again = copy.copy(self.alice.key)
        sealed = self.hear("once", self.alice, self.bob)
        self.assertTrue(self.bob.take_key(again, pair("alice"), public("alice")))
        with self.assertRaises(Failure):
            self.bob.open("alice", sealed)

    def test_the_one_before(self):
        before = [self.alice.seal("one"), self.alice.seal("two")]
        self.alice.draw()
        self.give(self.alice, self.bob)
        after = self.alice.seal("three")
        self.assertEqual(self.bob.open("alice", before[0]).text, "one")
        self.assertEqual(self.bob.open("alice", after).text, "three")
        self.now += rooms.GRACE_SECONDS
        with self.assertRaises(Unknown):
            self.bob.open("alice", before[1])
        self.alice.draw()
        for _ in range(2):
            self.give(self.alice, self.bob)
            self.assertEqual(len(self.bob.usable("alice")), 2)
            self.alice.draw()

    def test_a_hundred_messages_and_an_hour(self):
        first = self.alice.key
        for n in range(100):
            sealed = self.alice.seal(str(n))
        self.assertEqual((rooms.head_of(sealed)[2:], self.bob.open("alice", sealed).text), ((first.id, 99), "99"))
        self.assertEqual([one for one in self.alice.owed(pair("bob"), ()) if isinstance(one, SenderKey)], [])
        self.alice.renew()
        self.assertEqual((self.alice.key.i, self.alice.key.id != first.id), (0, True))
        second = self.alice.key
        self.now += rooms.KEY_SECONDS - 1
        self.alice.renew()
        self.assertIs(self.alice.key, second)
        self.now += 1
        self.alice.renew()
        self.assertIsNot(self.alice.key, second)

    def test_while_one_is_asked(self):
        self.sign([pair("alice"), pair("bob"), pair("carol"), pair("dave")])
        dave = self.invited("dave")
        self.assertEqual(dave.owed(pair("alice"), ()), [])
        self.give(self.alice, dave)
        with self.assertRaises(Dropped):
            dave.open("alice", self.alice.seal("early"))
        dave.accept()
        self.hear("hello", self.alice, dave)
        self.assertEqual(len(dave.owed(pair("alice"), ())), 2)


@harness.unsanitized
class Messages(RoomCase):
    def refused(self, sealed, sender="alice", error=Failure):
        with self.assertRaises(error):
            self.bob.open(sender, sealed)
        self.assertEqual(len(self.bob.lines), 0)

    def test_bits_and_lengths(self):
        """The head leads to no key, and anything else fails at the tag; the room goes on."""
        good = self.alice.seal("hello")
        for at in range(len(good)):
            self.refused(wire.flipped(good, at), error=Dropped if at < 16 else Unknown if at < 64 else Failure)
        for length in range(rooms.SEALED_AROUND, len(good)):
            self.refused(good[:length])
        self.assertEqual(self.bob.open("alice", good).text, "hello")

    def test_twice(self):
        good = self.hear("once", self.alice, self.bob)
        self.bob.lines.clear()
        self.refused(good)

    def test_sizes(self):
        self.assertEqual(len(self.alice.seal("a")), rooms.SEALED_MIN)
        self.assertEqual(len(self.alice.seal("a" * 4000)), rooms.SEALED_MAX)

    def test_a_member_as_another(self):
        """Carol has alice's key, and the server stamps what she says as alice's."""
        forged = self.said(self.carol, "I owe you", self.carol.kept["alice"][0].key, sender="alice")
        self.refused(forged)
        self.refused(self.carol.seal("mine"), "alice", Unknown)
        self.refused(self.carol.seal("mine"), "dave", Dropped)
        self.refused(self.bob.seal("mine"), "bob", Dropped)

    def test_what_is_inside(self):
        for text in (b"", b"\xff", b"a\r", "\u202e".encode()):
            self.refused(self.said(self.alice, text))
        statement = self.alice.statement("hello")
        inside = statement.inside(who("alice").sign(statement.message()))
        for bad in (b"", inside[:65], inside + b"\0", inside[:-1], inside[:64] + b"\xff\xff" + inside[66:]):
            self.refused(self.said(self.alice, "hello", inside=bad))
        self.refused(self.said(self.alice, "hello", signer=who("bob")))
        self.assertEqual(self.bob.open("alice", self.said(self.alice, "hello")).text, "hello")

    def test_signed_for_another_place(self):
        for fields in ({"room": bytes(16)}, {"list": bytes(32)}, {"key_id": bytes(16)}, {"i": 7}, {"sender": "carol"}):
            statement = self.alice.statement("hello")
            elsewhere = self.alice.statement("hello", **fields)
            self.refused(rooms.seal(self.alice.key, statement, who("alice").sign(elsewhere.message())))

    def test_numbers(self):
        late = copy.copy(self.alice.key).at(99)
        over = late.at(100)
        self.refused(self.said(self.alice, "after the last", over))
        self.assertEqual(self.bob.open("alice", self.said(self.alice, "the last", late)).text, "the last")
        self.bob.lines.clear()
        self.refused(self.said(self.alice, "what was passed over"))

    def test_the_list_before(self):
        late = [self.carol.seal("one"), self.carol.seal("two")]
        self.bob.take_list(self.sign([pair("alice"), pair("bob")]), pair("alice"))
        self.assertEqual(self.bob.open("carol", late[0]).marks, [TO_THE_LIST_BEFORE])
        self.bob.lines.clear()
        self.now += rooms.GRACE_SECONDS
        self.refused(late[1], "carol", Dropped)

    def test_under_a_list_without_one(self):
        """What carol keeps opens nothing."""
        self.bob.take_list(self.sign([pair("alice"), pair("bob")]), pair("alice"))
        self.exchange(self.alice, self.bob)
        sealed = self.hear("without her", self.alice, self.bob)
        with self.assertRaises(Unknown):
            self.carol.open("alice", sealed)
        for i in range(100):
            with self.assertRaises(Failure):
                rooms.unseal(self.carol.kept["alice"][0].key.at(i), "alice", sealed, public("alice"))
        self.assertFalse([one for one in self.alice.owed(pair("carol"), ()) if isinstance(one, SenderKey)])

    def test_marks(self):
        self.hear("one", self.alice, self.bob, self.carol)
        self.hear("two", self.carol, self.bob)  # alice doesn't get it
        self.hear("three", self.bob, self.carol)
        self.hear("four", self.bob, self.alice)  # her first of bob: what he refers to can have been before
        self.hear("five", self.bob, self.alice)
        self.hear("six", self.carol, self.alice, self.bob)
        self.hear("seven", self.bob, self.carol, marks=[MISSING])
        self.hear("eight", self.carol, self.alice, marks=[NOT_SHOWN])

    def test_began_anew(self):
        self.hear("one", self.alice, self.bob)
        self.alice.said = ZEROS
        self.hear("two", self.alice, self.bob, marks=[ANEW])
        self.alice.said = ZEROS
        self.bob.entered()
        self.hear("three", self.alice, self.bob)


@harness.unsanitized
class KnownAnswers(unittest.TestCase):
    def both(self, stem, opened):
        """Of each record of vectors/<stem>.txt whether it is taken as the record says."""
        for record in records(stem):
            with self.subTest(record["name"]):
                try:
                    taken = opened(record)
                except Failure:
                    taken = False
                self.assertEqual(taken, record.get("expect") != "reject")

    def test_lists(self):
        def taken(record):
            new = rooms.read_list(bytes.fromhex(record["list"]))
            founder = key(record["key"])
            first = new.members[0][1] if new.members else wire.key_fingerprint(founder)
            if not new.signed_by(founder.public_key()) or first != wire.key_fingerprint(founder):
                return False
            self.assertEqual((new.hash.hex(), new.name, new.n, new.before.hex(), " ".join(new.names)),
                             (record["L"], record["room_name"], int(record["n"]), record["before"], record["names"]))
            return True
        self.both("room_list", taken)

    def test_sender_keys(self):
        def taken(record):
            payload = bytes.fromhex(record["payload"])
            if payload[:1] != bytes([rooms.KEY]):
                return False
            found = rooms.read_key(payload[1:])
            self.assertEqual((found.id.hex(), found.i, found.secret.hex(), found.payload()),
                             (record["key_id"], int(record["i"]), record["secret"], payload))
            self.assertEqual(found.at(found.i + 1).secret.hex(), record["next_secret"])
            return True
        self.both("sender_key", taken)

    def test_messages(self):
        def taken(record):
            kept = SenderKey(*(bytes.fromhex(record[name]) for name in ("room", "L", "key_id")), int(record["held_i"]),
                             bytes.fromhex(record["held_secret"]))
            sealed, signer = bytes.fromhex(record["sealed"]), key(record["key"]).public_key()
            statement, later = rooms.unseal_with(kept, record["sender"], sealed, signer)
            self.assertEqual((statement.text.hex(), statement.prev.hex(), statement.seen.hex(), statement.hash.hex()),
                             (record["text"], record["prev"], record["seen"], record["hash"]))
            self.assertEqual(later.secret.hex(), record["next_secret"])
            return True
        self.both("sealed", taken)


if __name__ == "__main__":
    unittest.main()
