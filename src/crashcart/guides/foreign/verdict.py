"""Is a section a problem? What speaks for it, what it is otherwise, and why."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import Enum

from crashcart.guides.foreign.comparing import compared
from crashcart.guides.foreign.lexicon import Tables
from crashcart.guides.foreign.nouns import Part
from crashcart.guides.foreign.outline import BOLD_LEVEL, Element, Section, Sort
from crashcart.guides.foreign.text import title_of, unnumbered
from crashcart.guides.foreign.units import figures
from crashcart.guides.foreign.vocabulary import GENERIC, IMPERATIVES
from crashcart.guides.foreign.wording import (
    Label,
    asks_about_trouble,
    asks_how,
    is_alert_name,
    is_aside,
    is_error_text,
    is_question,
    is_step,
    is_trouble,
    label_of,
    names_page,
    promises_fix,
)


class Judged(Enum):
    """What a section is."""

    PROBLEM = "problem"
    PERHAPS = "problem unless it only holds others"
    PART = "part of the problem above"
    LIST = "list of problems"
    ASIDE = "aside"
    PROSE = "prose"


@dataclass(frozen=True, slots=True)
class Verdict:
    """`title` of the problem; `label` of the part; `evidence` in words."""

    judged: Judged
    title: str = ""
    label: Label | None = None
    evidence: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Around:
    """Where a section stands: under a problem, in a list of problems, in an aside, in a part of the problem above."""

    in_problem: bool = False
    in_list: bool = False
    in_aside: bool = False
    part: Part | None = None
    is_even: bool = False  # in a list of problems: nearly all beside it are, so what names no trouble is one as well
    are_messages: bool = False  # in a chapter of error messages: the titles are what is shown
    is_trial: bool = False  # what is found may be taken back: no second trial inside, they would double at every level


_TELLS = frozenset({Part.SYMPTOM, Part.MESSAGE, Part.IMPACT, Part.PROBLEM})
_HELPS = frozenset({Part.FIX, Part.CAUSE, Part.CHECK, Part.VERIFY, Part.ANSWER})
_PLURAL = re.compile(r"(?:errors|issues|problems|failures|exceptions|crashes|outages|incidents|alerts|codes|messages|timeouts|fehler|probleme|errores|problemas|erreurs|"
                     r"problèmes|erros|ошибки|проблемы|问题|错误)$", re.IGNORECASE)  # fmt: skip
_PLURALS = re.compile(
    r"\b(?:errors|issues|problems|failures|exceptions|incidents|alerts|questions|faults|troubleshooting|wrong)\b",
    re.IGNORECASE,
)
_NOUN_FAILS = re.compile(
    r"[\w-]+ (?:fails|hangs|crashes|freezes|loops?|errors?|failures?|issues?|problems?|timeouts?|times out|stuck|is|are|was|does|doesn['’]t|do not|don['’]t"
    r"|won['’]t|not|never|cannot|can['’]t|returns|takes|shows|gets|denied|refused|rejected|forbidden|exceeded|expired|lost|missing|exhausted|unavailable|too|slow|down|failed(?:$|:| (?:with|on|during|after|when|for|in|to|because)\b))",
    re.IGNORECASE,
)
_KIND_OF_PAGE = re.compile(
    r"^(?:runbook|playbook|guide|troubleshooting|alert|incident)\s*(?::|[-–—]\s)\s*", re.IGNORECASE
)
_QUOTED_TITLE = re.compile(
    r"(?:[\"“„«「`][^\"”“»」`]*\s[^\"”“»」`]*[\"”“»」`]\s*(?:errors?|exception|messages?)?|[「『].{3,}[」』])\s*[.:]?$",
    re.IGNORECASE,
)
LISTED = "stands in a list of problems"  # by itself: the title names no trouble
_SHOWN_INFO = frozenset({"", "text", "txt", "log", "logs", "console", "output", "plaintext", "none"})
_CODE_TITLE = re.compile(r"[A-Z]{1,8}[-_]?\d{2,6}")
# A title that is a sentence of how things are ("The picture stays black"); in a list of problems it is one.
_STATES = re.compile(
    r"^(?!what\b|who\b|where\b|this\b|how\b|if\b|when\b)\w.* (?:is|are|stays?|keeps?|shows?|displays?|becomes?|goes|turns|appears?|reports?|returns?|bleibt|zeigt|meldet|geht|reste|affiche|se queda|queda|muestra|aparece|fica|mostra|aparece|остаётся|остается|показывает) \S",
    re.IGNORECASE,
)
_SURE, _TIMES = 3, 3  # so many problems, and so many times those that name no trouble
_MESSAGES = re.compile(
    r"\b(?:error messages|fehlermeldungen|mensajes de error|mensagens de erro|messages d['’]erreur|messaggi di errore|сообщения об ошибках)\b|报错|错误信息|エラーメッセージ",
    re.IGNORECASE,
)
_IF = re.compile(r"^(?:if|when|wenn|falls|si|se|если|如果)\b", re.IGNORECASE)


def labels_in(section: Section, tables: Tables) -> frozenset[Part]:
    """Return the parts that labels and headings of a section announce, not those inside fences."""
    found = {
        element.part
        for element in section.elements
        if element.sort is Sort.LABEL and not element.fence and element.part
    }
    named = 0  # the level of a heading "Problem: ...": what stands beside it is its, not ours
    for child in section.children:
        label = label_of(child.raw, tables)
        is_named = label is not None and label.part in (Part.PROBLEM, Part.MESSAGE) and bool(label.rest)
        if named and label is not None and not is_named and child.level == named:
            continue
        named = child.level if is_named else 0
        if child.is_label:
            found.add(Part.PROBLEM)
        elif label is not None and not (label.part is Part.PROBLEM and label.rest):
            found.add(label.part)
    return frozenset(found)


def is_list_title(title: str) -> bool:
    """Whether a title has no words but those of a list of problems."""
    words = re.findall(r"[\w'-]+", title.casefold())
    return len(words) > 1 and all(word in GENERIC for word in words) and _PLURALS.search(title) is not None


def is_imperative(words: str) -> bool:
    """Whether words tell what to do; "Update fails" does not."""
    first = re.match(r"[\w-]+", words)
    return first is not None and first.group().casefold() in IMPERATIVES and not _NOUN_FAILS.match(words)


def judge(section: Section, around: Around, tables: Tables) -> Verdict:
    """Say what a section is."""
    label = label_of(section.raw, tables)
    if section.is_label:
        return _judge_marked(section, tables)
    if label is not None:
        verdict = _judge_label(section, label, around, tables)
        if verdict is not None:
            return verdict
    title = section.title
    if is_step(section.raw):
        return Verdict(Judged.PART, title)
    parts = labels_in(section, tables)
    evidence = _evidence(title, parts, tables)
    has_labels = _has_labels(parts) or (Part.SYMPTOM in parts and _has_steps(section))
    if has_labels:
        title = _KIND_OF_PAGE.sub("", title) or title
    if has_labels and not (around.in_problem and around.part in (Part.FIX, Part.VERIFY, Part.PREVENTION, Part.NOTE)):
        return Verdict(Judged.PROBLEM, title, evidence=evidence)
    if is_list_title(title) or (names_page(title, tables) and not around.in_problem):
        return Verdict(Judged.LIST, title)
    if is_alert_name(title) and _has_body(section) and not around.in_problem and not around.in_aside:
        return Verdict(Judged.PROBLEM, title, evidence=evidence)
    if is_aside(title, tables) and not is_trouble(title, tables):
        return Verdict(Judged.ASIDE, title)
    asks_why = asks_about_trouble(title) and (is_question(title) or around.in_list)
    if (asks_how(title) or is_imperative(title)) and not (asks_why and is_question(title)):
        return Verdict(Judged.PART if around.in_problem else Judged.PROSE, title)
    if not _has_body(section):
        return Verdict(Judged.PROSE, title)
    is_wrong = is_trouble(title, tables) or promises_fix(title) or asks_why or (around.in_list and _claims(title))
    if is_wrong and not (around.in_aside and not is_error_text(title)):
        if around.in_problem and around.part in (Part.NOTE, Part.PREVENTION, Part.VERIFY, Part.SYMPTOM, Part.CAUSE):
            return Verdict(Judged.PART, title)
        return Verdict(Judged.PERHAPS, _KIND_OF_PAGE.sub("", title) or title, evidence=evidence)
    if _is_quoted(section.raw) and not around.in_aside:
        return Verdict(Judged.PERHAPS, title, evidence=("quoted text as title",))
    if around.in_list and (_CODE_TITLE.fullmatch(title) or (_STATES.search(title) and not is_question(title))):
        return Verdict(Judged.PERHAPS, title, evidence=(LISTED,))
    if (
        around.in_list
        and not around.in_aside
        and not is_question(title)
        and (around.is_even or _tells_trouble(section, tables))
    ):
        return Verdict(Judged.PERHAPS, title, evidence=(LISTED,))
    return Verdict(Judged.PART if around.in_problem else Judged.PROSE, title)


def are_even(sections: Sequence[Section], around: Around, tables: Tables) -> bool:
    """Whether of the sections of a list so many are problems by themselves that the others are as well."""
    if not around.in_list or around.in_aside or around.in_problem:
        return False
    sure = _problems(sections, around, tables)
    return sure >= _SURE and sure >= _TIMES * (_problems(sections, replace(around, is_even=True), tables) - sure)


def _problems(sections: Sequence[Section], around: Around, tables: Tables) -> int:
    return sum(judge(section, around, tables).judged in (Judged.PROBLEM, Judged.PERHAPS) for section in sections)


def names_messages(title: str) -> bool:
    """Whether a title is that of a chapter whose titles are the messages themselves."""
    return _MESSAGES.search(title) is not None


def judge_root(root: Section, tables: Tables, name: str) -> Verdict:
    """Say what a document is that has text before any heading, or no heading at all."""
    parts = labels_in(root, tables)
    headings = [child for child in root.children if child.level <= BOLD_LEVEL]
    is_one = all(_is_part(child, tables) for child in headings)
    if is_one and _has_labels(parts):
        return Verdict(Judged.PROBLEM, name or _first_words(root), evidence=_evidence(name, parts, tables))
    return Verdict(Judged.PROSE)


def _is_part(section: Section, tables: Tables) -> bool:
    label = label_of(section.raw, tables)
    is_named = label is not None and label.part in (Part.PROBLEM, Part.MESSAGE) and bool(label.rest)
    return (label is not None and not is_named and label.part is not Part.PROBLEMS) or is_aside(section.title, tables)


def _first_words(root: Section) -> str:
    """Return what a document without a title begins with."""
    said = [element.text for section in (root, *root.children) for element in section.elements if element.text]
    return title_of(said[0])[:80] if said else "A problem without a title"


def may_gather(section: Section, tables: Tables) -> bool:
    """Whether a section may be a list of problems: a plural title or the document's, over headings that are no labels."""
    has_headings = any(label_of(child.raw, tables) is None for child in section.children)
    return has_headings and (bool(_PLURAL.search(section.title)) or section.level <= 1)


