"""From names to targets: who is meant, what is one and the same, and what cannot be asked and why."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from crashcart.guides.bind import bind
from crashcart.guides.compile import compile_guide
from crashcart.model.guide import Guide, Number, Text, Trust
from crashcart.model.net import BoundCause, BoundCheck, Net
from crashcart.model.system import System, Target
from crashcart.model.truth import Quant
from crashcart.testing import example_catalogue

CATALOGUE = example_catalogue()
KINDS = ("http", "redis", "worker", "sqlite", "provider", "tcp", "host")


def guide(
    text: str, *, name: str = "shop", kind: str = "http", front: str = "", targets: dict[str, str] | None = None
) -> Guide:
    """Compile problems and causes as part of a whole guide."""
    head = (
        f"---\nguide: {name}\nfor: {kind}\n{front}\n---\n# {name}\n\n**Healthy**\n- `process {{self}} => present`\n\n"
    )
    return compile_guide(head + text, CATALOGUE, path=f"{name}.md", trust=Trust.OWN, targets=targets or {})


def cause(*lines: str, symptoms: Sequence[str] = (), title: str = "c {#c} (common)", label: str = "Evidence") -> str:
    """One problem with one cause."""
    said = "".join(f"- {line}\n" for line in symptoms)
    weighed = f"**{label}**\n" + "".join(f"- {line}\n" for line in lines) if lines else ""
    return f"## P {{#p}}\n\n{'**Symptoms**' if said else ''}\n{said}\n### Cause: {title}\n\n{weighed}\n"


def system(*targets: Target) -> System:
    return System("shop", "test", {target.name: target for target in targets})


def api(**more: object) -> Target:
    given: dict[str, object] = {
        "attributes": {"url": "http://api:8000", "host": "api", "port": "8000"}, "depends": ("cache", "db"),
        "command": "uvicorn", **more,
    }  # fmt: skip
    return Target("api", "http", **given)  # type: ignore[arg-type]


CACHE = Target("cache", "redis", {"url": "redis://cache", "host": "cache", "port": "6379"})
DB = Target("db", "sqlite", {"path": "/var/db"})


def checks_of(net: Net, name: str) -> list[BoundCheck]:
    return [net.checks[edge.check] for edge in cause_of(net, name).edges]


def cause_of(net: Net, name: str) -> BoundCause:
    (found,) = [cause for cause in net.causes if cause.id == name]
    return found


def looks_of(net: Net, name: str = "api:shop.c") -> list[str]:
    return [look.id for check in checks_of(net, name) for look in check.looks]


# -- who is meant


def test_a_guide_stands_for_every_target_of_its_kind() -> None:
    two = system(api(), Target("web", "http", {"url": "http://web"}), CACHE)

    net = bind([guide(cause("`tcp {self} => refused`"))], two, CATALOGUE)

    assert [cause.id for cause in net.causes] == ["api:shop.c", "web:shop.c"]
    assert [problem.id for problem in net.problems] == ["api:shop.p", "web:shop.p"]
    assert [health.target for health in net.healthy] == ["api", "web"]


def test_a_role_is_filled_by_what_the_target_depends_on() -> None:
    net = bind(
        [guide(cause("`tcp {broker} => refused`"), front="needs: {broker: redis}")], system(api(), CACHE, DB), CATALOGUE
    )

    assert looks_of(net) == ["tcp {cache}"]


def test_a_role_that_is_named_wins_over_what_it_depends_on() -> None:
    other = Target("other", "redis")
    chosen = api(roles={"broker": "other"}, depends=("cache", "other"))

    net = bind(
        [guide(cause("`tcp {broker} => refused`"), front="needs: {broker: redis}")],
        system(chosen, CACHE, other),
        CATALOGUE,
    )

    assert looks_of(net) == ["tcp {other}"]


@pytest.mark.parametrize("roles", [{"broker": "db"}, {"broker": "nobody"}])
def test_a_role_is_not_filled_by_a_target_of_another_kind(roles: dict[str, str]) -> None:
    net = bind(
        [guide(cause("`tcp {broker} => refused`"), front="needs: {broker: redis}")],
        system(api(roles=roles), CACHE, DB),
        CATALOGUE,
    )

    (check,) = checks_of(net, "api:shop.c")
    assert (check.looks, check.unknown_because) == ((), 'api depends on no target of kind "redis" ({broker})')


def test_each_of_several_targets_is_a_check_of_its_own_and_any_is_one() -> None:
    both = system(api(depends=("cache", "other")), CACHE, Target("other", "redis"))
    text = cause("`tcp {broker} => refused`", "`tcp any {broker} => dns`", "`tcp all {broker, self} => timeout`")

    net = bind([guide(text, front="needs: {broker: redis}")], both, CATALOGUE)

    assert [(check.claim_text, check.quant, [look.target for look in check.looks]) for check in checks_of(net, "api:shop.c")] == [
        ("timeout", Quant.ALL, ["cache", "other", "api"]),
        ("dns", Quant.ANY, ["cache", "other"]),
        ("refused", Quant.EACH, ["cache"]),
        ("refused", Quant.EACH, ["other"]),
    ]  # fmt: skip


def test_dependants_are_those_that_need_it() -> None:
    needed = system(CACHE, api(), Target("w", "worker", depends=("cache",)), DB)

    net = bind([guide(cause('`log any {dependants} "x"`'), kind="redis")], needed, CATALOGUE)

    assert looks_of(net, "cache:shop.c") == ["log {api} text='x'", "log {w} text='x'"]


def test_a_vantage_point_with_several_targets_is_one_check_each() -> None:
    needed = system(CACHE, api(), Target("w", "worker", depends=("cache",)))

    net = bind(
        [
            guide(
                cause("`tcp {self} from {dependants} => refused`", "`tcp {self} from any {dependants} => dns`"),
                kind="redis",
            )
        ],
        needed,
        CATALOGUE,
    )

    assert sorted((check.claim_text, len(check.looks)) for check in checks_of(net, "cache:shop.c")) == [
        ("dns", 2), ("refused", 1), ("refused", 1),
    ]  # fmt: skip


# -- one and the same


def test_the_same_look_with_the_same_claim_is_one_check_whoever_asks() -> None:
    one = guide(cause("`tcp {self} => refused`"), name="one")
    two = guide(cause("always: in other words `tcp {self} => refused` here"), name="two")

    net = bind([two, one], system(api()), CATALOGUE)

    assert checks_of(net, "api:one.c") == checks_of(net, "api:two.c")
    assert [edge.source.sentence for cause in net.causes for edge in cause.edges] == [
        "`tcp {self} => refused`",
        "in other words here",
    ]


def test_the_order_of_guides_changes_nothing() -> None:
    one, two = guide(cause("`tcp {self} => refused`"), name="one"), guide(cause("`tcp {self} => dns`"), name="two")

    assert bind([two, one], system(api()), CATALOGUE) == bind([one, two], system(api()), CATALOGUE)


BROKER = guide(
    cause("`tcp {self} => refused`", "`redis {self} memory => used > {full}`", symptoms=["`redis {self} ping => not pong`"]),
    name="broker", kind="redis", front="params: {full: 5 GB, word: '5'}",
)  # fmt: skip


def test_a_link_without_parameters_is_the_same_cause_with_the_symptoms_of_both_problems() -> None:
    shop = guide(
        cause(symptoms=["often: `http {self} GET / => status = 500`"], title="[gone](broker#c) {#gone} (rare)"),
        front="needs: {b: redis}",
    )

    net = bind([shop, BROKER], system(api(), CACHE), CATALOGUE)

    (found,) = net.causes
    assert (found.id, found.per_month) == ("cache:broker.c", 1.0)
    assert found.problems == ("api:shop.p", "cache:broker.p")
    assert [net.checks[edge.check].claim_text for edge in found.edges if edge.is_symptom] == [
        "status = 500",
        "not pong",
    ]


def test_a_link_with_parameters_is_another_cause_with_its_own_frequency() -> None:
    shop = guide(cause(title="[full](broker#c) with `full=9 GB` {#full} (rare)"), front="needs: {b: redis}")

    net = bind([shop, BROKER], system(api(), CACHE), CATALOGUE)

    assert [(found.id, found.per_month) for found in net.causes] == [
        ("cache:broker.c", 1.0),
        ("cache:broker.c[full=9 GB]", 0.05),
    ]
    claims = [claim for check in checks_of(net, "cache:broker.c[full=9 GB]") for claim in check.claims]
    assert Number(9.0, "GB") in [getattr(claim, "value", None) for claim in claims]


def test_parameters_are_told_apart_by_value_and_not_by_name() -> None:
    """Two services with two addresses are two causes, though both guides say `{self.host}`."""
    provider = guide(cause('`log {self} "{who}"`'), name="prov", kind="provider", front="params: {who: nobody}")
    shop = guide(cause(title="[it](prov#c) with `who={self.host}` {#x} (rare)"), front="needs: {p: provider}")
    both = system(
        api(depends=("ext",)), Target("web", "http", {"host": "web"}, depends=("ext",)), Target("ext", "provider")
    )  # fmt: skip

    net = bind([shop, provider], both, CATALOGUE)

    assert [found.id for found in net.causes] == ["ext:prov.c", 'ext:prov.c[who="api"]', 'ext:prov.c[who="web"]']


def test_self_of_a_link_chooses_the_target() -> None:
    shop = guide(
        cause(title="[gone](broker#c) with `self={second}` {#gone} (rare)"),
        front="needs: {first: redis, second: redis}",
    )
    chosen = api(roles={"first": "cache", "second": "other"}, depends=("cache", "other"))

    net = bind([shop, BROKER], system(chosen, CACHE, Target("other", "redis")), CATALOGUE)

    assert cause_of(net, "other:broker.c").problems == ("api:shop.p", "other:broker.p")
    assert cause_of(net, "cache:broker.c").problems == ("cache:broker.p",)


def test_a_role_of_the_linked_guide_can_be_given() -> None:
    linked = guide(cause("`tcp {store} => refused`"), name="linked", front="needs: {store: redis}")
    shop = guide(
        cause(title="[gone](linked#c) with `store={second}` {#gone} (rare)"),
        name="shop",
        front="needs: {second: redis}",
    )
    chosen = api(roles={"store": "cache", "second": "other"}, depends=("cache", "other"))

    net = bind([shop, linked], system(chosen, CACHE, Target("other", "redis")), CATALOGUE)

    assert looks_of(net, "api:linked.c") == ["tcp {cache}"]
    assert looks_of(net, 'api:linked.c[store="other"]') == ["tcp {other}"]


WRONG_LINKS = [
    ("[x](#y) {#x} (rare)\n\n### Cause: [y](#x) {#y} (rare)", "the link leads in a circle"),
    ("[x](#x) {#x} (rare)", "the link leads in a circle"),
    ("[x](nowhere#c) {#x} (rare)", 'there is no guide "nowhere"'),
    ("[x](broker#nothing) {#x} (rare)", 'the guide "broker" has no cause "nothing"'),
    ("[x](broker#c) with `fool=9 GB` {#x} (rare)", 'the guide "broker" has no parameter "fool"'),
    ("[x](broker#c) with `full=9 s` {#x} (rare)", '"full" is 5 GB in the guide "broker", and 9 is not like it'),
    ("[x](broker#c) with `self={d}` {#x} (rare)", 'the guide "broker" is for redis, and db is none'),
]


@pytest.mark.parametrize(("title", "note"), WRONG_LINKS)
def test_a_link_that_leads_nowhere_is_told_and_the_rest_stands(title: str, note: str) -> None:
    shop = guide(
        cause(title=title) + "\n### Cause: real {#real} (common)\n\n**Evidence**\n- `tcp {self} => dns`\n",
        front="needs: {d: sqlite, b: redis}",
    )

    net = bind([shop, BROKER], system(api(), CACHE, DB), CATALOGUE)

    assert f"shop.x at api: {note}" in net.notes
    assert {"api:shop.real", "cache:broker.c"} <= {found.id for found in net.causes}


def test_a_link_to_a_kind_that_nothing_here_has_is_told() -> None:
    shop = guide(cause(title="[gone](broker#c) {#gone} (rare)"), front="needs: {b: redis}")

    net = bind([shop, BROKER], system(api(depends=())), CATALOGUE)

    assert net.notes == ('shop.gone at api: api depends on no target of kind "redis" ({b})',)


# -- edges


def test_a_cause_that_repeats_a_symptom_overrides_it() -> None:
    text = cause(
        "never: here not `tcp {self} => refused`", symptoms=["always: `tcp {self} => refused`", "`tcp {self} => dns`"]
    )

    net = bind([guide(text)], system(api()), CATALOGUE)

    edges = {net.checks[edge.check].claim_text: edge for edge in cause_of(net, "api:shop.c").edges}
    assert (edges["refused"].likelihood, edges["refused"].is_symptom, edges["refused"].is_shift) == (0.01, False, True)
    assert (edges["dns"].likelihood, edges["dns"].is_symptom) == (0.85, True)


@pytest.mark.parametrize(
    ("lead", "likelihood", "otherwise", "is_shift"),
    [
        ("", 0.85, None, False), ("always: ", 0.98, None, False), ("often 0.7: ", 0.7, None, False),
        ("always, else sometimes: ", 0.98, 0.3, False), ("rarely: ", 0.05, None, True), ("never, else 0.9: ", 0.01, 0.9, True),
        ("sometimes: ", 0.3, None, False),
    ],
)  # fmt: skip
def test_words_become_the_numbers_of_an_edge(
    lead: str, likelihood: float, otherwise: float | None, is_shift: bool
) -> None:
    net = bind([guide(cause(f"{lead}`tcp {{self}} => refused`"))], system(api()), CATALOGUE)

    (edge,) = cause_of(net, "api:shop.c").edges
    assert (edge.likelihood, edge.otherwise, edge.is_shift) == (likelihood, otherwise, is_shift)


def test_the_stronger_of_two_lines_with_one_check_stands() -> None:
    net = bind(
        [guide(cause("sometimes: `tcp {self} => dns`", "always: `tcp {self} => dns`"))], system(api()), CATALOGUE
    )

    assert [edge.likelihood for edge in cause_of(net, "api:shop.c").edges] == [0.98]


# -- values in text


def one_text(target: Target, text: str, *, front: str = "") -> BoundCheck:
    net = bind([guide(cause(text), front=front)], system(target, CACHE, DB), CATALOGUE)
    (found,) = checks_of(net, "api:shop.c")
    return found


def args(check: BoundCheck) -> dict[str, str]:
    return dict(check.looks[0].args)


def test_names_in_quoted_text_are_filled_in_and_other_braces_stay() -> None:
    text = "`log {self} '{self.host}:{ self.port } {big} {\"a\": 1} {nobody} {}'`"

    check = one_text(api(), text, front="params: {big: 1234567}")

    assert args(check)["text"] == 'api:8000 1234567 {"a": 1} {nobody} {}'


def test_what_was_filled_in_is_text_and_not_read_again() -> None:
    """An address that holds braces is an address, not a name of the guide."""
    check = one_text(
        api(attributes={"host": "{self.port}{limit}", "port": "{self.host}"}),
        "`log {self} '{self.host} {self.port}'`",
        front="params: {limit: 5}",
    )

    assert args(check)["text"] == "{self.port}{limit} {self.host}"


@pytest.mark.parametrize("host", ["<x>", "a<*>b"])
@pytest.mark.parametrize(
    "text", ["`log {self} '{self.host}'`", "`log {self} 'a' => not followed by '{self.host}' in 5 s`"]
)
def test_a_value_never_becomes_a_wildcard(host: str, text: str) -> None:
    check = one_text(api(attributes={"host": host}), text)

    assert check.looks == ()
    assert "would match anything" in check.unknown_because


def test_a_value_in_a_pattern_is_literal() -> None:
    check = one_text(
        api(attributes={"host": "a.b+", "url": "http://x"}), "`http {self} GET / => body matches '^{self.host}$'`"
    )

    assert getattr(check.claims[0], "value", None) == Text(r"^a\.b\+$")


def test_a_value_in_a_path_stays_one_piece_of_it() -> None:
    check = one_text(
        api(attributes={"host": "../admin?x=1", "url": "http://x"}),
        "`http {self} GET /hosts/{self.host} => status = 200`",
    )

    assert args(check)["path"] == "/hosts/..%2Fadmin%3Fx%3D1"


def test_numbers_reach_a_look_in_full() -> None:
    assert args(one_text(api(), "`tcp {self} port 1234567 => ok`"))["port"] == "1234567"


# -- what cannot be asked


UNASKED = [
    ("`log {self} '{self.service}'`", '"service" is not set for target api in the system file'),
    ("`log {self} '{self.key}'`", "the setting OPENAI is not set"),
    ("`log {self} '{b.host}'`", "{b} means 2 targets, and a value is wanted"),
    ("`http {self} GET / => took > 3 x {zero}`", "{zero} is zero, and a share of zero says nothing"),
    ("`log {self} 'x' => last = {onset}`", "{onset} is known to looks alone (`since {onset}`), and to no claim"),
    ("`tcp {dependants} => ok`", "nothing depends on api"),
]


@pytest.mark.parametrize(("text", "reason"), UNASKED)
def test_a_check_that_cannot_be_asked_stays_in_the_net_and_says_why(text: str, reason: str) -> None:
    target = api(unresolved={"key": "the setting OPENAI is not set"}, depends=("cache", "other"))
    shop = guide(cause(text, "`tcp {self} => dns`"), front="needs: {b: redis}\nparams: {zero: 0 s}")

    net = bind([shop], system(target, CACHE, Target("other", "redis")), CATALOGUE)

    asked = {check.unknown_because: len(check.looks) for check in checks_of(net, "api:shop.c")}
    assert asked == {reason: 0, "": 1}


def test_what_verifies_a_fix_is_looked_at_in_a_sweep_and_weighs_nothing() -> None:
    text = cause("`tcp {self} => refused`") + "\n**Verify**\n- `http {self} GET /ready => status = 200 within 5 s`\n"

    net = bind([guide(text)], system(api()), CATALOGUE)

    assert [look.kind for look in net.spare] == ["http"]
    assert "http" in {look.kind for look in net.looks()}
    assert [net.checks[edge.check].looks[0].kind for edge in net.causes[0].edges] == ["tcp"]


def test_a_condition_is_no_evidence() -> None:
    text = cause("`tcp {self} => refused`") + '\n**Only if**\n- `env {self} "A" => set`\n'

    net = bind([guide(text)], system(api()), CATALOGUE)

    (key,) = net.causes[0].only_if
    assert net.checks[key].claim_text == "set"
    assert key not in {edge.check for edge in net.causes[0].edges}


def test_a_question_is_asked_of_a_person_once() -> None:
    text = cause('`ask "was {self.name} deployed today"`', symptoms=['`ask "was {self.name} deployed today" => no`'])

    net = bind([guide(text)], system(api()), CATALOGUE)

    questions = [check for check in net.checks.values() if check.is_question]
    assert {check.looks[0].args for check in questions} == {(("question", "was api deployed today"),)}
    assert len({check.look_key for check in questions}) == 1
