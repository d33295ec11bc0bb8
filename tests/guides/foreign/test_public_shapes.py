"""Guides as strangers write them: boxes, groups of labels, pitfalls, titles by a number, and many tongues."""

from __future__ import annotations

from pathlib import Path

import pytest

from crashcart.guides.foreign import ForeignGuide, read
from crashcart.guides.foreign.nouns import Role

SAMPLES = Path(__file__).with_name("samples")

Found = tuple[int, int, str, str | None]


def sample(name: str) -> ForeignGuide:
    return read((SAMPLES / f"{name}.md").read_text(encoding="utf-8"))


PROBLEMS: dict[str, list[Found]] = {
    "boxes": [
        (4, 8, "The picture is black", None),
        (18, 24, "Recording stops after a few minutes", None),
        (26, 28, "Why is the time wrong?", None),
        (30, 32, "No image after firmware update", None),
        (34, 36, "Motion detection triggers at night", None),
        (38, 42, "Camera does not reconnect", None),
    ],
    "conditions": [
        (3, 5, "orders arrive twice", None),
        (6, 8, "orders arrive late", None),
        (12, 12, "Pod is in CrashLoopBackOff", None),
        (13, 13, "Database is unreachable", None),
    ],
    "front-title": [(2, 31, "Sorter is down", None)],
    "groups": [
        (3, 5, "Scanner reboots every 5 minutes", None),
        (9, 11, "Conveyor runs backwards", None),
        (15, 16, "The scale shows 0.0 kg", None),
        (18, 19, "The scale drifts", None),
    ],
    "heating": [
        (3, 8, "Heizkörper bleibt kalt", None),
        (10, 12, "Vorlauftemperatur über 75 °C", None),
        (18, 18, "E17 Fühler defekt", None),
        (19, 19, "E21 Druck unter 0,8 bar", None),
        (21, 29, "Steuerung nicht erreichbar", None),
    ],
    "log-meanings": [
        (23, 23, "No such file or directory", None),
        (24, 24, "Address already in use (os error 98)", None),
        (25, 25, "certificate has expired", None),
    ],
    "more-tongues": [
        (5, 13, "ディスク使用率が 90% を超えた場合", None),
        (15, 21, "レプリケーション遅延", None),
        (23, 25, "「接続できません」と表示される", None),
        (31, 33, "O serviço não inicia após a atualização", None),
        (35, 37, "Latência acima de 2 segundos", None),
        (39, 41, 'Mensagem "token inválido" no login', None),
        (45, 47, "Высокая загрузка CPU (> 85%)", None),
        (49, 51, "Диск заполнен более чем на 95 %", None),
        (57, 59, "Il servizio non parte", None),
        (61, 63, 'Errore "connessione rifiutata"', None),
        (67, 69, "De dienst start niet", None),
        (73, 75, "Usługa nie uruchamia się", None),
    ],
    "pitfalls": [
        (5, 7, "Module 'parcel' not found", None),
        (9, 11, "Labels come out blank", None),
        (15, 15, "bind: address already in use", None),
        (16, 16, "Map tiles missing", None),
        (17, 17, '"Session expired" after login', None),
        (21, 21, "Parcels are routed twice", None),
        (22, 22, "Nothing is printed", None),
    ],
    "questions": [
        (3, 5, "Why is my parcel marked as lost?", None),
        (11, 13, 'The tracking page shows "502 Bad Gateway". What should I do?', None),
        (19, 21, "Upload stuck at 99%", None),
        (23, 25, "Wrong prices", None),
    ],
    "search-cluster": [(5, 5, "ClusterRed", None), (6, 6, "HeapHigh", None), (7, 7, "DiskLow", None)],
    "slow-belt": [(1, 41, "BeltSpeedTooLow", None)],
    "tables-in-tongues": [
        (7, 7, "El escáner no enciende", None),
        (8, 8, "Error 503 en la API", None),
        (14, 14, "connection reset", None),
        (15, 15, "磁盘使用率超过 90%", None),
        (21, 21, "E-104", None),
        (27, 27, "Drucker offline", None),
        (31, 31, "Belt stops", None),
        (35, 35, "Очередь растёт (более 1000 сообщений)", None),
    ],
    "tongues": [
        (3, 17, "Le trieur redémarre en boucle", None),
        (19, 21, "Pourquoi les étiquettes sont-elles vides ?", None),
        (29, 31, "Warum werden Pakete doppelt gebucht?", None),
        (33, 35, "Anmeldung schlägt fehl mit „Token abgelaufen“", None),
        (39, 41, "¿Qué hago si el escáner no responde?", None),
        (43, 45, "La cola supera los 500 mensajes", None),
        (49, 55, "Сервис не запускается", None),
        (57, 59, "Что делать, если очередь переполнена?", None),
        (63, 65, "서비스가 시작되지 않음", None),
        (69, 71, "服务启动失败", None),
        (73, 75, "内存占用过高", None),
    ],
    "windows": [
        (3, 20, "The service does not start", None),
        (22, 26, 'macOS: "Courier is damaged and can\'t be opened"', None),
        (28, 31, "Port 9400 busy", None),
    ],
}


