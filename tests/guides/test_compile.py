"""What a guide says lands where it should, and what cannot be understood is told with place, word and a way on."""

from __future__ import annotations

import ast
from dataclasses import replace
from pathlib import Path

import pytest

import crashcart.guides
from crashcart.errors import Complaint, GuideErrors
from crashcart.guides.codes import LINT_CODES
from crashcart.guides.compile import compile_guide, outline
from crashcart.model.guide import (
    Action,
    ByHand,
    CauseLink,
    FieldClaim,
    FieldOf,
    FollowClaim,
    Guide,
    Likelihood,
    Need,
    Number,
    Param,
    PercentOf,
    Presence,
    PresenceClaim,
    Ref,
    Rel,
    Setting,
    Severity,
    Since,
    Stat,
    StateClaim,
    TaskLink,
    Text,
    Times,
    Word,
)
from crashcart.model.spans import Span
from crashcart.model.truth import Quant
from crashcart.testing import example_catalogue

CATALOGUE = example_catalogue()
FRONT = "---\nguide: queue\nfor: redis\n---\n"
HEALTHY = "**Healthy**\n- `redis {self} ping => pong`\n\n"
START = f"{FRONT}# Queue\n\n{HEALTHY}"
PROBLEM = "## Jobs wait {#wait}\n\n**Symptoms**\n- `tcp {self} => refused`\n\n"
CAUSE = "### Cause: it is down {#down} (common)\n\n"


def compiled(text: str, **more: object) -> Guide:
    return compile_guide(text, CATALOGUE, **more)  # type: ignore[arg-type]


def complaints(text: str, **more: object) -> tuple[Complaint, ...]:
    with pytest.raises(GuideErrors) as raised:
        compiled(text, **more)
    return raised.value.complaints


def evidence(statement: str, label: str = "Evidence") -> str:
    return f"{START}{PROBLEM}{CAUSE}**{label}**\n- {statement}\n"


# -- the whole example


EXAMPLE = """\
---
guide: broker
for: redis
severity: critical
owner: platform
needs: {api: http, workers: worker}
params: {full: 90%, patience: 2 s, policy: 'noeviction'}
source: the post-mortem of May
---
# The broker
Sessions and queues live in it.

**Healthy**
- it answers at once `redis {self} ping => pong within 500 ms`
- warn: `redis {self} memory => used < 75% of limit`

## Nobody gets through to it {#unreachable}
What people say: "the page spins".

**Symptoms** (as seen from those who need it)
- always: they complain `log any {dependants} "cannot reach <errno> at {self.host}:{self.port}"`, each time
- often, else rarely: pages fail `http {api} GET /health => status >= 500`

### Cause: its process is gone {#gone} (common)
**Evidence**
- always: `tcp {self} => refused`
- always 0.97: `process {self} => absent`

**Fix**
1. start it `service start {self}`, then wait

**Verify**
- `redis {self} ping => pong within 10 s for 1 min`

## Writes are refused {#full}
**Symptoms**
- always: `log any {dependants} "OOM <*>"`

### Cause: no room and nothing may go {#no-room owner=platform} (uncommon)
**Only if** that is how it is set
- `redis {self} settings => maxmemory_policy = {policy}`

**Read**
- `redis {self} memory as before`

**Evidence**
- always: `redis {self} memory => used > 95% of limit and limit present`
- often: `redis {self} memory over 1 h => growth used > 1 MiB/min`
- `redis {self} memory since {onset} - 30 min => p95 used > 3 x usual`
- rarely, else usually: `log {workers} "begin <job>" => not followed by "end <job>" in 5 min`

**Try** (writes one key)
- `http {api} OPTIONS "/queue" => took > {patience}`

**Fix: more room**
1. `redis set {self} maxmemory = ?`
   - only if the machine has it: `memory {self} => available > 20%`
   - verify: `redis {self} memory => used < limit`
   - undo `redis set {self} maxmemory = {old}`

**Fix: less in it**
1. By hand: throw out what nobody reads.
2. [rotate the keys](#rotate) afterwards

**Watch**
- every 1 d: `redis {self} memory => used < {full} of limit`

**Escalate**
- `notify "platform" after 15 min`

### Cause: [the machine is short](#gone) with `self={self}` {#short} (rare)

## Task: new keys {#rotate} (every 60 d)
**Do**
1. `redis set {self} maxmemory_policy = ?secret`
""".replace("used < {full} of limit", "used < 90% of limit")


