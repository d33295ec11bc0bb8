"""The scrubber: secrets go, ordinary text stays, and neither takes long."""

from __future__ import annotations

import base64
import json
import time
from urllib.parse import quote

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crashcart.redact import MARK, Scrubber, fingerprint, is_secret_name

SECRET = 'hunter2/correct"horse+é'
SCRUBBER = Scrubber([SECRET])


@pytest.mark.parametrize(
    "written",
    [
        SECRET,
        quote(SECRET),
        quote(SECRET, safe=""),
        base64.b64encode(SECRET.encode()).decode(),
        base64.urlsafe_b64encode(SECRET.encode()).decode().rstrip("="),
        json.dumps(SECRET)[1:-1],
        json.dumps(SECRET, ensure_ascii=False)[1:-1],
    ],
)
def test_a_known_secret_goes_however_it_is_written(written: str):
    cleaned = SCRUBBER.text(f"before {written} after")

    assert cleaned == f"before {MARK} after"


KEY = "q7Zx81LmPw04Rt6Yv2Kc"


@pytest.mark.parametrize(
    "text",
    [
        f"Incorrect API key provided: sk-{KEY}",
        f"Incorrect API key provided: {KEY}",
        f"OPENAI_API_KEY={KEY}",
        f"  export DB_PASSWORD={KEY}&(more)",
        f"password: {KEY}",
        f"password = '{KEY}'",
        f'{{"api_key": "{KEY} and {KEY}"}}',
        f'{{"apiKey":"{KEY}"}}',
        f'{{"message": "got {{\\"token\\": \\"{KEY}\\"}}"}}',
        f"{{'client_secret': b'{KEY}'}}",
        f"https://x.example/a?user=1&token={KEY}&b=2",
        f"Authorization: Bearer {KEY}",
        f"authorization: {KEY}",
        f"sent Bearer {KEY} to it",
        f"Authorization: Basic {base64.b64encode(f'user:{KEY}'.encode()).decode()}",
        f"with Basic {base64.b64encode(f'user:{KEY}'.encode()).decode()}",
        f"postgresql://app:{KEY}@db:5432/x",
        f"postgresql://app:{KEY}p@ss@db:5432/x",
        f"redis://:{KEY}@cache",
        f"https://{KEY}@github.com/a/b",
        f"Cookie: sid={KEY}; theme=dark",
        f"Set-Cookie: PHPSESSID={KEY}; Path=/",
        f"'Cookie': 'session={KEY}'",
        f"session={KEY}",
        f"xoxb-{KEY}",
        f"ghp_{KEY}",
        f"https://hooks.slack.com/services/T0000/B0000/{KEY}",
        f"eyJhbGciOiJIUzI1NiJ9.{KEY}.{KEY}",
        f"-----BEGIN PRIVATE KEY-----\n{KEY}\n{KEY}\n-----END PRIVATE KEY-----",
        f"-----BEGIN RSA PRIVATE KEY-----\\n{KEY}",
        f"sk_live_{KEY}",
        f"the token was {KEY}",
        f"password={KEY}[redacted]{KEY}",
        f'password: "{KEY}',
    ],
)
def test_an_unknown_secret_goes_by_its_shape_or_name(text: str):
    cleaned = Scrubber([]).text(text)

    assert KEY not in cleaned
    assert MARK in cleaned
    assert cleaned.count("\n") == text.count("\n")


def test_aws_key_ids_go():
    assert Scrubber([]).text("id AKIAIOSFODNN7EXAMPLE.") == f"id {MARK}."


ORDINARY = """\
2024-05-01 12:00:00,123 - openai - ERROR - HTTP Request: POST https://api.openai.com/v1/chat/completions "HTTP/1.1 401 Unauthorized"
INFO:     127.0.0.1:53211 - "GET /jobs/550e8400-e29b-41d4-a716-446655440000?limit=10 HTTP/1.1" 200 OK
{"level": "ERROR", "status": 503, "job_id": "550e8400-e29b-41d4-a716-446655440000", "tokens": 1532, "max_tokens": 4096}
total_tokens=1532 prompt_tokens=12 token count: 5
KeyError: 'token'
KeyError: 'api_key'
invalid token: expired
token missing
password authentication failed for user "postgres"
Bearer authentication failed; WWW-Authenticate: Bearer realm="api"
Basic authentication required
commit 4f1c2a9be02d3ad1c0e7b6a9d8c7f6e5d4c3b2a1 deployed from /srv/app/releases/20240501
  File "/app/lib/python3.11/site-packages/openai/_base_client.py", line 1020, in _request
sqlite3.OperationalError: database is locked
Error 111 connecting to 127.0.0.1:6379. Connection refused.
http://127.0.0.1:8000/users/ann@example.com?x=1
http://127.0.0.1:8000?mail=ann@example.com
mail ann@example.com about task-12345678 on disk-usage-high-42
the secret of good logs is restraint
cache key user_profile_2024_something_long was evicted
job key 550e8400-e29b-41d4-a716-446655440000 done
OPENAI_API_KEY is not set
api_key: None
OPENAI_API_KEY=
etag "33a64df551425fcc55e4d42a148795d9f25f89d4" sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08
retry after 20 s; rate limit 3 / min; org-AbCdEf1234567890 on gpt-4o-mini
"""


