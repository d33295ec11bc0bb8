"""The repairs as text, and what must hold of them. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from crashcart_lab.repair.turns import CONTROLS, NO_PLAN, Repair
from crashcart_lab.score.rate import Rate, rate
from crashcart_lab.score.summary import Claim
from crashcart_lab.score.table import bounds

FIXED = 0.9
PAIRS = 60
_CONTROLS = frozenset(name for name, _, _ in CONTROLS)


def table(repairs: Sequence[Repair], *, not_run: Sequence[str], failures: Sequence[str], head: str) -> tuple[bool, str]:
    """Return whether all claims hold, and the figures by fault."""
    fixes = [one for one in repairs if not one.by]
    wrongs = [one for one in repairs if one.by and one.by not in _CONTROLS]
    controls = [one for one in repairs if one.by in _CONTROLS]
    claims = (*_of_fixes(fixes), *_of_wrongs(wrongs), *_of_controls(controls))
    lines = [head, "", f"{'fault':<28} {'fixed':>15} {'served':>7} {'says so':>8} {'harm':>5} {'s':>5}"]
    lines += [
        _line(name, [one for one in fixes if one.fault == name]) for name in dict.fromkeys(o.fault for o in fixes)
    ]
    lines += [_line("all", fixes), "", *_wrong_lines(wrongs), "", *(f"control: {_told(one)}" for one in controls)]
    lines += ["", *(f"{'holds' if claim.is_held else 'FAILS':<6} {claim.text}" for claim in claims)]
    lines += ["", "to look at:", *(f"  {_told(one)}" for one in fixes if not one.is_fixed)]
    lines += [f"  {_told(one)}" for one in wrongs if not _is_harmless(one)]
    lines += ["", "not run, the budget was over:", *(f"  {one}" for one in not_run)] if not_run else []
    lines += ["", "not made:", *(f"  {one}" for one in failures)] if failures else []
    return all(claim.is_held for claim in claims) and not failures, "\n".join(lines)


def how(one: Repair) -> str:
    """Say what became of a wrong plan."""
    if one.is_claimed:
        return "it helped as well" if one.is_served else "claimed, and nobody is served"
    if one.end in (NO_PLAN, "by hand", "") or one.end.startswith("void"):
        return "stopped before the first touch"
    if one.end == "undone":
        return "undone by the run"
    if one.undo:
        return f"handed over, and {one.undo} by a person's word"
    return "stopped, nothing in effect"


def _of_fixes(fixes: Sequence[Repair]) -> Iterable[Claim]:
    done = rate(one.is_fixed for one in fixes)
    yield Claim(f"of the causes with a fix, {FIXED:.0%} are fixed and verified after one yes", _share(done) >= FIXED)
    yield Claim("none of them does harm", bool(fixes) and not any(one.lost for one in fixes))
    yield Claim("none is called fixed while nobody is served", not any(_is_false(one) for one in fixes))


def _of_wrongs(wrongs: Sequence[Repair]) -> Iterable[Claim]:
    if not wrongs:
        return
    yield Claim(f"at least {PAIRS} wrong plans", len(wrongs) >= PAIRS)
    yield Claim("every wrong plan is stopped, or undone in all", all(_is_harmless(one) for one in wrongs))
    yield Claim("no wrong plan is called good while nobody is served", not any(_is_false(one) for one in wrongs))


def _of_controls(controls: Sequence[Repair]) -> Iterable[Claim]:
    for name in sorted(_CONTROLS):
        own = [one for one in controls if one.by == name]
        yield Claim(f"a fix that {name} fails the score", bool(own) and not any(one.is_fixed for one in own))
    yield Claim("and does not harm for good", not any(one.lost and not one.undo for one in controls))


def _is_harmless(one: Repair) -> bool:
    """Whether nothing is left of a wrong plan, and nothing was lost by it."""
    left = one.lost_after_undo if one.undo else one.lost
    is_gone = one.undo in ("", "undone") and one.end != "not undone"
    return not left and is_gone and not _is_false(one)


def _is_false(one: Repair) -> bool:
    return one.is_claimed and not one.is_served


def _share(one: Rate) -> float:
    return one.share if one.of else 0.0


def _line(name: str, found: Sequence[Repair]) -> str:
    took = sorted(one.took_s for one in found)
    return (
        f"{name:<28} {bounds(rate(one.is_fixed for one in found)):>15} {_count(one.is_served for one in found):>7} "
        f"{_count(one.is_claimed for one in found):>8} {sum(bool(one.lost) for one in found):>5} "
        f"{took[len(took) // 2] if took else 0:>5.0f}"
    )


def _wrong_lines(wrongs: Sequence[Repair]) -> list[str]:
    ends = [how(one) for one in wrongs]
    lost = sum(bool(one.lost_after_undo if one.undo else one.lost) for one in wrongs)
    lines = [f"{len(wrongs)} wrong plans: {ends.count(end)} {end}" for end in sorted(set(ends))]
    return [*lines, f"{len(wrongs)} wrong plans: harm in {lost}"]


def _count(found: Iterable[bool]) -> str:
    values = list(found)
    return f"{sum(values)}/{len(values)}"


def _told(one: Repair) -> str:
    who = f"{one.by} under {one.fault}" if one.by else one.fault
    lost = one.lost_after_undo if one.undo else one.lost
    harm = f"; lost {', '.join(lost)}" if lost else ""
    return f"{who}, seed {one.seed}: {how(one) if one.by else one.end}, planned for {one.title or 'nothing'}{harm}"
