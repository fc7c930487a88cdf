#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Members, and founders, of a sealed room who break its rules, some of them with a treacherous server's help: members
of the second implementation among real clients, and what stands on the screens of those."""
import os
import re
import time

import glasschat_room as rooms
import harness
from glasschat_room import ZEROS, RoomList, SenderKey, Statement
from treacherous_rooms_case import MISSING, NEW, ROOM, STOPPED, UNSEEN, MembersCase


class Texts(MembersCase):
    def test_one_in_anothers_name(self):
        """A member has the key of each other one, and so the tag can be made; the signature can't. Nor does it move
        anything: what bob says next is shown, without a mark."""
        alice, bob, carol = self.with_insider()
        self.talk("mine", bob, alice)
        room = carol.room(ROOM)
        carol.wait_line(ROOM, "bob")
        key = room.usable("bob")[0].key
        statement = Statement(key, "bob", room.last["bob"][0], ZEROS, b"never said by bob")
        sealed = rooms.seal(key, statement, carol.identity.sign(statement.message()))
        self.betray("stamp-line carol bob")
        self.post(carol, sealed)
        self.unopened(alice, "bob")
        self.betray("none")
        self.talk("mine, too", bob, alice)
        self.assertNotIn("never said by bob", alice.out.text + bob.out.text)
        self.check({alice: ["so far", "mine", "mine, too"]})

    def test_what_is_wrong_with_ones_own(self):
        """A text that is none, a number out of range, another's signature: told once, and not shown."""
        alice, bob, carol = self.with_insider()
        room = carol.room(ROOM)

        def sealed(text=b"unseen", key=None, signer=None, **fields):
            key = key or room.key
            statement = room.statement(text, key, **fields)
            return rooms.seal(key, statement, (signer or carol.identity).sign(statement.message()))
        for bad in (sealed(b"unseen \x1b[2J"), sealed(b"unseen \xff"), sealed(i=100), sealed(i=2**32 - 1),
                    sealed(list=bytes(32)), sealed(key_id=bytes(16)), sealed(room=bytes(16)), sealed(sender="bob")):
            self.post(carol, bad)
        self.unopened(alice, "carol")
        self.assertNotIn("unseen", alice.out.text + bob.out.text)
        self.talk("we talk on", bob, alice)
        self.talk("so we do", alice, bob)
        self.check({alice: ["so far", "we talk on"], bob: ["so far", "so we do"]})

    def two_keys(self, carol):
        """One of carol's for bob, and one of the same name for all others."""
        room = carol.room(ROOM)
        with carol.changed:
            room.draw()
            other = SenderKey(room.list.room, room.list.hash, room.key.id, room.key.i)
            room.key_for = lambda name: other if name == "bob" else room.key
            carol._hand_over_all(room)
        return room, other

    def test_different_ones_alone(self):
        """Bob can't open it, and is told."""
        alice, bob, carol = self.with_insider()
        self.two_keys(carol)
        self.tells("for alice", carol)
        self.hears("for alice", "carol", alice)
        self.unopened(bob, "carol")
        self.check({bob: ["so far"]})

    def test_different_ones_with_the_servers_help(self):
        """Each is shown one of two texts; the next line is marked, and so is an answer."""
        alice, bob, carol = self.with_insider()
        self.talk("where is it?", alice, bob)
        room, other = self.two_keys(carol)
        self.betray("withhold-line carol alice")
        before = {user.user: self.withheld(user.user) for user in (alice, bob)}
        statement = room.statement("in the east", other)
        self.post(carol, rooms.seal(other, statement, carol.identity.sign(statement.message())))
        self.hears("in the east", "carol", bob)
        self.until_withheld("alice", before["alice"] + 1)
        other.advance()
        self.betray("withhold-line carol bob")
        self.tells("in the west", carol)
        self.hears("in the west", "carol", alice)
        self.until_withheld("bob", before["bob"] + 2)
        self.betray("none")
        self.says("I see that", alice)
        self.hears("I see that", "alice", bob, marks=UNSEEN)
        with carol.changed:
            room.draw()
            room.key_for = lambda name: room.key
        self.tells("is it not?", carol)
        self.hears("is it not?", "carol", alice)
        self.hears("is it not?", "carol", bob, marks=MISSING)
        self.check({bob: ["so far", "where is it?", "in the east", "I see that", "is it not?"]})


