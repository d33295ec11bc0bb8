"""One world each: broken and diagnosed, or healthy and diagnosed."""

from __future__ import annotations

import random
from dataclasses import dataclass
from pathlib import Path

from crashcart_lab import client, drill, noise, truths
from crashcart_lab.errors import LabError
from crashcart_lab.faults import Fault
from crashcart_lab.product import Answer, Product
from crashcart_lab.state import Drawn
from crashcart_lab.temporary import deadline, fresh_world
from crashcart_lab.world import World

# A run takes 15 s, and where looks hang a minute.
RUN_DEADLINE_S = 240.0
# Too little for any look to come back.
BLIND_BUDGET_S = 0.1
# So many healthy worlds have their jobs run in workers.
WITH_WORKERS = 0.2
COMPLAINTS = (
    "my scrape job ended as failed",
    "everything is slow today",
    "the summariser does not answer",
    "summaries come out empty",
    "I cannot log in",
    "jobs fail since noon",
    "we get errors from the model provider",
    "is the database locked again?",
    "the site looks odd on my phone",
    "no key seems to be set",
)


@dataclass(frozen=True, slots=True)
class Run:
    """One fault on one seed: what was done, and every answer to it."""

    fault: str
    seed: int
    truth: str
    drawn: Drawn
    words: str
    live: Answer
    packs_only: Answer  # without the service's own guide
    no_logs: Answer
    blind: Answer  # with a budget in which nothing can be seen
    replayed: Answer  # from the sweep, without the words
    left_out: Answer  # from the sweep, with the true cause taken out of the guides
    case: str


@dataclass(frozen=True, slots=True)
class Control:
    """One healthy world: the complaint, which is false, or empty, and the answer."""

    seed: int
    words: str
    live: Answer


def broken(fault: Fault, seed: int, *, case: Path) -> Run:
    """Break a fresh world, diagnose it in every way, and heal it.

    Raises:
        LabError: the lab or crashcart could not do its part.
        DeadlinePassed: it took too long.
    """
    truth = truths.cause_of(fault)
    parts = fresh_world(seed=seed, has_workers=fault.needs_workers, has_front=fault.needs_front)
    with parts as world, deadline(RUN_DEADLINE_S):
        product = Product(world.crashcart_folder)
        done = drill.break_(world, fault, seed=seed)
        words = done.after.words
        live = product.diagnose(world.system_file, words)
        packs_only = product.diagnose(_without_line(world, "guides"), words)
        no_logs = product.diagnose(_without_line(world, "logs"), words)
        blind = product.diagnose(world.system_file, words, budget_s=BLIND_BUDGET_S)
        product.record(world.system_file, case, truth=truth, note=f"{fault.name}, seed {seed}")
        healed = drill.heal(world)
        if healed is None or not healed.succeeded:
            raise LabError(f"{fault.name} was healed, yet the client still fails", hint="this is a defect of the lab")
        return Run(
            fault.name,
            seed,
            truth,
            done.broken.drawn,
            words,
            live=live,
            packs_only=packs_only,
            no_logs=no_logs,
            blind=blind,
            replayed=product.replay(case),
            left_out=product.replay(case, without=truth),
            case=case.name,
        )


def healthy(seed: int, *, complains: bool) -> Control:
    """Let clients use a fresh world, noise and all, and diagnose it though nothing is wrong."""
    rng = random.Random(f"healthy {seed}")
    words = rng.choice(COMPLAINTS) if complains else ""
    bustle = noise.draw_bustle(rng)
    # Or the mere presence of workers would mean that something is wrong with them.
    has_workers = rng.random() < WITH_WORKERS
    with fresh_world(seed=seed, has_workers=has_workers) as world, deadline(RUN_DEADLINE_S):
        _use(world, bustle)
        answer = Product(world.crashcart_folder).diagnose(world.system_file, words)
        _use(world, bustle)
    return Control(seed, words, answer)


def _use(world: World, bustle: noise.Bustle) -> None:
    outcome = client.scrape(world.digest_url, world.site_url, jobs=bustle.good_jobs)
    if not outcome.succeeded:
        raise LabError(f"nothing was broken, yet the client says: {outcome.words}", hint="this is a defect of the lab")
    noise.ask_what_is_refused(world.digest_url, bustle)


def _without_line(world: World, name: str) -> Path:
    """Write the system file once more beside itself, without the settings of this name."""
    lines = world.system_file.read_text(encoding="utf-8").splitlines(keepends=True)
    kept = [line for line in lines if not line.startswith(f"{name} =")]
    assert kept != lines, name  # an ablation that takes nothing away would look like a success
    path = world.root / f"no-{name}.toml"
    path.write_text("".join(kept), encoding="utf-8")
    return path
