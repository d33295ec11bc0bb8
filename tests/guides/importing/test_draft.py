"""Any text becomes a draft that compiles; what is certain becomes a look, all else stays by hand."""

from __future__ import annotations

import re

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from crashcart.app import catalogue, compile_text
from crashcart.guides.importing import Became, Draft, import_guide
from crashcart.model.case import GuideText
from crashcart.model.guide import ByHand, Guide, Trust

PHASES = [Phase.explicit, Phase.reuse, Phase.generate]

GUIDE = """\
# Shop

## Troubleshooting

### The shop does not start

**Symptoms**
- The log says `Error: cannot bind to port 8000`
- Customers complain

**Cause**: another process has the port

**Solution**
```bash
# Find who has it
lsof -i :8000
# Restart the shop
sudo systemctl restart shop
```

**Verify**
```bash
curl http://localhost:8000/health
```

### The queue is lost

**Symptoms**
- `QueueGone: queue <name> has vanished`

**Solution**
1. Restore it
```bash
redis-cli FLUSHALL
```
"""


def imported(text: str) -> Draft:
    return import_guide(text, catalogue(), source="runbook.md")


def compiled(draft: Draft) -> Guide:
    return compile_text(GuideText("draft.md", Trust.DRAFT, draft.text))


def test_a_foreign_guide_becomes_problems_with_looks_and_steps() -> None:
    draft = imported(GUIDE)
    guide = compiled(draft)

    assert [problem.title for problem in guide.problems] == ["The shop does not start", "The queue is lost"]
    first = guide.problems[0]
    assert [item.check.text for item in first.symptoms.checks] == ['log {self} "Error: cannot bind to port <number>"']
    assert [item.check.text for item in first.verify.checks] == ["http {self} GET /health => status = 200"]
    assert [cause.title for cause in first.causes] == ["another process has the port"]
    steps = [step.what for remedy in first.causes[0].fixes for step in remedy.steps]
    assert all(isinstance(step, ByHand) for step in steps)
    assert any("`sudo systemctl restart shop`" in step.text for step in steps if isinstance(step, ByHand))


def test_the_health_address_that_the_guide_asks_becomes_what_holds_when_all_is_well() -> None:
    guide = compiled(imported(GUIDE))

    assert [item.check.text for item in guide.healthy.checks] == ["http {self} GET /health => status = 200"]


def test_a_dangerous_step_says_so() -> None:
    text = imported(GUIDE).text

    step = next(line for line in text.splitlines() if "FLUSHALL" in line and line[0].isdigit())
    assert "DANGER" in step


def test_no_draft_holds_an_action_that_could_run() -> None:
    guide = compiled(imported(GUIDE))

    steps = [
        step for problem in guide.problems for cause in problem.causes for fix in cause.fixes for step in fix.steps
    ]
    assert steps
    assert all(isinstance(step.what, ByHand) for step in steps)


def test_every_line_of_the_source_has_its_account() -> None:
    draft = imported(GUIDE)

    assert [entry.line for entry in draft.entries] == list(range(1, GUIDE.count("\n") + 1))
    by_line = {entry.text.strip(): entry for entry in draft.entries}
    assert by_line["- The log says `Error: cannot bind to port 8000`"].became is Became.LOOK
    assert by_line["- Customers complain"].became is Became.BY_HAND
    assert by_line["- Customers complain"].why
    assert draft.coverage > 0.9


def test_the_todo_list_names_what_is_missing_with_its_lines() -> None:
    draft = imported(GUIDE)

    todo = next(todo for todo in draft.todo if "verified" in todo.what)
    assert todo.what.startswith("1 problem has no way to be verified")
    assert GUIDE.splitlines()[todo.lines[0] - 1] == "### The queue is lost"


@pytest.mark.parametrize(
    ("command", "look"),
    [
        ("curl -s http://localhost:8000/health", "http {self} GET /health => status = 200"),
        ("curl -I http://localhost:8000/ready", "http {self} HEAD /ready => status = 200"),
        ("printenv SHOP_KEY", 'env {self} "SHOP_KEY" => set'),
        ("echo $SHOP_KEY", 'env {self} "SHOP_KEY" => set'),
        ("env | grep SHOP_KEY", 'env {self} "SHOP_KEY" => set'),
        ("nc -zv localhost 6379", "tcp {self} port 6379 => ok"),
        ("pgrep shop", "process {self} => present"),
        ("ps aux | grep shop", "process {self} => present"),
        ('grep "order failed" /var/log/shop.log', 'log {self} "order failed" => unseen'),
        ('tail -f shop.log | grep "order failed"', 'log {self} "order failed" => unseen'),
    ],
)
def test_a_command_whose_meaning_is_certain_becomes_a_look(command: str, look: str) -> None:
    guide = compiled(imported(one_check(command)))

    assert [item.check.text for item in guide.problems[0].verify.checks] == [look]


