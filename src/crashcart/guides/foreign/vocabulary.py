"""The built-in words: label phrases by part, wording of trouble, titles that announce no trouble."""

from __future__ import annotations

from crashcart.guides.foreign.nouns import Part
from crashcart.guides.foreign.text import word_set


def _phrases(*lines: str) -> tuple[str, ...]:
    return tuple(phrase.strip() for line in lines for phrase in line.split(",") if phrase.strip())


# English first, then German, Spanish, French, Portuguese, Chinese, Japanese, Russian.
LABELS: dict[Part, tuple[str, ...]] = {
    Part.PROBLEM: _phrases(
        "problem, issue, failure, fault, incident, bug, scenario, alert, alert name, alarm, failure mode, trouble, case",
        "question, frage, störung, problema, incidencia, incidente, pregunta, problème, panne, incidente, pergunta",
        "fehlerbild, fehlerfall, avería, defeito, 问题, 故障, 告警, 問題, 障害, 質問, 問, проблема, неисправность, вопрос, сбой",
        "alerta, alerte, alarme, 报警, アラート, アラート名, оповещение, алерт",
    ),
    Part.PROBLEMS: _phrases(
        "problems, issues, errors, failures, failure modes, failure scenarios, error messages, pitfalls, gotchas",
        "known issues, known problems, known errors, known bugs, troubleshooting, troubleshooting guide, faq, faqs",
        "frequently asked questions, alerts, alarms, incidents, scenarios, symptoms and fixes, problems and solutions",
        "common scenarios, resolution patterns, error reference, error codes, errors and solutions, issues and solutions",
        "probleme, fehler und lösungen, häufige probleme, häufige fehler, bekannte probleme, fehlerbehebung, störungen",
        "fehlersuche, problemas, errores, problemas comunes, errores comunes, solución de problemas, problemas conocidos",
        "resolución de problemas, preguntas frecuentes, perguntas frequentes, foire aux questions, häufige fragen",
        "problèmes, erreurs, problèmes courants, erreurs courantes, dépannage, problèmes connus, résolution de problèmes",
        "erros, problemas comuns, erros comuns, solução de problemas, resolução de problemas, problemas conhecidos",
        "常见问题, 常见错误, 故障排除, 故障排查, 已知问题, よくある問題, よくあるエラー, トラブルシューティング, 既知の問題, よくある質問",
        "проблемы, ошибки, частые проблемы, частые ошибки, типичные проблемы, типичные ошибки, известные проблемы",
        "устранение неполадок, устранение неисправностей, вопросы и ответы",
    ),
    Part.SYMPTOM: _phrases(
        "symptom, symptoms, sign, signs, signs of trouble, indicator, indicators, indication, observed, observed behavior",
        "observed behaviour, actual behavior, actual behaviour, what you see, what users see, user report, observation",
        "observations, error symptoms, detection, how to detect, trigger, trigger condition, triggers, when it fires",
        "what happened, what is happening, what's happening, what this alert means, about this alert, why it fired, alert meaning",
        "meaning, what it means, what this means, description, alert description, condition, behavior, behaviour",
        "symptome, anzeichen, erscheinung, beobachtung, fehlersymptom, beschreibung, síntoma, síntomas, sintoma, sintomas",
        "descripción, symptôme, symptômes, manifestation, descrição, 症状, 现象, 表现, 故障现象, 描述, 現象, 事象, 説明, симптом",
        "симптомы, признаки, признак, проявление, описание, bedeutung, significado, signification, 含义, 意味, значение",
    ),
    Part.MESSAGE: _phrases(
        "error, error message, error text, error found, error output, error log, error logs, log, logs, log message",
        "log messages, log line, log lines, log output, log pattern, log patterns, logs patterns, pattern, patterns",
        "message, exception, stack trace, stacktrace, traceback, output, error code, status code, http status",
        "http code, error pattern, error patterns, search pattern, search patterns, error type, signature",
        "fehler, fehlermeldung, fehlermeldungen, meldung, fehlercode, ausgabe, error encontrado, mensaje, mensaje de error",
        "código de error, erreur, message d'erreur, code d'erreur, erro, mensagem, mensagem de erro, código de erro",
        "错误, 错误信息, 报错, 错误码, 日志, エラー, エラーメッセージ, エラーコード, ログ, ошибка, сообщение, сообщение об ошибке",
        "код ошибки, журнал, лог",
    ),
    Part.CAUSE: _phrases(
        "cause, causes, reason, reasons, root cause, root causes, why, why it happens, why this happens, why it fails",
        "why does this happen, what causes this, explanation, background, diagnosis result, caused by, cause analysis",
        "root cause analysis, contributing factors, culprit, culprits, ursache, ursachen, grund, gründe, hintergrund",
        "causa, causas, causa raíz, motivo, razón, raison, raisons, cause racine, origine, causa raiz, razão, motivos",
        "原因, 根本原因, 故障原因, 可能原因, 原因分析, 考えられる原因, причина, причины, основная причина, возможные причины",
        "mögliche ursachen, mögliche ursache, causas posibles, posibles causas, causes possibles, possíveis causas",
        "cause possible, cause probable, causa probable, causa provável, возможная причина",
    ),
    Part.FIX: _phrases(
        "fix, fixes, solution, solutions, resolution, resolutions, resolve, remedy, remedies, remediation, mitigation",
        "mitigations, workaround, workarounds, action, actions, action items, what to do, how to fix, how to fix it",
        "how to fix this, how to resolve, how to solve, how to mitigate, recovery, recovery steps, repair, correction",
        "corrective action, corrective actions, response, next steps, quick fix, quick fixes, treatment, countermeasure",
        "to fix, to resolve, resolve it, fix it, steps to resolve, steps to fix, what you can do, what can i do, relief",
        "option, approach, method, alternative, fallback, rollback, short-term, long-term, short term, long term",
        "recommended action, recommended actions, immediate action, immediate actions, suggested fix, suggestion",
        "suggestions, recommendation, recommended fix, resolution steps, runbook steps, procedure, steps, how to resolve it",
        "lösung, lösungen, behebung, abhilfe, maßnahme, maßnahmen, massnahme, massnahmen, lösungsweg, reparatur, gegenmaßnahme",
        "solución, soluciones, arreglo, resolución, remedio, acción, acciones, pasos, solution de contournement, correctif",
        "résolution, remède, actions à mener, que faire, solução, soluções, correção, resolução, ação, ações, o que fazer",
        "解决方案, 解决方法, 解决办法, 解决, 处理, 处理方法, 处理步骤, 处理方案, 修复, 修复方法, 对策, 解决步骤",
        "解決策, 解決方法, 解決, 対処, 対処法, 対処方法, 対応, 対応方法, 対策, 修正, 修正方法, 回避策, 復旧手順",
        "решение, решения, исправление, устранение, действия, что делать, как исправить, лечение, способ решения",
    ),
    Part.VERIFY: _phrases(
        "verify, verification, validate, validation, verify the fix, verify fix, confirm, confirm the fix, confirmation",
        "how to verify, verifying the fix, test the fix, post-fix checks, success criteria, verifizierung, erfolgskontrolle",
        "nachprüfung, verificación, verificar, vérification, verificação, validação, 验证, 確認方法, 検証, проверка результата",
        "überprüfen, funktionsprüfung, validación, validation du correctif, 验证方法, подтверждение",
    ),
    Part.CHECK: _phrases(
        "check, checks, diagnosis, diagnose, diagnostics, diagnostic, investigation, investigate, debug, debugging, triage",
        "how to check, how to diagnose, how to investigate, things to check, what to check, look for, where to look",
        "check for, analysis, troubleshoot, inspection, first steps, initial steps, to check, questions to ask",
        "troubleshooting steps, debugging steps, debug steps, diagnostic commands, useful commands, commands, step, query, queries, promql",
        "prüfung, prüfen, diagnose, analyse, überprüfung, prüfschritte, untersuchung, comprobación, comprobar, revisar",
        "diagnóstico, vérifier, diagnostic, vérifications, diagnóstico, verificações, checar, 检查, 排查, 诊断, 排查步骤",
        "確認, 調査, 診断, 確認事項, 調査方法, проверка, диагностика, проверить, анализ, diagnosi",
    ),
    Part.PREVENTION: _phrases(
        "prevention, prevent, preventive measures, preventative measures, avoid, how to prevent, how to avoid, prevention tips",
        "long-term prevention, follow-up, follow up, lessons learned, vorbeugung, vermeidung, prävention, prevención",
        "prévention, prevenção, 预防, 预防措施, 予防, 予防策, 再発防止, профилактика, предотвращение",
    ),
    Part.IMPACT: _phrases(
        "why it matters, why this matters, why is this important, user-facing impact, service impact",
        "impact, effect, effects, consequence, consequences, business impact, user impact, customer impact, blast radius",
        "auswirkung, auswirkungen, folgen, impacto, conséquences, consecuencias, consequências, 影响, 影響, последствия, влияние",
    ),
    Part.NOTE: _phrases(
        "false positive, false positives, false alarm, false alarms, known false positives",
        "note, notes, tip, tips, warning, caution, important, info, information, hint, remark, danger, attention, remember",
        "see also, references, related, example, examples, context, details, more info, additional information, caveat",
        "hinweis, hinweise, achtung, warnung, anmerkung, wichtig, tipp, beispiel, siehe auch, nota, notas, aviso, consejo",
        "importante, advertencia, ejemplo, remarque, remarques, attention, avertissement, exemple, conseil, observação, dica",
        "atenção, exemplo, 注意, 备注, 提示, 说明, 警告, 示例, 备注说明, 備考, 補足, 参考, 例, ヒント, примечание, внимание, важно, совет, пример",
    ),
    Part.SEVERITY: _phrases(
        "severity, priority, urgency, sev, criticality, schweregrad, priorität, dringlichkeit, severidad, gravedad",
        "prioridad, gravité, sévérité, priorité, severidade, gravidade, prioridade, 严重程度, 级别, 优先级, 重要度, 優先度",
        "重大度, серьёзность, серьезность, приоритет, критичность",
    ),
    Part.CATEGORY: _phrases(
        "category, component, service, area, subsystem, affected components, affected component, affected services",
        "kategorie, komponente, bereich, dienst, categoría, componente, servicio, catégorie, composant, categoria, serviço",
        "类别, 组件, 分类, カテゴリ, コンポーネント, категория, компонент",
    ),
    Part.EXPECTED: _phrases(
        "expected, expected output, expected result, expected response, expected results, expected success response, healthy",
        "expected on success, healthy output, normal output, good output, expected behavior, expected behaviour, normal",
        "expected headers in response, erwartet, erwartete ausgabe, esperado, salida esperada, attendu, résultat attendu",
        "saída esperada, 预期, 预期输出, 正常输出, 期待される出力, 期待値, ожидается, ожидаемый результат",
    ),
    Part.ANSWER: _phrases("answer, antwort, respuesta, réponse, resposta, 答, 回答, 答案, ответ"),
    Part.THRESHOLD: _phrases(
        "threshold, thresholds, limit, limits, warning threshold, critical threshold, alert threshold, target, targets",
        "schwellwert, schwelle, grenzwert, umbral, seuil, limite, 阈值, しきい値, 閾値, порог",
    ),
}

