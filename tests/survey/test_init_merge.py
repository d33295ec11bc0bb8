"""Running init again: what people changed stands, what is new comes, what is gone is marked."""

from __future__ import annotations

import tomllib
from dataclasses import replace

from crashcart.survey.finding.merge import merge
from crashcart.survey.finding.parts import Part, Said, Sure, Survey
from crashcart.survey.finding.write import system_text


def _said(value: str, how: str = "it was seen") -> Said:
    return Said(value, how, Sure.SURE)


_API = Part("api", "http", "uvicorn is running", Sure.SURE, {"url": _said("http://127.0.0.1:8000")}, (_said("db"),))
_DB = Part("db", "sqlite", "uvicorn has it open", Sure.SURE, {"path": _said("shop.db")})
_CACHE = Part("cache", "redis", "a setting names it", Sure.LIKELY, {"url": _said("redis://127.0.0.1:6379")})
_SURVEY = Survey(_said("shop"), None, (_API, _DB))


def _table(text: str, name: str) -> dict[str, object]:
    table = tomllib.loads(text)["targets"][name]
    assert isinstance(table, dict)
    return table


def test_the_same_findings_change_not_a_byte():
    text = system_text(_SURVEY)

    merged = merge(text, _SURVEY)

    assert merged.text == text
    assert (merged.new, merged.gone, merged.kept) == ((), (), ())


def test_every_line_of_a_target_says_how_it_was_found_and_how_sure():
    lines = [
        line for line in system_text(_SURVEY).splitlines() if line and not line.startswith(("#", "kind", "[system]"))
    ]

    assert all("# sure: " in line or "# likely: " in line or "# guess: " in line for line in lines)


def test_what_people_wrote_stands():
    """Values, comments, order and keys that init knows nothing of."""
    text = system_text(_SURVEY).replace('"http://127.0.0.1:8000"', '"http://shop.local:80"')
    text = text.replace('path = "shop.db"', 'timezone = "UTC"  # we asked ops\npath = "shop.db"')

    merged = merge(text, _SURVEY)

    assert _table(merged.text, "api")["url"] == "http://shop.local:80"
    assert 'timezone = "UTC"  # we asked ops' in merged.text
    assert "changed by hand; init finds 'http://127.0.0.1:8000'" in merged.text
    assert merged.kept == ("api: url",)
    assert merge(merged.text, _SURVEY).text == merged.text


def test_a_comment_of_a_person_is_left_alone():
    text = system_text(_SURVEY)
    line = next(line for line in text.splitlines() if line.startswith("url"))
    changed = text.replace(line, 'url = "http://shop.local"  # behind the balancer')

    assert 'url = "http://shop.local"  # behind the balancer' in merge(changed, _SURVEY).text


def test_a_new_part_is_added_and_wired_to_those_who_need_it():
    survey = replace(_SURVEY, parts=(replace(_API, depends=(_said("cache"), _said("db"))), _DB, _CACHE))

    merged = merge(system_text(_SURVEY), survey)

    assert merged.new == ("cache",)
    assert _table(merged.text, "cache")["kind"] == "redis"
    assert _table(merged.text, "api")["depends"] == ["db", "cache"]


def test_a_vanished_part_is_marked_and_never_deleted():
    merged = merge(system_text(_SURVEY), replace(_SURVEY, parts=(replace(_API, depends=()),)))

    assert merged.gone == ("db",)
    assert "[targets.db] # not found any more; before that sure: uvicorn has it open" in merged.text.replace(
        "  #", " #"
    )
    assert _table(merged.text, "db")["path"] == "shop.db"
    assert "not found any more" not in merge(merged.text, _SURVEY).text


def test_a_target_that_a_person_wrote_is_not_called_vanished():
    text = system_text(_SURVEY) + '\n[targets.far]\nkind = "http"\nurl = "https://far.example"\n'

    merged = merge(text, _SURVEY)

    assert merged.gone == ()
    assert merged.text == text


def test_a_part_that_people_renamed_is_known_by_where_it_is():
    text = system_text(_SURVEY).replace("[targets.api]", "[targets.frontdoor]")

    merged = merge(text, _SURVEY)

    assert (merged.new, merged.gone) == ((), ())
    assert sorted(tomllib.loads(merged.text)["targets"]) == ["db", "frontdoor"]


def test_two_parts_never_get_one_name():
    other = replace(_API, keys={"url": _said("http://127.0.0.1:9000")}, depends=())
    text = system_text(replace(_SURVEY, parts=(other,))).replace('kind = "http"', 'kind = "tcp"')

    merged = merge(text, replace(_SURVEY, parts=(replace(_API, depends=()),)))

    assert len(tomllib.loads(merged.text)["targets"]) >= 1
    assert tomllib.loads(merged.text)["targets"]["api"]["kind"] == "tcp"


def test_text_from_outside_cannot_leave_its_line():
    """File names and command lines come from elsewhere: a line break in one must not become TOML."""
    how = 'x\n[targets.evil]\nkind = "http"'
    part = Part("api", "worker", how, Sure.SURE, {"command": Said('a"b\n', how, Sure.SURE)})

    text = system_text(Survey(_said("shop"), None, (part,)))

    assert list(tomllib.loads(text)["targets"]) == ["api"]
    assert _table(text, "api")["command"] == 'a"b\n'
