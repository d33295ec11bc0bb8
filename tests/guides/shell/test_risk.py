"""The risk of a command is that of the worst thing in it, and what is not known is never a look."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from crashcart.guides.shell import FenceKind, Place, Risk, commands
from crashcart.guides.shell.programs import arguments, programs

sys.path.insert(0, str(Path(__file__).parent))

from cases import LINES  # a neighbour: tests are no package


def risk(text: str) -> Risk:
    """Return the risk of a text that is one command."""
    (command,) = commands(f"$ {text}", kind=FenceKind.SESSION)
    return command.risk


@pytest.mark.parametrize(("wanted", "line"), LINES)
def test_a_common_command_has_the_class_a_careful_reader_gives_it(wanted: str, line: str) -> None:
    assert risk(line).value == wanted


WRAPPERS = [
    "{}",
    "sudo {}",
    "sudo -u app {}",
    "sudo -n -u app env LANG=C {}",
    "timeout 10 {}",
    "timeout -k 5 10s {}",
    "nice -n 10 {}",
    "nohup {}",
    "time {}",
    "env A=b {}",
    "A=b {}",
    "watch -n 5 '{}'",
    "bash -c '{}'",
    "sh -lc '{}'",
    "su - app -c '{}'",
    "eval '{}'",
    "ssh web1 '{}'",
    "ssh -p 2222 ann@web1 {}",
    "docker exec web {}",
    "docker exec -it -u root web {}",
    "docker compose exec -T web {}",
    "docker-compose -f prod.yml exec web {}",
    "kubectl exec web-0 -- {}",
    "kubectl -n prod exec -it web-0 -c app -- sh -c '{}'",
    "oc rsh web-0 {}",
    "uv run {}",
    "poetry run {}",
    "flock /tmp/lock {}",
    "cd /srv && {}",
    "{} || true",
    "if true; then {}; fi",
    "for x in a b; do {}; done",
    "f() {{ {}; }}",
    "echo $({})",
    "echo `{}`",
    'echo "a $({}) b"',
    "diff <({}) /dev/null",
    "cat <<END\n$({})\nEND",
    "bash <<END\n{}\nEND",
    "echo '{}' | bash",
    "A=$({})",
    "({})",
    "{{ {}; }}",
    "! {}",
    "{} > /dev/null 2>&1",
    "find . -exec {} \\;",
    "xargs {} < list",
    "case $x in a) {};; esac",
    "while read x; do {}; done < list",
]
HARMFUL = [
    ("rm -rf /srv/data", Risk.DATA_LOSS),
    ("systemctl restart nginx", Risk.RESTARTS),
    ("git pull", Risk.CHANGES),
    ("frobnicate --all", Risk.CHANGES),
]


@pytest.mark.parametrize("wrapper", WRAPPERS)
@pytest.mark.parametrize(("text", "wanted"), HARMFUL)
def test_no_wrapper_hides_what_is_run(wrapper: str, text: str, wanted: Risk) -> None:
    assert risk(wrapper.format(text)).rank >= wanted.rank


@pytest.mark.parametrize("wrapper", [each for each in WRAPPERS if not each.startswith(("xargs", "nohup", "find"))])
def test_a_look_stays_a_look_in_any_wrapper(wrapper: str) -> None:
    assert risk(wrapper.format("uptime")) is Risk.READ_ONLY


@pytest.mark.parametrize(
    "text",
    [
        "frobnicate",
        "./ls",
        "/tmp/ls -l",
        "$LS -l",
        "${A}s -l",
        "l? -l",
        "{ls,-l}",
        "$(echo ls) -l",
        "curl -X $METHOD http://localhost/",
        "curl --frobnicate http://localhost/",
        "curl $OPTIONS http://localhost/",
        "find . -frobnicate",
        "tcpdump -z ./x -i eth0",
        "git -c core.pager=./x log",
        "git frobnicate",
        "kubectl frobnicate pods",
        "sort --compress-program=rm file",
        "psql -f file.sql",
        "psql -c 'SELECT cleanup()'",
        "psql -c '$STATEMENT'",
        "psql -c '\\! rm x'",
        "redis-cli EVAL 'return 1' 0",
        "python script.py",
        "python -m frobnicate",
        "python -c 'import frobnicate'",
        "python -c 'print = exec; print(1)'",
        "node -e 'x()'",
        "awk 'BEGIN { system(\"rm x\") }'",
        "awk '{ print | \"sh\" }'",
        "sed 's/a/b/e' file",
        "ssh -o ProxyCommand=./x host uptime",
        "env LD_PRELOAD=./x.so ls",
        "PATH=/tmp ls",
        "PAGER=./x man ls",
        "test -v 'a[$(rm x)]'",
        "tar -tf x.tar --to-command=./x",
        "curl http://localhost/x | sh",
        "bash script.sh",
        "source script.sh",
        "make check",
        "Get-Frobnication",
        'mongosh --eval \'db["drop" + "Database"]()\'',
    ],
)
def test_what_is_not_known_is_never_a_look(text: str) -> None:
    assert risk(text).rank >= Risk.CHANGES.rank


def test_a_name_that_the_text_defines_anew_is_not_known() -> None:
    text = "alias ls='rm -rf'\nls -l\n\nuptime() { rm x; }\nuptime\n"

    found = {command.text: command.risk for command in commands(text, kind=FenceKind.COMMANDS)}

    assert found["ls -l"] is Risk.CHANGES
    assert found["uptime"] is Risk.CHANGES


def test_a_misspelt_subcommand_has_the_risk_of_the_tool_that_has_it() -> None:
    assert risk("docker rollout undo deployment/web") is Risk.RESTARTS


def test_where_a_command_runs_and_what_it_acts_on_are_told() -> None:
    (command,) = commands("kubectl -n prod exec -it cache-0 -- redis-cli info", kind=FenceKind.COMMANDS)

    (inner,) = command.inner

    assert (command.program, command.subcommand, command.target) == ("kubectl", "exec", "cache-0")
    assert (inner.program, inner.subcommand) == ("redis-cli", "INFO")
    assert (inner.where.place, inner.where.name) == (Place.POD, "cache-0")


@pytest.mark.parametrize(
    ("text", "program", "subcommand", "target"),
    [
        ("sudo systemctl restart nginx", "systemctl", "restart", "nginx"),
        ("docker compose restart worker", "docker-compose", "restart", "worker"),
        ("kubectl rollout restart deployment/web -n prod", "kubectl", "rollout restart", "deployment/web"),
        ("kubectl delete pod web-0", "kubectl", "delete pod", "pod/web-0"),
        ("curl -fsS http://localhost:8000/health", "curl", "", "http://localhost:8000/health"),
        ("psql -d shop -c 'SELECT 1'", "psql", "", "shop"),
        ("timeout 5 ssh ann@web1 uptime", "ssh", "", "ann@web1"),
        ("cd /srv && npm ci", "npm", "ci", ""),
    ],
)
def test_the_acting_program_is_named_without_its_wrappers(
    text: str, program: str, subcommand: str, target: str
) -> None:
    (command,) = commands(text, kind=FenceKind.COMMANDS)

    assert (command.program, command.subcommand, command.target) == (program, subcommand, target)


def test_every_entry_of_the_tables_says_why() -> None:
    known = programs()
    told = [rule.says for program in known.values() for rule in program.rules]
    told += [says for program in known.values() for says in (program.default, program.alone) if says is not None]

    assert len(known) > 800
    assert all(says.reason.strip() for says in told)


def test_a_rule_describes_the_words_it_is_written_with() -> None:
    """A rule that its own words do not reach is dead, and the command then has another class than the table says."""
    dead = []
    for program in programs().values():
        for rule in program.rules:
            options = [part for option in rule.options for part in option.split("=", 1)]
            words = [word.replace("*", "x") for word in rule.positional]
            best = program.best(arguments(program, [*words, *options, "y"]))
            if best is None or best.weight < rule.weight:
                dead.append((program.name, rule.positional, rule.options))

    assert dead == []
