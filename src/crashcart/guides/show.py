"""What the machine understood, written in the guide language: compiles to the same guide again."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from decimal import Decimal

from crashcart.guides.lexer import WORD
from crashcart.guides.words import FREQUENCIES, LIKELIHOODS
from crashcart.model.guide import (
    Action,
    Arg,
    ArgValue,
    ByHand,
    Cause,
    Check,
    CheckList,
    Claim,
    FieldClaim,
    FieldOf,
    FollowClaim,
    Frequency,
    Guide,
    Item,
    Likelihood,
    LookExpr,
    Number,
    Path,
    PercentOf,
    PresenceClaim,
    Problem,
    Ref,
    Remedy,
    Setting,
    StateClaim,
    Step,
    Task,
    TaskLink,
    Text,
    Times,
    Value,
    Word,
)
from crashcart.model.spec import Catalogue
from crashcart.model.truth import Quant


def show_guide(guide: Guide, catalogue: Catalogue) -> str:
    """Return the whole guide. `compile_guide(show_guide(g))` equals `g`, places aside."""
    blocks = [_front(guide), f"# {guide.title}", guide.prose]
    blocks += _list("Healthy", guide.healthy, catalogue)
    blocks += _remedies("Escalate", guide.escalate, catalogue)
    blocks.append(guide.sections)
    for problem in guide.problems:
        blocks += _problem(problem, catalogue)
    for task in guide.tasks:
        blocks += _task(task, catalogue)
    return "\n\n".join(block for block in blocks if block) + "\n"


def show_check(check: Check, catalogue: Catalogue) -> str:
    """Return a check as a guide writes it."""
    claims = "" if _is_default(check, catalogue) else " and ".join(show_claim(claim) for claim in check.claims)
    return " ".join(
        part
        for part in (
            show_look(check.look, catalogue),
            f"=> {claims}" if claims else "",
            f"within {show_number(check.within)}" if check.within else "",
            f"for {show_number(check.hold)}" if check.hold else "",
            f"as {check.capture}" if check.capture else "",
        )
        if part
    )


def show_look(look: LookExpr, catalogue: Catalogue) -> str:
    """Return a look as a guide writes it."""
    if look.kind == "ask":
        return f"ask {_arg_value(look.args[0].value)}"
    spec = catalogue.kinds[look.kind].look(look.look)
    leads = {arg.name: arg.lead for arg in spec.args} if spec else {}
    return " ".join(
        part
        for part in (
            look.kind,
            "" if look.quant is Quant.EACH else look.quant.value,
            show_ref(look.ref),
            look.look,
            _args(look.args, leads),
            _vantage(look),
            f"over {show_number(look.over)}" if look.over else "",
            _since(look),
        )
        if part
    )


def show_claim(claim: Claim) -> str:
    """Return one claim as a guide writes it."""
    match claim:
        case StateClaim():
            return f"not {claim.state}" if claim.is_negated else claim.state
        case PresenceClaim():
            return f"{claim.field} {claim.presence.value}"
        case FollowClaim():
            return f"not followed by {_quoted(claim.text)} in {show_number(claim.window)}"
        case FieldClaim():
            stat = f"{claim.stat.value} " if claim.stat else ""
            return f"{stat}{claim.field} {claim.rel.value} {show_value(claim.value)}"


def show_value(value: Value) -> str:
    """Return one value as a guide writes it."""
    match value:
        case Number():
            return show_number(value)
        case Text():
            return _quoted(value.value)
        case Word():
            return value.value
        case Ref():
            return show_ref(value)
        case FieldOf():
            return f"{value.field} of {show_ref(value.of)}" if value.of else value.field
        case PercentOf():
            return f"{show_plain(value.percent)}% of {show_value(value.of)}"
        case Times():
            return f"{show_plain(value.factor)} x {'usual' if value.of is None else show_value(value.of)}"


def show_number(number: Number) -> str:
    """Return a number with its unit."""
    glue = "" if number.unit in ("", "%") else " "
    return f"{show_plain(number.value)}{glue}{number.unit}{number.per}"


def show_ref(ref: Ref) -> str:
    """Return a reference in its braces."""
    return "{" + ", ".join(".".join(segments) for segments in ref.names) + "}"


def show_item(item: Item, catalogue: Catalogue) -> str:
    """Return an item without its bullet."""
    return " ".join(
        part for part in (_lead(item), item.before, _code(show_check(item.check, catalogue)), item.after) if part
    )


def show_action(action: Action, catalogue: Catalogue) -> str:
    """Return an action as a guide writes it."""
    if action.kind == "notify" and action.after is not None:
        return f"notify {_quoted(action.contact)} after {show_number(action.after)}"
    spec = catalogue.actions[action.kind].verb(action.verb)
    leads = {arg.name: arg.lead for arg in spec.args} if spec else {}
    return " ".join(
        part for part in (action.kind, action.verb, show_ref(action.ref), _args(action.args, leads)) if part
    )


# -- pieces


def _is_default(check: Check, catalogue: Catalogue) -> bool:
    if check.look.kind == "ask":
        return check.claims == (StateClaim("yes"),)
    spec = catalogue.kinds[check.look.kind].look(check.look.look)
    return bool(spec and spec.default_state and check.claims == (StateClaim(spec.default_state),))


def _vantage(look: LookExpr) -> str:
    if look.vantage is None:
        return ""
    quant = "" if look.vantage_quant is Quant.EACH else f"{look.vantage_quant.value} "
    return f"from {quant}{show_ref(look.vantage)}"


def _since(look: LookExpr) -> str:
    if look.since is None:
        return ""
    minus = f" - {show_number(look.since.minus)}" if look.since.minus else ""
    return f"since {show_ref(look.since.ref)}{minus}"


def _args(args: Iterable[Arg], leads: dict[str, str]) -> str:
    words = []
    for arg in args:
        if leads.get(arg.name):
            words.append(leads[arg.name])
        words.append(_arg_value(arg.value))
    return " ".join(words)


def _arg_value(value: ArgValue) -> str:
    match value:
        case Word() | Path():
            return value.value
        case Text():
            return _quoted(value.value)
        case Ref():
            return show_ref(value)
        case Number():
            return show_number(value)
        case Setting():
            asked = "?secret" if value.is_secret else "?"
            name = value.name if WORD.fullmatch(value.name) else _quoted(value.name)
            return f"{name} {value.rel.value} {asked if value.value is None else show_value(value.value)}"


def _quoted(text: str) -> str:
    return f"'{text}'" if '"' in text else f'"{text}"'


def show_plain(value: float) -> str:
    """Return a number in full: no exponent, nothing rounded off, so that it reads back as it is."""
    text = f"{Decimal(repr(value)):f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def _code(text: str) -> str:
    ticks = "`"
    while ticks in text:
        ticks += "`"
    pad = " " if text.startswith("`") or text.endswith("`") else ""
    return f"{ticks}{pad}{text}{pad}{ticks}"


def _lead(item: Item) -> str:
    every = f"every {show_number(item.every)}: " if item.every else ""
    words = [show_likelihood(item.likelihood)] if item.likelihood else []
    if item.otherwise:
        words.append(f"else {show_likelihood(item.otherwise)}")
    lead = ", ".join(words) or item.severity
    return f"{every}{lead}:" if lead else every.strip()


def show_likelihood(likelihood: Likelihood) -> str:
    """Return a likelihood by its word, with the number when that differs from the word's own."""

    if likelihood.word and LIKELIHOODS[likelihood.word] == likelihood.p:
        return likelihood.word
    return f"{likelihood.word} {show_plain(likelihood.p)}".strip()


