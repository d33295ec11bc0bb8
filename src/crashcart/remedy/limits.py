"""What the system file allows, with *now* as a value."""

from __future__ import annotations

from datetime import datetime

from crashcart.model.plan import RISKS, Approval, Plan, PlanStep, TouchLimits, Window
from crashcart.model.run import Facts
from crashcart.model.spec import Risk
from crashcart.model.vector import plan_runs, runs

MAX_DRIFT_S = 60.0  # a clock that is set by the network moves by seconds; more than this was somebody's hand
# How sure one must be before a touch of that risk. What can be taken back may be tried earlier.
LEAST_BELIEF = {Risk.SAFE: 0.2, Risk.RESTARTS: 0.5, Risk.LOSES_DATA: 0.8, Risk.DESTRUCTIVE: 0.8}
MAX_FALL = 0.75  # fresh evidence may take a quarter of the belief, as noise does; more is another story
ALLOW_RUN = "`allow_run = true` in [touching] of the system file allows it"
_DAY_MIN = 24 * 60


def is_open(windows: tuple[Window, ...], now: datetime) -> bool:
    """Say whether one of the windows is open; without windows, always. A window past midnight belongs to its first day."""
    minute, day = now.hour * 60 + now.minute, now.weekday()
    return not windows or any(_is_in(window, day, minute) for window in windows)


def _is_in(window: Window, day: int, minute: int) -> bool:
    if window.begin_min < window.end_min:
        return day in window.days and window.begin_min <= minute < window.end_min
    is_late = day in window.days and minute >= window.begin_min
    is_early = (day - 1) % 7 in window.days and minute < window.end_min
    return is_late or is_early


def refusal(plan: Plan, limits: TouchLimits, facts: Facts, *, left: tuple[PlanStep, ...], has_begun: bool) -> str:
    """Return why the next of the steps that are left may not be done now, "" when it may."""
    if facts.is_stopped:
        return f"the red button is pressed: {limits.red_button} exists"
    if not has_begun and facts.age_s > limits.max_plan_age_s:
        return f"the plan rests on evidence that is {facts.age_s:.0f} s old; diagnose again"
    if not has_begun and abs(facts.drift_s) > MAX_DRIFT_S:
        return f"the clock jumped by {facts.drift_s:.0f} s since the plan was made; diagnose again"
    if not limits.may_run and any(runs(entry.step) for entry in left):
        return f"free-form `run` is off: {ALLOW_RUN}"
    touches = [step.step.touch for step in left if step.step.touch is not None]
    if not touches:
        return ""
    never = sorted({touch.target for touch in touches} & set(limits.never_touch))
    if never:
        return f"the system file says never to touch {', '.join(never)}"
    if not is_open(limits.windows, facts.at):
        return f"no maintenance window is open at {facts.at:%a %H:%M} UTC"
    # Counted for the whole plan before its first touch: a plan must not run dry in the middle.
    wanted = 1 if has_begun else len(touches)
    if facts.touches_last_h + wanted > limits.max_touches_per_h:
        return f"{facts.touches_last_h} touches in the last hour; the system file allows {limits.max_touches_per_h}"
    return ""


def fallen(plan: Plan, p: float) -> str:
    """Return why the belief is no longer enough to touch, "" when it is."""
    least = LEAST_BELIEF[plan.risk]
    if round(p, 9) < least:
        return f"seen afresh, P({plan.title}) is {p:.2g}; a plan that is {plan.risk.value} wants {least:g}"
    if round(p, 9) < round(plan.p * MAX_FALL, 9):
        return f"seen afresh, P({plan.title}) fell from {plan.p:.2g} to {p:.2g}"
    return ""


def typed_target(plan: Plan) -> str:
    """Return the name that a yes to this plan wants typed, "" when none."""
    if not plan.is_typed:
        return ""
    worst = max(plan.steps, key=lambda step: RISKS.index(step.step.risk))
    return worst.step.touch.target if worst.step.touch else plan.target


def invalid(approval: Approval, plan: Plan, plan_hash: str) -> str:
    """Return why an approval is none for this plan, "" when it is one."""
    if approval.plan_hash != plan_hash:
        return f"the yes is for plan {approval.plan_hash[:12]}, and this is plan {plan_hash[:12]}"
    if not approval.by:
        return "nobody said yes"
    wanted = typed_target(plan)
    if wanted and approval.typed != wanted:
        return f'this plan {plan.risk.value}: its yes wants "{wanted}" typed'
    if plan_runs(plan) and not approval.is_asked:
        return "a plan with a free-form `run` wants a yes of a person who is asked"
    return ""