def test_the_front_matter_lands_in_its_fields() -> None:
    guide = compiled(EXAMPLE)

    assert (guide.name, guide.title, guide.target_kind) == ("broker", "The broker", "redis")
    assert (guide.severity, guide.owner, guide.source) == (Severity.CRITICAL, "platform", "the post-mortem of May")
    assert guide.needs == (Need("api", "http"), Need("workers", "worker"))
    assert guide.params == (
        Param("full", Number(90.0, "%")), Param("patience", Number(2.0, "s")), Param("policy", Text("noeviction")),
    )  # fmt: skip
    assert guide.prose == "Sessions and queues live in it."


def test_health_symptoms_and_likelihoods_land_where_they_should() -> None:
    guide = compiled(EXAMPLE)
    fine, warned = guide.healthy.checks
    unreachable = guide.problems[0]
    complain, fail = unreachable.symptoms.checks

    assert (fine.before, fine.severity, fine.check.within) == ("it answers at once", "", Number(500.0, "ms"))
    assert warned.severity == "warn"
    assert warned.check.claims == (FieldClaim("used", Rel.LT, PercentOf(75.0, FieldOf("limit"))),)
    assert unreachable.prose == 'What people say: "the page spins".'
    assert unreachable.symptoms.note == "(as seen from those who need it)"
    assert complain.check.look.quant is Quant.ANY
    assert complain.check.claims == (StateClaim("seen"),)
    assert (complain.before, complain.after) == ("they complain", ", each time")
    assert (fail.likelihood, fail.otherwise) == (Likelihood(0.6, "often"), Likelihood(0.05, "rarely"))
    assert fail.check.claims == (FieldClaim("status", Rel.GE, Number(500.0)),)


def test_causes_with_all_their_lists_land_where_they_should() -> None:
    guide = compiled(EXAMPLE)
    gone = guide.problems[0].causes[0]
    room, short = guide.problems[1].causes
    filled, grows, usual, stuck = room.evidence.checks

    assert gone.evidence.checks[1].likelihood == Likelihood(0.97, "always")
    assert gone.verify.checks[0].check.hold == Number(1.0, "min")
    assert room.marks == (("owner", "platform"),)
    assert room.only_if.checks[0].check.claims == (FieldClaim("maxmemory_policy", Rel.EQ, Ref((("policy",),))),)
    assert room.read.checks[0].check.capture == "before"
    assert filled.check.claims[1] == PresenceClaim("limit", Presence.PRESENT)
    assert grows.check.look.over == Number(1.0, "h")
    assert grows.check.claims == (FieldClaim("used", Rel.GT, Number(1.0, "MiB", "/min"), Stat.GROWTH),)
    assert usual.check.look.since == Since(Ref((("onset",),)), Number(30.0, "min"))
    assert usual.check.claims == (FieldClaim("used", Rel.GT, Times(3.0, None), Stat.P95),)
    assert stuck.check.claims == (FollowClaim("end <job>", Number(5.0, "min")),)
    assert room.tries.note == "(writes one key)"
    assert [arg.value for arg in room.tries.checks[0].check.look.args] == [Word("OPTIONS"), Text("/queue")]
    assert room.watch.checks[0].every == Number(1.0, "d")
    assert short.link == CauseLink("the machine is short", "", "gone", (("self", Ref((("self",),))),))


def test_remedies_with_guards_and_undo_land_where_they_should() -> None:
    guide = compiled(EXAMPLE)
    room = guide.problems[1].causes[0]
    more, less = room.fixes
    step = more.steps[0]

    assert isinstance(step.what, Action)
    assert step.what.args[0].value == Setting("maxmemory", Rel.EQ, None)
    assert [item.before for item in (*step.only_if, *step.verify)] == ["the machine has it:", ""]
    assert isinstance(step.undo[0], Action)
    assert step.undo[0].args[0].value == Setting("maxmemory", Rel.EQ, Ref((("old",),)))
    assert (more.name, less.name) == ("more room", "less in it")
    assert [step.what for step in less.steps] == [
        ByHand("throw out what nobody reads."), TaskLink("rotate the keys", "", "rotate", after="afterwards"),
    ]  # fmt: skip
    notify = room.escalate[0].steps[0].what
    assert isinstance(notify, Action)
    assert (notify.contact, notify.after) == ("platform", Number(15.0, "min"))
    asked = guide.tasks[0].steps[0].steps[0].what
    assert isinstance(asked, Action)
    assert asked.args[0].value == Setting("maxmemory_policy", Rel.EQ, None, is_secret=True)
    assert guide.tasks[0].every == Number(60.0, "d")


