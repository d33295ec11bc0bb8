"""`metric`, against real servers with pages as the official client writes them."""

from __future__ import annotations

import socket

import pytest
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.openmetrics.exposition import generate_latest as generate_openmetrics

from crashcart.model.observation import Seen
from crashcart.model.system import Target
from crashcart.probes.metric.page import parse, selector

TEXT = {"Content-Type": "text/plain; version=0.0.4"}


def at(url: str, **attributes: str) -> Target:
    return Target("api", "http", {"url": url, **attributes})


@pytest.fixture
def short_wait(monkeypatch):
    """Be impatient where nothing comes; elsewhere a busy machine may take its time."""
    monkeypatch.setattr("crashcart.probes.web.TIMEOUT_S", 0.5)


@pytest.fixture
def registry():
    return CollectorRegistry()


@pytest.fixture
def page(http_server, registry):
    """Return a function that puts the registry on the server's page, and the target."""

    def publish() -> Target:
        http_server.by_path["/metrics"] = (200, TEXT, generate_latest(registry))
        return at(http_server.url)

    return publish


@pytest.fixture
def requests(registry):
    counter = Counter("http_requests", "answered", ["route", "status"], registry=registry)
    for route, status, times in (("/a", "200", 90), ("/b", "200", 4), ("/a", "500", 5), ("/b", "503", 1)):
        counter.labels(route, status).inc(times)
    return counter


@pytest.mark.row("metric", "the page has the metric")
@pytest.mark.parametrize(
    ("metric", "series", "value", "lowest", "highest"),
    [
        ("http_requests_total", 4, 100, 1, 90),
        ('http_requests_total{status="500"}', 1, 5, 5, 5),
        ('http_requests_total{status=~"5.."}', 2, 6, 1, 5),
        ('http_requests_total{status=~"500|503", route="/b"}', 1, 1, 1, 1),
        ('http_requests_total{status!="200"}', 2, 6, 1, 5),
        ('http_requests_total{status!~"[45].*"}', 2, 94, 4, 90),
        ('http_requests_total{nothing=""}', 4, 100, 1, 90),
    ],
)
def test_a_selector_chooses_the_series(looking, page, requests, metric, series, value, lowest, highest):
    fields = looking.seen("metric", page(), metric=metric).fields

    assert (fields["page"], fields["is_present"], fields["series"]) == ("ok", True, series)
    assert (fields["value"], fields["lowest"], fields["highest"]) == (value, lowest, highest)
    assert fields["average"] == value / series


@pytest.mark.row("metric", "the page does not have the metric")
def test_a_metric_that_is_not_there_has_no_value(looking, page, requests):
    fields = looking.seen("metric", page(), metric="jobs").fields

    assert (fields["is_present"], fields["series"]) == (False, 0)
    assert "value" not in fields


@pytest.mark.row("metric", "the page does not have the metric")
def test_a_label_that_never_came_counts_zero_if_the_metric_is_there(looking, page, requests):
    fields = looking.seen("metric", page(), metric='http_requests_total{status="502"}').fields

    assert (fields["is_present"], fields["value"]) == (False, 0)


def test_a_portion_is_of_all(looking, page, requests):
    target = page()

    failed = looking.seen("metric", target, metric='http_requests_total{status=~"5.."}', of="http_requests_total")
    none = looking.seen("metric", target, metric='http_requests_total{status="502"}', of="http_requests_total")
    unknown = looking.seen("metric", target, metric="jobs", of="http_requests_total")
    of_nothing = looking.seen("metric", target, metric="http_requests_total", of="jobs")

    assert (failed.fields["portion"], none.fields["portion"]) == (6, 0)
    assert "portion" not in unknown.fields
    assert "portion" not in of_nothing.fields


