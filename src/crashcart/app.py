"""The wiring: everything is built here, once, from a system file or from a case."""

from __future__ import annotations

import os
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from crashcart import __version__
from crashcart.actions import registry as hands
from crashcart.errors import GuideErrors, UsageError
from crashcart.model.case import Case, GuideText
from crashcart.model.guide import Guide, Trust
from crashcart.model.net import Net
from crashcart.model.observation import Moment, Observation
from crashcart.model.spec import Catalogue
from crashcart.model.system import System
from crashcart.probes import registry
from crashcart.probes.targets import COMMON, TARGET_KINDS, TOUCH

if TYPE_CHECKING:
    from crashcart.alerts import AlertGroup
    from crashcart.config import Loaded
    from crashcart.drive.diagnose import Result
    from crashcart.drive.take import WorldTaker
    from crashcart.guides.captures import Captured
    from crashcart.model.diagnosis import Given
    from crashcart.ports import Hand
    from crashcart.redact import Scrubber


@cache
def catalogue() -> Catalogue:
    """Return all kinds that exist here. Loads tables only: no driver, no HTTP client."""
    return Catalogue(kinds=registry.specs(), actions=hands.specs(), targets=TARGET_KINDS, common=COMMON, touch=TOUCH)


def compile_text(text: GuideText, system: System | None = None, *, others: Sequence[GuideText] = ()) -> Guide:
    """Return a compiled guide. A team's own guide may name the system's targets; links may lead to the other guides.

    Raises:
        GuideErrors: with every complaint.
    """
    from crashcart.guides.compile import compile_guide, outline

    named = system is not None and text.trust is not Trust.SHIPPED
    targets = {target.name: target.kind for target in system.targets.values()} if named and system else {}
    known = dict(outline(other.text) for other in others)
    return compile_guide(text.text, catalogue(), path=text.path, trust=text.trust, targets=targets, known=known)


def shipped_texts() -> tuple[GuideText, ...]:
    """Return the texts of all shipped guides."""
    from crashcart.packs import shipped

    return tuple(GuideText(f"packs/{name}/guide.md", Trust.SHIPPED, text) for name, text in shipped().items())


def own_texts(loaded: Loaded) -> tuple[GuideText, ...]:
    """Return the texts of the guides that the system file names.

    Raises:
        UsageError: one cannot be read.
    """
    found = []
    for path in loaded.guides:
        try:
            text = path.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise UsageError(
                f"the guide cannot be read: {error}", where=str(path), hint="`guides = [...]` in the system file"
            ) from error
        found.append(GuideText(_short(path), Trust.OWN, text))
    return tuple(found)


def compile_all(
    texts: Sequence[GuideText], system: System, *, others: Sequence[GuideText] = ()
) -> tuple[tuple[Guide, ...], tuple[GuideErrors, ...]]:
    """Return the guides that compile, and what is wrong with the others: one broken guide does not stop the rest.

    Of two guides of one name, the team's own stands. Links may also lead to *others*.
    """
    guides: dict[str, Guide] = {}
    errors: list[GuideErrors] = []
    for text in texts:
        try:
            guide = compile_text(text, system, others=others or texts)
        except GuideErrors as error:
            errors.append(error)
            continue
        guides[guide.name] = guide
    return tuple(guides[name] for name in sorted(guides)), tuple(errors)


@dataclass(frozen=True, slots=True)
class Bench:
    """A system with its guides, ready to be diagnosed: from the world or from a case."""

    system: System
    texts: tuple[GuideText, ...]
    net: Net
    guides: tuple[Guide, ...]
    guide_errors: tuple[GuideErrors, ...] = ()
    loaded: Loaded | None = None

    def rebind(self, caught: Captured) -> Net:
        """Return the network in which the checks that waited for captured values can be asked."""
        from crashcart.guides.bind import bind

        return bind(self.guides, self.system, catalogue(), captured=caught)


def bench(system: System, texts: Sequence[GuideText], loaded: Loaded | None = None) -> Bench:
    """Return the bound network of these guides over that system.

    Raises:
        UsageError: no guide is left that compiles.
    """
    from crashcart.guides.bind import bind

    guides, errors = compile_all(_needed(texts, system), system, others=texts)
    if not guides:
        raise UsageError("no guide is left that compiles", hint="`crashcart guide lint PATH` for each")
    return Bench(system, tuple(texts), bind(guides, system, catalogue()), guides, errors, loaded)


