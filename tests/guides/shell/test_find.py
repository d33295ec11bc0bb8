"""Commands are found by what a text holds, whatever its info string says."""

from __future__ import annotations

import pytest

from crashcart.guides.shell import FenceKind, Found, Risk, commands, is_command, judge_fence

FENCES = [
    ("bash", "# Restart it\nsystemctl restart nginx\n", FenceKind.COMMANDS),
    ("yaml", "kubectl get pods\nkubectl logs web-0\n", FenceKind.COMMANDS),
    ("", "docker compose ps\ndocker compose logs web\n", FenceKind.COMMANDS),
    ("python", "celery -A shop worker --loglevel=info\n", FenceKind.COMMANDS),
    ("console", "$ df -h\nFilesystem  Size  Used\n/dev/sda1   20G   19G\n", FenceKind.SESSION),
    ("", "ann@web1:~$ uptime\n 10:00:00 up 3 days\n", FenceKind.SESSION),
    ("", "[root@web1 ~]# free -m\n", FenceKind.SESSION),
    ("", "# kubectl get nodes\nNAME   STATUS\nnode-1 NotReady\n", FenceKind.SESSION),
    ("text", "127.0.0.1:6379> INFO memory\nused_memory:100\n127.0.0.1:6379> PING\n", FenceKind.SESSION),
    ("bash", "import os\nfrom shop import db\n\ndb.connect(os.environ['URL'])\n", FenceKind.CODE),
    ("", "def f(x):\n    return x + 1\n", FenceKind.CODE),
    ("javascript", "const a = await fetch('/x');\nconsole.log(a);\n", FenceKind.CODE),
    ("bash", "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: shop\n", FenceKind.CONFIG),
    ("", "[server]\nport = 8080\nhost = localhost\n", FenceKind.CONFIG),
    ("", 'FROM python:3.11\nRUN pip install shop\nCMD ["shop"]\n', FenceKind.CONFIG),
    ("bash", "SELECT count(*)\nFROM jobs\nWHERE state = 'stuck';\n", FenceKind.SQL),
    ("sql", "select 1", FenceKind.SQL),
    ("bash", '{\n  "status": "ok",\n  "queue": 3\n}\n', FenceKind.DATA),
    ("json", '{"a": [1, 2]}', FenceKind.DATA),
    ("bash", "1. Open the dashboard\n2. Choose the service and restart it\n", FenceKind.PROSE),
    ("python", '1. "Bad key"\n   → Look at the settings of the provider\n', FenceKind.PROSE),
    ("", "If the queue grows, ask the team that owns it.\nThey know what to do next.\n", FenceKind.PROSE),
    ("bash", "2024-05-01 10:00:00 ERROR worker lost\n2024-05-01 10:00:01 INFO worker back\n", FenceKind.OUTPUT),
    ("", "NAME    READY   STATUS    RESTARTS\nweb-0   0/1     Error     3\n", FenceKind.OUTPUT),
    ("", 'Traceback (most recent call last):\n  File "x.py", line 1\nValueError: no\n', FenceKind.OUTPUT),
]


@pytest.mark.parametrize(("info", "text", "kind"), FENCES)
def test_a_fence_is_judged_by_what_it_holds(info: str, text: str, kind: FenceKind) -> None:
    assert judge_fence(text, info) is kind


def texts(text: str, kind: FenceKind | None = None) -> list[str]:
    return [command.text for command in commands(text, kind=kind)]


def test_statements_keep_their_lines_and_lose_their_comments() -> None:
    text = "# First\ncurl -X POST \\\n  http://localhost/x  # twice\n\nls -l  # all of it\n"

    found = commands(text, first_line=10)

    assert [(c.text, c.line, c.end_line) for c in found] == [
        ("curl -X POST \\\n  http://localhost/x", 11, 12),
        ("ls -l", 14, 14),
    ]


def test_blocks_heredocs_and_quotes_over_several_lines_are_one_command() -> None:
    text = (
        "for pod in $(kubectl get pods -o name); do\n  kubectl logs $pod\ndone\n"
        "cat > /tmp/x.yaml <<'EOF'\nrm -rf /\nEOF\n"
        "psql -c '\n  SELECT 1\n'\n"
        "if ! pgrep nginx; then\n  systemctl start nginx\nfi\n"
    )

    found = commands(text, kind=FenceKind.COMMANDS)

    assert [(c.line, c.end_line, c.risk) for c in found] == [
        (1, 3, Risk.READ_ONLY),
        (4, 6, Risk.CHANGES),
        (7, 9, Risk.READ_ONLY),
        (10, 12, Risk.RESTARTS),
    ]


def test_of_a_session_only_what_was_typed_is_a_command() -> None:
    text = "$ kubectl get pods\nNAME   READY\nrm -rf /   0/1\nann@web1:~$ sudo systemctl status nginx\nsystemctl stop nginx\n"

    found = commands(text, kind=FenceKind.SESSION)

    assert [c.text for c in found] == ["kubectl get pods", "sudo systemctl status nginx"]
    assert {c.found for c in found} == {Found.PROMPT}