def test_an_outline_has_the_ids_that_links_may_name() -> None:
    name, known = outline(EXAMPLE)

    assert name == "broker"
    assert {entry for entry in known if not entry.startswith("=")} == {"gone", "no-room", "short", "rotate"}


# -- places


def spans_of(text: str) -> list[str]:
    """Return what stands in the text at the span of every check and action."""
    guide = compiled(text)
    lines = text.replace("\r\n", "\n").removeprefix("\ufeff").split("\n")
    found = []
    for problem in guide.problems:
        for cause in problem.causes:
            checks = [item.check for item in (*cause.evidence.checks, *cause.verify.checks)]
            steps = [step for remedy in cause.fixes for step in remedy.steps]
            actions = [step.what for step in steps if isinstance(step.what, Action)]
            checks += [item.check for step in steps for item in (*step.only_if, *step.verify)]
            spans = [*[check.span for check in checks], *[action.span for action in actions]]
            found += [_at(lines, span) for span in spans]
    return found


def _at(lines: list[str], span: Span) -> str:
    if span.line == span.end_line:
        return lines[span.line - 1][span.column - 1 : span.end_column - 1]
    return lines[span.line - 1][span.column - 1 :] + "\n" + lines[span.end_line - 1][: span.end_column - 1]


PLACED = f"""{START}{PROBLEM}{CAUSE}**Evidence**
- plain `tcp {{self}} => refused`
- behind ümläut 🚑 and 日本 `tcp {{self}} => timeout` x
- goes on
  here and
  there: `tcp {{self}} => dns`, and
  ends
- ``tcp {{self}} => reset``
- ` tcp {{self}} port 80 => ok `
- broken `tcp {{self}}
  port 81 => ok`

**Fix**
1. first `service start {{self}}`
   - only if é `memory {{self}} => available > 20%`
2. second
   line `service stop {{self}}`
   - verify
     `redis {{self}} ping => pong`
"""
STATEMENTS = [
    "tcp {self} => refused", "tcp {self} => timeout", "tcp {self} => dns", "tcp {self} => reset", "tcp {self} port 80 => ok",
    "tcp {self}\n  port 81 => ok", "memory {self} => available > 20%", "redis {self} ping => pong", "service start {self}",
    "service stop {self}",
]  # fmt: skip


@pytest.mark.parametrize(
    "text",
    [PLACED, PLACED.replace("\n", "\r\n"), "\ufeff" + PLACED, PLACED.replace("# Queue", "# Quäue 🚑 {x}"[:9])],
    ids=["plain", "windows", "with a mark at the start", "wide letters above"],
)
def test_spans_hold_exactly_the_statement(text: str) -> None:
    assert spans_of(text) == STATEMENTS


def test_an_error_in_a_continued_line_stands_at_its_word() -> None:
    text = f"{START}{PROBLEM}{CAUSE}**Evidence**\n- 🚑 it goes\n  on ä `tcp {{self}}\n  => refusd`, and on\n"

    (found,) = complaints(text)

    assert (found.span, found.word) == (Span(20, 6, 20, 12), "refusd")


# -- everything that can be wrong. `¦` marks where the complaint must stand; it is taken out before.


def item(statement: str, label: str = "Evidence") -> str:
    return evidence(statement, label)


def fix(step: str) -> str:
    return f"{START}{PROBLEM}{CAUSE}**Fix**\n1. {step}\n"


def front(lines: str) -> str:
    return f"---\n{lines}\n---\n# Queue\n\n{HEALTHY}"


def body(blocks: str) -> str:
    return START + blocks


def cause(heading: str) -> str:
    return f"{START}{PROBLEM}{heading}\n"