def _needed(texts: Sequence[GuideText], system: System) -> tuple[GuideText, ...]:
    """Leave out shipped guides for kinds of target that are not there, unless a link leads to them: they say nothing."""
    kinds = {target.kind for target in system.targets.values()}
    needed = {text.path for text in texts if text.trust is not Trust.SHIPPED or _kind_of(text.text) in kinds}
    while True:
        linked = "\n".join(text.text for text in texts if text.path in needed)
        more = {text.path for text in texts if text.path not in needed and f"]({_name_of(text.text)}#" in linked}
        if not more:
            return tuple(text for text in texts if text.path in needed)
        needed |= more


def bench_of_world(loaded: Loaded) -> Bench:
    """Return the bench of a system file: shipped guides apply by the kind of target, own ones are named in it."""
    return bench(loaded.system, (*shipped_texts(), *own_texts(loaded)), loaded)


def bench_of_health(loaded: Loaded) -> Bench:
    """Return the bench that a check of the health needs: the guides of the kinds that are there, up to the problems."""
    from crashcart.guides.health import opening

    kinds = {target.kind for target in loaded.system.targets.values()}
    wanted = [text for text in shipped_texts() if _kind_of(text.text) in kinds]
    texts = (replace(text, text=opening(text.text)) for text in (*wanted, *own_texts(loaded)))
    return bench(loaded.system, tuple(texts), loaded)


def bench_of_case(case: Case, texts: Sequence[GuideText] | None = None) -> Bench:
    """Return the bench of a case, with its own guides or with others."""
    return bench(case.system, case.guides if texts is None else texts)


class SystemClock:
    """The machine's clock."""

    def now(self) -> datetime:
        """Return the time, aware, in UTC."""
        return datetime.now(UTC)

    def monotonic(self) -> float:
        """Return seconds that never go back."""
        import time

        return time.monotonic()


def world_taker(ready: Bench, moment: Moment) -> WorldTaker:
    """Return what looks at the running system of a bench."""
    assert ready.loaded is not None
    return taker_of(ready.loaded, moment)


def taker_of(loaded: Loaded, moment: Moment) -> WorldTaker:
    """Return what looks at the running system, with every known secret in its scrubber."""
    from crashcart.drive.take import WorldTaker
    from crashcart.probes.shared import SharedPlace
    from crashcart.redact import Scrubber

    place = SharedPlace()
    scrubber = Scrubber((*loaded.secrets.all(), *loaded.known_secrets))
    made = cache(lambda kind: registry.load(kind, place, scrubber, loaded.secrets))
    return WorldTaker(loaded.system, made, SystemClock(), moment, deadline_s=loaded.deadline_s, kinds=catalogue().kinds)


def hand_maker(ready: Bench, folder: Path) -> Callable[[str], Hand]:
    """Return what loads the hand of a kind, once. `folder` is where hands keep what only undoing may read."""
    from crashcart.probes.place import LocalPlace
    from crashcart.redact import Scrubber

    loaded = ready.loaded
    assert loaded is not None
    place = LocalPlace()
    scrubber = Scrubber((*loaded.secrets.all(), *loaded.known_secrets))
    return cache(lambda kind: hands.load(kind, place, scrubber, loaded.secrets, folder))


