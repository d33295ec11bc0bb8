"""One world each: broken and diagnosed, or healthy and diagnosed."""

from __future__ import annotations

import random
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from crashcart_lab import client, drill, noise, truths
from crashcart_lab.errors import LabError
from crashcart_lab.faults import Fault
from crashcart_lab.product import Answer, Product
from crashcart_lab.score.ablate import Ablation, ablate, has_watched, with_words
from crashcart_lab.state import Drawn
from crashcart_lab.temporary import deadline, fresh_world
from crashcart_lab.world import World

# A run takes 20 s, and where looks hang or watch a minute or two.
RUN_DEADLINE_S = 300.0
# Too little for any look to come back.
BLIND_BUDGET_S = 0.1
# Replays at once: each is a process of its own, and the world they came from is gone by then.
REPLAYS_AT_ONCE = 2
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
class Ablated:
    """The answer to a sweep of which something was taken away: so many guides, or looks that had seen something."""

    answer: Answer
    taken: int


@dataclass(frozen=True, slots=True)
class Run:
    """One fault on one seed: what was done, and every answer to it."""

    fault: str
    seed: int
    truth: str
    drawn: Drawn
    words: str
    live: Answer
    blind: Answer  # live, with a budget in which nothing can be seen
    is_watched: bool  # live: some look stayed, and took two samples or more
    replayed: Answer  # from the sweep, without the words
    left_out: Answer  # from the sweep, with the true cause taken out of the guides
    ablated: Mapping[str, Ablated]  # from the sweep, by ablation
    case: str


@dataclass(frozen=True, slots=True)
class Control:
    """One healthy world: the complaint, which is false, or empty, and the answer."""

    seed: int
    words: str
    live: Answer


def broken(fault: Fault, seed: int, *, case: Path) -> Run:
    """Break a fresh world, diagnose it, record it and heal it; then ask again of the record.

    Raises:
        LabError: the lab or crashcart could not do its part.
        DeadlinePassed: it took too long.
    """
    truth = truths.cause_of(fault)
    live_case = case.with_suffix(".live.json")
    parts = fresh_world(seed=seed, has_workers=fault.needs_workers, has_front=fault.needs_front)
    with parts as world, deadline(RUN_DEADLINE_S):
        product = Product(world.crashcart_folder)
        done = drill.break_(world, fault, seed=seed)
        words = done.after.words
        live = product.diagnose(world.system_file, words, save=live_case)
        blind = product.diagnose(world.system_file, words, budget_s=BLIND_BUDGET_S)
        product.record(world.system_file, case, truth=truth, note=f"{fault.name}, seed {seed}")
        healed = drill.heal(world)
        if healed is None or not healed.succeeded:
            said = healed.words if healed else "nothing"
            raise LabError(f"{fault.name} was healed, yet the client says: {said}", hint="this is a defect of the lab")
    replays = _replay(fault.name, seed, case, words=words, truth=truth)
    return Run(
        fault.name,
        seed,
        truth,
        done.broken.drawn,
        words,
        live=live,
        blind=blind,
        is_watched=has_watched(live_case),
        replayed=replays.as_it_is,
        left_out=replays.left_out,
        ablated=replays.ablated,
        case=case.name,
    )


@dataclass(frozen=True, slots=True)
class _Replays:
    as_it_is: Answer
    left_out: Answer
    ablated: Mapping[str, Ablated]


def _replay(fault: str, seed: int, case: Path, *, words: str, truth: str) -> _Replays:
    """Ask the recorded sweep: as it is, with the true cause left out, and in every ablation."""
    product = Product(case.parent)
    said = case.with_suffix(".words.json")
    said.write_bytes(with_words(case, words))
    less: dict[Ablation, tuple[Path, int]] = {}
    for ablation in Ablation:
        data, taken = ablate(case, ablation, words, chance=random.Random(f"blind {fault} {seed}"))
        path = case.with_suffix(f".{ablation.name.lower()}.json")
        path.write_bytes(data)
        less[ablation] = (path, taken)
    try:
        with ThreadPoolExecutor(REPLAYS_AT_ONCE) as pool:
            as_it_is = pool.submit(product.replay, case)
            left_out = pool.submit(product.replay, said, without=truth)
            answers = {ablation: pool.submit(product.replay, path) for ablation, (path, _) in less.items()}
        ablated = {one.value: Ablated(answers[one].result(), less[one][1]) for one in Ablation}
        return _Replays(as_it_is.result(), left_out.result(), ablated)
    finally:
        for path in (said, *(path for path, _ in less.values())):
            path.unlink(missing_ok=True)


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
