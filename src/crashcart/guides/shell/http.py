"""What a request made by curl, wget or httpie does: by method, address, and what is sent."""

from __future__ import annotations

import re
from urllib.parse import unquote

from .model import Effect
from .sql import judge_sql, looks_like_sql
from .verdict import Call, Verdict

_LOOKING = {"GET", "HEAD", "OPTIONS", "PROPFIND", "TRACE"}
_SENDS = [
    "-d",
    "--data",
    "--data-raw",
    "--data-binary",
    "--data-urlencode",
    "--data-ascii",
    "--json",
    "-F",
    "--form",
    "--form-string",
    "--post-data",
    "--post-file",
    "--body-data",
]
_UPLOADS = ("-T", "--upload-file")
_METHODS = _LOOKING | {"POST", "PUT", "PATCH", "DELETE", "PURGE", "BAN"}
# An address that ends so asks for something to be computed and keeps nothing, by the habit of APIs.
_COMPUTES = re.compile(
    r"/(?:chat/completions|completions|embeddings|moderations|messages|generate|generate_content|predict|infer|"
    r"inference|classify|rerank|tokenize|detokenize|translate|translations?|transcribe|transcriptions?|listen|speech|"
    r"recognize|synthesize|summarize|analy[sz]e|detect|extract|translate/v\d|api/generate|api/chat|api/embed(?:dings)?|"
    r"v\d[a-z0-9]*:translateText|responses|audio/\w+|images/generations)(?:[/:](?:[a-z0-9_\-]+))?(?:[?#]|$)",
    re.IGNORECASE,
)
# Searches that are sent by POST, of servers that everyone knows.
_SEARCHES = re.compile(
    r"/(?:_search|_count|_msearch|_validate/query|_analyze|_explain|_field_caps|_mget|_cat/[\w/]*|"
    r"_cluster/allocation/explain|api/v1/query(?:_range)?|api/v1/(?:series|labels)|loki/api/v1/query\w*|api/traces|"
    r"select/logsql/query|oauth2?/introspect|introspect|rdap/\w+|search)(?:[?#]|$)"
)
# What puts an older state in the place of the present one.
_PUTS_BACK = re.compile(r"/(?:_?restore|recover|snapshots/upload|rollback|import/overwrite)(?:[/?#]|$)", re.IGNORECASE)
_STATE_BY_GET = re.compile(
    r"/(?:restart|stop|shutdown|reboot|delete|remove|reset|flush|purge|clear|kill|quitquitquit|drain|disable|enable|"
    r"trigger|deploy|rollback|logout|unsubscribe|invalidate|drop)(?:[/?#]|$)",
    re.IGNORECASE,
)
_CLEARS = re.compile(r"/(?:_delete_by_query|_cache/clear|delete_series|clean_tombstones|flushall)(?:[/?#]|$)")
_RESTARTS = re.compile(r"/(?:restart|-/quit|shutdown|reboot|quitquitquit)(?:[/?#]|$)")
_REST_DELETES = re.compile(r"[?&](?:action|cmd|command)=(?:delete|drop|remove|purge)", re.IGNORECASE)
_KEEPS_OUTPUT = ("-o", "--output", "-O", "-J", "--output-document", "-P")


def judge_http(call: Call) -> Verdict:
    """Judge a request."""
    if call.program.name == "wget":
        return _wget(call)
    if call.program.name in ("http", "https", "xh"):
        return _httpie(call)
    return _curl(call)


def address(call: Call) -> str:
    """Return the address that is asked, as it stands."""
    given = call.given.value("--url")
    if given is not None:
        return given
    words = [word for word in call.given.positional if word not in _METHODS]
    return next((word for word in words if re.search(r"://|[.:/$]|^localhost", word)), words[0] if words else "")


def _curl(call: Call) -> Verdict:
    given = call.given
    strange = call.program.strange(given)
    if strange:
        return call.unknown(f"curl's option {strange} is not known to be harmless")
    if any(arg.is_dynamic and not arg.is_quoted and _is_bare_variable(arg.text) for arg in call.args):
        return call.unknown("a variable stands where options may stand")
    if any(given.has(option) for option in _UPLOADS):
        return Verdict(Effect.CHANGES, "uploads a file")
    sent = given.all_values(*_SENDS)
    method = given.value("-X", "--request")
    if method is None:
        posts = any(given.has(option) for option in _SENDS) and not (given.has("-G") or given.has("--get"))
        method = "HEAD" if given.has("-I") or given.has("--head") else "POST" if posts else "GET"
    verdict = method_verdict(call, method, address(call), sent)
    if verdict.effect is Effect.LOOKS and any(given.has(option) for option in _KEEPS_OUTPUT):
        return _saves(verdict, given.value("-o", "--output"))
    return verdict


