"""Small guides of very different shapes, each with exactly what a careful reader finds in it."""

from __future__ import annotations

from pathlib import Path

import pytest

from crashcart.guides.foreign import DEFAULT, ForeignGuide, read
from crashcart.guides.foreign.nouns import Origin, Part, Role

SAMPLES = Path(__file__).with_name("samples")

Found = tuple[int, int, str, str | None]


def sample(name: str) -> ForeignGuide:
    return read((SAMPLES / f"{name}.md").read_text(encoding="utf-8"))


def problems(guide: ForeignGuide) -> list[Found]:
    return [(problem.lines.first, problem.lines.last, problem.title, problem.parent) for problem in guide.problems]


def options(guide: ForeignGuide, id: str) -> list[tuple[str, list[str]]]:
    return [(option.title, [item.text for item in option.items]) for option in guide.problem(id).options]


def signatures(guide: ForeignGuide) -> list[tuple[int, str]]:
    return [(signature.line, signature.text) for signature in guide.signatures]


def thresholds(guide: ForeignGuide) -> list[tuple[int, str, float, str, str, str]]:
    return [(t.line, t.relation, t.value, t.unit, t.duration, t.meaning.value) for t in guide.thresholds]


PROBLEMS: dict[str, list[Found]] = {
    "one-alert": [(6, 35, "WorkerQueueLagHigh", None)],
    "faq": [
        (3, 5, "Why does the upload fail with 413 Request Entity Too Large?", None),
        (11, 13, "Why is the page blank after login?", None),
        (19, 20, 'I get "Token signature mismatch". What now?', None),
    ],
    "tables": [
        (5, 5, "E13: tray 2 empty", None),
        (6, 7, "HTTP 503 Service Unavailable", None),
        (8, 8, "Job 4711 rejected by host 10.1.2.3", None),
        (12, 12, "401 token expired", None),
        (13, 13, "429 too many requests", None),
    ],
    "details": [
        (4, 14, "Build fails with ENOSPC: no space left on device", None),
        (16, 20, "Login page loops for ever", None),
    ],
    "admonitions": [(6, 16, "Backup stops at 99 %", None), (18, 32, "Restore is refused", None)],
    "steps": [
        (10, 22, "Duplicate keys", None),
        (24, 37, "Import is slow", None),
        (27, 29, "Disk is full", "import-is-slow"),
        (31, 33, "Memory is exhausted", "import-is-slow"),
    ],
    "german": [(9, 19, "Der Dienst startet nicht", None), (21, 35, "Bestellungen bleiben hängen", None)],
    "chinese": [(5, 15, "服务无法启动", None), (17, 24, "接口响应缓慢", None)],
    "languages": [
        (3, 7, "La base ne répond pas", None),
        (9, 13, "El disco está lleno", None),
        (15, 19, "Сервер не отвечает", None),
        (21, 25, "サービスが起動しない", None),
        (27, 31, "O servidor caiu", None),
    ],
    "output-fences": [(3, 14, "Worker dies", None), (16, 28, "ECONNREFUSED 127.0.0.1:6379", None)],
    "no-commands": [(11, 14, "No coffee comes out", None), (20, 22, "Water leaks from the bottom", None)],
    "flat-headings": [
        (3, 6, "Uploads are rejected", None),
        (7, 13, "Thumbnails are blank", None),
        (15, 18, "Container won't start", None),
    ],
    "children": [
        (7, 25, "Container Exits Immediately", None),
        (19, 21, "Exit Code 1 (General error)", "container-exits-immediately"),
        (23, 25, "Exit Code 137 (OOM)", "container-exits-immediately"),
        (27, 34, "Cannot connect to the Docker daemon", None),
    ],
    "alerts-and-targets": [(21, 26, "HighErrorRate", None), (28, 39, "CheckoutLatencyHigh (warning)", None)],
    "html-and-shortcodes": [
        (5, 15, 'Sensors show "no data"', None),
        (13, 13, "E42 overheated", "sensors-show-no-data"),
        (14, 14, "E43 no signal", "sensors-show-no-data"),
        (19, 22, "E7: bad checksum", None),
        (23, 25, "E8: link down", None),
    ],
    "how-to-fix": [(1, 25, 'How to fix "connection reset by peer" in the gateway', None)],
    "listing": [
        (1, 48, "Label printer", None),
        (13, 15, "Paper jam in tray 3", "label-printer"),
        (17, 18, "Ribbon missing", "label-printer"),
        (25, 26, "printer lost: ...", "label-printer"),
        (32, 33, "Spooler hangs", "label-printer"),
        (35, 37, "Firmware is outdated", "label-printer"),
    ],
    "readings": [(3, 6, "Queue grows", None), (8, 11, "Disk fills", None), (13, 21, "Uploads stop", None)],
}


@pytest.mark.parametrize("name", sorted(PROBLEMS))
def test_one_problem_for_each_thing_that_can_go_wrong(name: str) -> None:
    assert problems(sample(name)) == PROBLEMS[name]