# Titles of pages and chapters that hold problems, whatever else stands in them ("Troubleshooting the installation").
PAGES: tuple[str, ...] = (
    r"\btroubleshooting\b", r"\bfaqs?\b", r"\bfrequently asked questions\b", r"\b(?:known|common|typical|frequent) (?:\w+ )?(?:issues|problems|errors|failures|pitfalls)\b",
    r"\bfehler(?:behebung|suche|diagnose)\b", r"\bproblem(?:lösung|behebung)\w*", r"\b(?:häufige|bekannte|typische) (?:fragen|fehler|probleme)\b", r"\bhäufig gestellte fragen\b",
    r"\bdépannage\b", r"\b(?:problèmes|erreurs|questions) (?:courant|connu|fréquent)e?s\b", r"\brésolution (?:de|des) (?:problèmes|erreurs|incidents)\b", r"\bfoire aux questions\b",
    r"\b(?:re)?soluci[óo]n de (?:problemas|errores|incidencias|fallos)\b", r"\b(?:problemas|errores|preguntas) (?:comunes|conocidos|frecuentes)\b",
    r"\b(?:re)?solução de (?:problemas|erros)\b", r"\bresolução de (?:problemas|erros)\b", r"\b(?:problemas|erros|perguntas) (?:comuns|conhecid[oa]s|frequentes)\b",
    r"\brisoluzione (?:dei )?problemi\b", r"\bdomande frequenti\b", r"\bproblemen oplossen\b", r"\brozwiązywanie problemów\b",
    "故障排[除查]", "故障處理", "故障处理", "障害対応", "トラブル(?:事例|対応)", r"\bprobleemoplossing\b", r"\brisoluzione (?:dei |degli )?(?:problemi|errori)\b", "排[障错查](?:指南|手册)", "常见(?:问题|错误|故障)", "常見(?:問題|錯誤)", "已知问题", "疑难解答", "トラブルシュー(?:ティング|ト)",
    "よくある(?:質問|問題|エラー)", "既知の(?:問題|不具合)", "문제 ?해결", "자주 묻는 질문", r"\bустранени\w+ (?:неполадок|неисправностей|проблем|ошибок)\b",
    r"\b(?:частые|типичные|известные|распростран[её]нные) (?:проблемы|ошибки|вопросы|неисправности)\b", r"\b(?:решение|диагностика) (?:проблем|неполадок)\b",
    r"\bвопросы и ответы\b",
)  # fmt: skip

