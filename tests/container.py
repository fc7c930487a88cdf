#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Goes through the Containerfile without podman or docker, which no machine of ours has: from the top of the tree,

    tests/container.py          what is copied is in the tree and tracked, what is installed is a package of this Debian,
                                each image is made from one that is there before it, and no image is root's in the end
    tests/container.py --play   as root, in folders that debootstrap makes: does what it says, line by line, in a chroot
                                for each image; then a server in the one answers and ends at its signal, and in the other
                                one exercise is graded (some minutes; needs the network)

What only a container has is not tried: the base image's own name, volumes, ports, and what podman or docker forbid.
"""
import argparse
import json
import os
import re
import shlex
import shutil
import signal
import subprocess
import sys
import tempfile
import time

BASE = "docker.io/library/debian:12-slim"
RELEASE = "bookworm"
INSTALL = re.compile(r"apt-get install -y --no-install-recommends ([a-z0-9.+\- ]+?)(?: &&|$)")


class Wrong(Exception):
    pass


def instructions(text):
    """(word, the rest) for each; lines that end with a backslash go on in the next."""
    text = re.sub(r"^#.*\n", "", text, flags=re.M)
    for line in re.sub(r"\\\n\s*", "", text).splitlines():
        if line.strip():
            word, _, rest = line.partition(" ")
            yield word, rest.strip()


def stages(text):
    """The name of each image, and its instructions, in order."""
    found = {}
    for word, rest in instructions(text):
        if word == "FROM":
            match = re.fullmatch(re.escape(BASE) + r" AS (\w+)", rest)
            if match is None or match[1] in found:
                raise Wrong(f"FROM {rest}")
            found[match[1]] = []
        elif word not in ("RUN", "COPY", "WORKDIR", "USER", "VOLUME", "EXPOSE", "STOPSIGNAL", "ENTRYPOINT", "CMD"):
            raise Wrong(f"{word}: not known here")
        else:
            list(found.values())[-1].append((word, rest))
    return found


def copied(rest):
    """(options, sources, destination) of a COPY."""
    words = rest.split()
    options = dict(word[2:].split("=", 1) for word in words if word.startswith("--"))
    *sources, to = [word for word in words if not word.startswith("--")]
    return options, sources, to


# --- What can be seen by reading it ------------------------------------------------------------------------------------

def check(images):
    for name, lines in images.items():
        for word, rest in lines:
            if word == "COPY":
                check_copy(name, list(images), *copied(rest))
            elif word == "RUN":
                for packages in INSTALL.findall(rest) if shutil.which("apt-cache") else ():
                    for package in packages.split():
                        if subprocess.run(["apt-cache", "show", package], capture_output=True).returncode != 0:
                            raise Wrong(f"{package}: no package of this Debian")
        if name != "build" and last(lines, "USER") in (None, "root", "0"):
            raise Wrong(f"{name} runs as root")
    if json.loads(last(images["server"], "ENTRYPOINT"))[0] != "glasschatd":
        raise Wrong("the image for a server does not start it")


def check_copy(name, names, options, sources, to):
    if "from" in options:
        if options["from"] not in names[:names.index(name)]:
            raise Wrong(f"{name}: there is no {options['from']} before it")
        return
    for source in sources:
        if not subprocess.run(["git", "ls-files", source], capture_output=True, text=True, check=True).stdout:
            raise Wrong(f"{source}: not in the tree")


def last(lines, word):
    found = [rest for each, rest in lines if each == word]
    return found[-1] if found else None


# --- What it does ------------------------------------------------------------------------------------------------------

class Image:
    """A folder that is the root of what runs in it."""

    def __init__(self, root):
        self.root, self.folder, self.user = root, "/", "root"

    def path(self, inside):
        return self.root + os.path.join(self.folder, inside)

    def command(self, *words, user=None):
        return ["chroot", f"--userspec={user or self.user}", self.root, "/usr/bin/env", "-i", "-C", self.folder,
                "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "DEBIAN_FRONTEND=noninteractive",
                *words]

    def run(self, *words, **kw):
        done = subprocess.run(self.command(*words), capture_output=True, text=True, **kw)
        if done.returncode != 0:
            raise Wrong(f"{shlex.join(words)}: {done.returncode}\n{done.stdout[-3000:]}{done.stderr[-3000:]}")
        return done.stdout

    def copy(self, images, options, sources, to):
        target = self.path(to)
        for source in sources:
            for at in [images[options["from"]].path(source)] if "from" in options else tracked(source):
                into = target
                if "from" not in options and os.path.isdir(source):
                    into = os.path.join(target, os.path.relpath(at, source))
                elif to.endswith("/"):
                    into = os.path.join(target, os.path.basename(at))
                os.makedirs(os.path.dirname(into), exist_ok=True)
                subprocess.run(["cp", "-rP", at, into], check=True)
        if "chown" in options:
            self.run("chown", "-R", options["chown"], to)

    def play(self, images, lines):
        for word, rest in lines:
            print(f"    {word} {rest}", flush=True)
            if word == "RUN":
                self.run("sh", "-c", rest)
            elif word == "COPY":
                self.copy(images, *copied(rest))
            elif word == "WORKDIR":
                self.folder = rest
                os.makedirs(self.path("."), exist_ok=True)
            elif word == "USER":
                self.user = rest


def tracked(source):
    return subprocess.run(["git", "ls-files", source], capture_output=True, text=True, check=True).stdout.split("\n")[:-1]


def try_server(image, lines):
    """As a container starts it; it listens, as its own user, and ends well at the signal that containers are sent."""
    server = subprocess.Popen(image.command(*json.loads(last(lines, "ENTRYPOINT"))), stdout=subprocess.PIPE, text=True)
    try:
        said = server.stdout.readline()
        if not said.startswith("listening on [::]:7447 key "):
            raise Wrong(f"the server says: {said}")
        with open(f"/proc/{server.pid}/status") as f:
            if "\nUid:\t7447\t7447\t" not in f.read():
                raise Wrong("the server is not the user that it should be")
        server.send_signal(getattr(signal, last(lines, "STOPSIGNAL")))
        if server.wait(30) != 0:
            raise Wrong(f"the server ended with {server.returncode}")
    finally:
        server.kill()
    kept = sorted(os.listdir(image.path("/var/lib/glasschat")))
    if "server.key" not in kept:
        raise Wrong(f"the server keeps {kept}")


def try_class(image):
    """A student's first steps, as the page that they read first says them; and no solution is there to be found."""
    said = image.run("make")
    if "0 of " not in said:
        raise Wrong(f"make says: {said}")
    said = image.run("make", "grade", "EXERCISE=pkcs7", "GRADE=--ct --sanitize")
    if "FAILED     the padded length" not in said:
        raise Wrong(f"make grade says: {said}")
    image.run("gdb", "--batch", "-ex", "info functions pkcs7_pad", "build/pkcs7.o")
    if os.path.exists(image.path("crypto/pkcs7.c")):
        raise Wrong("the solutions are in the image")


