#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""A server that betrays the members of a sealed room: it withholds, repeats, changes and mixes up what they seal, keeps
them apart, and puts others in. What stands on their screens then."""
import re
import time

import harness
from glasschat_room import KEY, LIST
from treacherous_rooms_case import ANEW, MISSING, NEW, OLD_LIST, ROOM, STOPPED, UNSEEN, TreacherousRoomsCase


class Withheld(TreacherousRoomsCase):
    @harness.waits
    def test_a_removal(self):
        """Who has not got the list goes on sealing to who was removed: it can't be kept from it. The first line under
        the newer list can't be opened there, and says so; lines under the older one are marked at those who have it."""
        alice, bob, carol = self.room("alice", "bob", "carol")
        self.talk("with carol", alice, bob, carol)
        self.talk("and bob", bob, alice, carol)  # alice has his key from now on
        self.betray("apart alice bob")
        alice.say("/remove carol")
        carol.expect(r"^\* \+exam: you are not on its list any more, and can read nothing that is said now$")
        self.talk("bob knows nothing of it", bob, alice, marks=OLD_LIST)
        self.says("without carol", alice)
        self.unopened(bob, "alice")
        self.betray("end")
        self.betray("none")
        self.talk("bob will learn it now", alice, bob, marks=MISSING)
        self.assertRegex(bob.out.text, r"\n\* \+exam: carol is not on its list any more\n")
        self.talk("and so he has", bob, alice)
        self.check({alice: ["and bob", "bob knows nothing of it", "and so he has"],
                    bob: ["with carol", "bob will learn it now"], carol: ["with carol", "and bob"]})

    @harness.waits
    def test_a_removal_from_who_is_removed(self):
        """It is no use: her client goes on as if nothing had happened, and opens nothing any more."""
        alice, bob, carol = self.room("alice", "bob", "carol")
        self.talk("with carol", alice, bob, carol)
        self.talk("she says so", carol, alice, bob)  # they have her key from now on
        self.betray("apart alice,bob carol")
        alice.say("/remove carol")
        for user in alice, bob:
            user.expect(r"^\* \+exam: carol is not on its list any more$")
        self.talk("I am here", carol, alice, bob, marks=OLD_LIST)  # for 30 s
        self.talk("without carol", alice, bob)
        self.talk("indeed", bob, alice)
        self.unopened(carol, "alice")
        self.unopened(carol, "bob")
        self.says("I am here still", carol)
        self.talk("is she?", alice, bob)
        self.check({alice: ["she says so", "I am here", "indeed"],
                    bob: ["with carol", "she says so", "I am here", "without carol", "is she?"], carol: ["with carol"]})

    def test_a_line_from_one_of_them(self):
        """An answer to it is marked, and so is the next line of the same sender."""
        alice, bob, carol = self.room("alice", "bob", "carol")
        self.talk("one", alice, bob, carol)
        self.talk("two", carol, alice, bob)
        self.betray("withhold-line alice bob")
        self.talk("not for bob", alice, carol)
        self.says("why not?", carol)
        self.hears("why not?", "carol", alice)
        self.hears("why not?", "carol", bob, marks=UNSEEN)
        self.betray("none")
        self.says("because", alice)
        self.hears("because", "alice", carol)
        self.hears("because", "alice", bob, marks=MISSING)
        self.talk("I see", bob, alice, carol)
        self.check({bob: ["one", "two", "why not?", "because"], carol: ["one", "not for bob", "because", "I see"]})

    def test_the_last_lines_of_a_key(self):
        """What comes under the next key shows it all the same."""
        alice, bob, carol = self.room("alice", "bob", "carol")
        self.talk("one", alice, bob, carol)
        self.betray("withhold-line alice bob")
        before = self.withheld("bob")
        self.talk("the last", alice, carol)
        self.until_withheld("bob", before + 1)
        self.betray("none")
        alice.say("/remove carol")
        for user in alice, bob:
            user.expect(r"^\* \+exam: carol is not on its list any more$")
        self.talk("the first", alice, bob, marks=MISSING)
        self.check({bob: ["one", "the first"], carol: ["one", "the last"]})

    def test_mixed_up(self):
        """An answer before what it answers."""
        alice, bob, carol = self.room("alice", "bob", "carol")
        for i, user in enumerate((alice, bob, carol)):
            self.talk(f"line {i}", user, *(other for other in (alice, bob, carol) if other is not user))
        self.betray("hold-line alice carol")
        self.talk("shall we?", alice, bob)
        self.says("yes", bob)
        self.hears("yes", "bob", alice)
        self.hears("yes", "bob", carol, marks=UNSEEN)
        self.betray("release-lines")
        self.hears("shall we?", "alice", carol)
        self.check({carol: ["line 0", "line 1", "yes", "shall we?"]})


