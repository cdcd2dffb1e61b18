"""Starts `uncac-suite` on an empty folder and asks it through `uncac`."""

import json
import os
import socket
import subprocess
import time
import urllib.error
import urllib.request
from pathlib import Path

START_LIMIT = 60  # seconds


class Refused(Exception):
    """The program left with another code than 0."""


def free_ports(count):
    """Ports that nobody listens on. All are held at once, so that they differ."""
    sockets = [socket.socket() for _ in range(count)]
    try:
        for one in sockets:
            one.bind(("127.0.0.1", 0))
        return [one.getsockname()[1] for one in sockets]
    finally:
        for one in sockets:
            one.close()


class Suite:
    """One running suite with its keys and tokens. To be used in a `with` statement; the process is
    ended whatever happens. `run` may be called from several threads."""

    def __init__(self, folder, programs):
        self.folder = Path(folder)
        self.uncac = str(Path(programs) / "uncac")
        self.program = str(Path(programs) / "uncac-suite")
        self.process = None
        self.address = None

    def __enter__(self):
        keys, tokens = self.folder / "keys", self.folder / "tokens"
        for made in (keys, tokens):
            made.mkdir(mode=0o700)
        self._must([self.uncac, "exercise", "keys", "--out", keys])
        self._must(
            [self.uncac, "exercise", "tokens", "--key", keys / "token-signing.pem", "--out", tokens]
        )
        grpc, health = free_ports(2)
        self.address = f"127.0.0.1:{grpc}"
        with open(self.folder / "suite.log", "w", encoding="utf-8") as log:
            self.process = subprocess.Popen(
                [
                    self.program,
                    *("--data", self.folder / "store"),
                    *("--token-verify-key", keys / "token-verify.pem"),
                    *("--listen", self.address),
                    *("--health-listen", f"127.0.0.1:{health}"),
                    *("--http-listen", "127.0.0.1:0"),
                ],
                stdout=log,
                stderr=log,
            )
        try:
            self._wait(f"http://127.0.0.1:{health}/readyz")
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        self.process.terminate()
        try:
            self.process.wait(30)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()

    def log(self):
        return (self.folder / "suite.log").read_text(encoding="utf-8")

    def _wait(self, url):
        end = time.monotonic() + START_LIMIT
        while time.monotonic() < end:
            if self.process.poll() is not None:
                raise RuntimeError(f"uncac-suite ended before it was ready:\n{self.log()[-2000:]}")
            try:
                with urllib.request.urlopen(url, timeout=5) as answer:
                    if answer.status == 200:
                        return
            except (urllib.error.URLError, OSError):
                pass
            time.sleep(0.02)  # between two polls
        raise RuntimeError(f"uncac-suite not ready within {START_LIMIT} s:\n{self.log()[-2000:]}")

    def _must(self, words):
        subprocess.run(words, check=True, capture_output=True)

    def token(self, role, who=""):
        if role == "public":
            return ""
        name = {"focal_point": f"focal-point-{who}", "provider": f"provider-{who}"}.get(role, role)
        return str(self.folder / "tokens" / f"{name}.jwt")

    def run(self, token, *words, form="table"):
        """Standard output of one command."""
        done = subprocess.run(
            [self.uncac, "--server", self.address, "--token", token, "--format", form, *words],
            capture_output=True,
            env={k: v for k, v in os.environ.items() if not k.startswith("UNCAC_")},
        )
        out, err = done.stdout.decode(), done.stderr.decode()
        if done.returncode != 0:
            raise Refused(f"uncac {' '.join(words)}: exit {done.returncode}\n{err}{out}")
        return out

    def ask(self, token, *words):
        return json.loads(self.run(token, *words, form="json"))
