#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""The real client in a sealed room with members of the second implementation (glasschat_member.py), who keep to
docs/protocol.md section 9 and who don't: bob has the client, whose lines are what he sees."""
import copy
import re

import glasschat_client as wire
import glasschat_room as rooms
import harness
from direct_case import NEW, DirectCase
from glasschat_room import ASKED, CLOSED, OUT, RoomList, SenderKey, ZEROS, founded
from sealed_case import DEN, MemberCase, pair, who

SIGNED = r"^\* what is said in \+den is signed: whoever reads it can prove to anybody who said it\r?$"
UNOPENED = r"^\* \+den: something that {} said could not be opened\r?$"


class Mixed(DirectCase, MemberCase):
    def with_bob(self, *names):
        """These have founded a room, and bob is in it: the members, and his client."""
        server = self.server(*harness.FAST)
        members = self.den(*names, server=server)
        bob = self.user(server, "bob")
        self.join_bob(members[0], bob)
        for one in members:
            one.wait_key(DEN, "bob", members[0].room(DEN).list.hash)
            one.wait_there(DEN, "bob")
        return *members, bob

    def join_bob(self, founder, bob):
        founder.invite(DEN, "bob")
        bob.expect(rf"^\* \+den: to be in it: /accept \+den {founder.identity.name};")
        bob.say(f"/accept +den {founder.identity.name}")
        bob.expect(SIGNED)

    def sees(self, bob, sender, text, marks="", state=NEW):
        bob.expect(rf"^\[\+den\] {sender}, {state}{re.escape(marks and f' ({marks})')}: {re.escape(text)}\r?$")

    def bob_says(self, bob, text, *listeners, marks=()):
        bob.say(text)
        for one in listeners:
            line = one.wait_line(DEN, "bob")
            self.assertEqual((line.text, line.marks), (text, list(marks)))

    def all_is_well(self, bob, *members):
        """Both ways, and nothing strange has been shown."""
        for n, one in enumerate(members):
            one.tell(DEN, f"all is well {n}")
            self.sees(bob, one.identity.name, f"all is well {n}")
        self.bob_says(bob, "indeed", *members)

    # Members who keep to it

    def test_the_client_is_invited(self):
        alice, carol, bob = self.with_bob("alice", "carol")
        for n in range(3):
            self.assertEqual(alice.tell(DEN, f"from alice {n}"), [])
            self.sees(bob, "alice", f"from alice {n}")
            self.bob_says(bob, f"from bob {n}", alice, carol)
            self.assertEqual(carol.tell(DEN, "ü" * 2000), [])
            self.sees(bob, "carol", "ü" * 2000)
        alice.remove(DEN, "carol")
        bob.expect(r"^\* \+den: carol is not on its list any more\r?$")
        alice.wait_key(DEN, "bob")
        self.assertEqual(alice.tell(DEN, "without carol"), [])
        self.sees(bob, "alice", "without carol")
        self.bob_says(bob, "yes", alice)
        alice.dissolve(DEN)
        bob.expect(r"^\* \+den: its founder has closed it\r?$")
        self.assertNotIn("could not be opened", bob.out.text)

    def test_the_client_founds(self):
        server = self.server()
        bob, alice, carol = self.user(server, "bob"), self.member(server, "alice"), self.member(server, "carol")
        bob.say("/seal +den")
        bob.expect(SIGNED)
        for one in (alice, carol):
            bob.say("/invite " + one.identity.name)
            one.wait_state(DEN, ASKED)
            one.accept(DEN)
        carol.wait_key(DEN, "bob")
        alice.wait_list(DEN, carol.room(DEN).list.n)
        alice.wait_there(DEN, "carol")
        alice.wait_key(DEN, "bob")
        self.settled(alice, carol)
        self.bob_says(bob, "hello", alice, carol)
        self.hear("hello yourself", alice, carol)
        self.sees(bob, "alice", "hello yourself")
        before = carol.room(DEN).list.n
        alice.quit(DEN)
        alice.wait_state(DEN, OUT)
        bob.expect(r"^\* \+den: alice left, or declined, and is not on its list any more\r?$")
        carol.wait_list(DEN, before + 1)
        carol.wait_key(DEN, "bob")
        self.bob_says(bob, "without alice", carol)
        bob.say("/close\nyes")
        carol.wait_state(DEN, CLOSED)

    def test_the_client_leaves(self):
        alice, bob = self.with_bob("alice")
        bob.say("/leave")
        harness.wait_until(lambda: alice.room(DEN).list.names == ["alice"], "a list without bob")
        self.join_bob(alice, bob)
        alice.wait_key(DEN, "bob")
        self.all_is_well(bob, alice)

    def test_a_hundred_lines(self):
        alice, bob = self.with_bob("alice")
        for n in range(102):
            self.assertEqual(alice.tell(DEN, f"{n} from alice"), [])
        self.sees(bob, "alice", "101 from alice")
        for n in range(102):
            bob.say(f"{n} from bob")
        self.assertEqual([alice.wait_line(DEN).text for _ in range(102)], [f"{n} from bob" for n in range(102)])
        self.all_is_well(bob, alice)
        self.assertNotIn("could not be opened", bob.out.text)

    def test_a_list_that_some_have_later(self):
        """Carol speaks to the list before; bob gives her the newest, in their call."""
        alice, carol, bob = self.with_bob("alice", "carol")
        carol.tell(DEN, "one")
        self.sees(bob, "carol", "one")
        with alice.changed:
            old = alice.room(DEN).list
            alice.room(DEN).list_for = lambda name: old if name == "carol" else alice.room(DEN).list
        with carol.changed:  # who looks at no list, as if none had come
            carol.room(DEN).take_list = lambda *_: "passed over"
        alice.change(DEN, old.members)
        harness.wait_until(lambda: ("bob", rooms.LIST, old.n + 1) in self.lists_of(carol), "bob's list")
        carol.post(wire.SEAL, wire.v8(DEN.encode()) + wire.v16(carol.room(DEN).seal("two")))
        self.sees(bob, "carol", "two", "said to the list before")

    def lists_of(self, member):
        return [(name, kind, value.n) for name, kind, value in list(member.handed) if kind == rooms.LIST]

    def keys_of(self, member, list_hash):
        """Of bob, for this list."""
        return [value for name, kind, value in list(member.handed)
                if name == "bob" and kind == rooms.KEY and value.list == list_hash]

    def test_who_gets_keys(self):
        """Nobody before bob has accepted, who is not on the list, or is on it with another key."""
        server = self.server(*harness.FAST)
        alice, carol = self.den("alice", "carol", server=server)
        bob = self.user(server, "bob")
        carol.call("bob")
        alice.invite(DEN, "bob")
        bob.expect("/accept")
        for one in (alice, carol):
            call, sequence = one.say("bob", "are you coming?")
            call.wait_acked(sequence)
            self.assertEqual([one for one in one.handed if one[0] == "bob"], [])
        bob.say("/accept +den alice")
        bob.expect(SIGNED)
        for one in (alice, carol):
            harness.wait_until(lambda one=one: self.keys_of(one, alice.room(DEN).list.hash), "bob's key")
        members = [member for member in alice.room(DEN).list.members if member[0] != "carol"]
        for listed in (members, [*members, ("carol", bytes(32))]):
            newest = alice.change(DEN, listed)
            harness.wait_until(lambda newest=newest: self.keys_of(alice, newest.hash), "bob's key")
            call, sequence = carol.say("bob", "and I?")
            call.wait_acked(sequence)
            self.assertEqual(self.keys_of(carol, newest.hash), [])
        self.assertIn(("bob", rooms.LIST, newest.n - 1), self.lists_of(carol))  # that she is removed

    # Members who don't

    def send(self, member, sealed):
        member.seal(DEN, sealed)

    def test_what_is_missing_is_marked(self):
        alice, carol, bob = self.with_bob("alice", "carol")
        alice.tell(DEN, "one")
        self.sees(bob, "alice", "one")
        with alice.changed:
            alice.room(DEN).seal("never sent")
        alice.tell(DEN, "three")
        self.sees(bob, "alice", "three", "something before it is missing")
        with alice.changed:
            alice.room(DEN).seen = bytes(31) + b"\1"
        alice.tell(DEN, "four")
        self.sees(bob, "alice", "four", "said after a line that was not shown here")
        with alice.changed:
            alice.room(DEN).said = ZEROS
        alice.tell(DEN, "five")
        self.sees(bob, "alice", "five", "began anew")

    def test_what_does_not_open(self):
        """Nothing of it is shown; it is said once in a minute, and the room goes on."""
        alice, carol, bob = self.with_bob("alice", "carol")
        self.all_is_well(bob, alice, carol)
        with alice.changed:
            room = alice.room(DEN)
            statement = room.statement("not to be seen")
            signature = who("alice").sign(statement.message())
            bad = [wire.flipped(rooms.seal(room.key, statement, signature), at) for at in (68, 84, 200, -1)]
            bad.append(rooms.seal(room.key, statement, wire.flipped(signature)))
            bad.append(rooms.seal(room.key, statement, signature, statement.inside(signature)[:64] + bytes(400)))
            for text in (b"not to be seen\r", "not \u202eto be seen".encode(), b"\xff"):
                wrong = room.statement(text)
                bad.append(rooms.seal(room.key, wrong, who("alice").sign(wrong.message())))
            sealed = room.seal("seen once")
        for one in bad:
            self.send(alice, one)
        bob.expect(UNOPENED.format("alice"))
        self.send(alice, sealed)
        self.sees(bob, "alice", "seen once")
        self.send(alice, sealed)
        self.all_is_well(bob, alice, carol)
        self.assertEqual(bob.out.text.count("could not be opened"), 1)
        self.assertEqual(bob.out.text.count("seen once"), 1)
        self.assertNotIn("not to be seen", bob.out.text)

    def test_a_member_with_the_key_of_another(self):
        """Carol seals what alice shall have said, under her own key and under alice's. What is under alice's, with the
        stamp of carol, is held."""
        alice, carol, bob = self.with_bob("alice", "carol")

        def says(key, sender):
            statement = carol.room(DEN).statement("not to be seen", key, sender=sender)
            self.send(carol, rooms.seal(key, statement, who("carol").sign(statement.message())))
        says(carol.room(DEN).key, "alice")
        bob.expect(UNOPENED.format("carol"))
        self.all_is_well(bob, alice, carol)
        stolen = carol.room(DEN).usable("alice")[0].key
        says(stolen, "alice")
        says(stolen, "carol")
        self.all_is_well(bob, alice)
        self.assertNotIn("not to be seen", bob.out.text)

    def test_lists_that_are_passed_over(self):
        """Older, another's, of another name, or brought by somebody who is not on it."""
        alice, carol, bob = self.with_bob("alice", "carol")
        with alice.changed:
            room = alice.room(DEN)
            oldest = RoomList(room.list.room, DEN, 0, ZEROS, [pair("alice")]).signed(who("alice"))
            all_three = room.list.members
            lists = [oldest, room.list, room.list.next(all_three, name="+lair").signed(who("alice")),
                     room.list.next(all_three), room.list.next(all_three).signed(who("carol")),
                     room.list.next([("alice", bytes(32)), *all_three[1:]]).signed(who("alice"))]
            others = [room.list.next(all_three[:2]).signed(who("alice"))]
        for giver, given in ((alice, lists), (carol, others)):
            call = giver.call("bob")
            for one in given:
                call.wait_acked(giver.give(call, one.payload()))
        self.all_is_well(bob, alice, carol)

    def test_two_histories(self):
        alice, carol, bob = self.with_bob("alice", "carol")
        with alice.changed:
            room = alice.room(DEN)
            other = RoomList(room.list.room, DEN, room.list.n, room.list.before,
                             room.list.members[:2] + (("dave", bytes(32)),)).signed(who("alice"))
        self.assertIn("bob", other.names)
        call = alice.call("bob")
        call.wait_acked(alice.give(call, other.payload()))
        bob.err.expect(r"^glasschat: \+den: alice, who founded it, signed two lists that can't both be: it is over")
        alice.tell(DEN, "not to be seen")
        bob.say("/who")
        bob.expect("its founder signed two histories of it: it is over")
        self.assertNotIn("not to be seen", bob.out.text)

    def test_keys_that_are_passed_over(self):
        """For a list that is not known, and of a room that bob is not in; and one that he has already."""
        alice, carol, bob = self.with_bob("alice", "carol")
        self.all_is_well(bob, alice, carol)
        with alice.changed:
            room = alice.room(DEN)
            old = copy.copy(room.key)
            sealed = room.seal("seen once")
        self.send(alice, sealed)
        self.sees(bob, "alice", "seen once")
        call = alice.call("bob")
        for key in (SenderKey(room.list.room, bytes(32)), SenderKey(bytes(16), room.list.hash), old):
            call.wait_acked(alice.give(call, key.payload()))
        self.send(alice, sealed)
        bob.expect(UNOPENED.format("alice"))
        self.assertEqual(bob.out.text.count("seen once"), 1)
        self.all_is_well(bob, alice, carol)

    def test_a_key_that_comes_late(self):
        alice, bob = self.with_bob("alice")
        with alice.changed:
            room = alice.room(DEN)
            room.gives = False
            room.draw()
            late = room.key.payload()
        for text in ("one", "two"):
            self.assertEqual(alice.tell(DEN, text), ["bob"])
        alice.ask(wire.PING)
        alice.give(alice.call("bob"), late)
        for text in ("one", "two"):
            self.sees(bob, "alice", text)
        self.assertNotIn("could not be opened", bob.out.text)

    def test_payloads_without_their_layout(self):
        alice, bob = self.with_bob("alice")
        key, newest = alice.room(DEN).key.payload(), alice.room(DEN).list.payload()
        for bad in (b"\3", key[:-1], key + b"\0", b"\4", newest[:-1], newest + b"\0", b"\5", b"\5" + bytes(17), b"\6"):
            call = alice.call("bob")
            alice.give(call, bad)
            self.finds_out_that_it_failed(alice, call)
        alice.call("bob")
        alice.wait_key(DEN, "bob")
        self.all_is_well(bob, alice)

    def finds_out_that_it_failed(self, member, call):
        def told():
            with member.changed:
                if call.status == "open":
                    member.give(call, founded(who("carol"), "+lair").list.payload())
                return call.status != "open"
        harness.wait_until(told, "the end of a call")

    def test_invitations(self):
        """Not by somebody else, not to somebody else, one of a name, and two of one founder."""
        server = self.server()
        bob, alice, carol = self.user(server, "bob"), self.member(server, "alice"), self.member(server, "carol")
        mark = alice.call("bob").certificate.fingerprint
        call = carol.call("bob")
        own = [founded(who("carol"), f"+room{n}").list for n in range(10)]
        invitations = [one.next([*one.members, ("bob", mark)]).signed(who("carol")) for one in own]
        not_hers = founded(who("alice"), "+other").list
        for one in (not_hers.next([pair("alice"), ("bob", mark), pair("carol")]).signed(who("alice")),
                    own[0].next([pair("carol"), ("bob", bytes(32))]).signed(who("carol")),
                    own[0].next([pair("carol"), pair("alice")]).signed(who("carol")),
                    own[0].next([pair("carol"), ("bob", mark)])):
            call.wait_acked(carol.give(call, one.payload()))
        for one in invitations[:2]:
            carol.give(call, one.payload())
        bob.expect(r"^\* \+room1: to be in it: /accept \+room1 carol;")
        for one in invitations[2:]:
            call.wait_acked(carol.give(call, one.payload()))
        call.wait_acked(carol.say("bob", "the end")[1])
        self.assertEqual(re.findall(r"^\* carol invites you to the sealed room (\S+),", bob.out.text, re.M),
                         ["+room0", "+room1"])
        self.assertNotIn("alice invites", bob.out.text)


if __name__ == "__main__":
    harness.main()
