"""What a name tells by convention: PowerShell's verbs, verbs of the clouds' tools, and what a command acts on."""

from __future__ import annotations

import re

from .listing import listed
from .model import Effect
from .programs import Arguments, Program
from .tree import Simple
from .verdict import Verdict

CMDLET = re.compile(r"(?P<verb>[A-Z][a-z]+)-[A-Z]\w+$")
_CMDLET_VERBS = {
    **dict.fromkeys(["Restart", "Start", "Stop", "Suspend"], (Effect.RESTARTS, "starts, stops or restarts something")),
    **dict.fromkeys(
        ["Remove", "Clear", "Uninstall", "Reset", "Disable", "Dismount"], (Effect.DESTROYS, "removes something")
    ),
}
_CMDLETS = listed(
    """Get-Service Get-Process Get-EventLog Get-WinEvent Get-Content Get-ChildItem Get-Item Get-Date Get-Volume
    Get-Disk Get-NetTCPConnection Get-NetIPAddress Get-NetAdapter Get-NetRoute Get-HotFix Get-ComputerInfo
    Get-Counter Get-Command Get-Help Get-Location Get-PSDrive Get-ScheduledTask Get-CimInstance Get-WmiObject
    Get-Acl Get-Module Get-Member Test-Path Test-NetConnection Test-Connection Resolve-DnsName Select-String
    Select-Object Sort-Object Measure-Object Format-Table Format-List Compare-Object Group-Object Write-Host
    Write-Output"""
)


def judge_cmdlet(simple: Simple, name: str, verb: str) -> Verdict:
    """Judge a PowerShell command by its verb; a block of code in its words is not understood."""
    if any(arg.is_dynamic or re.search(r"[{}()]", arg.text) for arg in simple.args[1:]):
        return Verdict(Effect.CHANGES, "a PowerShell command with code in it", is_known=False)
    if name in _CMDLETS:
        return Verdict(Effect.LOOKS, "shows something")
    effect, why = _CMDLET_VERBS.get(verb, (Effect.CHANGES, "a PowerShell command that changes something"))
    return Verdict(effect, why, is_known=verb in _CMDLET_VERBS)


_VERBS = (
    (re.compile(r"^(?:describe|list|get|show|head|search|view|read|wait|lookup|check|validate|help|ls|logs|simulate|test|estimate)(?:-|$)"),
     Effect.LOOKS, "shows something"),
    (re.compile(r"^(?:delete|terminate|purge|destroy|remove|rm|deregister|revoke|drop|reset|restore|wipe)(?:-|$)"),
     Effect.DESTROYS, "removes something"),
    (re.compile(r"^(?:reboot|restart|stop|start|failover|redeploy|deploy|run)(?:-|$)"),
     Effect.RESTARTS, "restarts something"),
)  # fmt: skip


def judge_by_verb(given: Arguments) -> Verdict:
    """Judge a subcommand of a cloud's tool by the verb its name has: `describe-instances`, `instances list`."""
    words = given.positional[:4]
    names = " ".join(words[:3])
    for word in (*reversed(words[1:]), *words[:1]):
        for pattern, effect, reason in _VERBS:
            if pattern.match(word):
                shows = effect is Effect.LOOKS and re.search(
                    r"secret-value|password|credential|token|get-credentials|decrypt", names
                )
                if shows and "get-credentials" in names:
                    return Verdict(Effect.CHANGES, "stores credentials")
                return Verdict(effect, reason, uses_secret=bool(shows), subcommand=names)
    return Verdict(Effect.CHANGES, "changes something", is_known=False, subcommand=names)


def target_of(program: Program | None, given: Arguments, verdict: Verdict) -> str:
    """Return what a command acts on, as it stands."""
    if program is None or verdict.is_wrapper:
        return ""
    words = given.positional
    match program.language:
        case "http":
            return next((word for word in words if re.search(r"[/.$]", word)), given.value("--url") or "")
        case "sql":
            named = given.value("-d", "--dbname", "-D", "--database")
            return named or next(iter(words), "") or given.value("-h", "--host") or ""
        case "redis" | "mongo":
            return given.value("-h", "--host", "-u", "--uri") or ""
        case "shell" | "python" | "script" | "ssh":
            return next(iter(words), "")
    if program.target is None:
        return words[-1] if words and not program.has_subs else ""
    behind = words[len(verdict.subcommand.split()) :] if verdict.subcommand else words[program.target :]
    if program.name in _OBJECTS and verdict.subcommand.split(" ")[0] in _OF_KINDS:
        return "/".join([*verdict.subcommand.split()[1:], *behind][-2:])
    return next(iter(behind), "")


_OBJECTS = frozenset({"kubectl", "oc"})
_OF_KINDS = frozenset(
    ["get", "describe", "delete", "edit", "patch", "scale", "label", "annotate", "create", "autoscale"]
)
