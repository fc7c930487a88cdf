#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Sealed rooms as their members see them: real clients, by pipe and at terminals, through the real server."""
import os
import re
import signal
import subprocess

import glasschat_client as wire
import harness
from commands_case import holds
from direct_case import NEW, NOT_HERE, DirectCase

ROOM = "+exam"
SIGNED = r"^\* what is said in \+exam is signed: whoever reads it can prove to anybody who said it\r?$"
BEHIND = r" \(line {}: nothing after it was done or said\)\n"


class SealedCase(DirectCase):
    def users(self, *names, options=(), **kw):
        server = self.server(*options)
        return server, *(self.user(server, name, **kw) for name in names)

    def room(self, *names, **kw):
        """A server, and users who are in a room that the first of them has founded."""
        server, founder, *others = self.users(*names, **kw)
        founder.say("/seal " + ROOM)
        founder.expect(SIGNED)
        for i, other in enumerate(others):
            self.invite(founder, other)
            self.accept(founder, other)
            for earlier in others[:i]:
                earlier.expect(rf"^\* \+exam: {other.user} was added: ")
                earlier.expect(rf"^\* first call with {other.user}, ")
                other.expect(rf"^\* first call with {earlier.user}, ")
        return server, founder, *others

    def invite(self, founder, other):
        founder.say("/invite " + other.user)
        founder.expect(rf"^\* \+exam: {other.user} was added: [a-z, ]+\r?$")
        other.expect(rf"^\* \+exam: to be in it: /accept \+exam {founder.user}; if you don't want to be: /leave \+exam {founder.user}\r?$")

    def invite_again(self, founder, other):
        """Who is on its list, and was never asked."""
        founder.say("/invite " + other.user)
        founder.expect(rf"^\* \+exam: {other.user} is on its list already: calling them to invite them once more\r?$")
        other.expect(rf"^\* \+exam: to be in it: /accept \+exam {founder.user}; ")

    def accept(self, founder, other):
        other.say(f"/accept {ROOM} {founder.user}")
        other.expect(r"^\* you are in the sealed room \+exam now\r?$")
        other.expect(SIGNED)

    def hear(self, text, sender, *listeners, state=NEW, marks=""):
        for listener in listeners:
            listener.expect(rf"^\[\+exam\] {sender.user}, {state}{re.escape(marks)}: {re.escape(text)}\r?$")

    def talk(self, text, sender, *listeners, **kw):
        sender.say(text)
        self.hear(text, sender, *listeners, **kw)

    def heard(self, user):
        return re.findall(r"^\[\+exam\] \w+, [^:]*: (.*?)\r?$", user.out.text, re.M)

    def again(self, server, name, *others, **kw):
        """A client of somebody who was in the room, started again; the others have seen it."""
        user = self.client(server, name, register=False, **kw)
        user.expect(r"^\* you are in the sealed room \+exam: /join \+exam\r?$")
        user.say("/join " + ROOM)
        user.expect(SIGNED)
        for other in others:
            other.expect(rf"^\* {name} joined \+exam\r?$")
        return user

    def silent(self, *users):
        self.assertEqual("".join(user.err.text for user in users), "")


