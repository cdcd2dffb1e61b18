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


def keep_port():
    """A socket at a port that nobody has. As long as it is open, nobody is given the port, and who
    listens there must set SO_REUSEADDR, as servers do."""
    kept = socket.socket()
    kept.bind(("127.0.0.1", 0))
    kept.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    return kept


class Suite:
    """One running suite with its keys and tokens; `more` are options of the program. To be used in a
    `with` statement; the process is ended whatever happens. `run` may be called from several
    threads."""

    def __init__(self, folder, programs, *more):
        self.folder = Path(folder)
        self.uncac = str(Path(programs) / "uncac")
        self.program = str(Path(programs) / "uncac-suite")
        self.process = None
        self.more = more
        self.address = None  # of gRPC
        self.http = None  # the gateway's, as a URL
        self.kept = []

    def __enter__(self):
        keys, tokens = self.folder / "keys", self.folder / "tokens"
        for made in (keys, tokens):
            made.mkdir(mode=0o700)
        self._must([self.uncac, "exercise", "keys", "--out", keys])
        self._must(
            [self.uncac, "exercise", "tokens", "--key", keys / "token-signing.pem", "--out", tokens]
        )
        self.kept = [keep_port(), keep_port(), keep_port()]
        grpc, health, http = (kept.getsockname()[1] for kept in self.kept)
        self.address = f"127.0.0.1:{grpc}"
        self.http = f"http://127.0.0.1:{http}"
        with open(self.folder / "suite.log", "w", encoding="utf-8") as log:
            self.process = subprocess.Popen(
                [
                    self.program,
                    *("--data", self.folder / "store"),
                    *("--token-verify-key", keys / "token-verify.pem"),
                    *("--listen", self.address),
                    *("--health-listen", f"127.0.0.1:{health}"),
                    *("--http-listen", f"127.0.0.1:{http}"),
                    *self.more,
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
        for kept in self.kept:
            kept.close()
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