class Lists(MembersCase):
    def test_two_lists_for_two_halves(self):
        """Kept apart by the server each half talks on. As soon as they have a call, the room stops for both, who are
        told by whom; nothing is said any more."""
        alice, bob, carol = self.with_founder()
        self.betray("apart-all bob carol")
        room = alice.room(ROOM)
        with alice.changed:
            mine = room.list.members
            lists = {name: room.list.next((*mine, (extra, os.urandom(32)))).signed(alice.identity)
                     for name, extra in (("bob", "dave"), ("carol", "eve"))}
            room.list_for = lambda name: lists.get(name, room.list)
            room.take(lists["bob"])
            alice._hand_over_all(room)
        bob.expect(r"^\* \+exam: dave was added: ")
        carol.expect(r"^\* \+exam: eve was added: ")
        self.betray("end")
        self.betray("none")

        def is_found_out():
            for user in bob, carol:  # who calls somebody once in 15 s
                user.say("is anybody there?")
            time.sleep(2)
            return all(re.search(STOPPED, user.err.text, re.M) for user in (bob, carol))
        harness.wait_until(is_found_out, "they find it out", 2 * harness.PATIENCE)
        for user in bob, carol:
            self.not_said("nor this", user, "its founder signed two histories of it: it is over")
        self.assertEqual([self.heard(user)[0] for user in (bob, carol)], ["so far", "so far"])
        self.check({})

    def test_old_lists_and_others(self):
        """Passed over: the lists that were, one of another room, of another founder, with a wrong signature."""
        alice, bob, carol = self.with_founder()
        room = alice.room(ROOM)
        first = RoomList(room.list.room, ROOM, 1, os.urandom(32), room.list.members[:2]).signed(alice.identity)
        elsewhere = RoomList(os.urandom(16), ROOM, 9, os.urandom(32), room.list.members).signed(alice.identity)
        renamed = room.list.next(room.list.members, name="+lair").signed(alice.identity)
        forged = room.list.next(room.list.members[:2])
        for given in first, elsewhere, renamed, forged:
            call = alice.call("bob")
            call.wait_acked(alice.give(call, given.payload()))
        self.talk("bob is here", bob, carol)
        self.assertEqual(alice.wait_line(ROOM).text, "bob is here")
        self.check({carol: ["so far", "bob is here"]})
        self.assertEqual(bob.err.text, "")
        self.assertNotIn("invites you to the sealed room +lair", bob.out.text)

    def test_keys_of_others(self):
        """A sender key for another list, for another room, and one that comes from who is not on the list: nothing is
        opened under it."""
        alice, bob, carol = self.with_founder()
        room = alice.room(ROOM)
        before = room.key
        mallory = self.insider("dave")
        stranger = SenderKey(room.list.room, room.list.hash)
        call = mallory.call("bob")
        call.wait_acked(mallory.give(call, stranger.payload()))
        for key in SenderKey(room.list.room, os.urandom(32)), SenderKey(os.urandom(16), room.list.hash):
            call = alice.call("bob")
            call.wait_acked(alice.give(call, key.payload()))
            statement = room.statement("never shown", key, room=room.list.room)
            self.post(alice, rooms.seal(key, statement, alice.identity.sign(statement.message())))
        self.assertIs(room.key, before)
        self.check({bob: ["so far"], carol: ["so far"]})
        self.talk("carol is here", carol, bob)

    @harness.waits
    def test_what_belongs_elsewhere(self):
        """A line of a room as a payload of a call, and a sender key in the place of a line."""
        alice, bob, carol = self.with_founder()
        room = alice.room(ROOM)
        call = alice.call("bob")
        alice.give(call, room.seal("not in a call"))
        self.is_over(alice, call)
        unknown = SenderKey(room.list.room, room.list.hash)
        for broadcast in unknown.payload(), unknown.payload()[1:]:
            self.post(alice, broadcast + bytes(596 - len(broadcast)))
        statement = room.statement("under a key that was broadcast", unknown)
        self.post(alice, rooms.seal(unknown, statement, alice.identity.sign(statement.message())))
        self.unopened(bob, "alice")
        self.unopened(carol, "alice")
        self.check({bob: ["so far"], carol: ["so far"]})

    def test_a_flood_of_invitations(self):
        """Two of one founder may wait for an answer, one of a name; the room that one is in is not disturbed."""
        alice, bob, carol = self.with_founder()
        mallory = self.insider("dave")
        call = mallory.call("bob")
        me = mallory.identity.name, mallory.identity.fingerprint
        members = [me, ("bob", dict(alice.room(ROOM).list.members)["bob"])]
        for i in range(40):
            flood = RoomList(os.urandom(16), f"+flood{i // 2}", 0, ZEROS, members).signed(mallory.identity)
            call.wait_acked(mallory.give(call, flood.payload()))
        taken = RoomList(os.urandom(16), ROOM, 0, ZEROS, members).signed(mallory.identity)
        call.wait_acked(mallory.give(call, taken.payload()))
        self.talk("bob is here", bob, carol)
        asked = [line for line in bob.out.text.split("\n") if "invites you" in line and line.startswith("* dave ")]
        self.assertEqual(len(asked), 2, asked)
        self.assertNotIn("dave invites you to the sealed room +exam", bob.out.text)
        self.talk("so is carol", carol, bob)

