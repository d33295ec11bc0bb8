"""A diagnosis as text: the short one for three in the morning, the long one, and the answer to `why`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from crashcart.model.diagnosis import Diagnosis, NextLook, Ranked, Reason, Stop, Verdict
from crashcart.model.net import Finding, Net, Source
from crashcart.model.observation import Look, LookId, Observation, Record, Seen
from crashcart.model.system import System
from crashcart.model.truth import Truth
from crashcart.report.plain import end_of, line
from crashcart.report.words import ago, clock, headline, likely

WIDTH = 100
SHORT_REASONS = 3
LONG_REASONS = 8
LONG_CAUSES = 4
WEAK_ALARM = 0.05  # a symptom that is seen so often anyway calls nothing broken by itself
WORTH_TELLING_DB = 3.5  # weaker reasons against a cause are kept for `why`
_STOPS = {
    Stop.BUDGET: "The budget was over before I was sure; more time: `crashcart diagnose --budget 120`.",
    Stop.INTERRUPTED: "You stopped me; this is what I knew by then.",
}


def _is_of_what_is_not_there(reason: str) -> bool:
    """Whether a check was not asked because the system does not have such a part, which is no gap."""
    return "depends on no target" in reason or reason.startswith("nothing depends on")


class Pages:
    """Everything that a text about one diagnosis draws on."""

    def __init__(self, diagnosis: Diagnosis, net: Net, system: System, observations: Sequence[Observation]) -> None:
        self.diagnosis = diagnosis
        self.net = net
        self.system = system
        self.seen: Mapping[LookId, Observation] = {entry.look: entry for entry in observations}
        self.causes = {cause.id: cause for cause in net.causes}
        self.checks = net.checks
        self.problems = {problem.id: problem for problem in net.problems}

    # -- the short report: at most 20 lines

    def short(self, *, next_command: str | None = None) -> str:
        """Return what is broken for whom, since when, the likely cause in words, and the one next command ("": none)."""
        lines = [self.head(), "", *self.broken(), *self.verdict_lines()]
        command = self.next_command() if next_command is None else next_command
        tail = ["", f"Next: {command}"] if command else []
        return "\n".join([*lines[: 20 - len(tail)], *tail]) + "\n"

    def head(self) -> str:
        environment = f" · {line(self.system.environment, 30)}" if self.system.environment else ""
        taken = self.diagnosis.looks_taken
        return f"{line(self.system.name, 40)}{environment} · {self.diagnosis.now:%Y-%m-%d %H:%M:%S} UTC · {taken} look{'' if taken == 1 else 's'}"

    def broken(self) -> list[str]:
        """Say what is broken, and since when."""
        since = self.since()
        found = [
            f"Broken: {line(title, 70)} ({', '.join(targets)}){since}"
            for title, targets in self.broken_titles().items()
        ]
        for given in self.diagnosis.given[: 2 if found else 3]:
            found.append(f"Should hold and does not: {_quoted(given.text)} ({given.target})")
        return found[:4]

    def broken_titles(self) -> dict[str, list[str]]:
        """Return titles of the problems that are seen, those of the first cause first, with their targets."""
        first = self.diagnosis.first
        of_first = set(self.causes[first.cause].problems) if first and first.cause in self.causes else set()
        ids = dict.fromkeys(problem for problem, _ in self.diagnosis.problems)
        if self.diagnosis.verdict is Verdict.DECIDED:
            # A symptom that many problems share ("errors are logged") would call all of them broken.
            ids = {problem: None for problem in ids if problem in of_first}
        if self.diagnosis.verdict is Verdict.NOTHING_WRONG:
            return {}
        found: dict[str, list[str]] = {}
        for problem in sorted(ids, key=lambda entry: (entry not in of_first, entry)):
            bound = self.problems[problem]
            found.setdefault(bound.title, []).append(bound.target)
        return dict(list(found.items())[:2])

    def also(self) -> list[str]:
        """Say what else is broken that the first cause does not explain: one cause is named, and two may be there."""
        first = self.diagnosis.first
        if self.diagnosis.verdict is not Verdict.DECIDED or first is None or first.cause not in self.causes:
            return []
        explained = set(self.causes[first.cause].problems)
        weak = {
            edge.check
            for cause in self.net.causes
            for edge in cause.edges
            if edge.is_symptom and (edge.otherwise or 0.0) >= WEAK_ALARM
        }
        left = [
            problem
            for problem, finding in self.diagnosis.problems
            if problem not in explained and finding.check not in weak
        ]
        titles = dict.fromkeys(
            f"{line(self.problems[problem].title, 60)} ({self.problems[problem].target})" for problem in left
        )
        return [f"Also, and not explained by it: {title}" for title in list(titles)[:2]]

    def since(self) -> str:
        onset = self.diagnosis.onset
        if onset is None:
            return ""
        told = "" if self.diagnosis.onset_is_told else "at least "
        return f", {told}since {clock(onset)} ({ago(onset, self.diagnosis.now)})"

    def verdict_lines(self) -> list[str]:
        diagnosis = self.diagnosis
        lines = [headline(diagnosis)]
        if diagnosis.stop in _STOPS:
            lines.append(_STOPS[diagnosis.stop])
        if not diagnosis.judged:
            return [*lines, *self.why_blind()]
        match diagnosis.verdict:
            case Verdict.DECIDED if diagnosis.first:
                lines += self.reason_lines(diagnosis.first, SHORT_REASONS)
                lines += self.fix_lines(diagnosis.first)
                lines += self.also()
            case Verdict.UNDECIDED:
                lines += self.candidates()
                lines += self.would_decide()
            case Verdict.NONE_KNOWN:
                lines += self.unexplained()
                lines += self.would_decide()
            case _:
                lines += self.blind()
        return lines

    def reason_lines(self, ranked: Ranked, limit: int) -> list[str]:
        """Return the reasons with the guide's own sentence and its place, the strongest first."""
        telling = [reason for reason in ranked.reasons if reason.is_applied and abs(reason.decibans) >= 0.5]
        for_it = [reason for reason in telling if reason.decibans > 0][:limit]
        against = [reason for reason in telling if reason.decibans <= -WORTH_TELLING_DB][:1]
        return [self.reason_line(reason) for reason in (*for_it, *against)]

    def reason_line(self, reason: Reason) -> str:
        side = "because" if reason.decibans > 0 else "against"
        return f"  {side}  {line(self.fact(reason), 56):<56}  {place(reason.source)}"

    def fact(self, reason: Reason) -> str:
        """Return what was seen, where, as one short sentence."""
        return fact(reason, self.net)

    def fix_lines(self, ranked: Ranked) -> list[str]:
        cause = self.causes.get(ranked.cause)
        if cause is None or not cause.fixes:
            return []
        steps = [step.replace("{self}", cause.target) for step in cause.fixes]
        return [f"  to fix   {line(steps[0], 88)}", *[f"           {line(step, 88)}" for step in steps[1:3]]]

    def candidates(self) -> list[str]:
        left = [ranked for ranked in self.diagnosis.ranked if ranked.p >= 0.02][:3]
        return [f"  {likely(ranked.p):<22} {line(ranked.title, 60)} ({ranked.target or 'anywhere'})" for ranked in left]

    def unexplained(self) -> list[str]:
        found = []
        for problem, finding in self.diagnosis.problems[:3]:
            bound = self.problems[problem]
            found.append(f"  seen     {line(bound.title, 40)} ({bound.target}): {line(finding.saw, 40)}")
        likely_known = next(
            (ranked for ranked in self.diagnosis.ranked if ranked.cause in self.causes and ranked.p >= 0.02), None
        )
        if likely_known:
            found.append(f"  nearest  {line(likely_known.title, 60)} ({likely_known.target}), {likely(likely_known.p)}")
        return found

    def would_decide(self) -> list[str]:
        return [f"  to decide  {self.next_text(entry)}" for entry in self.diagnosis.would_decide[:2]]

    def next_text(self, entry: NextLook) -> str:
        blocked = f": {line(entry.blocked_because, 60)}" if entry.blocked_because else ""
        return f"{line(look_text(entry.look_key), 70)}{blocked}"

    def blind(self) -> list[str]:
        """Say what could not be seen, so that *nothing wrong* is not taken for *all is well*."""
        unseen = [finding for finding in self.diagnosis.unseen if not _is_of_what_is_not_there(finding.saw)]
        if not unseen:
            return []
        checks = "1 check" if len(unseen) == 1 else f"{len(unseen)} checks"
        return [f"  unseen   {checks} could not be judged, the first: {line(unseen[0].saw, 60)}"]

    def why_blind(self) -> list[str]:
        """Say why not one check could be judged."""
        if not self.checks:
            return ["  No guide says what to look at in these targets."]
        reasons = dict.fromkeys(line(finding.saw, 88) for finding in self.diagnosis.unseen)
        return [f"  {reason}" for reason in list(reasons)[:6]]

    def next_command(self) -> str:
        """Return the one command that helps now."""
        diagnosis = self.diagnosis
        if not self.checks:
            return "crashcart guide new http > guide.md    (and name it under `guides` in the system file)"
        if diagnosis.verdict is Verdict.NOTHING_WRONG:
            return "" if not diagnosis.unseen else "crashcart why    (what could not be seen)"
        if diagnosis.stop is Stop.BUDGET:
            return "crashcart diagnose --budget 120"
        known = [ranked for ranked in diagnosis.ranked if ranked.cause in self.causes and ranked.p > 0]
        if diagnosis.verdict is Verdict.DECIDED and known:
            return f"crashcart why {known[0].cause}"
        return "crashcart why"

    # -- the long report

    def long(self) -> str:
        """Return the diagnosis with evidence both ways, the other candidates, and what was not seen."""
        lines = [self.head(), "", *self.broken()]
        if self.diagnosis.verdict is not Verdict.DECIDED or not self.diagnosis.judged:  # else the first block says it
            lines.append(headline(self.diagnosis))
        if not self.diagnosis.judged:
            lines += self.why_blind()
        if self.diagnosis.complaint:
            lines.insert(1, f'you said "{line(self.diagnosis.complaint, 80)}"')
        if self.diagnosis.stop in _STOPS:
            lines.append(_STOPS[self.diagnosis.stop])
        for ranked in self.shown():
            lines += ["", *self.cause_block(ranked)]
        if self.diagnosis.judged and (also := self.also()):
            lines += ["", *also]
        if self.diagnosis.would_decide:
            lines += [
                "",
                "What would decide:",
                *[f"  {self.next_text(entry)}" for entry in self.diagnosis.would_decide],
            ]
        lines += self.unseen_block(limit=4)
        command = self.next_command()
        return "\n".join([*lines, *(["", f"Next: {command}"] if command else [])]) + "\n"

    def shown(self) -> list[Ranked]:
        if self.diagnosis.verdict is Verdict.NOTHING_WRONG or not self.diagnosis.judged:
            return []
        return [ranked for ranked in self.diagnosis.ranked if ranked.p >= 0.05][:LONG_CAUSES]

    def cause_block(self, ranked: Ranked) -> list[str]:
        lines = [f"{likely(ranked.p).capitalize()}: {line(ranked.title, 70)} ({ranked.target or 'anywhere'})"]
        lines += self.reason_lines(ranked, 4)
        lines += self.fix_lines(ranked)
        return lines

    def unseen_block(self, *, limit: int) -> list[str]:
        """Return what could not be seen, by its reason: one missing file blinds many checks."""
        reasons: dict[str, list[Finding]] = {}
        for finding in self.diagnosis.unseen:
            reasons.setdefault(finding.saw, []).append(finding)
        ordered = [entry for entry in reasons.items() if not _is_of_what_is_not_there(entry[0])]
        if not ordered:
            return []
        shown = [f"  {line(saw, 66)}: {_checks_told(found)}" for saw, found in ordered[:limit]]
        left = len(ordered) - limit
        more = [f"  and {left} more reason{'' if left == 1 else 's'}"] if left > 0 else []
        return ["", "Could not be seen:", *shown, *more]

    # -- why

    def why(self, cause: str = "") -> str:
        """Return the reasons for and against one cause, or for the whole verdict, with every number."""
        ranked = self.find(cause)
        if ranked is not None:
            return "\n".join(self._why(ranked)) + "\n"
        first = self.diagnosis.first
        reasons = ["", *self._why(first)] if first and self.diagnosis.verdict is Verdict.DECIDED else []
        return "\n".join([*self._why_all(), *reasons]) + "\n"

    def find(self, cause: str) -> Ranked | None:
        """Return a hypothesis by its id, or None for the whole verdict."""
        if cause:
            return next((ranked for ranked in self.diagnosis.ranked if ranked.cause == cause), None)
        return None

    def _why(self, ranked: Ranked) -> Iterator[str]:
        yield f"{line(ranked.title, 80)} ({ranked.target or 'anywhere'})"
        yield f"{likely(ranked.p)}, p = {ranked.p:.4g}    {ranked.cause}"
        cause = self.causes.get(ranked.cause)
        if cause:
            yield f"{place(cause.source)}"
        yield ""
        if ranked.ruled_out_by:
            yield f"  ruled out: {line(ranked.ruled_out_by.saw, 60)}  ({line(look_text(ranked.ruled_out_by.check), 60)})"
        yield f"  {ranked.prior_decibans:+7.1f} dB  how often this happens, before any look"
        for reason in ranked.reasons:
            yield from self.why_reason(reason)
        if ranked.unseen:
            yield ""
            yield "  not seen, so neither for nor against:"
            for finding in ranked.unseen[:LONG_REASONS]:
                yield f"    {line(look_text(finding.check), 60)}: {line(finding.saw, 70)}"
        if cause and cause.fixes:
            yield ""
            yield "  to fix:"
            for step in cause.fixes:
                yield f"    {line(step.replace('{self}', cause.target), 110)}"
        yield ""
        yield "  dB are decibans: +10 makes it ten times as likely, -10 a tenth, and they add up."
        first = self.diagnosis.first
        if first and first.cause != ranked.cause:
            yield f"  ahead of it: {line(first.title, 60)} ({first.target or 'anywhere'}), {likely(first.p)}: crashcart why {first.cause}"

    def why_reason(self, reason: Reason) -> Iterator[str]:
        note = "" if reason.is_applied else "  (a stronger claim on the same look counts)"
        weight = f"{reason.decibans:+7.1f} dB" if reason.is_applied else "        --"
        yield f"  {weight}  {line(self.fact(reason), 100)}{note}"
        yield f"              {_quoted(reason.source.sentence)}  {place(reason.source)}"
        for record in self.records(reason)[-1:]:
            yield f"              {end_of(record.where, 48)}: {line(record.text, 110)}"

    def records(self, reason: Reason) -> tuple[Record, ...]:
        """Return the records that made a finding true."""
        if reason.finding.truth is not Truth.TRUE:
            return ()
        outcomes = [self.seen[look].outcome for look in reason.finding.looks if look in self.seen]
        return tuple(record for outcome in outcomes if isinstance(outcome, Seen) for record in outcome.records)

    def _why_all(self) -> Iterator[str]:
        diagnosis = self.diagnosis
        yield headline(diagnosis)
        yield f"stopped because: {diagnosis.stop.value}; {diagnosis.looks_taken} looks in {len(diagnosis.rounds)} rounds"
        for given in diagnosis.given:
            yield f"taken for granted: {line(given.text, 90)} ({given.target})" + (
                f"  {place(given.source)}" if given.source else ""
            )
        if not diagnosis.given:
            yield f"nothing wrong: p = {diagnosis.p_nothing:.4g}"
        yield f"something no guide covers: p = {diagnosis.p_unknown:.4g}"
        yield ""
        for ranked in [entry for entry in diagnosis.ranked if entry.p >= 0.0001][:10]:
            yield f"  p = {ranked.p:<8.4g} {line(ranked.title, 60)} ({ranked.target or 'anywhere'})    {ranked.cause}"
        for entry in diagnosis.would_decide:
            yield f"  would decide: {self.next_text(entry)}  ({entry.gain_bits:.3g} bits)"
        yield from self.unseen_block(limit=20)


