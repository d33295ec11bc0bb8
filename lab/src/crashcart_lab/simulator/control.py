"""The simulator's control, on a port of its own that nobody who looks at the provider ever sees."""

from __future__ import annotations

from fastapi import FastAPI

from crashcart_lab.simulator.api import Provider
from crashcart_lab.simulator.rules import Rule


def build(provider: Provider) -> FastAPI:
    app = FastAPI(title="control of the provider simulator", openapi_url=None)

    @app.get("/rules")
    async def show_rules() -> list[Rule]:
        return provider.rules.current()

    @app.put("/rules", status_code=204)
    async def set_rules(rules: list[Rule]) -> None:
        provider.set_rules(rules)

    @app.put("/keys", status_code=204)
    async def set_keys(keys: list[str]) -> None:
        """Accept exactly these keys; an empty list revokes them all."""
        provider.accepted = set(keys)

    return app
