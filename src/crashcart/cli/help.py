"""Help as clig.dev asks for it: one line, two examples, then the options."""

from __future__ import annotations

import click


class _Examples(click.Command):
    """Shows `examples` right below the description."""

    def __init__(self, *args: object, examples: tuple[str, ...] = (), **settings: object) -> None:
        super().__init__(*args, **settings)  # type: ignore[arg-type]
        self.examples = examples

    def format_help_text(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the description, then the examples."""
        super().format_help_text(ctx, formatter)
        if self.examples:
            with formatter.section("Examples"):
                for example in self.examples:
                    formatter.write_text(example)


class Command(_Examples):
    """A command with examples."""


class Group(_Examples, click.Group):
    """A group with examples; its commands have them too."""

    command_class = Command
