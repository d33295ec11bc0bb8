"""What a person does around `crashcart fix`: reads the plan, gives the values that it asks for, says yes to its hash."""

from __future__ import annotations

import random
import re
import string
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from pydantic import BaseModel

from crashcart_lab.client import Act
from crashcart_lab.product import Product, Told
from crashcart_lab.waiting import holds_within
from crashcart_lab.world import World

PLAN_TIMEOUT_S = 150.0
RUN_TIMEOUT_S = 400.0
# A client that works again does so by then: workers ask for their queue again at growing intervals.
AGAIN_S = 40.0
# What holds by then was not lost: as long as crashcart itself grants what it has touched.
SETTLE_S = 20.0
PAUSE_S = 4.0
# What the service has when its settings say nothing, and what an operator would choose.
CHOSEN = {"CONCURRENT_JOBS": "20"}
_SECRETS = ("OPENAI_API_KEY", "WEBHOOK_SECRET", "REDIS_URL")


@dataclass(frozen=True, slots=True)
class Proposal:
    """A plan as it was printed; without a hash there was none."""

    text: str
    plan_hash: str
    typed: str
    has_hands: bool  # some step is a person's
    took_s: float

    @property
    def title(self) -> str:
        """What it says that it is for."""
        found = re.search(r"^(?:Fix|Relief)(?: \([^)]*\))? for: (.+?), [\w -]+$", self.text, re.MULTILINE)
        return found[1] if found else ""


@dataclass(frozen=True, slots=True)
class Outcome:
    """One yes, and what came of it."""

    run: str  # "" when none was begun
    end: str  # as `crashcart runs` says it
    head: str
    has_effects: bool  # something of it is still in effect
    code: int
    took_s: float
    text: str
    ended_at: datetime


class _Item(BaseModel):
    check: str
    target: str
    mark: str
    saw: str = ""


class _Health(BaseModel):
    items: list[_Item]


@dataclass(frozen=True, slots=True)
class Operator:
    """A person at a world, who knows its settings."""

    world: World
    values: Mapping[str, str]
    secrets: Mapping[str, str]

    def propose(self, system_file: Path, words: str, *, cause: str = "") -> Proposal:
        """Have a plan made, and read it."""
        began = time.monotonic()
        chosen = ("--cause", cause) if cause else ()
        told = self._touch(system_file, "fix", *([words] if words else []), "--plan", *chosen, timeout_s=PLAN_TIMEOUT_S)
        found = re.search(r"^Next: crashcart fix --approve (\w+)(?: --typed (\S+))?", told.text, re.MULTILINE)
        text = told.text + told.errors
        plan_hash, typed = (found[1], found[2] or "") if found else ("", "")
        has_hands = re.search(r"^  \d+\. +By hand:", told.text, re.MULTILINE) is not None
        return Proposal(text, plan_hash, typed, has_hands, round(time.monotonic() - began, 1))

    def approve(self, system_file: Path, proposal: Proposal) -> Outcome:
        """Say yes to that plan, once."""
        typed = ("--typed", proposal.typed) if proposal.typed else ()
        return self._run(system_file, "fix", "--approve", proposal.plan_hash, *typed)

    def undo(self, system_file: Path, done: Outcome) -> Outcome:
        """Have a run taken back."""
        return self._run(system_file, "undo", done.run, "--yes", done.head)

    def health(self, system_file: Path, *, since: datetime | None = None) -> dict[str, str]:
        """Return the marks of everything that should hold, by check and target.

        What a log said for the last time before *since* is over, and no mark.
        """
        told = self._touch(system_file, "check", "--json", timeout_s=PLAN_TIMEOUT_S)
        found = _Health.model_validate_json(told.text)
        return {f"{one.check} @ {one.target}": one.mark for one in found.items if not _is_over(one, since)}

    def lost(self, system_file: Path, before: Mapping[str, str], *, since: datetime) -> list[str]:
        """Return what held before and does not now, nor by the time in which a restart has settled."""
        gone = _gone(before, self.health(system_file, since=since))

        def is_back() -> bool:
            nonlocal gone
            now = self.health(system_file, since=since) if gone else {}
            gone = [one for one in gone if now.get(one) == "fail"]
            return not gone

        holds_within(SETTLE_S, is_back, poll_s=PAUSE_S)
        return gone

    def _run(self, system_file: Path, *arguments: str) -> Outcome:
        began = time.monotonic()
        told = self._touch(system_file, *arguments, timeout_s=RUN_TIMEOUT_S)
        run = next(iter(re.findall(r"^run (\S+): ", told.text, re.MULTILINE)), "")
        head = next(iter(re.findall(r"^Journal head: (\S+)", told.text, re.MULTILINE)), "")
        run = run or (arguments[1] if arguments[0] == "undo" else "")
        runs = self._touch(system_file, "runs", timeout_s=PLAN_TIMEOUT_S).text
        end = next(iter(re.findall(rf"^\s*{re.escape(run)}\s+(.+?)  ", runs, re.MULTILINE)), "") if run else ""
        has_effects = "Take it back: crashcart undo" in told.text
        took_s = round(time.monotonic() - began, 1)
        ended_at = datetime.now(UTC)
        return Outcome(run, end, head, has_effects, told.code, took_s, told.text + told.errors, ended_at)

    def _touch(self, system_file: Path, *arguments: str, timeout_s: float) -> Told:
        given = []
        if arguments[0] == "fix":
            given = [f"{name}={value}" for name, value in self.values.items()]
            given += [f"{name}=env:GIVEN_{name}" for name in self.secrets]
        options = [part for one in given for part in ("--set", one)] + (["--no-input"] if arguments[0] == "fix" else [])
        secrets = {f"GIVEN_{name}": value for name, value in self.secrets.items()}
        product = Product(self.world.crashcart_folder)
        return product.touch(system_file, *arguments, *options, secrets=secrets, timeout_s=timeout_s)


def _is_over(item: _Item, since: datetime | None) -> bool:
    last = re.search(r"last (\d\d:\d\d:\d\d)", item.saw) if since and "log {" in item.check else None
    return last is not None and since is not None and last[1] < f"{since:%H:%M:%S}"


def _gone(before: Mapping[str, str], after: Mapping[str, str]) -> list[str]:
    return [one for one, mark in before.items() if mark == "pass" and after.get(one) == "fail"]


def at(world: World, *, fault: str, seed: int) -> Operator:
    """Return the person who runs this world: settings as they were when it was healthy, and a new key where one is due."""
    known = {**world.state.env, **CHOSEN}
    secrets = {name: known[name] for name in _SECRETS if name in known}
    if fault == "key-refused":
        secrets["OPENAI_API_KEY"] = _new_key(world, seed)
    # What the user's own system checks signatures with now; its owner has changed it, or not.
    secrets["WEBHOOK_SECRET"] = world.inbox.with_name("secret").read_text(encoding="utf-8").strip()
    values = {name: value for name, value in known.items() if name not in secrets}
    return Operator(world, values, secrets)


def _new_key(world: World, seed: int) -> str:
    """Make a key at the provider, as its page of keys does."""
    key = "sk-proj-" + "".join(random.Random(f"new key {seed}").choices(string.ascii_letters + string.digits, k=48))
    world.accept_keys([key])
    return key


def works(world: World, act: Act) -> bool:
    """Whether a user is served again, now or within moments."""
    return holds_within(AGAIN_S, lambda: act(world.doors, 1).succeeded, poll_s=1.0)