# Words before a label that change nothing of what it announces.
QUALIFIERS = word_set(
    "possible common likely typical main probable potential quick immediate recommended permanent temporary primary usual "
    "frequent most other further additional basic general general suggested proposed first initial known the a an your "
    "some detailed short-term long-term emergency manual automatic automated technical underlying root key critical "
    "häufige mögliche typische bekannte allgemeine posible posibles principales possibles possible fréquentes"
)
# Words behind a label that change nothing either.
TRAILERS = word_set("steps step commands command list guide section procedure procedures message messages details")

WRONG: tuple[str, ...] = (
    # English
    r"\berrors?\b", r"\bfail(?:s|ed|ing|ure|ures)?\b", r"\bcan(?:no|['’])t\b", r"\bcan not\b", r"\bcould(?:n['’]t| not)\b",
    r"\bunable\b", r"\b(?:is|are|was|were|do|does|did|has|have|will|should|must|wo|ca|is)n['’]t\b",
    r"\b(?:does|do|did|is|are|was|will|has|have|must|may) not\b", r"\bnot (?:\w+ ){0,2}\w+(?:ed|ing|able)\b",
    r"\bnot (?:found|open|set|ready|up|sent|shown|valid|enough|in sync|present|reachable|cleaned|correct|visible)\b",
    r"\bno (?:such|longer|\w+ (?:\w+ )?(?:found|received|available|provided|configured|returned|left|registered|events))\b",
    r"\bnothing (?:happens|is)\b", r"^no (?!down|change|need|code|action|longer need)\w+ ", r"\b(?:dies|died)\b", r"\bmissing\b", r"\binvalid\b", r"\bincorrect(?:ly)?\b", r"\bwrong(?:ly)?\b",
    r"\bbroken\b", r"\bbad\b", r"\bcorrupt\w*", r"\bcrash\w*", r"\bdown\b", r"\bdowntime\b", r"\boutages?\b",
    r"\bunavailab\w+", r"\bunreachable\b", r"\bunresponsive\b", r"\bunhealthy\b", r"\bdegrad\w+", r"\bslow(?:ness|ly|er|s|ed|ing)?(?:[- ]?downs?)?\b",
    r"\btime-?outs?\b", r"\btim(?:ed|es|ing) out\b", r"\bhangs?\b", r"\bhung\b", r"\bhanging\b", r"\bstuck\b", r"\bfreez\w+",
    r"\bfrozen\b", r"\bstall\w*", r"\bleak\w*", r"\bexhaust\w+", r"\bexceed\w*", r"\bfull\b", r"\bout of (?!the box)\w+",
    r"\boom\w*", r"\bkilled\b", r"\bdeadlocks?\b", r"\block(?:s|ed)\b", r"\block (?:timeout|contention|wait)", r"\bconflicts?\b",
    r"\bdenied\b", r"\brefused\b", r"\breject(?:s|ed|ion|ions)\b", r"\bforbidden\b", r"\bunauthori[sz]ed\b", r"\bexpired\b",
    r"\bexpir(?:y|ing|ation)\b", r"\blost\b", r"\bloss\b", r"\bdrop(?:s|ped|ping)\b", r"\bdisconnect(?:s|ions?|ing)\b",
    r"\bhigh (?:\w+ )?(?:cpu|memory|load|latency|usage|utili[sz]ation|rate|count|concurrency|disk|traffic|response|lag|volume|"
    r"error|number|iowait|i/o|swap|network|cost|request|temperature)\w*", r"\blow (?:\w+ )?(?:disk|memory|storage|space|cache|"
    r"quality|throughput|coverage|code|test|volume|hit|battery|confidence|score|accuracy)\w*", r"\btoo \w+\b", r"\bbacklog\b",
    r"\b(?:replication|consumer|queue|sync)? ?lag\b", r"\bbottlenecks?\b", r"\bdrift\b", r"\bmismatch\w*", r"\bincompatib\w+",
    r"\bunsupported\b", r"\bunknown\b", r"\bunexpected(?:ly)?\b", r"\bunhandled\b", r"\bundefined\b", r"\bempty \w+",
    r"\bduplicat(?:e|es|ed)\b", r"\bstale\b", r"\boutdated\b", r"\binsufficient\w*", r"\black(?:s|ing)?\b", r"\boverload\w*",
    r"\boverflow\w*", r"\bpanics?\b", r"\bexceptions?\b", r"\babnormal\w*", r"\bexcessive\w*", r"\bunrecogni[sz]ed\b",
    r"\binsecure\b", r"\bspik(?:e|es|ing)\b", r"\bsaturat\w+", r"\bthrottl(?:ed|ing)\b", r"\brate[- ]limit\w*", r"\bquotas?\b",
    r"\bevict\w+", r"\bblock(?:ed|s|ing)\b", r"\bblank\b", r"\bdelay(?:s|ed)?\b", r"\bintermittent\w*", r"\binconsistent\w*",
    r"\bflapping\b", r"\bunschedulable\b", r"\bcrashloop\w*", r"\bpending\b", r"\brace conditions?\b", r"\bsingle point of",
    r"\bexit(?:s|ed)? (?:with )?(?:code|status) [1-9]", r"\bexcept(?:ion)? in\b", r"\bfatal\b", r"\bcritical\b", r"\bill-formed\b",
    r"\bmalformed\b", r"\baborted\b", r"\bdifficult(?:y|ies)?\b", r"\bmultiple versions\b", r"\bbeing accumulated\b",
    r"\binterrupt(?:ed|ion|ions)\b", r"\bunstable\b", r"\btruncated\b", r"\bsilent(?:ly)?\b", r"\bunreadable\b", r"\bmisconfigur\w+",
    r"\bunder-?(?:provisioned|replicated)\w*", r"\binactive\b", r"\babsent\b", r"\bstop(?:s|ped)\b", r"\b(?:loop(?:s|ing)|infinite|endless(?:ly)?)\b", r"\brestart(?:s|ing) (?:loop|repeat|cont)",
    r"\bdisappear\w*", r"\bglitch\w*", r"\blate\b(?! (?:binding|bound))", r"\bfalse (?:positives?|negatives?|alarms?)\b", r"\bfaux (?:positifs?|négatifs?)\b", r"\bfals[oa]s? (?:positiv[oa]s?|negativ[oa]s?|alarmas?|alarmes?)\b", r"\bfehlalarme?\b", r"\b(?:port|address|resource|device)s? (?:\d+ )?(?:is |are )?(?:already )?(?:in use|busy|occupied|taken)\b", r"\bdistort\w+", r"\bdegraded\b", r"\bvanish\w*",
    r"\balready (?:in use|exists|running|taken|defined|allocated|bound|assigned|registered|mounted)\b", r"\breset by\b", r"\bno (?:data|response|output|connection|signal|route|space|sound|image|logs?|answer|access|network|internet|results?|leader|members)\b", r"\bwent wrong\b", r"\bgo(?:es)? wrong\b", r"\brandom disconn\w+", r"\bcors (?:policy|error|issue)\w*", r"\bgarbled\b",
    r"\b(?:is|are|stays?|turns?) (?:red|yellow|high|low|100 ?%)(?=\s*(?:$|[.,;:!?)]))", r"\b(?:watermark|limit|threshold|quota|maximum|capacity|ceiling)s? (?:\w+ )?(?:is |was |has been )?reached\b", r"\bjumps?$",
    r"\b(?:memory|disk|cpu|pid) pressure\b", r"\bissues?\b", r"\bproblems?\b", r"\bunrespons\w+", r"\bnever \w+", r"\bdead\b",
    # German
    r"\bfehl(?:er|geschlag|t|en|schl)\w*", r"\bnicht\b", r"\bkeine?\b", r"\bungültig\w*", r"\blangsam\w*", r"\bvoll\b",
    r"\babgelaufen\w*", r"\bgesperrt\w*", r"\b(?:stürzt|absturz|abgestürzt)\w*", r"\bzeitüberschreitung\w*", r"\bstörung\w*",
    r"\bausfall\w*", r"\bausgefallen\w*", r"\bverweigert\w*", r"\bhängt\b", r"\bdefekt\w*", r"\bkaputt\w*", r"\bverloren\w*",
    r"\bfalsche?\w*", r"\büberlast\w*", r"\bunerreichbar\w*", r"\babgebrochen\w*", r"\babgelehnt\w*", r"\bhängen\b", r"\bvoller?\b", r"\bzu (?:hoch|viele?|lang|groß|klein)\w*", r"\bohne (?!probleme)\w+", r"\bendlos\w*", r"\bbelegt\b", r"\bvergessen\w*", r"\bbeschädigt\w*", r"\bunerwartet\w*",
    r"\bscheitert\w*", r"\bmisslingt\b", r"\bniemals\b", r"\bunvollständig\w*", r"\bveraltet\w*", r"\bdoppelt\w*", r"\bblockiert\w*", r"\bprobleme?\b", r"\bwarnungen?\b", r"\bfriert\b", r"\bleer(?:e|er|es)?\b",
    # Spanish, Portuguese
    r"\bfall[oa]s?\b", r"\bfalha\w*", r"\berror(?:es)?\b", r"\berros?\b", r"\bno (?:se|puede|responde|funciona|hay|arranca|conecta|inicia)\b",
    r"\bnão\b", r"\bsin (?:\w+)\b", r"\b(?:pero|mas|y) (?:no|não) \w+", r"\bfalta(?:n|m)?\b", r"\blent[oa]s?\b", r"\binv[áa]lid[oa]s?\b", r"\bca[íi]d[oa]s?\b", r"\bagotad[oa]s?\b",
    r"\bdenegad[oa]s?\b", r"\brechazad[oa]s?\b", r"\bllen[oa]s?\b", r"\bexpirad[oa]s?\b", r"\bbloquead[oa]s?\b", r"\bperdid[oa]s?\b",
    r"\bindispon[íi]ve(?:l|is)\b", r"\bche[ií][oa]s?\b", r"\bnegad[oa]s?\b", r"\brecusad[oa]s?\b", r"\btravad[oa]s?\b", r"\besgotad[oa]s?\b",
    r"\bbloque(?:é|o|a|an|ó)\b", r"\bno (?:se|est[áa]n?|pueden?|responden?|funcionan?|hay|arrancan?|conectan?|inician?|muestran?|aparecen?|cargan?|encuentran?|detectan?|"
    r"abren?|reconocen?|guardan?|env[íi]an?|reciben?|llegan?|existen?|salen?|reproducen?|permiten?|coinciden?|tienen?|logran?|consigo|puedo|veo|recibo)\b",
    r"\bolvid(?:é|ad[oa]|aste)\b", r"\bocupad[oa]s?\b", r"\bdañad[oa]s?\b", r"\bcorrupt[oa]s?\b", r"\binesperad[oa]s?\b", r"\bdemasiad[oa]s?\b", r"\bdesconect\w+", r"\bcolgad[oa]s?\b",
    r"\b(?:muy|demasiado) (?:lent|alt|baj)[oa]s?\b", r"\bincorrect[oa]s?\b", r"\bausentes?\b", r"\bausência\b", r"\bsem (?:dados|conexão|resposta|acesso|espaço|sinal|memória)\b",
    r"\b(?:muito|demasiado) (?:lent|alt|baix)[oa]s?\b", r"\bparad[oa]s?\b", r"\bdemora\w*\b", r"\bnunca \w+", r"\binst[áa]ve(?:l|is)\b", r"\bprobl[eè]mas?\b", r"\bduplicad[oa]s?\b",
    # French
    r"\berreurs?\b", r"\béchec\w*", r"\béchou\w*", r"\bimpossible\b", r"\b(?:ne|n['’]) ?(?:\w+ ){0,2}?\w+ (?:pas|plus|jamais|rien)\b", r"\bn['’]\w+ (?:pas|plus|jamais|rien)\b", r"\blents?\b", r"\blenteur\w*",
    r"\binvalides?\b", r"\bindisponible\w*", r"\bpanne\w*", r"\brefusée?s?\b", r"\bexpirée?s?\b", r"\bpleine?\b", r"\bbloquée?s?\b",
    r"\bperdue?s?\b", r"\bmanquante?s?\b", r"\bdépassée?s?\b", r"\bincorrecte?s?\b", r"\boublié\w*", r"\bépuisée?s?\b", r"\bcorrompue?s?\b", r"\binattendue?s?\b",
    r"\b(?:trop|très) (?:lent|long|élevé|gros|petit|haut|bas)\w*", r"\bplante(?:nt)?\b", r"\binaccessible\w*", r"\binjoignable\w*", r"\bcoup(?:e|ent|ure)s?\b", r"\boscille\w*", r"\bsatur\w+",
    r"\bproblèmes?\b", r"\binterrompue?s?\b", r"\bfige(?:r|s|nt)?\b", r"\bgelée?s?\b", r"\bsans (?:réponse|effet|résultat|signal|données)\b",
    # Chinese, Japanese
    "问题", "問題", "不良", "失败", "错误", "无法", "不能", "超时", "异常", "故障", "崩溃", "拒绝", "过高", "过低", "不足", "丢失", "卡住", "卡死", "缓慢", "变慢",
    "无响应", "泄漏", "泄露", "找不到", "不可用", "未找到", "宕机", "过期", "已满", "失敗", "エラー", "できない", "できません", "しない",
    "しません", "タイムアウト", "異常", "障害", "クラッシュ", "拒否", "遅い", "遅延", "リーク", "見つかりません", "見つからない", "停止",
    "枯渇", "切断", "期限切れ", "不正", "落ちる",
    # Italian, Dutch, Polish, Turkish
    r"\bnon (?:si|parte|partono|funziona\w*|risponde|trova\w*|riesce|è|viene|carica|avvia|connette|disponibile)\b", r"\berror[ei]\b", r"\brifiutat\w+", r"\bfallit\w+", r"\bniet\b", r"\bfout\w*", r"\bmislukt\b",
    r"\bnie \w+", r"\bbłęd\w*", r"\bbłąd\b", r"\bhata\w*", r"\b\w+mıyor\b", r"\b\w+miyor\b",
    "报错", "失效", "中断", "延迟", "占用", "冲突", "未(?:启动|响应|生效|显示|连接)", "没有(?:响应|数据|显示|反应|权限)", "不(?:显示|生效|工作|响应|变|匹配|一致|稳定)", "太慢", "很慢", "过大", "重启循环", "死锁", "损坏", "不具合", "ない$", "ません$", "遅く", "止まる", "固まる",
    "おかしい", "壊れ", "失われ", "消え", "重い", "오류", "실패", "안 ?(?:됨|되|돼)", "않(?:음|습니다|아|는)", "없(?:음|습니다)", "느림",
    # Russian
    r"\bвысок\w+ (?:загрузк|нагрузк|потреблен|использован|задержк)\w*", r"\bциклическ\w*", r"\bбесконечн\w*", r"\bпроблем\w*", r"\bложн\w+ срабат\w*", r"\bконфликт\w*", r"\bповрежд\w*",
    r"\bслома\w+", r"\bзанят\w*\b", r"\bзаполнен\w*", r"\b(?:мгновенно|сразу|аварийно) (?:завершается|закрывается|падает)\b", r"\bблокиру\w+", r"\bзаблокир\w*", r"\bвзлом\w*", r"\bнекорректн\w*", r"\bневозможн\w*", r"\bнеожидан\w*", r"\bтеря\w+", r"\bтормоз\w*", r"\bпуст(?:ой|ая|ое|ые)\b", r"\bслишком \w+", r"\bбез \w+а\b",
    r"\bошибк\w*", r"\bсбо[йяеи]\w*", r"\bотказ\w*", r"\bнедоступ\w*", r"\bмедленн\w*", r"\bтайм-?аут\w*", r"\bпревышен\w*",
    r"\bзавис\w*", r"\bупал\w*", r"\bпада(?:ет|ют)\b", r"\bпотер\w*", r"\bутечк\w*", r"\bневерн\w*", r"\bне \w+", r"\bнет \w+",
    r"\bпереполн\w*", r"\bистек\w*", r"\bотсутств\w*", r"\bне хватает\b",
)  # fmt: skip

