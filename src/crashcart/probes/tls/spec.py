"""The tables of `tls`."""

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

CERTIFICATES = ("ok", "expired", "early", "self_signed", "untrusted", "mismatch")
ANSWERS = (
    *CERTIFICATES, "plain", "failed", "closed", "silent", "refused", "reset", "timeout", "dns", "unreachable"
)  # fmt: skip

SPEC = KindSpec(
    name="tls",
    summary="Is its certificate good, for its name, and for how long? Shakes hands and closes; nothing is sent.",
    looks=(
        LookSpec(
            name="",
            summary="one handshake, checked against the certificates that this machine trusts",
            args=(ArgSpec("port", (Form.NUMBER,), "another port than that of the target", lead="port"),),
            fields=(
                FieldSpec("answer", Dimension.WORD, "how the handshake ended", ANSWERS),
                FieldSpec("left", Dimension.TIME, "until the certificate expires; below zero when it has"),
                FieldSpec("age", Dimension.TIME, "since the certificate became valid"),
                FieldSpec("names", Dimension.TEXT, "the names it is for; of a trusted one only"),
                FieldSpec("issuer", Dimension.TEXT, "who issued it; of a trusted one only"),
                FieldSpec("version", Dimension.TEXT, "the version agreed on: `TLSv1.3`"),
                FieldSpec("took", Dimension.TIME, "until it was known"),
            ),
            states=(
                StateSpec("ok", "answer", "ok", "trusted, valid, and for that name"),
                StateSpec("expired", "answer", "expired", "it, or one above it, is no longer valid"),
                StateSpec("early", "answer", "early", "it is not valid yet: or a clock is wrong"),
                StateSpec("self_signed", "answer", "self_signed", "nobody but itself vouches for it"),
                StateSpec("untrusted", "answer", "untrusted", "its issuer is unknown here, or the chain is not whole"),
                StateSpec("mismatch", "answer", "mismatch", "it is for other names"),
                StateSpec("plain", "answer", "plain", "something answers that does not speak TLS"),
                StateSpec("failed", "answer", "failed", "no version or cipher in common, or it asked for more"),
                StateSpec("closed", "answer", "closed", "it closed the connection during the handshake"),
                StateSpec("silent", "answer", "silent", "it accepted the connection and says nothing"),
                StateSpec("refused", "answer", "refused", "nothing listens on the port"),
            ),
            cost=Cost.CHEAP,
            alarm=Alarm.STATE,
        ),
    ),
    failures=(
        Failure("all is well", "seen: answer = ok, left, age, names, issuer, version"),
        Failure("the certificate has expired", "seen: answer = expired, left below zero"),
        Failure("it is not valid yet", "seen: answer = early, age below zero"),
        Failure("it has signed itself", "seen: answer = self_signed, left"),
        Failure("its issuer is not known here", "seen: answer = untrusted, left"),
        Failure("it is for another name", "seen: answer = mismatch, left, names"),
        Failure("it does not speak TLS", "seen: answer = plain"),
        Failure("there is no version in common", "seen: answer = failed"),
        Failure("it closes the connection during the handshake", "seen: answer = closed"),
        Failure("it says nothing", "seen: answer = silent"),
        Failure("nothing listens", "seen: answer = refused"),
        Failure("the name does not resolve", "seen: answer = dns"),
        Failure("the address is not known", "unseen: url of NAME is not known"),
        Failure("nothing says which port", "unseen: no port"),
        Failure("we have no file descriptor left", "unseen: too many open files here"),
    ),
    needs=("url", "host"),
)
