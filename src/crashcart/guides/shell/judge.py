"""The judge: from the simple commands of a statement to their risk. Pure; what is not known is never a look."""

from __future__ import annotations

import re
from dataclasses import replace

from .languages import judge_language
from .model import HERE, Effect, Place, Risk, Where
from .names import SIBLINGS
from .naming import CMDLET, judge_by_verb, judge_cmdlet, target_of
from .programs import Arguments, Program, Sentence, arguments, programs
from .surroundings import holes_in, sends_secret, worse
from .tree import MAX_CHARS, MAX_PIPES, Arg, Script, Simple, read
from .verdict import Call, Judged, Verdict
from .words import deceit, is_lookalike, pasted, plain_dashes

MAX_JUDGED = 2_000  # simple commands in one statement, those in others included
MAX_NESTING = 8  # of commands in commands: sudo, bash -c, ssh, xargs

_PLACES = {"container": Place.CONTAINER, "pod": Place.POD, "host": Place.HOST}
# Folders whose programs are those of the system or of a virtual environment; elsewhere a name may be anything.
_BIN = re.compile(
    r"^(?:/usr/(?:local/)?|/opt/(?:[\w.\-]+/){1,4})?s?bin/|^/s?bin/|^(?:\./)?(?:\.?v?env|\.venv)/bin/|^(?:\./)?bin/(?=kafka|zk)|^(?:\./)?(?=gradlew$|mvnw$|manage\.py$)"
)
_JOINT = re.compile(r"\|\||&&|[;&|\n]")


def judge(
    text: str, *, where: Where = HERE, shadowed: frozenset[str] = frozenset()
) -> tuple[Script, tuple[Judged, ...]]:
    """Judge all simple commands of a statement. `shadowed`: names that the text around gives another meaning."""
    script = read(text)
    judging = _Judge(shadowed | frozenset(script.functions))
    parts = judging.script(script, where, 0)
    if script.is_broken:
        parts = (*parts, *judging.scraps(text[:MAX_CHARS], where, parts))
    if deceit(text):
        parts = (*parts, Judged((), "", "", "", where, Risk.CHANGES, deceit(text), is_known=False))
    return script, parts


def risk_of(effect: Effect, *, has_placeholder: bool, uses_secret: bool) -> Risk:
    """Return the class of one simple command.

    What changes something is named for that, whatever must be filled in first. Of what changes nothing, a placeholder
    goes before a secret. What neither looks nor keeps anything (USES) is not called read-only.
    """
    if effect is Effect.DESTROYS:
        return Risk.DATA_LOSS
    if effect is Effect.RESTARTS:
        return Risk.RESTARTS
    if effect is Effect.CHANGES:
        return Risk.CHANGES
    if has_placeholder:
        return Risk.PLACEHOLDER
    if uses_secret:
        return Risk.NEEDS_SECRET
    return Risk.READ_ONLY if effect is Effect.LOOKS else Risk.CHANGES


