"""`python -m crashcart_lab.strangers`: up, parts, client, break, heal, down, find, drill, minutes."""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from pathlib import Path

from crashcart_lab.errors import LabError
from crashcart_lab.strangers.bed import Bed, missing
from crashcart_lab.strangers.budget import BUDGET
from crashcart_lab.strangers.flows import FLOWS
from crashcart_lab.strangers.found import compare
from crashcart_lab.strangers.fronted import FRONTED
from crashcart_lab.strangers.judged import Outcome, as_data, has_passed, table
from crashcart_lab.strangers.minutes import Stage, minutes
from crashcart_lab.strangers.newcomer import Newcomer, install
from crashcart_lab.strangers.queue import QUEUE
from crashcart_lab.strangers.site import SITE
from crashcart_lab.strangers.stranger import Break, Stranger

STRANGERS: dict[str, Stranger] = {one.name: one for one in (FRONTED, BUDGET, QUEUE, SITE, FLOWS)}


def main() -> int:
    """Do one thing to one stranger, or to all."""
    asked = _arguments()
    lacks = missing()
    if lacks:
        print(f"not installed on this machine: {lacks}", file=sys.stderr)
        return 2
    names = list(STRANGERS) if asked.name == "all" else [asked.name]
    try:
        if asked.verb == "minutes":
            return _minutes([(STRANGERS[name], Bed(asked.work.resolve(), name)) for name in names], asked)
        codes = [_one(asked.verb, STRANGERS[name], Bed(asked.work.resolve(), name), asked) for name in names]
    except LabError as error:
        print(f"error: {error.what}\n  {error.hint}", file=sys.stderr)
        return 2
    return max(codes)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="crashcart-strangers", description=__doc__)
    parser.add_argument("verb", choices=("up", "parts", "client", "break", "heal", "down", "find", "drill", "minutes"))
    parser.add_argument("name", choices=("all", *STRANGERS))
    parser.add_argument("fault", nargs="?", default="")
    parser.add_argument("--work", type=Path, required=True, help="the folder that holds them")
    parser.add_argument(
        "--crashcart", default=str(Path(sys.executable).parent / "crashcart"), help="the program to try"
    )
    parser.add_argument("--wheel", type=Path, help="minutes: install this one first, and count the seconds")
    parser.add_argument("--json", type=Path, help="minutes: write the outcomes to this file")
    return parser.parse_args()


def _one(verb: str, stranger: Stranger, bed: Bed, asked: argparse.Namespace) -> int:
    if verb == "up":
        bed.make(stranger.packages)
        stranger.start(bed)
        print(f"{stranger.name}: up in {bed.project}")
    elif verb == "down":
        bed.stop_all()
    elif verb == "parts":
        for part in stranger.parts(bed):
            print(f"{stranger.name}: {part.name} ({' or '.join(part.kinds)}) {part.mark}")
    elif verb == "client":
        saw = stranger.client(bed)
        print(f"{stranger.name}: {'well' if saw.is_ok else 'broken'}: {saw.words}")
        return 0 if saw.is_ok else 1
    elif verb == "find":
        return _find(stranger, bed, asked.crashcart)
    elif verb == "drill":
        chosen = [one for one in stranger.breaks if asked.fault in ("", one.name)]
        return max(_drill(stranger, one, bed, asked.crashcart) for one in chosen)
    else:
        broken = next((one for one in stranger.breaks if one.name == asked.fault), None)
        if broken is None:
            names = ", ".join(one.name for one in stranger.breaks)
            raise LabError(f'{stranger.name} has no fault "{asked.fault}"', hint=names)
        (broken.cause if verb == "break" else broken.heal)(bed)
        print(f"{stranger.name}: {broken.truth} ({broken.part})" if verb == "break" else f"{stranger.name}: healed")
    return 0


def _find(stranger: Stranger, bed: Bed, program: str) -> int:
    """Let `init` look, and compare what it writes with what is there."""
    (bed.project / "crashcart.toml").unlink(missing_ok=True)
    subprocess.run([program, "init", str(bed.project), "--yes"], check=False, stdout=subprocess.DEVNULL)
    result = compare(bed.project / "crashcart.toml", stranger.parts(bed))
    print(f"{stranger.name}: {len(result.found)} of {len(stranger.parts(bed))} found", end="")
    print(f"; missed: {', '.join(result.missed) or 'none'}; invented: {', '.join(result.invented) or 'none'}")
    return 0 if not result.missed and not result.invented else 1


def _drill(stranger: Stranger, broken: Break, bed: Bed, program: str) -> int:
    """Break it, see that a client suffers, let `init` look in the middle of it, heal it, see that the client is well."""
    broken.cause(bed)
    try:
        ill = stranger.client(bed)
        print(f"{broken.name}: a client sees {ill.words}")
        _find(stranger, bed, program)
    finally:
        broken.heal(bed)
    saw = [stranger.client(bed)]
    if not saw[0].is_ok:  # a pool that lost its connections learns it by one failed request
        saw.append(stranger.client(bed))
    if ill.is_ok or not saw[-1].is_ok:
        print(f"{broken.name}: no break: broken {not ill.is_ok}, healed {saw[-1].is_ok} ({saw[-1].words})")
        return 1
    return 0


def _minutes(chosen: list[tuple[Stranger, Bed]], asked: argparse.Namespace) -> int:
    """Let a newcomer meet each break, and hold what they are told against the truth."""
    outcomes: list[Outcome] = []
    for stranger, bed in chosen:
        bed.make(stranger.packages)
        program, install_s = Path(asked.crashcart).absolute(), 0.0
        if asked.wheel is not None:
            program, install_s = install(asked.wheel.resolve(), bed.root / "crashcart")
        newcomer = Newcomer(program, bed.project, bed.root / "state", install_s)
        try:
            for broken in (one for one in stranger.breaks if asked.fault in ("", one.name)):
                for outcome in minutes(Stage(stranger, bed, newcomer), broken):
                    outcomes.append(outcome)
                    print(f"{bed.name} {broken.name}, init {outcome.init}: {outcome.word}", file=sys.stderr)
        finally:
            bed.stop_all()
    print(table(outcomes), end="")
    if asked.json is not None:
        asked.json.write_text(json.dumps(as_data(outcomes), indent=1) + "\n")
    return 0 if has_passed(outcomes) else 1


if __name__ == "__main__":
    sys.exit(main())
