"""What short Python programs do, by their syntax tree: calls that are not known to be harmless are no look."""

from __future__ import annotations

import ast
import re
import sys
import warnings
from collections.abc import Callable

from .listing import listed
from .model import Effect
from .sql import judge_sql, looks_like_sql
from .verdict import Judged

MAX_CHARS = 20_000
MAX_NESTING = 30

_Found = tuple[Effect, str, bool]
_UNKNOWN: _Found = (Effect.CHANGES, "code that is not understood", False)

# Calls without consequences, by their full name or, for methods of values, by the last part.
_SAFE_CALLS = listed(
    """print len str int float bool list dict set tuple sorted sum min max abs round range enumerate zip repr type
    hasattr getattr isinstance format any all iter next map filter reversed hex ord chr id dir vars input help bytes
    json.load json.loads json.dumps sys.exit os.getcwd os.listdir os.path.exists os.path.getsize os.path.join
    os.path.abspath os.path.getmtime os.path.isfile os.path.isdir os.cpu_count os.getpid os.uname os.stat
    os.getloadavg platform.platform platform.python_version platform.node platform.machine time.time time.sleep
    time.strftime time.perf_counter datetime.now datetime.utcnow datetime.datetime.now datetime.datetime.utcnow
    datetime.date.today datetime.fromtimestamp datetime.datetime.fromtimestamp datetime.fromisoformat
    socket.gethostname socket.gethostbyname socket.getaddrinfo socket.getfqdn socket.create_connection
    base64.b64decode base64.b64encode base64.urlsafe_b64decode base64.urlsafe_b64encode hashlib.sha256 hashlib.md5
    hashlib.sha1 uuid.uuid4 secrets.token_hex secrets.token_urlsafe shutil.disk_usage shutil.which
    psutil.virtual_memory psutil.cpu_percent psutil.disk_usage psutil.process_iter psutil.Process
    psutil.net_connections psutil.cpu_count psutil.pids gc.get_stats importlib.metadata.version
    pkg_resources.get_distribution importlib.util.find_spec sqlite3.connect psycopg2.connect psycopg.connect
    redis.Redis redis.StrictRedis redis.from_url redis.Redis.from_url requests.get requests.head httpx.get
    httpx.head urllib.request.urlopen torch.cuda.is_available torch.cuda.device_count torch.cuda.get_device_name
    torch.cuda.memory_summary sysconfig.get_paths site.getsitepackages ssl.create_default_context
    ipaddress.ip_address ipaddress.ip_network math.sqrt collections.Counter Counter re.search re.match re.findall
    Path pathlib.Path os.getenv os.environ.get"""
)
_SAFE_METHODS = listed(
    """get items keys values strip split splitlines join lower upper startswith endswith replace find count index
    decode encode format read readline readlines json text fetchone fetchall fetchmany cursor isoformat strftime
    timestamp ping info dbsize llen scard hlen ttl pttl exists lrange hgetall zrange zcard smembers scan scan_iter
    memory_usage memory_info cpu_percent as_dict hexdigest digest total_seconds group groups most_common glob exists
    is_file is_dir read_text stat rglob iterdir zfill ljust rjust append rstrip lstrip title capitalize getpeername
    close describe head tail unique nunique active reserved stats registered scheduled raise_for_status connect"""
)
_DESTROYS = frozenset(
    [
        "os.remove",
        "os.unlink",
        "os.rmdir",
        "os.removedirs",
        "shutil.rmtree",
        "shutil.move",
        "os.truncate",
        "os.rename",
        "os.replace",
    ]
)
_DESTROYING = listed(
    """unlink rmtree rmdir drop drop_all drop_table drop_database delete delete_many delete_one delete_all flushall
    flushdb purge truncate destroy remove revoke deleteMany deleteOne dropDatabase flush_all"""
)
_SHELLS = frozenset(
    [
        "os.system",
        "os.popen",
        "subprocess.run",
        "subprocess.call",
        "subprocess.check_call",
        "subprocess.check_output",
        "subprocess.Popen",
        "subprocess.getoutput",
        "subprocess.getstatusoutput",
    ]
)
_KILLS = frozenset({"os.kill", "os.killpg", "os._exit", "terminate", "kill"})


