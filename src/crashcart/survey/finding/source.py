"""What the project's source and dependency files say: frameworks, paths of health and metrics, queues, Alembic. Pure."""

from __future__ import annotations

import os
import re
import tomllib
from collections.abc import Mapping

from crashcart.survey.finding.facts import Facts

_HEALTH_WORD = r"(?:_?_?health(?:z|check|-check|_check)?|_?_?heartbeat(?:__)?|livez?|liveness|readyz?|readiness|ping|status|up|alive)"
# A path in a line that makes a route: a decorator, path(), Route(), add_api_route(), add_url_rule(), a handler table.
_ROUTE = re.compile(
    r"(?:@\w[\w.]*\(|\b(?:re_)?path\(|\burl\(|Route\(|add_\w*(?:route|rule|resource|view)\w*\(|\.(?:get|route|head)\()"
    r"[^\n]{0,60}?[rf]?[\"']\^?(/?(?:[\w.-]+/){0,4}" + _HEALTH_WORD + r")(/?)\$?[\"']"
)
_PREFIX = re.compile(r"(?:prefix|url_prefix|root_path)\s*=\s*[\"'](/[\w/.-]+)[\"']")
_METRICS = re.compile(
    r"make_asgi_app|make_wsgi_app|start_http_server|Instrumentator\(|PrometheusMetrics\(|generate_latest|prometheus_client"
)
_FRAMEWORKS = {
    "FastAPI": re.compile(r"\bFastAPI\("),
    "Flask": re.compile(r"\bFlask\("),
    "Django": re.compile(r"DJANGO_SETTINGS_MODULE|django\.core"),
    "Starlette": re.compile(r"\bStarlette\("),
    "Litestar": re.compile(r"\bLitestar\("),
    "Quart": re.compile(r"\bQuart\("),
    "Sanic": re.compile(r"\bSanic\("),
    "aiohttp": re.compile(r"\bweb\.Application\("),
    "Tornado": re.compile(r"\btornado\.web\b"),
}
_CELERY = re.compile(r"^\w+(?:\s*:\s*[\w.]+)?\s*=\s*(?:celery\.)?Celery\(", re.MULTILINE)
_USUAL = ("/health", "/healthz", "/api/health")


def frameworks(facts: Facts) -> Mapping[str, str]:
    """Return the web frameworks that the source uses, each with the file that shows it."""
    found: dict[str, str] = {}
    for path, text in sorted(facts.files.items(), key=lambda item: (item[0].count("/"), item[0])):
        if path.endswith(".py"):
            for name, pattern in _FRAMEWORKS.items():
                if name not in found and pattern.search(text):
                    found[name] = facts.shown(path)
    return found


def celery_apps(facts: Facts) -> Mapping[str, str]:
    """Return the modules in the folder that make an application of Celery, as `-A` names them, with their files."""
    found: dict[str, str] = {}
    for path, text in sorted(facts.files.items()):
        if path.endswith(".py") and facts.inside(path) and _CELERY.search(text):
            module = facts.shown(path).removesuffix(".py").removeprefix("src/").replace("/", ".")
            found[module.removesuffix(".celery").removesuffix(".__init__")] = facts.shown(path)
    return found


def health_paths(facts: Facts) -> tuple[tuple[str, str], ...]:
    """Return the paths that may tell the health, best first, each with how it is known."""
    found: dict[str, str] = {}
    prefixes: list[str] = []
    for path, text in sorted(facts.files.items()):
        if not path.endswith(".py"):
            continue
        prefixes += _PREFIX.findall(text)
        for match in _ROUTE.finditer(text):
            route = "/" + match[1].lstrip("/") + match[2]
            found.setdefault(route, f"a route in {facts.shown(path)}")
    for prefix in dict.fromkeys(prefixes):
        for route, how in tuple(found.items()):
            found.setdefault(prefix.rstrip("/") + route, how)
    # A word for health says more than `status` or `ping`, and a short path more than a long one.
    ranked = sorted(found.items(), key=lambda item: ("health" not in item[0], len(item[0]), item[0]))
    usual = [(path, "a path that many services have") for path in _USUAL if path not in found]
    return (*ranked[:6], *usual)


def has_metrics(facts: Facts) -> str:
    """Return the file that makes a page for Prometheus; empty when there is none."""
    for path, text in sorted(facts.files.items()):
        if path.endswith(".py") and _METRICS.search(text):
            return facts.shown(path)
    return ""


def dependencies(facts: Facts) -> frozenset[str]:
    """Return the names of the packages that the project asks for."""
    names: set[str] = set()
    for path, text in facts.files.items():
        base = os.path.basename(path)
        if base.startswith("requirements") and base.endswith(".txt"):
            names |= {name for line in text.splitlines() if (name := _requirement(line))}
        elif base in ("pyproject.toml", "Pipfile", "poetry.lock", "uv.lock"):
            names |= _of_toml(text)
    return frozenset(names)


def _of_toml(text: str) -> set[str]:
    try:
        tree = tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        return set()
    project = tree.get("project", {})
    listed = list(project.get("dependencies", ())) if isinstance(project, dict) else []
    names = {name for entry in listed if (name := _requirement(str(entry)))}
    names |= {str(entry.get("name", "")).lower() for entry in tree.get("package", ()) if isinstance(entry, dict)}
    names |= {str(name).lower() for name in tree.get("packages", ())}
    poetry = tree.get("tool", {}).get("poetry", {}).get("dependencies", {})
    return names | {str(name).lower() for name in poetry}


def _requirement(line: str) -> str:
    found = re.match(r"\s*([A-Za-z0-9][A-Za-z0-9._-]*)", line)
    return re.sub(r"[._]+", "-", found[1]).lower() if found else ""