class Repeated(TreacherousRoomsCase):
    def test_at_once(self):
        """Shown once, and told."""
        alice, bob = self.room("alice", "bob")
        self.betray("replay")
        self.talk("one", alice, bob)
        self.unopened(bob, "alice")  # once a minute
        self.talk("two", alice, bob)
        self.betray("none")
        self.talk("three", alice, bob)
        self.check({bob: ["one", "two", "three"]})

    @harness.waits
    def test_later_and_to_a_newcomer(self):
        """Who comes later reads nothing of before, though it is all handed over."""
        alice, bob, carol = self.room("alice", "bob", "carol")
        self.talk("one", alice, bob, carol)
        self.talk("two", bob, alice, carol)
        alice.say("/remove carol")
        bob.expect("carol is not on its list")
        carol.expect("you are not on its list")
        self.talk("three", alice, bob)
        self.invite(alice, carol)
        self.accept("alice", carol)
        for listener in bob, carol:
            self.betray("say-again " + listener.user)
        self.unopened(carol, "alice")
        self.unopened(bob, "alice")
        self.talk("four", alice, bob, carol)
        self.check({bob: ["one", "three", "four"], carol: ["one", "two", "four"]})

    def test_in_another_room_of_the_name(self):
        """Dropped without a word: it is another room's."""
        alice, bob = self.room("alice", "bob")
        self.talk("in the first", alice, bob)
        alice.say("/close\nyes")
        for user in alice, bob:
            user.expect(r"^\* \+exam: its founder has closed it$")
        self.found(alice)
        self.invite(alice, bob)
        self.accept("alice", bob)
        self.betray("say-again bob")
        self.talk("in the second", alice, bob)
        self.check({bob: ["in the first", "in the second"]})
        self.assertNotIn("could not be opened", bob.out.text)

    @harness.waits
    def test_as_anothers(self):
        """Neither alice's line nor the tag is carol's."""
        alice, bob, carol = self.room("alice", "bob", "carol")
        self.talk("one", carol, alice, bob)
        self.betray("stamp-line alice carol")
        self.talk("mine", alice, bob)
        self.betray("none")
        self.unopened(bob, "carol")
        self.talk("mine, too", alice, bob, carol)
        self.check({bob: ["one", "mine", "mine, too"]})


class Changed(TreacherousRoomsCase):
    def test_each_byte_of_what_is_sealed(self):
        """A bit of each byte from the number on, and each length: nothing of it is shown, and the line itself is."""
        alice, bob = self.room("alice", "bob")
        self.talk("before", alice, bob)
        self.betray("spoil-line bob 64")
        self.says("the line itself, and no other", alice)
        self.unopened(bob, "alice")
        self.hears("the line itself, and no other", "alice", bob)
        self.betray("none")
        self.talk("after", alice, bob)
        self.check({bob: ["before", "the line itself, and no other", "after"]})

    def test_each_byte_of_what_it_names(self):
        """Of another room: dropped. Of a list or key that may still come: held, and told. Neither keeps the line itself
        from being shown, nor the next one."""
        alice, bob = self.room("alice", "bob")
        self.talk("before", alice, bob)
        self.betray("spoil-line bob")
        self.says("this one comes behind them", alice)
        self.unopened(bob, "alice")
        bob.expect(rf"^\[\+exam\] alice, {NEW}: this one comes behind them$")
        self.betray("none")
        self.talk("can you read this?", alice, bob)
        self.check({})


