#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""glasschatd beside those of ngircd, inspircd and mosquitto that are installed: the same load, in the same run, on the
same two cores, and the ratio. `make peers` builds what it needs and runs it; see docs/performance.md.

What is alike: N clients over TLS 1.3 with an RSA-3072 certificate (glasschat: its own handshake, of ffdhe3072 and
RSA-3072), AES-128, one room, texts of 100 bytes, one sender after the other, the same pacing and the same clock:
build/peers-load is `glass load` with other clients. Each server runs alone, fresh for each row, on core 0, the clients
on core 1.

What is not, and whom that favours:
- mosquitto tells nobody who came, and has no list of members: less to do when clients join, and less memory.
- The peers ask for no password; glasschatd checks one (hashed a thousand times only) before the room. That stands in no
  row but the memory of idle clients.
- AES-GCM is one pass where AES-CBC and HMAC are two: the peers' records are cheaper. Their TLS 1.3 also sends session
  tickets, glasschatd none: handshakes a little dearer for the peers.
- glasschatd does a handshake's arithmetic on other threads, all on the same core here: nothing gained.
- The peers shake hands by X25519, at a fraction of the cost of ffdhe3072, in all rows but the one that says
  otherwise.
- TCP_NODELAY is set for the IRC servers from outside; left alone they would deliver later.
- An IRC line carries the sender's name, address and the room, about 50 bytes; MQTT the topic; glasschat the names and
  the time, and pads to blocks of 16.
- libssl's clients and ours don't cost the same. Each row says what share of its core the generator took; a row at a
  fixed rate where that is 80 % or more, or where the rate was not reached, is refused: it would measure the generator.
  So is one where many texts came later than the next was due, as those went out together, not one by one.
