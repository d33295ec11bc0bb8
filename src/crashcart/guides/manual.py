"""The reference page of the guide language, from the tables that the compiler reads."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from crashcart.guides.codes import CODES, LINT_CODES
from crashcart.guides.words import (
    ACTION_LABELS,
    BUILT_IN_NAMES,
    CHECK_LABELS,
    FREQUENCIES,
    FRONT_KEYS,
    GUARDS,
    LABELS_OF_CAUSE,
    LABELS_OF_GUIDE,
    LABELS_OF_PROBLEM,
    LABELS_OF_TASK,
    LIKELIHOODS,
    NO_WORD,
    PER_WORDS,
    PRESENCES,
    QUANTS,
    RELATIONS,
    SHIFT_ELSE,
    STATS,
    UNIT_WORDS,
)
from crashcart.model.spec import LONGEST_WATCH_S

GRAMMAR = """\
check   = look [ "=>" claim { "and" claim } ] { ( "within" | "for" ) duration } [ "as" name ]
        | "ask" string [ "=>" [ "not" ] ( "yes" | "no" ) ] ;
look    = kind [ quantifier ] ref [ look-word ] { argument }
          [ "from" [ quantifier ] ref ] [ "over" duration | "since" ref [ "-" duration ] ] ;
claim   = [ "not" ] state
        | [ statistic ] field relation value
        | field ( "differs" | "absent" | "present" )
        | "not followed by" string "in" duration ;
value   = number [ unit ] | string | ref | word | field [ "of" ref ]
        | number "% of" ( field [ "of" ref ] | ref )
        | number "x" ( "usual" | field [ "of" ref ] | ref ) ;
action  = kind verb ref { argument } | "notify" string "after" duration ;
argument= word | string | ref | path | number [ unit ] | word relation ( value | "?" | "?secret" ) ;
ref     = "{" name { "." name } { "," name { "." name } } "}" ;
item    = [ "every" duration ":" ] [ likelihood [ ", else" likelihood ] ":" ] prose "`" ( check | action ) "`" prose ;
cause   = "### Cause:" ( title | link [ "with" "`" name "=" value { "," name "=" value } "`" ] )
          "{#" id { key "=" word } "}" "(" frequency ")" ;
"""


def language_page() -> str:
    """Return the page as Markdown."""
    lines = [
        "# The guide language",
        "",
        "Generated from the tables that the compiler reads.",
        "A guide is Markdown; what stands under a label runs, everything else is prose.",
        "",
        "## Structure",
        "",
        "| written | opens |",
        "|---|---|",
        "| `# Title` | the guide, once |",
        "| `## Title {#id}` | a problem; without an id, a section of prose |",
        "| `### Cause: title {#id} (common)` | a cause of the problem above |",
        "| `### Cause: [title](guide#id) {#id} (common)` | a cause that another guide describes |",
        "| `## Task: title {#id} (every 60 d)` | a routine |",
        "| `**Label**` and a list | what runs; a blank line stands before it |",
        "",
        "## Labels",
        "",
        "| where | labels |",
        "|---|---|",
        f"| guide | {_bold(LABELS_OF_GUIDE)} |",
        f"| problem | {_bold(LABELS_OF_PROBLEM)} |",
        f"| cause | {_bold(LABELS_OF_CAUSE)} |",
        f"| task | {_bold(LABELS_OF_TASK)} |",
        "",
        f"Lists of checks: {_bold(CHECK_LABELS)}.",
        f"Lists of actions: {_bold(ACTION_LABELS)}; their steps are numbered, and guards nested in them begin with "
        f"{', '.join(f'*{word}*' for word in GUARDS)}.",
        "An item may be `By hand: ...` instead, or a link to a task.",
        "",
        "## Grammar of a statement",
        "",
        "```ebnf",
        *GRAMMAR.splitlines(),
        "```",
        "",
        "## Words",
        "",
        f"- quantifiers: {_codes(QUANTS)}; *each* unless said",
        f"- relations: {_codes(RELATIONS)}",
        f"- statistics: {_codes(STATS)}; over time only `growth`, `min`, `mean` and `max` over at most "
        f"{LONGEST_WATCH_S:g} s can be told, by looks that watch; all else needs a history and stays unknown",
        f"- presence: {_codes(PRESENCES)}",
        f"- units: {_codes(UNIT_WORDS)}, and rates with {_codes(PER_WORDS)}",
        f"- names that always exist: {_codes('{' + name + '}' for name in BUILT_IN_NAMES)}",
        f"- front matter: {_codes(FRONT_KEYS)}",
        "",
        "## Likelihoods and frequencies",
        "",
        f"A likelihood is P(claim true | cause). An item without one is *{NO_WORD}*.",
        "`, else word` is P(claim true | cause absent); else the false alarm of the kind of look stands.",
        f"*rarely* and *never* are compared with *{SHIFT_ELSE}* unless `else` is said.",
        "A number may stand behind the word, or alone: `usually 0.8:`, `0.8:`.",
        "",
        "| likelihood | p |",
        "|---|---|",
        *_rows(LIKELIHOODS),
        "",
        "| frequency | a month, to one such target |",
        "|---|---|",
        *_rows(FREQUENCIES),
    ]
    return "\n".join(lines) + "\n"


def errors_page(others: Mapping[str, str]) -> str:
    """Return the page of all error codes; `others` are those that no guide has."""
    rows = [f"| `{code}` | {text} |" for code, text in sorted({**CODES, **LINT_CODES, **others}.items())]
    return (
        "\n".join(
            [
                "# Errors",
                "",
                "Generated. Codes are stable; texts may change.",
                "",
                "| code | means |",
                "|---|---|",
                *rows,
            ]
        )
        + "\n"
    )


def _bold(words: Iterable[str]) -> str:
    return ", ".join(f"**{word}**" for word in words)


def _codes(words: Iterable[str]) -> str:
    return ", ".join(f"`{word}`" for word in words)


def _rows(table: Mapping[str, float]) -> list[str]:
    return [f"| {word} | {number:g} |" for word, number in table.items()]
