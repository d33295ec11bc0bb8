"""What is said by programs in fences: checks with their bounds, messages, alert rules, searches of logs."""

from __future__ import annotations

import time

from crashcart.guides.foreign import ForeignGuide, read
from crashcart.guides.foreign.nouns import Meaning


def fence(info: str, *lines: str, head: str = "# Ferry office\n") -> ForeignGuide:
    return read("\n".join([head, f"```{info}", *lines, "```", ""]))


def bounds(guide: ForeignGuide) -> list[tuple[str, float, str, Meaning]]:
    return [(t.relation, t.value, t.unit, t.meaning) for t in guide.thresholds]


def texts(guide: ForeignGuide) -> list[str]:
    return [signature.raw for signature in guide.signatures]


# -- thresholds


def test_a_test_of_a_shell_is_an_alarm_unless_all_is_well_behind_it() -> None:
    guide = fence(
        "bash", "#!/bin/bash", 'if [ "$waiting_mb" -gt 700 ]; then', '  echo "too much waits"', "fi",
        'if (( $(echo "$DELAY < 1.5" | bc -l) )); then', '  echo "PASS: delay ${DELAY}s"', "else", '  echo "slow"', "fi",
    )  # fmt: skip

    assert bounds(guide) == [(">", 700.0, "MB", Meaning.ALARM), ("<", 1.5, "s", Meaning.TARGET)]


def test_a_test_for_none_alarms_above_it_and_a_guard_or_a_status_is_no_threshold() -> None:
    guide = fence(
        "bash", "#!/bin/bash", "if [ $LOST -eq 0 ]; then", '  echo "OK"', "else", '  echo "$LOST boats lost"', "fi",
        'if [ "$NEW" -gt 0 ]; then', '  echo "new:"', "fi", "if [ $? -eq 0 ]; then", "  ls", "else", "  ls", "fi",
    )  # fmt: skip

    assert bounds(guide) == [(">", 0.0, "", Meaning.ALARM)]


def test_a_condition_of_a_program_is_a_threshold_when_it_tells_somebody() -> None:
    guide = fence(
        "python", "def look(s, notes):", "    if s['boarding_latency'] > 4.0:  # more than 4 seconds",
        "        notes.append('Boarding is much too slow today')", "    if s['count'] > 7:", "        s['count'] = 7",
        "    print(f'{s[\"x\"]:.1f}')",
    )  # fmt: skip

    assert bounds(guide) == [(">", 4.0, "s", Meaning.ALARM)]
    assert "Boarding is much too slow today" in texts(guide)


def test_an_alert_rule_gives_its_expression_its_bound_and_how_long_it_must_hold() -> None:
    guide = fence(
        "yaml", "- alert: QueueLong", "  expr: sum(boats_waiting) by (pier) > 12", "  for: 3m",
        "- alert: PierGone", '  expr: up{pier="2"} == 0',
    )  # fmt: skip

    assert bounds(guide)[:2] == [(">", 12.0, "", Meaning.ALARM), (">=", 3.0, "min", Meaning.ALARM)]
    assert ("=", 0.0, "", Meaning.ALARM) in bounds(guide)
    assert texts(guide) == ["sum(boats_waiting) by (pier) > 12", 'up{pier="2"} == 0']


def test_waits_ages_and_promises_are_bounds() -> None:
    guide = fence(
        "bash", "kubectl wait --for=delete pod -l app=pier --timeout=90s", "kubectl wait --for=delete pod -l app=quay --timeout=90s",
        "openssl x509 -noout -checkend 86400 -in pier.crt", "KEEP_DAYS=21",
    )  # fmt: skip

    assert bounds(guide) == [
        ("<=", 90.0, "s", Meaning.LIMIT), ("<", 86400.0, "s", Meaning.ALARM), ("=", 21.0, "days", Meaning.LIMIT),
    ]  # fmt: skip


def test_a_promised_time_is_a_bound_that_must_hold() -> None:
    guide = read("# Desk\n\n## Crew\n- **Response Time**: 3 hours by day, 9 hours at night\n")

    assert bounds(guide) == [("<=", 3.0, "h", Meaning.TARGET), ("<=", 9.0, "h", Meaning.TARGET)]


def test_words_in_a_fence_of_commands_are_read_as_words() -> None:
    guide = fence("bash", "# Watch these", "- Boarding times (p95 < 300ms)", "- Lost luggage rate (< 2%)")

    assert [(relation, value, unit) for relation, value, unit, _ in bounds(guide)] == [
        ("<", 300.0, "ms"),
        ("<", 2.0, "%"),
    ]
    assert texts(guide) == []


