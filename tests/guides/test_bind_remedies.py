"""Remedies at real targets: what a link brings along, what the system file lacks, and names that targets give."""

from __future__ import annotations

from crashcart.app import catalogue
from crashcart.guides.bind_steps import remedies
from crashcart.guides.compile import compile_guide
from crashcart.model.plan import BoundRemedy
from crashcart.model.system import System, Target

SHOP = """\
---
guide: shop
for: http
severity: high
needs: {bank: provider}
---
# The shop

**Healthy**
- `tcp {self} => ok`

## Orders fail {#fail}

**Symptoms**
- always: `http {self} GET / => status = 500`

### Cause: [the bank has no key](bank#no-key) {#no-key} (common)

**Fix**
1. The shop keeps it `config set {self} "{bank.key}" = ?secret`
2. `service restart {self}`

**Verify**
- `http {self} GET / => status = 200`
"""
BANK = """\
---
guide: bank
for: provider
severity: high
---
# A bank

**Healthy**
- `tcp {self} => ok`

## Calls fail {#fail}

**Symptoms**
- always: `provider {self} => status = 401`

### Cause: it has no key {#no-key} (common)

**Evidence**
- always: `provider {self} => status = 401`

**Fix**
1. `service restart {dependants}`

**Fix: by hand**
1. By hand: call the bank.
"""
KNOWN = {"shop": ("no-key",), "bank": ("no-key",)}


def bound(*, service: str = "supervisor:shop") -> dict[str, BoundRemedy]:
    shop = Target(
        "shop", "http", {"url": "http://127.0.0.1:1"}, env_file="/shop/.env", service=service, depends=("pay",)
    )
    pay = Target("pay", "provider", {"url": "http://127.0.0.1:2", "key": "PAY_KEY"})
    system = System("shop", "test", {"shop": shop, "pay": pay})
    guides = [compile_guide(text, catalogue(), known=KNOWN) for text in (SHOP, BANK)]
    return {entry.name: entry for entry in remedies(guides, system, catalogue())["pay:bank.no-key"]}


def test_a_link_brings_a_fix_of_its_own_that_stands_where_the_link_stands() -> None:
    """How a key is put back, only the service's own guide can say; what it means that it is gone, any guide can."""
    own = bound()["fix: shop"]

    first, second = (step.touch for step in own.steps)
    assert first is not None
    assert second is not None
    assert (first.target, first.arg("setting"), own.steps[0].asked) == ("shop", "PAY_KEY", (("PAY_KEY", True),))
    assert (second.kind, second.target) == ("service", "shop")
    assert [entry.check.looks[0].kind for entry in own.verify] == ["http"]


def test_what_the_linked_guide_says_stays_beside_it() -> None:
    assert set(bound()) == {"fix", "fix: by hand", "fix: shop"}


def test_a_fix_for_which_the_system_file_says_too_little_is_not_planned() -> None:
    """A plan whose first step must be refused is worth less than the hands of a person."""
    found = bound(service="")

    assert found["fix"].unbound_because == "target shop has no service in the system file"
    assert found["fix: by hand"].steps
