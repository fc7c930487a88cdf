#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""The real server when many come, talk, leave or don't read at once, and when there is nothing left of what it needs:
docs/threat-model.md has the table."""
import os
import signal
import socket
import time

import glasschat_client as wire
import harness
from crowd import Quick, register
from fault_case import ROOM, STEADY, FaultCase, Talkers, size
from server_case import PASSWORD


class Resources(FaultCase):
    def as_many_as_there_is_room_for(self, server, name):
        """Members, none of whom gives way; the one for whom there is no room waits, unanswered."""
        members = []
        try:
            while True:
                members.append(Quick(server.port, timeout=3, handshake=False))
                members[-1].handshake()
                members[-1].log_in(f"{name}{len(members)}", PASSWORD)
        except TimeoutError:
            return [c.sock for c in members]

    def test_no_descriptors_left(self):
        server = self.server(before=("prlimit", "--nofile=64:64"))
        a, b = self.member(server, "anna"), self.member(server, "bert")
        register(server.port, 64, "full")
        members = self.as_many_as_there_is_room_for(server, "full")
        crowd = members + [socket.create_connection(("127.0.0.1", server.port)) for _ in range(200)]
        server.expect_log(r"refused .*Too many open files")
        cpu, log, started = server.cpu(), len(server.log), time.monotonic()
        while time.monotonic() - started < 4:
            self.assert_hear_each_other(a, b)
            time.sleep(0.2)
        self.assertLess(server.cpu() - cpu, 0.05 * (time.monotonic() - started))
        self.assertLess(len(server.log) - log, 5000)
        for s in crowd:
            s.close()
        for c in [self.enterContext(Quick(server.port, timeout=harness.PATIENCE)) for _ in range(40)]:
            c.ask(wire.PING)  # there is room again
        self.assert_hear_each_other(a, b)
        self.assertLess(server.log.count("refused"), 5)

    def fill_kernel(self, server, slow, talkers):
        """Talks until nothing more of it goes to the slow one's connection: from then on it waits in the server."""
        port = slow.sock.getsockname()[1]
        before, now = -1, 0
        while now != before or now == 0:
            for _ in range(10):
                talkers.say_one()
            before, now = now, server.wires()[port].unacknowledged

    def test_slow_reader(self):
        """Up to 40 MB are said to somebody who has stopped reading: more than all buffers of the kernel hold."""
        server = self.server(*harness.FAST)
        talkers = Talkers(self, server, 3)
        for _ in range(200):
            talkers.say_one()
        usual, _ = talkers.report("nobody slow")
        slow = self.member(server, "slow")
        memory = most = server.memory()
        talkers.padding = "x" * 3900
        self.fill_kernel(server, slow, talkers)
        talkers.latencies = []
        talkers.padding = ""
        for _ in range(300):
            talkers.say_one()
        self.assertLess(talkers.report("one reads nothing, and the kernel takes no more for it")[0], 3 * usual + 5)
        talkers.padding = "x" * 3900
        while "does not read" not in server.log and talkers.turn * 4000 < 40e6:
            talkers.say_one()
            if talkers.turn % 20 == 0:
                most = max(most, server.memory())
        self.expect_disconnect(server, "the peer does not read what it is sent")
        talkers.say_one()
        self.assertEqual(talkers.clients[0].rooms().members["lobby"], 3)
        if not harness.sanitized():  # a sanitizer keeps what was freed
            self.assertLess(most - memory, 2 << 20)
        slow.sock.close()

    def test_coming_and_going_leaves_nothing(self):
        count = size(2000, 100000)
        # Nor does it take one descriptor, or one place of those that are counted, that it does not give back.
        server = self.server(*ROOM, "--max-clients", "1500", "--max-per-address", "1500", "--max-handshakes", "1500",
                             before=("prlimit", "--nofile=256:256"), env=STEADY)
        a, b = self.member(server, "anna"), self.member(server, "bert")
        self.wait_until_all_is_read(server)
        memory = []
        for _ in range(4):  # the first fills what is kept for later use
            self.crowd(server, "churn", count // 3 if memory else 500).expect("done", size(harness.PATIENCE, 600))
            self.assert_hear_each_other(a, b)
            memory.append(server.memory())
        self.assert_memory_is_back(memory[1:], 256 << 10)

    def test_a_day_of_chat_at_a_hundred_times_the_speed(self):
        """Or, where it must not last a quarter of an hour, some minutes of that day: a part is an hour of it, or half a
        minute."""
        server = self.server(*ROOM, env=STEADY)
        talkers = Talkers(self, server)
        self.wait_until_all_is_read(server)
        memory, started = [], time.monotonic()
        for part in range(1, 25):
            end = started + size(0.3, 36) * part
            talkers.talk_until(lambda: time.monotonic() > end)
            self.crowd(server, "churn", size(10, 100)).expect("done")
            talkers.latencies.clear()
            memory.append(server.memory())
        self.assert_memory_is_back(memory[4:], 256 << 10)


class Storms(FaultCase):
    """While many come at once, ten go on talking, and nothing of what they say is lost."""

    def assert_heard_in_time(self, latencies):
        """Far more than it should be: machines that test are busy."""
        self.assertLess(latencies[0], 100)
        self.assertLess(latencies[1], 1000)

    def assert_workers_do_it(self, server, storm, what):
        """Whatever the machine is doing besides: of the processor time that a storm costs, the loop's thread, for which
        all others wait, uses little. Here nobody talks, as that would use some of it too."""
        loop, all_threads = server.loop_cpu(), server.cpu()
        storm()
        loop, workers = server.loop_cpu() - loop, server.cpu() - all_threads
        workers -= loop
        print("    %s: %.2f s of processor time in the loop, %.2f s in the workers" % (what, loop, workers), flush=True)
        self.assertGreater(workers, 4 * loop)

    def test_a_storm_of_handshakes(self):
        server = self.server(*ROOM)
        talkers = Talkers(self, server)
        for _ in range(100):
            talkers.say_one()
        talkers.report("before")
        storm = self.crowd(server, "hellos", size(300, 2500))
        talkers.talk_until(lambda: "done" in storm.out.text)
        self.assert_heard_in_time(talkers.report("handshakes begun and left"))
        harness.wait_until(lambda: len(self.disconnects(server)) >= size(300, 2500), "all of them are gone", 60)

        def storm_alone():
            gone = len(self.disconnects(server)) + 300
            self.crowd(server, "hellos", 300).expect("done")
            harness.wait_until(lambda: len(self.disconnects(server)) >= gone, "all of them are gone", 60)

        self.assert_workers_do_it(server, storm_alone, "300 handshakes")
        self.assertEqual(talkers.clients[0].rooms().members["lobby"], 10)

    def test_workers_step_back(self):
        """What takes long leaves a processor to the loop when both want it."""
        server = self.server()
        usual = os.getpriority(os.PRIO_PROCESS, 0)
        self.assertEqual(os.getpriority(os.PRIO_PROCESS, server.pid), usual)  # the loop's
        workers = {int(thread) for thread in os.listdir(f"/proc/{server.pid}/task")} - {server.pid}
        nice = sorted(os.getpriority(os.PRIO_PROCESS, thread) for thread in workers)
        if harness.sanitized():
            nice = nice[-os.cpu_count():]  # the thread sanitizer has a thread of its own
        self.assertEqual(nice, [min(usual + 5, 19)] * os.cpu_count())  # 19 is the last: then there is no way back

    def test_a_storm_of_logins(self):
        count = size(50, 500)
        server = self.server(*ROOM, iterations=size("200000", "600000"))
        talkers = Talkers(self, server)
        storm = self.crowd(server, "logins", count, "late")
        storm.expect("ready", 120)
        storm.type("go\n")
        talkers.talk_until(lambda: " logins in " in storm.out.text)
        self.assert_heard_in_time(talkers.report("logins"))
        self.assertEqual(storm.expect(r"^(\d+) of \d+ logins")[1], str(count))
        self.assertEqual(storm.wait(), 0)

        again = self.crowd(server, "logins", 50, "late", known=True)
        again.expect("ready", 120)

        def storm_alone():
            again.type("go\n")
            again.expect("^50 of 50 logins", 120)

        self.assert_workers_do_it(server, storm_alone, "50 logins")


class Ends(FaultCase):
    def test_many_leave_in_the_same_instant(self):
        count = size(300, 1000)
        server = self.server(*ROOM)
        watcher = self.member(server, "watcher")
        crowd = self.crowd(server, "members", count, "m")
        crowd.expect("ready", 300)
        self.wait_until_members(server, watcher, count + 1)
        crowd.type("reset\n")
        crowd.expect("ready")
        crowd.kill()
        self.wait_until_members(server, watcher, 1)
        cut = 'cause="the connection was cut: no good-bye came"'
        harness.wait_until(lambda: server.log.count(cut) == count + 1, "a line for each, and who registered them")
        self.assert_hear_each_other(watcher, self.member(server, "anna"))
        server.stop()
        self.assertNotIn("Sanitizer", server.log)

    def test_sigterm_with_many_clients(self):
        count = size(300, 1000)
        server = self.server(*ROOM)
        crowd = self.crowd(server, "members", count, "m")
        crowd.expect("ready", 300)
        server.kill(signal.SIGTERM)
        crowd.type("farewell\n")
        crowd.expect(rf"^{count} of {count}$")
        self.assertEqual(server.wait(), 0)
        self.assertNotIn("Sanitizer", server.log)


if __name__ == "__main__":
    harness.main()
