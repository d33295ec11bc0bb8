"""A value that one check caught is asked for by the next: one instance of the cause for each value."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

from crashcart.guides.bind import bind
from crashcart.guides.captures import MAX_VALUES, captured, readings
from crashcart.guides.compile import compile_guide
from crashcart.model.guide import Guide
from crashcart.model.net import Net
from crashcart.model.observation import LookId, Observation, Outcome, Record, Seen, Unseen
from crashcart.model.system import System, Target
from crashcart.testing import example_catalogue

CATALOGUE = example_catalogue()
NOW = datetime(2024, 5, 1, 12, tzinfo=UTC)
API = Target("api", "http", {"url": "http://api", "host": "api"}, logs=("/a.log",), depends=("db",))
SYSTEM = System("shop", "test", {"api": API, "db": Target("db", "sqlite", logs=("/d.log",))})


def guide(symptoms: str = "", causes: str = "", *, read: str = "") -> Guide:
    return compile_guide(
        "---\nguide: g\nfor: http\nneeds: {db: sqlite}\n---\n# G\n\n**Healthy**\n- `process {self} => present`\n\n## P {#p}\n\n"
        f"{read}\n\n**Symptoms**\n{symptoms}\n\n{causes}\n",
        CATALOGUE,
    )


def job_guide() -> Guide:
    return guide(
        '- always: `log {self} "job <job> failed"`',
        '### Cause: it was killed {#killed} (common)\n\n**Evidence**\n- `log {self} "killed {job} by hand"`\n'
        "- `http {self} GET /jobs/{job} => status = 404`\n\n"
        "### Cause: another {#other} (common)\n\n**Evidence**\n- `tcp {self} => refused`\n",
    )


def records(*captures: tuple[tuple[str, str], ...]) -> Seen:
    found = [Record(f"line {at}", f"a.log:{at}", "2024-05-01T11:59:00Z", values) for at, values in enumerate(captures)]
    return Seen({"is_seen": bool(captures), "count": len(captures)}, tuple(found))


def after(guides: Sequence[Guide], look: str, outcome: Outcome, net: Net | None = None) -> Net:
    """Return the net once that look has been taken."""
    net = net or bind(guides, SYSTEM, CATALOGUE)
    assert look in {entry.id for entry in net.looks()}, [entry.id for entry in net.looks()]
    seen = {LookId(look): Observation(LookId(look), outcome, NOW, 0.1)}
    return bind(guides, SYSTEM, CATALOGUE, captured=captured(net, seen, CATALOGUE))


def causes(net: Net) -> list[str]:
    return [cause.id for cause in net.causes]


FAILED = "log {api} text='job <job> failed'"


def test_before_anything_is_caught_the_checks_wait_and_say_so() -> None:
    net = bind([job_guide()], SYSTEM, CATALOGUE)

    waiting = [check.unknown_because for check in net.checks.values() if check.unknown_because]
    assert waiting == ["nothing was caught as {job}"] * 2
    assert causes(net) == ["api:g.killed", "api:g.other"]


def test_each_value_is_an_instance_of_the_causes_that_wait_for_it() -> None:
    net = after([job_guide()], FAILED, records((("job", "7"),), (("job", "8"),), (("job", "7"),)))

    assert causes(net) == ['api:g.killed[job="7"]', 'api:g.killed[job="8"]', "api:g.other"]
    asked = {look.id for look in net.looks()}
    assert {"log {api} text='killed 7 by hand'", "http {api} method='GET' path='/jobs/8'"} <= asked
    assert not any(check.unknown_because for check in net.checks.values())


def test_every_instance_keeps_the_symptoms_and_the_problem() -> None:
    net = after([job_guide()], FAILED, records((("job", "7"),)))

    (found,) = [cause for cause in net.causes if cause.cause == "killed"]
    assert found.problems == ("api:g.p",)
    assert [edge.is_symptom for edge in found.edges].count(True) == 1


def test_what_is_false_or_unseen_catches_nothing() -> None:
    for outcome in (records(), Unseen("not permitted")):
        assert causes(after([job_guide()], FAILED, outcome)) == ["api:g.killed", "api:g.other"]


def test_more_values_than_are_weighed_are_counted() -> None:
    net = after([job_guide()], FAILED, records(*[(("job", str(at)),) for at in range(11)]))

    assert len([cause for cause in net.causes if cause.cause == "killed"]) == MAX_VALUES
    assert 'api:g.killed[job="10"]' in causes(net), "the newest come first"
    assert net.notes == (f"g.killed at api: 3 more values were caught, and only {MAX_VALUES} are weighed",)


def test_a_caught_value_is_text_and_neither_wildcard_nor_name_nor_path() -> None:
    """What stands in a log is written by strangers."""
    holed = after([job_guide()], FAILED, records((("job", "<x>"),)))
    braced = after([job_guide()], FAILED, records((("job", "{self.host}/../?a"),)))

    assert any("would match anything" in check.unknown_because for check in holed.checks.values())
    asked = {look.id for look in braced.looks()}
    assert "log {api} text='killed {self.host}/../?a by hand'" in asked
    assert "http {api} method='GET' path='/jobs/%7Bself.host%7D%2F..%2F%3Fa'" in asked


def test_a_record_caught_whole_has_its_parts() -> None:
    net = after(
        [guide('- `log {self} "at <errno>" as bad`', '### Cause: c {#c} (common)\n\n**Evidence**\n- `log {db} "{bad.errno} in {bad.where}"`\n')],
        "log {api} text='at <errno>'",
        records((("errno", "111"),)),
    )  # fmt: skip

    assert "log {db} text='111 in a.log:0'" in {look.id for look in net.looks()}


def test_records_that_differ_only_in_what_nobody_asks_for_are_one_instance() -> None:
    net = after(
        [guide('- `log {self} "at <errno>" as bad`', '### Cause: c {#c} (common)\n\n**Evidence**\n- `log {db} "{bad.errno}"`\n')],
        "log {api} text='at <errno>'",
        records((("errno", "111"),), (("errno", "111"),)),
    )  # fmt: skip

    assert causes(net) == ['api:g.c[bad.errno="111"]']


def test_what_stands_under_read_is_told_because_nothing_else_would_ask_for_it() -> None:
    text = guide(
        "- `tcp {self} => refused`",
        '### Cause: c {#c} (common)\n\n**Read**\n- `env {self} "DB" as named`\n\n**Evidence**\n- `log {db} "no {named.value}"`\n',
    )
    net = bind([text], SYSTEM, CATALOGUE)

    (look,) = readings(net)
    assert look.id == "env {api} name='DB'"
    assert readings(bind([job_guide()], SYSTEM, CATALOGUE)) == ()
    again = after([text], look.id, Seen({"is_set": True, "value": "main.db"}))
    assert causes(again) == ['api:g.c[named.value="main.db"]']
    assert "log {db} text='no main.db'" in {entry.id for entry in again.looks()}


def test_a_second_capture_can_rest_on_the_first() -> None:
    text = guide(
        '- `log {self} "job <job> failed"`',
        '### Cause: c {#c} (common)\n\n**Evidence**\n- `log {self} "{job} ran on <host>"`\n- `log {db} "lost {host}"`\n',
    )
    net = bind([text], SYSTEM, CATALOGUE)
    ran = LookId("log {api} text='7 ran on <host>'")
    seen = {LookId(FAILED): Observation(LookId(FAILED), records((("job", "7"),)), NOW, 0.1)}

    once = bind([text], SYSTEM, CATALOGUE, captured=captured(net, seen, CATALOGUE))
    seen[ran] = Observation(ran, records((("host", "w1"),)), NOW, 0.1)
    twice = bind([text], SYSTEM, CATALOGUE, captured=captured(once, seen, CATALOGUE))
    thrice = bind([text], SYSTEM, CATALOGUE, captured=captured(twice, seen, CATALOGUE))

    assert causes(once) == ['api:g.c[job="7"]']
    assert causes(twice) == ['api:g.c[host="w1",job="7"]']
    assert thrice == twice


def test_a_cause_reached_by_a_link_has_the_same_instances() -> None:
    other = compile_guide(
        "---\nguide: h\nfor: http\n---\n# H\n\n**Healthy**\n- `process {self} => present`\n\n## Q {#q}\n\n### Cause: [k](g#killed) {#k} (rare)\n",
        CATALOGUE,
    )

    net = after([job_guide(), other], FAILED, records((("job", "7"),)))

    assert next((cause.id, cause.problems) for cause in net.causes) == ('api:g.killed[job="7"]', ("api:g.p", "api:h.q"))
    assert causes(net) == ['api:g.killed[job="7"]', "api:g.other"]
