"""What `show` prints is the same guide: nothing is lost, added or said otherwise."""

from __future__ import annotations

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from crashcart.errors import GuideErrors
from crashcart.guides.compile import compile_guide
from crashcart.guides.show import show_guide
from crashcart.testing import example_catalogue

CATALOGUE = example_catalogue()
Draw = st.DrawFn

# Not shrunk: a whole guide shrinks for minutes, and the complaint already names the line.
# -- words and texts

WORDS = st.sampled_from(
    [
        "when",
        "it",
        "goes",
        "down",
        "für",
        "東京",
        "🚑",
        "naïve",
        "it's",
        "a*b",
        "50%",
        "x_y",
        "C++",
        "e.g.",
        "&",
        "so<b>",
        "$5",
    ]
)
PROSE = st.lists(WORDS, min_size=1, max_size=6).map(" ".join)
QUOTABLE = st.text(st.sampled_from("abz ÄÖ東🚑09.:;-_/\\()[]{}<>*#!?=%&|$^~@+'\"`"), min_size=1, max_size=12)
NAMES = st.sampled_from(["x", "job", "client", "a-b", "row_2"])


@st.composite
def quoted(draw: Draw) -> str:
    text = draw(QUOTABLE)
    mark = draw(st.sampled_from("\"'"))
    return f"{mark}{text.replace(mark, '')}{mark}"


@st.composite
def log_text(draw: Draw) -> str:
    pieces = draw(
        st.lists(
            st.sampled_from(["Error", "<errno>", "<*>", "at {self.host}", "{limit}", "{other}", "{ self.port }", "ü"]),
            min_size=1,
            max_size=4,
        )
    )
    mark = draw(st.sampled_from("\"'"))
    return mark + " ".join(pieces) + mark


numbers = st.one_of(
    st.integers(0, 10**14).map(str),
    st.decimals(0, 10**6, places=3, allow_nan=False, allow_infinity=False).map(lambda value: f"{value:f}"),
    st.sampled_from(["0.000000000001", "3.14159265358979", "0.1", "00.50", "999999999999999"]),
)
positive = st.one_of(st.integers(1, 9999).map(str), st.sampled_from(["0.5", "1.25", "0.001"]))
durations = st.builds(
    lambda n, glue, unit: f"{n}{glue}{unit}",
    positive,
    st.sampled_from(["", " "]),
    st.sampled_from(["ms", "s", "min", "h"]),
)
sizes = st.builds(lambda n, unit: f"{n} {unit}", numbers, st.sampled_from(["B", "kB", "MB", "GB", "KiB", "MiB", "GiB"]))
per = st.sampled_from(["/s", "/min", "/h"])
refs = st.sampled_from(["{self}", "{api}", "{workers}", "{dependants}", "{api, workers}", "{self,api}"])
plural = st.sampled_from(["{dependants}", "{workers}", "{api, workers}"])
quants = st.sampled_from(["", "", "each ", "any ", "all ", "none ", "some "])
order = st.sampled_from(["=", "!=", "<", "<=", ">", ">="])
nots = st.sampled_from(["", "not "])


# -- checks


def byte_values() -> st.SearchStrategy[str]:
    return st.one_of(
        sizes,
        st.just("limit"),
        st.just("{room}"),
        st.just("limit of {self}"),
        st.builds(lambda n, of: f"{n}% of {of}", positive, st.sampled_from(["limit", "{room}", "limit of {self}"])),
        st.builds(
            lambda n, of: f"{n} x {of}", positive, st.sampled_from(["usual", "limit", "{room}", "used of {self}"])
        ),
    )


@st.composite
def windows(draw: Draw) -> str:
    return draw(
        st.one_of(
            st.builds("over {}".format, durations),
            st.just("since {onset}"),
            st.builds("since {{onset}} - {}".format, durations),
        )
    )


