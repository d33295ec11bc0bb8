"""A stranger's text is neither run nor believed, and costs bounded time and memory."""

from __future__ import annotations

import time
import tracemalloc

import pytest
from hypothesis import Phase, example, given, settings
from hypothesis import strategies as st

from crashcart.guides.shell import Command, FenceKind, Risk, check, commands, is_command, judge_fence
from crashcart.guides.shell.judge import judge

BOUND_S = 20.0  # of processor time; the slowest takes 3 s on a slow machine
QUICK = settings(phases=[Phase.explicit, Phase.reuse, Phase.generate], max_examples=150, deadline=None)


def worst(text: str) -> Risk:
    """Return the worst risk of all commands that are found, as if each line were typed at a prompt."""
    found = commands("\n".join(f"$ {line}" for line in text.split("\n")), kind=FenceKind.SESSION)
    return max((command.risk for command in found), key=lambda risk: risk.rank, default=Risk.READ_ONLY)


def whole(text: str) -> Risk:
    """Return the risk of one statement, taken as it is."""
    _, parts = judge(text)
    return max((part.worst.own for part in parts), key=lambda risk: risk.rank, default=Risk.READ_ONLY)


DECEIVING = {
    "a Cyrillic letter": "l\u0455 -l",
    "a full-width letter": "\uff4cs -l",
    "a zero-width space in the name": "l\u200bs -l",
    "a zero-width joiner in a word": "ls fi\u200dle",
    "a right-to-left override": "ls \u202egpj.mr",
    "an isolate": "cat \u2066x\u2069",
    "a soft hyphen": "ls -\u00adl",
    "a tag character": "ls \U000e0041",
    "a NUL": "ls\x00 -l",
    "an escape sequence": "ls \x1b[2K",
    "a backspace": "cat x\x08\x08",
    "a no-break space in the name": "ls\u00a0-l",
    "a carriage return in the line": "ls x\rrm -rf y",
    "a quoted name": "'r'm x",
    "a backslash in the name": "r\\m x",
    "an escaped name": "\\rm x",
    "a name from octal letters": "$'\\162\\155' x",
    "a variable in the name": "r${x}m y",
    "braces in the name": "{r,}m x",
    "a typographic dash": "find . \u2013delete",
    "a lock on a variable": "IFS=x ls",
    "base64 into a shell": "echo cm0gLXJmIC8K | base64 -d | sh",
    "a path elsewhere": "/tmp/bin/ls",
    "a text in a variable": "X='rm -rf /'; $X",
    "a substitution in arithmetic": "echo $((a[$(rm x)]))",
    "a default value that runs": "echo ${X:-$(rm x)}",
    "a heredoc that runs": "cat <<END\n$(rm x)\nEND",
    "a string for the shell": "echo 'rm x' | sh",
    "a pager": "git --paginate -c core.pager='rm x' log",
    "a trap": "trap 'rm x' EXIT",
    "a placeholder that writes": "ls <a> important",
}


@pytest.mark.parametrize("text", DECEIVING.values(), ids=DECEIVING)
def test_no_trick_makes_a_command_read_only(text: str) -> None:
    assert whole(text) is not Risk.READ_ONLY


def test_a_backslash_at_the_end_of_a_line_hides_no_name() -> None:
    found = commands("r\\\nm -rf /srv\nls && r\\\nm x\n", kind=FenceKind.COMMANDS)

    assert Risk.DATA_LOSS in {command.risk for command in found}
    assert whole("ec\\\nho x; r\\\nm -rf /srv") is Risk.DATA_LOSS


UNBALANCED = [
    "ls 'a",
    'ls "a',
    "ls `a",
    "ls $(a",
    "ls (a",
    "ls <<END",
    "ls |",
    "ls &&",
    "ls ${a",
    "if true; then ls",
    "ls )",
]


@pytest.mark.parametrize("text", UNBALANCED)
def test_what_is_no_complete_shell_is_not_read_only(text: str) -> None:
    assert whole(text) is not Risk.READ_ONLY


LARGE = {
    "substitutions in substitutions": "$(" * 100_000,
    "arithmetic in arithmetic": "echo $((" * 20_000,
    "a pipe of many": "ls" + " | cat" * 20_000,
    "a list of many": "ls; " * 20_000,
    "many commands": "ls\n" * 10_000,
    "an open quote": "ls '" * 50_001,
    "many open quotes": '"' * 100_001,
    "backticks": "`" * 100_001,
    "one long line": "ls " + "x" * 5_000_000,
    "many words": "ls " + "x " * 500_000,
    "heredocs that never end": "cat <<A <<B\n" * 500,
    "blocks that never end": "if x; then\n" * 2_000,
    "continued for ever": "\\\n" * 20_000,
    "wrappers in wrappers": "sudo " * 3_000 + "rm x",
    "find in find": "find . " + "-exec " * 3_000,
    "brackets": "(" * 100_000,
    "braces": "{" * 100_000,
    "a deep list": '{"a": ' * 50_000,
    "statements": "SELECT 'a" * 30_000,
    "comments in SQL": "/*" * 100_000,
    "dollar quotes": "$x$ " * 50_000,
    "placeholders": "<a " * 100_000,
    "patterns for sed": "sed s/" + "a/" * 9_000,
    "patterns for awk": "awk '" + "/" * 18_000 + "'",
    "brackets in Python": "python -c '" + "(" * 9_000 + "'",
    "signs in Python": "python -c '" + "-" * 9_000 + "1'",
    "labels": ": ls -l" * 50_000,
    "prompts": "x@y:" * 50_000,
    "settings in front": "a=1 " * 5_000 + "ls",
    "names that are defined": "a() " * 30_000,
    "a secret without end": "token=" + "a" * 200_000,
    "blanks": " " * 500_000 + "ls",
}


