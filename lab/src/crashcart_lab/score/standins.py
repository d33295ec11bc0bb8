"""Controls of the score itself: stand-ins for crashcart that know nothing, all of which must fail."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from crashcart_lab.product import Answer, Suspect
from crashcart_lab.score import judge
from crashcart_lab.score.run import Ablated, Control, Run
from crashcart_lab.score.summary import Claim, summarise


def claims(runs: Sequence[Run], controls: Sequence[Control], *, causes: Sequence[str]) -> tuple[Claim, ...]:
    """Score each stand-in on the same runs, and return that it fails; *causes* are all there are."""
    always = _answer(judge.DECIDED, {causes[0]: 1.0})
    standins: dict[str, Callable[[Answer], Answer]] = {
        "says that nothing is wrong": lambda _: _answer(judge.NOTHING_WRONG, {}),
        "names everything": lambda _: _answer(judge.DECIDED, dict.fromkeys(causes, 1.0)),
        "always names the same": lambda _: always,
    }
    found = [Claim(f"a stand-in that {what} fails", _fails(act, runs, controls)) for what, act in standins.items()]
    unseeing = [replace(run, live=run.blind, replayed=run.blind) for run in runs if not run.blind.saw_anything]
    if unseeing:
        found.append(Claim("crashcart itself fails when it looks at nothing", not _passes(unseeing, controls)))
    return tuple(found)


def _answer(verdict: str, p: Mapping[str, float]) -> Answer:
    return Answer(verdict, tuple(Suspect(cause, one) for cause, one in p.items()), 0.0, 0, False, 0.0)


def _fails(act: Callable[[Answer], Answer], runs: Sequence[Run], controls: Sequence[Control]) -> bool:
    answered = [
        replace(
            run,
            live=act(run.live),
            replayed=act(run.replayed),
            left_out=act(run.left_out),
            ablated={name: Ablated(act(one.answer), one.taken) for name, one in run.ablated.items()},
        )
        for run in runs
    ]
    return not _passes(answered, [replace(one, live=act(one.live)) for one in controls])


def _passes(runs: Sequence[Run], controls: Sequence[Control]) -> bool:
    return all(claim.is_held for claim in summarise(runs, controls).claims)
