"""Commands as they stand in strangers' consoles, and what some of their tools do."""

from __future__ import annotations

import pytest

from crashcart.guides.shell import FenceKind, Found, Risk, commands, is_command, judge_fence


def found(text: str) -> list[tuple[int, str, Risk]]:
    """Return the commands of a fence without an info string."""
    listed = commands(text, kind=judge_fence(text, ""))
    return [(one.line, one.text, one.risk) for one in listed if one.found is not Found.PART]


def one(text: str) -> Risk:
    (command,) = commands(text, kind=FenceKind.COMMANDS)
    return command.risk


@pytest.mark.parametrize(
    ("prompt", "typed"),
    [
        ("/ $ ", "ls /var/run"),
        ("/app # ", "cat config.yml"),
        ("~ # ", "df -h"),
        ("(venv) $ ", "pip list"),
        ("bash-5.1$ ", "cat /etc/hosts"),
    ],
)
def test_a_prompt_of_a_container_is_no_part_of_the_command(prompt: str, typed: str) -> None:
    assert found(f"{prompt}{typed}\nsome answer\n") == [(1, typed, Risk.READ_ONLY)]


def test_a_script_with_a_comment_behind_it_is_no_prompt() -> None:
    """The script is what would run, and not the words that explain it."""
    assert found("/srv/cleanup.sh # ls all old parcels\n")[0][1:] == (
        "/srv/cleanup.sh",
        Risk.CHANGES,
    )


def test_behind_an_opened_shell_the_mark_of_root_is_a_prompt() -> None:
    text = "$ oc debug node/depot-1\n# sysctl -a | grep fs.file-\nfs.file-max = 1597016\n# lsof -n\n"

    assert [line for line, _, _ in found(text)] == [1, 2, 4]


def test_without_an_opened_shell_the_same_mark_is_a_comment() -> None:
    text = "$ df -h /srv\n# the disk of the depot\n$ uptime\n"

    assert [line for line, _, _ in found(text)] == [1, 3]


@pytest.mark.parametrize(
    ("text", "risk"),
    [
        ("CONFIG GET maxmemory", Risk.READ_ONLY),
        ("SLOWLOG GET 10", Risk.READ_ONLY),
        ("CONFIG SET appendonly no", Risk.CHANGES),
        ("FLUSHALL", Risk.DATA_LOSS),
        ("FLUSHDB ASYNC", Risk.DATA_LOSS),
        ("SCRIPT FLUSH", Risk.DATA_LOSS),
    ],
)
def test_what_is_told_to_a_server_in_capitals_is_a_command(text: str, risk: Risk) -> None:
    assert is_command(text)
    assert one(text) is risk


@pytest.mark.parametrize("text", ["GET", "CLIENT", "ERROR LOG", "CONFIG; rm -rf /"])
def test_other_capitals_are_no_command_of_a_server(text: str) -> None:
    assert not is_command(text)


@pytest.mark.parametrize("text", ["depotctl status", "depot-ctl restart web", "depotctl line stop 3"])
def test_a_program_that_controls_is_known_by_its_name_but_never_taken_for_a_look(text: str) -> None:
    """What an unknown program does is not known, however harmless its words sound."""
    assert is_command(text)
    assert one(text) is Risk.CHANGES


@pytest.mark.parametrize(
    ("text", "risk"),
    [
        ("gitlab-ctl status", Risk.READ_ONLY),
        ("gitlab-ctl restart redis", Risk.RESTARTS),
        ("gitlab-ctl cleanse", Risk.DATA_LOSS),
        ("systemctl --failed", Risk.READ_ONLY),
        ("systemctl --failed restart web", Risk.RESTARTS),
        ("tasklist", Risk.READ_ONLY),
        ("taskkill /PID 42 /F", Risk.DATA_LOSS),
        ("net stop depot", Risk.RESTARTS),
        ("net user bob /delete", Risk.DATA_LOSS),
        ("sc query depot", Risk.READ_ONLY),
        ("sc delete depot", Risk.DATA_LOSS),
        ("ipconfig /flushdns", Risk.CHANGES),
        ("named-checkzone -o out.zone depot.example.net depot.zone", Risk.CHANGES),
        ("angie -t", Risk.READ_ONLY),
        ("angie -s reload", Risk.CHANGES),
        ("k3s-uninstall.sh", Risk.DATA_LOSS),
        ("talosctl reset", Risk.DATA_LOSS),
        ("calicoctl delete pool depot", Risk.DATA_LOSS),
        ("ha core restart", Risk.RESTARTS),
        ("ha backups remove 7", Risk.DATA_LOSS),
        ("/opt/depot/embedded/bin/redis-cli info", Risk.READ_ONLY),
        ("/opt/depot/embedded/bin/redis-cli flushall", Risk.DATA_LOSS),
        ("/opt/depot/embedded/bin/depot info", Risk.CHANGES),
    ],
)
def test_tools_of_other_houses(text: str, risk: Risk) -> None:
    assert one(text) is risk


@pytest.mark.parametrize(
    "text",
    [
        "curl -u depot:rain-42 http://depot:8080/queues",
        "TOKEN=$(cat token.txt)",
        "CACHE_PASSWORD=$(grep pass cache.conf)",
    ],
)
def test_who_logs_in_or_fetches_a_secret_uses_one(text: str) -> None:
    assert one(text) is Risk.NEEDS_SECRET


def test_a_line_of_a_stack_trace_plans_no_job() -> None:
    assert found("Exception: x\n\tat java.base/java.util.Arrays.copyOf(Arrays.java:3512)\n") == []


@pytest.mark.parametrize(
    ("text", "risk"),
    [
        ("kubectl delete pod/web-0 pvc/web-0 pv/web-0", Risk.DATA_LOSS),
        ("kubectl delete pod,pvc web-0", Risk.DATA_LOSS),
        ("oc delete pod/web-0 pod/web-1", Risk.RESTARTS),
        ("kubectl get pod/web-0", Risk.READ_ONLY),
    ],
)
def test_of_several_kinds_the_worst_counts(text: str, risk: Risk) -> None:
    """A pod comes back, and the volume that is removed beside it does not."""
    assert one(text) is risk


def test_states_that_a_program_prints_are_no_variables() -> None:
    assert found("ActiveState=activating\nSubState=start\n") == []
