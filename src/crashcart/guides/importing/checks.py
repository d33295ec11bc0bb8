"""Statements of a foreign guide as checks, where they mean one for certain; else by hand, with the reason."""

from __future__ import annotations

from dataclasses import dataclass

from crashcart.guides.complaints import Rejected
from crashcart.guides.foreign.nouns import ForeignGuide, Meaning, Origin, Role, Signature, Threshold
from crashcart.guides.grammar import parse_check
from crashcart.guides.names import Meaning as Stands
from crashcart.guides.names import Name, Scope
from crashcart.model.guide import UNITS
from crashcart.model.spec import Catalogue

from . import safe
from .looks import Look, Reason, Subject, look_of
from .steps import Piece, by_hand

_SIZES = ("B", "kB", "KB", "MB", "GB", "KiB", "MiB", "GiB")
_FEWEST = 5  # letters and digits that a text must have to be told from any other line of a log
_LEVELS = frozenset(("ERROR", "WARN", "WARNING", "INFO", "DEBUG", "FATAL", "CRITICAL"))
_SHOWN = (Role.SYMPTOM, Role.TITLE, Role.LABEL, Role.CAUSE, Role.CHECK, Role.PROSE)


@dataclass(frozen=True, slots=True)
class Line:
    """One item of a draft's list; `look` is the check in it, "" when a person does it, `why` then says why."""

    text: str
    piece: Piece
    look: str = ""
    why: str = ""


@dataclass(frozen=True, slots=True)
class Reader:
    """Turns statements into items. `kind` is that of the target that the guide is for."""

    guide: ForeignGuide
    catalogue: Catalogue
    kind: str
    about: Subject

    def symptom(self, piece: Piece, signatures: list[Signature], thresholds: list[Threshold]) -> Line:
        """Return a symptom: its signature as a log look, its threshold as a look at what is measured."""
        looks = [self.signature(signature) for signature in signatures]
        looks += [self.threshold(threshold) for threshold in thresholds]
        known = [look for look in looks if isinstance(look, Look)]
        if known:
            claim = known[0].text + (f" => {known[0].trouble}" if known[0].trouble else "")
            return Line(f"usually: {safe.bare(piece.text)} ({_where(piece)}) `{claim}`", piece, claim)
        reasons = [look.text for look in looks if isinstance(look, Reason)]
        return Line(by_hand(piece), piece, why=reasons[0] if reasons else "no look of ours can see what it says")

    def trouble(self, piece: Piece) -> Line:
        """Return what a guide looks at when something is wrong; what it would see there is not said."""
        look = self.command(piece)
        if isinstance(look, Reason):
            return Line(by_hand(piece), piece, why=look.text)
        claim = f"{look.text} => {look.trouble}"
        words = safe.bare(piece.text, 200)
        return Line(f"sometimes: {words} ({_where(piece)}; what it shows is assumed) `{claim}`", piece, claim)

    def well(self, piece: Piece) -> Line:
        """Return what shows that all is well again."""
        look = self.command(piece)
        if isinstance(look, Reason):
            return Line(by_hand(piece), piece, why=look.text)
        claim = f"{look.text} => {look.well}"
        return Line(f"`{claim}` {safe.bare(piece.text, 200)} ({_where(piece)})", piece, claim)

    def command(self, piece: Piece) -> Look | Reason:
        """Return the look that a statement is, when it is nothing but one command."""
        if piece.command is None:
            return Reason("words that name no command")
        if piece.block:
            return Reason("a block of several commands, or code")
        look = look_of(piece.command, self.about)
        return self.fitting(look) if isinstance(look, Look) else look

    def signature(self, signature: Signature) -> Look | Reason:
        """Return the look for a text that the system writes."""
        if signature.is_healthy:
            return Reason("the text is that of a system that is well")
        if signature.origin is Origin.STATUS:
            return Reason("which address answers with that status is not said")
        if signature.origin is Origin.ALERT:
            return Reason("no look of ours asks an alert manager")
        if safe.said_chars(signature.text) < _FEWEST or signature.text.strip() in _LEVELS:
            return Reason("the text is too short to be told from others")
        return self.fitting(Look(f"log {{self}} {safe.logged(signature.text)}", "", "unseen"))

    def threshold(self, threshold: Threshold) -> Look | Reason:
        """Return the look for a number, when it is certain what is measured."""
        if threshold.meaning is not Meaning.ALARM:
            return Reason(f"the number is no alarm but {threshold.meaning.value}")
        metric = threshold.metric.casefold()
        unit = threshold.unit.replace("KB", "kB")
        if "memory" in metric and threshold.unit in _SIZES and unit in UNITS:
            claim = f"memory {threshold.relation} {_number(threshold.value)} {unit}"
            return self.fitting(Look("process {self}", claim, f"not {claim}"))
        if threshold.metric.count("_") >= 2 and threshold.metric.islower() and not threshold.unit:
            claim = f"value {threshold.relation} {_number(threshold.value)}"
            return self.fitting(Look(f"metric {{self}} {safe.logged(threshold.metric)}", claim, claim))
        return Reason("what exactly is measured, and where, is not said")

    def fitting(self, look: Look) -> Look | Reason:
        """Return the look when our compiler takes it: with its holes, else with holes that name nothing."""
        for text in (look.text, safe.unbound(look.text)):
            whole = f"{text} => {look.trouble}" if look.trouble else text
            try:
                parse_check(whole, _scope(self.catalogue, self.kind), line=1, column=1)
            except Rejected as rejected:
                told = rejected
                continue
            return Look(text, look.trouble, look.well, look.is_health)
        return Reason(f"our grammar cannot say it: {safe.words(told.what, 120)}")


def signs_at(guide: ForeignGuide, problem: str) -> list[Signature]:
    """Return the signatures of a problem that show it, and not what a remedy would write."""
    return [
        sign
        for sign in guide.signatures
        if sign.problem == problem and not sign.is_healthy and _shows(sign, guide.roles[sign.line - 1])
    ]


def _shows(sign: Signature, role: Role) -> bool:
    """Whether text in such a place shows the problem; output under no label does, a note about it does not."""
    return role in _SHOWN or (role is Role.NOTE and sign.origin is Origin.OUTPUT)


def _scope(catalogue: Catalogue, kind: str) -> Scope:
    return Scope(catalogue, {"self": Name(Stands.TARGET, kind, is_one=True)})


def _where(piece: Piece) -> str:
    return f"line {piece.lines.first}"


def _number(value: float) -> str:
    return f"{value:.6f}".rstrip("0").rstrip(".")
