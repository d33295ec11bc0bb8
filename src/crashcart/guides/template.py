"""The first ten lines of a guide."""

from __future__ import annotations

from crashcart.model.spec import TargetKind

_FIRST_CHECK = {
    "http": ("`http {self} GET /health => status = 200`", "`http {self} GET /health => status >= 500`"),
    "provider": ("`tcp {self} => ok`", "`tcp {self} => dns`"),
    "tcp": ("`tcp {self} => ok`", "`tcp {self} => refused`"),
}
_ANY = ('`log {self} "Traceback" => unseen`', '`log {self} "Traceback"`')


def new_guide(kind: TargetKind, name: str) -> str:
    """Return a guide that compiles and says where to go on."""
    healthy, symptom = _FIRST_CHECK.get(kind.name, _ANY)
    return f"""---
guide: {name}
for: {kind.name}
severity: high
---
# {name}

**Healthy**
- {healthy}

## What users suffer, in their words {{#first-problem}}

**Symptoms**
- always: {symptom}

### Cause: what is really wrong {{#first-cause}} (common)

**Evidence**
- usually: what only this cause leaves behind `log {{self}} "text from the log"`

**Fix**
1. By hand: what you do about it.
"""
