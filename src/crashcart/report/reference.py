"""Reference pages, from the same tables that the compiler reads."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from crashcart.model.spec import (
    LONGEST_WATCH_S,
    ActionSpec,
    ArgSpec,
    Catalogue,
    Dimension,
    Form,
    KindSpec,
    LookSpec,
    TargetKind,
    VerbSpec,
)


def kind_text(spec: KindSpec) -> str:
    """Return one kind for a terminal."""
    return "\n".join(_kind_lines(spec)) + "\n"


def _kind_lines(spec: KindSpec) -> Iterator[str]:
    yield f"{spec.name}: {spec.summary}"
    if spec.needs:
        yield f"  needs of a target: {' or '.join(spec.needs)}"
    for look in spec.looks:
        yield ""
        yield f"  {usage(spec, look)}"
        yield f"    {look.summary}"
        for arg in look.args:
            yield f"    {arg.name:<16} {arg.summary}" + (f" ({', '.join(arg.words)})" if arg.words else "")
        for field in look.fields:
            words = f": {', '.join(field.words)}" if field.words else ""
            yield f"    .{field.name:<15} {field.dimension.value}{words}; {field.summary}"
        for state in look.states:
            yield f"    => {state.name:<13} {state.summary}"


def usage(spec: KindSpec, look: LookSpec) -> str:
    """Return how a look is written."""
    words = [spec.name, "{target}", look.name, *(_arg_usage(arg) for arg in look.args)]
    if look.has_history:
        words.append("[over TIME]")
    elif look.is_watched:
        words.append(f"[over TIME, at most {LONGEST_WATCH_S:g} s]")
    return " ".join(word for word in words if word)


def _arg_usage(arg: ArgSpec) -> str:
    if Form.SETTING in arg.forms:
        written = _FORMS[Form.SETTING] if arg.is_open else f"{arg.name} = VALUE"
        return written if arg.is_required else f"[{written}]"
    form = "|".join(arg.words) if arg.words else " or ".join(_FORMS[form] for form in arg.forms)
    text = f"{arg.lead} {form}".strip()
    text = f"{text}..." if arg.is_many else text
    return text if arg.is_required else f"[{text}]"


_FORMS = {
    Form.WORD: "WORD", Form.STRING: '"TEXT"', Form.PATH: "/PATH", Form.REF: "{NAME}", Form.NUMBER: "NUMBER", Form.SETTING: "NAME = VALUE",
}  # fmt: skip
_UNITS = {
    Dimension.NUMBER: "a plain number", Dimension.PERCENT: "%", Dimension.TIME: "ms, s, min, h, d",
    Dimension.BYTES: "B, kB, MB, GB, KiB, MiB, GiB", Dimension.INSTANT: "an instant", Dimension.TEXT: "text",
    Dimension.WORD: "one word", Dimension.FLAG: "yes, no",
}  # fmt: skip


def kinds_page(catalogue: Catalogue) -> str:
    """Return the reference page of all kinds of look, as Markdown."""
    lines = [
        "# Kinds of look", "",
        "Generated from the tables that the compiler reads; nothing else exists in the language.", "",
    ]  # fmt: skip
    for _, spec in sorted(catalogue.kinds.items()):
        lines += _kind_markdown(spec)
    lines += ["# Kinds of target", ""]
    for _, target in sorted(catalogue.targets.items()):
        lines += _target_markdown(target)
    lines += ["## Every target", "", "| key | what it is |", "|---|---|"]
    lines += [f"| `{entry.name}` | {_cell(entry.summary)} |" for entry in catalogue.common]
    lines += ["", "## `[targets.NAME.touch]`", "", "| key | what it is |", "|---|---|"]
    lines += [f"| `{entry.name}` | {_cell(entry.summary)} |" for entry in catalogue.touch]
    return "\n".join(lines) + "\n"


def _kind_markdown(spec: KindSpec) -> Iterable[str]:
    yield f"## `{spec.name}`"
    yield ""
    yield spec.summary
    if spec.needs:
        yield f"Needs of a target: {' or '.join(f'`{name}`' for name in spec.needs)}."
    yield ""
    for look in spec.looks:
        yield from _look_markdown(spec, look)
    yield "**What is seen, and what is not**"
    yield ""
    yield "| what happens | outcome |"
    yield "|---|---|"
    yield from (f"| {_cell(row.situation)} | {_cell(row.outcome)} |" for row in spec.failures)
    yield ""


def _look_markdown(spec: KindSpec, look: LookSpec) -> Iterable[str]:
    yield f"### `{usage(spec, look)}`"
    yield ""
    yield f"{look.summary[:1].upper()}{look.summary[1:]}."
    yield f"Cost: {look.cost.name.lower()} (about {look.cost.value:g} s)."
    yield f"False alarm: {look.alarm.value:g} unless the guide says `else`."
    if look.default_state:
        yield f"Without a claim it means `=> {look.default_state}`."
    yield ""
    if look.args:
        yield "| argument | written | what it is |"
        yield "|---|---|---|"
        yield from (f"| {arg.name} | `{_cell(_arg_usage(arg))}` | {_cell(arg.summary)} |" for arg in look.args)
        yield ""
    yield "| field | measured in | what it is |"
    yield "|---|---|---|"
    yield from (
        f"| `{field.name}` | {', '.join(field.words) or _UNITS[field.dimension]} | {_cell(field.summary)} |"
        for field in look.fields
    )
    yield ""
    if look.states:
        yield "| state | means | |"
        yield "|---|---|---|"
        yield from (
            f"| `{state.name}` | `{state.field} = {_state_value(state.value)}` | {_cell(state.summary)} |"
            for state in look.states
        )
        yield ""


def actions_page(catalogue: Catalogue) -> str:
    """Return the reference page of all kinds of action, as Markdown."""
    lines = [
        "# Kinds of action", "",
        "Generated from the tables that the compiler reads; nothing else exists in the language.",
        "Every verb was recorded once on a real target, with its undo where it has one.", "",
    ]  # fmt: skip
    for _, spec in sorted(catalogue.actions.items()):
        lines += _action_markdown(spec)
    return "\n".join(lines) + "\n"


def _action_markdown(spec: ActionSpec) -> Iterable[str]:
    yield f"## `{spec.name}`"
    yield ""
    yield spec.summary
    if spec.needs:
        yield f"Needs of a target, or of its table `touch`: {' or '.join(f'`{name}`' for name in spec.needs)}."
    yield ""
    for verb in spec.verbs:
        yield from _verb_markdown(spec, verb)


def _verb_markdown(spec: ActionSpec, verb: VerbSpec) -> Iterable[str]:
    yield f"### `{' '.join((spec.name, verb.name, '{target}', *(_arg_usage(arg) for arg in verb.args)))}`"
    yield ""
    yield f"{verb.summary[:1].upper()}{verb.summary[1:]}."
    yield ""
    yield "| | |"
    yield "|---|---|"
    yield f"| risk | {verb.risk.value} |"
    yield f"| undo | {_cell(verb.undo) or '*irreversible*'} |"
    yield f"| has happened when | {_cell(verb.told_by)} |"
    yield f"| given up after | {verb.deadline_s:g} s |"
    if verb.is_undone_last:
        yield "| undone | after all other steps |"
    yield ""
    if verb.args:
        yield "| argument | written | what it is |"
        yield "|---|---|---|"
        yield from (f"| {arg.name} | `{_cell(_arg_usage(arg))}` | {_cell(arg.summary)} |" for arg in verb.args)
        yield ""


def _state_value(value: str | bool) -> str:
    return {True: "yes", False: "no"}.get(value, str(value)) if isinstance(value, bool) else value


def _target_markdown(target: TargetKind) -> Iterable[str]:
    yield f'## `kind = "{target.name}"`'
    yield ""
    yield f"{target.summary[:1].upper()}{target.summary[1:]}."
    yield ""
    if target.attributes:
        yield "| key | required | what it is |"
        yield "|---|---|---|"
        yield from (
            f"| `{entry.name}` | {'yes' if entry.is_required else 'no'} | {_cell(entry.summary)} |"
            for entry in target.attributes
        )
        yield ""
    if target.derived:
        yield f"A guide may also name: {', '.join(f'`{{self.{name}}}`' for name in target.derived)}."
        yield ""


def _cell(text: str) -> str:
    return text.replace("|", "\\|")
