"""No stranger gets our service to visit our own network, and no public site is shut out by mistake."""

from __future__ import annotations

import asyncio
import json
import logging
import os
import shutil
import ssl
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

import pytest
import trustme
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from crashcart_lab.digest.crawl import AddressRefused, Guard, Limits, Page, SiteUnreadable, crawl
from crashcart_lab.digest.crawl import guard as guard_module
from crashcart_lab.digest.crawl.guard import Resolve, resolve_by_system
from crashcart_lab.digest.crawl.reach import is_public
from crashcart_lab.site import trouble
from crashcart_lab.site.server import Site, serving

LIMITS = Limits(max_pages=20, max_depth=3, page_timeout_s=5)
# The part of the loopback network that plays the public internet here; the rest plays our own network.
OUTSIDE = ip_network("127.1.0.0/16")

NAMES = {
    "localhost": ["127.0.0.1", "::1"],
    "intranet.example": ["10.1.2.3"],
    "printer.example": ["192.168.1.9"],
    "metadata.example": ["169.254.169.254"],
    "loop.example": ["127.0.0.1"],
    "loop6.example": ["::1"],
    "linklocal.example": ["fe80::1%lo"],
    "unique.example": ["fd00::1"],
    "mapped.example": ["::ffff:10.0.0.1"],
    "mixed.example": ["93.184.215.14", "10.0.0.1"],
    "mixed6.example": ["93.184.215.14", "fd00::1"],
    "xn--bcher-kva.example": ["172.16.0.1"],
    "127.0.0.1.rebind.example": ["127.0.0.1"],
}

HOSTILE = [
    # loopback, as it is and in the spellings that C libraries take
    "http://127.0.0.1:{port}/",
    "http://127.0.0.1.:{port}/",
    "http://127.9.8.7/",
    "http://127.1:{port}/",
    "http://127.0.1:{port}/",
    "http://2130706433:{port}/",
    "http://0x7f000001:{port}/",
    "http://0x7f.1:{port}/",
    "http://0x7f.0x0.0x0.0x1:{port}/",
    "http://0177.0.0.1:{port}/",
    "http://017700000001:{port}/",
    "http://00000177.0.0.1:{port}/",
    "http://%31%32%37.0.0.1:{port}/",
    "http://127%2E0.0.1:{port}/",
    "http://１２７.0.0.1:{port}/",
    "http://127。0。0。1:{port}/",
    "http://①②⑦.⓪.⓪.①:{port}/",
    "http://[::1]:{port}/",
    "http://[0:0:0:0:0:0:0:1]:{port}/",
    # names
    "http://localhost:{port}/",
    "http://LOCALHOST:{port}/",
    "http://localhost.:{port}/",
    "http://ⓛocalhost:{port}/",
    "http://loc\talhost:{port}/",
    "http://loop.example:{port}/",
    "http://loop6.example:{port}/",
    "http://127.0.0.1.rebind.example:{port}/",
    "https://intranet.example/",
    "http://printer.example/",
    "http://metadata.example/latest/meta-data/",
    "http://linklocal.example/",
    "http://unique.example/",
    "http://mapped.example/",
    "http://mixed.example/",
    "http://mixed6.example/",
    "http://bücher.example/",
    # who is meant
    "http://public.example@127.0.0.1:{port}/",
    "http://public.example:80@127.0.0.1:{port}/",
    "http://127.0.0.1:{port}\\@public.example/",
    "http:\\\\127.0.0.1:{port}\\",
    "http:/127.0.0.1:{port}/",
    "http:127.0.0.1:{port}",
    "http://someone:secret@public.example/",
    # networks of our own, and those that nobody else can reach
    "http://0.0.0.0:{port}/",
    "http://0:{port}/",
    "http://[::]:{port}/",
    "http://10.0.0.1/",
    "http://012.0.0.1/",
    "http://172.16.0.1/",
    "http://172.31.255.255/",
    "http://192.168.0.1/",
    "http://192.168.257/",
    "http://169.254.169.254/latest/meta-data/",
    "http://2852039166/",
    "http://0xa9fea9fe/",
    "http://168.63.129.16/",
    "http://100.64.0.1/",
    "http://100.100.100.200/",
    "http://192.0.0.192/",
    "http://192.0.2.1/",
    "http://198.18.0.1/",
    "http://203.0.113.1/",
    "http://224.0.0.1/",
    "http://239.255.255.250/",
    "http://240.0.0.1/",
    "http://255.255.255.255/",
    # IPv6
    "http://[fe80::1]/",
    "http://[fd00:ec2::254]/",
    "http://[fec0::1]/",
    "http://[ff02::1]/",
    "http://[ff0e::1]/",
    "http://[100::1]/",
    "http://[2001:db8::1]/",
    "http://[3fff::1]/",
    # IPv4 inside IPv6: mapped, compatible, translated, NAT64, local NAT64, 6to4, Teredo, ISATAP
    "http://[::ffff:127.0.0.1]:{port}/",
    "http://[::ffff:a9fe:a9fe]/",
    "http://[::127.0.0.1]:{port}/",
    "http://[::ffff:0:127.0.0.1]:{port}/",
    "http://[64:ff9b::10.0.0.1]/",
    "http://[64:ff9b:1::10.0.0.1]/",
    "http://[2002:7f00:1::1]/",
    "http://[2002:c0a8:1::1]/",
    "http://[2001:0:a00:1::1]/",
    "http://[2606:4700::5efe:10.0.0.1]/",
    "http://[2606:4700::200:5efe:192.168.0.1]/",
    # no place on the web
    "file:///etc/passwd",
    "ftp://public.example/",
    "gopher://127.0.0.1:6379/_INFO",
    "javascript:alert(1)",
    "data:text/html,x",
    "//127.0.0.1/",
    "127.0.0.1",
    "http://",
    "http://./",
    "http://public..example/",
    "http://public.example:0/",
    "http://public.example:99999/",
    "http://256.256.256.256/",
    "http://[fe80::1%25lo]/",
    "http://public.example/" + "a" * 2100,
]

