"""A diagnosis from logs alone as text: what was read, what it tells, and once that nothing else was looked at."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from crashcart.model.diagnosis import Diagnosis, NextLook, Verdict
from crashcart.model.logs import LogReport
from crashcart.model.net import Finding, Net
from crashcart.model.observation import Observation
from crashcart.model.system import System
from crashcart.report.logs import error_lines
from crashcart.report.plain import end_of, line
from crashcart.report.text import Pages, look_text
from crashcart.report.words import clock

_LOGGED = 3
_FILES = 3
_TROUBLES = 3


@dataclass(frozen=True, slots=True)
class LogGround:
    """What a diagnosis from logs stands on. Moments are UTC, or by the logs' own clock when `is_zoned` is False."""

    files: tuple[str, ...]
    report: LogReport
    begin: datetime  # of the records that count
    now: datetime  # their end
    end: datetime  # of the logs
    is_zoned: bool
    has_stamps: bool
    is_supposed: bool  # no system file says what there is
    troubles: tuple[str, ...] = ()


class LogPages(Pages):
    """The texts of a diagnosis from logs."""

    def __init__(
        self, diagnosis: Diagnosis, net: Net, system: System, observations: Sequence[Observation], ground: LogGround
    ) -> None:
        # What no target of ours was asked could not even be asked: only looks that somebody can take are proposed.
        told = replace(diagnosis, would_decide=tuple(entry for entry in diagnosis.would_decide if entry.looks))
        super().__init__(told, net, system, observations)
        self.ground = ground

    def head(self) -> str:
        """Return what was read, and which part of it counts."""
        files = ", ".join(end_of(path, 50) for path in self.ground.files[:_FILES])
        more = len(self.ground.files) - _FILES
        told = f"{files} and {more} more" if more > 0 else files
        troubles = [f"not read: {line(trouble, 90)}" for trouble in self.ground.troubles[:_TROUBLES]]
        return "\n".join([f"{told} · only read, nothing else was looked at", self.window(), *troubles])

    def window(self) -> str:
        """Return the time that counts; the trouble may have ended long before the log does."""
        ground = self.ground
        if not ground.has_stamps:
            return "it has no time stamps: all that was read counts"
        zone = "UTC" if ground.is_zoned else "by its own clock"
        same = ground.begin.date() == ground.now.date()
        until = f"{ground.now:%H:%M:%S}" if same else f"{ground.now:%Y-%m-%d %H:%M:%S}"
        text = f"{ground.begin:%Y-%m-%d %H:%M:%S} to {until} {zone} counts"
        if ground.now >= ground.end:
            return f"{text}, the end of it; `--since` for another time"
        return f"{text}, around its last errors; it goes on until {ground.end:%Y-%m-%d %H:%M:%S}"

    def since(self) -> str:
        """Return when it began; how long ago that is, a log cannot tell."""
        onset = self.diagnosis.onset
        told = "" if self.diagnosis.onset_is_told else "at least "
        return f", {told}since {clock(onset)}" if onset is not None else ""

    def next_text(self, entry: NextLook) -> str:
        """Return a look without why it was not taken: that is the same for all of them."""
        return line(look_text(entry.look_key), 90)

    def unseen_block(self, *, limit: int) -> list[str]:
        """Return what an unexplained log says, what it would not tell, and how much stayed unasked."""
        logged = [finding for finding in self.diagnosis.unseen if self.is_of_log(finding)]
        others = len(self.diagnosis.unseen) - len(logged)
        reasons = dict.fromkeys(line(finding.saw, 90) for finding in logged)
        lines = [f"  {reason}" for reason in list(reasons)[:limit]]
        if others:
            lines.append(f"  {others} check{'' if others == 1 else 's'} of the running system: only the log was read")
        return [*self.logged(), *(["", "Could not be seen:", *lines] if lines else [])]

    def is_of_log(self, finding: Finding) -> bool:
        """Whether a finding is of a log that was given."""
        looks = self.checks[finding.check].looks if finding.check in self.checks else ()
        return any(look.kind == "log" and self.system.targets[look.target].logs for look in looks)

    def blind(self) -> list[str]:
        """Say what could not be seen, as one line."""
        return ["  unseen   all but the log"]

    def logged(self) -> list[str]:
        """Return the worst errors of a log that no known cause explains."""
        if self.diagnosis.verdict is Verdict.DECIDED:
            return []
        errors = error_lines(self.ground.report, _LOGGED)
        return ["", "The log says:", *errors] if errors else []

    def next_command(self) -> str:
        """Return what helps now: reasons, a guide for what none knows, or a look at more than the log."""
        paths = " ".join(shlex.quote(path) for path in self.ground.files[:1])
        diagnosis = self.diagnosis
        first = diagnosis.first
        if diagnosis.verdict is Verdict.DECIDED and first is not None:
            return f"crashcart why {first.cause}"
        if self.ground.report.problems and (first is None or first.cause not in self.causes):
            return f"crashcart guide suggest {line(paths)}    (a guide for what none knows yet)"
        if diagnosis.verdict is Verdict.NOTHING_WRONG:
            return f"crashcart logs {line(paths)}    (what else it says)"
        if self.ground.is_supposed:
            return "crashcart init    (a system file lets me look at more than the log)"
        return "crashcart diagnose    (looks at the running system too)"


def window_begin(now: datetime, onset: datetime | None, window_s: float) -> datetime:
    """Return where the records begin that count."""
    return (onset or now) - timedelta(seconds=window_s)