class Rooms(SealedCase):
    def verify(self, path):
        return subprocess.run([harness.program("glass"), "transcript", "verify", path], capture_output=True, text=True)

    def test_what_was_said_is_saved_and_checked(self):
        _, alice, bob, carol = self.room("alice", "bob", "carol")
        self.talk("the exam is on Monday", alice, bob, carol)
        self.talk("thank you", bob, alice, carol)
        alice.say("/remove carol")
        bob.expect(r"^\* \+exam: carol is not on its list any more\r?$")
        self.talk("on Tuesday, really", alice, bob)
        path = os.path.join(self.folder, "receipt")
        bob.say("/save " + path)
        bob.expect(rf"^\* \+exam: saved in {path}, which you can show to anybody: ")
        self.assertEqual(os.stat(path).st_mode & 0o777, 0o600)
        done = self.verify(path)
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        self.assertRegex(done.stdout, r"\n1 \[alice\] the exam is on Monday\n2 \[bob, .*\] thank you\n(.*\n)?"
                                      r"3 \[alice, .*\] on Tuesday, really\n")
        with open(path) as f:
            lines = f.read().splitlines(keepends=True)
        said = [n for n, line in enumerate(lines) if line.startswith("said ")]
        flipped = lines[said[1]][:60] + ("A" if lines[said[1]][60] != "A" else "B") + lines[said[1]][61:]
        one, two, three = (lines[n] for n in said)
        for what, put, wrong in (("edited", [one, flipped, three], 1), ("the first is cut out", [two, three], 0),
                                 ("the last is cut out", [one, two], 2), ("turned round", [one, three, two], 1)):
            other = self.path(what.replace(" ", "-"), "".join(lines[:said[0]] + put + lines[said[-1] + 1:]).encode())
            done = self.verify(other)
            self.assertEqual((done.returncode, done.stdout), (1, ""), what)
            self.assertIn(f": line {said[wrong] + 1}: ", done.stderr, what)
        bob.say("/save " + path)
        bob.err.expect(r"^glasschat: \+exam: not saved: .*")

    def test_three_talk(self):
        server, *three = self.room("alice", "bob", "carol")
        said = []
        for i in range(12):
            sender = three[i % 3]
            said.append(f"{i}: it's {sender.user}")
            self.talk(said[-1], sender, *(user for user in three if user is not sender))
        for user in three:
            self.assertEqual(self.heard(user), [text for text in said if user.user not in text])
        self.leave(*three)
        self.silent(*three)

    def test_the_server_never_has_the_text(self):
        """It gets it as seal alone: whoever comes to its room without being on the list hears nothing."""
        server, alice, bob = self.room("alice", "bob")
        with wire.Client(server.port, timeout=harness.PATIENCE) as eve:
            eve.enter("eve")
            eve.ready()
            eve.join(ROOM)
            bob.expect(r"^\* eve joined \+exam\r?$")
            self.talk("bergamot and vetiver", alice, bob)
            alice.say("//slash")
            self.hear("/slash", alice, bob)
            self.assertEqual(eve.wait_for(wire.SEALED).sender, "alice")
            eve.ask(wire.PING)
            self.assertNotIn(wire.SAID, [m.type for m in eve.pushed])
            alice.say("/who")
            alice.expect(r"^\* \+exam: eve is there without being on its list, and hears nothing\r?$")
            alice.expect(r"\* \+exam: alice, who founded it, who is there: you\r?$")
            alice.expect(rf"^\* \+exam: bob, who is there: {NEW}\r?$")
        if not harness.sanitized():
            self.assertEqual(holds(server, b"bergamot and vetiver"), [])
        self.leave(alice, bob)
        self.silent(alice, bob)

    def test_a_script_founds_and_invites(self):
        """What follows each command waits for it."""
        server, bob, carol = self.users("bob", "carol")
        out, err = self.run_script(server, "alice", ["/seal +exam", "/invite bob", "/invite carol", "one", "two", "/who"],
                                   register=True)
        self.assertEqual(err, "")
        self.assertRegex(out, r"\n\* \+exam: carol was added: " + NEW + r"\n\* \+exam: bob, carol can't read what you say "
                              r"now: not there, or without a key of yours\n")
        self.assertEqual(out.count("can't read"), 1)
        self.assertIn(f"\n* +exam: bob, who is not there: {NEW}\n", out)
        bob.expect("/accept")
        self.accept(self.client(server, "alice", register=False), bob)

    def test_a_script_that_is_a_member(self):
        """At its end all is said; and whoever it says it to is called before."""
        server, alice, bob = self.room("alice", "bob")
        self.leave(bob)
        out, err = self.run_script(server, "bob", ["/join +exam", "one", "two", "/join lobby", "three"])
        self.assertEqual(err, "")
        self.hear("one", bob, alice)
        self.hear("two", bob, alice)
        harness.wait_until(lambda: "\n[lobby] bob: three\n" in alice.out.text, "it was said in the lobby")
        self.assertNotIn("can't read", out)

    def test_a_newcomer_reads_nothing_earlier(self):
        server, alice, bob = self.room("alice", "bob")
        self.talk("before", alice, bob)
        self.talk("before, too", bob, alice)
        carol = self.user(server, "carol")
        self.invite(alice, carol)
        self.accept(alice, carol)
        bob.expect(r"^\* \+exam: carol was added: not met yet\r?$")
        self.talk("after", alice, bob, carol)
        self.talk("after, too", bob, alice, carol)
        self.assertEqual(self.heard(carol), ["after", "after, too"])
        self.leave(alice, bob, carol)

    def test_who_is_removed_reads_nothing_from_then_on(self):
        server, alice, bob, carol = self.room("alice", "bob", "carol")
        self.talk("to all", alice, bob, carol)
        alice.say("/remove bob")
        for user in alice, carol:
            user.expect(r"^\* \+exam: bob is not on its list any more\r?$")
        bob.expect(r"^\* \+exam: you are not on its list any more, and can read nothing that is said now\r?$")
        self.talk("without bob", alice, carol)
        self.talk("nor by carol", carol, alice)
        bob.say("may I?")
        bob.err.expect(r"^glasschat: not said in \+exam: you are not on its list any more.*; it was: may I\?$")
        self.assertEqual(self.heard(bob), ["to all"])
        self.assertEqual(self.heard(alice), ["nor by carol"])
        self.assertEqual(self.heard(carol), ["to all", "without bob"])
        self.invite(alice, bob)  # and back
        self.accept(alice, bob)
        self.talk("bob again", alice, bob, carol)
        self.talk("here", bob, alice, carol)
        self.leave(alice, carol)
        self.leave(bob, status=1)

    def test_lines_pasted_behind_a_new_list(self):
        """Each comes while the call that its key comes in is still being computed, as they have never met."""
        server, alice, bob = self.room("alice", "bob")
        carol = self.user(server, "carol", terminal=True, env={"TERM": "dumb"})
        self.invite(alice, carol)
        pasted = [f"line {i}" for i in range(20)]
        carol.say("\n".join([f"/accept {ROOM} alice", *pasted]))
        for user in alice, bob:
            user.expect(r"^\[\+exam\] carol, .*: line 19\r?$")
            self.assertEqual(self.heard(user), pasted)
            self.assertNotIn("could not be opened", user.out.text)
        self.leave(alice, bob)
        carol.type("/quit\n")
        self.assertEqual(carol.wait(), 0)

    def test_leaving_is_for_good(self):
        server, alice, bob, carol = self.room("alice", "bob", "carol")
        bob.say("/leave")
        bob.expect(r"^\* you left \+exam for good: its keys are forgotten, and alice is told, now, or once you are both here\r?$")
        alice.expect(r"^\* \+exam: bob left, or declined, and is not on its list any more\r?$")
        carol.expect(r"^\* \+exam: bob is not on its list any more\r?$")
        bob.expect(r"^\* you left \+exam\r?$")
        bob.say("in the lobby")
        carol.expect(r"^\[lobby\] bob: in the lobby\r?$")
        self.talk("without bob", alice, carol)
        self.assertEqual(self.heard(bob), [])
        self.leave(bob)
        self.assertNotIn("not on its list any more", bob.out.text)
        _, err = self.run_script(server, "bob", ["/join +exam", "never said"], status=1)
        self.assertRegex(err, r"^glasschat: \+exam: you are not on its list any more.*" + BEHIND.format(1))
        alice.say("/leave")
        alice.err.expect(r"^glasschat: \+exam: you founded it: .* /close it; .*nothing after")
        self.assertEqual(alice.wait(), 1)

    def test_leaving_without_a_call(self):
        """The founder is called, and told."""
        server, alice, bob = self.room("alice", "bob")
        self.leave(bob)
        out, err = self.run_script(server, "bob", ["/leave +exam"])
        self.assertIn("* you left +exam for good", out)
        alice.expect(r"^\* \+exam: bob left, or declined, and is not on its list any more\r?$")
        self.leave(alice)

    def test_one_of_two_rooms_of_one_name_is_declined(self):
        """By whoever is in the other, and stays there."""
        server, alice, bob, carol = self.users("alice", "bob", "carol")
        for founder in alice, carol:
            founder.say("/seal +exam")
            founder.expect(SIGNED)
            self.invite(founder, bob)
        self.accept(alice, bob)
        bob.say("/leave +exam carol")
        bob.expect(r"^\* you declined the invitation to \+exam, and carol is told, ")
        carol.expect(r"^\* \+exam: bob left, or declined, and is not on its list any more\r?$")
        self.talk("still here", bob, alice)
        bob.say("/leave +exam carol")
        bob.err.expect(r"^glasschat: \+exam: you have no such invitation \(line")
        bob.wait()
        self.leave(alice, carol)

    def test_an_invitation_is_declined(self):
        server, alice, bob = self.users("alice", "bob")
        alice.say("/seal +exam")
        alice.expect(SIGNED)
        self.invite(alice, bob)
        alice.say("/invite bob")
        alice.expect(r"^\* \+exam: bob is on its list already: calling them to invite them once more\r?$")
        bob.say("/leave +exam alice")
        bob.expect(r"^\* you declined the invitation to \+exam, and alice is told, now, or once you are both here\r?$")
        alice.expect(r"^\* \+exam: bob left, or declined, and is not on its list any more\r?$")
        self.assertNotIn("you left", bob.out.text)
        self.invite(alice, bob)
        self.accept(alice, bob)
        alice.say("/remove bob")
        alice.expect(r"^\* \+exam: bob is not on its list any more\r?$")
        bob.expect("you are not on its list any more")
        bob.say("/who")
        bob.expect(r"^\* \+exam: you were removed from its list, and can read nothing that is said now\r?$")
        self.assertNotIn("without being on its list", bob.out.text)
        self.leave(alice, bob)

    def test_an_invitation_that_is_on_its_way_is_taken_back(self):
        server = self.server()
        alice = self.user(server, "alice", terminal=True, env={"TERM": "dumb"})
        bob = self.user(server, "bob")
        alice.say("/seal +exam")
        alice.expect(SIGNED)
        os.kill(bob.pid, signal.SIGSTOP)
        alice.say("/invite bob")
        alice.expect(r"\* \+exam: calling bob to invite them\r?$")
        alice.say("/remove bob")
        alice.expect(r"\* \+exam: bob is not invited any more\r?$")
        os.kill(bob.pid, signal.SIGCONT)
        alice.say("/msg bob are you there?")
        bob.expect(r"^\[alice, new, not compared\] are you there\?$")
        alice.say("/who")
        alice.expect(r"\* \+exam: alice, who founded it, who is there: you\r?$")
        self.assertNotIn("was added", alice.out.text)
        self.assertNotIn("invites you", bob.out.text)
        bob.say("/join +exam")
        bob.err.expect(r"^glasschat: \+exam: no sealed room of that name is known here: ")
        alice.type("/quit\n")
        self.assertEqual((alice.wait(), bob.wait()), (0, 1))

    def test_an_invitation_to_another_room_of_the_name(self):
        """Whoever is in one hears of it, as the founder takes them for a member."""
        server, alice, bob, carol = self.users("alice", "bob", "carol")
        for founder in alice, carol:
            founder.say("/seal +exam")
            founder.expect(SIGNED)
        self.invite(alice, bob)
        self.accept(alice, bob)
        carol.say("/invite bob")
        bob.expect(r"^\* carol invites you to another sealed room \+exam, but you can be in only one of that name: once "
                   r"you are out of yours, carol can invite you again\r?$")
        bob.say("/leave +exam alice")  # as it is no invitation any more
        bob.expect(r"^\* you left \+exam for good: its keys are forgotten, and alice is told, ")
        bob.expect(r"^\* you left \+exam\r?$")
        self.invite_again(carol, bob)
        self.accept(carol, bob)
        self.talk("in carol's", bob, carol)
        self.leave(alice, bob, carol)

    def test_what_was_said_is_saved_after_the_end(self):
        """By who left, and by who closed the room; not by who declined."""
        _, alice, bob, carol = self.room("alice", "bob", "carol")
        self.talk("the exam is on Monday", alice, bob, carol)
        for user, commands in (bob, "/leave"), (alice, "/close\nyes"):
            path = os.path.join(self.folder, "receipt-" + user.user)
            user.say(commands)
            user.expect(r"^\* \+exam: /save FILE \+exam keeps what was said there, until you quit, .*\r?$")
            user.expect(r"^\* you left \+exam\r?$")
            user.say(f"/save {path} +exam")
            user.expect(rf"^\* \+exam: saved in {path}, which you can show to anybody: ")
            self.assertIn("\n1 [alice] the exam is on Monday\n", self.verify(path).stdout)
        path = os.path.join(self.folder, "receipt-carol")
        carol.expect("its founder has closed it")
        carol.say("/save " + path)  # where she still talks
        carol.expect(r"^\* \+exam: saved in ")
        self.leave(alice, bob, carol)

    def test_closing(self):
        """Once, for ever, and after a question."""
        server, alice, bob = self.room("alice", "bob")
        bob.say("/close")
        bob.err.expect(r"^glasschat: \+exam: only alice, who founded it, can close it \(line")
        self.assertEqual(bob.wait(), 1)
        bob = self.again(server, "bob")
        alice.say("/close\nyes")
        alice.expect(r"^\* \+exam: nobody can say anything there again, nor be invited; nothing undoes it$")
        for user in alice, bob:
            user.expect(r"^\* \+exam: its founder has closed it$")
        alice.expect(r"^\* you left \+exam$")
        bob.say("is it?")
        bob.err.expect(r"^glasschat: not said in \+exam: its founder has closed it; it was: is it\?$")
        alice.say("/seal +exam")  # another one
        alice.expect(SIGNED)
        self.invite(alice, bob)
        self.accept(alice, bob)
        self.talk("once more", alice, bob)
        self.talk("indeed", bob, alice)
        self.leave(alice)
        self.leave(bob, status=1)

    def test_what_is_not_yes_closes_nothing(self):
        server, alice, bob = self.room("alice", "bob")
        alice.say("/close\nYes")
        alice.err.expect(r"^glasschat: \+exam: not closed: that was not yes \(line")
        self.assertEqual(alice.wait(), 1)
        alice = self.again(server, "alice", bob)
        self.talk("it is open", alice, bob)
        self.leave(alice, bob)

    def test_clients_are_started_again(self):
        """A member's, and the founder's; neither missed a line here, and the others see that they began anew."""
        server, alice, bob, carol = self.room("alice", "bob", "carol")
        self.talk("one", bob, alice, carol)
        self.talk("two", alice, bob, carol)
        self.leave(bob)
        self.talk("without bob", carol, alice)
        bob = self.again(server, "bob", alice, carol)
        self.talk("three", alice, bob, carol)
        self.talk("four", bob, alice, carol, marks=" (began anew)")
        self.talk("five", bob, alice, carol)
        self.leave(alice)
        alice = self.again(server, "alice", bob, carol)
        self.talk("six", alice, bob, carol, marks=" (began anew)")
        self.talk("seven", carol, alice, bob)
        alice.say("/remove carol")
        bob.expect(r"^\* \+exam: carol is not on its list any more\r?$")
        self.talk("eight", bob, alice)
        self.assertEqual(self.heard(bob), ["three", "six", "seven"])  # since he was started again
        self.leave(alice, bob, carol)
        self.silent(alice, bob, carol)

    def test_who_is_not_there_is_named(self):
        """Once, until it changes."""
        server, alice, bob, carol = self.room("alice", "bob", "carol")
        self.talk("all", alice, bob, carol)
        self.leave(carol)
        alice.expect(r"^\* carol left \+exam\r?$")
        self.talk("one", alice, bob)
        alice.expect(r"^\* \+exam: carol can't read what you say now: not there, or without a key of yours\r?$")
        self.talk("two", alice, bob)
        carol = self.again(server, "carol", alice, bob)
        self.talk("three", alice, bob, carol)
        self.leave(alice, bob, carol)
        self.assertEqual(alice.out.text.count("can't read"), 1)
        self.assertEqual(self.heard(carol), ["three"])

    def test_two_rooms_and_what_is_beside_them(self):
        """Each line goes where it was typed for."""
        server, alice, bob = self.room("alice", "bob")
        carol = self.user(server, "carol")
        alice.type("/seal +den\n/invite carol\n")
        carol.expect(r"/accept \+den alice; ")
        carol.say("/accept +den alice")
        alice.expect(r"^\* carol joined \+den$")
        alice.type("in the den\n/msg bob for bob\n/join +exam\nin the exam\n/call carol\nfor carol\n/leave\nin the exam again\n"
                   "/join lobby\nin the lobby\n/join +den\nat last\n")
        carol.expect(r"^\[\+den\] alice, .*: at last$")
        bob.expect(r"^\[lobby\] alice: in the lobby$")
        self.leave(alice, bob, carol)
        pattern = r"^\[([^]]*)\](?: alice.*?:)? (.*)$"
        self.assertCountEqual(re.findall(pattern, bob.out.text, re.M),
                              [("alice, " + NEW, "for bob"), ("+exam", "in the exam"), ("+exam", "in the exam again"),
                               ("lobby", "in the lobby")])
        self.assertCountEqual(re.findall(pattern, carol.out.text, re.M),
                              [("+den", "in the den"), ("alice, " + NEW, "for carol"), ("lobby", "in the lobby"),
                               ("+den", "at last")])
        self.silent(alice, bob, carol)

    def test_the_state_of_a_key(self):
        """It stands on each line, as it is by now."""
        server, alice, bob = self.room("alice", "bob")
        self.talk("one", bob, alice)
        alice.say("/verify bob")
        halves = [alice.expect(r"^\*     ([0-9 ]{35})\r?$")[1] for _ in range(2)]
        alice.say("/verify bob " + "".join(halves))
        alice.expect("is compared from now on")
        self.talk("two", bob, alice, state="compared")
        alice.say("/who")
        alice.expect(r"^\* \+exam: bob, who is there: compared\r?$")
        self.leave(alice, bob)