class _Judge:
    """One statement. `shadowed` are names that the statement itself gives another meaning."""

    def __init__(self, shadowed: frozenset[str]) -> None:
        self.shadowed = shadowed
        self.left = [MAX_JUDGED]  # shared with the judges of texts in the statement

    def script(self, script: Script, where: Where, depth: int) -> tuple[Judged, ...]:
        judged = tuple(self.simple(part, where, depth) for part in script.parts)
        if not script.is_broken:
            return judged
        broken = Judged((), "", "", "", where, Risk.CHANGES, f"not understood: {script.why}", is_known=False)
        return (*judged, broken)

    def scraps(self, text: str, where: Where, parts: tuple[Judged, ...]) -> tuple[Judged, ...]:
        """Return the worst of what stands between the joints of a text that is no shell, if the grammar has lost it."""
        pieces = _JOINT.split(text, MAX_PIPES)
        judged = [part for piece in pieces if piece.strip() for part in self.script(read(piece), where, 1)]
        lost = max((part.worst for part in judged), key=lambda part: part.own.rank, default=None)
        found = max((part.worst.own.rank for part in parts), default=0)
        return (lost,) if lost is not None and lost.own.rank > found else ()

    def text(self, text: str, where: Where, depth: int) -> tuple[Judged, ...]:
        if depth >= MAX_NESTING:
            return (_too_deep(where),)
        script = read(text)
        below = _Judge(self.shadowed | frozenset(script.functions))
        below.left = self.left
        return below.script(script, where, depth + 1)

    def simple(self, simple: Simple, where: Where, depth: int) -> Judged:
        # Every word costs: a command of a thousand words in one of a thousand words is a million.
        self.left[0] -= 1 + len(simple.args) // 10
        if self.left[0] < 0:
            return _too_deep(where)
        inner = tuple(
            self.simple(part, where, depth + 1) if depth < MAX_NESTING else _too_deep(where)
            for arg in (*simple.args, *(value for _, value in simple.assignments), *(r.to for r in simple.redirects))
            for part in arg.inner
        )
        args = tuple(_with_plain_dashes(arg) for arg in simple.args)
        simple = replace(simple, args=args)
        name, program, verdict, given = self.verdict(simple, where, depth)
        effect, why = worse(simple, verdict, name)
        holes = holes_in(simple, name, program)
        secret = (
            verdict.uses_secret or sends_secret(simple, name, given) or any(p.own is Risk.NEEDS_SECRET for p in inner)
        )
        if not args and simple.assignments and effect is Effect.LOOKS:
            secret = secret or any(pasted(f"{key}={value.text}") for key, value in simple.assignments)
        own = risk_of(effect, has_placeholder=bool(holes), uses_secret=secret)
        if own is Risk.PLACEHOLDER:
            why = f"{why}; {holes[0][:40]} must be filled in"
        elif own is Risk.NEEDS_SECRET:
            why = f"{why}; prints or sends a secret"
        target = verdict.target or target_of(program, given, verdict)
        below = (*inner, *verdict.inner)
        return Judged(
            args,
            name,
            verdict.subcommand,
            target,
            where,
            own,
            why,
            verdict.is_known,
            holes,
            secret,
            below,
            verdict.is_wrapper,
        )

    # -- one simple command

    def verdict(self, simple: Simple, where: Where, depth: int) -> tuple[str, Program | None, Verdict, Arguments]:
        """Return the program's name, its entry, what is thought of the call, and its words sorted."""
        nothing = Arguments((), (), ())
        if not simple.args:
            return "", None, _assigned(simple), nothing
        first, rest = simple.args[0], simple.args[1:]
        name = _BIN.sub("", first.text) if not first.is_dynamic else ""
        if first.is_dynamic or (re.search(r"[*?\[\]{}<>]", first.text) and first.text not in ("[", "[[")):
            return "", None, Verdict(Effect.CHANGES, "the program is not known before it runs", False), nothing
        if is_lookalike(name):
            return (
                name,
                None,
                Verdict(Effect.CHANGES, "the program's name has letters of another script", False),
                nothing,
            )
        program = None if name in self.shadowed else programs().get(name)
        if program is None:
            return name, None, _unknown(simple, name), nothing
        given = arguments(program, [arg.text for arg in rest])
        return name, program, self.known(program, simple, given, where, depth), given

    def known(self, program: Program, simple: Simple, given: Arguments, where: Where, depth: int) -> Verdict:
        rest = simple.args[1:]
        if len(rest) == 1 and rest[0].text in ("--help", "--version") and program.wraps is None:
            return Verdict(Effect.LOOKS, "says its version or how it is used")
        if program.wraps is not None:
            return self.wrapped(program, simple, given, where, depth)
        if program.language:
            return judge_language(program.language, self.call(program, simple, given, where, depth))
        rule = program.best(given)
        if rule is not None:
            says = _of_all_kinds(program, given, rule.says)
            return self.ruled(program, simple, given, where, depth, says, rule.positional)
        if not rest and program.alone is not None:
            return _said(program, given, program.alone)
        if simple.is_fed and program.piped is not None:
            return _said(program, given, program.piped)
        if program.has_verbs:
            return judge_by_verb(given)
        if program.default is not None:
            return _said(program, given, program.default)
        if not rest:
            return Verdict(Effect.LOOKS, "shows how it is used")
        return self.misplaced(program, given)

    def call(self, program: Program, simple: Simple, given: Arguments, where: Where, depth: int) -> Call:
        def shell(text: str, at: Where) -> tuple[Judged, ...]:
            return self.text(text, at, depth)

        def run(args: tuple[Arg, ...], at: Where) -> Judged:
            return self.run(args, simple, at, depth)

        return Call(program, simple.args[1:], given, simple, where, shell, run)

    def run(self, args: tuple[Arg, ...], simple: Simple, where: Where, depth: int) -> Judged:
        """Judge words as a command of their own, fed as the outer one is."""
        if depth >= MAX_NESTING or self.left[0] < 0:
            return _too_deep(where)
        # Their substitutions are judged with the outer command, in whose words they stand.
        words = tuple(replace(arg, inner=()) if arg.inner else arg for arg in args)
        below = Simple(words, (), (), simple.stdin, simple.is_fed, simple.is_background)
        return self.simple(below, where, depth + 1)

    def wrapped(self, program: Program, simple: Simple, given: Arguments, where: Where, depth: int) -> Verdict:
        """Judge what a wrapper (sudo, timeout, xargs) runs; by itself it only looks."""
        rest = simple.args[1:]
        skip = program.wraps or 0
        start = _first_word(program, rest, skip)
        # Only the options in front belong to the wrapper: `sudo -l`, but not `sudo ls -l`.
        rule = program.best(arguments(program, [arg.text for arg in rest[:start]]))
        if rule is not None and rule.options:
            return _said(program, given, rule.says)
        if start is None or not rest[start:]:
            return _said(program, given, program.default or Sentence("look", "runs nothing"))
        words = rest[start:]
        # xargs and parallel add words that the text does not show.
        if program.extra:
            words = (*words, Arg("$input", is_dynamic=True, is_quoted=True))
        if program.background:
            simple = replace(simple, is_background=True)
        if program.joins:
            text = " ".join(arg.text for arg in rest[start:])
            return Verdict(Effect.LOOKS, "runs a text", inner=self.text(text, where, depth), is_wrapper=True)
        while words and re.match(r"^\w+=", words[0].text):  # `sudo NAME=value program`
            words = words[1:]
        if not words:
            return Verdict(Effect.USES, "runs nothing")
        return Verdict(Effect.LOOKS, "runs a program", inner=(self.run(words, simple, where, depth),), is_wrapper=True)

    def ruled(
        self, program: Program, simple: Simple, given: Arguments, where: Where, depth: int, says: Sentence,
        positional: tuple[str, ...],
    ) -> Verdict:  # fmt: skip
        """Judge by the rule that fits best."""
        rest = simple.args[1:]
        count = len([word for word in positional if word != "*"]) if says.word != "exec" else len(positional)
        subcommand = " ".join(given.positional[:count]) if program.has_subs else ""
        behind = rest[given.places[count - 1] + 1 :] if count else rest
        match says.word:
            case "exec":
                return self.carried(program, simple, given, says, depth, behind, subcommand)
            case "wrap":
                start = _first_word(program, behind, 0)
                if start is None:
                    return Verdict(Effect.USES, "runs nothing", subcommand=subcommand)
                inner = self.run(behind[start:], simple, where, depth)
                return Verdict(Effect.LOOKS, says.reason, inner=(inner,), subcommand=subcommand, is_wrapper=True)
            case "as":
                inner = self.run((Arg(says.reason), *behind), simple, where, depth)
                return Verdict(
                    Effect.LOOKS, f"is {says.reason}", inner=(inner,), subcommand=subcommand, is_wrapper=True
                )
            case "sql":
                verdict = judge_language("sql", replace(self.call(program, simple, given, where, depth),
                                                        given=replace(given, positional=given.positional[count:])))  # fmt: skip
                return replace(verdict, subcommand=subcommand)
        return replace(_said(program, given, says), subcommand=subcommand)

    def carried(
        self, program: Program, simple: Simple, given: Arguments, says: Sentence, depth: int, behind: tuple[Arg, ...],
        subcommand: str,
    ) -> Verdict:  # fmt: skip
        """Judge what runs in a container or pod."""
        options = programs().get(f"{program.name} {subcommand}", program)
        start = _first_word(options, behind, 0)
        if start is None:
            return Verdict(Effect.CHANGES, "names no container or pod", False, subcommand=subcommand)
        place = Where(_PLACES[says.reason], behind[start].text)
        words = behind[start + 1 :]
        dashes = next((at for at, arg in enumerate(words) if arg.text == "--"), None)
        first = _first_word(options, words, 0)  # `kubectl exec pod -c name cmd`: options behind the name
        words = words[dashes + 1 :] if dashes is not None else words[first:] if first is not None else ()
        if not words:
            return Verdict(Effect.USES, f"opens a session in a {says.reason}", subcommand=subcommand, target=place.name)
        inner = self.run(words, simple, place, depth)
        return Verdict(
            Effect.LOOKS, f"runs a program in a {says.reason}", True, False, (inner,), subcommand, place.name
        )

    def misplaced(self, program: Program, given: Arguments) -> Verdict:
        """Judge a subcommand that the program does not have: by a program that has it, if that is worse."""
        word = given.positional[0] if given.positional else ""
        why = f"{program.name} has no subcommand {word[:40]} that is known"
        worst = Effect.CHANGES
        for other in SIBLINGS.get(program.name, ()):
            rule = programs()[other].best(given)
            if rule is not None and rule.says.effect > worst:
                worst, why = rule.says.effect, f"{why}; {other} has, which {rule.says.reason}"
        return Verdict(worst, why, False)


