"""`env`, on real files and processes."""

from __future__ import annotations

import pytest

from crashcart.model.system import Target
from crashcart.probes.env.dotenv import parse
from crashcart.redact import fingerprint


@pytest.fixture
def settings(tmp_path):
    """Return a function that writes an env file and returns a target with it."""

    def write(text: str, *, command: str = "") -> Target:
        (tmp_path / ".env").write_text(text)
        return Target("api", "http", env_file=str(tmp_path / ".env"), command=command)

    return write


@pytest.mark.row("env", "the setting is there")
def test_a_setting_is_told(looking, settings):
    fields = looking.seen("env", settings("LOG_LEVEL=debug\n"), name="LOG_LEVEL").fields

    assert fields == {
        "is_set": True, "is_empty": False, "is_padded": False, "length": 5, "value": "debug", "fingerprint": fingerprint("debug"),
    }  # fmt: skip


@pytest.mark.parametrize(
    "line", ["OPENAI_API_KEY=abc-123-def", "DATABASE_URL=postgres://u:pw123@db/x", "X=sk-abcdef123456"]
)
def test_of_a_secret_only_its_form_is_told(looking, settings, line):
    name, value = line.split("=")

    fields = looking.seen("env", settings(line), name=name).fields

    assert "value" not in fields
    assert (fields["is_set"], fields["length"], fields["fingerprint"]) == (True, len(value), fingerprint(value))


@pytest.mark.row("env", "the setting is empty")
@pytest.mark.parametrize("text", ["KEY=", "KEY=''", 'KEY=""', "KEY= # none yet", "KEY=a\nKEY="])
def test_an_empty_setting_is_there_and_not_set(looking, settings, text):
    fields = looking.seen("env", settings(text), name="KEY").fields

    assert (fields["is_set"], fields["is_empty"]) == (False, True)


@pytest.mark.row("env", "the setting is not there")
@pytest.mark.parametrize("text", ["", "KEY2=a", "# KEY=a", "KEY", "key=a"])
def test_a_missing_setting_is_neither(looking, settings, text):
    fields = looking.seen("env", settings(text), name="KEY").fields

    assert (fields["is_set"], fields["is_empty"]) == (False, False)


@pytest.mark.parametrize("value", ["' a'", '"a "', "'\"a\"'", '"a\\n"', '"unclosed'])
def test_what_stands_around_a_value_is_padding(looking, settings, value):
    assert looking.seen("env", settings(f"TOKEN={value}"), name="TOKEN").fields["is_padded"] is True


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("A=b", "b"),
        ("export A=b", "b"),
        ("  A = b  ", "b"),
        ("A=b # comment", "b"),
        ("A=b#c", "b#c"),
        ("A='b # c' # d", "b # c"),
        ('A="b\\nc"', "b\nc"),
        ("A='b\\nc'", "b\\nc"),
        ('A="b\nc"\nD=e', "b\nc"),
        ("A=b\r\nC=d\r\n", "b"),
        ("\ufeffA=b", "b"),
        ("A=1\nA=b", "b"),
        ("A=b=c", "b=c"),
        ('A="say \\"b\\""', 'say "b"'),
        ("A='b", "'b"),
        ("'A'=b", "b"),
        ("nonsense\n=x\nA=b", "b"),
        ("A=${B}", "${B}"),
    ],
)
def test_env_files_are_read_as_their_readers_read_them(text, value):
    assert parse(text)["A"] == value


@pytest.mark.parametrize(
    "text", ["A=b", "export A=b", "A=b # c", "A=b#c", "A='b # c'", 'A="b\\nc"', 'A="b\nc"', "A=1\nA=b", "A="]
)
def test_we_agree_with_the_usual_reader(text):
    dotenv = pytest.importorskip("dotenv")
    import io

    assert parse(text) == dict(dotenv.dotenv_values(stream=io.StringIO(text), interpolate=False))


@pytest.mark.row("env", "there is no such file")
def test_a_missing_file_is_unseen(looking, tmp_path):
    target = Target("api", "http", env_file=str(tmp_path / "none"))

    assert looking.unseen("env", target, name="A").startswith("no such file")


@pytest.mark.row("env", "the file may not be read")
def test_a_forbidden_file_is_unseen(as_nobody, settings, tmp_path):
    settings("A=b")
    (tmp_path / ".env").chmod(0)

    assert "not permitted" in as_nobody(
        "env", {"name": "api", "kind": "http", "env_file": str(tmp_path / ".env")}, name="A"
    )


@pytest.mark.row("env", "the file is larger than 1 MiB")
def test_a_file_that_is_no_env_file_is_unseen(looking, settings):
    assert "too large" in looking.unseen("env", settings("A=b\n" * 300_000), name="A")


def test_a_pipe_is_not_read(looking, tmp_path):
    import os

    os.mkfifo(tmp_path / "pipe")

    assert "not a regular file" in looking.unseen(
        "env", Target("api", "http", env_file=str(tmp_path / "pipe")), name="A"
    )


def test_the_process_may_differ_from_the_file(looking, settings, start, word):
    start(word, env={"MODE": "old"})
    target = settings("MODE=new", command=word)

    assert looking.seen("env", target, name="MODE").fields["value"] == "new"
    assert looking.seen("env", target, name="MODE", in_="process").fields["value"] == "old"


def test_without_a_file_the_process_is_asked(looking, start, word):
    start(word, env={"MODE": "old"})

    assert looking.seen("env", Target("w", "worker", command=word), name="MODE").fields["value"] == "old"


@pytest.mark.row("env", "the process does not run")
def test_a_process_that_does_not_run_has_no_settings(looking, word):
    assert "no process of w runs" in looking.unseen("env", Target("w", "worker", command=word), name="A")


@pytest.mark.row("env", "the environment of the process may not be read")
def test_a_forbidden_environment_is_unseen(as_nobody, start, word):
    start(word, env={"A": "b"})

    assert "not permitted" in as_nobody("env", {"name": "w", "kind": "worker", "command": word}, name="A")


@pytest.mark.row("env", "the processes of the target differ in it")
def test_processes_that_differ_have_no_one_setting(looking, start, word):
    start(word, env={"A": "one", "B": "same"})
    start(word, env={"A": "two", "B": "same"})
    target = Target("w", "worker", command=word)

    assert "differ in A" in looking.unseen("env", target, name="A")
    assert looking.seen("env", target, name="B").fields["value"] == "same"


@pytest.mark.row("env", "neither file nor process is known")
def test_without_file_or_process_nothing_is_seen(looking):
    assert "has no env_file" in looking.unseen("env", Target("w", "worker"), name="A")
    assert "has no env_file" in looking.unseen("env", Target("w", "worker", command="x"), name="A", in_="file")
