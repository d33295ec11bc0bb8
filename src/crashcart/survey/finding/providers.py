"""External providers, by the names of settings: a base url with a key beside it, or the key alone of a known API. Pure."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from crashcart.survey.finding.addresses import host_of

# prefix of the settings -> (base url, a path whose GET costs nothing and needs the key, header of the key).
# From the providers' own reference pages.
_KNOWN: Mapping[str, tuple[str, str, str]] = {
    "OPENAI": ("https://api.openai.com/v1", "/models", ""),
    "ANTHROPIC": ("https://api.anthropic.com/v1", "/models", "x-api-key"),
    "DEEPGRAM": ("https://api.deepgram.com/v1", "/projects", "Authorization: Token"),
    "ASSEMBLYAI": ("https://api.assemblyai.com/v2", "/transcript?limit=1", "Authorization"),
    "GEMINI": ("https://generativelanguage.googleapis.com/v1beta", "/models", "x-goog-api-key"),
    "VOYAGE": ("https://api.voyageai.com/v1", "", ""),
    "MISTRAL": ("https://api.mistral.ai/v1", "/models", ""),
    "GROQ": ("https://api.groq.com/openai/v1", "/models", ""),
    "DEEPSEEK": ("https://api.deepseek.com", "/models", ""),
    "COHERE": ("https://api.cohere.com/v1", "/models", ""),
    "OPENROUTER": ("https://openrouter.ai/api/v1", "/models", ""),
    "TOGETHER": ("https://api.together.xyz/v1", "/models", ""),
    "STRIPE": ("https://api.stripe.com/v1", "/balance", ""),
    "SENDGRID": ("https://api.sendgrid.com/v3", "/scopes", ""),
    "ELEVENLABS": ("https://api.elevenlabs.io/v1", "/user", "xi-api-key"),
    "REPLICATE": ("https://api.replicate.com/v1", "/account", ""),
}
_URL_NAME = re.compile(
    r"(?P<prefix>[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)*?)_(?:API_)?(?:BASE_|ENDPOINT_)?(?:URL|BASE|ENDPOINT|HOST)\Z"
)
_KEY_NAME = re.compile(r"(?P<prefix>[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)*?)_(?:API_|SECRET_|ACCESS_|AUTH_)?(?:KEY|TOKEN)\Z")


@dataclass(frozen=True, slots=True)
class Provider:
    """One API that somebody else runs, by the settings that lead there."""

    prefix: str
    url: str
    url_name: str  # the setting that holds the url; empty when the url is the API's usual one
    key_name: str
    probe: str
    key_header: str

    @property
    def host(self) -> str:
        """The host of its url."""
        return urlsplit(self.url).netloc.rpartition("@")[2]


def providers(names: Mapping[str, str], secrets: Sequence[str] = ()) -> Iterator[Provider]:
    """Yield the providers that settings lead to. `names` are the settings; of `secrets` only the names are known.

    A url counts when it leads to another machine, or when a key of the same prefix stands beside it: a service of
    one's own has a url, and seldom an API key.
    """
    keys = {_prefix(_KEY_NAME, name): name for name in (*names, *secrets) if _prefix(_KEY_NAME, name)}
    urls = {
        prefix: name
        for name, value in names.items()
        if (prefix := _prefix(_URL_NAME, name)) and value.startswith(("http://", "https://"))
    }
    for prefix in sorted({*urls, *(prefix for prefix in keys if prefix in _KNOWN)}):
        key_name, url_name = keys.get(prefix, ""), urls.get(prefix, "")
        usual, probe, header = _KNOWN.get(prefix, ("", "", ""))
        url = names[url_name] if url_name else usual
        if not key_name or not url or (_is_own(url) and prefix not in _KNOWN and not _is_api(url_name)):
            continue
        yield Provider(prefix, url, url_name, key_name, probe, header)


def _is_api(name: str) -> bool:
    return "_API_" in name or name.endswith(("_BASE_URL", "_API_BASE"))


def _prefix(pattern: re.Pattern[str], name: str) -> str:
    found = pattern.match(name)
    return found["prefix"].removesuffix("_API") if found else ""


def _is_own(url: str) -> bool:
    """Say whether a url leads to this machine or its own network."""
    host = urlsplit(url).hostname or ""
    try:
        return host_of(host) == "here" or ipaddress.ip_address(host).is_private
    except ValueError:
        return "." not in host