def show_frequency(frequency: Frequency) -> str:
    """Return a frequency by its word, with the number when that differs from the word's own."""

    if frequency.word and FREQUENCIES[frequency.word] == frequency.per_month:
        return frequency.word
    number = f"{show_plain(frequency.per_month)} a month"
    return f"{frequency.word}, {number}" if frequency.word else number


def _list(label: str, found: CheckList, catalogue: Catalogue) -> Iterator[str]:
    if not found.items:
        return
    lines = [f"**{label}** {found.note}".rstrip()]
    for item in found.items:
        lines.append(f"- {_entry(item, catalogue)}")
    yield "\n".join(lines)


def _entry(item: Item | ByHand | TaskLink, catalogue: Catalogue) -> str:
    match item:
        case Item():
            return _continued(show_item(item, catalogue), 2)
        case ByHand():
            return _continued(f"By hand: {item.text}", 2)
        case TaskLink():
            return _continued(_task_link(item), 2)


def _continued(text: str, indent: int) -> str:
    return text.replace("\n", "\n" + " " * indent)


def _remedies(label: str, remedies: Iterable[Remedy], catalogue: Catalogue) -> Iterator[str]:
    for remedy in remedies:
        name = f": {remedy.name}" if remedy.name else ""
        lines = [f"**{label}{name}** {remedy.note}".rstrip()]
        for number, step in enumerate(remedy.steps, start=1):
            lines += _step(number, step, catalogue)
        yield "\n".join(lines)


