"""The parts that stand around the service in some worlds: front proxy, TLS gateway, workers with settings of their own."""

from __future__ import annotations

import tomllib
from typing import TYPE_CHECKING

import httpx
import pytest

from crashcart_lab import certificates, client
from crashcart_lab.faults import tls
from crashcart_lab.ports import HOST
from crashcart_lab.world import World

if TYPE_CHECKING:
    from conftest import Lasting


def test_users_at_the_front_proxy_get_what_the_service_gives(lasting: Lasting):
    world = lasting.having(front=True)

    outcome = client.scrape_through_front(world.doors, 1)

    assert outcome.succeeded, outcome.words
    assert world.doors.front_url != world.doors.digest_url
    missing = httpx.get(f"{world.front_url}/jobs/none", trust_env=False)
    assert (missing.status_code, missing.json()["message"]) == (404, "no job none")
    assert httpx.head(f"{world.front_url}/health", trust_env=False).content == b""


def test_the_front_proxy_says_in_its_log_why_it_cannot_pass_on(lasting: Lasting):
    world = lasting.having(front=True)
    world.stop("digest")

    answer = httpx.get(f"{world.front_url}/health", trust_env=False)

    world.restart_digest()
    assert answer.status_code == 502
    last = (world.root / "front" / "error.log").read_text().splitlines()[-1]
    assert "connect() failed (111: Connection refused) while connecting to upstream" in last
    assert f'upstream: "{world.digest_url}/health"' in last


def test_a_good_certificate_at_the_gateway_is_no_fault(mended_world: World):
    """Without this, faults of certificates could be faults of the gateway."""
    certificates.issue(mended_world.authority_folder, HOST, tls.certificate_of(mended_world))
    try:
        tls.go_through_gateway(mended_world)
        outcome = client.scrape_site(mended_world.doors, 1)
    finally:
        tls.leave_gateway(mended_world)

    assert outcome.succeeded, outcome.words


@pytest.mark.parametrize("part", ["front", "worker"])
def test_the_system_file_names_only_parts_that_are_there(lasting: Lasting, part: str):
    has, has_not = lasting.having(workers=part == "worker", front=part == "front"), lasting.having()

    with_part = tomllib.loads(has.system_file.read_text())["targets"]
    without = tomllib.loads(has_not.system_file.read_text())["targets"]

    assert (has.root / with_part[part]["env_file"]).is_file()
    assert all((has.root / name).is_file() for name in with_part["digest"]["logs"])
    assert "worker" not in without
    assert ("front" in without) == has_not.state.has_front