@st.composite
def checks(draw: Draw, *, is_waiting: bool = False) -> str:
    kind = draw(
        st.sampled_from(["tcp", "http", "log", "memory", "process", "env", "ask", "window", "members", "follow"])
    )
    quant, ref = draw(quants), draw(refs)
    vantage = draw(st.sampled_from(["", "", " from {api}", " from {workers}" if quant else " from any {workers}"]))
    tail = ""
    if is_waiting and draw(st.booleans()):
        tail = f" within {draw(durations)}"
    if draw(st.booleans()):
        tail += f" for {draw(durations)}"
    match kind:
        case "tcp":
            state = draw(
                st.sampled_from(
                    [
                        "ok",
                        "refused",
                        "timeout",
                        "connect = dns",
                        "connect != refused",
                        "took > 5 s",
                        "took > {patience}",
                    ]
                )
            )
            port = draw(st.sampled_from(["", " port 80"]))
            return f"tcp {quant}{ref}{port}{vantage} => {draw(nots) if ' ' not in state else ''}{state}{tail}"
        case "http":
            at = draw(st.sampled_from(["", " at 'a.0.b'"]))
            path = draw(st.sampled_from(["/health", "/", "/ü/{limit}?q=1", '"/two words"', "'/it'"]))
            claims = draw(st.lists(st.one_of(
                st.builds("status {} {}".format, order, st.integers(0, 599)),
                st.builds("body {} {}".format, st.sampled_from(["contains", "lacks", "=", "!="]), quoted()),
                st.just("body matches 'a[0-9]+ (b|c)*$'"),
                st.builds("value {} {}".format, order, numbers),
                st.sampled_from(["value present", "type absent", "ok", "not cut", "value = type", "took <= {patience}"]),
            ), min_size=1, max_size=3))  # fmt: skip
            return f"http {quant}{ref} {draw(st.sampled_from(['GET', 'HEAD', 'OPTIONS']))} {path}{at}{vantage} => {' and '.join(claims)}{tail}"
        case "log":
            level = draw(st.sampled_from(["", " level error"]))
            claim = draw(
                st.sampled_from(["", " => unseen", " => seen", " => count > 5", " => count >= {limit} and share > 5%"])
            )
            return f"log {quant}{ref} {draw(log_text())}{level} {draw(st.one_of(st.just(''), windows()))}{claim}{tail}"
        case "memory":
            return f"redis {quant}{{self}} memory => used {draw(order)} {draw(byte_values())}{tail}"
        case "process":
            return f"process {quant}{ref}{draw(st.sampled_from(['', ' holders']))} => count {draw(order)} {draw(numbers)}{tail}"
        case "env":
            return f"env {quant}{ref} {draw(st.sampled_from([QUOTED_NAME, '{self.service}']))} in process => {draw(nots)}set{tail}"
        case "ask":
            return f"ask {draw(quoted())}{draw(st.sampled_from(['', ' => yes', ' => no', ' => not yes']))}"
        case "window":
            stat = draw(st.sampled_from(["sum", "min", "mean", "max", "p50", "p95", "p99"]))
            return f"redis {quant}{{self}} memory {draw(windows())} => {stat} used {draw(order)} {draw(byte_values())}{tail}"
        case "members":
            claim = draw(st.sampled_from(["fds differs", "sum memory > 5 GiB", "max threads <= 7", "mean count = 1.5"]))
            return f"process {draw(plural)} => {claim}{tail}"
        case _:
            return (
                f"log {quant}{ref} {draw(log_text())} => not followed by {draw(log_text())} in {draw(durations)}{tail}"
            )


QUOTED_NAME = '"REDIS_URL"'
growths = st.builds("redis {{self}} memory over {} => growth used > {}{}".format, durations, sizes, per)


def code(statement: str) -> str:
    longest = max((len(run) for run in "".join(char if char == "`" else " " for char in statement).split()), default=0)
    fence = "`" * (longest + 1)
    pad = " " if statement[:1] == "`" or statement[-1:] == "`" else ""
    return f"{fence}{pad}{statement}{pad}{fence}"


# -- items

UP = ["always", "usually", "often", "usually 0.8", "0.75", "always 0.999"]
LOW = ["sometimes", "rarely", "never", "0.01", "rarely 0.02"]


@st.composite
def leads(draw: Draw) -> str:
    return draw(
        st.one_of(
            st.just(""),
            st.sampled_from([*UP, "sometimes", "rarely", "never"]).map("{}: ".format),
            st.builds("{}, else {}: ".format, st.sampled_from(UP), st.sampled_from(LOW)),
            st.builds("{}, else {}: ".format, st.sampled_from(["never", "rarely"]), st.sampled_from(["often", "0.5"])),
        )
    )


@st.composite
def around(draw: Draw, lead: str, statement: str, indent: int = 2) -> str:
    """A statement with words around it, on one line or on several."""
    before = draw(st.one_of(st.just(""), PROSE, st.builds("{}\n{}".format, PROSE, PROSE)))
    after = draw(st.one_of(st.just(""), PROSE.map(" {}".format), st.builds(", {}\n{}".format, PROSE, PROSE)))
    text = f"{lead}{before}{' ' if before else ''}{code(statement)}{after}"
    return text.replace("\n", "\n" + " " * indent)


