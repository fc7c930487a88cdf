# SPDX-License-Identifier: MIT
"""A class's authority: `glass key authority` vouches for people's keys, and --user-ca believes no others."""
import glob
import os
import subprocess

import harness
from client_case import ClientCase, PASSWORD


class UserCa(ClientCase):
    def glass(self, *args):
        done = subprocess.run([harness.program("glass"), *args], capture_output=True, text=True, cwd=self.folder,
                              timeout=harness.PATIENCE)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        return done.stdout

    def certificate_of(self, user):
        return glob.glob(os.path.join(self.folder, "home-" + user, "identities", user + "@*.certificate"))[0]

    def certify(self, *users):
        self.password_file("authority.password", "the teacher's\n")
        password = ["--password-file", "authority.password"]
        self.glass("key", "authority", "new", "--out", "class", *password)
        self.glass("key", "authority", "certify", "--authority", "class", *password, "--out", "signed",
                   *[self.certificate_of(user) for user in users])
        for user in users:
            path = glob.glob(os.path.join(self.folder, "signed", user + "*"))[0]
            out, _ = self.run_client(self.server, f"/certificate {path}\n{PASSWORD}\n\n", user=user,
                                     home="home-" + user)
            self.assertIn("* certificate registered", out)

    def test_only_those_whom_the_class_knows(self):
        self.server = self.started(harness.Server(self.folder))
        for user in "alice", "bob", "mallory":
            self.run_client(self.server, "", user=user, new=True, home="home-" + user)
        self.certify("alice", "bob")
        authority = os.path.join(self.folder, "class.pub")
        bob = self.started(harness.Process(
            [harness.program("glasschat"), f"bob@127.0.0.1:{self.server.port}", "--home",
             os.path.join(self.folder, "home-bob"), "--password-file", os.path.join(self.folder, "password"),
             "--user-ca", authority]))
        bob.type("/identity\n")
        bob.expect("your key is")  # so that it takes calls by now
        self.run_client(self.server, "/msg bob hello\n", "--user-ca", authority, user="alice", home="home-alice")
        bob.expect(r"\[alice, vouched for\] hello\n")
        out, _ = self.run_client(self.server, "/msg bob let me in\n", user="mallory", home="home-mallory", status=1)
        self.assertIn("* not confirmed: to bob: let me in\n", out)
        bob.end_input()
        bob.wait()
        self.assertIn("mallory", bob.err.text)
        self.assertNotIn("let me in", bob.out.text)
