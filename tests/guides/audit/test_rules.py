"""What a machine can know of a guide's scripts, configuration and code is told; what only looks like it is not."""

from __future__ import annotations

import pytest

from crashcart.app import catalogue
from crashcart.guides.audit import audit, level_of, summary_of


def codes(text: str) -> list[str]:
    return [remark.code for remark in audit(text, catalogue())]


def fenced(body: str, info: str = "bash") -> str:
    return f"# Shop\n\nWords.\n\n```{info}\n{body}\n```\n"


WRONG = {
    "errno-of-another": "# Shop\n\n`[Errno 48] Address already in use`\n",
    "open-end": "# Shop\n\nThe status page is to be confirmed.\n",
    "evicts-tasks": fenced("redis-cli CONFIG SET maxmemory-policy allkeys-lru")
    + "\nCelery uses Redis as its broker.\n",
    "rate-no-share": fenced(
        'groups:\n- name: a\n  rules:\n  - alert: HighErrorRate\n    expr: rate(requests_total{status=~"5.."}[5m]) > 0.05\n    for: 2m', "yaml"
    ),
    "scrapes-itself": fenced(
        "scrape_configs:\n- job_name: 'shop'\n  static_configs:\n  - targets: ['localhost:9090']", "yaml"
    ),
    "port-twice": fenced("start_http_server(8000)", "python") + "\nAsk `curl http://localhost:8000/health`.\n",
    "shared-sqlite": fenced(
        'kind: Deployment\nspec:\n  replicas: 3\n  template:\n    env:\n    - name: DB\n      value: "/data/shop.db"', "yaml"
    ),
    "wrong-method": fenced('curl -X PUT "http://qdrant:6333/collections/shop/config" -d "{}"'),
    "any-origin": fenced('CORS(app, origins="*", supports_credentials=True)\nprint(app)', "python"),
    "count-twice": fenced('N=$(cat a.log | grep -c "x\\|y" 2>/dev/null || echo "0")'),
    "never-empty": fenced('ID=${1:-$(date +%s)}\nif [ -z "$ID" ]; then\n  exit 1\nfi'),
    "finds-root": fenced('find "$DIR" -maxdepth 1 -type d -mtime +7 -exec rm -rf {} +'),
    "divides-by-none": fenced('N=$(cat a.log | wc -l)\nE=$(grep -c x a.log)\necho "$E * 100 / $N" | bc -l'),
    "missing-argument": fenced('curl -s "http://localhost:9090/api/v1/query" -d "query=up" --data-urlencode > out.json'),
    "unused-name": fenced("def load():\n    concurrent = 50\n    url = 'x'\n    return fetch(url)", "python"),
    "empty-list": fenced('import json\nrate = answer.get("result", [{}])[0]\nprint(rate)', "python"),
    "empty-secret": fenced('import os\nsecret = os.getenv("WEBHOOK_SECRET", "").encode()\nsign(secret)', "python"),
    "not-given-back": fenced(
        "async def scrape(...):\n    jobs.inc()\n    with timer():\n        # ... work ...\n    jobs.dec()", "python"
    ),
    "live-sqlite-copy": fenced("import shutil\nshutil.copy2(DATABASE_PATH, target)\nprint(1)", "python"),
    "wrong-fence-language": fenced('curl http://localhost:8000/x\n\n# Expected:\n{\n  "a": 1,\n  "b": 2\n}'),
    "unseen-character": "# Shop\n\nRestart the \u202ereversed\u202c part.\n",
    "mixed-letters": "# Shop\n\nAsk the \u0430dmin of the shop.\n",
    "dead-link": "# Shop\n\n[a](#nowhere)\n",
}  # fmt: skip


@pytest.mark.parametrize("code", sorted(WRONG))
def test_what_is_wrong_is_told_with_its_line_the_reason_and_what_to_do(code: str) -> None:
    told = [remark for remark in audit(WRONG[code], catalogue()) if remark.code == code]

    assert told, codes(WRONG[code])
    assert all(1 <= remark.line <= WRONG[code].count("\n") and remark.why and remark.todo for remark in told)
    assert level_of(code)
    assert summary_of(code).endswith(".")