HARMLESS: tuple[str, ...] = (
    r"\b(?:error|exception|failure|fault|incident|issue|timeout|lock|warning)[- ](?:handl\w+|boundar\w+|track\w+|report\w*|monitor\w*|"
    r"recover\w*|logs?|logging|budgets?|tolera\w+|detection|prevention|injection|response|management|template|message format|"
    r"mode analysis|middleware|classes|severity|priorit\w+|levels?|rates? (?:monitor\w*|alerts?)|patterns?|settings?|config\w*)\b",
    r"\brate[- ]limit(?:ing|er|ers)?\b(?! (?:errors?|exceeded|issues?|problems?|reached|hit))", r"\berror codes?$",
    r"\b(?:critical|down) (?:path|load\w*|stream)\b", r"\bcritical (?:incident|alerts?|services?)\b", r"\bquota management\b",
    r"\bblocking io\b", r"\bnon-blocking\b", r"\bfull (?:\w+ )?(?:support|documentation|access|control|path|name|details|context|guide|output|text|stack|reset|restart|backup|example|list|log|logs|reindex|rebuild)\b",
    r"\bslow query log\b", r"\bzero[- ]downtime\b", r"\bno downtime\b", r"\bunknown issues?\b", r"\bfail-?safe\b", r"\bfail-?over\b", r"\bout of scope\b",
    r"\bdead[- ]letter\w*\b", r"\b(?:prevent|avoid|detect|handl|reduc|improv)(?:e|ing)?\b.{0,60}$", r"\breport(?:ing)? (?:an? )?(?:issue|bug|problem)s?\b",
    r"\bgraceful degradation\b", r"\bissue tracker\b", r"\bopen an issue\b", r"\bpush(?:ing)? down\b",
    # What a reader is told not to do, or not to forget, is no trouble.
    r"^(?:please )?(?:do not|don['’]t|never) \w+", r"(?<=[.!] )(?:please )?(?:do not|don['’]t|never) \w+", r"\bn['’]oubliez pas\b", r"\bno (?:te )?olvid\w+", r"\bnão (?:se )?esque[çc]\w+", r"\bvergessen sie nicht\b",
    r"\bnicht vergessen\b", r"\bне забудьте\b", r"\bне забывайте\b", r"\bno (?:worr(?:y|ies)|problem)\b",
    "问题报告", "报告问题", "問題報告", "問題の報告", "错误处理", "エラー処理", "異常検知",
)  # fmt: skip