def client_of(ready: Bench) -> Callable[[Sequence[str], float], Awaitable[str]]:
    """Return what acts as a user by a command of the system file; see `World.client`."""
    from crashcart.actions import outside

    assert ready.loaded is not None
    folder = ready.loaded.path.resolve().parent
    return lambda argv, timeout_s: outside.fails(argv, folder, timeout_s)


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked of a diagnosis."""

    complaint: str = ""
    onset: datetime | None = None
    answers: Mapping[str, str] = field(default_factory=dict)
    now: datetime = field(default_factory=lambda: datetime.now(UTC))
    alerts: tuple[Given, ...] = ()


def replay_case(
    case: Case, ready: Bench | None = None, *, texts: Sequence[GuideText] | None = None, without: str = ""
) -> Result:
    """Diagnose from a case, with its own guides unless others are given; `without` leaves one cause out.

    `ready` spares compiling them again: it must be the bench of this very case and of these texts.

    Raises:
        UsageError: there is no such cause.
    """
    import asyncio

    from crashcart.diagnosis import Brief
    from crashcart.diagnosis import without as leave_out
    from crashcart.drive.diagnose import Limits, diagnose
    from crashcart.drive.take import CaseTaker
    from crashcart.model.diagnosis import Stop

    ready = ready or bench_of_case(case, texts)
    causes = find_causes(ready.net, without) if without else ()

    def left(net: Net) -> Net:
        for cause in causes:
            net = leave_out(net, cause)
        return net

    moment = Moment(case.now, case.onset)
    limits = Limits(budget_s=3600.0)
    if case.stopped_after is not None and texts is None and not without:
        limits = Limits(3600.0, stop_after=case.stopped_after, stop=Stop(case.stop))
    taker = CaseTaker({observation.look: observation for observation in case.observations}, moment)
    brief = Brief(net=left(ready.net), now=case.now, onset=case.onset, complaint=case.complaint, alerts=case.alerts)

    def rebind(caught: Captured) -> Net:
        return left(ready.rebind(caught))

    looking = diagnose(brief, taker, catalogue(), SystemClock(), limits, answers=case.answers, rebind=rebind)
    return asyncio.run(looking)


def find_causes(net: Net, word: str) -> tuple[str, ...]:
    """Return the ids of the causes that a person means: a whole id, `guide.cause`, or the cause alone.

    Raises:
        UsageError: there is none, or the short form means several.
    """
    from crashcart.guides.words import hint_for

    found = [cause.id for cause in net.causes if word in (cause.id, f"{cause.guide}.{cause.cause}", cause.cause)]
    if not found:
        known = sorted({name for cause in net.causes for name in (cause.id, cause.cause)})
        raise UsageError(f'there is no cause "{word}"', hint=hint_for(word, known))
    return tuple(found)


def case_of(
    ready: Bench, question: Question, observations: Sequence[Observation], result: Result | None = None
) -> Case:
    """Return the case that a diagnosis, or a sweep when there is none, leaves behind."""
    return Case(
        engine=__version__, now=question.now, onset=question.onset, complaint=question.complaint, system=_shown_system(ready.system),
        guides=ready.texts, observations=tuple(observations), answers=dict(question.answers), is_sweep=result is None,
        stopped_after=result.stopped_after if result else None, stop=result.stop if result else "",
        alerts=question.alerts,
    )  # fmt: skip


def scrubber_of(loaded: Loaded) -> Scrubber:
    """Return the scrubber that knows every secret of a system."""
    from crashcart.redact import Scrubber

    return Scrubber((*loaded.secrets.all(), *loaded.known_secrets))


def read_alerts(data: bytes, loaded: Loaded, *, where: str = "") -> AlertGroup:
    """Return the alerts of a payload, without secrets.

    Raises:
        UsageError: it is no payload that we know.
    """
    from crashcart.alerts import parse, redacted

    return redacted(parse(data, where=where), scrubber_of(loaded))


def state_folder() -> Path:
    """Return where we keep the last case: the user's state folder."""
    base = os.environ.get("XDG_STATE_HOME", "")
    return (Path(base) if base else Path.home() / ".local" / "state") / "crashcart"


def _kind_of(text: str) -> str:
    """Return the kind of target that a shipped guide is for."""
    return _head(text, "for")


def _name_of(text: str) -> str:
    return _head(text, "guide")


def _head(text: str, key: str) -> str:
    return next((line.partition(":")[2].strip() for line in text.split("\n") if line.startswith(f"{key}:")), "")


def _short(path: Path) -> str:
    """Return the path as a person here would type it; elsewhere only the name: cases travel, folders do not."""
    try:
        return str(path.relative_to(Path.cwd()))
    except ValueError:
        return path.name


def _shown_system(system: System) -> System:
    """Return the system as a case shows it: addresses without passwords."""
    from crashcart.redact import Scrubber

    scrub = Scrubber(())
    targets = {
        name: replace(target, attributes={key: scrub.text(value) for key, value in target.attributes.items()})
        for name, target in system.targets.items()
    }
    return replace(system, targets=targets)
