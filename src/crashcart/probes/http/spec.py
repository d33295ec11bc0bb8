"""The tables of `http`."""

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

CONNECTS = ("ok", "refused", "reset", "timeout", "dns", "unreachable", "tls", "protocol")
ANSWERS = ("complete", "cut", "silent", "unreached")

SPEC = KindSpec(
    name="http",
    summary="What does it answer to a GET, HEAD or OPTIONS? With the target's key, if it has one.",
    looks=(
        LookSpec(
            name="",
            summary="one request; its path stands behind the path of the url",
            args=(
                ArgSpec("method", (Form.WORD,), "what to ask", words=("GET", "HEAD", "OPTIONS"), is_required=True),
                ArgSpec("path", (Form.PATH, Form.STRING), "where", is_required=True),
                ArgSpec(
                    "at", (Form.STRING,), "a dotted path into a JSON body: `checks.db.healthy`, `items.0.id`", lead="at"
                ),
            ),
            fields=(
                FieldSpec("connect", Dimension.WORD, "how the connection ended", CONNECTS),
                FieldSpec("answer", Dimension.WORD, "what became of the answer", ANSWERS),
                FieldSpec("status", Dimension.NUMBER, "the status code; 0 when no answer came"),
                FieldSpec("took", Dimension.TIME, "from the resolving of the name to the last byte"),
                FieldSpec("type", Dimension.TEXT, "the content type"),
                FieldSpec("length", Dimension.BYTES, "size of the body: as declared, else as received"),
                FieldSpec("body", Dimension.TEXT, "the body, redacted, 64 KiB of it at most"),
                FieldSpec("value", Dimension.TEXT, "what stands at `at`: text, a number, `true` or `false`"),
                FieldSpec("retry_after", Dimension.TIME, "how long it asks to wait"),
            ),
            states=(
                StateSpec("ok", "connect", "ok", "connected, and spoke HTTP or nothing yet"),
                StateSpec("refused", "connect", "refused", "the machine is there and nothing listens on the port"),
                StateSpec("reset", "connect", "reset", "the connection was closed before the answer began"),
                StateSpec("timeout", "connect", "timeout", "no connection in time"),
                StateSpec("dns", "connect", "dns", "the name did not resolve in time, or does not exist"),
                StateSpec("unreachable", "connect", "unreachable", "no way leads to the address"),
                StateSpec("tls", "connect", "tls", "no secure connection: certificate, version, or not TLS at all"),
                StateSpec("protocol", "connect", "protocol", "something answers that is not HTTP"),
                StateSpec("silent", "answer", "silent", "connected, and no answer came in time"),
                StateSpec("cut", "answer", "cut", "the answer began and did not end"),
            ),
            cost=Cost.CHEAP,
            alarm=Alarm.STATE,
        ),
    ),
    failures=(
        Failure("it answers, with whatever status", "seen: connect = ok, answer = complete, status"),
        Failure("nothing listens", "seen: connect = refused, answer = unreached, status 0"),
        Failure("it closes the connection before it answers", "seen: connect = reset"),
        Failure("the connection is not accepted in time", "seen: connect = timeout"),
        Failure("the name does not resolve", "seen: connect = dns"),
        Failure("the resolver does not answer", "seen: connect = dns"),
        Failure("no way leads to the address", "seen: connect = unreachable"),
        Failure("the certificate is not trusted", "seen: connect = tls"),
        Failure("it speaks no TLS, or the handshake hangs", "seen: connect = tls"),
        Failure("it speaks something else than HTTP", "seen: connect = protocol"),
        Failure("it accepts and says nothing in time", "seen: connect = ok, answer = silent, status 0"),
        Failure("it stops in the middle of the body", "seen: answer = cut, status"),
        Failure("it redirects to another host", "seen: the redirect itself, status 3xx"),
        Failure("the body is no JSON, or has nothing at that place", "seen: no field value"),
        Failure("the url is not known", "unseen: url of NAME is not known"),
        Failure("the url is not one of HTTP", "unseen: not an http url"),
        Failure("the key cannot stand in a header", "unseen: characters that no header may carry"),
        Failure("we have no file descriptor left", "unseen: too many open files here"),
    ),
    needs=("url",),
)
