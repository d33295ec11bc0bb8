"""A plan that one can read aloud: step, the guide's sentence, what changes, risk, undo, how it will be checked."""

from __future__ import annotations

from collections.abc import Sequence

from crashcart.model.observation import CLIENT
from crashcart.model.plan import Plan, PlanCheck, PlanStep, Undoing
from crashcart.model.vector import runs
from crashcart.report.plain import line
from crashcart.report.words import likely

DIFF_LINES = 6
CHECKS = 5


def plan_text(plan: Plan, plan_hash: str, *, is_whole: bool = False, now_refused: str = "") -> str:
    """Return the plan. `is_whole` shows every line of what would change; `now_refused` says why not now."""
    lines = [*_head(plan, plan_hash), ""]
    for number, step in enumerate(plan.steps, start=1):
        lines += _step(number, step, is_whole=is_whole)
    lines += ["", *_after(plan)]
    lines += [f"Note: {line(note)}." for note in plan.notes]
    if now_refused:
        lines.append(f"Not now: {line(now_refused)}.")
    return "\n".join(lines) + "\n"


def environment(plan: Plan) -> str:
    """Return the environment as it stands in every prompt."""
    return f"[{line(plan.environment, 30)}] " if plan.environment else ""


def _head(plan: Plan, plan_hash: str) -> list[str]:
    word = "Relief" if plan.is_relief else "Fix"
    name = plan.remedy.partition(": ")[2]
    called = f" ({line(name, 40)})" if name else ""
    return [
        f"{environment(plan)}Plan {plan_hash[:12]} for {line(plan.system, 40)}, made {plan.made_at:%H:%M:%S} UTC",
        f"{word}{called} for: {line(plan.title, 70)} ({plan.target}), {likely(plan.p)}",
    ]


def _step(number: int, step: PlanStep, *, is_whole: bool) -> list[str]:
    bound = step.step
    what = f"By hand: {line(bound.by_hand)}" if bound.touch is None else f"{line(bound.text, 90)}"
    rows = [(f"{number}.", what)]
    if bound.touch is not None:
        rows.append(("guide", f'"{line(bound.sentence, 90)}"  {_place(step)}'))
    rows += [("only if", _check(entry)) for entry in bound.only_if]
    if step.refused:
        rows.append(("not yet", line(step.refused, 90)))
    elif not step.is_needed:
        rows.append(("changes", "nothing: it is already so"))
    is_run = runs(bound)  # what a free-form run is given is read to its last word before the yes
    shown = step.diff if is_whole or is_run else step.diff[:DIFF_LINES]
    rows += [("changes" if at == 0 else "", line(text, 0 if is_run else 100)) for at, text in enumerate(shown)]
    if len(step.diff) > len(shown):
        rows.append(("", f"and {len(step.diff) - len(shown)} more lines: --dry-run"))
    if bound.touch is not None:
        rows += [("risk", bound.risk.value), ("undo", _undo(step))]
    rows += [("checked", _check(entry)) for entry in bound.verify]
    return [f"  {rows[0][0]:<3} {rows[0][1]}", *(f"      {word:<8} {text}" for word, text in rows[1:])]


def _undo(step: PlanStep) -> str:
    bound = step.step
    if bound.undoing in (Undoing.NONE, Undoing.NOTHING):
        return "irreversible"
    return line(bound.undo, 0 if runs(bound) else 90)


def _place(step: PlanStep) -> str:
    source = step.step.source
    return f"{line(source.path, 40)}:{source.span.line}" if source.path else ""


def _check(entry: PlanCheck) -> str:
    if any(look.kind == CLIENT for look in entry.check.looks):
        return f"the client of the system file => {line(entry.check.claim_text, 50)}"
    looks = [str(look.id) for look in entry.check.looks] or [entry.check.claim_text]
    more = f" and {len(looks) - 1} more" if len(looks) > 1 else ""
    return f"{line(looks[0], 60)}{more} => {line(entry.check.claim_text, 50)}"


def _after(plan: Plan) -> list[str]:
    lines = _listed(f"It held when (says {plan.verified_by}):", plan.verify)
    touched = ", ".join(plan.touched) or "nothing by machine"
    needs = f"; what needs it: {', '.join(plan.blast)}" if plan.blast else ""
    lines.append(f"Touches {line(touched, 60)}{line(needs, 80)}. Risk: {plan.risk.value}.")
    if plan.healthy and not plan.is_blind:
        count = len(plan.healthy)
        lines.append(f"Undone when worse: {count} health check{'s' if count != 1 else ''} before and after.")
    return lines


def _listed(head: str, checks: Sequence[PlanCheck]) -> list[str]:
    if not checks:
        return []
    more = [f"  and {len(checks) - CHECKS} more"] if len(checks) > CHECKS else []
    return [head, *(f"  {_check(entry)}" for entry in checks[:CHECKS]), *more]
