"""The pages of the kinds: their examples are guide language that compiles."""

from __future__ import annotations

import re
from importlib.resources import files

import pytest

from crashcart.guides.compile import compile_guide
from crashcart.probes.registry import specs
from crashcart.testing import example_catalogue

GUIDE = """---
guide: example
for: http
severity: high
needs: {db: sqlite, provider: provider, worker: worker, queue: redis}
---
# Example

**Healthy**
- `tcp {self} => ok`

## It fails {#fails}

**Symptoms**
- always: `tcp {self} => refused`

### Cause: a reason {#reason} (common)

**Evidence**
"""


@pytest.mark.parametrize("kind", sorted(specs()))
def test_the_examples_of_a_page_compile(kind):
    page = files("crashcart.probes").joinpath(kind, "doc.md").read_text(encoding="utf-8")
    examples = page.split("## Examples\n")[1].strip().replace("{api}", "{self}")

    guide = compile_guide(f"{GUIDE}{examples}\n", example_catalogue(), path=f"{kind}/doc.md")

    assert len(guide.problems[0].causes[0].evidence.checks) == len(re.findall(r"^- ", examples, re.MULTILINE)) >= 2
