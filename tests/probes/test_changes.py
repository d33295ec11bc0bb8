"""`changes`, of a real process and real files, against sweeps as `case record` writes them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from crashcart.model.case import Case
from crashcart.model.observation import LookId, Observation, Seen, Unseen
from crashcart.model.system import System, Target
from crashcart.ports import ProcessInfo
from crashcart.storage import cases
from crashcart.testing import FakePlace

NOON = datetime(2024, 5, 1, 12, tzinfo=UTC)
SECRET = "a-secret-of-ours-77"
ONE = ProcessInfo(
    7, ("/app/venv/bin/python", "/app/serve.py", "--port", "80"), NOON, "running", "app", 1, 1, 5, ()
)  # fmt: skip
SITE = "/app/venv/lib/python3.12/site-packages"


@dataclass
class Shop:
    """A target whose parts can be changed, and its known good sweep."""

    place: FakePlace
    target: Target
    sweep: Path

    def keep(self, seen: Seen | Unseen, *, truth: tuple[str, ...] = ("nothing",), at: str = "api") -> None:
        """Write the case that `case record` would write."""
        observation = Observation(LookId(f"changes {{{at}}} inventory"), seen, NOON, 0.1)
        system = System("shop", "test", {"api": self.target})
        case = Case("1", NOON, None, "", system, (), (observation,), is_sweep=True, truth=truth)
        cases.write(self.sweep, case)
        self.place.files[str(self.sweep)] = self.sweep.read_bytes()


@pytest.fixture
def shop(looking, tmp_path) -> Shop:
    sweep = tmp_path / "known-good.json"
    place = FakePlace(
        files={
            "/app/.env": f"MODE=dev\nAPI_KEY={SECRET}\n".encode(),
            "/app/serve.py": b"print(1)",
            f"{SITE}/httpx-0.27.0.dist-info": b"",
            f"{SITE}/some_thing-1.2.dist-info": b"",
        },
        running=[ONE],
        environs={7: {"MODE": "dev", "API_KEY": SECRET, "PWD": "/app"}},
    )
    looking.place = place
    target = Target("api", "http", env_file="/app/.env", command="serve.py", known_good=str(sweep))
    return Shop(place, target, sweep)


@pytest.fixture
def good(looking, shop) -> Shop:
    """Return the shop after its known good sweep."""
    shop.keep(looking.seen("changes", shop.target, "inventory"))
    return shop


@pytest.mark.row("changes", "inventory: it runs, or has an env file")
def test_an_inventory_counts_and_lists_without_values(looking, shop):
    fields = looking.seen("changes", shop.target, "inventory").fields

    assert (fields["settings"], fields["packages"], fields["files"]) == (2, 2, 2)
    assert fields["started"] == NOON.isoformat()
    assert "package\thttpx\t0.27.0" in fields["entries"].split("\n")
    assert "package\tsome-thing\t1.2" in fields["entries"].split("\n")
    assert SECRET not in fields["entries"]
    assert "PWD" not in fields["entries"]


def test_the_inventory_of_a_real_process(looking, start, word, tmp_path):
    env_file = tmp_path / ".env"
    env_file.write_text("MODE=dev\n")
    start(word, env={"MODE": "dev"})
    from crashcart.probes.place import LocalPlace

    looking.place = LocalPlace()

    fields = looking.seen("changes", Target("api", "http", command=word, env_file=str(env_file)), "inventory").fields

    lines = [line.split("\t")[:2] for line in fields["entries"].split("\n")]
    assert ["setting", "MODE"] in lines
    assert ["process", "MODE"] in lines
    assert fields["started"] < datetime.now(UTC).isoformat()


@pytest.mark.row("changes", "nothing differs")
def test_nothing_differs(looking, good):
    fields = looking.seen("changes", good.target).fields

    assert (fields["is_changed"], fields["count"], fields["what"], fields["is_restarted"]) == (False, 0, "", False)
    assert datetime.fromisoformat(fields["known_at"]) == NOON


def rewrite(**settings: str) -> Callable[[Shop], None]:
    def change(shop: Shop) -> None:
        shop.place.files["/app/.env"] = "".join(f"{name}={value}\n" for name, value in settings.items()).encode()

    return change


def install(shop: Shop) -> None:
    del shop.place.files[f"{SITE}/httpx-0.27.0.dist-info"]
    shop.place.files[f"{SITE}/httpx-0.28.1.dist-info"] = b""
    shop.place.files[f"{SITE}/new_one-3.dist-info"] = b""


def edit(shop: Shop) -> None:
    shop.place.files["/app/serve.py"] = b"print(2)"


def restart(shop: Shop) -> None:
    shop.place.running = [replace(ONE, started_at=NOON + timedelta(hours=1))]
    shop.place.environs[7] = {"MODE": "prod", "API_KEY": SECRET, "PWD": "/root"}
    shop.place.files["/app/.env"] = f"MODE=prod\nAPI_KEY={SECRET}\n".encode()


@pytest.mark.row("changes", "a setting differs")
@pytest.mark.row("changes", "a package has another version")
@pytest.mark.row("changes", "a file has other contents or rights")
@pytest.mark.row("changes", "it was restarted")
@pytest.mark.parametrize(
    ("change", "numbers", "what"),
    [
        (rewrite(MODE="prod", API_KEY=SECRET), (1, 0, 0), ["setting MODE changed"]),
        (rewrite(MODE="dev", API_KEY="another-secret"), (1, 0, 0), ["setting API_KEY changed"]),
        (rewrite(MODE="dev", NEW="1"), (2, 0, 0), ["setting API_KEY is gone", "setting NEW is new"]),
        (install, (0, 2, 0), ["package httpx changed: 0.27.0 -> 0.28.1", "package new-one is new: 3"]),
        (edit, (0, 0, 1), ["file /app/serve.py changed"]),
        (restart, (1, 0, 0), ["setting MODE changed", "setting of the process MODE changed"]),
    ],
)
def test_what_differs_is_told_by_name(looking, good, change, numbers, what):
    change(good)

    outcome = looking.seen("changes", good.target)

    fields = outcome.fields
    assert (fields["settings"], fields["packages"], fields["files"]) == numbers
    assert (fields["is_changed"], fields["count"]) == (True, sum(numbers))
    assert fields["what"].split("\n") == what
    assert fields["is_restarted"] is (change is restart)
    assert "another-secret" not in repr(outcome)


def test_other_rights_of_the_env_file_are_a_change(looking, tmp_path):
    from crashcart.probes.place import LocalPlace

    looking.place = LocalPlace()
    env_file = tmp_path / ".env"
    env_file.write_text("MODE=dev\n")
    env_file.chmod(0o600)
    target = Target("api", "http", env_file=str(env_file), known_good=str(tmp_path / "good.json"))
    shop = Shop(FakePlace(), target, tmp_path / "good.json")
    shop.keep(looking.seen("changes", target, "inventory"))
    env_file.chmod(0o644)

    fields = looking.seen("changes", target).fields

    assert (fields["files"], fields["what"]) == (1, f"rights of {env_file} changed: 0600 -> 0644")


def test_one_name_can_be_asked_for(looking, good):
    rewrite(MODE="prod", API_KEY=SECRET)(good)

    assert looking.seen("changes", good.target, name="MODE").fields["is_changed"] is True
    assert looking.seen("changes", good.target, name="API_KEY").fields["is_changed"] is False


@pytest.mark.row("changes", "a part could be seen only then or only now")
def test_a_process_that_does_not_run_has_lost_nothing(looking, good):
    good.place.running = []

    fields = looking.seen("changes", good.target).fields

    assert fields["is_changed"] is False
    assert not {"started", "is_restarted"} & set(fields)


@pytest.mark.row("changes", "there is no known good sweep")
@pytest.mark.parametrize("is_named", [True, False])
def test_without_a_sweep_it_says_how_to_make_one(looking, shop, is_named):
    target = shop.target if is_named else replace(shop.target, known_good="")

    reason = looking.unseen("changes", target)

    assert (str(shop.sweep) in reason) == is_named
    assert reason.endswith("when all is well, run `crashcart check --save`")


@pytest.mark.row("changes", "the sweep was taken when something was wrong")
@pytest.mark.parametrize("truth", [(), ("service.stopped",)])
def test_a_sweep_of_a_sick_system_is_not_taken(looking, shop, truth):
    shop.keep(looking.seen("changes", shop.target, "inventory"), truth=truth)

    assert "was not well" in looking.unseen("changes", shop.target)


@pytest.mark.row("changes", "the sweep knows nothing of the target")
def test_a_sweep_without_the_target_is_no_help(looking, shop):
    shop.keep(looking.seen("changes", shop.target, "inventory"), at="other")
    assert "holds no inventory of api" in looking.unseen("changes", shop.target)

    shop.keep(Unseen("not permitted"))
    assert "holds no inventory of api" in looking.unseen("changes", shop.target)


@pytest.mark.row("changes", "the sweep cannot be read")
@pytest.mark.parametrize("text", [b"", b"{}", b"[]", b'{"truth": ["nothing"], "observations": 5}', b"[" * 100_000])
def test_what_is_no_case_is_no_help(looking, shop, text):
    shop.place.files[str(shop.sweep)] = text

    assert "is no case" in looking.unseen("changes", shop.target)

    shop.place.forbidden.add(str(shop.sweep))
    assert "cannot read the known good sweep" in looking.unseen("changes", shop.target)


@pytest.mark.row("changes", "nothing of the target can be seen now")
@pytest.mark.row("changes", "inventory: neither")
@pytest.mark.parametrize("look", ["", "inventory"])
def test_a_target_of_which_nothing_can_be_seen_is_unseen(looking, good, look):
    good.place.running = []
    good.place.forbidden.add("/app/.env")
    good.target = replace(good.target, env_file="/nowhere")

    assert looking.unseen("changes", good.target, look).startswith("neither env_file nor process of api can be seen")