class Refusals(SealedCase):
    def test_what_a_command_says_is_wrong(self):
        """In one line, and nothing after it is said."""
        server, alice, bob = self.room("alice", "bob")
        self.leave(bob)
        for lines, why in ((["/join +nowhere"], r"\+nowhere: no sealed room of that name is known here: "),
                           (["/join +Exam"], r"that is no sealed room: its name is a \+ and 1 to 31 of "),
                           (["/seal exam"], r"that is no sealed room: "),
                           (["/seal +exam"], r"\+exam: not founded: there is a sealed room \+exam of alice's already"),
                           (["/accept +exam alice"], r"\+exam: you are on its list already"),
                           (["/accept +nowhere alice"], r"\+nowhere: you have no such invitation"),
                           (["/accept +exam"], r"/accept is used like this: /accept \+ROOM FOUNDER"),
                           (["/leave +nowhere"], r"\+nowhere: you are not in it"),
                           (["/invite alice"], "you talk in no sealed room: "),
                           (["/remove alice"], "you talk in no sealed room: "),
                           (["/close", "yes"], "you talk in no sealed room: "),
                           (["/join +exam", "/invite carol"], r"\+exam: carol is not invited: only alice, who founded"),
                           (["/join +exam", "/remove alice"], r"\+exam: alice is not removed: only alice, who founded"),
                           (["/join +exam", "/invite Carol"], "that is no user"),
                           (["/join +exam", "/invite bob"], "that is you"),
                           (["/join +exam", harness.PASSWORD], "not said: it was given as a password")):
            _, err = self.run_script(server, "bob", [*lines, "never said"], status=1)
            line = 1 if lines[-1] == "yes" else len(lines)
            self.assertRegex(err, rf"\Aglasschat: {why}.*" + BEHIND.format(line) + r"\Z", lines)
        alice.say("the end")
        self.leave(alice)
        self.assertNotIn("never said", alice.out.text)

    def test_who_can_not_be_invited(self):
        """The script goes on: fewer read what follows."""
        server, alice = self.users("alice")
        self.leave(self.user(server, "bob"))
        alice.type("/seal +exam\n/invite bob\n/invite nobody\n/remove bob\n")
        alice.err.expect(rf"^glasschat: \+exam: bob is not invited: {NOT_HERE}\n"
                         r"glasschat: \+exam: nobody is not invited: there is no such user\n"
                         r"glasschat: \+exam: bob is not removed: nobody of that name is on its list \(line 5")
        self.assertEqual(alice.wait(), 1)

    def test_another_founder_than_the_one_that_is_meant(self):
        server, alice, bob = self.users("alice", "bob")
        alice.say("/seal +exam")
        alice.expect(SIGNED)
        self.invite(alice, bob)
        bob.say("/join +exam")
        bob.err.expect(r"^glasschat: \+exam: you are invited, and have not accepted: /accept \+exam alice \(line")
        bob.wait()
        bob = self.user(server, "bob", register=False)
        alice.say("/invite bob")  # who is on the list already
        bob.expect("/accept")
        bob.say("/accept +exam carol")
        bob.err.expect(r"^glasschat: \+exam: you have no such invitation, but one by alice \(line")
        self.leave(alice)

    def test_without_a_key(self):
        """There are no sealed rooms, and nothing is said into one."""
        server, alice, bob = self.room("alice", "bob")
        self.leave(bob)
        os.rename(os.path.join(self.folder, "home-bob"), os.path.join(self.folder, "elsewhere"))
        _, err = self.run_script(server, "bob", ["/join +exam", "never said"], status=1)
        self.assertRegex(err, r"\Aglasschat: no sealed rooms: .*" + BEHIND.format(1) + r"\Z")
        alice.say("/quit")
        alice.wait()
        self.assertNotIn("never said", alice.out.text)

    def test_a_damaged_file(self):
        """It is told, and never written over; direct messages are there."""
        server, alice, bob = self.room("alice", "bob")
        self.leave(bob)
        folder = os.path.join(self.folder, "home-bob", "rooms")
        path, = (os.path.join(folder, name) for name in os.listdir(folder) if not name.endswith(".lock"))
        with open(path, "a") as f:
            f.write("x\n")
        _, err = self.run_script(server, "bob", ["/msg alice still here", "/seal +other", "never said"], status=1)
        self.assertRegex(err, r"\Aglasschat: (no sealed rooms: .*, line 3 is damaged.*)\n"
                              r"glasschat: \1" + BEHIND.format(2) + r"\Z")
        alice.expect("still here")
        with open(path) as f:
            self.assertTrue(f.read().endswith("\nx\n"))
        self.leave(alice)


