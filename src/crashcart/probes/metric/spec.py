"""The tables of `metric`."""

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

PAGES = ("ok", "missing", "forbidden", "error", "malformed", "silent", "cut", "unreached")

SPEC = KindSpec(
    name="metric",
    summary="What does a metric stand at, on the page that Prometheus scrapes? Numbers as the page has them.",
    looks=(
        LookSpec(
            name="",
            summary="the series of one metric; the page is at `metrics` of the target, else at /metrics of its url",
            args=(
                ArgSpec(
                    "metric",
                    (Form.STRING,),
                    'as in Prometheus: `jobs`, `jobs{status="failed"}`; with =, !=, =~ and !~',
                    is_required=True,
                ),
                ArgSpec("of", (Form.STRING,), "another metric, of which it is a portion", lead="of"),
                ArgSpec("quantile", (Form.NUMBER,), "of a histogram, between 0 and 1: `0.95`", lead="quantile"),
            ),
            fields=(
                FieldSpec("page", Dimension.WORD, "what became of the page", PAGES),
                FieldSpec("status", Dimension.NUMBER, "the status code of the page; 0 when no answer came"),
                FieldSpec("took", Dimension.TIME, "until the page was there"),
                FieldSpec("is_present", Dimension.FLAG, "the page has at least one such series"),
                FieldSpec("series", Dimension.NUMBER, "how many there are"),
                FieldSpec("value", Dimension.NUMBER, "the sum of all; with `quantile`, that quantile since its start"),
                FieldSpec("lowest", Dimension.NUMBER, "the lowest of them"),
                FieldSpec("highest", Dimension.NUMBER, "the highest of them"),
                FieldSpec("average", Dimension.NUMBER, "the sum through how many"),
                FieldSpec("portion", Dimension.PERCENT, "the sum, of the sum of the metric behind `of`"),
            ),
            states=(
                StateSpec("present", "is_present", True, "the page has the metric"),
                StateSpec("absent", "is_present", False, "the page does not have it"),
                StateSpec("missing", "page", "missing", "there is no such page: 404 or 410"),
                StateSpec("forbidden", "page", "forbidden", "the page is kept from us: 401 or 403"),
                StateSpec("malformed", "page", "malformed", "what comes is no page of metrics"),
                StateSpec("unreached", "page", "unreached", "nobody was there to ask"),
            ),
            cost=Cost.CHEAP,
            alarm=Alarm.THRESHOLD,
            is_watched=True,
        ),
    ),
    failures=(
        Failure("the page has the metric", "seen: is_present, series, value, lowest, highest, average"),
        Failure("the page does not have the metric", "seen: is_present no, series 0; value is 0 when others remain"),
        Failure("its value is no number, or has no end", "seen: no field value"),
        Failure("nobody listens", "seen: page = unreached, status 0"),
        Failure("it accepts and says nothing in time", "seen: page = silent"),
        Failure("it stops in the middle of the page", "seen: page = cut"),
        Failure("there is no such page", "seen: page = missing, status"),
        Failure("the page asks for other credentials", "seen: page = forbidden, status"),
        Failure("the page fails", "seen: page = error, status"),
        Failure("what comes is no page of metrics", "seen: page = malformed"),
        Failure("the page is larger than 4 MiB and the metric is not in that", "unseen: larger than 4 MiB"),
        Failure("the selector cannot be read", "unseen: no selector"),
        Failure("the quantile is not between 0 and 1", "unseen: not between 0 and 1"),
        Failure("the url is not known", "unseen: has no url"),
    ),
    needs=("url", "metrics"),
)
