"""Somebody who has read nothing: installs the wheel, runs `init`, `check` and `diagnose`, and edits no file."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from crashcart_lab.errors import LabError
from crashcart_lab.product import Answer, read
from crashcart_lab.supervise import clean_environment

_TIMEOUT_S = 300.0


@dataclass(frozen=True, slots=True)
class Timed:
    """What a command printed, and how long it took."""

    text: str
    took_s: float


@dataclass(frozen=True, slots=True)
class Newcomer:
    """A person in a project folder with one program. `home` keeps what crashcart keeps of its own."""

    program: Path
    project: Path
    home: Path
    install_s: float = 0.0  # 0 when it was there already

    @property
    def system_file(self) -> Path:
        """The file that `init` writes."""
        return self.project / "crashcart.toml"

    def init(self) -> Timed:
        """Let it find the parts, as if for the first time."""
        self.system_file.unlink(missing_ok=True)
        return self._run("init", "--yes")

    def failures(self) -> tuple[list[str], float]:
        """Return the Healthy items that fail, and how long that took to say."""
        told = self._run("check", "--json")
        found = json.loads(told.text)
        return [f"{one['target']}: {one['sentence']}" for one in found["items"] if one["mark"] == "fail"], told.took_s

    def diagnose(self, words: str, case: Path) -> Timed:
        """Ask what is wrong, in the words of whoever suffers, and keep the case."""
        return self._run("diagnose", words, "--save", str(case))

    def answer(self, case: Path) -> Answer:
        """Return what the diagnosis of that case says: a replay gives the same bytes."""
        return read(self._run("replay", str(case), "--json").text, took_s=0.0)

    def _run(self, *arguments: str) -> Timed:
        environment = clean_environment() | {"XDG_STATE_HOME": str(self.home)}
        return _timed([str(self.program), *arguments], folder=self.project, environment=environment)


def install(wheel: Path, venv: Path) -> tuple[Path, float]:
    """Install a wheel into an environment of its own, afresh; return the program, and how long `pip install` took."""
    subprocess.run([sys.executable, "-m", "venv", "--clear", str(venv)], check=True)
    argv = [str(venv / "bin" / "pip"), "install", "-q", "--disable-pip-version-check", str(wheel)]
    return venv / "bin" / "crashcart", _timed(argv, folder=venv, environment=clean_environment()).took_s


def _timed(argv: Sequence[str], *, folder: Path, environment: Mapping[str, str]) -> Timed:
    began = time.monotonic()
    done = subprocess.run(
        list(argv), cwd=folder, env=dict(environment), capture_output=True, text=True, timeout=_TIMEOUT_S,
        stdin=subprocess.DEVNULL, check=False,
    )  # fmt: skip
    took_s = round(time.monotonic() - began, 3)
    # Exit 2 with an answer: it could see nothing, and says so.
    if done.returncode not in (0, 1) and not done.stdout.strip():
        raise LabError(f"{Path(argv[0]).name} {argv[1]} ended with {done.returncode}", hint=done.stderr[-600:])
    return Timed(done.stdout, took_s)
