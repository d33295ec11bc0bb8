"""A run as it goes, how it ended, and the text to hand over to the next person."""

from __future__ import annotations

from collections.abc import Sequence

from crashcart.model.net import Finding
from crashcart.model.plan import End, Plan
from crashcart.model.run import (
    Answered,
    Approved,
    Began,
    Believed,
    Ended,
    Event,
    EvidenceKept,
    Facts,
    Finished,
    Foreseen,
    Interrupted,
    Judged,
    Planned,
    Purpose,
    Ready,
    Resumed,
    UndoApproved,
    UndoBegan,
    UndoEnded,
    Wondered,
)
from crashcart.model.touch import Happened, TouchState
from crashcart.model.truth import Truth
from crashcart.report.plain import line

_ENDS = {
    End.FIXED: "Fixed, and verified.",
    End.RELIEVED: "Relieved, and verified: the symptoms are gone, the cause is still there.",
    End.NOT_BETTER: "Done, and not better: over to a person. What was done stands.",
    End.UNDONE: "Taken back.",
    End.NOT_UNDONE: "Not all of it could be taken back: over to a person, now.",
    End.VOID: "Nothing was touched.",
    End.STOPPED: "Stopped in the middle: over to a person.",
    End.INTERRUPTED: "Stopped, as you wanted.",
    End.PERSON: "Nobody can tell whether a step took effect: a person must look.",
}


def told(event: Event, plan: Plan) -> str:
    """Return an event as one line, "" for those that a person need not see."""
    match event:
        case EvidenceKept():
            return f"evidence kept in {event.path}" if event.path else line(event.note)
        case Believed():
            return f"seen afresh: {line(plan.title, 60)}, P = {event.p:.2g}"
        case Judged():
            return _judged(event)
        case Began() | UndoBegan():
            word = "undoing" if isinstance(event, UndoBegan) else "step"
            return f"{word} {event.step + 1}: {line(plan.steps[event.step].step.text, 80)}"
        case Ended() | UndoEnded():
            word = "undo" if isinstance(event, UndoEnded) else "step"
            return f"{word} {event.step + 1}: {_state(event.touched.state)}, {line(event.touched.detail, 80)}"
        case Wondered():
            return f"did step {event.step + 1} happen? {_happened(event.happened)}"
        case Answered():
            return (
                f"step {event.step + 1} by hand: {'done' if event.is_done else 'not done'}, says {line(event.by, 30)}"
            )
        case Ready() if not event.prepared.is_needed:
            return f"step {event.step + 1}: already so"
        case Interrupted():
            return "stopping after this step"
        case Resumed():
            return f"going on, by {line(event.by, 30)}"
        case Approved():
            return f"yes from {line(event.approval.by, 30)} (the OS user, unproved)"
        case UndoApproved():
            return f"to be taken back, says {line(event.by, 30)} (the OS user, unproved)"
        case Planned():
            return f"run {event.run}"
        case Finished():
            return ending(event)
        case Foreseen() | Facts() | Ready():
            return ""


def recorded(events: Sequence[Event]) -> list[str]:
    """Return every record of a journal as one line, also those that a person need not see while it runs."""
    plan = next(event for event in events if isinstance(event, Planned)).plan
    return [told(event, plan) or _besides(event) for event in events]


def _besides(event: Event) -> str:
    match event:
        case Foreseen():
            needed = sum(entry is not None and entry.is_needed for entry in event.prepared)
            return f"foreseen: {needed} of {len(event.prepared)} steps would change something"
        case Facts():
            button = "pressed" if event.is_stopped else "not pressed"
            return (
                f"limits: plan {event.age_s:.0f} s old, {event.touches_last_h} touches in an hour, red button {button}"
            )
        case Ready():
            return f"step {event.step + 1}: ready"
        case Judged():
            return f"{event.purpose.value}: nothing to judge"
        case _:
            return type(event).__name__


def ending(event: Finished) -> str:
    """Return how a run ended, with the reason."""
    why = line(event.why)
    return _ENDS[event.end] + (f" {why[0].upper()}{why[1:]}." if why else "")


def handover(run: str, events: Sequence[Event], head: str, times: Sequence[str]) -> str:
    """Return what the next person must know, as text to paste."""
    planned = next(event for event in events if isinstance(event, Planned))
    plan = planned.plan
    last = events[-1]
    end = ending(last) if isinstance(last, Finished) else "It is not over: `crashcart fix --resume`."
    lines = [
        f"## Run {run}: {line(plan.title, 80)} ({plan.target})",
        "",
        f"{line(plan.system, 40)}{f' ({line(plan.environment, 30)})' if plan.environment else ''}. {end}",
        "",
        *(f"{number}. {line(step.step.text, 90)}" for number, step in enumerate(plan.steps, start=1)),
        "",
    ]
    for event, at in zip(events, times, strict=True):
        text = told(event, plan)
        if text:
            lines.append(f"- {at[11:19]} {text}")
    lines += ["", f"Journal head: {head}", f"Take it back: `crashcart undo {run}`"]
    return "\n".join(lines) + "\n"


def _judged(event: Judged) -> str:
    bad = [finding for finding in event.findings if finding.truth is not Truth.TRUE]
    where = f" {event.step + 1}" if event.step >= 0 else ""
    if event.purpose is Purpose.BEFORE:
        held = len(event.findings) - len(bad)
        return f"{event.purpose.value}: {held} of {len(event.findings)} hold"
    if not event.findings:
        return ""
    return f"{event.purpose.value}{where}: {_bad(bad) if bad else 'all hold'}"


def _bad(findings: Sequence[Finding]) -> str:
    first = findings[0]
    more = f", and {len(findings) - 1} more" if len(findings) > 1 else ""
    return f"{line(first.check, 60)}: {line(first.saw, 40)}{more}"


def _state(state: TouchState) -> str:
    return state.value


def _happened(happened: Happened) -> str:
    return happened.value
