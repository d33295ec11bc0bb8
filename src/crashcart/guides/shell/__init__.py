"""A stranger's commands: found in any text, taken apart by a real shell grammar, judged by risk. Nothing is executed."""

from .fences import judge_fence
from .find import commands, is_command
from .model import Command, FenceKind, Found, Place, Remark, Risk, Where, Word
from .remarks import check, check_together

__all__ = [
    "Command",
    "FenceKind",
    "Found",
    "Place",
    "Remark",
    "Risk",
    "Where",
    "Word",
    "check",
    "check_together",
    "commands",
    "is_command",
    "judge_fence",
]
