"""One program, once. What it does is its own affair, so we only know whether it ended well."""

from __future__ import annotations

import hashlib
import json
import os
import pwd
import re
import shutil
import stat
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from crashcart.actions.blocking import BlockingHand, Job
from crashcart.actions.command import NotStarted, run
from crashcart.actions.files import Refused, because
from crashcart.actions.tools import Tools
from crashcart.model.touch import Happened, Prepared
from crashcart.model.vector import shell_in, vector
from crashcart.redact import Scrubber

_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
_BEGUN, _DONE = "begun", "done"
_SPARE_S = 1.0  # to end it and say so before our own caller gives up


class RunHand(BlockingHand):
    """Runs it once: a note is made before and after, and a second time with the same key is none."""

    def __init__(self, tools: Tools) -> None:
        super().__init__(tools, {"command": _Command(tools.scrubber)})


class _Command:
    def __init__(self, scrubber: Scrubber) -> None:
        self._scrubber = scrubber

    def prepare(self, job: Job) -> Prepared:
        """Find the program. What it would change nobody can see without running it."""
        argv, folder = vector(job.touch), _folder(job)
        self._judge(argv)
        program = _program(argv[0], folder)
        kept = {"program": str(program), "sha256": _digest(program), "folder": folder}
        # The content belongs to what is approved: another program of that name is another plan.
        whole = f"= {program}, sha256 {kept['sha256'][:16]}"
        words = " ".join(map(_shown, argv))
        return Prepared((f"+ {words}", whole, f"= in {folder}; what it changes nobody can foresee"), kept)

    def touch(self, job: Job) -> str:
        """Run it, unless it ran already, or may have."""
        note = job.vault.noted(job.touch.key)
        if note == _DONE:
            return "it ran already"
        if note == _BEGUN:
            raise Refused("it was begun before, and nobody knows what it did: look, and decide by hand")
        if dict(self.prepare(job).kept) != dict(job.kept):
            raise Refused("the program is another one than when the plan was made: plan again")
        return self._once(job)

    def happened(self, job: Job) -> Happened:
        """Say what the note says."""
        return {_DONE: Happened.YES, _BEGUN: Happened.CANNOT_KNOW}.get(job.vault.noted(job.touch.key), Happened.NO)

    def undo(self, job: Job) -> str:
        """There is none: what takes it back is the guide's to say, as a step of its own."""
        if job.vault.noted(job.touch.key):
            raise Refused("a free-form run has no undo of its own: by hand, then")
        return "it was not run"

    def _once(self, job: Job) -> str:
        words = [job.kept["program"], *vector(job.touch)[1:]]
        job.vault.note(job.touch.key, _BEGUN)
        try:
            told = run(
                words, folder=job.kept["folder"], timeout_s=max(job.timeout_s - _SPARE_S, _SPARE_S / 2),
                environ=_environ(), scrubber=self._scrubber,
            )  # fmt: skip
        except NotStarted:
            job.vault.note(job.touch.key, "")  # the kernel refused, so nothing has happened
            raise
        job.vault.note(job.touch.key, _DONE)
        return f"{Path(words[0]).name} ended well{f': {told}' if told else ''}"

    def _judge(self, argv: tuple[str, ...]) -> None:
        shell = shell_in(argv)
        if shell:
            raise Refused(f"{shell} would read a line of text; write it into a file and run that")
        for word in argv:
            if "\0" in word:
                raise Refused("an argument holds a zero byte")
            if self._scrubber.text(word) != word:
                # Arguments are seen by everybody on the machine, and stand in the plan.
                raise Refused("an argument looks like a secret; a program reads those from a file")


def _shown(word: str) -> str:
    """Return an argument as the plan shows it: where it ends, and what it holds, can be read whatever shows it."""
    if re.fullmatch(r"[\w@%+=:,./-]+", word, re.ASCII):
        return word
    return json.dumps(word).replace("  ", " \\u0020")


def _folder(job: Job) -> str:
    folder = (*job.target.touch.get("folder", ()), "")[0]
    if not folder or not Path(folder).is_dir():
        raise Refused(f"there is no folder to run it in: {folder or 'the system file says none'}")
    return folder


def _program(name: str, folder: str) -> Path:
    """Return the whole path of a program. Links stay: many programs behave by the name that they are called by."""
    found = Path(folder, name) if "/" in name else Path(shutil.which(name, path=_PATH) or "")
    try:
        info = found.stat()
    except OSError as error:
        raise Refused(f"there is no program {name}: {because(error)}") from error
    if not name or not stat.S_ISREG(info.st_mode) or not os.access(found, os.X_OK):
        raise Refused(f"there is no program {name} that we may run")
    if info.st_mode & stat.S_IWOTH:
        raise Refused(f"{found} may be changed by everybody on this machine")
    return found


def _digest(program: Path) -> str:
    try:
        with program.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise Refused(because(error)) from error


def _environ() -> Mapping[str, str]:
    """Return an environment that holds nothing of ours: a program that needs settings reads its own."""
    known = {"PATH": _PATH, "LANG": "C.UTF-8"}
    with suppress(KeyError):  # a user without an entry, as in some containers
        entry = pwd.getpwuid(os.geteuid())
        known |= {"HOME": entry.pw_dir, "USER": entry.pw_name, "LOGNAME": entry.pw_name}
    return known
