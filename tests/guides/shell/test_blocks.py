"""Scripts are read step by step, their functions are as harmful as what they do, and what is not read is said."""

from __future__ import annotations

import time

import pytest

from crashcart.guides.shell import FenceKind, Found, Risk, commands
from crashcart.guides.shell.blocks import unfold
from crashcart.guides.shell.find import MAX_COMMANDS, MAX_TEXT

SCRIPT = """#!/bin/sh
# sweep.sh
SPOOL=/var/spool/print
report() {
    echo "done: $1"   # said at the end
}

drop_old() {
    find "$SPOOL" -mtime +9 -delete
    echo "old jobs gone"
}

nightly() {
    drop_old
    report nightly
}

if lpstat -r >/dev/null; then
    report "printer"
elif [ "$(lpstat -o | wc -l)" -gt 40 ]; then
    systemctl restart cups
else
    cancel -a
fi

ls "$SPOOL" | while read -r job; do
    stat "$job"
done

while ! curl -s http://localhost:631/; do
    sleep 2
done

cat > /tmp/state.txt <<EOF
at $(date)
jobs $(lpstat -o | wc -l)
EOF

nightly
report "all"
"""


def found() -> dict[int, tuple[str, Risk]]:
    return {command.line: (command.text.split("\n")[0], command.risk) for command in commands(SCRIPT)}


def test_steps_of_a_script_stand_on_their_own_lines() -> None:
    steps = found()

    assert steps[9] == ('find "$SPOOL" -mtime +9 -delete', Risk.DATA_LOSS)
    assert steps[18][0] == "lpstat -r >/dev/null"
    assert steps[20][0] == "lpstat -o | wc -l"
    assert steps[21] == ("systemctl restart cups", Risk.RESTARTS)
    assert steps[26] == ('ls "$SPOOL"', Risk.READ_ONLY)
    assert steps[27] == ('stat "$job"', Risk.READ_ONLY)
    assert steps[30][0] == "curl -s http://localhost:631/"
    assert steps[36][0] == "lpstat -o | wc -l"  # in the text that the script writes
    assert 35 not in steps  # a stamp


def test_a_call_is_as_harmful_as_the_worst_in_the_function_and_in_those_that_it_calls() -> None:
    steps = found()

    assert steps[39] == ("nightly", Risk.DATA_LOSS)
    assert steps[40] == ('report "all"', Risk.READ_ONLY)


@pytest.mark.parametrize(
    "call",
    ["show > /etc/hosts", "show; rm -rf /srv", "show `rm -rf /srv`", "show $(rm -rf /srv)", "show | sh"],
)
def test_what_stands_around_a_call_is_judged_as_well(call: str) -> None:
    text = f"#!/bin/sh\nshow() {{\n  ls\n}}\n{call}\n"

    assert commands(text)[-1].risk is not Risk.READ_ONLY


def test_a_function_that_is_defined_twice_is_not_known() -> None:
    text = "#!/bin/sh\nf() {\n  ls\n}\nf() {\n  rm -rf /srv\n}\nf\n"

    assert all(command.risk is not Risk.READ_ONLY for command in commands(text) if command.text == "f")


def test_a_block_whose_output_goes_to_a_file_or_program_stays_whole() -> None:
    for tail in ("> /etc/hosts", "| sh", "| psql shop"):
        text = f"#!/bin/sh\nfor n in 1 2; do\n  echo $n\ndone {tail}\n"

        assert [(c.line, c.end_line) for c in commands(text)] == [(2, 4)]
        assert commands(text)[0].risk.rank >= Risk.CHANGES.rank


def test_what_a_loop_runs_over_and_a_case_looks_at_is_not_lost() -> None:
    text = "#!/bin/sh\nfor n in $(rm -rv /srv/old); do\n  echo $n\ndone\ncase $(systemctl restart cups) in\n  *) ls ;;\nesac\n"

    assert [(c.line, c.risk) for c in commands(text) if c.risk is not Risk.READ_ONLY] == [
        (2, Risk.DATA_LOSS),
        (5, Risk.RESTARTS),
    ]


def test_a_short_block_outside_of_a_script_is_one_command() -> None:
    text = "for n in a b; do\n  ping -c1 $n\ndone\n"

    assert [(c.line, c.end_line) for c in commands(text, kind=FenceKind.COMMANDS)] == [(1, 3)]


def test_a_constant_that_nothing_reads_is_a_setting_to_be_changed() -> None:
    assert [c.risk for c in commands("QUEUE_SIZE=40\nMODE='fast'\n", kind=FenceKind.COMMANDS)] == [Risk.CHANGES] * 2
    assert commands('DIR=/srv\nls "$DIR"\n', kind=FenceKind.COMMANDS)[0].risk is Risk.READ_ONLY


def test_restoring_is_destructive() -> None:
    lines = (
        'kubectl apply -f "$RESTORE_DIR/maps.yaml"',
        "kubectl replace -f /srv/backups/maps.yaml",
        "tar -xzf site.tgz -C /",
        "curl -X POST http://localhost:9200/_snapshot/nightly/s1/_restore",
        "kubectl patch pv disk-1 -p '{}'",
    )
    for line in lines:
        assert commands(line, kind=FenceKind.COMMANDS)[0].risk is Risk.DATA_LOSS, line
    assert commands("kubectl apply -f app.yaml", kind=FenceKind.COMMANDS)[0].risk is Risk.CHANGES
    assert commands("tar -xzf site.tgz -C unpacked", kind=FenceKind.COMMANDS)[0].risk is Risk.CHANGES


def test_a_usage_message_is_no_blank_to_fill_in() -> None:
    assert commands('echo "Usage: $0 <file>"', kind=FenceKind.COMMANDS)[0].risk is Risk.READ_ONLY


def test_a_text_with_too_many_commands_says_from_where_it_was_not_read() -> None:
    *read, last = commands("uptime\n" * (MAX_COMMANDS + 5), first_line=10, kind=FenceKind.COMMANDS)

    assert len(read) == MAX_COMMANDS
    assert (last.found, last.line, last.end_line) == (Found.UNREAD, 10 + MAX_COMMANDS, 10 + MAX_COMMANDS + 5)
    assert last.risk is not Risk.READ_ONLY
    assert all(c.found is not Found.UNREAD for c in commands("uptime\n" * 9, kind=FenceKind.COMMANDS))


def test_a_text_that_is_too_long_says_so() -> None:
    text = "uptime\n" + f"{' ' * 1_900}\n" * (MAX_TEXT // 1_900 + 10)

    first, last = commands(text, kind=FenceKind.COMMANDS)

    assert first.text == "uptime"
    assert last.found is Found.UNREAD


@pytest.mark.parametrize(
    "text",
    [
        "#!/bin/sh\n" + "if true; then\n" * 150 + "ls\n" + "fi\n" * 150,
        "#!/bin/sh\nf() {\n" + "[ a ] && " * 2_000 + "ls\n}\n",
        "#!/bin/sh\nf() {\n" + "ls | " * 3_000 + "wc\n}\n",
        "#!/bin/sh\n" + "".join(f"f{n}() {{\n  f{n + 1}\n}}\n" for n in range(300)),
        "#!/bin/sh\nf() {\n" + "if x; then " * 1_500 + "\n" + "fi; " * 1_500 + "\n}\n",
    ],
    ids=["deep", "chain", "pipes", "functions", "deep in a line"],
)
def test_hostile_scripts_end_soon_and_are_not_called_harmless_for_being_too_much(text: str) -> None:
    start = time.process_time()

    unfold(text)
    commands(text)

    assert time.process_time() - start < 20