@pytest.mark.parametrize(
    "command",
    [
        "curl -X POST http://localhost:8000/orders",  # changes something
        "curl -H 'Authorization: x' http://localhost:8000/health",  # carries more than our look does
        "curl https://status.example.org/health",  # another host
        "curl http://localhost:8000/orders?drop=1",
        "kubectl exec shop-0 -- printenv SHOP_KEY",  # another place
        "env | grep -i key",
        "nc -zv db.internal 5432",
        "ps aux | grep other | xargs kill",
        "grep -E 'a|b' /var/log/shop.log",  # a pattern
        "grep -v 'order' /var/log/shop.log",
        "grep order orders.csv",  # no log
        "systemctl restart shop",
        "frobnicate --all",  # unknown is never a look
        "pgrep nginx; pgrep shop",
    ],
)
def test_a_command_whose_meaning_is_not_certain_stays_by_hand(command: str) -> None:
    draft = imported(one_check(command))
    guide = compiled(draft)

    assert not guide.problems[0].verify.checks
    assert command.split()[0] in draft.text


def one_check(command: str) -> str:
    return f"# Shop\n\n## Problem: orders fail\n\n**Symptoms**\n- none left\n\n**Fix**\n- wait\n\n**Verify**\n```bash\n{command}\n```\n"


def test_a_look_that_says_it_verifies_is_no_step_but_shows_that_it_is_over() -> None:
    text = "# Shop\n\n## Problem: key missing\n\n**Error**: `no key`\n\n**Solution**\n```bash\n# Set it\nsource .env\n# Verify it is set\necho $SHOP_KEY\n```\n"
    guide = compiled(imported(text))

    assert [item.check.text for item in guide.problems[0].verify.checks] == ['env {self} "SHOP_KEY" => set']
    steps = [step for fix in guide.problems[0].causes[0].fixes for step in fix.steps]
    assert len(steps) == 1


def test_a_pasted_secret_does_not_travel_into_the_draft() -> None:
    key = "sk-" + "a1B2c3D4" * 5
    text = f"# Shop\n\n## Problem: orders fail\n\n**Symptoms**\n- key {key} refused\n\n**Fix**\n```bash\nexport OPENAI_API_KEY={key}\n```\n"

    assert key not in imported(text).text


def test_the_same_source_gives_the_same_draft() -> None:
    assert imported(GUIDE) == imported(GUIDE)


def test_a_source_larger_than_a_guide_gives_as_many_problems_as_fit_and_says_the_rest() -> None:
    one = "## Problem: number {n} fails\n\n**Symptoms**\n- `failed with {n}`\n\n**Fix**\n- restart {n}\n\n"
    draft = imported("# Big\n\n" + "".join(one.format(n=n) for n in range(700)))

    assert 0 < draft.problems < 700
    assert len(compiled(draft).problems) == draft.problems
    assert any("did not fit" in todo.what for todo in draft.todo)


@pytest.mark.parametrize(
    "words", [":log `x failed`", "Cause: : it fails", ": Task:: it fails", "always:: it fails", "{self}: fails"]
)
def test_words_that_mean_something_to_our_grammar_are_words_in_a_draft(words: str) -> None:
    text = f"# T\n\n## Problem: {words}\n\n**Symptoms**\n- {words}\n\n**Cause**: {words}\n\n**Fix**\n- {words}\n"
    draft = imported(text)

    assert draft.problems
    assert len(compiled(draft).problems) == draft.problems


# Pieces that mean something to our grammar, to Markdown or to the reader of foreign guides.
_PIECES = st.sampled_from(
    [
        "**Fix**", "**Symptoms**", "**Verify**", "**Cause**", "## ", "### Cause: ", "## Task: x {#id} (every 1 d)", "{#id}", "- ", "1. ", "> ",
        "```", "~~~", "```bash", "`", "``", "\n", "\n\n", "    ", "<!--", "-->", "---\n", "|a|b|", "|---|---|", "{self}", "{", "}", "<name>", "<*>",
        '"', "'", "\\", "By hand:", "By hand::", "always:", "log {self} \"x\"", "`log {self} \"x\"`", "curl http://localhost:8/health", "$(id)",
        "rm -rf /", "\u202e", "\u200b", "\x1b[2J", "\x00", "Error: ", "Problem: ", "**Error**: `x`", "429", "> 5 s", "[a](b)", "(common)", "é", "漢字",
        "<details>", "</details>", "<summary>x</summary>", "* ", "***", "===", "\t", "http {self} GET /x => status = 200", ":", "#", "word",
    ]
)  # fmt: skip


@settings(max_examples=80, deadline=None, phases=PHASES)
@given(st.lists(_PIECES | st.text(max_size=8), max_size=60))
def test_any_text_imports_to_something_that_compiles(pieces: list[str]) -> None:
    text = "".join(pieces).encode("utf-8", "replace").decode("utf-8")
    draft = imported(text)

    assert len(compiled(draft).problems) == draft.problems
    assert not re.search("[\x00-\x08\x0b-\x1f\x7f\u202a-\u202e\u200b]", draft.text)


@settings(max_examples=60, deadline=None, phases=PHASES)
@given(st.lists(_PIECES, max_size=12), st.lists(_PIECES, max_size=12), st.lists(_PIECES, max_size=12))
def test_any_words_in_the_parts_of_a_problem_compile(title: list[str], symptom: list[str], step: list[str]) -> None:
    flat = [" ".join("".join(part).split()) or "x" for part in (title, symptom, step)]
    text = f"# T\n\n## Problem: {flat[0]}\n\n**Symptoms**\n- {flat[1]}\n- `{flat[1]}`\n\n**Fix**\n1. {flat[2]}\n\n```bash\n{flat[2]}\n```\n"

    draft = imported(text)

    assert len(compiled(draft).problems) == draft.problems