def test_what_was_typed_into_an_interpreter_is_judged_in_its_language() -> None:
    text = "127.0.0.1:6379> FLUSHALL\nOK\nmysql> DROP TABLE jobs;\n"

    assert [c.risk for c in commands(text, kind=FenceKind.SESSION)] == [Risk.DATA_LOSS, Risk.DATA_LOSS]


def test_code_is_searched_for_statements_command_lines_and_comments() -> None:
    text = (
        'import subprocess\n# Run: coverage report\ncursor.execute("""\n    DELETE FROM jobs\n""")\n'
        'subprocess.run(["systemctl", "restart", "nginx"])\nprint("select the right one from the list")\n'
    )

    found = commands(text, kind=FenceKind.CODE)

    assert [(c.text, c.line, c.risk) for c in found] == [
        ("coverage report", 2, Risk.READ_ONLY),
        ("DELETE FROM jobs", 4, Risk.DATA_LOSS),
        ("systemctl restart nginx", 6, Risk.RESTARTS),
    ]


def test_statements_of_sql_are_told_apart() -> None:
    text = "-- look\nSELECT ';' FROM jobs;\n\n/* end it */\nDELETE FROM jobs\nWHERE id = 1;\n"

    found = commands(text, kind=FenceKind.SQL)

    assert [(c.line, c.end_line, c.subcommand, c.risk) for c in found] == [
        (2, 2, "select", Risk.READ_ONLY),
        (5, 6, "delete", Risk.DATA_LOSS),
    ]


def test_prose_yields_only_what_stands_behind_a_label_or_in_a_code_span() -> None:
    text = (
        "1. Check the endpoint: curl http://localhost/health\n2. Find the pod and kill it\n3. Run `kubectl get pods` twice\n"
        "(install it first: npm install -g wscat)\nWatch the queue: it should be empty\nNote: make sure that it works\n"
    )

    assert texts(text, FenceKind.PROSE) == ["curl http://localhost/health", "kubectl get pods", "npm install -g wscat"]


@pytest.mark.parametrize(
    "text",
    [
        "kubectl get pods",
        "docker compose logs -f web",
        "systemctl restart nginx",
        "redis-cli INFO",
        "SELECT count(*) FROM jobs",
        "./deploy.sh production",
        "sudo journalctl -u nginx",
        "find / -size +1G",
        "frobnicate --all",
        "uptime",
        "git push --force",
        "kubectl logs <pod> | grep ERROR",
        "0 3 * * * find /tmp -mtime +7 -delete",
        "make deploy ENV=prod",
        "kill -9 1234",
    ],
)
def test_a_command_is_told_from_other_code_spans(text: str) -> None:
    assert is_command(text)


@pytest.mark.parametrize(
    "text",
    [
        "nginx",
        "docker",
        "/var/log/nginx/error.log",
        "max_connections = 100",
        "Queue backlog > 20",
        "CPU usage: 95%",
        "GET /health",
        "POST /api/v1/jobs",
        "connection refused",
        "psql: could not connect to server",
        "docker is not running",
        "session_manager.cleanup()",
        "--concurrency=10",
        "OOMKilled",
        "Error: no such host",
        "find the pod",
        "kill the process and restart it",
        "watch the queue",
        "redis",
        "SELECT",
        "select the right row",
        "kubernetes.io/hostname",
        "up == 0",
        "rate(http_requests_total[5m])",
        "nginx returns 502",
        "",
    ],
)
def test_a_name_a_value_or_a_message_is_no_command(text: str) -> None:
    assert not is_command(text)


def test_statements_and_commands_of_a_client_may_stand_among_commands() -> None:
    text = "psql -U app shop\n\\dt\n\n# look\nSELECT *\nFROM jobs;\ndf -h\n"

    found = commands(text, kind=FenceKind.COMMANDS)

    assert [(c.line, c.program, c.risk) for c in found] == [
        (1, "psql", Risk.CHANGES),
        (2, "sql", Risk.READ_ONLY),
        (5, "sql", Risk.READ_ONLY),
        (7, "df", Risk.READ_ONLY),
    ]


def test_settings_in_a_list_of_commands_are_told_as_such() -> None:
    found = commands("# Check:\nAPI_KEY = ******** (set?)\ncurl http://localhost/\n", kind=FenceKind.COMMANDS)

    assert [(c.found, c.risk) for c in found] == [
        (Found.SETTING, Risk.PLACEHOLDER),
        (Found.LINE, Risk.READ_ONLY),
    ]


def test_pasted_secrets_are_masked_and_variables_and_placeholders_are_not() -> None:
    key = "ghp_" + "a1B2" * 9
    text = f'curl -H "Authorization: Bearer {key}" http://localhost/\ncurl -H "Authorization: Bearer $KEY" http://x.local/\n'

    pasted, variable = commands(text, kind=FenceKind.COMMANDS)

    assert key not in repr(pasted)
    assert pasted.secrets
    assert pasted.risk is Risk.NEEDS_SECRET
    assert variable.secrets == ()
    assert "$KEY" in variable.text


def test_placeholders_are_named() -> None:
    (command,) = commands("kubectl logs <pod> -n YOUR_NAMESPACE", kind=FenceKind.COMMANDS)

    assert set(command.placeholders) == {"<pod>", "YOUR_NAMESPACE"}
    assert command.risk is Risk.PLACEHOLDER