def _is_bare_variable(text: str) -> bool:
    """Say whether a word is one variable that may hold options: `$OPTS`, not `$URL` or `$HOST/health`."""
    name = re.fullmatch(r"\$\{?(\w+)\}?(?:\[[@*]\]\})?", text)
    return (
        name is not None
        and re.search(r"url|uri|host|addr|endpoint|base|api|server|domain|site|ip$", name[1], re.I) is None
    )


def _saves(verdict: Verdict, file: str | None) -> Verdict:
    if file is not None and file in ("/dev/null", "-", "/dev/stdout", "nul", "NUL"):
        return verdict
    return Verdict(Effect.CHANGES, "writes what it got to a file")


def method_verdict(call: Call, method: str, url: str, sent: list[str]) -> Verdict:
    """Judge a method on an address."""
    name = method.upper()
    if "$" in method or "<" in method or name not in _METHODS:
        return call.unknown("the method is not known before it runs")
    statement = _statement(url, sent)
    if statement is not None:
        return statement
    path = unquote(url)
    if _CLEARS.search(path) and name != "GET":
        return Verdict(Effect.DESTROYS, "removes data on the server")
    if name in _LOOKING:
        if name == "GET" and (_STATE_BY_GET.search(path) or _REST_DELETES.search(path)):
            return Verdict(Effect.CHANGES, "the address says that asking it changes something")
        return Verdict(Effect.LOOKS, f"{name} asks and changes nothing")
    if _PUTS_BACK.search(path):
        return Verdict(Effect.DESTROYS, "puts an older state over the present one")
    if name == "DELETE":
        return Verdict(Effect.DESTROYS, "removes something on the server")
    if name in ("PURGE", "BAN"):
        return Verdict(Effect.DESTROYS, "empties a cache")
    if name == "POST" and _SEARCHES.search(path):
        return Verdict(Effect.LOOKS, "a search that is sent by POST")
    if name == "POST" and _RESTARTS.search(path):
        return Verdict(Effect.RESTARTS, "restarts or stops the server")
    if name == "POST" and _COMPUTES.search(path):
        return Verdict(Effect.USES, "has a service compute something, which costs and keeps nothing")
    return Verdict(Effect.CHANGES, f"{name} changes something on the server")


def _statement(url: str, sent: list[str]) -> Verdict | None:
    """Judge SQL in what is sent, as time series databases and column stores take it."""
    for text in [*sent, *re.findall(r"[?&](?:q|query|sql)=([^&]*)", url)]:
        candidate = re.sub(r"^(?:q|query|sql|db=[^&]*&q)=", "", unquote(text.replace("+", " ")))
        if looks_like_sql(candidate):
            effect, why, is_known = judge_sql(candidate)
            return Verdict(effect, why, is_known)
        if re.match(r"\s*(?:drop|delete|truncate|alter|insert)\s", candidate, re.IGNORECASE):
            return Verdict(Effect.DESTROYS, "sends a statement that removes or changes data")
    if "/graphql" in url and any("mutation" in text for text in sent):
        return Verdict(Effect.CHANGES, "sends a mutation")
    if "/graphql" in url and sent and not any("$" in text or "@" in text for text in sent):
        return Verdict(Effect.LOOKS, "sends a query")
    return None


def _wget(call: Call) -> Verdict:
    given = call.given
    strange = call.program.strange(given)
    if strange:
        return call.unknown(f"wget's option {strange} is not known to be harmless")
    sent = given.all_values("--post-data", "--post-file", "--body-data")
    method = given.value("--method") or ("POST" if sent else "GET")
    verdict = method_verdict(call, method, address(call), sent)
    if verdict.effect is not Effect.LOOKS or given.has("--spider"):
        return verdict
    if given.value("-O", "--output-document") in ("-", "/dev/null", "/dev/stdout"):
        return verdict
    return Verdict(Effect.CHANGES, "downloads a file")


def _httpie(call: Call) -> Verdict:
    words = call.given.positional
    strange = call.program.strange(call.given)
    if strange:
        return call.unknown(f"the option {strange} is not known to be harmless")
    items = [word for word in words if re.match(r"[\w.\-]+(?::?=[^=]|=@|@)", word) and "://" not in word]
    method = words[0] if words and words[0] in _METHODS else "POST" if items or call.simple.is_fed else "GET"
    return method_verdict(call, method, address(call), items)