# The first ones are those that a search for "10\\.", "localhost" or "192\\.168\\." in the address would shut out.
FRIENDLY = [
    "site10.com",
    "110.1.2.3.example.com",
    "docs10.example.org",
    "localhost.example.org",
    "notlocalhost.example",
    "my-192.168.example.net",
    "version-172.16.example",
    "10.example.net",
    "127.0.0.1.example.net",
    "0x7f.example.com",
    "example.com",
    "EXAMPLE.ORG",
    "docs.example.com.",
    "under_score.example",
    "a-b.example",
    "xn--80akhbyknj4f.example",
    "bücher.example.org",
    "公式.example",
    "very.deep.down.below.example",
    "1.2.3.4.5.example",
    "internal-affairs.example",
    "fe80.example",
]

# Addresses of the public internet that lie close to others.
PUBLIC = [
    *(
        "1.1.1.1",
        "8.8.8.8",
        "9.255.255.255",
        "11.0.0.1",
        "110.1.2.3",
        "100.63.255.255",
        "100.128.0.1",
        "126.255.255.255",
    ),
    *("128.0.0.1", "169.253.1.1", "172.15.255.255", "172.32.0.1", "192.167.1.1", "192.169.1.1", "198.17.1.1"),
    *("198.20.0.1", "203.0.112.1", "223.255.255.255", "192.10.1.1", "210.172.16.1"),
    *("2606:4700:4700::1111", "2a00:1450::1", "2620:4f:8000::1", "2400:cb00::1"),
]


def names(known: dict[str, list[str]], asked: list[str] | None = None) -> Resolve:
    async def resolve(name: str) -> Sequence[str]:
        if asked is not None:
            asked.append(name)
        if name not in known:
            raise OSError(f"{name} is not known here")
        return known[name]

    return resolve