"""
import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import threading
import time

import servers

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
BUILD = os.path.join(ROOT, os.environ.get("BUILD", "build"))
SBIN = os.pathsep.join([os.environ.get("PATH", ""), "/usr/local/sbin", "/usr/sbin"])
MOST_SHARE = 0.8    # of its core that the generator may need
LEAST_RATE = 0.97   # of the wanted rate that must be reached
PATIENCE = 180      # seconds, for any one run of the generator
TICKS = os.sysconf("SC_CLK_TCK")


class Refused(Exception):
    """A figure that would not say what it should."""


def cpu_seconds(pid):
    with open(f"/proc/{pid}/stat") as f:
        fields = f.read().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


def busy_seconds():
    """Of the two cores, by all processes: /proc/stat without idle and iowait."""
    with open("/proc/stat") as f:
        rows = [line.split() for line in f if line.startswith("cpu")]
    wanted = {f"cpu{core}" for core in (servers.SERVER_CORE, servers.LOAD_CORE)}
    return sum(sum(map(int, r[1:4] + r[6:9])) for r in rows if r[0] in wanted) / TICKS


class Watch(threading.Thread):
    """How much processor time a generator took, moment by moment, and how much others did."""
    def __init__(self, generator, server):
        super().__init__(daemon=True)
        self.generator, self.server, self.samples = generator, server, []

    def run(self):
        while True:
            try:
                self.samples.append((time.monotonic(), cpu_seconds(self.generator), cpu_seconds(self.server),
                                     busy_seconds()))
            except (OSError, IndexError):
                return
            if self.samples[-1][1] < self.samples[0][1]:  # gone: a zombie has nothing left to count
                return
            time.sleep(0.05)

    def last(self, seconds):
        """In the last seconds: the generator's share of one core, and everybody else's of the two."""
        end = self.samples[-1]
        begin = next(s for s in self.samples if s[0] >= end[0] - seconds)
        length, load, server, busy = (e - b for e, b in zip(end, begin))
        if length <= 0:
            return 0.0, 0.0
        return load / length, max(0.0, busy - load - server) / (2 * length)


def judge(result, share, rate, readers):
    """Raises Refused where a run at a fixed rate was limited by the generator, did not keep the rate, or where a tenth
    of the texts came later than the next one was due: a server that is kept waiting sends several at once, and looks
    cheap."""
    if result["refused"] or result["failed"] or not result["deliveries"]:
        raise Refused("{deliveries} deliveries; {refused} texts and {failed} clients were refused".format(**result))
    reached = result["deliveries"] / result["talking_seconds"]
    if rate and share >= MOST_SHARE:
        raise Refused(f"the generator took {share:.0%} of its core")
    if rate and reached < LEAST_RATE * rate:
        raise Refused(f"{reached:.0f} deliveries a second instead of {rate}")
    if rate and result["latency_ms"]["p90"] > 1e3 * readers / rate:
        raise Refused(f"p90 is {result['latency_ms']['p90']:.0f} ms, and a text was due each "
                      f"{1e3 * readers / rate:.0f} ms: the machine is too busy")


class Bench:
    """The programs and the scratch folder of one comparison."""
    def __init__(self, options, folder, peers):
        self.options, self.folder = options, folder
        certificate, key = servers.make_certificate(folder)
        ours = servers.Glasschatd(os.path.join(BUILD, "glasschatd"), folder)
        self.servers = [ours] + [peer(program, folder, certificate, key) for peer, program in peers]
        self.accounts = os.path.join(folder, "accounts")
        count = max(options.clients, options.small, options.joins)
        with open(self.accounts, "w", opener=lambda path, flags: os.open(path, flags, 0o600)) as f:
            f.writelines(f"user{i}\tuser{i}@example.org\tpassword-{i}\n" for i in range(count))
        ours.make_accounts(self.accounts)

    def load(self, server, mode, clients, group="X25519", rate=0, seconds=1):
        """One run against a fresh server: the generator's JSON, its share and the others'."""
        file = os.path.join(self.folder, "load.json")
        program = [os.path.join(BUILD, "glass"), "load"]
        if server.protocol:
            program = [os.path.join(BUILD, "peers-load"), server.protocol, group]
        with server:
            command = [*program, mode, "--connect", f"127.0.0.1:{server.port}", "--clients", str(clients), "--accounts",
                       self.accounts, "--seconds", str(seconds), "--at-once", str(server.at_once), "--server-pid",
                       str(server.pid), "--text-bytes", "100", "--json", file] + (["--rate", str(rate)] if rate else [])
            child = servers.pinned(command, servers.LOAD_CORE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                                   text=True)
            watch = Watch(child.pid, server.pid)
            watch.start()
            try:
                _, err = child.communicate(timeout=PATIENCE)
            except subprocess.TimeoutExpired:
                child.kill()
                child.communicate()
                raise Refused(f"not done in {PATIENCE} s")
            if child.returncode != 0:
                raise Refused(err.strip() or f"the generator ended with {child.returncode}")
            if server.child.poll() is not None:
                raise Refused(f"it ended by itself, with status {server.child.returncode}")
        watch.join()
        with open(file) as f:
            return json.load(f), *watch.last(seconds)

    # Each returns {row: figure}, where less is better, with the generator's share and the others'.

    def room(self, server, clients, rate):
        o = self.options
        result, share, others = self.load(server, "room", clients, rate=rate, seconds=o.seconds)
        judge(result, share, rate, clients - 1)
        cpu = 1e6 * result["server"]["cpu_after"] / result["deliveries"]
        if not rate:
            return {f"as fast as it goes, room of {clients}: CPU s a million": cpu}, share, others
        at = f"{rate} a second, room of {clients}"
        return {f"{at}: CPU s a million": cpu, f"{at}: latency p50, ms": result["latency_ms"]["p50"],
                f"{at}: latency p99, ms": result["latency_ms"]["p99"]}, share, others

    def idle(self, server):
        clients = self.options.clients
        result, share, others = self.load(server, "idle", clients)
        used = result["server"]["resident_kib_after"] - result["server"]["resident_kib_before"]
        return {f"{clients} idle in a room: resident KiB each": used / clients}, share, others

    def handshakes(self, server, group):
        clients = self.options.handshakes
        if not server.protocol and group != "ffdhe3072":
            return {}, 0, 0
        result, share, others = self.load(server, "handshakes", clients, group=group)
        used = 1e3 * result["server"]["cpu_arriving"] / clients
        return {f"handshake, {group} and RSA-3072: CPU ms": used}, share, others

    def joins(self, server):
        clients = self.options.joins
        result, share, others = self.load(server, "joins", clients, seconds=60)
        if result["joined"] < clients:
            raise Refused(f"{result['joined']} of {clients} joined")
        rows = {f"{clients} join one more room at once: s until all have": result["joining_seconds"]}
        if result["notices"]:
            rows["the same: s until the last is told of the last"] = result["telling_seconds"]
        return rows, share, others

    def scenarios(self):
        o = self.options
        yield lambda s: self.room(s, o.clients, o.rate)
        yield lambda s: self.room(s, o.small, o.rate)
        yield lambda s: self.room(s, o.clients, 0)
        yield self.idle
        yield lambda s: self.handshakes(s, "ffdhe3072")
        yield lambda s: self.handshakes(s, "X25519")
        yield self.joins


class Table:
    """Figures by row and server, one a round."""
    def __init__(self, names):
        self.names, self.rows, self.notes, self.shares, self.others = names, {}, [], {}, 0.0

    def measure(self, server, scenario):
        try:
            figures, share, others = scenario(server)
        except (Refused, RuntimeError) as why:
            self.notes.append(f"{server.name}: refused: {why}")
            print(f"  {self.notes[-1]}", file=sys.stderr)
            return
        self.others = max(self.others, others)
        for row, figure in figures.items():
            print(f"  {server.name:11} {row}: {figure:.4g}", file=sys.stderr)
            self.rows.setdefault(row, {}).setdefault(server.name, []).append(figure)
            self.shares.setdefault(row, {})[server.name] = round(share, 3)
        if figures:
            print(f"  {'':11} generator {share:.0%} of its core, others {others:.0%} of both", file=sys.stderr)

    def median(self, row, name):
        values = self.rows[row].get(name)
        return statistics.median(values) if values else None

    def ratio(self, row):
        """Our figure divided by the best peer's, as the median of the rounds' ratios, and that peer's name."""
        best = min((n for n in self.rows[row] if n != "glasschatd"), key=lambda n: self.median(row, n), default=None)
        if best is None or "glasschatd" not in self.rows[row] or not self.median(row, best):
            return None, best
        pairs = zip(self.rows[row]["glasschatd"], self.rows[row][best])
        return statistics.median(ours / theirs for ours, theirs in pairs if theirs), best

    def print(self):
        width = max(map(len, self.rows), default=0)
        print(" " * width, *(f"{n:>11}" for n in self.names), " ours / best")
        for row in self.rows:
            cells = [self.median(row, n) for n in self.names]
            ratio, best = self.ratio(row)
            print(f"{row:{width}}", *(f"{'-':>11}" if c is None else f"{c:11.3g}" for c in cells),
                  "" if ratio is None else f"{ratio:6.2f} ({best})")
        for note in self.notes:
            print(note)
        print(f"less is better in each row. Others took up to {self.others:.0%} of the two cores"
              + (": measure again when they are gone" if self.others > 0.05 else ""))

    def as_json(self, versions):
        rows = [{"row": row, "figures": self.rows[row], "generator_share": self.shares[row],
                 "ratio": self.ratio(row)[0], "best": self.ratio(row)[1]} for row in self.rows]
        return {"servers": versions, "others_share": round(self.others, 3), "rows": rows, "notes": self.notes}