def fact(reason: Reason, net: Net) -> str:
    """Return what was seen, where: "openai: GET /v1/models: status = 401"."""
    check = net.checks.get(reason.finding.check)
    if check is None or not check.looks:
        return reason.finding.saw
    target = "" if len(check.looks) == 1 else f"{check.quant.value} of {len(check.looks)}"
    what = look_words(check.looks[0], target=target)
    return f"{what}: {reason.finding.saw}"


def _quoted(sentence: str) -> str:
    """Return a guide's sentence in quotes; a bare check stands in the backticks it has in the guide."""
    text = line(sentence, 60)
    return text if text.startswith("`") else f'"{text}"'


def _checks_told(found: Sequence[Finding]) -> str:
    first = line(look_text(found[0].check), 60)
    return first if len(found) == 1 else f"{len(found)} checks, such as {first}"


def look_words(look: Look, *, target: str = "") -> str:
    """Return a look as one says it: "http openai GET /models"."""
    words = " ".join(_arg_text(look, name, value) for name, value in look.args if not name.startswith("follow"))
    return " ".join(part for part in (look.kind, target or look.target, look.look, words) if part)


def _arg_text(look: Look, name: str, value: str) -> str:
    if name in ("text", "question") or " " in value:
        return f'"{value}"'
    return f"{name} {value}" if name not in ("path", "method", "name") else value


def look_text(key: str) -> str:
    """Return a look or check id as people read it."""
    return key.replace("='", ' "').replace("'", '"') if "='" in key else key


def place(source: Source) -> str:
    """Return where a sentence stands; "" for what no guide says."""
    if not source.span.line:
        return ""
    return end_of(f"{source.path or source.guide}:{source.span.line}", 32)
