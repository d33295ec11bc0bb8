"""The look of the page: light and dark by the reader's setting, and on paper."""

from __future__ import annotations

from typing import Final

STYLE: Final = """
:root{color-scheme:light dark;--bg:#f5f6f8;--card:#fff;--ink:#1b1f27;--dim:#5d6675;--line:#dfe3ea;--soft:#f0f2f6;
--bad:#c62f3b;--bad-soft:#fdecee;--open:#955600;--open-soft:#fdf3e2;--good:#187a47;--good-soft:#e6f6ed;--calm:#4a5568;
--calm-soft:#eceff4;--link:#2b5fd9;--accent:var(--calm);--accent-soft:var(--calm-soft)}
@media (prefers-color-scheme:dark){:root{--bg:#0f1216;--card:#181c23;--ink:#e7eaf0;--dim:#98a2b3;--line:#2b313c;
--soft:#20252e;--bad:#ff7b85;--bad-soft:#3a1c21;--open:#f0b354;--open-soft:#382a14;--good:#5fd495;--good-soft:#15301f;
--calm:#a9b4c6;--calm-soft:#252b35;--link:#8db0ff}}
.bad{--accent:var(--bad);--accent-soft:var(--bad-soft)}.open{--accent:var(--open);--accent-soft:var(--open-soft)}
.good{--accent:var(--good);--accent-soft:var(--good-soft)}
*{box-sizing:border-box}
body{margin:0;background:var(--bg);color:var(--ink);font:15px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue",Arial,sans-serif;
-webkit-text-size-adjust:100%;overflow-wrap:anywhere}
main{max-width:1000px;margin:0 auto;padding:28px 20px 48px}
h1{font-size:27px;line-height:1.22;margin:6px 0 10px;font-weight:680;letter-spacing:-.012em;text-wrap:balance}
h2{font-size:13px;margin:0 0 14px;font-weight:650;color:var(--dim);letter-spacing:.02em}
h1::first-letter{text-transform:uppercase}
p{margin:0 0 6px}p:last-child{margin:0}
code,pre,.mono{font-family:ui-monospace,SFMono-Regular,Menlo,Consolas,"Liberation Mono",monospace;font-size:.875em}
.top{display:flex;flex-wrap:wrap;gap:6px 12px;align-items:baseline;color:var(--dim);margin-bottom:16px;font-size:14px}
.top b{color:var(--ink);font-weight:650}.env{border:1px solid var(--line);border-radius:99px;padding:0 9px}
.top .right{margin-left:auto}
.card{background:var(--card);border:1px solid var(--line);border-radius:12px;padding:20px 22px;margin-bottom:16px}
.verdict{border-left:5px solid var(--accent)}
.badge{display:inline-block;background:var(--accent-soft);color:var(--accent);font-weight:650;border-radius:99px;padding:2px 11px;font-size:13px}
.badge.first{text-transform:none}
.where{color:var(--dim);font-weight:400}
.facts{display:flex;flex-wrap:wrap;gap:4px 22px;color:var(--dim);margin-top:10px}.facts b{color:var(--ink);font-weight:600}
ul,ol{margin:0;padding-left:20px}li{margin:4px 0}
.reasons{list-style:none;padding:0;margin:0}
.reasons>li{display:grid;grid-template-columns:22px 1fr auto;gap:2px 10px;padding:10px 0;border-top:1px solid var(--line);margin:0}
.reasons>li:first-child{border-top:0;padding-top:0}.reasons>li:last-child{padding-bottom:0}
.tick{font-weight:700;color:var(--good)}.cross{font-weight:700;color:var(--bad)}
.says{grid-column:2/4;color:var(--dim);font-size:14px}
.record{grid-column:2/4;background:var(--soft);border-radius:6px;padding:5px 9px;margin-top:3px;white-space:pre-wrap;display:block}
.record i{color:var(--dim);font-style:normal}
.weight{white-space:nowrap;color:var(--dim);font-size:12.5px;font-variant-numeric:tabular-nums;text-align:right}
.meter{display:inline-block;width:64px;height:6px;border-radius:3px;background:var(--soft);overflow:hidden;vertical-align:middle;margin-left:8px}
.meter>span{display:block;height:100%;background:var(--good);border-radius:3px}.meter.against>span{background:var(--bad)}.meter.p>span{background:var(--accent)}
.scroll{overflow-x:auto}
svg.story{display:block;max-width:100%;height:auto;margin:0 auto;min-width:560px}
svg rect{fill:var(--soft);stroke:var(--line)}
svg .cause rect{stroke:var(--accent);stroke-width:1.5}svg .cause.named rect{fill:var(--accent-soft)}
svg .cause.open rect,svg .cause.unknown rect{stroke-dasharray:5 4;fill:var(--card)}
svg .sign rect{fill:var(--card)}svg .said rect{fill:var(--card);stroke:var(--dim);stroke-dasharray:2 3}
svg text{font:13px system-ui,-apple-system,"Segoe UI",Roboto,Arial,sans-serif;fill:var(--ink)}
svg .title{font-size:15px;font-weight:620}svg .label{font-size:11.5px;fill:var(--dim)}svg .named .label{fill:var(--accent)}
svg .fact{font-size:12.5px;fill:var(--dim)}svg .sign .fact{font-size:12px;fill:var(--ink)}svg .against .fact{fill:var(--bad)}
svg .arrow{fill:none;stroke:var(--dim);stroke-width:1.6}svg .tip{fill:var(--dim)}svg .thread{fill:none;stroke:var(--line);stroke-width:1.6}
.line{list-style:none;padding:0;margin:0}
.line li{display:grid;grid-template-columns:76px 14px 1fr;gap:0 10px;margin:0;padding:4px 0;position:relative}
.line time{color:var(--dim);font-variant-numeric:tabular-nums;font-size:13.5px;text-align:right;line-height:22px}
.line .dot{width:9px;height:9px;border-radius:50%;background:var(--line);margin:7px 2px 0;position:relative;z-index:1}
.line li:not(:last-child)::before{content:"";position:absolute;left:92px;top:17px;bottom:-12px;width:1px;background:var(--line)}
.line .main .dot{background:var(--accent)}.line .main .what{font-weight:600}
.dim{color:var(--dim)}.small{font-size:13.5px}
table{width:100%;border-collapse:collapse;font-size:14px}
td,th{text-align:left;padding:6px 12px 6px 0;border-top:1px solid var(--line);vertical-align:top}tr:first-child td,th{border-top:0}
th{font-weight:600;color:var(--dim);font-size:13px}td.num{text-align:right;white-space:nowrap;color:var(--dim);padding-right:0;font-variant-numeric:tabular-nums}
details{border-top:1px solid var(--line);padding:8px 0}details:first-of-type{border-top:0}
summary{cursor:pointer;list-style-position:outside;margin-left:16px}summary:focus-visible{outline:2px solid var(--link);outline-offset:3px;border-radius:3px}
summary .saw{color:var(--dim)}
pre{background:var(--soft);border-radius:8px;padding:10px 12px;margin:8px 0 4px 16px;white-space:pre-wrap;max-height:420px;overflow:auto}
.two{display:grid;grid-template-columns:1fr 1fr;gap:16px}.two .card{margin:0}.two{margin-bottom:16px}
footer{color:var(--dim);font-size:13px;padding:4px 2px}footer code{background:var(--soft);border-radius:5px;padding:1px 6px}
@media (max-width:720px){main{padding:16px 12px 32px}.two{grid-template-columns:1fr}.card{padding:16px}h1{font-size:22px}
.reasons>li{grid-template-columns:18px 1fr}.weight{grid-column:2;text-align:left}.says,.record{grid-column:2}}
@media print{:root{color-scheme:light;--bg:#fff;--card:#fff;--ink:#111;--dim:#444;--line:#bbb;--soft:#f3f3f3;--bad:#a3141f;--bad-soft:#fff;
--open:#7a4700;--open-soft:#fff;--good:#0d5c33;--good-soft:#fff;--calm:#333;--calm-soft:#fff}
body{font-size:11pt}main{max-width:none;padding:0}.card{border-color:#bbb;padding:12px 14px}.card.verdict{border-left-color:var(--accent)}h2{break-after:avoid}li,svg,tr{break-inside:avoid}
details::details-content{content-visibility:visible;display:block}pre{max-height:none;overflow:visible}summary{list-style:none;margin-left:0}}
""".strip()
