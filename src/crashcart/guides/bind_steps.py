"""The remedies of a cause at real targets: every step a touch with its guards, or what a person does."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from crashcart.guides.bind import Place, places, sentence
from crashcart.guides.bind_check import CheckBinder
from crashcart.guides.captures import Captured
from crashcart.guides.environment import Environment, Unbound, has
from crashcart.guides.free import refusal
from crashcart.guides.show import show_action, show_plain
from crashcart.model.guide import (
    Action,
    ArgValue,
    ByHand,
    Guide,
    Item,
    Number,
    Path,
    Ref,
    Remedy,
    Setting,
    Step,
    TaskLink,
    Text,
    Word,
)
from crashcart.model.net import Source
from crashcart.model.plan import BoundRemedy, BoundStep, PlanCheck, Undoing
from crashcart.model.spec import Catalogue, Risk, VerbSpec
from crashcart.model.system import System, Target
from crashcart.model.touch import Touch
from crashcart.model.vector import RUN, runs

OLD = "{old}"  # what was there before: filled in when the step is undone


def remedies(
    guides: Sequence[Guide],
    system: System,
    catalogue: Catalogue,
    *,
    captured: Captured | None = None,
    may_run: bool = False,
) -> Mapping[str, tuple[BoundRemedy, ...]]:
    """Return the reliefs and fixes of every cause that `bind` finds, by its id.

    A remedy that cannot be bound here says why and has no steps. `may_run` is what the system file says of free-form
    `run`.
    """
    binder = _StepBinder(catalogue, may_run=may_run)
    found = places(guides, system, catalogue, captured=captured)
    return {key: binder.of_cause(key, place) for key, place in found.items()}


class _StepBinder:
    def __init__(self, catalogue: Catalogue, *, may_run: bool) -> None:
        self.catalogue = catalogue
        self.may_run = may_run
        self.checks = CheckBinder(catalogue)

    def of_cause(self, cause: str, place: Place) -> tuple[BoundRemedy, ...]:
        found = [self.remedies_at(cause, place, self.verify(place))]
        for link in place.links:
            verified = self.verify(link) if link.cause.verify.checks else self.verify(place)
            found.append(self.remedies_at(cause, link, verified, named=link.guide.name))
        return tuple(remedy for remedies in found for remedy in remedies)

    def remedies_at(
        self, cause: str, place: Place, verified: tuple[tuple[PlanCheck, ...], str], *, named: str = ""
    ) -> tuple[BoundRemedy, ...]:
        verify, by = verified
        both = (*((entry, True) for entry in self.reliefs(place)), *((entry, False) for entry in place.cause.fixes))
        return tuple(
            self.remedy(cause, entry, place, is_relief=is_relief, verify=verify, by=by, named=named)
            for entry, is_relief in both
        )

    def reliefs(self, place: Place) -> tuple[Remedy, ...]:
        return (*place.cause.reliefs, *(entry for problem in place.problems for entry in problem.reliefs))

    def remedy(
        self, cause: str, entry: Remedy, place: Place, *, is_relief: bool, verify: tuple[PlanCheck, ...], by: str,
        named: str,
    ) -> BoundRemedy:  # fmt: skip
        word = "relief" if is_relief else "fix"
        name = ": ".join(part for part in (word, entry.name or named) if part)
        steps: list[BoundStep] = []
        try:
            for step in entry.steps:
                steps += self.step(step, place)
            steps = self.undone(steps, place)
            self.check_runs(steps, place.guide)
        except Unbound as reason:
            return BoundRemedy(cause, name, is_relief, (), (), "", entry.note, str(reason))
        return BoundRemedy(cause, name, is_relief, tuple(steps), verify, by, entry.note)

    def check_runs(self, steps: Sequence[BoundStep], guide: Guide) -> None:
        """Raise Unbound when one of them is a free-form run that this guide or this system may not have."""
        if any(runs(step) for step in steps):
            why = refusal(guide, may_run=self.may_run)
            if why:
                raise Unbound(why)

    def verify(self, place: Place) -> tuple[tuple[PlanCheck, ...], str]:
        """Return what decides the remedy: the cause's **Verify**, else its problem's, else what holds when all is well."""
        if place.cause.verify.checks:
            return self.items(place.cause.verify.checks, place), "the cause"
        problem = next((entry for entry in place.problems if entry.verify.checks), None)
        if problem is not None:
            return self.items(problem.verify.checks, place), "the problem"
        failing = tuple(item for item in place.guide.healthy.checks if item.severity != "warn")
        return self.items(failing, place), "what holds when all is well"

    def items(self, items: Sequence[Item], place: Place) -> tuple[PlanCheck, ...]:
        return tuple(
            PlanCheck(bound.check, Source(place.guide.name, place.guide.path, item.span, sentence(item)))
            for item in items
            for bound in self.checks.item(item, place.env)
        )

    # -- steps

    def step(self, step: Step, place: Place) -> list[BoundStep]:
        source = Source(place.guide.name, place.guide.path, step.span, self.sentence(step, place.env))
        guards = self.items(step.only_if, place), self.items(step.verify, place)
        if not isinstance(step.what, Action) or step.what.kind == "notify":
            return [self.by_hand(step.what, step, source, guards, place.env)]
        return [self.touching(step.what, step, target, source, guards, place) for target in self.targets(step, place)]

    def targets(self, step: Step, place: Place) -> tuple[Target, ...]:
        assert isinstance(step.what, Action)
        return place.env.targets(step.what.ref)

    def sentence(self, step: Step, env: Environment) -> str:
        return _told(" ".join(f"{step.before} {step.after}".split()).strip(" ,;:."), env)

    def by_hand(
        self,
        what: Action | ByHand | TaskLink,
        step: Step,
        source: Source,
        guards: tuple[tuple[PlanCheck, ...], tuple[PlanCheck, ...]],
        env: Environment,
    ) -> BoundStep:
        match what:
            case Action():
                text = f'tell "{what.contact}"'
            case TaskLink():
                text = f"{what.text} (the routine {what.guide}#{what.task}) {what.after}".strip()
            case ByHand():
                text = _told(what.text, env)
        undo = tuple(entry.text for entry in step.undo if isinstance(entry, ByHand))
        return BoundStep(
            touch=None, text=text, sentence=source.sentence or text, source=source, risk=Risk.SAFE,
            undoing=Undoing.GUIDE if undo else Undoing.NOTHING, undo="; ".join(undo), by_hand=text, only_if=guards[0],
            verify=guards[1], undo_by_hand=undo,
        )  # fmt: skip

    def touching(
        self,
        action: Action,
        step: Step,
        target: Target,
        source: Source,
        guards: tuple[tuple[PlanCheck, ...], tuple[PlanCheck, ...]],
        place: Place,
    ) -> BoundStep:
        verb = self.verb(action)
        self.check_needs(action.kind, target)
        touch, asked = self.touch(action, target, place.env)
        undoing, undo = _undoing(verb, step)
        by_hand = tuple(entry.text for entry in step.undo if isinstance(entry, ByHand))
        return BoundStep(
            touch=touch, text=self.text(action, target, place.env), sentence=source.sentence or verb.summary, source=source,
            risk=verb.risk, undoing=undoing, undo=undo, deadline_s=verb.deadline_s, asked=asked, only_if=guards[0],
            verify=guards[1], undo_touches=self.undo_touches(step.undo, place.env), undo_by_hand=by_hand,
        )  # fmt: skip

    def check_needs(self, kind: str, target: Target) -> None:
        """Raise Unbound when the system file says nothing of what this action needs."""
        needs = self.catalogue.actions[kind].needs
        if needs and not any(has(target, key) for key in needs):
            raise Unbound(f"target {target.name} has no {' or '.join(needs)} in the system file")

    def undo_touches(self, undo: Sequence[Action | ByHand], env: Environment) -> tuple[Touch, ...]:
        with_old = env.with_captures({"old": OLD})
        return tuple(
            self.touch(entry, target, with_old)[0]
            for entry in undo
            if isinstance(entry, Action)
            for target in env.targets(entry.ref)
        )

    def undone(self, steps: Sequence[BoundStep], place: Place) -> list[BoundStep]:
        """Return the steps; the cause's own **Undo** list undoes the last of them, and the others as they know it."""
        entry = next(iter(place.cause.undos), None)
        if entry is None or not steps or steps[-1].undoing is Undoing.GUIDE:
            return list(steps)
        undo = [step.what for step in entry.steps if not isinstance(step.what, TaskLink)]
        text = "; ".join(show_action(what, self.catalogue) if isinstance(what, Action) else what.text for what in undo)
        by_hand = tuple(what.text for what in undo if isinstance(what, ByHand))
        last = steps[-1]
        made = BoundStep(
            touch=last.touch, text=last.text, sentence=last.sentence, source=last.source, risk=last.risk,
            undoing=Undoing.GUIDE, undo=text, deadline_s=last.deadline_s, by_hand=last.by_hand, asked=last.asked,
            only_if=last.only_if, verify=last.verify, undo_touches=self.undo_touches(undo, place.env),
            undo_by_hand=by_hand,
        )  # fmt: skip
        return [*steps[:-1], made]

    def verb(self, action: Action) -> VerbSpec:
        verb = self.catalogue.actions[action.kind].verb(action.verb)
        assert verb is not None  # the compiler looked it up in the same catalogue
        return verb

    def text(self, action: Action, target: Target, env: Environment) -> str:
        """Return the action as the guide writes it, at this target, with the values that its names have here."""
        at = Action(action.kind, action.verb, Ref(((target.name,),)), action.args)
        return env.shown(show_action(at, self.catalogue))

    # -- arguments

    def touch(self, action: Action, target: Target, env: Environment) -> tuple[Touch, tuple[tuple[str, bool], ...]]:
        args: list[tuple[str, str]] = []
        asked: list[tuple[str, bool]] = []
        for arg in action.args:
            if isinstance(arg.value, Setting):
                if any(name == "setting" for name, _ in args):
                    raise Unbound(f"one setting at a time: {action.text}")
                name = env.text(arg.value.name)
                args.append(("setting", name))
                if arg.value.value is None:
                    asked.append((name, arg.value.is_secret))
                else:
                    args.append(("value", _plain(_literal(arg.value), env)))
            else:
                args.append((arg.name, _plain(arg.value, env)))
        if action.kind == RUN:
            _check_vector(action, args)
        secrets = ("value",) if any(is_secret for _, is_secret in asked) else ()
        return Touch(action.kind, action.verb, target.name, tuple(args), secrets), tuple(asked)


