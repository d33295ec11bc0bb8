"""What Redis commands do."""

from __future__ import annotations

from .listing import listed
from .model import Effect

_LOOKS = listed(
    """ping echo time info dbsize get mget strlen getrange substr exists type ttl pttl expiretime pexpiretime keys scan
    randomkey object hget hmget hgetall hkeys hvals hlen hexists hscan hstrlen hrandfield lrange llen lindex lpos
    smembers scard sismember smismember srandmember sscan sunion sinter sdiff sintercard zrange zrevrange
    zrangebyscore zcard zscore zrank zrevrank zcount zrangebylex zrevrangebyscore zscan zlexcount zmscore xlen
    xrange xrevrange xinfo xpending xread getbit bitcount bitpos pfcount geopos geodist geosearch georadius_ro
    lastsave command lolwut role monitor dump digest touch readonly readwrite hello select auth asking wait"""
)
_CHANGES = listed(
    """set setex psetex setnx mset msetnx append incr incrby incrbyfloat decr decrby hset hsetnx hmset hincrby
    hincrbyfloat lpush rpush lpushx rpushx linsert lset sadd zadd zincrby xadd xgroup xack xclaim xautoclaim setbit
    bitfield bitop pfadd pfmerge geoadd persist bgsave bgrewriteaof save publish spublish copy move rename renamenx
    restore slowlog latency config client acl script eval evalsha fcall function module swapdb replicaof slaveof
    cluster multi exec discard watch unwatch subscribe psubscribe ssubscribe setrange expire pexpire expireat
    pexpireat failover sentinel psync sync debug memory pubsub reset getset getex"""
)
_DESTROYS = {
    "flushall": "removes all keys of all databases",
    "flushdb": "removes all keys of a database",
    "del": "removes keys",
    "unlink": "removes keys",
    "getdel": "takes a value away",
    "hdel": "removes fields",
    "ltrim": "removes items",
    "lrem": "removes items",
    "lpop": "takes items away",
    "rpop": "takes items away",
    "blpop": "takes items away",
    "brpop": "takes items away",
    "rpoplpush": "moves items",
    "lmove": "moves items",
    "spop": "takes items away",
    "srem": "removes members",
    "zrem": "removes members",
    "zpopmin": "takes members away",
    "zpopmax": "takes members away",
    "zremrangebyscore": "removes members",
    "zremrangebyrank": "removes members",
    "xtrim": "removes entries",
    "xdel": "removes entries",
}
# A command with a word behind it that makes it something else.
_WITH_SUB = {
    "config": {"get": (Effect.LOOKS, "shows settings"), "resetstat": (Effect.DESTROYS, "clears counters")},
    "client": {
        "list": (Effect.LOOKS, "lists clients"), "info": (Effect.LOOKS, "shows a client"),
        "getname": (Effect.LOOKS, "names a client"), "id": (Effect.LOOKS, "names a client"),
        "kill": (Effect.RESTARTS, "closes connections"), "pause": (Effect.RESTARTS, "stops clients for a while"),
    },
    "slowlog": {
        "get": (Effect.LOOKS, "shows slow commands"), "len": (Effect.LOOKS, "counts slow commands"),
        "reset": (Effect.DESTROYS, "clears the list of slow commands"),
    },
    "latency": {
        "latest": (Effect.LOOKS, "shows delays"), "history": (Effect.LOOKS, "shows delays"),
        "doctor": (Effect.LOOKS, "explains delays"), "graph": (Effect.LOOKS, "shows delays"),
        "histogram": (Effect.LOOKS, "shows delays"), "reset": (Effect.DESTROYS, "clears measures"),
    },
    "memory": {
        "usage": (Effect.LOOKS, "measures a key"), "stats": (Effect.LOOKS, "measures memory"),
        "doctor": (Effect.LOOKS, "explains memory"), "malloc-stats": (Effect.LOOKS, "measures memory"),
        "purge": (Effect.CHANGES, "gives memory back"),
    },
    "cluster": {
        "info": (Effect.LOOKS, "shows the cluster"), "nodes": (Effect.LOOKS, "lists nodes"),
        "slots": (Effect.LOOKS, "lists slots"), "shards": (Effect.LOOKS, "lists parts"),
        "keyslot": (Effect.LOOKS, "names a slot"), "myid": (Effect.LOOKS, "names the node"),
        "countkeysinslot": (Effect.LOOKS, "counts keys"), "failover": (Effect.RESTARTS, "changes the leader"),
        "reset": (Effect.DESTROYS, "takes the node out"), "forget": (Effect.DESTROYS, "removes a node"),
    },
    "acl": {
        "list": (Effect.LOOKS, "lists users"), "whoami": (Effect.LOOKS, "names the user"),
        "users": (Effect.LOOKS, "lists users"), "cat": (Effect.LOOKS, "lists rights"),
        "getuser": (Effect.LOOKS, "shows a user"), "log": (Effect.LOOKS, "shows refused commands"),
        "deluser": (Effect.DESTROYS, "removes a user"),
    },
    "sentinel": {
        "masters": (Effect.LOOKS, "lists leaders"), "master": (Effect.LOOKS, "shows a leader"),
        "replicas": (Effect.LOOKS, "lists copies"), "slaves": (Effect.LOOKS, "lists copies"),
        "sentinels": (Effect.LOOKS, "lists watchers"), "get-master-addr-by-name": (Effect.LOOKS, "names the leader"),
        "ckquorum": (Effect.LOOKS, "checks the quorum"), "failover": (Effect.RESTARTS, "changes the leader"),
    },
    "pubsub": {
        "channels": (Effect.LOOKS, "lists channels"), "numsub": (Effect.LOOKS, "counts"),
        "numpat": (Effect.LOOKS, "counts"),
    },
    "script": {"exists": (Effect.LOOKS, "asks for a script"), "kill": (Effect.RESTARTS, "ends a script"),
               "flush": (Effect.DESTROYS, "removes scripts")},
    "module": {"list": (Effect.LOOKS, "lists modules")},
    "function": {"list": (Effect.LOOKS, "lists functions"), "flush": (Effect.DESTROYS, "removes functions")},
    "xgroup": {"destroy": (Effect.DESTROYS, "removes a group"), "delconsumer": (Effect.DESTROYS, "removes a reader")},
    "debug": {"sleep": (Effect.RESTARTS, "stops the server for a while"), "object": (Effect.LOOKS, "describes a key"),
              "segfault": (Effect.RESTARTS, "ends the server")},
    "shutdown": {"nosave": (Effect.DESTROYS, "stops the server and drops what was not saved")},
}  # fmt: skip
COMMANDS = _LOOKS | _CHANGES | set(_DESTROYS) | set(_WITH_SUB)


