"""A person at a terminal: yes or no, a name typed, values, secrets. Without one, every answer is no."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping, Sequence

import click

from crashcart.errors import UsageError
from crashcart.guides.show import show_plain
from crashcart.model.guide import UNITS
from crashcart.redact import fingerprint
from crashcart.report.plain import line, plain

_NUMBER = re.compile(r"(?P<value>\d+(?:\.\d+)?)\s*(?P<unit>[A-Za-z%]*)")


def given_values(texts: Sequence[str]) -> Mapping[str, str]:
    """Return what `--set NAME=VALUE` gave, by name.

    Raises:
        UsageError: one has no `=`.
    """
    found = {}
    for text in texts:
        name, is_there, value = text.partition("=")
        if not is_there:
            raise UsageError(f'"{name}" has no value', where="--set", hint="NAME=VALUE; of a secret NAME=env:VARIABLE")
        found[name.strip()] = value.strip()
    return found


def base_value(text: str) -> str:
    """Return a value as hands take it: a number with a unit in base units, everything else as it is."""
    found = _NUMBER.fullmatch(text.strip())
    if not found or not found["unit"] or found["unit"] not in UNITS:
        return text.strip()
    return show_plain(float(found["value"]) * UNITS[found["unit"]][1])


class Terminal:
    """Asks on standard error, so that standard output stays what was found. Keeps secrets for this process alone."""

    def __init__(self, *, may_ask: bool, values: Mapping[str, str]) -> None:
        self._may_ask = may_ask
        self._values = values
        self._secrets: dict[tuple[int, str], str] = {}

    def __repr__(self) -> str:
        return "Terminal()"

    def is_yes(self, text: str) -> bool:
        """Ask for a yes; anything else is no."""
        return self._may_ask and click.confirm(plain(text), default=False, err=True)

    def type_name(self, text: str) -> str:
        """Ask for a name to be typed."""
        return str(click.prompt(plain(text), default="", show_default=False, err=True)) if self._may_ask else ""

    def is_done(self, text: str) -> bool:
        """Have them do something by hand, and say whether it is done."""
        click.echo(f"  by hand: {line(text)}")
        return self.is_yes("  Is it done?")

    def answer(self, question: str) -> str:
        """Ask what only a person knows."""
        if not self._may_ask:
            return "do not know"
        choice = click.Choice(["yes", "no", "do not know"])
        return str(click.prompt(plain(question), type=choice, default="do not know", err=True))

    def value(self, step: int, name: str, *, is_secret: bool) -> tuple[str, str] | None:
        """Return a value that a plan asks for, and how it is shown; of a secret only the fingerprint leaves here."""
        if is_secret:
            secret = self._secret(step, name)
            return (fingerprint(secret), f"(a secret, {fingerprint(secret)})") if secret else None
        given = self._values.get(name)
        if given is None and self._may_ask:
            given = str(click.prompt(f"  step {step}: {name}", default="", show_default=False, err=True)) or None
        return (base_value(given), line(given)) if given is not None else None

    def secret(self, step: int, setting: str, fingerprint: str) -> str | None:
        """Return the secret value of a step, asked again after a crash."""
        return self._secret(step, setting)

    def tell(self, text: str) -> None:
        """Say what goes on."""
        click.echo(f"  {line(text)}", err=True)

    def _secret(self, step: int, name: str) -> str | None:
        if (step, name) not in self._secrets:
            found = self._given_secret(name)
            if found is None and self._may_ask:
                found = str(click.prompt(f"  step {step}: {name} (not shown)", hide_input=True, err=True))
            if found:
                self._secrets[step, name] = found
        return self._secrets.get((step, name))

    def _given_secret(self, name: str) -> str | None:
        given = self._values.get(name, "")
        if not given:
            return None
        scheme, _, rest = given.partition(":")
        if scheme != "env":
            raise UsageError(
                f"the value of {name} is written out, and command lines are seen by others", where="--set",
                hint=f"{name}=env:VARIABLE",
            )  # fmt: skip
        return os.environ.get(rest)