def _step(number: int, step: Step, catalogue: Catalogue) -> Iterator[str]:
    match step.what:
        case Action():
            what = " ".join(
                part for part in (step.before, _code(show_action(step.what, catalogue)), step.after) if part
            )
        case ByHand():
            what = f"By hand: {step.what.text}"
        case TaskLink():
            what = _task_link(step.what)
    indent = len(f"{number}. ")  # what is nested in step 10 stands one column further right
    yield f"{number}. {_continued(what, indent)}"
    for word, items in (("only if", step.only_if), ("verify", step.verify)):
        for item in items:
            yield f"{' ' * indent}- {word} {_continued(show_item(item, catalogue), indent + 2)}"
    for undo in step.undo:
        text = f"By hand: {undo.text}" if isinstance(undo, ByHand) else _code(show_action(undo, catalogue))
        yield f"{' ' * indent}- undo {_continued(text, indent + 2)}"


def _task_link(link: TaskLink) -> str:
    return f"[{link.text}]({link.guide}#{link.task}) {link.after}".rstrip()


def _front(guide: Guide) -> str:
    lines = ["---", f"guide: {guide.name}", f"for: {guide.target_kind}", f"severity: {guide.severity.value}"]
    if guide.owner:
        lines.append(f"owner: {_yaml(guide.owner)}")
    if guide.needs:
        lines.append("needs: {" + ", ".join(f"{need.role}: {need.kind}" for need in guide.needs) + "}")
    if guide.params:
        lines.append("params:")
        lines += [f"  {param.name}: {_default(param.default)}" for param in guide.params]
    if guide.depends:
        lines.append(f"depends: [{', '.join(guide.depends)}]")
    if guide.source:
        lines.append(f"source: {_yaml(guide.source)}")
    return "\n".join([*lines, "---"])


def _default(default: Number | Text) -> str:
    return show_number(default) if isinstance(default, Number) else _yaml(default.value)


def _yaml(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)  # which is YAML too, also for text of several lines


def _problem(problem: Problem, catalogue: Catalogue) -> Iterator[str]:
    yield f"## {problem.title} {{#{problem.id}}}"
    # Prose stands before the lists: behind them, a list in it would become more items.
    yield problem.prose
    yield from _list("Only if", problem.only_if, catalogue)
    yield from _list("Read", problem.read, catalogue)
    yield from _list("Symptoms", problem.symptoms, catalogue)
    yield from _remedies("Relief", problem.reliefs, catalogue)
    yield from _list("Verify", problem.verify, catalogue)
    yield from _list("Watch", problem.watch, catalogue)
    yield from _remedies("Escalate", problem.escalate, catalogue)
    for cause in problem.causes:
        yield from _cause(cause, catalogue)


def _cause(cause: Cause, catalogue: Catalogue) -> Iterator[str]:
    marks = "".join(f" {key}={word}" for key, word in cause.marks)
    title = cause.title
    if cause.link:
        title = f"[{cause.link.text}]({cause.link.guide}#{cause.link.cause})"
        if cause.link.bindings:
            title += " with `" + ", ".join(f"{name}={show_value(value)}" for name, value in cause.link.bindings) + "`"
    yield f"### Cause: {title} {{#{cause.id}{marks}}} ({show_frequency(cause.frequency)})"
    yield cause.prose
    yield from _list("Only if", cause.only_if, catalogue)
    yield from _list("Read", cause.read, catalogue)
    yield from _list("Evidence", cause.evidence, catalogue)
    yield from _list("Try", cause.tries, catalogue)
    yield from _remedies("Relief", cause.reliefs, catalogue)
    yield from _remedies("Fix", cause.fixes, catalogue)
    yield from _remedies("Undo", cause.undos, catalogue)
    yield from _list("Verify", cause.verify, catalogue)
    yield from _list("Watch", cause.watch, catalogue)
    yield from _remedies("Escalate", cause.escalate, catalogue)


def _task(task: Task, catalogue: Catalogue) -> Iterator[str]:
    yield f"## Task: {task.title} {{#{task.id}}} (every {show_number(task.every)})"
    yield task.prose
    yield from _list("Only if", task.only_if, catalogue)
    yield from _remedies("Do", task.steps, catalogue)
    yield from _remedies("Undo", task.undos, catalogue)
    yield from _list("Verify", task.verify, catalogue)
