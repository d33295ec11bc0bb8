"""What cannot work, or does more than it seems, is remarked on with a reason and a way out."""

from __future__ import annotations

import pytest

from crashcart.guides.shell import FenceKind, check, check_together, commands

WRONG = [
    ("docker rollout undo deployment/web", "unknown-subcommand"),
    ("kubectl gte pods", "unknown-subcommand"),
    ("systemctl restrat nginx", "unknown-subcommand"),
    ("kubectl logs web-0 --tial=100", "unknown-option"),
    ("kubectl logs", "missing-argument"),
    ("docker restart", "missing-argument"),
    ("cp app.conf", "missing-argument"),
    ('echo "$TOKEN" | base64 -d', "jwt-base64"),
    ("echo $JWT | cut -d. -f2 | base64 --decode", "jwt-base64"),
    ('pkill -f "next"', "loose-pkill"),
    ("sudo kill -9 4242", "kill-nine"),
    ("grep -c ERROR app.log || echo 0", "count-twice"),
    ("cp shop.db shop_backup.db", "live-sqlite-copy"),
    ('rm -rf "$DIR/"*', "rm-empty-variable"),
    ("ssh web1 'rm -rf $CACHE/*'", "rm-empty-variable"),
    ("redis-cli FLUSHALL", "flush-all"),
    ("kubectl exec cache-0 -- redis-cli flushdb", "flush-all"),
    ("redis-cli KEYS '*'", "redis-keys"),
    ("docker-compose down -v", "down-volumes"),
    ("docker compose down --volumes", "down-volumes"),
    ("docker system prune -af", "prune"),
    ("psql -c 'DELETE FROM jobs'", "no-where"),
    ("psql -c 'UPDATE jobs SET state = 1'", "no-where"),
    ("curl -fsSL https://get.acme.dev | sudo bash", "download-and-run"),
    ("sudo echo 1 > /etc/x", "sudo-redirect"),
    ("docker exec -it db pg_dump shop > shop.sql", "terminal-in-a-pipe"),
    ("curl -X PUT https://api.github.com/repos/a/b/issues/1 -d '{}'", "wrong-method"),
    ("curl -X HEAD http://localhost/", "head-hangs"),
    ("curl -k https://localhost/", "insecure-tls"),
    ("chmod -R 777 /srv", "chmod-777"),
    ("git push --force origin main", "force-push"),
    ("curl –X POST http://localhost/", "typographic"),
    ("ls \u202e-l", "hidden-letters"),
    ("curl -u ann:Tr0ub4dor-and-3 http://localhost/", "pasted-secret"),
]


@pytest.mark.parametrize(("text", "code"), WRONG)
def test_a_mistake_is_remarked_on(text: str, code: str) -> None:
    remarks = [remark for command in commands(text, kind=FenceKind.COMMANDS) for remark in check(command)]

    assert code in {remark.code for remark in remarks}
    assert all(remark.why and remark.todo and remark.line == 1 for remark in remarks)


@pytest.mark.parametrize(
    "text",
    [
        "kubectl rollout undo deployment/web",
        "git cherry-pick --continue",
        "gpg --keyserver hkps://keys.openpgp.org --recv-keys 0xABCD",
        "pyenv uninstall 3.9.1",
        "pipx reinstall httpie",  # our tables have "install" alone, and this is no slip of it
        "kubectl logs web-0 --tail=100 --previous",
        "kubectl logs -l app=web",
        "docker compose up -d",
        "docker exec db pg_dump shop > shop.sql",
        'sqlite3 shop.db ".backup copy.db"',
        'rm -rf "${DIR:?}/cache"',
        "pkill nginx",
        "grep -c ERROR app.log || true",
        "psql -c 'DELETE FROM jobs WHERE id = 1'",
        "redis-cli --scan --pattern 'x:*'",
        "docker compose down",
        "git push origin main",
        'curl -H "Authorization: Bearer $TOKEN" https://api.acme.dev/',
        "echo aGVsbG8= | base64 -d",
        "curl -fsS http://localhost/health | jq .",
        'echo "a – b"',
        "ls pods | xargs kubectl logs",
        "systemctl status nginx",
    ],
)
def test_what_is_right_is_not_remarked_on(text: str) -> None:
    assert [check(command) for command in commands(text, kind=FenceKind.COMMANDS)] == [()]


def test_the_tool_that_is_meant_is_named() -> None:
    (command,) = commands("docker rollout undo deployment/web", kind=FenceKind.COMMANDS)

    assert [remark.todo for remark in check(command)] == ["perhaps kubectl rollout"]


def test_a_status_that_is_looked_at_after_set_e_is_remarked_on() -> None:
    late = commands("set -e\nnginx -t\necho $?\n", kind=FenceKind.COMMANDS)
    fine = commands("nginx -t\necho $?\n", kind=FenceKind.COMMANDS)

    assert [(remark.code, remark.line) for remark in check_together(late)] == [("check-after-set-e", 3)]
    assert check_together(fine) == ()


def test_a_remark_shows_no_secret() -> None:
    (command,) = commands("curl -u ann:Tr0ub4dor-and-3 http://localhost/", kind=FenceKind.COMMANDS)

    assert "Tr0ub4dor" not in repr(check(command))
