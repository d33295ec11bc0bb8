"""The tables of `provider`."""

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
from crashcart.probes.http.spec import ANSWERS, CONNECTS

SAYS = (
    "ok", "unauthorised", "forbidden", "missing", "quota", "limited", "overloaded", "invalid", "error", "malformed", "nothing",
)  # fmt: skip
KEYS = ("accepted", "rejected", "unset", "untold", "none")

SPEC = KindSpec(
    name="provider",
    summary="What does somebody else's API say to a free GET with our key? Costs nothing, changes nothing.",
    looks=(
        LookSpec(
            name="",
            summary="one GET of `probe` of the target, with its key",
            args=(
                ArgSpec("path", (Form.PATH,), "another path whose GET costs nothing"),
                ArgSpec(
                    "model", (Form.STRING, Form.REF), "a model that the answer should list: `gpt-4o`", lead="model"
                ),
            ),
            fields=(
                FieldSpec("connect", Dimension.WORD, "how the connection ended", CONNECTS),
                FieldSpec("answer", Dimension.WORD, "what became of the answer", ANSWERS),
                FieldSpec("says", Dimension.WORD, "what the answer means; nothing when none came whole", SAYS),
                FieldSpec("key", Dimension.WORD, "what became of our key; none when the target declares none", KEYS),
                FieldSpec("status", Dimension.NUMBER, "the status code; 0 when no answer came"),
                FieldSpec("code", Dimension.TEXT, "its own word for the error: `insufficient_quota`"),
                FieldSpec("took", Dimension.TIME, "from the resolving of the name to the last byte"),
                FieldSpec("retry_after", Dimension.TIME, "how long it asks to wait"),
                FieldSpec("requests_left", Dimension.NUMBER, "requests that we may still send in its window"),
                FieldSpec("requests_limit", Dimension.NUMBER, "of how many"),
                FieldSpec("tokens_left", Dimension.NUMBER, "tokens that we may still send in its window"),
                FieldSpec("tokens_limit", Dimension.NUMBER, "of how many"),
                FieldSpec("skew", Dimension.TIME, "how far its clock and ours are apart, by its Date, to the second"),
                FieldSpec("is_offered", Dimension.FLAG, "the answer lists the model"),
            ),
            states=(
                StateSpec("ok", "says", "ok", "it answers as it should"),
                StateSpec("accepted", "key", "accepted", "it takes our key"),
                StateSpec("rejected", "key", "rejected", "it does not take our key"),
                StateSpec("unset", "key", "unset", "we have no key to show: the setting is gone or empty"),
                StateSpec("quota", "says", "quota", "the money or the quota is used up; waiting does not help"),
                StateSpec("limited", "says", "limited", "too much at once; waiting helps"),
                StateSpec("overloaded", "says", "overloaded", "it has too much to do: 503, 529"),
                StateSpec("forbidden", "says", "forbidden", "the key is known and may not do this: 403"),
                StateSpec("missing", "says", "missing", "there is no such path: a wrong base address, an old version"),
                StateSpec("error", "says", "error", "it fails itself: a status of 500 and above"),
                StateSpec("malformed", "says", "malformed", "a good status, and a body that is not what it should be"),
                StateSpec("refused", "connect", "refused", "the machine is there and nothing listens on the port"),
                StateSpec("reset", "connect", "reset", "the connection was closed before the answer began"),
                StateSpec("timeout", "connect", "timeout", "no connection in time"),
                StateSpec("dns", "connect", "dns", "the name did not resolve in time, or does not exist"),
                StateSpec("unreachable", "connect", "unreachable", "no way leads to the address"),
                StateSpec("tls", "connect", "tls", "no secure connection: certificate, version, or not TLS at all"),
                StateSpec("protocol", "connect", "protocol", "something answers that is not HTTP"),
                StateSpec("silent", "answer", "silent", "connected, and no answer came in time"),
                StateSpec("cut", "answer", "cut", "the answer began and did not end"),
                StateSpec("offered", "is_offered", True, "the model is on its list"),
                StateSpec("unlisted", "is_offered", False, "the model is not on its list"),
            ),
            cost=Cost.CHEAP,
            alarm=Alarm.STATE,
            is_watched=True,
        ),
    ),
    failures=(
        Failure("it takes the key and answers", "seen: says = ok, key = accepted"),
        Failure("it does not take the key", "seen: says = unauthorised, key = rejected, status, code"),
        Failure("the setting that holds the key is empty", "seen: key = unset, and what it says without one"),
        Failure("the target declares no key", "seen: key = none"),
        Failure("the money or the quota is used up", "seen: says = quota, key = accepted, code"),
        Failure("too many requests", "seen: says = limited, key = untold, retry_after"),
        Failure("the key may not do this", "seen: says = forbidden, key = untold"),
        Failure("there is no such path", "seen: says = missing"),
        Failure("it has too much to do", "seen: says = overloaded"),
        Failure("it fails itself", "seen: says = error, status"),
        Failure("the body is not JSON, or empty", "seen: says = malformed"),
        Failure("the list lacks the model", "seen: is_offered no"),
        Failure("the answer is no list of models", "seen: no field is_offered"),
        Failure("it accepts and says nothing in time", "seen: answer = silent, says = nothing, key = untold"),
        Failure("it stops in the middle of the body", "seen: answer = cut, says = nothing"),
        Failure("nothing listens", "seen: connect = refused, says = nothing"),
        Failure("the name does not resolve", "seen: connect = dns, says = nothing"),
        Failure("nothing says which path is free", "unseen: has no probe"),
        Failure("the key is not set here and nothing says where else", "unseen: add env_file"),
        Failure("the file that may hold the key cannot be read", "unseen: cannot read"),
        Failure("the key cannot stand in a header", "unseen: characters that no header may carry"),
    ),
    needs=("probe",),
)