def turns(*answers: list[str]) -> Resolve:
    """A name server that answers differently every time, and in the end always the same."""
    left = list(answers)

    async def resolve(name: str) -> Sequence[str]:
        return left.pop(0) if len(left) > 1 else left[0]

    return resolve


def read(url: str, guard: Guard, *, tls: ssl.SSLContext | None = None) -> list[Page]:
    async def collect() -> list[Page]:
        return [page async for page in crawl(url, limits=LIMITS, guard=guard, tls=tls)]

    return asyncio.run(collect())


@pytest.fixture(scope="module")
def inner() -> Iterator[Site]:
    """A server of our own network that nobody outside may reach."""
    with serving("127.0.0.1") as site:
        yield site
        assert site.asked == []


@pytest.mark.parametrize("url", HOSTILE, ids=lambda url: url[:60].encode("unicode_escape").decode())
def test_a_hostile_address_is_refused_when_it_is_asked_for_and_when_it_is_crawled(inner: Site, url: str):
    url = url.format(port=inner.server_port)
    guard = Guard(allowed=[], resolve=names(NAMES))

    with pytest.raises(AddressRefused):
        asyncio.run(guard.check(url))
    with pytest.raises(AddressRefused) as refused:
        read(url, guard)

    assert refused.value.url == url
    assert inner.asked == []


@pytest.mark.parametrize("place", ["http://localhost/", "http://127.1/", "http://0/", "http://[::1]/"])
def test_the_resolver_of_the_system_is_asked_about_names_alone(place: str):
    with pytest.raises(AddressRefused):
        asyncio.run(Guard(allowed=[], resolve=resolve_by_system).check(place))


@pytest.mark.parametrize("name", FRIENDLY)
def test_a_public_site_is_fetched_whatever_its_name_looks_like(name: str):
    address = f"127.1.0.{FRIENDLY.index(name) + 1}"
    ascii_name = name.lower().rstrip(".").encode("idna").decode() if not name.isascii() else name.lower().rstrip(".")
    guard = Guard(allowed=[OUTSIDE], resolve=names({ascii_name: [address]}))

    with serving(address) as site:
        url = f"http://{name}:{site.server_port}/trouble/untyped"
        asyncio.run(guard.check(url))
        pages = read(url, guard)

    assert [page.title for page in pages] == ["Untyped"]
    assert {asked.host for asked in site.asked} == {f"{ascii_name}:{site.server_port}"}


# Runs where every address can be had for nothing: in a network namespace that ends with its process.
INSIDE = """
import asyncio, json, subprocess, sys
from crashcart_lab.digest.crawl import Guard, Limits, crawl
from crashcart_lab.site.server import serving
from crashcart_lab.waiting import until

def leads_here(address):
    done = subprocess.run(["ip", "route", "get", address], capture_output=True, text=True)
    return done.stdout.startswith("local ")

async def titles(url):
    limits = Limits(max_pages=1, max_depth=1, page_timeout_s=5)
    return [page.title async for page in crawl(url, limits=limits, guard=Guard(allowed=[]))]

subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
found = {}
for address in sys.argv[1:]:
    length = ["128", "nodad"] if ":" in address else ["32"]
    subprocess.run(["ip", "address", "add", f"{address}/{length[0]}", "dev", "lo", *length[1:]], check=True)
    # The kernel adds the way to a new IPv6 address a little later.
    until(lambda: leads_here(address), timeout_s=10, what=f"the way to {address}", hint="ip route")
    with serving(address) as site:
        found[address] = asyncio.run(titles(f"{site.url}trouble/untyped"))
print(json.dumps(found))
"""