@st.composite
def items(draw: Draw, label: str) -> str:
    if label not in ("Symptoms", "Evidence", "Healthy") and draw(st.integers(0, 9)) == 0:
        return draw(
            st.one_of(
                PROSE.map("By hand: {}".format), PROSE.map("[{}](#routine)".format).filter(lambda text: "<" not in text)
            )
        )
    is_waiting = label in ("Verify", "Healthy", "Watch")
    statement = draw(st.one_of(checks(is_waiting=is_waiting), growths))
    lead = ""
    if label in ("Symptoms", "Evidence"):
        lead = draw(leads())
    elif label == "Healthy":
        lead = draw(st.sampled_from(["", "warn: ", "fail: "]))
    elif label == "Watch":
        lead = f"every {draw(durations)}: "
    elif label == "Read":
        statement = "redis {self} memory as seen_" + draw(st.sampled_from("abcdefghijklm"))
    return draw(around(lead, statement))


@st.composite
def check_list(draw: Draw, label: str) -> str:
    note = draw(st.one_of(st.just(""), PROSE.map(" {}".format), st.builds(" {}\n{}".format, PROSE, PROSE)))
    found = draw(st.lists(items(label), min_size=1, max_size=3))
    if label == "Read":
        found = found[:1]
    return f"**{label}**{note}\n" + "\n".join(f"- {entry}" for entry in found)


@st.composite
def actions(draw: Draw) -> str:
    name = draw(st.sampled_from(["maxmemory", "maxmemory_policy"]))
    value = draw(st.sampled_from(["?", "?secret", "5 GB", "'a \"b\"'", "{room}", "1.5"]))
    return draw(
        st.sampled_from(
            ["service start {self}", "service restart {api, workers}", f"redis set {{self}} {name} = {value}"]
        )
    )


@st.composite
def guards(draw: Draw, indent: int) -> list[str]:
    lines = []
    for word in draw(st.lists(st.sampled_from(["only if", "verify", "undo"]), max_size=3)):
        colon = draw(st.sampled_from(["", ":"]))
        if word == "undo":
            what = draw(
                st.sampled_from(
                    ["By hand: put it back", "`redis set {self} maxmemory = {old}`", "`service stop {self}`"]
                )
            )
        else:
            what = draw(around("", draw(checks(is_waiting=word == "verify" and False)), indent + 2))
        lines.append(f"{' ' * indent}- {word}{colon} {what}")
    return lines


@st.composite
def remedy(draw: Draw, label: str) -> str:
    lines = []
    for number in range(1, draw(st.integers(1, 11)) + 1):
        marker = f"{number}. "
        hand = PROSE.map("By hand: {}".format)
        link = st.just("[a routine](#routine) at night")
        act = actions() if label != "Escalate" else st.just('notify "on call" after 15 min')
        what = draw(st.one_of(hand, link, st.just("")))
        what = what or draw(around("", draw(act), len(marker)))
        lines.append(marker + what)
        lines += draw(guards(len(marker)))
    return f"**{label}**{draw(st.sampled_from(['', ' (reads well)']))}\n" + "\n".join(lines)


# -- sections


@st.composite
def prose(draw: Draw) -> str:
    kinds: st.SearchStrategy[str] = st.one_of(
        PROSE,
        st.builds("{}\n{}".format, PROSE, PROSE),
        st.builds("- {}\n- {}\n  - {}".format, PROSE, PROSE, PROSE),
        st.builds("1. {}\n2. {}".format, PROSE, PROSE),
        st.just("| a | b |\n|---|---|\n| `tcp {self}` | 2 |"),
        st.just("```python\n# not run\n**Fix**\n1. `service start {self}`\n```"),
        st.just("~~~\n```\n~~~"),
        st.just("<div>\n<b>kept</b>\n</div>"),
        st.just("<!-- a\n\nb -->"),
        st.just("> quoted\n> twice"),
        st.just("#### A heading of prose"),
        st.just("*slanted* `code` [link](https://example.org) ![image](x.png)"),
        st.just("    indented code"),
        st.just("***"),
    )
    return draw(kinds)


@st.composite
def blocks(draw: Draw, pieces: list[st.SearchStrategy[str]], extra: list[str]) -> str:
    """Labels in any order, with prose between them, which goes on standing there after `show` though further up."""
    found = [draw(piece) for piece in pieces if draw(st.booleans())] + extra
    found = draw(st.permutations(found))
    mixed = []
    for block in found:
        mixed.append(block)
        if draw(st.integers(0, 3)) == 0:
            mixed.append(draw(PROSE))  # a list right behind that of a label would be an error
            mixed.append(draw(prose()))
    if draw(st.booleans()):
        mixed.insert(0, draw(prose()))
    return "\n\n".join(mixed)