# -- signatures


def test_what_a_script_prints_on_failure_is_a_sign_and_its_headings_and_counts_are_none() -> None:
    guide = fence(
        "bash", "#!/bin/bash", 'echo "1. Looking for errors"', 'echo "Errors: $N"', 'echo "Broken piers:"',
        'echo -e "${RED}✗ FAIL${NC}: Gate $gate does not open"', 'echo -e "${GREEN}✓ PASS${NC}: Gate opens"',
        'curl -f http://pier/ || echo "Pier silent"',
    )  # fmt: skip

    assert [signature.text for signature in guide.signatures] == ["Gate <gate> does not open", "Pier silent"]


def test_log_calls_are_signs_unless_they_tell_how_far_one_piece_of_work_is() -> None:
    guide = fence(
        "python", "def f(boat_id, path):", '    logger.info(f"Sailing list kept in {path}")',
        '    logger.info(f"Boarding {boat_id}")', '    logger.warning("Rope is thin")', '    print("Tickets printed successfully")',
    )  # fmt: skip

    assert [(s.raw, s.is_healthy) for s in guide.signatures] == [
        ("Sailing list kept in {path}", False),
        ("Rope is thin", False),
        ("Tickets printed successfully", True),
    ]


def test_a_search_of_logs_for_several_wordings_is_a_sign_once() -> None:
    guide = fence(
        "bash", 'kubectl logs -l app=pier | grep -i "rope\\|anchor"', 'grep -c "rope\\|anchor" /var/log/pier.log',
        "curl -s http://pier/metrics | grep -E '(a_time|b_time)'", "journalctl -u pier | grep tide",
    )  # fmt: skip

    assert texts(guide) == ["rope\\|anchor"]


def test_one_line_of_words_under_a_title_is_what_is_shown() -> None:
    guide = read(
        "# Piers\n\n## Problem: Gate stays shut\n```\nGuests queueing up to the road\n```\n\n**Solution**: open it\n"
    )

    assert texts(guide) == ["Guests queueing up to the road"]


# -- problems


def test_a_cause_with_a_remedy_of_its_own_is_a_problem_of_its_own() -> None:
    guide = read(
        "# Piers\n\n## Boarding is slow\n\n**Symptoms:**\n- long queues\n\n**Causes and Fixes:**\n\n"
        "1. **Gate Motor**\n   ```bash\n   systemctl restart gate\n   ```\n\n2. **Rain**\n\n3. **Tide Table Old**\n   ```bash\n   tides update\n   ```\n"
    )

    assert [(p.title, p.parent) for p in guide.problems] == [
        ("Boarding is slow", None),
        ("Gate Motor", "boarding-is-slow"),
        ("Tide Table Old", "boarding-is-slow"),
    ]


def test_a_condition_of_a_program_is_no_branch_of_a_decision() -> None:
    guide = fence(
        "python", "if tide_level == LOW:", "    go_out_failed()", "elif tide.is_broken():", "    stop()", "if error_count > 3:", "    stop()",
        head="# Piers\n\n## Boat stuck\n\n**Cause:** low tide\n",
    )  # fmt: skip

    assert [p.title for p in guide.problems] == ["Boat stuck"]


def test_a_section_that_only_shows_a_check_is_no_problem() -> None:
    guide = read(
        "# Troubleshooting Guide\n\n## Gate Sensor\n```bash\npython -c \"\nprint('Sensor failed')\n\"\n```\n\n"
        "## Gate Motor Fails\n\n**Solution:** oil it\n"
    )

    assert [p.title for p in guide.problems] == ["Gate Motor Fails"]


# -- hostile


def test_hostile_programs_are_read_in_bounded_time() -> None:
    lines = [
        "if " * 300 + "x > 5:", "echo " + '"' * 900, "expr: " + "(" * 900, "logger.error(" * 70, "if [ $x -gt 5 ]; then " * 40,
        "grep " + '"' + "a\\|" * 200, "x" * 990 + " > 5:", "print('" + "\\" * 900,
    ]  # fmt: skip
    text = "# T\n" + "".join(f"```bash\n{line}\n```\n" * 60 for line in lines) + "```python\n" + "(" * 5_000 + "\n```\n"
    start = time.process_time()

    read(text)

    assert time.process_time() - start < 20