def only_gathers(section: Section) -> bool:
    """Whether a section that holds problems is nothing but their list: a plural title, or the document's."""
    return bool(_PLURAL.search(section.title)) or section.level <= 1 or not _says_something(section)


def _judge_marked(section: Section, tables: Tables) -> Verdict:
    """Judge what "Problem: ..." or "Q: ..." opens in the text."""
    is_question = section.title.rstrip().endswith(("?", "\uff1f"))
    if is_question and asks_how(section.title) and not is_trouble(section.title, tables):
        return Verdict(Judged.PROSE, section.title)
    return Verdict(Judged.PROBLEM, section.title, evidence=("label names a problem",))


def _judge_label(section: Section, label: Label, around: Around, tables: Tables) -> Verdict | None:
    rest = title_of(label.rest) if label.rest else ""
    if label.part in (Part.PROBLEM, Part.MESSAGE) and rest:
        if around.in_aside and not _has_body(section):
            return Verdict(Judged.PROSE, rest)
        return Verdict(Judged.PROBLEM, rest, label, ("label names a problem",))
    if label.part is Part.SYMPTOM and rest and (not around.in_problem or labels_in(section, tables) & _HELPS):
        return Verdict(Judged.PROBLEM, rest, label, ("label names a symptom",))
    if label.part is Part.SEVERITY and rest and is_trouble(rest, tables):
        return Verdict(Judged.PROBLEM, section.title, label, ("label gives a severity", "negative wording"))
    if label.part is Part.PROBLEMS:
        parts = labels_in(section, tables)
        if _has_labels(parts) and not around.in_problem and Part.PROBLEM not in parts:
            return Verdict(Judged.PROBLEM, rest or section.title, evidence=_evidence(rest, parts, tables))
        return Verdict(Judged.LIST, section.title, label)
    if label.part is Part.PROBLEM and not around.in_problem:
        return Verdict(Judged.LIST, section.title, label)
    if label.part is Part.MESSAGE and not around.in_problem and names_messages(section.title) and section.children:
        return Verdict(Judged.LIST, section.title, label)
    if rest and label.part not in (Part.FIX, Part.CAUSE, Part.CHECK, Part.VERIFY, Part.SYMPTOM, Part.PREVENTION):
        return None  # "Status - what we measure": no label after all
    return Verdict(Judged.PART, rest, label)