def judge_python(text: str, shell: Callable[[str], tuple[Judged, ...]]) -> tuple[Effect, str, bool, tuple[Judged, ...]]:
    """Return the worst effect of Python code, why, whether all is known, and the commands that it runs."""
    if len(text) > MAX_CHARS or _nesting(text) > MAX_NESTING:
        return (*_UNKNOWN, ())
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # invalid escapes in a stranger's text are none of ours
            tree = ast.parse(text.strip())
    except (SyntaxError, ValueError, MemoryError, RecursionError):
        return (*_UNKNOWN, ())
    worst: _Found = (Effect.LOOKS, "computes and prints", True)
    if _renames(tree):
        worst = (Effect.CHANGES, "gives known names another meaning", False)
    inner: list[Judged] = []
    for node in ast.walk(tree):
        found = _node(node)
        if found is not None and found[0] > worst[0]:
            worst = found
        line = _shell_line(node)
        if line is not None:
            inner += shell(line)
    return (*worst, tuple(inner))


def _nesting(text: str) -> int:
    depth = deepest = 0
    for letter in re.findall(r"[()\[\]{}]", text):
        depth = depth + 1 if letter in "([{" else max(0, depth - 1)
        deepest = max(deepest, depth)
    return deepest


_ODD = (ast.ClassDef, ast.AsyncFunctionDef, ast.Delete, ast.Global, ast.Nonlocal)


def _node(node: ast.AST) -> _Found | None:
    if isinstance(node, ast.Call):
        return _called(node)
    if isinstance(node, ast.Import | ast.ImportFrom):
        return _imported(node)
    if isinstance(node, ast.Delete):
        return Effect.CHANGES, "deletes a value", False
    if isinstance(node, ast.Assign | ast.AugAssign | ast.AnnAssign):
        targets = node.targets if isinstance(node, ast.Assign) else [node.target]
        if any(not isinstance(target, ast.Name | ast.Tuple) for target in targets):
            return Effect.CHANGES, "sets a value of something", False
    # Decorators, operators and attributes can be anything once names are redefined; definitions are not understood.
    return (Effect.CHANGES, "defines code", False) if isinstance(node, _ODD) else None


_PACKAGES = listed(
    """pkg_resources psycopg2 psycopg redis requests httpx torch numpy pandas scipy sklearn tensorflow transformers
    flask fastapi django celery sqlalchemy pydantic uvicorn gunicorn aiohttp urllib3 certifi boto3 botocore yaml
    pymongo kafka pika jwt cryptography PIL cv2 openai anthropic langchain tiktoken faiss chromadb onnxruntime
    psutil dotenv click rich setuptools pip wheel bs4 lxml elasticsearch prometheus_client opentelemetry sentry_sdk
    grpc google streamlit gradio jax keras xgboost lightgbm whisper sentence_transformers spacy nltk matplotlib tqdm
    mysql pymysql asyncpg aiosqlite alembic cupy numba ray dask polars pyarrow duckdb"""
)


def _imported(node: ast.Import | ast.ImportFrom) -> _Found | None:
    names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else [node.module or ""]
    strange = next((n for n in names if n.split(".")[0] not in sys.stdlib_module_names | _PACKAGES), None)
    if strange is not None:
        return Effect.CHANGES, f"imports {strange[:40] or 'a neighbour'}, which runs code that is not shown", False
    return None


_BUILTINS = frozenset(name for name in _SAFE_CALLS if "." not in name)
_ROOTS = frozenset(name.split(".")[0] for name in _SAFE_CALLS if "." in name)