def mirror():
    """Where this machine's own packages come from."""
    found = subprocess.run(["apt-get", "indextargets", "--format", "$(REPO_URI) $(CODENAME) $(COMPONENT)"],
                           capture_output=True, text=True, check=True).stdout.splitlines()
    return next(line.split()[0] for line in found if line.endswith(f" {RELEASE} main"))


def play(images):
    with tempfile.TemporaryDirectory() as scratch:
        base = os.path.join(scratch, "base")
        subprocess.run(["debootstrap", "--variant=minbase", RELEASE, base, mirror()], check=True,
                       stdout=subprocess.DEVNULL)
        shutil.copytree("/etc/apt", base + "/etc/apt", dirs_exist_ok=True)
        shutil.copyfile("/etc/resolv.conf", base + "/etc/resolv.conf")
        made = {}
        try:
            for name, lines in images.items():
                print(name, flush=True)
                made[name] = Image(os.path.join(scratch, name))
                subprocess.run(["cp", "-a", base, made[name].root], check=True)
                for kind, folder in (("proc", "/proc"), ("sysfs", "/sys"), ("tmpfs", "/tmp")):
                    subprocess.run(["mount", "-t", kind, kind, made[name].root + folder], check=True)
                made[name].play(made, lines)
            try_server(made["server"], images["server"])
            try_class(made["class"])
        finally:
            for image in made.values():
                for folder in ("/proc", "/sys", "/tmp"):
                    subprocess.run(["umount", "-l", image.root + folder], stderr=subprocess.DEVNULL)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--play", action="store_true")
    options = parser.parse_args()
    started = time.monotonic()
    with open("Containerfile") as f:
        images = stages(f.read())
    try:
        check(images)
        if options.play:
            play(images)
    except Wrong as wrong:
        sys.exit(f"container: {wrong}")
    print("container: the Containerfile's sources, packages and images are there" +
          (f", and they do what they should ({time.monotonic() - started:.0f} s)" if options.play else
           "; --play, as root, builds them in a chroot"))


if __name__ == "__main__":
    main()