@pytest.mark.parametrize("line", ORDINARY.splitlines())
def test_ordinary_text_stays(line: str):
    assert Scrubber(["a-real-secret"]).text(line) == line


SECRET_NAMES = """
OPENAI_API_KEY password dbPassword SECRET_KEY x-api-key accessToken session_id sessionid WEBHOOK_SECRET Authorization
client_secret FIREBASE_KEY AWS_SECRET_ACCESS_KEY JWT private_key GOOGLE_APPLICATION_CREDENTIALS API_KEY_2
"""
OTHER_NAMES = """
DATABASE_PATH MAX_TOKENS total_tokens TOKEN_TTL PASSWORD_MIN_LENGTH AUTH0_DOMAIN LOG_LEVEL OPENAI_BASE_URL DEBUG
SECRET_NAME monkey TOKEN_URL status keyboard
"""


@pytest.mark.parametrize("name", SECRET_NAMES.split())
def test_names_of_secrets_are_known(name: str):
    assert is_secret_name(name)


@pytest.mark.parametrize("name", OTHER_NAMES.split())
def test_names_about_secrets_are_not_secret(name: str):
    assert not is_secret_name(name)


FRAGMENTS = st.sampled_from(
    [SECRET, "foo[red", "secret123", MARK, "[redac", "password", "token", "=", ": ", '"', "'", "\\", "\n", " ", "Bearer ",
     "sk-abcdef123456", "://u:", "@h", "eyJhbGciOi.", "Cookie: ", "api_key", "{", "}", "[", "]", ")", "x", "&", ";", ",",
     "-----BEGIN PRIVATE KEY-----", "-----END PRIVATE KEY-----", "Basic ", "YTpi", "abc12345678defgh90", "b'", "Authorization: "]
)  # fmt: skip


@settings(max_examples=1500, deadline=None)
@given(st.one_of(st.text(max_size=80), st.lists(FRAGMENTS, max_size=14).map("".join)))
def test_scrubbing_twice_changes_nothing_and_lines_stay_lines(text: str):
    scrubber = Scrubber([SECRET, "foo[red", "secret123"])

    once = scrubber.text(text)

    assert scrubber.text(once) == once
    assert once.count("\n") == text.count("\n")


@settings(max_examples=300, deadline=None)
@given(
    st.text(min_size=6, max_size=40).filter(lambda text: text not in MARK), st.text(max_size=60), st.text(max_size=60)
)
def test_no_known_secret_survives(secret: str, before: str, after: str):
    cleaned = Scrubber([secret]).text(before + secret + after)

    assert secret not in cleaned.replace(MARK, "\0")


@given(st.binary(max_size=60))
def test_bytes_that_are_no_text_survive(data: bytes):
    prefix = b"\xff\x00 "

    assert Scrubber([]).bytes(prefix).startswith(b"\xff\x00")
    assert isinstance(Scrubber([]).bytes(data), bytes)


def test_a_secret_that_was_cut_in_half_goes_too():
    scrubber = Scrubber(["abcdefghijklmnop"])

    assert scrubber.text("tail abcdefghij", is_cut=True) == f"tail {MARK}"
    assert scrubber.text("tail abcdefghij") == "tail abcdefghij"


@pytest.mark.parametrize(
    "hostile",
    ["eyJ", "password=", "a" * 5, "://a:", "token ", "secret key ", '"', "\\", "\\\"token\\\":\\\"", "Bearer ", "sk-", "=:",
     "-----BEGIN PRIVATE KEY-----", "eyJaaaaaaaa.", "api_key=\"\\", "[redacted", "cookie: ", "SG.", "key  ", " \t", "b'", "A0+/"],
)  # fmt: skip
def test_time_grows_with_the_length_only(hostile: str):
    scrubber = Scrubber([SECRET])

    def seconds(length: int) -> float:
        text = hostile * (length // len(hostile))
        started = time.process_time()
        scrubber.text(text)
        return time.process_time() - started

    seconds(1000)
    small, large = min(seconds(25_000) for _ in range(3)), min(seconds(200_000) for _ in range(2))

    # Eight times the text may take eight times as long; quadratic would be 64 times.
    assert large < 24 * max(small, 0.004)


def test_a_fingerprint_tells_equal_from_different_only():
    assert fingerprint("one") == fingerprint("one") != fingerprint("two")
    assert len(fingerprint("one")) == 8