ASIDES: tuple[str, ...] = (
    r"\btable of contents\b", r"^contents$", r"^toc$", r"\boverview\b", r"\bintroduction\b", r"^about\b", r"\barchitecture\b",
    r"\bcontacts?\b", r"\bescalat\w+", r"\bcheck ?lists?\b", r"\bprerequisites?\b", r"\brequirements?\b", r"\binstall\w*\b", r"\bset-?up\b",
    r"\bgetting started\b", r"\bglossary\b", r"\bappendix\b", r"\brelated (?:doc\w+|links|resources)\b", r"\bresources\b",
    r"\bfurther reading\b", r"\blicen[cs]e\b", r"\bchange ?log\b", r"\brevision history\b", r"\bbest practices?\b", r"\bmaintenance\b",
    r"\boptimi[sz]\w+\b", r"\bperformance (?:tips|tuning|benchmarks?|metrics)\b", r"\bhardening\b", r"\bmonitoring\b", r"\bhealth[- ]?checks?$",
    r"\bimprovements?\b", r"\badvanced features\b", r"\bmigrations?\b", r"\bbackups?\b", r"\bscaling\b", r"\btesting\b",
    r"\bdeployment checklist\b", r"\bgetting help\b", r"\bget help\b", r"^(?:contact )?support$", r"\bsummary\b", r"\bquick reference\b",
    r"\bsee also\b", r"\breferences\b", r"\bhow (?:it|this) works\b", r"\bglossar\b", r"\bpostmortem\b", r"\bpost-incident\b",
    r"\bcommunication\b", r"\bonboarding\b", r"\bcontribut\w+", r"\bpreventi\w+", r"\bslo\b", r"\bsla\b", r"\bdashboards?\b",
    r"\binhalt\b", r"\binhaltsverzeichnis\b", r"\beinleitung\b", r"\bübersicht\b", r"\bvoraussetzungen\b", r"\bkontakt\w*", r"\bwartung\b",
    r"\bíndice\b", r"\bintroducción\b", r"\brequisitos\b", r"\bmantenimiento\b", r"\bsommaire\b", r"\bprérequis\b", r"\bprésentation\b",
    r"\bíndice\b", r"\bintrodução\b", r"\bpré-requisitos\b", r"\bmanutenção\b", "目录", "概述", "简介", "前提", "联系", "目次", "概要", "はじめに",
    "連絡先", r"\bсодержание\b", r"\bвведение\b", r"\bобзор\b", r"\bтребования\b", r"\bконтакты\b", r"\bобслуживание\b",
)  # fmt: skip

