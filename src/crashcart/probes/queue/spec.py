"""The tables of `queue`."""

from __future__ import annotations

from crashcart.model.spec import (
    Alarm,
    ArgSpec,
    Cost,
    Dimension,
    Failure,
    FieldSpec,
    Form,
    KindSpec,
    LookSpec,
    StateSpec,
)

CONNECTS = ("ok", "refused", "reset", "timeout", "dns", "unreachable")
ANSWERS = ("ok", "auth", "loading", "error", "silent", "unreached")
SHAPES = ("list", "stream", "zset", "none", "other")

SPEC = KindSpec(
    name="queue",
    summary="How long is a queue in Redis or Valkey, does anybody take from it, how old is its oldest? Reads only.",
    looks=(
        LookSpec(
            name="",
            summary="one queue, by the name of its key: `celery`, `rq:queue:default`, `arq:queue`",
            args=(ArgSpec("name", (Form.STRING, Form.REF), "the key", is_required=True),),
            fields=(
                FieldSpec("connect", Dimension.WORD, "how the connection ended", CONNECTS),
                FieldSpec("answer", Dimension.WORD, "what the server said", ANSWERS),
                FieldSpec("shape", Dimension.WORD, "what the key is; none when it is not there: empty", SHAPES),
                FieldSpec("length", Dimension.NUMBER, "how many wait in it"),
                FieldSpec("taken", Dimension.NUMBER, "taken and not confirmed: Celery's `unacked`, a stream's pending"),
                FieldSpec("consumers", Dimension.NUMBER, "clients of this database that take from queues of any name"),
                FieldSpec("is_waiting", Dimension.FLAG, "something waits in it"),
                FieldSpec("oldest", Dimension.TIME, "how long its oldest entry has waited, where the entry tells"),
                FieldSpec("took", Dimension.TIME, "until all that was told"),
            ),
            states=(
                StateSpec("waiting", "is_waiting", True, "something waits in it"),
                StateSpec("empty", "is_waiting", False, "nothing waits in it"),
                StateSpec("refused", "connect", "refused", "the machine is there and nothing listens on the port"),
                StateSpec("timeout", "connect", "timeout", "no connection in time"),
                StateSpec("dns", "connect", "dns", "the name did not resolve in time, or does not exist"),
                StateSpec("auth", "answer", "auth", "it does not take our password, or wants one"),
                StateSpec("loading", "answer", "loading", "it reads its data and is not there yet"),
                StateSpec("silent", "answer", "silent", "connected, and no answer came in time"),
            ),
            cost=Cost.CHEAP,
            alarm=Alarm.THRESHOLD,
            is_watched=True,
        ),
    ),
    failures=(
        Failure("something waits in it", "seen: shape, length, consumers, taken; oldest where it can be told"),
        Failure("nothing waits in it", "seen: shape = none, length 0"),
        Failure("the key is no queue", "seen: shape = other; no length"),
        Failure("nobody takes from it", "seen: consumers 0"),
        Failure("its entries tell no time", "seen: no oldest"),
        Failure("nothing listens", "seen: connect = refused, answer = unreached"),
        Failure("the name does not resolve", "seen: connect = dns"),
        Failure("it wants a password, or another one", "seen: answer = auth"),
        Failure("it reads its data", "seen: answer = loading"),
        Failure("it accepts and says nothing in time", "seen: answer = silent"),
        Failure("it speaks something else", "seen: answer = error"),
        Failure("our user may not look at the queue", "unseen: not permitted"),
        Failure("our user may not list clients", "seen: no consumers"),
        Failure("the client library is not installed", "unseen: driver missing"),
        Failure("the url is not one of Redis", "unseen: not a redis url"),
        Failure("the url is not known", "unseen: has no url"),
    ),
    needs=("url",),
)