class Apart(TreacherousRoomsCase):
    def test_a_founder_who_is_killed_between_saving_and_giving(self):
        """The list is on disk, and nobody has it: it is given when she is back, and no other."""
        alice, bob, carol = self.room("alice", "bob", "carol")
        self.talk("one", bob, alice, carol)
        self.betray("apart alice bob,carol")
        alice.say("/remove carol")
        alice.expect(r"^\* \+exam: carol is not on its list any more$")
        alice.kill()
        alice.wait()
        self.betray("end")
        self.betray("none")
        alice = self.enter("alice", bob)
        self.assertRegex(bob.out.text, r"\n\* \+exam: carol is not on its list any more\n")
        self.talk("two", bob, alice)
        self.says("am I in?", carol)  # to say it she calls, and is given the list
        carol.expect(r"^\* \+exam: you are not on its list any more, and can read nothing that is said now$")
        self.talk("three", alice, bob)
        self.check({carol: ["one"]})
        for user in alice, bob, carol:
            self.assertNotIn("two lists", user.err.text)

    def test_a_member_who_is_killed_at_every_point(self):
        """Asked, in, with a new list, without a removal: he is where he was, and goes on."""
        self.begin(names=("alice", "bob", "carol"))
        alice, bob, carol = (self.users[name] for name in self.names)
        self.found(alice)
        self.invite(alice, bob)
        bob.expect(r"^\* \+exam: to be in it: ")
        bob.kill()
        bob.wait()
        bob = self.again("bob")

        def is_asked():
            alice.say("/invite bob")  # who is on the list already, and is given it again
            time.sleep(2)
            return "/accept +exam" in bob.out.text
        harness.wait_until(is_asked, "he is asked again")
        self.accept("alice", bob)
        self.talk("one", alice, bob)
        bob.kill()
        bob.wait()
        self.invite(alice, carol)
        self.accept("alice", carol)
        bob = self.enter("bob", alice, carol)
        self.assertRegex(bob.out.text, r"\n\* \+exam: carol was added: ")
        self.talk("two", alice, bob, carol)
        self.talk("three", bob, alice, carol)
        bob.kill()
        bob.wait()
        alice.say("/remove carol")
        carol.expect("you are not on its list any more")
        bob = self.enter("bob", alice)
        self.assertRegex(bob.out.text, r"\n\* \+exam: carol is not on its list any more\n")
        self.talk("four", bob, alice, marks=ANEW)
        self.check({alice: ["three", "four"], carol: ["two", "three"]})

    @harness.waits
    def test_others_go_on(self):
        """Who begin anew, with keys of which she gets none: each is told, once, that she can't read what they say. Nor
        can she, until she is reached."""
        alice, bob, carol = self.room("alice", "bob", "carol")
        for i, user in enumerate((alice, bob, carol)):
            self.talk(f"{i} of all", user, *(other for other in (alice, bob, carol) if other is not user))
        for user in alice, bob:
            user.close()
            carol.expect(rf"^\* {user.user} left \+exam$")
        self.betray("apart alice,bob carol")
        alice = self.enter("alice")
        bob = self.enter("bob", alice)
        for i in range(3):
            self.talk(f"{i} of alice", alice, bob)
            self.talk(f"{i} of bob", bob, alice)
        for user in alice, bob:
            self.assertEqual(re.findall(r"^\* \+exam: (.*) can't read what you say now: ", user.out.text, re.M), ["carol"])
        self.unopened(carol, "alice")
        self.unopened(carol, "bob")
        self.betray("none")
        before = len(self.said)

        def is_reached():
            self.says(f"can you read this? {len(self.said)}", alice)  # who calls her once in 15 s
            time.sleep(1)
            return len(self.heard(carol)) > 2  # 0 and 1 of all
        harness.wait_until(is_reached, "carol can read again", 2 * harness.PATIENCE)
        carol.expect(rf"^\[\+exam\] alice, {NEW} \({MISSING}; {UNSEEN}\): can you read this\?")
        self.hears(self.said[-1], "alice", bob)
        self.check({alice: [f"{i} of bob" for i in range(3)], bob: [f"{i} of alice" for i in range(3)] + self.said[before:]})
        self.assertLessEqual(set(self.heard(carol)[2:]), set(self.said[before:]))