def test_a_quantile_is_interpolated_as_prometheus_does(looking, page, registry):
    took = Histogram("took_seconds", "time", ["route"], buckets=(1, 2, 4), registry=registry)
    for route, seconds in (("/a", 0.5), ("/a", 1.5), ("/b", 1.5), ("/b", 3)):
        took.labels(route).observe(seconds)
    target = page()

    def at_(share, metric="took_seconds"):
        return looking.seen("metric", target, metric=metric, quantile=share).fields["value"]

    assert (at_("0.25"), at_("0.5"), at_("0.75"), at_("1")) == (1, 1.5, 2, 4)
    assert at_("0.5", 'took_seconds{route="/b"}') == 2
    took.labels("/a").observe(100)  # above all bounds: the highest is all that is known
    target = page()
    assert at_("1") == 4
    assert looking.seen("metric", target, metric="nothing", quantile="0.5").fields["is_present"] is False


def test_open_metrics_with_exemplars_are_read(looking, http_server, registry):
    Histogram("took_seconds", "time", buckets=(1,), registry=registry).observe(0.5, {"trace_id": "a 1"})
    http_server.by_path["/metrics"] = (200, TEXT, generate_openmetrics(registry))

    fields = looking.seen("metric", at(http_server.url), metric="took_seconds_count").fields

    assert (fields["page"], fields["value"]) == ("ok", 1)


@pytest.mark.row("metric", "its value is no number, or has no end")
@pytest.mark.parametrize("value", [float("nan"), float("inf"), float("-inf")])
def test_a_value_without_an_end_is_left_out(looking, page, registry, value):
    Gauge("limit", "most", registry=registry).set(value)

    fields = looking.seen("metric", page(), metric="limit").fields

    assert fields["is_present"] is True
    assert "value" not in fields


@pytest.mark.row("metric", "nobody listens")
def test_nobody_is_there(looking, closed_port):
    fields = looking.seen("metric", at(f"http://127.0.0.1:{closed_port}"), metric="x").fields

    assert (fields["page"], fields["status"]) == ("unreached", 0)


@pytest.mark.usefixtures("short_wait")
@pytest.mark.row("metric", "it accepts and says nothing in time")
def test_it_says_nothing(looking, raw_server):
    port = raw_server(lambda connection: None)

    assert looking.seen("metric", at(f"http://127.0.0.1:{port}"), metric="x").fields["page"] == "silent"


@pytest.mark.row("metric", "it stops in the middle of the page")
def test_it_stops_in_the_middle(looking, raw_server):
    def answer(connection: socket.socket) -> None:
        connection.recv(65536)
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nx 1")
        connection.close()

    port = raw_server(answer)

    assert looking.seen("metric", at(f"http://127.0.0.1:{port}"), metric="x").fields["page"] == "cut"


@pytest.mark.parametrize(
    ("status", "word"),
    [
        pytest.param(404, "missing", marks=pytest.mark.row("metric", "there is no such page")),
        pytest.param(410, "missing", marks=pytest.mark.row("metric", "there is no such page")),
        pytest.param(401, "forbidden", marks=pytest.mark.row("metric", "the page asks for other credentials")),
        pytest.param(403, "forbidden", marks=pytest.mark.row("metric", "the page asks for other credentials")),
        pytest.param(500, "error", marks=pytest.mark.row("metric", "the page fails")),
    ],
)
def test_a_status_says_what_became_of_the_page(looking, http_server, status, word):
    http_server.status, http_server.body = status, b"x 1\n"

    fields = looking.seen("metric", at(http_server.url), metric="x").fields

    assert (fields["page"], fields["status"]) == (word, status)
    assert "is_present" not in fields


@pytest.mark.row("metric", "what comes is no page of metrics")
@pytest.mark.parametrize("body", [b"<!doctype html>\n<p>hello</p>", b'{"status": "ok"}', b"\x00\x01\xff"])
def test_what_comes_is_something_else(looking, http_server, body):
    http_server.body = body

    assert looking.seen("metric", at(http_server.url), metric="x").fields["page"] == "malformed"