def parse():
    p = argparse.ArgumentParser(prog="peers.py", description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    p.add_argument("--clients", type=int, default=1000, help="in the room (1000)")
    p.add_argument("--small", type=int, default=100, help="in the small room (100)")
    p.add_argument("--rate", type=int, default=20000, help="deliveries a second (20000)")
    p.add_argument("--seconds", type=int, default=5, help="that are measured, each time (5)")
    p.add_argument("--handshakes", type=int, default=300, help="(300)")
    p.add_argument("--joins", type=int, default=1000, help="that join at once (1000)")
    p.add_argument("--rounds", type=int, default=1, help="of everything; medians are printed (1)")
    p.add_argument("--only", default="", help="names of peers, commas between; else all that are installed")
    p.add_argument("--path", default=SBIN, help="folders to look for the peers in (PATH and the sbin folders)")
    p.add_argument("--json", help="write the figures to this file too")
    p.add_argument("--tiny", action="store_true", help="a few clients, a second each: does it work at all?")
    options = p.parse_args()
    if options.tiny:
        options.clients, options.small, options.joins, options.handshakes = 8, 4, 8, 8
        options.rate, options.seconds = 200, 1
    if min(options.clients, options.small, options.joins) < 2 or min(options.seconds, options.rounds, options.rate,
                                                                      options.handshakes) < 1:
        p.error("it takes two to talk, and one of all the rest")
    return options


def fail(why):
    print(f"peers: {why}", file=sys.stderr)
    sys.exit(1)


def find_peers(options):
    known = {peer.name: peer for peer in servers.PEERS}
    wanted = options.only.split(",") if options.only else list(known)
    for name in wanted:
        if name not in known:
            fail(f"there is no peer '{name}' here, but {', '.join(known)}")
    found = [(known[name], known[name].find(options.path)) for name in wanted]
    missing = [peer.name for peer, program in found if program is None]
    if len(missing) == len(found) or (missing and options.only):
        fail(f"not installed: {', '.join(missing)}; apt-get install {' '.join(missing)}")
    if missing:
        print(f"peers: not installed, so left out: {', '.join(missing)}", file=sys.stderr)
    return [(peer, program) for peer, program in found if program]


def main():
    options = parse()
    peers = find_peers(options)
    for name in ("glasschatd", "glass", "peers-load"):
        if not os.path.exists(os.path.join(BUILD, name)):
            fail(f"{os.path.join(BUILD, name)} is not there: run it by `make peers`")
    if not {servers.SERVER_CORE, servers.LOAD_CORE} <= os.sched_getaffinity(0):
        fail("it takes two cores, 0 and 1, one for the server and one for its clients")
    with tempfile.TemporaryDirectory(prefix="peers-") as folder:
        bench = Bench(options, folder, peers)
        versions = {s.name: s.version() for s in bench.servers}
        print(", ".join(f"{name} {version}" for name, version in versions.items()))
        table = Table(list(versions))
        for _ in range(options.rounds):
            for scenario in bench.scenarios():
                for server in bench.servers:
                    table.measure(server, scenario)
    table.print()
    if options.json:
        with open(options.json, "w") as f:
            json.dump(table.as_json(versions), f, indent=1)
    return 0 if all(any(n in r for r in table.rows.values()) for n in versions) else 1


if __name__ == "__main__":
    sys.exit(main())