@pytest.mark.parametrize("text", LARGE.values(), ids=LARGE)
def test_a_large_text_takes_bounded_time(text: str) -> None:
    began = time.process_time()

    kind = judge_fence(text, "bash")
    is_command(text)
    for each in {kind, FenceKind.COMMANDS, FenceKind.CODE, FenceKind.SQL, FenceKind.PROSE}:
        for command in commands(text, kind=each)[:20]:
            check(command)

    assert time.process_time() - began < BOUND_S


@pytest.mark.parametrize("name", ["one long line", "substitutions in substitutions", "a pipe of many", "many words"])
def test_what_is_too_much_to_read_is_not_read_only(name: str) -> None:
    found = commands(LARGE[name], kind=FenceKind.COMMANDS)

    assert all(command.risk is not Risk.READ_ONLY for command in found)


def test_a_long_line_takes_bounded_memory() -> None:
    text = "ls " + "x" * 5_000_000
    tracemalloc.start()

    found = commands(text, kind=FenceKind.COMMANDS)

    assert tracemalloc.get_traced_memory()[1] < 100_000_000
    tracemalloc.stop()
    assert all(len(command.text) < 1_000 for command in found)


def test_nothing_is_executed(tmp_path: object) -> None:
    mark = f"{tmp_path}/mark"
    text = f"touch {mark}\n$(touch {mark})\n`touch {mark}`\npython -c \"open('{mark}', 'w')\"\neval 'touch {mark}'\n"

    found = [command for kind in FenceKind for command in commands(text, kind=kind)]

    assert found
    with pytest.raises(FileNotFoundError), open(mark, encoding="utf-8"):
        pass


PIECES = st.sampled_from(
    ["ls -l", "cat x | wc -l", "echo $TOKEN", "kubectl logs <pod>", "git pull", "systemctl restart x", "rm -rf x",
     "for x in a; do ls; done", "A=1", "export A=your-key", "curl -s http://localhost/", "uptime &", "(ls)", "! ls"]
)  # fmt: skip
STRANGERS = st.sampled_from(["frobnicate", "./x.sh a", "$X", "xyzzy --all", "l\u0455", "/tmp/ls"])
JOINTS = st.sampled_from(["; ", " && ", " || ", "\n"])


@QUICK
@given(PIECES, STRANGERS, JOINTS, st.booleans())
@example("ls -l", "frobnicate", "; ", True)
def test_an_unknown_command_in_a_list_never_lowers_its_risk(
    piece: str, stranger: str, joint: str, is_first: bool
) -> None:
    both = f"{stranger}{joint}{piece}" if is_first else f"{piece}{joint}{stranger}"

    assert whole(both).rank >= max(whole(piece).rank, Risk.CHANGES.rank)


@QUICK
@given(st.lists(PIECES, min_size=1, max_size=5), JOINTS)
@example(["ls -l", "uptime &", "rm -rf x", "echo $TOKEN"], " || ")  # no shell, and the grammar loses the third
def test_a_list_is_as_harmful_as_the_worst_in_it(pieces: list[str], joint: str) -> None:
    assert whole(joint.join(pieces)).rank >= max(whole(piece).rank for piece in pieces)


@QUICK
@given(st.text(max_size=300))
@example("\x00'$(\\\n<<")
@example("$((((`'\"{[<")
def test_any_text_is_read_without_an_error(text: str) -> None:
    kind = judge_fence(text, text[:20])
    for each in (kind, FenceKind.COMMANDS, FenceKind.CODE, FenceKind.SQL, FenceKind.PROSE, FenceKind.SESSION):
        for command in commands(text, kind=each):
            assert isinstance(command, Command)
            check(command)
    is_command(text)


@QUICK
@given(st.text(alphabet="lsrm -/$(){}'\"`;|&<>\\\nxA=#", max_size=80))
def test_text_that_looks_like_shell_is_read_without_an_error(text: str) -> None:
    for command in commands(f"ls {text}", kind=FenceKind.COMMANDS):
        check(command)
    judge(text)