def _told(text: str, env: Environment) -> str:
    """Return words for a person: a name without a value stays as the guide writes it."""
    try:
        return env.text(text)
    except Unbound:
        return text


def _literal(setting: Setting) -> Number | Text | Word | Ref:
    value = setting.value
    if isinstance(value, Number | Text | Word | Ref):
        return value
    raise Unbound(f"the value of {setting.name} is no plain value")


def _plain(value: ArgValue, env: Environment) -> str:
    match value:
        case Word():
            return value.value
        case Text() | Path():
            return env.text(value.value)
        case Number():
            return show_plain(value.base)
        case Ref():
            found = env.value(value)
            return found.value if isinstance(found, Text) else show_plain(found.base)
        case Setting():
            raise AssertionError("settings are taken apart before")


def _check_vector(action: Action, args: Sequence[tuple[str, str]]) -> None:
    """Raise Unbound when what was filled in, such as text from a log, would be more than one plain argument."""
    for given, (name, value) in zip(action.args, args, strict=True):
        written = given.value.value if isinstance(given.value, Text) else ""
        if name == "program" and value != written:
            raise Unbound(f"the program of a run is written out, and this one is filled in: {action.text}")
        if OLD in value:
            raise Unbound(f"a run is not told what was there before: {action.text}")
        if value.startswith("-") and not written.startswith("-"):
            raise Unbound(f'the program would take "{value}" for an option: {action.text}')


def _undoing(verb: VerbSpec, step: Step) -> tuple[Undoing, str]:
    if step.undo:
        words = [entry.text for entry in step.undo]
        return Undoing.GUIDE, "; ".join(words)
    if verb.is_undone_last:
        return Undoing.LAST, verb.undo or f"{verb.summary}, again, after all else was put back"
    return (Undoing.OWN, verb.undo) if verb.undo else (Undoing.NONE, "")