LONG = "x" * 10_001
BROKEN: list[tuple[str, str, str, str]] = [
    # statements: (code, text, word, part of the hint)
    ("guide-unknown-kind", item("`¦tpc {self} => refused`"), "tpc", '"tcp"'),
    ("guide-unknown-kind", item("ümlaut 🚑 `¦tcpp {self} => refused`"), "tcpp", '"tcp"'),
    ("guide-unknown-look", item("`redis {self} ¦memroy => used > 5 MiB`"), "memroy", '"memory"'),
    ("guide-unexpected", item("`redis {self} ¦=> pong`"), "=>", "ping, memory, settings"),
    ("guide-unknown-state", item("`tcp {self} => ¦refusd`"), "refusd", '"refused"'),
    ("guide-unknown-state", item("`tcp {self} => not ¦refussed`"), "refussed", '"refused"'),
    ("guide-unknown-state", item('`ask "is it you" => ¦yess`'), "yess", '"yes"'),
    ("guide-unknown-field", item("`http {self} GET / => ¦statuss = 200`"), "statuss", '"status"'),
    ("guide-unknown-field", item("`redis {self} memory over 1 h => max ¦usd > 5 MiB`"), "usd", '"used"'),
    ("guide-unknown-relation", item("`redis {self} memory over 1 h => max used ¦above 5 MiB`"), "above", "one of: ="),
    ("guide-unexpected", item("`http {self} GET / => status ¦200`"), "200", "one of: ="),
    ("guide-unexpected", item("`tcp {self}¦`"), "", "refused"),
    ("guide-unexpected", item("`tcp ¦=> refused`"), "=>", "{self}"),
    ("guide-unexpected", item("`http {self} /health ¦=> status = 200`"), "=>", "GET"),
    ("guide-unexpected", item("`log {self} \"a\" => not followed ¦\"b\"`"), '"b"', "not followed by"),
    ("guide-unexpected", item("`log {self} \"a\" => not followed by \"b\" ¦`").replace(" ¦", "¦"), "", "in 5 min"),
    ("guide-unexpected", item("`redis {self} memory since {onset} ¦1 h => used > 5 MiB`"), "1 h", "- 1 h"),
    ("guide-unknown-word", item("`http {self} ¦GTE / => status = 200`"), "GTE", '"GET"'),
    ("guide-unknown-word", item("`log {self} level ¦eror`"), "eror", '"error"'),
    ("guide-unknown-word", item("`tcp {self} ¦prot 80 => ok`"), "prot", '"port"'),
    ("guide-unknown-word", item("`tcp {self} => connect = ¦refsed`"), "refsed", '"refused"'),
    ("guide-unknown-word", item("`tcp {self} ¦ovr 5 min => ok`"), "ovr", '"over"'),
    ("guide-unknown-argument", item("`process {self} ¦/var => present`"), "/var", "removing it"),
    ("guide-unknown-quantifier", item("`tcp ¦anny {self} => ok`"), "anny", '"any"'),
    ("guide-two-quantifiers", item("`tcp any {self} from ¦all {self} => ok`"), "all", "two checks"),
    ("guide-unknown-unit", item("`redis {self} memory => used > 5 ¦MiB/mn`").replace("¦MiB", "MiB¦"), "/mn", '"/min"'),
    ("guide-unknown-unit", item("`http {self} GET / => took > 5¦sec`"), "sec", "one of: "),
    ("guide-unknown-unit", item("`redis {self} memory => used > 1¦e400`"), "e", "one of: "),
    ("guide-left-over", item("`http {self} GET / => took > 5 ¦secs`"), "secs", "ms, s, min"),
    ("guide-left-over", item("`tcp {self} => refused ¦7`"), "7", "removing it"),
    ("guide-decimal-comma", item("`http {self} GET / => took > ¦1,5 s`"), "1,5", "1.5"),
    ("guide-bad-number", item("`http {self} GET / => status > ¦1234567890123456`"), "1234567890123456", "fewer digits"),
    ("guide-bad-number", front("guide: a\nfor: redis\nparams: {b: ¦5 7}"), "5 7", "quoting it"),
    ("guide-negative", item("`http {self} GET / => took > ¦-5 s`"), "-5", "not negative"),
    ("guide-negative", item("`tcp {self} port ¦-1 => ok`"), "-1", "a number above it"),
    ("guide-character", item("`tcp {self} => ¦; refused`"), ";", "quoting it"),
    ("guide-character", item("`¦tсp {self} => refused`"), "tсp", "CYRILLIC SMALL LETTER ES"),
    ("guide-unseen-character", item("`tcp {self} => ¦\u202erefused`"), "U+202E RIGHT-TO-LEFT OVERRIDE", "removing it"),
    ("guide-unseen-character", item('`log {self} "a¦\u200db"`'), "U+200D ZERO WIDTH JOINER", "removing it"),
    ("guide-open-quote", item("`log {self} ¦\"OOM`"), '"OOM', 'closing it with "'),
    ("guide-open-brace", item("`tcp ¦{self => refused`"), "{self => refused", "closing it"),
    ("guide-glued", item("`log {self} \"OOM\"¦x`"), "x", "a space"),
    ("guide-glued", fix("`service start {self}`\n   - verify:¦: `tcp {self} => ok`"), ":", "one colon"),
    ("guide-glued", fix("¦By hand:: do it"), ":", '"By hand:"'),
    ("guide-glued", body("**Healthy**¦x\n"), "x", "and a space"),
    ("guide-bad-path", item("`http {self} GET ¦//health => status = 200`"), "//health", '"/health"'),
    ("guide-bad-name", item("`tcp ¦{se lf} => ok`"), "se lf", "between braces"),
    ("guide-bad-name", item("`tcp ¦{} => ok`"), "{}", "between braces"),
    ("guide-unknown-name", item("`tcp ¦{slef} => ok`"), "slef", '"self"'),
    ("guide-unknown-name", item("`log {self} ¦\"at {slef.host}\"`"), "slef", '"{self}"'),
    ("guide-unknown-name", fix("`redis set {self} maxmemory = ¦{old}`"), "old", "an undo"),
    ("guide-unknown-attribute", item("`log {self} ¦\"{self.hst}\"`"), "hst", '"host"'),
    ("guide-not-a-target", item("`tcp ¦{onset} => ok`"), "onset", "self"),
    ("guide-not-a-target", item("`tcp ¦{self.host} => ok`"), "self.host", '"{self}"'),
    ("guide-no-part", item("`log {self} ¦\"{onset.day}\"`"), "onset.day", '"{onset}"'),
    ("guide-plural-value", item("`env ¦{self} ¦{self.host, self.port} => set`").replace("¦{self} ", "{self} "),
     "self.host, self.port", "one check for each"),
    ("guide-plural-value", item("`log {self} ¦\"{dependants}\"`"), "dependants", "{self.host}"),
    ("guide-not-an-instant", item("`redis {self} memory since ¦{self.host} => used > 5 MiB`"), "self", "{onset}"),
    ("guide-taken-name", item("`tcp {self} => ok as ¦self`"), "self", "another name"),
    ("guide-dimension", item("`http {self} GET / => took > ¦5 MiB`"), "5MiB", "a duration: 2 s"),
    ("guide-dimension", item("`tcp {self} => connect = ¦\"refused\"`"), '"refused"', "refused"),
    ("guide-dimension", item("`redis {self} memory => used > 3 x ¦{self.host}`"), "{self.host}", "a size"),
    ("guide-relation", item("`http {self} GET / => status ¦contains \"20\"`"), "contains", "="),
    ("guide-relation", item("`process {self} => is_present ¦> yes`"), ">", '"="'),
    ("guide-rate", item("`redis {self} memory => used > ¦5 MiB/s`"), "5MiB/s", "no /s"),
    ("guide-not-percent", item("`redis {self} memory => used > ¦80 of limit`"), "80", '"80%"'),
    ("guide-bad-pattern", item("`http {self} GET / => body matches \"¦a(b\"`"), "a(b", "contains"),
    ("guide-bad-pattern", item(r"`http {self} GET / => body matches '¦(a)\1'`"), r"(a)\1", "contains"),
    ("guide-no-window", item("`redis {self} memory => ¦growth used > 5 MiB/s`"), "growth", "over 1 h"),
    ("guide-no-members", item("`redis {self} memory => ¦sum used > 5 MiB`"), "sum", "plural"),
    ("guide-no-members", item("`http {self} GET / => type ¦differs`"), "differs", "plural"),
    ("guide-no-statistic", item("`http {self} GET / over 1 h => ¦mean type = \"a\"`"), "mean", "measured"),
    ("guide-mixed-claims", item("`redis {dependants} memory => sum used > 5 MiB ¦and limit present`"), "and", "two checks"),
    ("guide-mixed-claims", item("`redis ¦none {dependants} memory => sum used > 5 MiB`"), "none", "no quantifier"),
    ("guide-no-follow", item("`tcp {self} => not ¦followed by \"b\" in 5 min`"), "followed", "log"),
    ("guide-bad-duration", item("`redis {self} memory over ¦5 MiB => used > 5 MiB`"), "5MiB", "5 min"),
    ("guide-bad-duration", item("`redis {self} memory over ¦0 s => used > 5 MiB`"), "0s", "5 min"),
    ("guide-bad-duration", item("`redis {self} memory over ¦99999999 d => used > 5 MiB`"), "99999999d", "10000 d"),
    ("guide-twice", item("`redis {self} ping => pong within 5 s ¦within 6 s`", "Verify"), "within", "removing one"),
    ("guide-touch-as-look", item("`service ¦start {self}`"), "start", ""),
    ("guide-touch-as-look", item("`redis ¦set {self} maxmemory = 5 GB`"), "set", ""),
    ("guide-look-as-touch", fix("`redis ¦{self} memory`"), "self", "set"),
    ("guide-look-as-touch", fix("`¦tcp {self} => ok`"), "tcp", "By hand:"),
    ("guide-unknown-action", fix("`¦servce start {self}`"), "servce", '"service"'),
    ("guide-unknown-verb", fix("`service ¦strat {self}`"), "strat", '"start"'),
    ("guide-unknown-word", fix("`redis set {self} ¦maxmemry = 5 GB`"), "maxmemry", '"maxmemory"'),
    ("guide-asked", fix("`redis set {self} maxmemory = ¦?secrt`"), "?secrt", "?secret"),
    # items
    ("guide-likelihood", item("¦alwys: `tcp {self} => ok`"), "alwys", '"always"'),
    ("guide-likelihood", item("always, else ¦somtimes: `tcp {self} => ok`"), "somtimes", '"sometimes"'),
    ("guide-likelihood", item("always, ¦els sometimes: `tcp {self} => ok`"), "els sometimes", "else"),
    ("guide-likelihood", item("¦always 1.5: `tcp {self} => ok`"), "always 1.5", "below 1"),
    ("guide-likelihood", item("¦always `tcp {self} => ok`"), "always", '"always:"'),
    ("guide-likelihood", item("¦always: `redis {self} ping => pong`", "Verify"), "always", "removing it"),
    ("guide-likelihood-order", item("¦sometimes, else always: `tcp {self} => ok`"), "sometimes", "larger"),
    ("guide-likelihood-order", item("¦rarely, else never: `tcp {self} => ok`"), "rarely", "smaller"),
    ("guide-severity", f"{FRONT}# Queue\n\n**Healthy**\n- ¦wran: `tcp {{self}} => ok`\n", "wran", '"warn"'),
    ("guide-no-code", item("¦no statement at all"), "no statement at all", "By hand"),
    ("guide-two-codes", item("`tcp {self} => ok` or `¦tcp {self} => dns`"), "tcp {self} => dns", "an item for each"),
    ("guide-empty-item", item("`tcp {self} => ok`\n¦-\n- `tcp {self} => dns`"), "", "removing it"),
    ("guide-nested", item("`tcp {self} => ok`\n  ¦- `tcp {self} => dns`"), "", "an item of its own"),
    ("guide-nested", fix("`service start {self}`\n   - only if `tcp {self} => dns`\n\n   ¦more words"), "", "only if"),
    ("guide-no-claim", item("`¦tcp {self} as x`"), "tcp {self} as x", "=>"),
    ("guide-read", item("`¦tcp {self} => ok`", "Read"), "tcp {self} => ok", "as x"),
    ("guide-watch", item("`¦tcp {self} => ok`", "Watch"), "tcp {self} => ok", "every 1 d"),
    ("guide-watch", item("¦every 1 d: `tcp {self} => ok`"), "every", "removing it"),
    ("guide-bad-duration", item("every  ¦1 MiB: `tcp {self} => ok`", "Watch"), "1 MiB", "5 min"),
    ("guide-within", item("`tcp {self} => ok ¦within 5 s`"), "within", "over"),
    ("guide-guard", fix("`service start {self}`\n   - ¦onyl if `tcp {self} => dns`"), "onyl if", '"only if"'),
    ("guide-loose-check", fix("By hand: look\n2 then `¦service start {self}`"), "service start {self}", "of its own"),
    ("guide-loose-check", body(f"{PROBLEM}{CAUSE}**Fix**\n¦1 By hand: x\n2. By hand: y\n"), "1 By hand:", '"1. By hand: ..."'),
    ("guide-glued", body(f"{PROBLEM}{CAUSE}¦**Fix:: by hand**\n1. By hand: x\n"), ":", "one colon"),
    ("guide-loose-guard", item("¦- `service start {self}`", "Fix").replace("- ¦- ", "¦- "), "", "1. ..."),
    ("guide-loose-guard", fix("`service start {self}`\n¦- undo By hand: stop it"), "", "nested in their step"),
    ("guide-bad-link", fix("¦[do it](rotate)"), "rotate", "#task"),
    ("guide-unknown-task", fix("¦[do it](#rotat)") + "\n## Task: t {#rotate} (every 1 d)\n\n**Do**\n1. By hand: it\n",
     "rotat", '"rotate"'),
    # headings, labels, blocks
    ("guide-unknown-label", body(f"{PROBLEM}{CAUSE}¦**Evidense**\n- x\n"), "Evidense", "**Evidence**"),
    ("guide-unknown-label", body(f"{PROBLEM}{CAUSE}¦**Evidеnce**\n- x\n"), "Evidеnce", "**Evidence**"),
    ("guide-misplaced-label", body(f"{PROBLEM}{CAUSE}¦**Symptoms**\n- `tcp {{self}} => ok`\n"), "Symptoms", "Evidence"),
    ("guide-named-label", body(f"{PROBLEM}{CAUSE}¦**Evidence: x**\n- `tcp {{self}} => ok`\n"), "x", "**Evidence**"),
    ("guide-label-code", body(f"{PROBLEM}{CAUSE}**Evidence** `¦x`\n- `tcp {{self}} => ok`\n"), "x", "an item under"),
    ("guide-empty-label", body(f"{PROBLEM}{CAUSE}¦**Evidence**\n\nwords\n"), "Evidence", "a list right below"),
    ("guide-glued-label", item("`tcp {self} => ok`\n¦**Fix**\n1. By hand: x"), "Fix", "a blank line"),
    ("guide-glued-label", item("`tcp {self} => ok`\n\nwords\n¦**Fix**\n\n1. x"), "Fix", "a blank line"),
    ("guide-twice", item("`tcp {self} => ok`\n\n¦**Evidence**\n- `tcp {self} => dns`"), "Evidence", "one list"),
    ("guide-loose-check", body("words `¦tcp {self} => ok` here\n"), "tcp {self} => ok", "an item under a label"),
    ("guide-loose-check", body("words\n\n- `¦tcp {self} => ok` here\n"), "tcp {self} => ok", "a label before the list"),
    ("guide-heading", body("¦##Jobs {#jobs}\n"), "##Jobs {#jobs}", "## Title"),
    ("guide-heading", cause("### ¦Caus: it is down {#down} (common)"), "Caus", '"Cause:"'),
    ("guide-heading-level", cause("¦## Cause: it is down {#down} (common)"), "##", "###"),
    ("guide-lost-cause", body("¦### Cause: it is down {#down} (common)\n"), "it is down {#down} (common)", "## Problem"),
    ("guide-no-cause", body("¦## Jobs wait {#wait}\n"), "wait", "### Cause:"),
    ("guide-same-id", cause("### Cause: it is down ¦{#wait} (common)"), "wait", "another one"),
    ("guide-bad-id", cause("### Cause: it is down ¦{#Down} (common)"), "Down", "small letters"),
    ("guide-bad-mark", cause("¦### Cause: it is down {#down owner} (common)"), "owner", "key=word"),
    ("guide-after-id", body("## Jobs {#jobs}¦ (common)\n\n" + CAUSE), "(common)", "before the id"),
    ("guide-frequency", cause("### Cause: it is down {#down}¦ (comon)"), "(comon)", '"common"'),
    ("guide-bad-link", cause("### Cause: ¦[it](queue) {#down} (common)"), "queue", "guide#cause"),
    ("guide-unknown-cause", cause("### Cause: ¦[it](#don) {#x} (common)\n\n" + CAUSE), "don", '"down"'),
    ("guide-unknown-guide", cause("### Cause: ¦[it](queu#x) {#y} (common)"), "queu", '"queue"'),
    ("guide-bad-period", body("## Task: t {#t}¦ (evry 1 d)\n"), "(evry 1 d)", "every 60 d"),
    ("guide-bad-duration", body("## Task: t {#t} (every ¦1 MiB)\n"), "1 MiB", "5 min"),
    ("guide-no-title", f"{FRONT}{HEALTHY}".replace("---\ng", "¦---\ng", 1), "", "# Title"),
    ("guide-two-titles", body("¦# Again\n"), "Again", "## ..."),
    ("guide-no-healthy", f"{FRONT}¦# Queue\n", "", "**Healthy**"),
    ("guide-underlined", body("¦Jobs\n====\n"), "", "# Title"),
    ("guide-open-fence", body("¦```\ncode\n"), "```", "on a line of its own"),
    ("guide-open-html", body("¦<!-- not yet\n\n## More {#more}\n"), "<!-- not yet", "-->"),
    ("guide-indented", body("words\n\n¦    **Fix**\n    1. By hand: x\n"), "Fix", "no indent"),
    ("guide-too-deep", body("words\n\n" + "".join(f"{'  ' * n}{'¦' if n == 12 else ''}- a\n" for n in range(14))), "", "flatter"),
    ("guide-too-long", "¦" + "x" * 300_001, "300,001 characters", "several guides"),
    ("guide-too-long", "\n" * 5_000 + "¦", "5,001 lines", "several guides"),
    ("guide-long-line", body(LONG[:10_000] + "¦x"), "10,001 characters", "lines under"),
    # front matter
    ("guide-no-front", f"¦# Queue\n\n{HEALTHY}", "", "guide new"),
    ("guide-front", front("guide: a\nfor: ¦rediss"), "rediss", '"redis"'),
    ("guide-front", front("guide: a\nfor: redis\n¦serverity: high"), "serverity", '"severity"'),
    ("guide-front", front("guide: a\nfor: redis\nseverity: ¦critcal"), "critcal", '"critical"'),
    ("guide-front", front("guide: ¦bröker\nfor: redis"), "bröker", "LATIN SMALL LETTER O WITH DIAERESIS"),
    ("guide-front", front("guide: a\nfor: redis\nparams: {¦self: 5}"), "self", "another name"),
    ("guide-front", front("guide: a\nfor: redis\nneeds: {b: http}\nparams: ¦{b: 5}"), "b", "another name"),
    ("guide-front", front("\n\nguide: a\nfor: ¦rediss"), "rediss", '"redis"'),
    ("guide-front-missing", front("guide: a").replace("---", "¦---", 1), "for", "for: ..."),
    ("guide-front-alias", front("guide: &x a\nfor: ¦*x"), "x", "writing the value out"),
    ("guide-front-tag", front("guide: ¦!!python/object:os.x a\nfor: redis"), "tag:yaml.org,2002:python/object:os.x", "alone"),
    ("guide-front-deep", front("guide: a\nfor: [[[[[[[[[¦[redis]]]]]]]]]]"), "[", "key: value"),
    ("guide-front-yaml", front("guide: a\nfor: [redis¦"), "", "key: value"),
    ("guide-front-long", front("guide: a\nfor: redis\nowner: >\n" + "  words words words words\n" * 900).replace("---", "¦---", 1),
     "", "moving text below"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("code", "text", "word", "hint"), BROKEN, ids=[f"{n}-{row[0]}" for n, row in enumerate(BROKEN)]
)
def test_what_is_wrong_is_told_with_place_word_and_a_way_on(code: str, text: str, word: str, hint: str) -> None:
    before, _, after = text.partition("¦")
    line, column = before.count("\n") + 1, len(before) - (before.rfind("\n") + 1) + 1

    found = complaints(before + after, known={"queue": ()})

    told = [(each.code, each.span.line, each.span.column, each.word) for each in found]
    assert (code, line, column, word) in told
    assert all(hint in each.hint for each in found if (each.code, each.span.line, each.word) == (code, line, word))


def test_a_kind_that_only_touches_is_no_look() -> None:
    """`postgres` has verbs and no looks: what it is told at is the kind, with those that look."""
    looks = {name: kind for name, kind in CATALOGUE.kinds.items() if name != "service"}
    catalogue = replace(CATALOGUE, kinds=looks)
    text = item("`service start {self}`")

    with pytest.raises(GuideErrors) as raised:
        compile_guide(text, catalogue)

    (found,) = raised.value.complaints
    assert (found.code, found.span.line, found.word) == ("guide-touch-as-look", text.count("\n"), "service")
    assert "one of: config, disk" in found.hint


def test_every_code_that_the_compiler_can_raise_is_in_the_table() -> None:
    """A code that no test provokes is one that nobody has read as a user reads it; `test_remedies` provokes lint's."""
    assert set(crashcart_codes()) - set(LINT_CODES) == {row[0] for row in BROKEN}


def crashcart_codes() -> set[str]:
    assert crashcart.guides.__file__ is not None
    found = set()
    for path in Path(crashcart.guides.__file__).parent.glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value.startswith("guide-"):
                found.add(node.value)
    return found


def test_every_complaint_has_a_way_on() -> None:
    for _, text, _, _ in BROKEN:
        for found in complaints(text.replace("¦", "", 1), known={"queue": ()}):
            assert found.hint, found
            assert found.what, found


def test_several_errors_are_all_told_at_once_and_in_order() -> None:
    text = (
        f"---\nguide: queue\nfor: rediss\n---\n# Queue\n\n{HEALTHY}{PROBLEM}{CAUSE}**Evidence**\n"
        "- alwys: `tcp {self} => ok`\n- `tpc {self} => ok`\n- `tcp {self} => refusd`\n\n**Fix**\n1. `servce start {self}`\n"
        "   - onyl if `tcp {self} => ok`\n2. nothing\n"
    )

    found = [(each.code, each.span.line) for each in complaints(text)]

    assert found == [
        ("guide-front", 3), ("guide-likelihood", 18), ("guide-unknown-kind", 19), ("guide-unknown-state", 20),
        ("guide-guard", 24), ("guide-no-code", 25),
    ]  # fmt: skip