def test_public_addresses_are_fetched_as_they_are():
    if os.geteuid() != 0 or not shutil.which("unshare") or not shutil.which("ip"):
        pytest.skip("public addresses need a network namespace of their own: root, unshare and ip")
    if subprocess.run(["unshare", "--net", "true"], check=False, capture_output=True).returncode != 0:
        pytest.skip("this machine lets even root make no network namespace")

    done = subprocess.run(
        ["unshare", "--net", sys.executable, "-c", INSIDE, *PUBLIC],
        check=False,
        capture_output=True,
        text=True,
        timeout=60,
    )

    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == {address: ["Untyped"] for address in PUBLIC}


@pytest.mark.parametrize("address", PUBLIC)
def test_a_public_address_passes(address: str):
    host = f"[{address}]" if ":" in address else address
    asyncio.run(Guard(allowed=[], resolve=names({})).check(f"https://{host}:8443/"))


@given(st.ip_addresses())
@settings(phases=[Phase.explicit, Phase.reuse, Phase.generate], max_examples=500, deadline=None)
def test_nothing_is_held_for_public_that_the_standard_library_holds_for_private(address: IPv4Address | IPv6Address):
    # NAT64 is the one exception: there the address inside decides.
    if is_public(address) and address not in ip_network("64:ff9b::/96"):
        assert address.is_global
        assert not address.is_multicast


def test_an_address_that_carries_another_reaches_what_that_one_reaches():
    assert is_public(ip_address("::ffff:8.8.8.8"))
    assert not is_public(ip_address("::ffff:10.0.0.1"))
    assert is_public(ip_address("64:ff9b::8.8.8.8"))
    assert not is_public(ip_address("64:ff9b::127.0.0.1"))
    assert is_public(ip_address("2606:4700::5efe:8.8.8.8"))


def test_a_redirect_does_not_lead_inside(inner: Site):
    away = {"/": trouble.redirect(inner.url)}
    guard = Guard(allowed=[OUTSIDE], resolve=names(NAMES))

    with serving("127.1.0.1", routes=away) as site, pytest.raises(AddressRefused, match="redirects to"):
        read(site.url, guard)

    assert inner.asked == []


@pytest.mark.parametrize("target", ["http://metadata.example/", "http://[::ffff:127.0.0.1]/", "http://2130706433/"])
def test_neither_does_a_redirect_of_robots_txt(target: str):
    guard = Guard(allowed=[OUTSIDE], resolve=names(NAMES))

    with (
        serving("127.1.0.1", routes={"/robots.txt": trouble.redirect(target)}) as site,
        pytest.raises(SiteUnreadable, match="not on the public internet"),
    ):
        read(site.url, guard)


def test_a_page_behind_the_first_that_redirects_inside_is_left_out(inner: Site):
    routes = {"/": trouble.page(trouble.links("inward", "quickstart.html")), "/inward": trouble.redirect(inner.url)}

    with serving("127.1.0.1", routes=routes) as site:
        pages = read(site.url, Guard(allowed=[OUTSIDE]))

    assert pages[1].title == "Quick start"
    assert "/inward" in {asked.path for asked in site.asked}
    assert inner.asked == []


def test_a_name_that_turns_hostile_after_the_check_is_refused_by_the_connection(inner: Site):
    guard = Guard(allowed=[OUTSIDE], resolve=turns(["127.1.0.1"], ["127.0.0.1"]))
    url = f"http://rebind.example:{inner.server_port}/"

    asyncio.run(guard.check(url))
    with pytest.raises(AddressRefused):
        read(url, guard)

    assert inner.asked == []


def test_a_name_that_turns_hostile_between_two_pages_gets_no_second_page(caplog: pytest.LogCaptureFixture):
    with serving("127.1.0.1") as good, serving("127.2.0.1", good.server_port) as hostile:
        # Its server closes each connection: robots.txt, the first page, and then the change.
        guard = Guard(allowed=[OUTSIDE], resolve=turns(["127.1.0.1"], ["127.1.0.1"], ["127.2.0.1"]))
        with caplog.at_level(logging.WARNING):
            pages = read(f"http://rebind.example:{good.server_port}/", guard)

    assert [page.title for page in pages] == ["Pigeonhole"]
    assert hostile.asked == []
    assert "install.html is refused" in caplog.text