@pytest.mark.parametrize("name", sorted(PROBLEMS))
def test_each_thing_that_can_go_wrong_is_found_however_it_is_set(name: str) -> None:
    found = sample(name).problems

    assert [(one.lines.first, one.lines.last, one.title, one.parent) for one in found] == PROBLEMS[name]


SIGNATURES: dict[str, list[tuple[int, str]]] = {
    "boxes": [],
    "front-title": [(18, "OOMKilled"), (19, "<number>/<number2> nodes are available: <number3> Insufficient cpu.")],
    "groups": [],
    "heating": [(14, "E17"), (26, "From <host> icmp_seq=<number> Destination Host Unreachable")],
    "log-meanings": [
        (17, "No such file or directory"),
        (
            17,
            "thread 'main' panicked at 'called `Result::unwrap()` on an `Err` value: Os { code: 2, kind: NotFound, message: \"No such file or directory\" }', src/<host>:<number>",
        ),
        (23, "No such file or directory"),
        (24, "Address already in use (os error 98)"),
        (25, "certificate has expired"),
        (33, "ModuleNotFoundError: No module named 'yaml'"),
        (39, 'Exception in thread "main" java.lang.OutOfMemoryError: Java heap space'),
        (41, "Caused by: java.net.ConnectException: Connection refused"),
        (48, "npm ERR! ERESOLVE unable to resolve dependency tree"),
    ],
    "more-tongues": [(23, "接続できません"), (39, "token inválido"), (61, "connessione rifiutata")],
    "pitfalls": [(5, "Module 'parcel' not found"), (17, "Session expired")],
    "questions": [(11, "502 Bad Gateway")],
    "search-cluster": [(37, "429 Too Many Requests")],
    "slow-belt": [(1, "BeltSpeedTooLow")],
    "tongues": [
        (8, "panic: index out of range"),
        (31, "doppelter Schlüssel: parcel_id"),
        (33, "Token abgelaufen"),
        (51, "bind: address already in use"),
        (71, "port already allocated"),
    ],
    "windows": [(22, "Courier is damaged and can't be opened")],
}


@pytest.mark.parametrize("name", sorted(SIGNATURES))
def test_what_a_system_shows_is_told_from_what_a_person_types(name: str) -> None:
    assert [(one.line, one.text) for one in sample(name).signatures] == SIGNATURES[name]


