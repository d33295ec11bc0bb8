"""Crashcart as the lab knows it: a command that is run from outside, and the answer that it prints."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from pydantic import BaseModel, ValidationError

from crashcart_lab.errors import LabError
from crashcart_lab.supervise import clean_environment

# Twice the budget that crashcart grants itself, so that it is never we who cut it short.
TIMEOUT_S = 120.0
# The causes of problems that no guide covers begin so.
UNKNOWN = "unknown:"
COMPLAINT = "complaint"


@dataclass(frozen=True, slots=True)
class Suspect:
    """One cause of an answer; p in [0, 1]."""

    cause: str
    p: float

    @property
    def is_known(self) -> bool:
        """Whether a guide describes it."""
        return not self.cause.startswith(UNKNOWN)


@dataclass(frozen=True, slots=True)
class Answer:
    """What crashcart said: verdict, and causes with the likeliest first."""

    verdict: str
    suspects: tuple[Suspect, ...]
    p_nothing: float
    looks: int
    saw_anything: bool
    took_s: float


class _Finding(BaseModel):
    check: str
    truth: str


class _Reason(BaseModel):
    finding: _Finding


class _Cause(BaseModel):
    cause: str
    p: float
    reasons: list[_Reason]


class _Diagnosis(BaseModel):
    v: int
    verdict: str
    causes: list[_Cause]
    p_nothing: float
    looks_taken: int


@dataclass(frozen=True, slots=True)
class Told:
    """What a command said, and its exit code."""

    code: int
    text: str
    errors: str


def command() -> tuple[str, ...]:
    """Return how crashcart is started: the one that is installed beside us."""
    beside = Path(sys.executable).with_name("crashcart")
    return (str(beside),) if beside.exists() else (sys.executable, "-m", "crashcart")


@dataclass(frozen=True, slots=True)
class Product:
    """Crashcart, with a state folder of its own; it inherits none of the caller's keys and settings."""

    state_folder: Path

    def report(self, system_file: Path, words: str, *, save: Path) -> str:
        """Diagnose, keep the case, and return the report as people see it."""
        return self._run("--system", str(system_file), "diagnose", words, "--save", str(save))

    def diagnose(
        self, system_file: Path, words: str, *, budget_s: float | None = None, save: Path | None = None
    ) -> Answer:
        """Diagnose; *words* are what people say, and may be empty. *save* keeps the case."""
        options = [*([words] if words else [])]
        options += [] if budget_s is None else ["--budget", f"{budget_s:g}"]
        options += [] if save is None else ["--save", str(save)]
        return self._ask("--system", str(system_file), "diagnose", *options, "--json")

    def record(self, system_file: Path, case: Path, *, truth: str, note: str) -> None:
        """Keep everything that any guide could ask, with the right answer."""
        self._run("--system", str(system_file), "case", "record", "-o", str(case), "--truth", truth, "--note", note)

    def replay(self, case: Path, *, without: str | None = None) -> Answer:
        """Diagnose from a case, offline; *without* takes one cause out of the guides."""
        left_out = () if without is None else ("--without", without)
        return self._ask("replay", str(case), *left_out, "--json")

    def touch(
        self, system_file: Path, *arguments: str, secrets: Mapping[str, str] | None = None, timeout_s: float
    ) -> Told:
        """Run one of the commands that may touch, with nobody to ask; *secrets* are the variables that it may read.

        Raises:
            LabError: it took too long, and was killed.
        """
        words = [*command(), "--system", str(system_file), *arguments]
        environment = clean_environment() | {"XDG_STATE_HOME": str(self.state_folder)} | dict(secrets or {})
        try:
            done = subprocess.run(
                words, check=False, env=environment, capture_output=True, text=True, timeout=timeout_s,
                stdin=subprocess.DEVNULL,
            )  # fmt: skip
        except subprocess.TimeoutExpired as err:
            raise LabError(f"crashcart took longer than {timeout_s:g} s: {shown(arguments)}", hint="try it") from err
        return Told(done.returncode, done.stdout, done.stderr)

    def _ask(self, *arguments: str) -> Answer:
        began = time.monotonic()
        text = self._run(*arguments)
        return read(text, took_s=round(time.monotonic() - began, 3))

    def _run(self, *arguments: str) -> str:
        words = [*command(), *arguments]
        environment = clean_environment() | {"XDG_STATE_HOME": str(self.state_folder)}
        try:
            done = subprocess.run(
                words, check=False, env=environment, capture_output=True, text=True, timeout=TIMEOUT_S
            )
        except subprocess.TimeoutExpired as err:
            raise LabError(f"crashcart took longer than {TIMEOUT_S:g} s: {shown(arguments)}", hint="try it") from err
        # Exit 2 with an answer: it could see nothing, and says so.
        if done.returncode not in (0, 1) and not done.stdout.strip():
            first = (done.stderr.strip().splitlines() or ["it said nothing"])[0]
            raise LabError(
                f"crashcart could not do it (exit {done.returncode}): {first}", hint=f"try it: {shown(arguments)}"
            )
        return done.stdout


def shown(arguments: Sequence[str]) -> str:
    """Return the command as a person would type it."""
    return " ".join(["crashcart", *(f'"{word}"' if " " in word else word for word in arguments)])


def read(text: str, *, took_s: float) -> Answer:
    """Return the answer that crashcart printed as JSON.

    Raises:
        LabError: it is none that we can read.
    """
    try:
        found = _Diagnosis.model_validate_json(text)
    except ValidationError as err:
        raise LabError(
            f"crashcart's JSON is not as expected: {err.errors()[0]['msg']}", hint="read product.py"
        ) from err
    if found.v != 1:
        raise LabError(f"crashcart's JSON has version {found.v}, and we read 1", hint="adapt product.py")
    findings = [reason.finding for cause in found.causes for reason in cause.reasons]
    return Answer(
        found.verdict,
        tuple(Suspect(one.cause, one.p) for one in found.causes),
        found.p_nothing,
        found.looks_taken,
        any(finding.check != COMPLAINT and finding.truth != "unknown" for finding in findings),
        took_s,
    )