class Waiting(MembersCase):
    """Bob has typed a line, and it waits for a call with carol, who is there, and whose calls the server withholds."""

    def with_carol_out_of_reach(self):
        alice, bob, carol = self.with_founder()
        carol.close()
        self.betray("end")
        self.betray("hold carol")
        alice.call("bob")
        carol = self.users["carol"] = self.client(self.betrayer, "carol", register=False, ready=False)
        carol.say("/join " + ROOM)
        carol.expect(r"^\* what is said in \+exam is signed: ")
        return alice, bob, carol

    @staticmethod
    def has_heard(alice, text):
        with alice.changed:
            return any(line.text == text for line in alice.room(ROOM).lines)

    def waits(self, text, bob, alice):
        """Bob says it. Whether it waits: his client calls carol for it, which it does once in 15 s; else alice has it."""
        def called():
            return self.betrayer.tap.count(b"to carol, type 101,")
        before = called()
        self.says(text, bob)
        harness.wait_until(lambda: self.has_heard(alice, text) or called() > before, "it is said, or waits")
        return not self.has_heard(alice, text)

    def test_somebody_is_added_while_a_line_waits(self):
        """What was typed for some is not sealed to more: it is given back, and asked for again."""
        alice, bob, _ = self.with_carol_out_of_reach()
        for i in range(25):
            text = f"typed before {i}"
            if not self.waits(text, bob, alice):
                time.sleep(1)
                continue
            alice.change(ROOM, (*alice.room(ROOM).list.members, (f"dave{i}", os.urandom(32))))
            back = (f"glasschat: not said in +exam: dave{i} was added meanwhile: say it again, if dave{i} may read it; "
                    f"it was: {text}\n")
            harness.wait_until(lambda: back in bob.err.text or self.has_heard(alice, text), "it is given back, or said")
            if back in bob.err.text:
                break  # else this machine was busy for the 3 s that the line waits
        self.assertIn(back, bob.err.text)
        self.says("typed again", bob)
        alice.wait(lambda: self.has_heard(alice, "typed again"), "the line")
        self.assertFalse(self.has_heard(alice, text))
        self.assertRegex(bob.out.text, rf"\n\* \+exam: dave{i} was added: ")

    def test_somebody_is_removed_while_a_line_waits(self):
        """What was typed for her, too, is sealed to the rest, under the list without her, of which bob's client has
        heard after he had typed it. She is handed it, and can't open it."""
        alice, bob, carol = self.with_carol_out_of_reach()
        room = alice.room(ROOM)
        with_her, handed = room.list.members, self.withheld("carol")
        for i in range(25):
            text, handed = f"typed for her, too, {i}", handed + 1
            if not self.waits(text, bob, alice):
                alice.wait_line(ROOM)
                time.sleep(1)
                continue
            without_her = alice.remove(ROOM, "carol")
            bob.expect(r"^\* \+exam: carol is not on its list any more$")
            line = alice.wait_line(ROOM)
            self.assertEqual((line.text, line.marks), (text, []))
            if line.statement.list == without_her.hash:
                break
            alice.change(ROOM, with_her)  # this machine was busy for the 3 s that the line waits
            bob.expect(r"^\* \+exam: carol was added: ")
        self.assertEqual(line.statement.list, without_her.hash)
        self.until_withheld("carol", handed)
        carol.say("/who")
        carol.expect(r"^\* \+exam: bob, who is there: ")
        self.check({carol: []})
        self.assertEqual(bob.err.text, "")


class Stalling(MembersCase):
    def test_one_who_never_acknowledges(self):
        """Nor gives a key, nor answers calls: the others talk on, and are told that it can't read."""
        alice, bob, carol = self.with_insider()
        carol.habits["acks"] = False
        carol.room(ROOM).gives = False
        carol.answering = False
        for i in range(3):
            self.talk(f"{i} of alice", alice, bob)
            self.talk(f"{i} of bob", bob, alice)
        self.betray("end")  # and there is no call with it any more
        for i in range(3, 6):
            self.talk(f"{i} of alice", alice, bob)
            self.talk(f"{i} of bob", bob, alice)
        self.assertRegex(alice.out.text, r"\n\* \+exam: carol can't read what you say now: ")
        self.check({bob: ["so far", *(f"{i} of alice" for i in range(6))]})

    def test_one_who_comes_and_goes(self):
        alice, bob, carol = self.with_insider()
        for i in range(4):
            saved, key = carol.saved(), carol.identity.key
            carol.stop()
            self.talk(f"{i} without", alice, bob)
            carol = type(carol)(self.betrayer.port, "carol", key=key, saved=saved, register=False)
            self.addCleanup(carol.stop)
            carol.enter(ROOM)
            self.talk(f"{i} with", bob, alice)
        carol.wait_key(ROOM, "alice")
        self.talk("at last", alice, bob)
        self.assertEqual(carol.wait_line(ROOM, "alice").text, "at last")
        self.assertNotIn(NEW + " (", alice.out.text + bob.out.text)
        self.check({alice: ["so far", *(f"{i} with" for i in range(4))]})


if __name__ == "__main__":
    harness.main()
