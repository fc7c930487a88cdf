#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Lists, invitations, sender keys and leave of sealed rooms with a bit of each byte wrong, cut to each length, or with a
byte behind, given to a real client by somebody who may give them: what has the layout still is acknowledged, what has
not ends its call without an answer; and nothing comes of either."""
import functools
import os

import glasschat_client as wire
import glasschat_room as rooms
import harness
from glasschat_identity import Failure
from glasschat_room import ZEROS, RoomList, SenderKey
from treacherous_rooms_case import ROOM, MembersCase

HANDED = 5  # frames of whoever is called, up to its own list and key: ServerHello, Finished, a step, and these

# Of a call that is one of hundreds: nothing is given or acknowledged in it but what the test gives, and what the other
# side sends is not what is tested.
GROUP, EXPONENT = 2, int.from_bytes(os.urandom(40), "big")
QUIET = {"acks": False, "steps": False, "check_value": lambda value: None, "new_exponent": lambda: EXPONENT,
         "public": functools.cache(lambda exponent: pow(2, exponent, wire.GROUPS[GROUP]).to_bytes(384, "big"))}


def has_layout(payload):
    try:
        rooms.READERS[payload[0]](payload[1:])
        return True
    except (Failure, IndexError, KeyError):
        return False


def flipped(payload):
    """For each byte one with a bit of it wrong."""
    for at, byte in enumerate(payload):
        yield payload[:at] + bytes([byte ^ 1 << at % 8]) + payload[at + 1:]


def cut(payload):
    """To each length; and one too long."""
    return [payload[:length] for length in range(len(payload))] + [payload + b"\0"]


@harness.unsanitized
class Bytes(MembersCase):
    def give_all(self, giver, to, payloads):
        """Those that have the layout in one call, and are acknowledged; each other one in a call of its own, in which
        nothing comes back, and nothing came before it but what a member is given."""
        payloads = list(payloads)
        passed = [payload for payload in payloads if has_layout(payload)]
        if passed:
            call = giver.call(to)
            call.wait_acked([giver.give(call, payload) for payload in passed][-1])
        failed = [self.give_alone(giver, to, payload) for payload in payloads if not has_layout(payload)]
        call = giver.begin_call(to).wait_open()
        call.wait_acked(call.say(f"{len(failed)} calls ended"))  # and bob has looked at all of them
        for payload, number in failed:
            self.assertEqual(self.came(giver, number), HANDED, payload.hex())

    def give_alone(self, giver, to, payload):
        call = giver.begin_call(to).wait_open()
        giver.wait(lambda: self.came(giver, call.number) == HANDED, "all that a member is given")
        giver.give(call, payload)
        return payload, call.number

    @staticmethod
    def came(giver, number):
        return sum(call == number and data != b"" for _, call, data in giver.seen)

    @staticmethod
    def quiet(member):
        with member.changed:
            member.habits.update(QUIET)
            room = member.room(ROOM)
            room.gives, room.list_for = False, lambda name: None
            return room

    def loud(self, member, *others):
        """It gives a key again, which is a new one, and the same list to all."""
        with member.changed:
            for habit in QUIET:
                del member.habits[habit]
            room = member.room(ROOM)
            room.gives, room.list_for = True, lambda name: room.list
            room.draw()
        for other in others:
            member.begin_call(other.user).wait_open()
            member.wait_key(ROOM, other.user)

    def test_of_a_list(self):
        """It is taken as it is, and in no other form."""
        alice, bob, carol = self.with_founder()
        room = self.quiet(alice)
        good = room.list.next(room.list.members[:2]).signed(alice.identity).payload()
        self.give_all(alice, "bob", [*flipped(good), *cut(good)])
        bob.say("/who")
        bob.expect(r"^\* \+exam: carol, who is there: ")
        self.assertNotIn("is not on its list", bob.out.text)
        self.give_all(alice, "bob", [good])
        bob.expect(r"^\* \+exam: carol is not on its list any more$")
        self.assertEqual(bob.err.text, "")

    def test_of_an_invitation(self):
        """Nobody is asked, but by the invitation itself."""
        alice, bob, carol = self.with_founder()
        mallory = self.insider("dave")
        call = mallory.call("bob")
        members = [(mallory.identity.name, mallory.identity.fingerprint), ("bob", call.certificate.fingerprint)]
        good = RoomList(os.urandom(16), "+lair", 0, ZEROS, members).signed(mallory.identity).payload()
        for payload in filter(has_layout, flipped(good)):
            last = mallory.give(call, payload)
        call.wait_acked(last)
        self.talk("bob is here", bob, carol)
        self.assertNotIn("dave invites", bob.out.text)
        mallory.give(call, good)
        bob.expect(r"^\* dave invites you to the sealed room \+lair, ")

    def test_of_a_sender_key(self):
        """Nothing opens under it that was sealed under the key itself, which bob never gets."""
        alice, bob, carol = self.with_founder(*harness.FAST)
        room = self.quiet(alice)
        key = SenderKey(room.list.room, room.list.hash)
        statement = room.statement("never shown", key)
        sealed = rooms.seal(key, statement, alice.identity.sign(statement.message()))
        call = alice.call("bob")
        for payload in filter(has_layout, flipped(key.payload())):
            call.wait_acked(alice.give(call, payload))
            self.post(alice, sealed)
        self.give_all(alice, "bob", [payload for payload in (*flipped(key.payload()), *cut(key.payload()))
                                     if not has_layout(payload)])
        self.loud(alice, bob, carol)
        self.tells("it goes on", alice)
        self.hears("it goes on", "alice", bob, carol)
        self.check({bob: ["so far", "it goes on"], carol: ["so far", "it goes on"]})
        self.assertEqual(bob.err.text + carol.err.text, "")

    def test_of_leave(self):
        """Nobody is removed by it, but by leave itself."""
        alice, bob, carol = self.with_insider()
        leave = bytes([rooms.LEAVE]) + self.quiet(carol).list.room
        self.give_all(carol, "alice", [*flipped(leave), *cut(leave)])
        self.talk("she is still on it", bob, alice)
        self.assertNotIn("is not on its list", alice.out.text + bob.out.text)
        self.give_all(carol, "alice", [leave])
        alice.expect(r"^\* \+exam: carol left, or declined, and is not on its list any more$")
        bob.expect(r"^\* \+exam: carol is not on its list any more$")


if __name__ == "__main__":
    harness.main()