@pytest.mark.row("metric", "the page is larger than 4 MiB and the metric is not in that")
def test_a_page_that_is_too_large_is_unseen_unless_the_metric_was_in_time(looking, http_server):
    http_server.body = b"first 1\n" + b"other 2\n" * (600 * 1024) + b"last 3\n"
    target = at(http_server.url)

    assert looking.seen("metric", target, metric="first").fields["value"] == 1
    assert "larger than 4 MiB" in looking.unseen("metric", target, metric="last")


@pytest.mark.row("metric", "the selector cannot be read")
@pytest.mark.parametrize(
    "metric", ["", "5xx", 'a{b="c"', "a{b=c}", 'a{b=~"(a+)+"}', 'a{b=~"[z-a]"}', 'a{b=~"x{1,99}"}', "rate(a[5m])"]
)
def test_a_selector_that_cannot_be_read_is_our_trouble(looking, http_server, metric):
    assert "no selector" in looking.unseen("metric", at(http_server.url), metric=metric)
    assert http_server.asked == []


@pytest.mark.row("metric", "the quantile is not between 0 and 1")
def test_a_quantile_is_between_0_and_1(looking, http_server):
    assert "between 0 and 1" in looking.unseen("metric", at(http_server.url), metric="x", quantile="95")


@pytest.mark.row("metric", "the url is not known")
def test_without_a_url_there_is_nobody_to_ask(looking):
    assert "has no url" in looking.unseen("metric", Target("w", "worker"), metric="x")


def test_the_page_may_be_elsewhere_and_the_key_does_not_go_there(looking, http_server, known_secrets):
    http_server.body = b"x 1\n"
    looking.secrets = known_secrets({("api", "key"): "a-key-of-ours"})

    looking.seen("metric", at(http_server.url, metrics="/internal/metrics"), metric="x")
    looking.seen("metric", at("http://127.0.0.1:1", metrics=f"{http_server.url}/elsewhere"), metric="x")

    (own, own_path, with_key), (_, other_path, without) = http_server.asked
    assert (own, own_path, other_path) == ("GET", "/internal/metrics", "/elsewhere")
    assert with_key["authorization"] == "Bearer a-key-of-ours"
    assert "authorization" not in without


def test_with_a_short_window_it_stays_and_samples(looking, http_server):
    """The server counts its own requests, so each sample is one more."""

    class Counting(dict[str, object]):
        def get(self, path, default=None):
            return (200, TEXT, f"x {len(http_server.asked)}\ny nan\n".encode())

    http_server.by_path = Counting()

    watched = looking.outcome("metric", at(http_server.url), over_s=1.0, metric="x")

    assert isinstance(watched, Seen)
    samples = watched.watched["value"]
    assert [value for _, value in samples] == list(range(1, len(samples) + 1))
    assert 2 <= len(samples) <= 11
    assert [at_s for at_s, _ in samples] == sorted(at_s for at_s, _ in samples)
    assert samples[0][0] == 0
    assert watched.fields["value"] == samples[-1][1]
    assert "page" not in watched.watched
    assert "is_present" not in watched.watched


@pytest.mark.parametrize("over_s", [None, 31.0, 3600.0])
def test_with_a_long_window_it_looks_once(looking, http_server, over_s):
    http_server.body = b"x 1\n"

    outcome = looking.seen("metric", at(http_server.url), over_s=over_s, metric="x")

    assert outcome.watched == {}
    assert len(http_server.asked) == 1


def test_escapes_in_labels_are_undone():
    (series,), odd = parse('a{b="x\\"y\\\\z\\n",c="}"} 1.5 1700000000\n')

    assert (dict(series.labels), series.value, odd) == ({"b": 'x"y\\z\n', "c": "}"}, 1.5, 0)
    assert selector('a{b="x\\"y\\\\z\\n"}').takes(series)
