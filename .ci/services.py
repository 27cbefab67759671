"""What the scripts beside this file share: programs that say where they listen, and executables that cargo makes."""

import json
import os
import re
import subprocess

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
# For a start, a stop, or one answer; healthy ones take milliseconds.
STEP_SECONDS = 120


class Failed(SystemExit):
    """What cannot be done, and why."""


def executable(kind, name, *arguments):
    """The executable of a target of the release, such as `--bench load`; the arguments go to rustc."""
    command = ["cargo", "rustc", "--release", "--locked", "--message-format=json-render-diagnostics", kind, name, "--"]
    done = subprocess.run([*command, *arguments], cwd=ROOT, check=True, stdout=subprocess.PIPE)
    messages = map(json.loads, done.stdout.splitlines())
    return next(m["executable"] for m in messages if m.get("executable") and m["target"]["name"] == name)


class Service:
    """A program that says where it listens. Its settings are those given here, and none of the environment's."""

    def __init__(self, command, log, settings=None, before=None):
        self.log = log
        environment = {name: value for name, value in os.environ.items() if not name.startswith("GATEWAY_")}
        # Standard output holds that one line; it is not read on.
        # To a file: whoever runs a gateway keeps its log, so writing it belongs to what is measured.
        with open(log, "ab") as errors:
            self.process = subprocess.Popen(
                command, env=environment | (settings or {}), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                stderr=errors, text=True, preexec_fn=before,
            )
        self.url, self.address = self.announced()

    def announced(self):
        for line in self.process.stdout:
            if found := re.match(r"listening on (https?://(\S+))", line):
                return found.groups()
        raise self.broken()

    def broken(self):
        self.stop()
        with open(self.log, encoding="utf-8", errors="replace") as log:
            return Failed(f"{self.process.args[0]} did not start: {log.read()[-2000:]}")

    def stop(self):
        if self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(STEP_SECONDS)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        self.process.stdout.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()
