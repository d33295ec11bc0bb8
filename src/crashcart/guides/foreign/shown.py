"""Words by which a guide says that a text is shown, and signs that it is typed by a person instead."""

from __future__ import annotations

import re

COMMAND = re.compile(
    r"^\s*(?:[$>%#❯]\s+)?(?:sudo\s+)?(?:kubectl|docker|docker-compose|curl|wget|systemctl|journalctl|psql|redis-cli|mysql|grep|egrep|rg|cat|tail|head|ls|cd|cp|mv|rm|"
    r"mkdir|chmod|chown|echo|export|ssh|scp|git|npm|npx|yarn|pnpm|pip|pip3|python|python3|uv|poetry|node|make|go|cargo|java|mvn|gradle|helm|terraform|ansible|aws|gcloud|"
    r"az|openssl|nslookup|dig|ping|traceroute|netstat|ss|lsof|ps|top|htop|free|df|du|kill|pkill|find|sed|awk|jq|watch|celery|alembic|flask|django-admin|uvicorn|"
    r"gunicorn|nginx|service|apt|apt-get|yum|dnf|brew|snap|crontab|ffmpeg|ffprobe|sqlite3|mongo|mongosh|nc|telnet|source|set|unset|printenv|env|strace|iptables|"
    r"sysctl|mount|umount|from|import|def|class|const|let|var|function|return|async|await|raise|throw|except|try|if|for|while|elif|else|"
    r"SELECT|INSERT|UPDATE|DELETE|ALTER|CREATE|DROP|VACUUM|EXPLAIN|SHOW)\b(?!:)|^\s*(?:\./|[A-Z_]{3,}=|--?\w|@\w)"
)
SHOWN_WORDS = re.compile(
    r"\b(?:logs?|logged|errors?|messages?|pattern|output|prints?|shows?|says|returns?|exceptions?|meldung|protokoll|fehler|mensaje|erreur|erro|журнал|журнале|ошибка)\b|日志|报错|错误|提示|ログ|エラー|メッセージ",
    re.IGNORECASE,
)
# Words before and behind a code span that say where it is seen.
ANNOUNCED = re.compile(
    r"\b(?:errors?|messages?|warnings?|exceptions?|logs?|log lines?|output|reports?|reporting|prints?|printed|shows?|showing|says?|saying|complains?(?: about)?|fails? with|failed with|crash\w* with|exits? with|"
    r"look for|search for|(?:you|will|may|might|should|also) see|seeing|contains?|reads|throws?|raises?|meldung\w*|fehler|meldet|zeigt|mensajes?|errore?s?|muestra|erreurs?|affiche|indique|mensagem|erros?|mostra|exibe|ошибк\w+|сообщени\w+|показывает)"
    r"(?: (?:like|such as|wie|como|comme|similar to|the following|is|are|states?|says|that|reads))?\s*[:,]?\s*[\"“(]?$|(?:显示|报错|提示|错误|日志|信息|为|表示|出力)[:\uff1a]?\s*$",
    re.IGNORECASE,
)
ANNOUNCES = re.compile(
    r"\W{0,2}\s*(?:errors?|messages?|warnings?|exceptions?|events?|entries|log (?:lines?|entries|messages?)|lines? in the log|fehler|meldung|mensajes?|erreurs?|mensagem|ошибк\w+)\b|\s*(?:错误|报错|エラー|という)",
    re.IGNORECASE,
)
ERROR_HEAD = re.compile(
    r"(?:[\w./-]+: )?(?:error|fatal|warning|panic|exception|critical|failed|failure|cannot|could not|unable|denied|invalid)\b.{0,60}?[:.]|(?:error|fatal|warning)\b",
    re.IGNORECASE,
)
SAYS_ERROR = re.compile(r"(?:npm|yarn|pnpm) (?:ERR!|error) (?!A complete log|code )\S")  # begins as a command does
TYPED = re.compile(r">>>|In \[\d+\]:|(?:[$❯➜]|\w+[=-][#>])\s+\S")  # what a person typed, and no answer