frequencies = st.sampled_from(
    [
        "very common",
        "common",
        "uncommon",
        "rare",
        "very rare",
        "3 a month",
        "0.25 a month",
        "common, 2 a month",
        "rare (0.1 a month)",
    ]
)


@st.composite
def causes(draw: Draw, number: int) -> str:
    mark = draw(st.sampled_from(["", " owner=ann", " a=1 b=x.y"]))
    title = draw(PROSE)
    if number and draw(st.integers(0, 3)) == 0:
        given_to_it = draw(
            st.sampled_from(["", " with `self={self}`", " with `limit=5, api={api}`", ' with `name="a, b", room=5 GB`'])
        )
        title = f"[{title}]({draw(st.sampled_from(['#c0', 'queue#c0']))}){given_to_it}"
    head = f"### Cause: {title} {{#c{number}{mark}}} ({draw(frequencies)})"
    labels = ["Only if", "Read", "Evidence", "Try", "Verify", "Watch"]
    pieces = [check_list(label) for label in labels] + [remedy(label) for label in ("Relief", "Undo", "Escalate")]
    names = ["**Fix**", "**Fix: another way**"]
    fixes = [
        draw(remedy("Fix")).replace("**Fix**", name) for name in draw(st.sampled_from([names[:0], names[:1], names]))
    ]
    return f"{head}\n\n{draw(blocks(pieces, fixes))}"


@st.composite
def problems(draw: Draw, number: int, first_cause: int) -> str:
    labels = ["Only if", "Symptoms", "Verify", "Watch"]
    pieces = [check_list(label) for label in labels] + [remedy("Relief"), remedy("Escalate")]
    own = draw(blocks(pieces, []))
    found = [draw(causes(first_cause + at)) for at in range(draw(st.integers(1, 2)))]
    return "\n\n".join([f"## {draw(PROSE)} {{#p{number}}}", own, *found])


FRONT = """\
---
guide: queue
for: redis
severity: {severity}
owner: {owner}
needs: {{api: http, workers: worker}}
params:
  limit: {limit}
  room: 2 GB
  patience: 1.5 s
  name: {name}
source: {owner}
language: 1
---
"""


@st.composite
def guides(draw: Draw) -> str:
    front = FRONT.format(
        severity=draw(st.sampled_from(["critical", "high", "medium", "low"])),
        owner=draw(st.sampled_from(["ann", "'it''s \"us\"'", '"two\\nlines: x"', "日本"])),
        limit=draw(numbers), name=draw(st.sampled_from(["plain", "'80%'", '"x: {y}"', "on", "~"])),
    )  # fmt: skip
    pieces = [f"# {draw(PROSE)}", draw(blocks([remedy("Escalate")], [draw(check_list("Healthy"))]))]
    pieces += [draw(problems(number, 10 * number)) for number in range(draw(st.integers(1, 2)))]
    if draw(st.booleans()):
        pieces.append(f"## {draw(PROSE)}\n\n{draw(prose())}\n\n### {draw(PROSE)}")
    if draw(st.booleans()):
        pieces.append(draw(problems(9, 90)))
    task = draw(blocks([check_list("Only if"), check_list("Verify"), remedy("Undo")], [draw(remedy("Do"))]))
    pieces.append(f"## Task: {draw(PROSE)} {{#routine}} (every {draw(durations)})\n\n{task}")
    return front + "\n\n".join(pieces) + "\n"


@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck), phases=[Phase.generate])
@given(guides())
def test_what_show_prints_compiles_to_the_same_guide(text: str) -> None:
    try:
        guide = compile_guide(text, CATALOGUE, path="a.md")
    except GuideErrors as error:
        raise AssertionError(error.draw() + "\n\n" + text) from error

    shown = show_guide(guide, CATALOGUE)
    again = compile_guide(shown, CATALOGUE, path="b.md")

    assert again == guide
    assert show_guide(again, CATALOGUE) == shown


@settings(max_examples=5, deadline=None, suppress_health_check=list(HealthCheck), phases=[Phase.generate])
@given(guides())
def test_line_ends_of_windows_change_nothing(text: str) -> None:
    assert compile_guide(text.replace("\n", "\r\n"), CATALOGUE) == compile_guide(text, CATALOGUE)