# First words of a title or an item that tells what to do: no trouble is named, whatever follows.
IMPERATIVES = word_set(
    "check verify enable disable view get run use configure install restart start stop inspect test review monitor update upgrade add remove "
    "set make ensure look see try open create delete collect gather identify find increase decrease reduce confirm validate examine list show "
    "access connect search go wait contact rollback roll scale clear clean rotate lock sync compare document notify consider implement "
    "checking verifying enabling viewing getting running using configuring restarting inspecting testing reviewing monitoring updating "
    "collecting gathering identifying finding reading analyzing analysing understanding creating adding setting tail grep kubectl docker "
    "insert close press turn click select plug unplug replace repair reinstall download change adjust edit modify retry switch reset reload "
    "reconnect purge kill flush raise lower apply rebuild rerun redeploy deploy write send keep give allow grant regenerate refresh "
    "renew fix move rename copy append provide register authenticate attach detach disconnect sign shorten reboot "
    "closing managing handling note remember avoid prevent preventing avoiding detect detecting handling report reporting submit read ask escalate page "
    "prüfen prüfe überprüfen starten neustarten starte schau schaue öffne lösche stoppe beende hilf setze stelle installiere aktualisiere führe "
    "comprobar verificar revisar reiniciar vérifier redémarrer consulter reinicie verifique"
)