def _renames(tree: ast.AST) -> bool:
    """Say whether the code binds a name that we take for a harmless call to something else."""
    for node in ast.walk(tree):
        bound: list[str] = []
        if isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load):
            bound = [node.id]
        elif isinstance(node, ast.arg):
            bound = [node.arg]
        elif isinstance(node, ast.Import):
            bound = [alias.asname for alias in node.names if alias.asname]
        elif isinstance(node, ast.ImportFrom):
            bound = [alias.asname or alias.name for alias in node.names]
            bound = [name for name in bound if f"{node.module}.{name}" not in _SAFE_CALLS and name not in _TYPES]
        elif isinstance(node, ast.FunctionDef):
            bound = [node.name]
        if any(name == "*" or name in _BUILTINS or name in _ROOTS for name in bound):
            return True
    return False


_TYPES = frozenset({"datetime", "Path", "Counter", "Redis"})  # `from datetime import datetime` binds a name of its own


def _called(node: ast.Call) -> _Found | None:
    name = _name(node.func)
    last = name.rsplit(".", 1)[-1]
    if name in _DESTROYS or (last in _DESTROYING and "." in name):
        return Effect.DESTROYS, f"calls {name}", True
    if name in _KILLS or (last in _KILLS and "." in name):
        return Effect.RESTARTS, f"calls {name}", True
    if name in _SHELLS:
        return None if _shell_text(node) is not None else (Effect.CHANGES, f"{name} runs what is not shown", False)
    if name == "open":
        return _opened(node)
    if name == "urllib.request.urlopen" and (
        len(node.args) > 1 or node.keywords or not isinstance(node.args[0] if node.args else None, ast.Constant)
    ):
        return Effect.CHANGES, "may send data", False
    if last in ("replace", "rename") and len(node.args) == 1:
        return Effect.DESTROYS, f"calls {name}", True  # of a path: text is replaced by two
    if last in ("execute", "executescript", "executemany", "text"):
        return _executed(node, last)
    if name in _SAFE_CALLS or (last in _SAFE_METHODS and "." in name):
        return None
    return Effect.CHANGES, f"calls {name[:40] or 'something'}, which is not known", False


def _opened(node: ast.Call) -> _Found | None:
    mode = node.args[1] if len(node.args) > 1 else next((k.value for k in node.keywords if k.arg == "mode"), None)
    if mode is None:
        return None
    value = mode.value if isinstance(mode, ast.Constant) and isinstance(mode.value, str) else "?"
    if value.strip("bt") == "r":
        return None
    return (Effect.CHANGES, "appends to a file", True) if value[:1] == "a" else (Effect.DESTROYS, "writes a file", True)


def _executed(node: ast.Call, last: str) -> _Found | None:
    first = node.args[0] if node.args else None
    if isinstance(first, ast.Call) and _name(first.func).endswith("text") and first.args:
        first = first.args[0]
    if isinstance(first, ast.Constant) and isinstance(first.value, str):
        return None if last == "text" and not looks_like_sql(first.value) else judge_sql(first.value)
    return None if last == "text" else (Effect.CHANGES, "runs a statement that is not shown", False)


def _name(node: ast.expr) -> str:
    """Return the dotted name of what is called; what stands before a method of a value becomes ``?``."""
    parts: list[str] = []
    while isinstance(node, ast.Attribute):
        parts.append(node.attr)
        node = node.value
    parts.append(node.id if isinstance(node, ast.Name) else "?")
    return ".".join(reversed(parts))


def _shell_line(node: ast.AST) -> str | None:
    return _shell_text(node) if isinstance(node, ast.Call) and _name(node.func) in _SHELLS else None


def _shell_text(node: ast.Call) -> str | None:
    first = node.args[0] if node.args else None
    if isinstance(first, ast.Constant) and isinstance(first.value, str):
        return first.value
    if isinstance(first, ast.List | ast.Tuple):
        words = [item.value for item in first.elts if isinstance(item, ast.Constant) and isinstance(item.value, str)]
        if len(words) == len(first.elts) and words:
            return " ".join("'" + word.replace("'", "'\\''") + "'" for word in words)
    return None