class Terminals(SealedCase):
    def test_at_a_terminal(self):
        """The prompt has the room's name; what was said there can't be had back from the editor."""
        server, alice = self.room("alice", terminal=True)
        bob = self.user(server, "bob")
        alice.expect(r"\+exam> ")
        alice.say("/invite bob")
        bob.expect("/accept")
        self.accept(alice, bob)
        alice.expect(r"\* bob joined \+exam")
        self.talk("only for us", alice, bob)
        alice.say("/who")
        alice.expect(r"bob, who is there")
        alice.type("\x1b[A\x1b[A\n")  # two lines back: before /who is nothing but the invitation
        alice.expect(r"calling them to invite them once more")
        alice.say("/quit")
        self.assertEqual(alice.wait(), 0)
        self.leave(bob)
        self.assertEqual(self.heard(bob), ["only for us"])

    def test_what_is_typed_behind_a_refused_command_is_not_said(self):
        """It was for those alone who would be in that room, whether it was typed before the refusal or after it."""
        server, alice, bob = self.users("alice", "bob")
        alice.say("/quit")
        alice.wait()
        alice = self.user(server, "alice", register=False, terminal=True)
        for line in "/join +nowhere", "/accept +nowhere bob", "/seal nowhere", "/remove bob":
            alice.type(line + "\nfor few\nfor very few\n")
            alice.expect(r"glasschat: (that is|you talk in|\+nowhere: ).*no ")
            alice.say("/peers")
            alice.expect("you have met nobody yet")
            alice.say("for few, too")
            alice.expect(r"glasschat: not said: you talk in no room; /join one")
        alice.say("/join lobby")
        alice.expect("you talk in lobby now")
        alice.say("the end")
        bob.expect(r"^\[lobby\] alice: the end$")
        self.assertEqual(bob.out.text.count("[lobby]"), 1)
        self.leave(bob)


if __name__ == "__main__":
    harness.main()