class PutIn(TreacherousRoomsCase):
    def put_in(self, trusted):
        """Somebody stands among those who are there, and is handed all that is sealed; calls, and is called."""
        alice, bob = self.room("alice", "bob")
        mallory = self.insider("carol")
        for name in "alice", "bob":
            mallory.call(name)
        if trusted:
            alice.say("/verify carol " + mallory.safety_number("alice"))
            alice.expect("the key of carol is compared from now on")
        self.betray("put-in carol " + ROOM)
        alice.say("/who")
        alice.expect(r"^\* \+exam: carol is there without being on its list, and hears nothing$")
        self.talk("not for carol", alice, bob)
        self.talk("nor this", bob, alice)
        bob.close()
        bob = self.enter("bob", alice)
        self.talk("nor that", alice, bob)
        harness.wait_until(lambda: len(mallory.overheard) >= 3, "it is handed over")
        self.assertEqual(mallory.given_to_me, [])
        self.assertEqual(mallory.rooms_known, {})
        self.check({alice: ["nor this"]})
        self.betray("none")
        self.joined(alice, mallory)  # there is a way in, and it is seen
        bob.expect(r"^\* \+exam: carol was added: ")
        self.talk("for carol", alice, bob)
        self.assertEqual(mallory.wait_line(ROOM).text, "for carol")
        self.assertEqual({kind for _, kind in mallory.given_to_me}, {LIST, KEY})

    def test_a_stranger(self):
        self.put_in(trusted=False)

    def test_an_accomplice_who_is_known_and_compared(self):
        self.put_in(trusted=True)

    def test_a_member_who_is_not_there(self):
        """Who is there is the server's word: that she can't read is told when it is true, and not when it lies."""
        alice, bob, carol = self.room("alice", "bob", "carol")
        alice.expect(r"^\* carol joined \+exam$")  # else nothing may be told: the server gathers who comes and goes
        carol.close()
        alice.expect(r"^\* carol left \+exam$")
        self.talk("to bob alone", alice, bob)
        alice.expect(r"^\* \+exam: carol can't read what you say now: ")
        self.betray("put-in carol " + ROOM)
        alice.expect(r"^\* carol joined \+exam$")
        self.talk("to bob and carol?", alice, bob)
        self.assertEqual(alice.out.text.count("can't read"), 1)
        self.check({carol: []})

    def test_a_member_who_is_hidden(self):
        """Named as one who can't read, though he can: it errs in no other way."""
        alice, bob, carol = self.room("alice", "bob", "carol")
        self.betray("hide bob " + ROOM)
        for user in alice, carol:
            user.expect(r"^\* bob left \+exam$")
        self.talk("is bob there?", alice, carol, bob)
        alice.expect(r"^\* \+exam: bob can't read what you say now: ")
        self.check({bob: ["is bob there?"]})

    def test_as_a_member_with_another_key(self):
        """The server calls as carol: who is not on the list with that key gets neither list nor key."""
        alice, bob = self.room("alice", "bob")
        carol = self.users["carol"] = self.client(self.betrayer, "carol")
        self.there(carol)
        self.invite(alice, carol)
        carol.expect(r"^\* \+exam: to be in it: ")
        self.betray("swap-keys")
        carol.say(f"/accept {ROOM} alice")
        carol.expect(r"^\* what is said in \+exam is signed: ")
        self.talk("not for mallory", bob, alice)
        bob.expect(r"^\* \+exam: carol can't read what you say now: ")
        bob.say("/who")
        bob.expect(r"^\* \+exam: carol, who is said to be there, and has not confirmed a key of yours: on the list with another key than the one you know: can't read$")
        self.assertNotIn(b"from bob to carol: [", self.betrayer.tap)
        self.assertNotIn(b"from carol to bob: [", self.betrayer.tap)
        self.check({carol: []})

    def test_when_keys_are_swapped_before(self):
        """Who invites somebody whose key is new and not compared invites whoever has it: it stands there."""
        self.begin(names=("alice", "bob"), misdeed="swap-keys")
        alice = self.users["alice"]
        self.found(alice)
        alice.say("/invite bob")
        alice.expect(r"^\* \+exam: bob was added: new, not compared$")
        harness.wait_until(lambda: b"from alice to bob: [a list]" in self.betrayer.tap, "mallory is in")
        self.assertNotIn("/accept", self.users["bob"].out.text)  # who is not on that list with his key


class Tapped(TreacherousRoomsCase):
    def test_no_word_of_a_room_is_read(self):
        """Who is there, and when something is said, is; and the same words in the lobby are."""
        alice, bob, carol = self.room("alice", "bob", "carol")
        words = "bergamot and vetiver, at dawn"
        self.talk(words, alice, bob, carol)
        self.talk("vetiver alone", bob, alice, carol)
        before = self.betrayer.tap
        self.assertIn(ROOM.encode(), before)
        for word in "bergamot", "vetiver", "dawn", "alone":
            self.assertNotIn(word.encode(), before.lower(), word)
        for user in alice, bob:
            user.say("/join lobby")
            user.expect("lobby")
        alice.say(words)
        bob.expect(r"^\[lobby\] alice: " + re.escape(words))
        self.assertIn(words.encode(), self.betrayer.tap)
        self.assertNotRegex(bob.err.text, STOPPED)


if __name__ == "__main__":
    harness.main()
