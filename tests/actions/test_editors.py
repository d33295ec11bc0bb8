"""The three editors of settings files: what they change, and that they change nothing else."""

from __future__ import annotations

import json
from difflib import SequenceMatcher

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from crashcart.actions.config.change import CannotEdit, Change, changed
from crashcart.probes.config.parse import parse

PHASES = [Phase.explicit, Phase.reuse, Phase.generate]
NAMES = st.sampled_from(["RATE", "API_KEY", "a", "hosts", "db-pool", "N0"])
VALUES = st.one_of(
    st.integers(-999, 99999).map(str),
    st.sampled_from(
        ["true", "false", "1.5", "", "a b", "it's", 'say "x"', "a#b", "a # b", "x\\y", "$HOME", "ä€", "a: b"]
    ),
    st.text(st.characters(exclude_categories=("Cs", "Cc")), max_size=12),
)


def _env_line(name: str, value: str, style: int) -> str:
    quoted = value.replace("\\", "\\\\").replace("'", "\\'").replace('"', '\\"')
    forms = (f"{name}={value}", f"export {name} = '{quoted}'  # why", f'{name}="{quoted}"', f"# {name}={value}", value)
    return forms[style]


def _toml_line(name: str, value: str, style: int) -> str:
    forms = (
        f"{name} = {json.dumps(value, ensure_ascii=False)}  # why", f"{name} = 5", f"{name} = [1, 2]  # some", f"# {value}", "",
    )  # fmt: skip
    return forms[style]


def _yaml_line(name: str, value: str, style: int) -> str:
    forms = (
        f"{name}: {json.dumps(value, ensure_ascii=False)}   # why", f"{name}: 5", f"{name}: [1, 2] # some",
        f"{name}:\n    - one  # first\n    - two", "# a comment",
    )  # fmt: skip
    return forms[style]


def texts(line, glue: str = "") -> st.SearchStrategy[str]:
    entry = st.tuples(NAMES, VALUES, st.integers(0, 4)).map(lambda parts: line(*parts))
    joined = st.tuples(st.lists(entry, max_size=8), st.sampled_from(["\n", "\r\n"]), st.booleans())
    return joined.map(lambda parts: glue + parts[1].join(parts[0]) + (parts[1] if parts[2] else ""))


FILES = st.one_of(
    st.tuples(st.just("x.env"), texts(_env_line)),
    st.tuples(st.just("x.toml"), texts(_toml_line)),
    st.tuples(st.just("x.toml"), texts(_toml_line, glue="[section]\n")),
    st.tuples(st.just("x.yaml"), texts(_yaml_line)),
)


@settings(phases=PHASES, max_examples=200, deadline=None)
@given(FILES, st.sampled_from(["set", "unset", "append"]), NAMES, VALUES, st.booleans())
def test_a_change_changes_its_setting_and_no_other_line(file, verb, name, value, in_section):
    path, text = file
    key = f"section.{name}" if in_section and text.startswith("[section]") else name
    try:
        fresh = changed(text, path, Change(verb, key, value))
    except CannotEdit:
        return  # said, and nothing done

    before, after = parse(text, path), parse(fresh, path)
    others = {other: found for other, found in before.items() if other != key and not other.startswith(f"{key}.")}
    assert {other: after.get(other) for other in others} == others
    old, new = text.splitlines(keepends=True), fresh.splitlines(keepends=True)
    for what, i1, i2, j1, j2 in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        added = [line for line in new[j1:j2] if line.strip()]  # before a section, a new key brings a blank line along
        for line in (*old[i1:i2], *added) if what != "equal" else ():
            is_last = bool(old) and line.rstrip("\r\n") == old[-1]  # it gets its line break when another follows
            plain = line.replace("\\", "")  # a quote within quotes has one in front
            assert name in line or (value and value.replace("\\", "") in plain) or is_last, (what, line)
    assert changed(fresh, path, Change(verb, key, value)) == fresh


@settings(phases=PHASES, max_examples=100, deadline=None)
@given(st.sampled_from(["x.env", "x.toml", "x.yaml"]), st.text(max_size=60), NAMES, VALUES)
def test_no_text_is_too_odd_to_be_refused(path, text, name, value):
    for verb in ("set", "unset", "append"):
        try:
            fresh = changed(text, path, Change(verb, name, value))
        except CannotEdit:
            continue
        parse(fresh, path)


@pytest.mark.parametrize(
    ("path", "text", "change", "wanted"),
    [
        (".env", "A=1 # why\n", Change("set", "A", "2"), "A=2 # why\n"),
        (".env", "A=1\nB=x\nA=3\n", Change("set", "A", "2"), "A=1\nB=x\nA=2\n"),
        (".env", "A='1 2'\r\n", Change("set", "A", "3"), "A='3'\r\n"),
        (".env", "# A=1", Change("set", "A", "a b"), "# A=1\nA='a b'\n"),
        (".env", "A=1\nB='x\ny'\nC=3\n", Change("unset", "B"), "A=1\nC=3\n"),
        (".env", 'H=["a"]\n', Change("append", "H", "b"), 'H=\'["a", "b"]\'\n'),
        (".env", "P=1\n", Change("set", "P", "pa$$'w"), None),
        ("a.toml", "# c\n[db]\nsize = 5  # why\n", Change("set", "db.size", "9"), "# c\n[db]\nsize = 9  # why\n"),
        ("a.toml", "a = 5\n", Change("set", "a", "five"), None),
        ("a.toml", "a = true\n", Change("set", "a", "false"), "a = false\n"),
        ("a.toml", "a = 1\n", Change("set", "db.size", "9"), None),
        ("a.yaml", "db: {size: 5}  # why\n", Change("set", "db.size", "9"), "db: {size: 9}  # why\n"),
        ("a.yaml", "db:\n  size: 5\n", Change("set", "db.name", "x y"), "db:\n  size: 5\n  name: x y\n"),
        ("a.yaml", "db:\n  size: 5\n", Change("set", "db.size", "five"), None),
        ("a.yaml", "a: no way\n", Change("set", "a", "no"), 'a: "no"\n'),
        ("a.yaml", "a: &x 1\nb: *x\n", Change("set", "b", "2"), None),
        ("a.yaml", "a: |\n  text\n", Change("set", "a", "2"), None),
        ("a.yaml", "hosts: [a]\n", Change("append", "hosts", "b"), "hosts: [a, b]\n"),
        ("a.yaml", "a: 1 # one\nb: 2\n", Change("unset", "a"), "b: 2\n"),
        ("a.json", '{"a": 1}', Change("set", "a", "2"), None),
        ("a.toml", "a = \n", Change("set", "a", "2"), None),
    ],
)
def test_examples(path, text, change, wanted):
    if wanted is None:
        with pytest.raises(CannotEdit):
            changed(text, path, change)
    else:
        assert changed(text, path, change) == wanted


def test_a_refusal_quotes_no_value():
    with pytest.raises(CannotEdit) as refusal:
        changed("size = 5\nkey = 'hunter2'\n", "a.toml", Change("set", "size", "s3cret-value"))

    assert "s3cret" not in str(refusal.value)
    assert "hunter2" not in str(refusal.value)
