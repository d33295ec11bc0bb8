"""A diagnosis as JSON: versioned, sorted keys, every reason with its place."""

from __future__ import annotations

import msgspec

from crashcart.model.diagnosis import Diagnosis, NextLook, Ranked, Reason
from crashcart.model.net import Finding, Net, Source
from crashcart.model.system import System
from crashcart.report.text import fact
from crashcart.report.words import headline, likely

VERSION = 1

Json = None | bool | int | float | str | list["Json"] | dict[str, "Json"]


def to_json(diagnosis: Diagnosis, net: Net, system: System) -> bytes:
    """Return the document, indented, with a newline at the end. `v` is the version of its shape."""
    document: dict[str, Json] = {
        "v": VERSION,
        "system": system.name,
        "environment": system.environment,
        "now": diagnosis.now.isoformat(),
        "onset": diagnosis.onset.isoformat() if diagnosis.onset else None,
        "onset_is_told": diagnosis.onset_is_told,
        "complaint": diagnosis.complaint,
        "verdict": diagnosis.verdict.value,
        "stop": diagnosis.stop.value,
        "headline": headline(diagnosis),
        "p_nothing": diagnosis.p_nothing,
        "p_unknown": diagnosis.p_unknown,
        "given": [{"text": given.text, "target": given.target} for given in diagnosis.given],
        "problems": [{"problem": problem, "finding": _finding(finding)} for problem, finding in diagnosis.problems],
        "causes": [_ranked(ranked, net) for ranked in diagnosis.ranked],
        "would_decide": [_next(entry) for entry in diagnosis.would_decide],
        "unseen": [_finding(finding) for finding in diagnosis.unseen],
        "looks_taken": diagnosis.looks_taken,
        "rounds": [[_next(entry) for entry in taken.looks] for taken in diagnosis.rounds],
        "notes": list(net.notes),
    }
    return msgspec.json.format(msgspec.json.encode(document, order="sorted"), indent=1) + b"\n"


def _ranked(ranked: Ranked, net: Net) -> Json:
    cause = next((entry for entry in net.causes if entry.id == ranked.cause), None)
    return {
        "cause": ranked.cause,
        "title": ranked.title,
        "target": ranked.target,
        "p": ranked.p,
        "likely": likely(ranked.p),
        "prior_decibans": ranked.prior_decibans,
        "reasons": [_reason(reason, net) for reason in ranked.reasons],
        "ruled_out_by": _finding(ranked.ruled_out_by) if ranked.ruled_out_by else None,
        "unseen": [_finding(finding) for finding in ranked.unseen],
        "fixes": list(cause.fixes) if cause else [],
    }


def _reason(reason: Reason, net: Net) -> Json:
    return {
        "fact": fact(reason, net),
        "finding": _finding(reason.finding),
        "decibans": reason.decibans,
        "is_applied": reason.is_applied,
        "sentence": reason.source.sentence,
        "source": _source(reason.source),
    }


def _finding(finding: Finding) -> Json:
    return {"check": finding.check, "truth": finding.truth.value, "saw": finding.saw}


def _source(source: Source) -> Json:
    return {"guide": source.guide, "path": source.path, "line": source.span.line, "column": source.span.column}


def _next(entry: NextLook) -> Json:
    return {
        "looks": [str(look) for look in entry.looks],
        "gain_bits": entry.gain_bits,
        "cost_s": entry.cost_s,
        "separates": list(entry.separates),
        "blocked_because": entry.blocked_because,
    }