@pytest.mark.parametrize("name", sorted(path.stem for path in SAMPLES.glob("*.md")))
def test_every_line_became_something(name: str) -> None:
    text = (SAMPLES / f"{name}.md").read_text(encoding="utf-8")
    guide = read(text)

    lines = text.split("\n")[:-1]
    assert len(guide.roles) == len(lines)
    inside = {no for fence in guide.fences for no in range(fence.lines.first, fence.lines.last + 1)}
    for no, (line, role) in enumerate(zip(lines, guide.roles, strict=True), start=1):
        assert (role is Role.BLANK) == (not line.strip()) or no in inside, f"line {no} became {role}"
    for problem in guide.problems:
        assert guide.roles[problem.lines.first - 1] is Role.TITLE, problem.title


SIGNATURES: dict[str, list[tuple[int, str]]] = {
    "one-alert": [(6, "WorkerQueueLagHigh"), (26, "worker <number> lost connection to <host>")],
    "faq": [(3, "413 Request Entity Too Large"), (19, "Token signature mismatch")],
    "tables": [
        (5, "E13: tray <number> empty"),
        (6, "HTTP 503 Service Unavailable"),
        (8, "Job <number> rejected by host <host>"),
        (12, "401"),
        (13, "429"),
    ],
    "details": [(4, "ENOSPC: no space left on device")],
    "admonitions": [(24, "restore: permission denied (user <user_id>)")],
    "german": [(12, "Verbindung zu <host> abgelehnt")],
    "chinese": [(7, "bind: address already in use")],
    "output-fences": [
        (6, "[worker-3] Task <number> failed: MemoryError"),
        (11, "MemoryError: cannot allocate <number> bytes"),
        (16, "ECONNREFUSED <host>"),
        (19, "Error: connect ECONNREFUSED <host>"),
    ],
    "listing": [
        (6, "PrintError: <reason>"),
        (13, "Paper jam in tray <number>"),
        (17, "Ribbon missing"),
        (22, "printer online: id=<value>"),
        (25, "printer lost:"),
        (47, "Queue almost full: <queue_percent>%"),
    ],
    "no-commands": [],
}


@pytest.mark.parametrize("name", sorted(SIGNATURES))
def test_signatures_with_holes_where_they_vary(name: str) -> None:
    assert signatures(sample(name)) == SIGNATURES[name]


THRESHOLDS: dict[str, list[tuple[int, str, float, str, str, str]]] = {
    "one-alert": [(10, ">", 10, "min", "5m", "alarm"), (30, "<", 0.9, "", "", "target")],
    "faq": [(5, "<=", 10, "MB", "", "limit")],
    "alerts-and-targets": [
        (15, "<", 300, "ms", "", "target"),
        (16, "<", 0.1, "%", "", "target"),
        (17, "=", 99.9, "%", "", "target"),
        (25, ">", 5, "%", "10m", "alarm"),
        (30, ">=", 100, "ms", "", "target"),
        (30, "<=", 200, "ms", "", "target"),
        (30, ">", 800, "ms", "5m", "alarm"),
        (38, ">", 90, "%", "", "alarm"),
    ],
    "readings": [
        (4, "=", 0, "jobs", "", "quoted"),
        (9, "=", 93, "%", "", "quoted"),
        (14, ">", 25, "MB", "", "alarm"),
        (21, "<=", 50, "MB", "", "limit"),
        (21, "<=", 80, "%", "5m", "limit"),
    ],
    "chinese": [(19, ">", 2, "s", "", "alarm")],
    "languages": [(11, ">", 95, "%", "", "alarm")],
    "listing": [(43, "=", 14, "days", "", "limit"), (46, ">", 85, "%", "", "alarm")],
    "no-commands": [],
}


@pytest.mark.parametrize("name", sorted(THRESHOLDS))
def test_thresholds_with_direction_unit_and_meaning(name: str) -> None:
    assert thresholds(sample(name)) == THRESHOLDS[name]


def test_several_fixes_of_one_problem_stay_apart() -> None:
    assert options(sample("flat-headings"), "thumbnails-are-blank") == [
        ("start it", ["systemctl start thumbs"]),
        ("use the old renderer", ["Set RENDERER=old."]),
    ]
    assert options(sample("german"), "bestellungen-bleiben-haengen") == [
        ("Drucker einschalten", ["Netzschalter."]),
        ("Warteschlange leeren", ["Über die Verwaltung."]),
    ]
    assert options(sample("tables"), "http-503-service-unavailable") == [("", ["Update the driver"]), ("", ["Reboot"])]


def test_the_parts_of_a_problem_are_told_apart() -> None:
    problem = sample("german").problem("der-dienst-startet-nicht")

    assert [item.text for item in problem.causes] == ["Die Datenbank ist gestoppt."]
    assert [(item.text, item.lines.first) for item in problem.verify] == [("curl -f http://localhost:8080/health", 19)]
    assert problem.options[0].items[0].text == "Datenbank starten: systemctl start postgresql"


def test_severity_and_component_are_read() -> None:
    problem = sample("readings").problem("uploads-stop")

    assert (problem.severity, problem.category) == ("high", "uploader")


def test_a_healthy_reading_is_no_sign_of_trouble() -> None:
    by_line = {signature.line: signature.is_healthy for signature in sample("readings").signatures}

    assert by_line == {4: True, 9: False, 14: False}


