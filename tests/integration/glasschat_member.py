# SPDX-License-Identifier: MIT
"""Members of sealed rooms (glasschat_room.py) who make and take calls (glasschat_peer.py) through a server, from
docs/protocol.md section 9 alone.

    with Member(port, "alice") as alice, Member(port, "bob") as bob:
        alice.found("+den")
        alice.invite("+den", "bob")
        bob.wait_state("+den", ASKED)
        bob.accept("+den")
        alice.tell("+den", "hello")
        assert bob.wait_line("+den").text == "hello"

The thread of each Member takes what comes, keeps it, and hands on what section 9.3 owes. To misbehave, change the Room
(found by room), or give a payload of any kind inside a call, or send anything sealed with Client.seal.
"""
import collections
import contextlib

import glasschat_client as wire
from glasschat_client import v8
from glasschat_peer import Peer
from glasschat_room import (ASKED, CLOSED, IN, KEY, LEAVE, LEFT, LIST, OUT, READERS, STOPPED, Dropped, Room, Unknown,
                            founded, invited, mark_of)
from glasschat_identity import Failure

HELD_BYTES, HELD_SECONDS, TELL_SECONDS = 32768, 30, 60
CALL_SECONDS, WAIT_SECONDS = 15, 3


class Member(Peer):
    """saved: what saved() gave of a Member before, with which this one goes on; enter takes it into a room again.
    rooms_known: by their 16 bytes. there: who is in each of the server's rooms. unopened: of whom something could not
    be opened, as (room name, sender), each once a minute. overheard: all that was sealed in rooms of the server that
    this one is in. handed: all that came inside calls beside texts, as (name, type, value)."""

    def __init__(self, port, name, saved=(), habits=None, **kw):
        self.rooms_known, self.there = {}, collections.defaultdict(set)
        self.given = collections.defaultdict(dict)  # of each call: from what was given to its Record's number
        self.held = collections.defaultdict(collections.deque)
        self.called, self.in_vain, self.said_unopened = {}, {}, {}
        self.unopened, self.overheard, self.handed = [], [], []
        super().__init__(port, name, habits={"readers": READERS, **(habits or {})}, **kw)
        with self.changed:
            for founder, public, newest, state in saved:
                self.rooms_known[newest.room] = Room(self.identity, founder, public, newest, state, self.clock)

    def saved(self):
        """What is on this one's disk."""
        return [(room.founder, room.founder_key, room.list, room.state) for room in self.rooms_known.values()]

    def room(self, name):
        """The one that this one is in; else one that it is asked about, or any of this name."""
        named = [room for room in self.rooms_known.values() if room.name == name]
        return next((room for state in (IN, ASKED) for room in named if room.state == state),
                    named[-1] if named else None)

    # What the user does

    def found(self, name):
        room = founded(self.identity, name, self.clock)
        with self.changed:
            self.rooms_known[room.list.room] = room
        self.enter(name)
        return room

    def enter(self, name):
        """The server's room; calls those who are there."""
        try:
            self.join(name)
        except wire.Refused as refused:
            if refused.args[0] != wire.E_ALREADY_IN_ROOM:
                raise
        found, more = [], 1
        while more:
            page = self.who(name, found[-1] if found else "")
            found, more = found + page.names, page.more
        with self.changed:
            self.there[name] |= set(found)
            room = self.room(name)
            room.entered()
            self._call_members(room)

    def change(self, name, members):
        """The founder signs and hands out a list of these, the founder first."""
        with self.changed:
            room = self.room(name)
            self._took(room, room.take(room.list.next(members).signed(self.identity)))
            return room.list

    def invite(self, name, user):
        call = self.call(user)
        with self.changed:
            others = [member for member in self.room(name).list.members if member[0] != user]
            return self.change(name, others + [peer_of(call)])

    def remove(self, name, user):
        with self.changed:
            return self.change(name, [member for member in self.room(name).list.members if member[0] != user])

    def dissolve(self, name):
        """The founder closes the room."""
        return self.change(name, [])

    def accept(self, name):
        with self.changed:
            room = self.room(name)
            room.accept()
            for call in list(self.live.values()):
                self._hand_over(call)
        self.enter(name)

    def quit(self, name):
        """Refuses an invitation, or leaves a room that is not one's own."""
        with self.changed:
            room = self.room(name)
            assert room.founder != room.me
            if room.state == IN:
                self._leave_servers(room)
            room.end(LEFT)
        with contextlib.suppress(Failure):
            self.give(self.call(room.founder[0]), bytes([LEAVE]) + room.list.room)

    def tell(self, name, text, under=None):
        """Says a text that was given under this list, the newest as a rule. Returns who of the room is left out;
        Failure where somebody was added meanwhile."""
        with self.changed:
            room = self.room(name)
            if set(room.others) - set((under or room.list).members):
                raise Failure("somebody was added")
            room.renew()
            self._hand_over_all(room)
            self._call_members(room)
            self._wait_for_calls(room)
            without = [member[0] for member in room.others if not self.has_key(room, member)]
            request = self.post(wire.SEAL, v8(name.encode()) + wire.v16(room.seal(text)))
            self._hand_over_all(room)
        self.answer_to(request)
        return without

    # What a test looks at, or does

    def give(self, call, payload):
        """Anything, inside a call; returns its Record's number."""
        return call.application(payload)

    def wait_state(self, name, state):
        return self.wait(lambda: (room := self.room(name)) and room.state == state and room,
                         "%s %s, but %r" % (name, state, list(self.rooms_known.values())))

    def wait_list(self, name, n):
        """Until a list of that number, or a later one, is there."""
        return self.wait(lambda: (room := self.room(name)) and room.list.n >= n and room.list,
                         "list %d of %s" % (n, name))

    def wait_line(self, name, sender=None):
        """The next line of a room, of this sender or of anybody."""
        def first():
            room = self.room(name)
            line = next((line for line in room.lines if sender in (None, line.sender)), None) if room else None
            if line:
                room.lines.remove(line)
            return line
        return self.wait(first, "line in " + name)

    def wait_key(self, name, sender, list_hash=None):
        """Until this one can open what the sender says under its newest list, or this one."""
        def usable():
            room = self.room(name)
            return room and any(one.key.list == (list_hash or room.list.hash) for one in room.usable(sender))
        self.wait(usable, "sender key of " + sender)

    def wait_there(self, name, user):
        """Until somebody is in the server's room."""
        self.wait(lambda: user in self.there[name], "%s in %s" % (user, name))

    def wait_all(self, name, *others):
        """Until this one can open what these say, and they what this one says."""
        for other in others:
            self.wait_key(name, other.identity.name)
            self.wait_there(name, other.identity.name)
            other.wait_list(name, self.room(name).list.n)
            other.wait_key(name, self.identity.name, self.room(name).list.hash)

    def has_key(self, room, member):
        """Whether a member is there, and was given one's own key in a live call."""
        call = self.live.get(member[0])
        return (call is not None and peer_of(call) == member and member[0] in self.there[room.name]
                and room.key.id in self.given[call.peer, call.number])

    # Calls

    def _call_members(self, room):
        """Those who are there, and with whom there is no call: each once in 15 s."""
        now = self.clock()
        for name, _ in room.others:
            has_call = name in self.live or name in self.making or name in self.taking
            lately = now - self.called.get(name, -CALL_SECONDS) < CALL_SECONDS
            if name in self.there[room.name] and not has_call and not lately:
                self.called[name] = now
                self._make(name)

    def _wait_for_calls(self, room):
        def under_way():
            return [name for name, _ in room.others if (name in self.making or name in self.taking)
                    and self.clock() - self.in_vain.get(name, -CALL_SECONDS) >= CALL_SECONDS]
        deadline = self.clock() + WAIT_SECONDS
        while under_way() and self.clock() < deadline and not self.ended:
            self.changed.wait(0.1)
        self.in_vain.update((name, self.clock()) for name in under_way())

    def _opened(self, call):
        super()._opened(call)
        call.wanted = call.wanted or any(room.state == IN and peer_of(call) in room.others
                                         for room in self.rooms_known.values())
        self._hand_over(call)

    def _hand_over(self, call):
        if call.status != "open" or call.said_close:
            return
        given = self.given[call.peer, call.number]
        for room in list(self.rooms_known.values()):
            for one in room.owed(peer_of(call), given):
                given[mark_of(one)] = self.give(call, one.payload())

    def _hand_over_all(self, room):
        for name, _ in room.others + list(room.removed):
            if name in self.live:
                self._hand_over(self.live[name])

    def _inside(self, call, kind, value):
        self.handed.append((call.peer, kind, value))
        if kind == LIST:
            self._list(call, value)
        elif kind == KEY:
            room = self.rooms_known.get(value.room)
            if room and room.take_key(value, peer_of(call), call.certificate.key):
                self._retry(room, call.peer)
        elif kind == LEAVE:
            room = self.rooms_known.get(value)
            if room and room.state == IN and room.founder == room.me and peer_of(call) in room.others:
                self.remove(room.name, call.peer)

    def _list(self, call, new):
        room = self.rooms_known.get(new.room)
        if not room or (room.state == OUT and room.me in new.members):
            known = self.rooms_known.values()
            asked = invited(self.identity, new, peer_of(call), call.certificate.key, known, self.clock)
            if asked:
                self.rooms_known[new.room] = asked
            return
        was = room.state
        event = room.take_list(new, peer_of(call))
        if was == ASKED and event in (OUT, STOPPED, CLOSED):
            del self.rooms_known[new.room]
        elif was == LEFT and event in ("same", "taken") and peer_of(call) == room.founder:
            self.give(call, bytes([LEAVE]) + new.room)
        elif was == IN:
            self._took(room, event)

    def _took(self, room, event):
        if event in ("taken", STOPPED, CLOSED):
            self._hand_over_all(room)
        if event in (OUT, STOPPED, CLOSED):
            self._leave_servers(room)
        elif event == "taken":
            for name in room.list.names:
                self._retry(room, name)

    def _leave_servers(self, room):
        self.there.pop(room.name, None)
        self.post(wire.LEAVE, v8(room.name.encode()))

    # What the server passes on

    def _handle(self, m):
        if m.type == wire.SEALED:
            self.overheard.append(m.sealed)
            self._sealed(self.room(m.room), m.sender, m.sealed)
            return
        if m.type == wire.PRESENCE and m.room in self.there:
            (self.there[m.room].update if m.what == 1 else self.there[m.room].difference_update)(m.names)
        super()._handle(m)

    def _sealed(self, room, sender, sealed, held=False):
        """Whether it is not to be held any longer."""
        if not room:
            return True
        believed = self.trust.known.get(sender)
        if believed:
            room.forget_other_keys(sender, believed[0])
        try:
            room.open(sender, sealed)
        except Dropped:
            pass
        except Unknown:
            waiting = self.held[room.list.room, sender]
            if held:
                return False
            has_call = sender in self.live or sender in self.making or sender in self.taking
            held_bytes = sum(len(one) for _, one in waiting) + len(sealed)
            if has_call and held_bytes <= HELD_BYTES:
                waiting.append((self.clock(), sealed))
            else:
                self._tell_unopened(room, sender)
        except Failure:
            self._tell_unopened(room, sender)
        return True

    def _retry(self, room, sender):
        waiting = self.held.get((room.list.room, sender), [])
        for one in list(waiting):
            if self._sealed(room, sender, one[1], held=True):
                waiting.remove(one)

    def _tell_unopened(self, room, sender):
        which = room.list.room, sender
        if self.clock() - self.said_unopened.get(which, -TELL_SECONDS) >= TELL_SECONDS:
            self.said_unopened[which] = self.clock()
            self.unopened.append((room.name, sender))

    def _late(self):
        super()._late()
        for (number, sender), waiting in list(self.held.items()):
            while waiting and self.clock() - waiting[0][0] >= HELD_SECONDS:
                waiting.popleft()
                self._tell_unopened(self.rooms_known[number], sender)


def peer_of(call):
    """The name and the fingerprint of who is at the other end."""
    return call.peer, call.certificate.fingerprint
