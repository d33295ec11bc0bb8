"""Reading a documentation site: breadth first, politely, never past its own host, never into a private network."""

from crashcart_lab.digest.crawl.errors import AddressRefused, SiteUnreadable
from crashcart_lab.digest.crawl.fetch import USER_AGENT
from crashcart_lab.digest.crawl.guard import Guard, IPNetwork, Resolve
from crashcart_lab.digest.crawl.limits import Clock, Limits
from crashcart_lab.digest.crawl.walk import Page, crawl

__all__ = [
    "USER_AGENT",
    "AddressRefused",
    "Clock",
    "Guard",
    "IPNetwork",
    "Limits",
    "Page",
    "Resolve",
    "SiteUnreadable",
    "crawl",
]