def _has_steps(section: Section) -> bool:
    """Whether numbered steps stand directly in a section: what to do about the symptom above them."""
    return (
        sum(element.sort is Sort.ITEM and element.number > 0 and not element.fence for element in section.elements) >= 2
    )


def _has_labels(parts: frozenset[Part]) -> bool:
    return bool(parts & _TELLS and parts & _HELPS) or {Part.CAUSE, Part.FIX} <= parts


def _evidence(title: str, parts: frozenset[Part], tables: Tables) -> tuple[str, ...]:
    found = []
    if _has_labels(parts):
        found.append("labels: " + ", ".join(sorted(part.value for part in parts & (_TELLS | _HELPS))))
    if is_alert_name(title):
        found.append("alert name")
    elif is_error_text(title):
        found.append("error text in the title")
    elif is_trouble(title, tables):
        found.append("negative wording")
    elif asks_about_trouble(title):
        found.append("asks why, or what to do")
    elif _claims(title):
        found.append("a number is passed")
    return tuple(found)


def _claims(title: str) -> bool:
    """Whether a title says that a number is passed ("The queue exceeds 500 messages")."""
    return any(compared(title, figure) in (">", ">=", "<") for figure in figures(title))


def _is_quoted(raw: str) -> bool:
    """Whether a title is nothing but quoted text of several words."""
    return _QUOTED_TITLE.match(unnumbered(raw.strip("# \t"))) is not None


def _tells_trouble(section: Section, tables: Tables) -> bool:
    """Whether the first statements of a section name trouble, when its title does not."""
    said = [element.text for element in section.elements if element.text and not _is_code(element)][:4]
    return any(is_trouble(text, tables) for text in said)


def _is_code(element: Element) -> bool:
    """Whether an element is a fence of code: what a check prints when it fails is no trouble that the section names."""
    return element.sort is Sort.FENCE and element.info.split(" ")[0].strip("{}.").casefold() not in _SHOWN_INFO


def _has_body(section: Section) -> bool:
    return _says_something(section) or bool(section.children)


def _says_something(section: Section) -> bool:
    return any(element.sort is not Sort.GAP for element in section.elements)


def is_branch_title(title: str) -> bool:
    """Whether a title is a condition ("If the disk is full")."""
    return _IF.match(title) is not None
