#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Sealed rooms between members of the second implementation (glasschat_room.py, glasschat_member.py), through the real
server."""
import copy
import unittest

import glasschat_client as wire
import glasschat_room as rooms
import harness
from glasschat_identity import Failure
from glasschat_room import ANEW, ASKED, CLOSED, OUT, STOPPED, ZEROS, SenderKey, founded
from sealed_case import DEN, MemberCase, pair, public, who


class Sealed(MemberCase):
    def test_three_talk(self):
        alice, bob, carol = self.den("alice", "bob", "carol")
        for n in range(3):
            self.hear(f"from alice {n}", alice, bob, carol)
            self.hear(f"from bob {n}", bob, alice, carol)
            self.hear("ü" * 2000, carol, alice, bob)
        self.assertEqual(alice.unopened + bob.unopened + carol.unopened, [])

    def test_a_removed_member_reads_nothing(self):
        """Carol stays in the server's room, and keeps all that she had."""
        alice, bob, carol = self.den("alice", "bob", "carol")
        self.hear("with her", alice, bob, carol)
        kept = copy.deepcopy(carol.room(DEN).kept["alice"][0].key), carol.room(DEN).list
        alice.remove(DEN, "carol")
        carol.wait_state(DEN, OUT)
        carol.join(DEN)
        bob.wait_list(DEN, kept[1].n + 1)
        carol.seal(DEN, self.as_before(carol, *kept))
        harness.wait_until(lambda: any(bob.held.values()), "something that is held")
        bob.later(rooms.GRACE_SECONDS)
        self.assertEqual((bob.unopened, list(bob.room(DEN).lines)), ([(DEN, "carol")], []))
        self.settled(alice, bob)
        known = len(carol.overheard)
        self.hear("without her", alice, bob)
        harness.wait_until(lambda: len(carol.overheard) > known, "what the server passes on to her")
        sealed = carol.overheard[-1]
        self.assertNotEqual(rooms.head_of(sealed)[1:3], (kept[1].hash, kept[0].id))
        for i in range(kept[0].i, 100):
            with self.assertRaises(Failure):
                rooms.unseal(kept[0].at(i), "alice", sealed, public("alice"))
        self.assertFalse(any(carol.room(DEN).kept.values()))

    def as_before(self, member, stolen, newest):
        """What a member would say under that list, with some key that nobody else has."""
        own = SenderKey(stolen.room, newest.hash)
        statement = rooms.Statement(own, member.identity.name, ZEROS, ZEROS, b"let me in")
        return rooms.seal(own, statement, member.identity.sign(statement.message()))

    def test_who_comes_later_reads_nothing_earlier(self):
        server = self.server()
        alice, bob = self.den("alice", "bob", server=server)
        carol = self.member(server, "carol")
        carol.join(DEN)
        self.hear("before her", alice, bob)
        harness.wait_until(lambda: carol.overheard, "what the server passes on to her")
        self.joins(alice, carol)
        self.settled(alice, bob, carol)
        for one in carol.room(DEN).usable("alice"):
            for i in range(one.key.i, 100):
                with self.assertRaises(Failure):
                    rooms.unseal(one.key.at(i), "alice", carol.overheard[0], public("alice"))
        self.hear("with her", alice, bob, carol)
        self.hear("and from her", carol, alice, bob)

    def test_a_room_is_closed(self):
        alice, bob, carol = self.den("alice", "bob", "carol")
        alice.dissolve(DEN)
        for one in (alice, bob, carol):
            room = one.wait_state(DEN, CLOSED)
            self.assertEqual((room.key, dict(room.kept)), (None, {}))
        harness.wait_until(lambda: DEN not in alice.rooms().members, "the end of the server's room")

    def test_leave_and_refuse(self):
        server = self.server()
        alice, bob = self.den("alice", "bob", server=server)
        carol = self.member(server, "carol")
        alice.invite(DEN, "carol")
        carol.wait_state(DEN, ASKED)
        carol.quit(DEN)
        carol.wait_state(DEN, OUT)
        bob.quit(DEN)
        bob.wait_state(DEN, OUT)
        self.assertEqual(alice.room(DEN).list.names, ["alice"])
        self.joins(alice, bob)
        self.settled(alice, bob)
        self.hear("once more", alice, bob)

    def test_a_leave_that_got_lost(self):
        """The founder's list that still has him is answered with another."""
        server = self.server()
        alice, bob = self.den("alice", "bob", server=server)
        alice.stop()
        bob.quit(DEN)
        alice = self.again(server, alice)
        alice.call("bob")
        bob.wait_state(DEN, OUT)
        self.assertEqual(alice.room(DEN).list.names, ["alice"])

    def again(self, server, member, **kw):
        """The program is started anew, with what is on its disk."""
        member.stop()
        return self.member(server, member.identity.name, saved=member.saved(), register=False, **kw)

    def test_begun_anew(self):
        server = self.server()
        alice, bob = self.den("alice", "bob", server=server)
        self.hear("hello", alice, bob)
        self.hear("hello yourself", bob, alice)
        bob = self.again(server, bob)
        bob.enter(DEN)
        self.settled(alice, bob)
        self.hear("here again", bob, alice, marks=[ANEW])
        self.hear("good", alice, bob)
        self.hear("yes", bob, alice)

    def test_added_or_removed_while_a_text_is_typed(self):
        server = self.server()
        alice, bob, carol = self.den("alice", "bob", "carol", server=server)
        typed = bob.room(DEN).list
        dave = self.member(server, "dave")
        self.joins(alice, dave)
        bob.wait_list(DEN, typed.n + 1)
        with self.assertRaises(Failure):
            bob.tell(DEN, "for alice and carol", under=typed)
        typed = bob.room(DEN).list
        alice.remove(DEN, "carol")
        bob.wait_list(DEN, typed.n + 1)
        self.settled(alice, bob, dave)
        self.assertEqual(bob.tell(DEN, "for alice and dave", under=typed), [])
        for one in (alice, dave):
            self.assertEqual(one.wait_line(DEN).text, "for alice and dave")
        self.assertEqual(len(carol.room(DEN).lines), 0)

    def test_two_histories(self):
        """The founder shows bob another list than carol, and then they have a call."""
        alice, bob, carol = self.den("alice", "bob", "carol")
        with alice.changed:
            room = alice.room(DEN)
            one, other = (room.list.next(members).signed(who("alice"))
                          for members in ([pair("alice"), pair("bob"), pair("carol")],
                                          [pair("alice"), pair("bob"), pair("carol"), ("dave", bytes(32))]))
            room.list_for = {"bob": one, "carol": other}.get
            room.gives = False
            alice._took(room, room.take(one))
        for found in (bob, carol):
            self.assertEqual(found.wait_state(DEN, STOPPED).key, None)

    def test_a_key_that_comes_late(self):
        """What is sealed under it is held meanwhile, while there is a call."""
        alice, bob = self.den("alice", "bob")
        with alice.changed:
            room = alice.room(DEN)
            room.gives = False
            room.draw()
            late = room.key.payload()
        self.assertEqual(alice.tell(DEN, "too early"), ["bob"])
        harness.wait_until(lambda: any(bob.held.values()), "something that is held")
        self.assertEqual(bob.unopened, [])
        alice.give(alice.call("bob"), late)
        self.assertEqual(bob.wait_line(DEN).text, "too early")
        with alice.changed:
            room.draw()
        alice.tell(DEN, "never to be opened")
        harness.wait_until(lambda: any(bob.held.values()), "something that is held")
        bob.later(rooms.GRACE_SECONDS)
        self.assertEqual(bob.unopened, [(DEN, "alice")])

    @harness.waits
    def test_somebody_who_does_not_answer(self):
        """The others talk on: one waits for her once, and then not again for a while."""
        alice, bob, carol = self.den("alice", "bob", "carol")
        with carol.changed:
            carol.answering = False
            for call in list(carol.live.values()):
                call.close()
        harness.wait_until(lambda: "carol" not in alice.live, "the end of a call")
        alice.room(DEN).draw()
        for n in range(2):
            self.assertEqual(alice.tell(DEN, f"without carol {n}"), ["carol"])
            self.assertEqual(bob.wait_line(DEN).text, f"without carol {n}")

    def test_payloads_without_their_layout(self):
        """They end the call; others that are wrong are acknowledged, and passed over."""
        alice, bob = self.den("alice", "bob")
        good = alice.room(DEN)
        key, newest = good.key.payload(), good.list.payload()
        for bad in (b"\3", key[:-1], key + b"\0", b"\4", newest[:-1], newest + b"\0", b"\5", b"\5" + bytes(17), b"\6"):
            call, theirs = alice.call("bob"), bob.wait_call("alice")
            alice.give(call, bad)
            self.assertEqual(theirs.wait_over(), "failed")
            with alice.changed:
                alice._give_up(call, "it is over")
        call = alice.call("bob")
        elsewhere = founded(who("bob"), "+lair")
        before = repr(bob.room(DEN)), len(bob.rooms_known)
        for passed_over in (b"\5" + good.list.room, b"\5" + bytes(16), wire.flipped(newest), elsewhere.list.payload(),
                            elsewhere.key.payload(), SenderKey(good.list.room, bytes(32)).payload()):
            call.wait_acked(alice.give(call, passed_over))
        self.assertEqual((repr(bob.room(DEN)), len(bob.rooms_known)), before)
        self.settled(alice, bob)
        self.hear("all is well", alice, bob)


if __name__ == "__main__":
    unittest.main()