def _of_all_kinds(program: Program, given: Arguments, says: Sentence) -> Sentence:
    """Return the worst of what is said of the kinds that one command names: `delete pod/a pvc/a`, `delete pod,pvc a`."""
    if program.name not in ("kubectl", "oc") or len(given.positional) < 2:
        return says
    verb, *objects = given.positional
    kinds = [kind for word in objects if "/" in word or "," in word for kind in word.split(",")]
    worst = says
    for kind in kinds:
        rule = program.best(replace(given, positional=(verb, kind)))
        if rule is not None and rule.says.effect > worst.effect:
            worst = rule.says
    return worst


def _with_plain_dashes(arg: Arg) -> Arg:
    text = plain_dashes(arg.text)
    return arg if text == arg.text else replace(arg, text=text)


def _too_deep(where: Where) -> Judged:
    return Judged(
        (), "", "", "", where, Risk.CHANGES, "commands in commands, too deep or too many to judge", is_known=False
    )


def _assigned(simple: Simple) -> Verdict:
    if simple.assignments:
        return Verdict(Effect.LOOKS, "sets a variable of this shell")
    return Verdict(Effect.LOOKS, "runs nothing")


def _unknown(simple: Simple, name: str) -> Verdict:
    cmdlet = CMDLET.match(name)
    if cmdlet is not None:
        return judge_cmdlet(simple, name, cmdlet["verb"])
    if simple.is_background:
        return Verdict(Effect.RESTARTS, f"starts {name[:40]}, which is not known, in the background", is_known=False)
    what = "a script that is not shown" if "/" in name or name.endswith((".sh", ".py")) else "not a known program"
    return Verdict(Effect.CHANGES, f"{name[:40]}: {what}", is_known=False)


def _said(program: Program, given: Arguments, says: Sentence) -> Verdict:
    """Return what a sentence of the tables comes to; an option that is not known takes the look away."""
    strange = program.strange(given) if says.effect is Effect.LOOKS else ""
    if strange:
        return Verdict(
            Effect.CHANGES, f"{program.name}'s option {strange[:40]} is not known to be harmless", is_known=False
        )
    return Verdict(says.effect, says.reason, uses_secret=says.word == "secret")


def _first_word(program: Program, args: tuple[Arg, ...], skip: int) -> int | None:
    """Return where the wrapped command begins: behind the wrapper's options and `skip` words."""
    at = 0
    while at < len(args):
        text = args[at].text
        if text == "--":
            at += 1
            return at if at < len(args) else None
        if len(text) > 1 and text[0] == "-" and not args[at].is_dynamic:
            takes = text in program.values or (
                len(text) > 2
                and text[1] != "-"
                and "-" + text[-1] in program.values
                and len(text) == 3
                and not text[2].isdigit()
            )
            at += 2 if takes else 1
            continue
        if skip == 0:
            return at
        skip -= 1
        at += 1
    return None