_ALONE = frozenset({"flushall", "flushdb", "dbsize", "bgsave", "bgrewriteaof", "lastsave"})


def is_said(text: str) -> bool:
    """Say whether a text is a command as it is told to a server, in capitals: `CONFIG GET maxmemory`."""
    words = text.split(None, 8)
    if not words or not words[0].isupper() or not words[0].isalpha():
        return False
    if len(words) == 1 or words[1] in ("ASYNC", "SYNC"):
        return words[0].lower() in _ALONE
    return words[1].isupper() and words[1].lower() in {
        *_WITH_SUB.get(words[0].lower(), ()),
        *_SUBS.get(words[0].lower(), ()),
    }


_SUBS = {
    "config": ("set", "rewrite"),
    "client": ("setname", "no-evict"),
    "acl": ("setuser", "save"),
    "cluster": ("meet",),
}


def judge_redis(words: list[str]) -> tuple[Effect, str, bool]:
    """Return the effect of a Redis command, why, and whether it is known."""
    name, sub = words[0].lower(), words[1].lower() if len(words) > 1 else ""
    if sub in _WITH_SUB.get(name, {}):
        return (*_WITH_SUB[name][sub], True)
    if name == "shutdown":
        return Effect.RESTARTS, "stops the server", True
    if name in _DESTROYS:
        return Effect.DESTROYS, _DESTROYS[name], True
    if name in _LOOKS:
        return Effect.LOOKS, "reads keys or state", True
    if name in ("eval", "evalsha", "fcall"):
        return Effect.CHANGES, "runs a script that may do anything", False
    if name in _CHANGES:
        return Effect.CHANGES, "changes keys or settings", True
    return Effect.CHANGES, f"a command that is not known: {name[:20]}", False