THRESHOLDS: dict[str, list[tuple[int, str, float, str, str, str]]] = {
    "boxes": [
        (20, "<", 10.0, "MB/s", "", "alarm"),
        (36, "<", 40.0, "%", "", "alarm"),
        (48, ">", 60.0, "°C", "", "alarm"),
    ],
    "conditions": [
        (4, "=", 5.0, "s", "", "quoted"),
        (7, ">", 10000.0, "messages", "", "alarm"),
        (20, ">", 1000.0, "", "", "alarm"),
        (20, ">", 10000.0, "", "", "alarm"),
        (21, ">", 1.0, "s", "", "alarm"),
        (21, ">", 300.0, "ms", "", "alarm"),
        (22, ">", 1.0, "%", "", "alarm"),
        (22, ">", 5.0, "%", "", "alarm"),
        (23, "<", 5.0, "GB", "", "alarm"),
        (23, "<", 20.0, "GB", "", "alarm"),
        (25, ">", 5.0, "%", "10 minutes", "alarm"),
        (32, ">", 1000.0, "", "", "alarm"),
        (33, ">=", 10.0, "min", "", "alarm"),
    ],
    "heating": [(10, ">", 75.0, "°C", "", "alarm"), (19, "<", 0.8, "bar", "", "alarm")],
    "more-tongues": [
        (5, ">", 90.0, "%", "", "alarm"),
        (17, ">=", 30.0, "s", "", "alarm"),
        (35, ">", 2.0, "s", "", "alarm"),
        (37, "<=", 50.0, "", "", "limit"),
        (45, ">", 85.0, "%", "", "alarm"),
        (49, ">", 95.0, "%", "", "alarm"),
    ],
    "search-cluster": [
        (6, ">", 85.0, "%", "15m", "alarm"),
        (7, "<", 15.0, "%", "", "alarm"),
        (26, "=", 99.9, "%", "", "target"),
        (27, "=", 400.0, "ms", "", "target"),
        (28, "<", 60.0, "s", "", "target"),
        (37, "=", 200.0, "entries", "", "quoted"),
    ],
    "slow-belt": [
        (7, ">", 0.5, "", "10 minutes", "alarm"),
        (24, "<", 60.0, "°C", "", "limit"),
        (36, "<", 0.5, "", "", "alarm"),
    ],
    "tables-in-tongues": [
        (8, ">", 200.0, "", "", "alarm"),
        (15, ">", 90.0, "%", "", "alarm"),
        (35, ">", 1000.0, "", "", "alarm"),
    ],
    "tongues": [
        (12, "<", 512.0, "MB", "", "alarm"),
        (16, ">=", 1.0, "GB", "", "limit"),
        (35, ">", 5.0, "min", "", "alarm"),
        (43, ">", 500.0, "", "", "alarm"),
        (59, ">", 5000.0, "", "", "alarm"),
        (75, ">", 80.0, "%", "", "alarm"),
    ],
}


@pytest.mark.parametrize("name", sorted(THRESHOLDS))
def test_bounds_are_understood_in_every_tongue_of_the_lexicon(name: str) -> None:
    found = sample(name).thresholds

    assert [
        (one.line, one.relation, one.value, one.unit, one.duration, one.meaning.value) for one in found
    ] == THRESHOLDS[name]


def test_a_bold_version_over_a_page_of_problems_is_none() -> None:
    guide = read("# Parcel troubleshooting\n\n**Version**: 2.1\n**Owner**: depot\n\n## Belt stops\n\nPress reset.\n")

    assert [one.title for one in guide.problems] == ["Belt stops"]


@pytest.mark.parametrize(
    ("title", "is_problem"),
    [
        ("Why are two labels printed?", True),
        ("The belt squeaks, what can I do?", True),
        ("¿Por qué aparecen dos etiquetas?", True),
        ("为什么会打印两张标签？", True),
        ("Does it run on a Monday?", False),
        ("¿Se puede usar con guantes?", False),
        ("How do I add a depot?", False),
        ("Why use a second belt?", False),
    ],
)
def test_a_question_is_a_problem_when_it_asks_why_or_what_to_do(title: str, is_problem: bool) -> None:
    guide = read(f"# FAQ\n\n## {title}\n\nIt is not always so. Turn the crank.\n")

    assert bool(guide.problems) is is_problem


@pytest.mark.parametrize(
    "title",
    [
        "Troubleshooting the installation",
        "Dépannage de l'installation",
        "Resolución de Problemas",
        "Sorter 故障排除指南",
    ],
)
def test_a_page_of_problems_is_one_whatever_else_its_title_says(title: str) -> None:
    guide = read(f"# {title}\n\n## Labels stay blank after an update\n\nTurn the ribbon.\n")

    assert [one.title for one in guide.problems] == ["Labels stay blank after an update"]


def test_how_to_look_for_trouble_is_no_trouble() -> None:
    guide = read("# Guide\n\n## Troubleshooting framework\n\n### First look\n\nThe error rate says what is broken.\n")

    assert guide.problems == ()