def test_the_connection_goes_to_the_address_that_was_checked_and_asks_once():
    asked: list[str] = []
    guard = Guard(allowed=[OUTSIDE], resolve=names({"docs.example": ["127.1.0.7"]}, asked))

    with serving("127.1.0.7") as site:
        read(f"http://docs.example:{site.server_port}/trouble/untyped", guard)

    assert len(asked) == len(site.asked) == 2  # robots.txt and the page, as this server keeps no connection
    assert site.asked[1].host == f"docs.example:{site.server_port}"


def test_the_next_address_of_a_name_is_tried_when_the_first_is_deaf():
    with serving("127.1.0.9") as site:
        guard = Guard(allowed=[OUTSIDE], resolve=names({"docs.example": ["127.1.0.8", "127.1.0.9"]}))
        pages = read(f"http://docs.example:{site.server_port}/trouble/untyped", guard)

    assert [page.title for page in pages] == ["Untyped"]


@pytest.mark.parametrize(("certified", "is_read"), [("docs.example", True), ("other.example", False)])
def test_tls_asks_for_the_name_and_verifies_it_though_the_address_is_pinned(certified: str, is_read: bool):
    authority = trustme.CA()
    ours, theirs = ssl.create_default_context(), ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.configure_trust(ours)
    authority.issue_cert(certified).configure_cert(theirs)
    wanted: list[str | None] = []
    theirs.sni_callback = lambda _socket, name, _context: wanted.append(name)
    guard = Guard(allowed=[OUTSIDE], resolve=names({"docs.example": ["127.1.0.1"]}))

    with ExitStack() as stack:
        site = stack.enter_context(serving("127.1.0.1", tls=theirs))
        url = f"https://docs.example:{site.server_port}/trouble/untyped"
        if is_read:
            assert [page.url for page in read(url, guard, tls=ours)] == [url]
        else:
            with pytest.raises(SiteUnreadable, match=r"docs\.example"):
                read(url, guard, tls=ours)

    assert set(wanted) == {"docs.example"}


def test_a_proxy_that_would_look_names_up_itself_is_not_used(monkeypatch: pytest.MonkeyPatch):
    with serving("127.1.0.2") as proxy, serving("127.1.0.1") as site:
        monkeypatch.setenv("HTTP_PROXY", proxy.url)
        monkeypatch.setenv("ALL_PROXY", proxy.url)
        pages = read(f"{site.url}trouble/untyped", Guard(allowed=[OUTSIDE]))

    assert [page.title for page in pages] == ["Untyped"]
    assert proxy.asked == []


@pytest.mark.parametrize("known", [{}, {"gone.example": []}])
def test_a_name_without_an_address_passes_the_check_and_fails_the_crawl(known: dict[str, list[str]]):
    guard = Guard(allowed=[], resolve=names(known))

    asyncio.run(guard.check("http://gone.example/"))
    with pytest.raises(SiteUnreadable, match=r"gone\.example has no address") as failed:
        read("http://gone.example/", guard)

    assert failed.value.__cause__ is not None


def test_a_name_server_that_hangs_is_not_waited_for(monkeypatch: pytest.MonkeyPatch):
    async def hang(_name: str) -> Sequence[str]:
        await asyncio.Event().wait()
        return []

    monkeypatch.setattr(guard_module, "RESOLVE_TIMEOUT_S", 0.01)
    with pytest.raises(SiteUnreadable, match="has no address"):
        read("http://slow.example/", Guard(allowed=[], resolve=hang))


def test_a_refusal_tells_strangers_no_inner_address(caplog: pytest.LogCaptureFixture):
    with pytest.raises(AddressRefused) as refused:
        asyncio.run(Guard(allowed=[], resolve=names(NAMES)).check("http://intranet.example/"))

    assert "10.1.2.3" not in str(refused.value)
    assert "10.1.2.3" in caplog.text