def test_causes_with_headings_are_causes_and_not_problems() -> None:
    problem = sample("how-to-fix").problems[0]

    assert "Idle timeout is too short" in [item.text for item in problem.causes]
    assert problem.options == ()


def test_fences_are_left_to_whoever_judges_them() -> None:
    fences = sample("output-fences").fences

    assert [(fence.info, fence.lines.first, fence.lines.last, fence.is_closed) for fence in fences] == [
        ("text", 6, 11, True),
        ("", 19, 19, True),
        ("markdown", 25, 27, True),
        ("", 33, 33, True),
    ]
    assert fences[2].text == "```\nPONG\n```"


def test_inline_code_is_kept_with_its_place() -> None:
    codes = [(code.text, code.line, code.role) for code in sample("one-alert").codes]

    assert ("systemctl restart worker", 34, Role.FIX) in codes


def test_front_matter_is_read() -> None:
    guide = sample("one-alert")

    assert guide.front == (("title", "Worker queue lag"), ("weight", "20"))
    assert guide.roles[:4] == (Role.FRONT,) * 4


def test_a_table_of_contents_is_no_list_of_problems() -> None:
    guide = read("# Errors\n\n- [Disk full](#disk-full)\n\n## Disk full\n\nClean up.\n")

    assert problems(guide) == [(5, 7, "Disk full", None)]
    assert guide.roles[2] is Role.CONTENTS


def test_an_alert_name_is_told_as_one() -> None:
    alert = sample("alerts-and-targets").signatures[0]

    assert (alert.text, alert.origin) == ("HighErrorRate", Origin.ALERT)


def test_a_user_adds_words_of_a_language() -> None:
    text = "# Handbuk\n\n## Printer e fou\n\n**Kisa:** nada\n\n**Rimedi:** drecha\n"
    assert read(text).problems == ()

    lexicon = DEFAULT.extended(labels={"Kisa": Part.CAUSE, "Rimedi": Part.FIX}, wrong=["fou"])

    assert problems(read(text, lexicon=lexicon)) == [(3, 7, "Printer e fou", None)]


def test_a_page_of_labels_alone_is_one_problem() -> None:
    guide = read(
        "---\ntitle: Mail is late\n---\n# Symptoms\n\nqueue grows\n\n# Cause\n\nrelay down\n\n# Solution\n\nrestart\n"
    )

    assert [(problem.title, problem.causes[0].text) for problem in guide.problems] == [("Mail is late", "relay down")]


@pytest.mark.parametrize(
    "title",
    [
        "Error handling",
        "Rate limiting",
        "Architecture",
        "Deployment checklist",
        "How do I change my password?",
        "Check the logs",
        "Contacts",
        "Zero-downtime deployment",
    ],
)
def test_a_section_without_trouble_is_no_problem(title: str) -> None:
    assert read(f"# Guide\n\n## {title}\n\nSome words about it.\n").problems == ()


@pytest.mark.parametrize(
    "title",
    [
        "Update fails",
        "Access denied",
        "`ECONNRESET`",
        "ValueError: bad literal",
        "KubeNodeNotReady",
        "502 Bad Gateway",
        "The app does not start",
        "Disk full",
        "3. 🔥 High memory usage",
    ],
)
def test_a_section_that_names_trouble_is_a_problem(title: str) -> None:
    guide = read(f"# Guide\n\n## {title}\n\nDo this.\n")

    assert [problem.lines.first for problem in guide.problems] == [3]
    assert guide.problems[0].evidence


def test_directions_in_words_and_signs() -> None:
    guide = read(
        "# Guide\n\n## Slow answers\n\n**Symptoms:** CPU above 80 %, at least 3 errors, under 1% free, p95 < 500ms\n"
    )

    assert [(t.relation, t.value, t.unit, t.metric) for t in guide.thresholds] == [
        ("<", 1, "%", ""),
        (">=", 3, "errors", ""),
        (">", 80, "%", "CPU"),
        ("<", 500, "ms", "p95"),
    ]


def test_headings_that_only_gather_are_no_problems() -> None:
    guide = read(
        "# Troubleshooting\n\nHelp.\n\n## Database\n\nAbout the database.\n\n### Connection lost\n\nRestart.\n\n"
        "## Logs\n\nThey lie in /var/log.\n\n## Login errors\n\n### Token expired\n\nSign in.\n"
    )

    assert problems(guide) == [(9, 11, "Connection lost", None), (19, 21, "Token expired", None)]


def test_symptoms_as_headings_are_problems() -> None:
    guide = read("# Door\n\n## Symptom: it stays open\n\n**Fix:** push\n\n## Symptom: it squeaks\n\n**Fix:** oil\n")

    assert [problem.title for problem in guide.problems] == ["it stays open", "it squeaks"]


def test_a_quoted_title_is_an_error_text() -> None:
    guide = read('# Help\n\n## "Choose another name"\n\nIt is taken.\n')

    assert [(problem.title, problem.evidence) for problem in guide.problems] == [
        ('"Choose another name"', ("quoted text as title",))
    ]