def test_a_condition_that_only_refers_back_makes_its_section_the_problem() -> None:
    guide = read(
        "## Token of the scanner\n\nThe scanner reads its token at start.\n\nIf it does not work, there are two reasons:\n\n1. It expired.\n"
    )

    (problem,) = guide.problems
    assert (problem.title, problem.lines.first) == ("Token of the scanner", 1)
    assert [item.text for item in problem.causes] == ["It expired."]


def test_errors_announced_by_a_condition_are_symptoms_of_the_section() -> None:
    guide = read("## Labels are wrong\n\nIf you see errors like:\n\n- `ribbon: not found`\n- `ribbon: wrong colour`\n")

    (problem,) = guide.problems
    assert problem.title == "Labels are wrong"
    assert [one.text for one in guide.signatures] == ["ribbon: not found", "ribbon: wrong colour"]


def test_kinds_of_failure_under_a_problem_are_its_causes() -> None:
    guide = read(
        "# BeltDown\n\n## Diagnosis\n\nLook at the motor.\n\nCommon failure modes:\n\n* Fuse is blown or missing\n* No power\n\n## Mitigation\n\nCall us.\n"
    )

    (problem,) = guide.problems
    assert [item.text for item in problem.causes] == ["Fuse is blown or missing", "No power"]


def test_the_name_of_its_alert_is_a_sign_of_a_problem_and_no_second_one() -> None:
    guide = read(
        "## Runbook: high error rate\n\n### Details\n- **Alert Name**: DepotErrorRateHigh\n\n### Resolution\n\nRestart the depot.\n"
    )

    assert [one.title for one in guide.problems] == ["high error rate"]
    assert [one.text for one in guide.signatures] == ["DepotErrorRateHigh"]


def test_a_quoted_thing_in_a_title_is_no_message() -> None:
    guide = read(
        '# FAQ\n\n## The "export" button does not work\n\nReload.\n\n## Login fails with "clock is off"\n\nSet it.\n'
    )

    assert [one.text for one in guide.signatures] == ["clock is off"]


def test_the_same_words_close_by_are_one_signature() -> None:
    guide = read('## "ribbon is torn"\n\nYou see `error: ribbon is torn` or "ribbon is torn" on the panel.\n')

    assert [one.text for one in guide.signatures] == ["ribbon is torn", "error: ribbon is torn"]


def test_a_bound_may_go_over_the_end_of_a_line() -> None:
    guide = read(
        "# BeltHot\n\n## Meaning\n\nThe alert fires when the belt is warmer than\n80 °C for more than\n5 minutes.\n"
    )

    assert [(one.line, one.relation, one.value, one.unit, one.duration) for one in guide.thresholds] == [
        (6, ">", 80, "°C", "5 minutes")
    ]


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("The belt moves at less than 0.5 m/s.", [("<", 0.5, "")]),
        ("Der Druck liegt unter 0,8 bar.", [("<", 0.8, "bar")]),
        ("General failure: 8 attempt to write", []),
        ("Au moins 3,5 Go de mémoire", [(">=", 3.5, "GB")]),
        ("At most 500 parcels per batch", [("<=", 500, "")]),
    ],
)
def test_numbers_are_read_with_the_unit_that_stands_there(text: str, wanted: list[tuple[str, float, str]]) -> None:
    guide = read(f"## Belt fails\n\n{text}\n")

    assert [(one.relation, one.value, one.unit) for one in guide.thresholds] == wanted


def test_what_stands_in_an_indented_box_is_no_code() -> None:
    guide = read('# FAQ\n\n??? failure "Belt stops"\n\n    Press reset and wait.\n\nAll else is well.\n')

    (problem,) = guide.problems
    assert (problem.title, problem.lines.last) == ("Belt stops", 5)
    assert guide.fences == ()
    assert guide.roles[6] is Role.PROSE


@pytest.mark.parametrize(
    "text",
    [
        "If the problem persists:\n\n1. Call us.\n",
        "如果问题持续存在：\n\n1. 看日志\n",
        "If the probe fails, you will see:\n\n* a red lamp\n",
    ],
)
def test_what_only_leads_on_is_no_problem_of_its_own(text: str) -> None:
    assert read(f"## Help\n\n{text}").problems == ()
