"""Runs a plan on real files and kills it (SIGKILL) before each of its writes, one after the other; then resumes it.

A process of its own, because it forks. Prints one JSON line for each death: at which write, how the run ended, what the
settings file holds, and what is wrong with the journal.
"""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import signal
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from crashcart.actions import registry
from crashcart.config import SecretValues
from crashcart.drive import fix
from crashcart.drive.touching.world import World
from crashcart.model.plan import Approval, Plan, PlanStep
from crashcart.model.run import Planned
from crashcart.model.system import System, Target
from crashcart.model.touch import Touch
from crashcart.probes.place import LocalPlace
from crashcart.redact import Scrubber
from crashcart.remedy.machine import hash_of, rebuild
from crashcart.remedy.written import thaw_event
from crashcart.storage import lease
from crashcart.storage.journal import Journal, read
from crashcart.testing import NOON
from crashcart.testing_touch import LIMITS, FakeShop, plan, step

QUICK = replace(LIMITS, settle_s=1.0)
BEFORE = "NAME=shop\nLIST=a\n"


def touching(verb: str, setting: str, value: str) -> PlanStep:
    entry = step(setting, value)
    touch = Touch("config", verb, "api", (("setting", setting), ("value", value)))
    return replace(entry, step=replace(entry.step, touch=touch))


PLANS: dict[str, tuple[PlanStep, ...]] = {
    "one": (touching("append", "LIST", "b"),),
    "three": (touching("append", "LIST", "b"), touching("set", "LIMIT", "9"), touching("append", "LIST", "c")),
    "worse": (touching("append", "LIST", "b"), touching("set", "NAME", "broken"), touching("append", "LIST", "c")),
}


class Site:
    """One folder with a settings file, a journal and a vault."""

    def __init__(self, folder: Path, name: str) -> None:
        self.folder = folder
        self.settings = folder / "shop.env"
        self.journal = folder / "run" / "journal.jsonl"
        self.name = name

    def world(self) -> World:
        target = Target("api", "http", {"url": "http://127.0.0.1:1"}, env_file=str(self.settings))
        system = System(
            "shop", "test", {"api": target, "db": replace(target, name="db"), "page": replace(target, name="page")}
        )
        hand = registry.load("config", LocalPlace(), Scrubber(()), SecretValues({}), self.folder / "kept")
        shop = FakeShop()
        shop.status = lambda seen, target: 500 if "NAME=broken" in self.settings.read_text() else 200
        return replace(
            shop.world(), system_now=lambda: system, hand_of=lambda kind: hand, keep=lambda run, seen: str(self.folder)
        )

    def plan(self, world: World) -> Plan:
        made = plan(*PLANS[self.name])
        foreseen = asyncio.run(_foreseen(world, made))
        return replace(made, steps=foreseen)


async def _foreseen(world: World, made: Plan) -> tuple[PlanStep, ...]:
    from crashcart.drive.touching import hands

    return tuple([
        hands.foreseen(await hands.prepare(world, entry.step, "plan", number), entry.step)
        for number, entry in enumerate(made.steps)
    ])  # fmt: skip


def carry_out(site: Site) -> None:
    """Begin the run, or go on with it, as `fix` and `fix --resume` do."""
    world = site.world()
    with lease.held(site.folder / "lease", by="ann", now=NOON):
        if not site.journal.exists() or not read(site.journal).records:
            shutil.rmtree(site.journal.parent, ignore_errors=True)
            made = site.plan(world)
            journal = Journal.create(site.journal)
            planned = Planned("r1", made, hash_of(made), QUICK, NOON)
            going = fix.start("r1", world, journal, planned, Approval(hash_of(made), "ann", NOON))
        else:
            journal, reading = Journal.reopen(site.journal)
            state = rebuild(thaw_event(record.event) for record in reading.records)
            going = fix.Run("r1", world, journal, state, "ann")
            if state.pending is not None:
                fix.resume(going)
        asyncio.run(fix.go(going))
        journal.close(is_over=True)


def deadly(at: int) -> Callable[[], int]:
    """Count every write, sync and move from now on; die at the one of that number."""
    count = 0

    def wrap(owner: object, name: str) -> None:
        real = getattr(owner, name)

        def counted(*args: object, **more: object) -> object:
            nonlocal count
            if count == at:
                os.kill(os.getpid(), signal.SIGKILL)
            count += 1
            return real(*args, **more)

        setattr(owner, name, counted)

    for name in ("fsync", "pwrite", "replace", "rename", "ftruncate", "link", "chmod", "fchmod"):
        wrap(os, name)
    return lambda: count


def in_child(work: Callable[[], int]) -> int:
    """Run in a process of its own; return what it says, or -1 when it was killed."""
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reader)
        said = work()
        os.write(writer, str(said).encode())
        os._exit(0)
    os.close(writer)
    with os.fdopen(reader) as file:
        said = file.read()
    _, status = os.waitpid(child, 0)
    if os.WIFSIGNALED(status):
        return -1
    assert os.waitstatus_to_exitcode(status) == 0, "the child failed"
    return int(said)


def main(folder: Path, name: str, stride: int, first: int) -> None:
    def fresh(at: int) -> Site:
        made = folder / f"{name}-{at}"
        made.mkdir(parents=True)
        (made / "shop.env").write_text(BEFORE, encoding="utf-8")
        return Site(made, name)

    def counted(site: Site, at: int) -> int:
        count = deadly(at)
        carry_out(site)
        return count()

    def resumed(site: Site) -> int:
        carry_out(site)
        return 0

    whole = in_child(lambda: counted(fresh(-1), -1))
    for at in range(first, whole, stride):
        site = fresh(at)
        first_end = in_child(lambda site=site, at=at: counted(site, at))  # type: ignore[misc]
        in_child(lambda site=site: resumed(site))  # type: ignore[misc]
        reading = read(site.journal)
        state = rebuild(thaw_event(record.event) for record in reading.records)
        told = {
            "at": at, "of": whole, "was_killed": first_end == -1, "end": state.end.value if state.end else "",
            "why": state.why, "settings": site.settings.read_text(encoding="utf-8"), "problem": reading.problem,
        }  # fmt: skip
        print(json.dumps(told), flush=True)
        shutil.rmtree(site.folder)


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2], int(sys.argv[3]), int(sys.argv[4]))
