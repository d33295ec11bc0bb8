"""Compiled guides and a system to one network: every cause at every target it can strike."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from crashcart.guides.bind_check import BoundItem, CheckBinder
from crashcart.guides.captures import MAX_VALUES, Captured, Values, used_by
from crashcart.guides.environment import Environment, Unbound, environment, has
from crashcart.guides.names import bound_by
from crashcart.guides.show import show_action, show_value
from crashcart.guides.words import LIKELIHOODS, NO_WORD
from crashcart.model.guide import (
    Action,
    ByHand,
    Cause,
    CheckList,
    Guide,
    Item,
    Problem,
    Ref,
    Remedy,
    Step,
    Text,
    Value,
)
from crashcart.model.net import BoundCause, BoundCheck, BoundHealth, BoundProblem, Edge, Net, Source
from crashcart.model.observation import Look
from crashcart.model.spec import Catalogue
from crashcart.model.system import System, Target

MAX_LINKS = 8  # how far a link may lead to a link


def bind(guides: Sequence[Guide], system: System, catalogue: Catalogue, *, captured: Captured | None = None) -> Net:
    """Return every cause, problem and check of the guides at the targets of the system.

    A guide stands for every target of its kind. What cannot be bound (a role that nothing fills, a link that leads
    nowhere) is said in `Net.notes`; a check that cannot be asked stays in the net and says why.

    `captured` is what checks of an earlier net have caught (`captures.captured`): a cause whose checks wait for it
    then stands there once for each value. Without it those checks are unknown.
    """
    binder = _Binder(sorted(guides, key=lambda guide: guide.name), system, catalogue, captured or {})
    return binder.run()


@dataclass(frozen=True, slots=True)
class Place:
    """Where one cause stands: what its names mean there, and the problems of its own guide that it can produce."""

    guide: Guide
    cause: Cause
    env: Environment
    problems: tuple[Problem, ...]
    links: tuple[Place, ...] = ()  # that lead here, and bring remedies of their own


def places(
    guides: Sequence[Guide], system: System, catalogue: Catalogue, *, captured: Captured | None = None
) -> Mapping[str, Place]:
    """Return the place of every cause that `bind` finds, by the id of the bound cause."""
    binder = _Binder(sorted(guides, key=lambda guide: guide.name), system, catalogue, captured or {})
    net = binder.run()
    names = {problem.id: (problem.guide, problem.problem) for problem in net.problems}
    found = {}
    for key, draft in sorted(binder.drafts.items()):
        own = {names[problem] for problem in draft.problems}
        problems = tuple(problem for problem in draft.guide.problems if (draft.guide.name, problem.id) in own)
        links = tuple(Place(guide, cause, env, ()) for guide, cause, env in draft.links.values())
        found[key] = Place(draft.guide, draft.cause, draft.env, problems, links)
    return found


@dataclass(frozen=True, slots=True)
class _Names:
    """The names that the checks of a problem or a cause bind and use."""

    bound: frozenset[str]
    used: frozenset[str]


@dataclass(slots=True)
class _Draft:
    """A cause while guides add to it."""

    id: str
    guide: Guide
    cause: Cause
    target: Target
    env: Environment
    per_month: float
    source: Source
    evidence: dict[str, Edge] = field(default_factory=dict)
    symptoms: dict[str, Edge] = field(default_factory=dict)
    only_if: dict[str, None] = field(default_factory=dict)
    problems: dict[str, None] = field(default_factory=dict)
    fixes: tuple[str, ...] = ()
    captures: Values = field(default_factory=dict)
    links: dict[tuple[str, str, str], tuple[Guide, Cause, Environment]] = field(default_factory=dict)

    def frozen(self) -> BoundCause:
        # A cause that repeats a symptom's check overrides it: evidence is laid over the symptoms.
        edges = {**self.symptoms, **self.evidence}
        return BoundCause(
            id=self.id, guide=self.guide.name, cause=self.cause.id, target=self.target.name, title=self.cause.title,
            per_month=self.per_month, edges=tuple(edges[key] for key in sorted(edges)),
            only_if=tuple(sorted(self.only_if)), problems=tuple(sorted(self.problems)), source=self.source,
            trust=self.guide.trust, fixes=self.fixes,
        )  # fmt: skip


class _Binder:
    def __init__(self, guides: Sequence[Guide], system: System, catalogue: Catalogue, captured: Captured) -> None:
        self.guides = guides
        self.captured = captured
        self.names: dict[tuple[str, str], _Names] = {}
        self.by_name = {guide.name: guide for guide in guides}
        self.causes = {
            (guide.name, cause.id): (problem, cause)
            for guide in guides
            for problem in reversed(guide.problems)
            for cause in reversed(problem.causes)
        }
        self.system = system
        self.catalogue = catalogue
        self.checks: dict[str, BoundCheck] = {}
        self.drafts: dict[str, _Draft] = {}
        self.problems: list[BoundProblem] = []
        self.healthy: list[BoundHealth] = []
        self.spare: dict[str, Look] = {}
        self.notes: dict[str, None] = {}
        self.binder = CheckBinder(catalogue)

    def run(self) -> Net:
        for guide in self.guides:
            for target in self.targets_of(guide):
                self.instance(guide, environment(self.system, guide, target))
        return Net(
            causes=tuple(self.drafts[key].frozen() for key in sorted(self.drafts)),
            problems=tuple(sorted(self.problems, key=lambda problem: problem.id)),
            checks={key: self.checks[key] for key in sorted(self.checks)},
            healthy=tuple(sorted(self.healthy, key=lambda health: (health.target, health.check))),
            targets=tuple(sorted(self.system.targets)),
            notes=tuple(self.notes),
            depends={name: target.depends for name, target in sorted(self.system.targets.items())},
            spare=tuple(self.spare[key] for key in sorted(self.spare)),
        )

    def targets_of(self, guide: Guide) -> list[Target]:
        return [target for _, target in sorted(self.system.targets.items()) if target.kind == guide.target_kind]

    # -- one guide at one target

    def instance(self, guide: Guide, env: Environment) -> None:
        for item in guide.healthy.checks:
            for bound in self.bound([item], env):
                source = self.source(guide, item)
                self.healthy.append(BoundHealth(bound.check.key, env.self_.name, item.severity != "warn", source))
        for problem in guide.problems:
            self.problem(guide, problem, env)

    def problem(self, guide: Guide, problem: Problem, env: Environment) -> None:
        env = env.awaiting(self.names_of(guide, problem).bound)
        symptoms = self.bound(problem.symptoms.checks, env)
        bound = BoundProblem(
            id=f"{env.self_.name}:{guide.name}.{problem.id}", guide=guide.name, problem=problem.id,
            target=env.self_.name, title=problem.title, severity=guide.severity,
            symptoms=tuple(dict.fromkeys(entry.check.key for entry in symptoms)),
            words=_words(problem), source=Source(guide.name, guide.path, problem.span, problem.title),
        )  # fmt: skip
        self.problems.append(bound)
        self.add_spare(problem.verify, env)
        for cause in problem.causes:
            for draft, own in self.drafts_of(guide, problem, cause, env):
                draft.problems[bound.id] = None
                caught = env.with_captures(draft.captures) if own else env
                seen = self.bound(problem.symptoms.checks, caught) if caught.captures else symptoms
                self.add_edges(draft.symptoms, guide, seen, is_symptom=True)
                if cause.link is not None:
                    self.add_remedies(draft, guide, cause, caught)
                    self.add_edges(draft.evidence, guide, self.bound(cause.evidence.checks, env), is_symptom=False)
                    self.add_conditions(draft, cause.only_if, env)
                if own:
                    self.add_conditions(draft, problem.only_if, caught)

    def drafts_of(self, guide: Guide, problem: Problem, cause: Cause, env: Environment) -> list[tuple[_Draft, bool]]:
        """Return the causes that one heading stands for; the flag is False for those taken over by a link."""
        if cause.link is None:
            return [(draft, True) for draft in self.instances(guide, problem, cause, env)]
        try:
            return [(draft, False) for draft in self.linked(guide, cause, env)]
        except Unbound as reason:
            self.notes[f"{guide.name}.{cause.id} at {env.self_.name}: {reason}"] = None
            return []

    def instances(
        self,
        guide: Guide,
        problem: Problem,
        cause: Cause,
        env: Environment,
        *,
        params: Mapping[str, Value] | None = None,
        per_month: float | None = None,
    ) -> list[_Draft]:
        """Return the cause, or one instance of it for each value that its checks wait for."""
        given = params or {}
        env = env.awaiting(self.names_of(guide, problem).bound | self.names_of(guide, cause).bound)
        return [
            self.draft(
                guide, cause, env.with_captures(values), captures=values, per_month=per_month,
                params={**given, **{name: Text(value) for name, value in values.items()}},
            )
            for values in self.caught(guide, problem, cause, env)
        ]  # fmt: skip

    def caught(self, guide: Guide, problem: Problem, cause: Cause, env: Environment) -> list[Values]:
        if not self.captured:
            return [{}]
        items = (*_items_of(problem), *_items_of(cause))
        used = self.names_of(guide, problem).used | self.names_of(guide, cause).used
        wanted = {name for name in used if name.split(".")[0] not in env.names}
        roots = {name.split(".")[0] for name in wanted}
        found: list[Values] = [{}]
        for item in items:
            if bound_by(item.check) & roots:
                found = [new for values in found for new in self.extended(item, values, wanted, env)]
        if len(found) > MAX_VALUES:
            name = f"{guide.name}.{cause.id} at {env.self_.name}"
            self.notes[
                f"{name}: {len(found) - MAX_VALUES} more values were caught, and only {MAX_VALUES} are weighed"
            ] = None
        return found[:MAX_VALUES]

    def names_of(self, guide: Guide, section: Problem | Cause) -> _Names:
        key = (guide.name, section.id)  # ids are unique in a guide
        if key not in self.names:
            checks = [item.check for item in _items_of(section)]
            bound = frozenset[str]().union(*(bound_by(check) for check in checks))
            self.names[key] = _Names(bound, frozenset[str]().union(*(used_by(check) for check in checks)))
        return self.names[key]

    def extended(self, item: Item, values: Values, wanted: Collection[str], env: Environment) -> list[Values]:
        """Return these values with each that the item caught; the same when it caught none."""
        own = {name for name in wanted if name.split(".")[0] in bound_by(item.check)}
        more: dict[tuple[tuple[str, str], ...], None] = {}
        for bound in self.binder.item(item, env.with_captures(values)):
            for caught in self.captured.get(bound.check.key, ()):
                new = {name: value for name, value in caught.items() if name in own}
                if new:
                    more[tuple(sorted({**new, **values}.items()))] = None
        return [dict(entry) for entry in more] or [values]

    def draft(
        self,
        guide: Guide,
        cause: Cause,
        env: Environment,
        *,
        params: Mapping[str, Value],
        captures: Values,
        per_month: float | None = None,
    ) -> _Draft:
        named = ",".join(f"{name}={show_value(value)}" for name, value in sorted(params.items()))
        suffix = f"[{named}]" if params else ""
        key = f"{env.self_.name}:{guide.name}.{cause.id}{suffix}"
        if key not in self.drafts:
            draft = _Draft(
                key, guide, cause, env.self_, env, per_month or cause.frequency.per_month,
                Source(guide.name, guide.path, cause.span, cause.title), fixes=self.fix_lines(cause, env),
                captures=captures,
            )  # fmt: skip
            self.drafts[key] = draft
            self.add_edges(draft.evidence, guide, self.bound(cause.evidence.checks, env), is_symptom=False)
            self.add_conditions(draft, cause.only_if, env)
            self.add_spare(cause.verify, env)
            self.bound(cause.read.checks, env)
        return self.drafts[key]

    # -- links

    def linked(self, guide: Guide, cause: Cause, env: Environment) -> list[_Draft]:
        home, problem, origin = self.origin(guide, cause)
        assert cause.link is not None
        roles = {need.role for need in home.needs}
        given = dict(cause.link.bindings)
        params = {name: value for name, value in given.items() if name != "self" and name not in roles}
        unknown = sorted(set(params) - {param.name for param in home.params})
        if unknown:
            raise Unbound(f'the guide "{home.name}" has no parameter "{unknown[0]}"')
        filled = {role: self.filling(home, role, given[role], env) for role in sorted(roles & set(given))}
        found = []
        for target in self.link_targets(guide, home, given.get("self"), env):
            there = environment(self.system, home, target)
            # Values, not names, tell two such causes apart: `key={self.key}` is another one for every service.
            values = {name: _literal(value, env) for name, value in params.items()}
            there = there.with_params(values).with_roles(filled)
            values |= {role: Text(" ".join(names)) for role, names in filled.items()}
            per_month = cause.frequency.per_month if values else None
            found += self.instances(home, problem, origin, there, params=values, per_month=per_month)
        return found

    def filling(self, home: Guide, role: str, value: Value, env: Environment) -> tuple[str, ...]:
        kind = next(need.kind for need in home.needs if need.role == role)
        targets = env.targets(value) if isinstance(value, Ref) else ()
        if not targets or any(target.kind != kind for target in targets):
            raise Unbound(f'the role "{role}" of the guide "{home.name}" wants a target of kind "{kind}"')
        return tuple(target.name for target in targets)

    def origin(self, guide: Guide, cause: Cause) -> tuple[Guide, Problem, Cause]:
        for _ in range(MAX_LINKS):
            if cause.link is None:
                return guide, self.causes[guide.name, cause.id][0], cause
            home = self.by_name.get(cause.link.guide) if cause.link.guide else guide
            if home is None:
                raise Unbound(f'there is no guide "{cause.link.guide}"')
            found = self.causes.get((home.name, cause.link.cause))
            if found is None:
                raise Unbound(f'the guide "{home.name}" has no cause "{cause.link.cause}"')
            guide, cause = home, found[1]
        raise Unbound("the link leads in a circle")

    def link_targets(self, guide: Guide, home: Guide, chosen: Value | None, env: Environment) -> tuple[Target, ...]:
        if isinstance(chosen, Ref):
            targets = env.targets(chosen)
        elif home.target_kind == guide.target_kind:
            targets = (env.self_,)
        else:
            roles = [need.role for need in guide.needs if need.kind == home.target_kind]
            if len(roles) != 1:
                raise Unbound(
                    f'the link does not say which target it means: write "with `self={{ROLE}}`" with a role of kind "{home.target_kind}"'
                )
            targets = env.targets(Ref(((roles[0],),)))
        wrong = [target.name for target in targets if target.kind != home.target_kind]
        if wrong:
            raise Unbound(f'the guide "{home.name}" is for {home.target_kind}, and {wrong[0]} is none')
        return targets

    # -- pieces

    def bound(self, items: Iterable[Item], env: Environment) -> list[BoundItem]:
        found = [entry for item in items for entry in self.binder.item(item, env)]
        for entry in found:
            self.checks.setdefault(entry.check.key, entry.check)
        return found

    def add_edges(self, edges: dict[str, Edge], guide: Guide, items: Iterable[BoundItem], *, is_symptom: bool) -> None:
        for entry in items:
            edge = self.edge(guide, entry, is_symptom=is_symptom)
            known = edges.get(edge.check)
            if known is None or edge.likelihood > known.likelihood:
                edges[edge.check] = edge

    def edge(self, guide: Guide, entry: BoundItem, *, is_symptom: bool) -> Edge:
        item = entry.item
        likelihood = item.likelihood.p if item.likelihood else LIKELIHOODS[NO_WORD]
        is_shift = item.likelihood is not None and item.likelihood.word in ("rarely", "never")
        otherwise = item.otherwise.p if item.otherwise else None
        return Edge(entry.check.key, likelihood, otherwise, is_shift, is_symptom, self.source(guide, item))

    def add_conditions(self, draft: _Draft, conditions: CheckList, env: Environment) -> None:
        for entry in self.bound(conditions.checks, env):
            draft.only_if[entry.check.key] = None

    def add_spare(self, verify: CheckList, env: Environment) -> None:
        for item in verify.checks:
            for entry in self.binder.item(item, env):
                for look in (*entry.check.looks, *entry.check.others):
                    self.spare[look.id] = look

    def add_remedies(self, draft: _Draft, guide: Guide, cause: Cause, env: Environment) -> None:
        """Remember what a link does about the cause in its own place: it comes before what the linked guide says."""
        key = (guide.name, cause.id, env.self_.name)
        if _remedies(cause) and key not in draft.links:
            draft.links[key] = (guide, cause, env)
            draft.fixes = (*self.fix_lines(cause, env), *draft.fixes)

    def fix_lines(self, cause: Cause, env: Environment) -> tuple[str, ...]:
        """Return the steps of the first remedy that can be carried out here, and what else could be done instead."""
        able = [entry for entry in _remedies(cause) if all(self.is_able(step, env) for step in entry.steps)]
        chosen = able or _remedies(cause)
        first, *others = [[self.step_line(step, env) for step in entry.steps] for entry in chosen] or [[]]
        return (*first, *(f"or {_lower(line)}" for lines in others for line in lines[:1]))

    def is_able(self, step: Step, env: Environment) -> bool:
        """Whether the targets of a step have what its action needs."""
        if not isinstance(step.what, Action) or step.what.kind not in self.catalogue.actions:
            return True
        needs = self.catalogue.actions[step.what.kind].needs
        try:
            targets = env.targets(step.what.ref) if step.what.kind != "notify" else ()
        except Unbound:
            return False
        return not needs or all(any(has(target, key) for key in needs) for target in targets)

    def step_line(self, step: Step, env: Environment) -> str:
        if not isinstance(step.what, Action):
            return step.what.text if isinstance(step.what, ByHand) else f"do {step.what.text}"
        code = env.shown(show_action(step.what, self.catalogue))
        words = " ".join(f"{step.before} {step.after}".split()).strip(" ,;:.")
        return f"{words} ({code})" if words else code

    def source(self, guide: Guide, item: Item) -> Source:
        return Source(guide.name, guide.path, item.span, sentence(item))


def _lower(text: str) -> str:
    return text[:1].lower() + text[1:]


def sentence(item: Item) -> str:
    """Return what the guide says around a check, as a report quotes it; the check itself when it says nothing."""
    words = " ".join(f"{item.before} {item.after}".split()).strip(" ,;:.")
    return words or f"`{item.check.text}`"


def _items_of(section: Problem | Cause) -> tuple[Item, ...]:
    """Return the items that may bind a name, in the order in which they are read."""
    last = section.symptoms if isinstance(section, Problem) else section.evidence
    return (*section.read.checks, *section.only_if.checks, *last.checks)


def _remedies(cause: Cause) -> tuple[Remedy, ...]:
    return (*cause.reliefs, *cause.fixes)


def _literal(value: Value, env: Environment) -> Value:
    return env.value(value) if isinstance(value, Ref) else value


def _words(problem: Problem) -> tuple[str, ...]:
    texts = [problem.title, *[sentence(item) if item.before or item.after else "" for item in problem.symptoms.checks]]
    found = re.findall(r"[a-z0-9]+", " ".join(texts).lower())
    return tuple(sorted(set(found)))
