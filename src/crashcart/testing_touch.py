"""Stand-ins for tests of touching: a shop in memory whose health depends on its settings, and a hand that sets them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from crashcart.drive.take import Arrived
from crashcart.drive.touching.world import World
from crashcart.model.guide import FieldClaim, Number, Rel
from crashcart.model.net import BoundCheck, Finding, Source
from crashcart.model.observation import Look, Moment, Observation, Seen
from crashcart.model.plan import BoundStep, Plan, PlanCheck, PlanStep, TouchLimits, Undoing, worst
from crashcart.model.run import Facts
from crashcart.model.spans import NOWHERE
from crashcart.model.spec import Risk
from crashcart.model.system import System, Target
from crashcart.model.touch import Happened, Prepared, Touch, Touched, TouchState
from crashcart.model.truth import Quant
from crashcart.testing import NOON, FakeClock, example_catalogue

SOURCE = Source("shop", "shop.md", NOWHERE, "it answers")
SYSTEM = System(
    "shop", "test", {name: Target(name, "http", {"url": "http://127.0.0.1:1"}) for name in ("api", "db", "page")}
)


@dataclass(slots=True)
class FakeHand:
    """Sets settings in memory. `plans` says how the next touches of a step go, by its key's end: done unless said.

    `touches` and `undos` count by key how often the world was really changed.
    """

    settings: dict[tuple[str, str], str] = field(default_factory=dict)
    fates: dict[str, list[str]] = field(default_factory=dict)  # step number -> done, fail, half, refuse, break
    touches: Counter[str] = field(default_factory=Counter)
    undos: Counter[str] = field(default_factory=Counter)
    knows: bool = True
    secrets: list[str | None] = field(default_factory=list)

    def fate(self, touch: Touch) -> str:
        """Return how this touch goes."""
        left = self.fates.get(touch.key.rpartition(".")[2], [])
        return left.pop(0) if left else "done"

    async def prepare(self, touch: Touch, target: Target, *, timeout_s: float) -> Prepared:
        """Compare what is set with what is wanted."""
        at = (touch.target, touch.arg("setting"))
        old, new = self.settings.get(at, ""), touch.arg("value")
        diff = (f"- {at[1]} = {old}", f"+ {at[1]} = {new}")
        return Prepared(diff if old != new else (), {"old": old}, old != new)

    async def touch(
        self, touch: Touch, target: Target, kept: Mapping[str, str], *, secret: str | None, timeout_s: float
    ) -> Touched:
        """Set it, or fail as it is to."""
        self.secrets.append(secret)
        match self.fate(touch):
            case "refuse":
                return Touched(TouchState.REFUSED, "somebody was here")
            case "fail":
                return Touched(TouchState.FAILED, "it did not work")
            case "break":
                raise RuntimeError("a bug")
            case "half":
                self._set(touch, touch.arg("value"))
                return Touched(TouchState.FAILED, "it broke off")
            case _:
                self._set(touch, touch.arg("value"))
                return Touched(TouchState.DONE, "set")

    async def did_it_happen(
        self, touch: Touch, target: Target, kept: Mapping[str, str], *, timeout_s: float
    ) -> Happened:
        """Compare what is set with what was wanted."""
        if not self.knows:
            return Happened.CANNOT_KNOW
        is_set = self.settings.get((touch.target, touch.arg("setting")), "") == touch.arg("value")
        return Happened.YES if is_set else Happened.NO

    async def undo(self, touch: Touch, target: Target, kept: Mapping[str, str], *, timeout_s: float) -> Touched:
        """Put the old value back, unless it is another by now."""
        at = (touch.target, touch.arg("setting"))
        if self.settings.get(at, "") != touch.arg("value"):
            return Touched(TouchState.REFUSED, "somebody changed it since")
        self.undos[touch.key] += 1
        self.settings[at] = kept["old"]
        return Touched(TouchState.DONE, "put back")

    def _set(self, touch: Touch, value: str) -> None:
        self.touches[touch.key] += 1
        self.settings[touch.target, touch.arg("setting")] = value


@dataclass(slots=True)
class FakePerson:
    """Says what it is told to say, and remembers what it was told."""

    does: bool = True
    secret_value: str | None = None
    told: list[str] = field(default_factory=list)

    def is_done(self, text: str) -> bool:
        """Return `does`."""
        self.told.append(text)
        return self.does

    def answer(self, question: str) -> str:
        """Know nothing."""
        return "do not know"

    def secret(self, step: int, setting: str, fingerprint: str) -> str | None:
        """Return the secret that the test gave."""
        return self.secret_value

    def tell(self, text: str) -> None:
        """Remember it."""
        self.told.append(text)


@dataclass(slots=True)
class FakeShop:
    """A shop: `status` says what each target answers, from the settings. Time jumps instead of passing."""

    hand: FakeHand = field(default_factory=FakeHand)
    clock: FakeClock = field(default_factory=FakeClock)
    person: FakePerson = field(default_factory=FakePerson)
    status: Callable[[Mapping[tuple[str, str], str], str], int] = lambda settings, target: 200
    served: Callable[[Mapping[tuple[str, str], str]], bool] = lambda settings: True
    acted: list[tuple[str, ...]] = field(default_factory=list)
    p: float = 0.95
    is_stopped: bool = False
    touches_last_h: int = 0
    drift_s: float = 0.0
    looked: int = 0
    kept: list[str] = field(default_factory=list)

    def world(self) -> World:
        """Return what a run needs."""

        async def sleep(seconds: float) -> None:
            self.clock.jump(seconds)

        return World(
            system_now=lambda: SYSTEM, taker=lambda moment: _Taker(self, moment), hand_of=lambda kind: self.hand,
            catalogue=example_catalogue(), clock=self.clock, sleep=sleep, person=self.person, facts=self.facts,
            believe=lambda plan, findings: self.p, keep=self.keep, client=self.client,
        )  # fmt: skip

    async def client(self, argv: Sequence[str], timeout_s: float) -> str:
        """Act as a user: well, as long as `served` says so of the settings."""
        self.acted.append(tuple(argv))
        return "" if self.served(self.hand.settings) else "nobody was served"

    def facts(self, plan: Plan, now: datetime) -> Facts:
        """Return what the limits are judged by."""
        age_s = (now - plan.made_at).total_seconds()
        return Facts(now, age_s, self.drift_s, self.is_stopped, self.touches_last_h)

    def keep(self, run: str, observations: Sequence[Observation]) -> str:
        """Remember that the evidence was kept, and that nothing was touched before."""
        assert not self.hand.touches
        self.kept.append(run)
        return f"{run}/evidence.json"


@dataclass(slots=True)
class _Taker:
    shop: FakeShop
    moment: Moment

    async def take(self, looks: Sequence[Look], *, within_s: float, arrived: Arrived) -> None:
        """Answer with the status of each target."""
        for look in looks:
            self.shop.looked += 1
            status = self.shop.status(self.shop.hand.settings, look.target)
            arrived(Observation(look.id, Seen({"status": status}), self.moment.now, 0.01))


def check(target: str, *, status: int = 200, within_s: float | None = None, hold_s: float | None = None) -> PlanCheck:
    """Return a check that a target answers with that status."""
    look = Look("http", target, args=(("method", "GET"), ("path", "/health")))
    claim = FieldClaim("status", Rel.EQ, Number(float(status)))
    key = f"{look.id} => status = {status}"
    bound = BoundCheck(
        key, look.id, Quant.EACH, (look,), (claim,), f"status = {status}", 0.005, 0.1, within_s=within_s, hold_s=hold_s
    )
    return PlanCheck(bound, SOURCE)


def step(
    setting: str,
    value: str,
    *,
    target: str = "api",
    old: str = "",
    risk: Risk = Risk.SAFE,
    undoing: Undoing = Undoing.OWN,
    only_if: tuple[PlanCheck, ...] = (),
    verify: tuple[PlanCheck, ...] = (),
) -> PlanStep:
    """Return a step that sets a setting."""
    touch = Touch("redis", "set", target, (("setting", setting), ("value", value)))
    undo = "" if undoing is Undoing.NONE else "put the old value back"
    bound = BoundStep(
        touch, f"redis set {{{target}}} {setting} = {value}", f"set {setting}", SOURCE, risk, undoing, undo,
        only_if=only_if, verify=verify,
    )  # fmt: skip
    diff = (f"- {setting} = {old}", f"+ {setting} = {value}") if old != value else ()
    return PlanStep(bound, diff, old != value)


def by_hand(text: str) -> PlanStep:
    """Return a step that a person does."""
    return PlanStep(BoundStep(None, text, text, SOURCE, Risk.SAFE, Undoing.NOTHING, "", by_hand=text))


def plan(
    *steps: PlanStep,
    verify: tuple[PlanCheck, ...] | None = None,
    healthy: tuple[PlanCheck, ...] | None = None,
    p: float = 0.95,
    is_relief: bool = False,
    made_at: datetime = NOON,
) -> Plan:
    """Return a plan of these steps, verified by the api, in a system of which the page and the db are healthy."""
    checks = {"deciding": (check("api", status=500),), "verify": (check("api"),) if verify is None else verify}
    held = tuple(check(name) for name in ("db", "page")) if healthy is None else healthy
    touched = tuple(sorted({entry.step.touch.target for entry in steps if entry.step.touch}))
    return Plan(
        "shop", "test", "api:shop.small", "the limit is too small", "api", p, "relief" if is_relief else "fix",
        is_relief, tuple(steps), checks["deciding"], checks["verify"], "the cause", held, touched, (),
        worst(tuple(entry.step.risk for entry in steps)), made_at,
    )  # fmt: skip


LIMITS = TouchLimits(red_button="/shop/stop")


def found(entry: PlanCheck, truth: Finding | None = None) -> Finding:
    """Return a finding of a check, true unless said."""
    from crashcart.model.truth import Truth

    return replace(truth, check=entry.check.key) if truth else Finding(entry.check.key, Truth.TRUE, "status = 200")