# Words that announce something over a column of a table, and are too common elsewhere.
COLUMNS: dict[str, Part] = {
    "code": Part.MESSAGE, "status": Part.MESSAGE, "level": Part.SEVERITY, "what": Part.PROBLEM, "check": Part.CHECK, "notes": Part.NOTE,
    "if you see": Part.SYMPTOM, "when": Part.SYMPTOM, "you see": Part.SYMPTOM, "then": Part.FIX, "do": Part.FIX, "try": Part.FIX,
    "response code": Part.MESSAGE, "log says": Part.MESSAGE, "log shows": Part.MESSAGE, "display": Part.MESSAGE, "anzeige": Part.MESSAGE, "what you see": Part.SYMPTOM, "reason": Part.CAUSE, "wenn": Part.SYMPTOM, "dann": Part.FIX, "状态码": Part.MESSAGE, "код": Part.MESSAGE,
}  # fmt: skip

# A title of nothing but these is the title of a list of problems ("Summary: common issues and quick fixes").
GENERIC = word_set(
    "issue issues problem problems error errors failure failures fault faults exception exceptions incident incidents alert alerts message messages code codes question "
    "questions trouble troubleshooting common known typical frequent frequently possible various other general list of and or the their with for in how to summary "
    "reference overview guide table quick fix fixes solution solutions resolution resolutions cause causes symptom symptoms all most asked top some runtime we have seen "
    "encountered you may might see scenarios scenario cases handbook runbook playbook faq debugging what if goes go wrong when things my our your help"
)
