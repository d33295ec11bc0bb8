"""`config`, on real files."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from crashcart.model.system import Target
from crashcart.probes.config.parse import Broken, TooLarge, parse
from crashcart.redact import fingerprint

Write = Callable[[str, str], str]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    def run(name: str, text: str) -> str:
        (tmp_path / name).write_text(text)
        return str(tmp_path / name)

    return run


@pytest.fixture
def api(write) -> Target:
    return Target("api", "http", env_file=write(".env", "A=1\nB=2\nTOKEN=first-secret\n"))


# --- drift -----------------------------------------------------------------------------------------------------------


@pytest.mark.row("config", "drift: the two files are the same")
def test_order_quotes_and_comments_are_no_difference(looking, api, write):
    write("other.env", "# a comment\nB='2'\n\nexport A=\"1\"\nTOKEN=first-secret")

    fields = looking.seen("config", api, "drift", against="other.env").fields

    assert fields == {"answer": "ok", "is_same": True, "changed": 0, "missing": 0, "extra": 0, "keys": ""}


@pytest.mark.row("config", "drift: they differ")
def test_differences_are_named_and_values_are_not(looking, api, write):
    other = write("other.env", "A=1\nTOKEN=second-secret\nC=third\n")

    seen = looking.seen("config", api, "drift", against=other)

    assert seen.fields == {
        "answer": "ok", "is_same": False, "changed": 1, "missing": 1, "extra": 1, "keys": "B, C, TOKEN"
    }  # fmt: skip
    assert not any(value in repr(seen) for value in ("first", "second", "third"))


@pytest.mark.parametrize(("key", "is_same"), [("A", True), ("TOKEN", False), ("B", False), ("nowhere", True)])
def test_one_key_alone_can_be_compared(looking, api, write, key, is_same):
    write("other.env", "A=1\nTOKEN=second-secret\n")

    assert looking.seen("config", api, "drift", against="other.env", key=key).fields["is_same"] is is_same


def test_two_formats_can_be_compared(looking, write):
    first = write("a.yaml", "db: {pool_size: 5, echo: false}\nhosts: [a, b]\n")
    write("b.toml", 'hosts = ["a", "b"]\n[db]\npool_size = 5\necho = false\n')

    fields = looking.seen("config", Target("api", "http"), "drift", path=first, against="b.toml").fields

    assert fields["is_same"] is True


@pytest.mark.parametrize("value", ["5m", "1_000", "nan", "0x10", "1,5", "yes"])
def test_what_is_no_plain_number_has_no_number(looking, tmp_path, value):
    (tmp_path / "a.env").write_text(f"A={value}\n")
    target = Target("api", "http", env_file=str(tmp_path / "a.env"))

    assert "number" not in looking.seen("config", target, "setting", key="A").fields


# --- setting ---------------------------------------------------------------------------------------------------------


@pytest.mark.row("config", "setting: it is there")
def test_a_setting_is_told_with_its_value(looking, api):
    assert looking.seen("config", api, "setting", key="A").fields == {
        "answer": "ok", "is_set": True, "length": 1, "fingerprint": fingerprint("1"), "value": "1", "number": 1.0
    }  # fmt: skip


@pytest.mark.parametrize(
    ("key", "text"),
    [("TOKEN", "TOKEN=hunter2"), ("NOTE", "NOTE=sk-proj-4f9aB2kLm83Xy0"), ("URL", "URL=redis://:hunter2@cache/0")],
)
def test_the_value_of_a_secret_stays_in_the_file(looking, write, key, text):
    fields = looking.seen("config", Target("api", "http", env_file=write("s.env", text)), "setting", key=key).fields

    assert fields["is_set"] is True
    assert "value" not in fields


def test_what_stands_under_a_secret_name_is_secret(looking, write):
    path = write("c.yaml", "secrets: {mail: hunter2}\npublic: {mail: ann}\n")
    target = Target("api", "http", {"path": path})

    assert "value" not in looking.seen("config", target, "setting", key="secrets.mail").fields
    assert looking.seen("config", target, "setting", key="public.mail").fields["value"] == "ann"


@pytest.mark.row("config", "setting: it is not there")
@pytest.mark.parametrize("text", ["", "A=", "B=1"])
def test_a_setting_that_is_not_there_or_empty_is_unset(looking, write, text):
    fields = looking.seen("config", Target("api", "http", env_file=write("e.env", text)), "setting", key="A").fields

    assert fields == {"answer": "ok", "is_set": False, "length": 0}


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("c.json", '{"db": {"pool": [1, true, null, "x"]}}'),
        ("c.toml", '[db]\npool = [1, true, "", "x"]\n'),
        ("c.yml", "db:\n  pool: [1, true, ~, x]\n"),
    ],
)
def test_sections_and_lists_become_dots(name, text):
    assert parse(text, name) == {"db.pool.0": "1", "db.pool.1": "true", "db.pool.2": "", "db.pool.3": "x"}


def test_ini_keeps_the_case_and_has_defaults():
    text = "[DEFAULT]\nall = 1\n[Db]\nPool = 5 %s\nbare\n"

    assert parse(text, "c.ini") == {"all": "1", "Db.Pool": "5 %s", "Db.all": "1", "Db.bare": ""}


# --- broken ----------------------------------------------------------------------------------------------------------


@pytest.mark.row("config", "a file cannot be parsed")
@pytest.mark.parametrize(
    ("name", "text", "where"),
    [
        ("c.yaml", "a: 1\nb: [hunter2\n", "line 3"), ("c.json", '{"a":\n hunter2}', "line 2"),
        ("c.toml", "a = 1\nb = hunter2\n", "line 2"), ("c.ini", "hunter2 before any section\n", "line 1"),
        ("c.yaml", "a: !!python/object:os.system hunter2", "line 1"), ("c.json", "[" * 100_000, "not the format"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("look", ["setting", "drift"])
def test_a_broken_file_is_seen_and_its_content_is_not(looking, write, name, text, where, look):
    path = write(name, text)

    seen = looking.seen("config", Target("api", "http"), look, path=path, key="a", **_against(look, path))

    assert seen.fields["answer"] == "broken"
    assert where in seen.fields["detail"]
    assert "hunter2" not in repr(seen)


def _against(look: str, path: str) -> dict[str, str]:
    return {"against": path} if look == "drift" else {}


# --- unseen ----------------------------------------------------------------------------------------------------------


@pytest.mark.row("config", "there is no such file")
def test_a_missing_file_is_unseen(looking, api, tmp_path):
    assert looking.unseen("config", api, "drift", against="none").endswith("/none")
    assert looking.unseen("config", api, "setting", path=f"{tmp_path}/.env/x", key="A").startswith("no such file")


@pytest.mark.row("config", "the file may not be read")
def test_a_forbidden_file_is_unseen(as_nobody, open_folder):
    (open_folder / ".env").write_text("A=1")
    (open_folder / ".env").chmod(0)
    target = {"name": "api", "kind": "http", "env_file": f"{open_folder}/.env"}

    assert "not permitted to read" in as_nobody("config", target, "setting", key="A")


@pytest.mark.row("config", "the file is larger than 1 MiB, or has more than 10,000 keys")
def test_a_large_file_is_unseen(looking, write):
    large = Target("api", "http", env_file=write("l.env", "A=b\n" * 300_000))
    bomb = "a: &a [x,x,x,x,x,x,x,x,x,x]\n" + "".join(
        f"{chr(98 + n)}: &{chr(98 + n)} [{','.join(['*' + chr(97 + n)] * 10)}]\n" for n in range(8)
    )

    assert "more than 1 MiB" in looking.unseen("config", large, "setting", key="A")
    assert "more than 10,000 keys" in looking.unseen(
        "config", Target("api", "http", {"path": write("b.yaml", bomb)}), "setting", key="A"
    )


def test_a_document_that_contains_itself_ends():
    assert len(parse("a: &a\n  b: *a\n", "c.yaml")) == 1


@pytest.mark.parametrize("name", ["c.yaml", "c.json", "c.toml", "c.ini", ".env"])
@pytest.mark.parametrize("text", ["", "\x00\xff", "[1, 2]", "just words", "\ufeff", "a: b: c", "2024-13-45"])
def test_no_text_is_too_odd(name, text):
    try:
        found = parse(text, name)
    except (Broken, TooLarge):
        return
    assert all(isinstance(value, str) for value in found.values())


@pytest.mark.row("config", "neither file is known")
def test_without_a_file_nothing_is_seen(looking):
    assert looking.unseen("config", Target("w", "worker"), "setting", key="A") == "w has no path in the system file"
    reason = looking.unseen("config", Target("w", "worker"), "drift", of="env_file", against="/x")
    assert reason == "w has no env_file in the system file"