RIGHT = {
    "errno-of-another": "# Shop\n\n`[Errno 98] Address already in use`, `Errno 48: my own words`\n",
    "open-end": "# Shop\n\nThe TODO list of a user; an order that is confirmed. `todo` items.\n",
    "evicts-tasks": fenced("redis-cli CONFIG SET maxmemory-policy noeviction") + "\nCelery uses Redis.\n",
    "rate-no-share": fenced(
        "- alert: HighErrorRate\n  expr: rate(errors_total[5m]) / rate(requests_total[5m]) > 0.05\n- alert: Errors\n  expr: rate(errors_total[5m]) > 0.5", "yaml"
    ),
    "scrapes-itself": fenced("- job_name: 'prometheus'\n  static_configs:\n  - targets: ['localhost:9090']", "yaml"),
    "port-twice": fenced("start_http_server(9100)", "python") + "\nAsk `curl http://localhost:8000/health`.\n",
    "shared-sqlite": fenced('kind: Deployment\nspec:\n  replicas: 1\n  env:\n  - value: "/data/shop.db"', "yaml"),
    "wrong-method": fenced('curl -X PUT "http://qdrant:6333/collections/shop" -d "{}"'),
    "any-origin": fenced('CORS(app, origins="*")\nCORS(other, origins=["https://a.b"], supports_credentials=True)', "text"),
    "count-twice": fenced('N=$(grep -c "x\\|y" a.log || true)\necho 0'),
    "never-empty": fenced('ID=${1:-}\nif [ -z "$ID" ]; then\n  exit 1\nfi'),
    "finds-root": fenced('find "$DIR" -mindepth 1 -maxdepth 1 -type d -exec rm -rf {} +\nfind "$DIR" -type f -delete'),
    "divides-by-none": fenced('N=$(cat a.log | wc -l)\nif [ "$N" -gt 0 ]; then\necho "100 / $N" | bc -l\nfi'),
    "unused-name": fenced("def load():\n    global size\n    size = 50\n\ndef other():\n    _unused = 1\n    url = 'x'\n    return url", "python"),
    "empty-list": fenced('import json\nrate = answer.get("result", [])[0]\nrate = (answer.get("x") or [{}])[0]', "python"),
    "empty-secret": fenced('import os\nmode = os.getenv("MODE", "")\nkey = os.environ["API_KEY"]\nprint(mode)', "python"),
    "not-given-back": fenced("def scrape():\n    jobs.inc()\n    try:\n        work()\n    finally:\n        jobs.dec()", "python"),
    "live-sqlite-copy": fenced("import shutil\nshutil.copy2(backup_path, DATABASE_PATH)\nshutil.copy(a, b)", "python"),
    "wrong-fence-language": fenced(
        '#!/bin/bash\nset -e\nNAME=x\ncheck() {\n  if [ -z "$1" ]; then\n    echo "no"\n    exit 1\n  fi\n}\ncase "$1" in\n  start)\n    check a\n    ;;\n  *)\n    exit 2\n    ;;\nesac'
    ),
    "wrong-fence-language-of-others": fenced("playwright-cli open a.html\nplaywright-cli click e15\nplaywright-cli close")
    + fenced("> ready\n+ done", "console")
    + fenced("script:\n- cargo build\n- cargo test\njobs:\n  a:\n    run: |\n      npm ci", "yaml")
    + fenced("test.describe('a', () => {\n  dns.lookup(x);\n});", "js"),
    "no-warning-of-output": fenced("env A=1 ./build 2>&1 | tee build.log"),
    "unseen-character": "# \ufeffShop\n\nA soft\u00adhyphen, an emoji \U0001f468\u200d\U0001f469, \u05e9\u05dc\u05d5\u05dd\u200f 1.\n",
    "mixed-letters": "# Shop\n\n5 \u03bcs, \u0394t, pod\u043e\u0432, \u043f\u0440\u0438\u0432\u0435\u0442, x\u00b2, caf\u00e9\n",
    "no-verify": "# Shop\n\n## Problem: orders fail\n\n**Solution**\n```bash\nsudo systemctl restart shop\n# Test again\n./ask.sh\n```\n",
    "no-warning": fenced("# Remove old copies\ncleanup() {\n" + "  echo one\n" * 8 + "  aws s3 rm s3://shop/a\n}\ncleanup"),
}  # fmt: skip


@pytest.mark.parametrize("code", sorted(RIGHT))
def test_what_only_looks_wrong_is_not_told(code: str) -> None:
    assert code.removesuffix("-of-output").removesuffix("-of-others") not in codes(RIGHT[code])


def test_a_part_that_was_not_read_is_told_as_such() -> None:
    """Silence about what was never looked at would be taken for praise."""
    many = fenced("ls -l\n" * 3_200)
    long_line = f"# Shop\n\n{'x' * 5_000}\n"

    told = [remark for remark in audit(many, catalogue()) if remark.code == "unread"]
    assert len(told) == 1
    assert told[0].line > 3_000
    long_command = fenced("kubectl get pods " + "-l app=shop \\\n" * 1_900 + "-n prod")
    assert "unread" in codes(long_command)
    assert [remark.line for remark in audit(long_line, catalogue()) if remark.code == "unread"] == [3]
    assert "unread" not in codes(fenced("ls -l\n" * 2_000))
