"""Bad input gets a clear message, the rest goes on, nothing is lost."""

from __future__ import annotations

import json
import socket
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from conftest import Interrupt, Shop

BROKEN = ("ERROR order 17 failed", "ERROR warehouse said 403")


def test_a_broken_guide_is_told_with_its_place_and_the_rest_goes_on(shop: Shop) -> None:
    shop.write("other.md", "---\nguide: other\nfor: htpp\n---\n# other\n\n**Healthy**\n- `htpp {self} GET / => ok`\n")
    text = (shop.folder / "crashcart.toml").read_text(encoding="utf-8")
    shop.write("crashcart.toml", text.replace('["shop.md"]', '["shop.md", "other.md"]'))
    shop.log(*BROKEN)

    ran = shop.run()

    assert "other.md:3:6" in ran.err
    assert "other.md:8:4" in ran.err
    assert 'try "http"' in ran.err
    assert "the warehouse refuses us" in ran.out


@pytest.mark.parametrize(
    ("good", "bad", "told"),
    [
        ('kind = "http"', 'knid = "http"', ('"knid"', '"kind"', "crashcart.toml:7")),
        ('kind = "http"', 'kind = "htpp"', ('"htpp"', '"http"', "crashcart.toml:7")),
        ("[targets.shop]", "[target.shop]", ('"target"', '"targets"', "crashcart.toml:6")),
        ('logs = ["shop.log"]', 'logs = "shop.log"', ("logs", "list", "crashcart.toml:9")),
        ('name = "shop"', "name = ", ("crashcart.toml",)),
        ('logs = ["shop.log"]', 'depends = ["wharehouse"]', ('"wharehouse"', "crashcart.toml:9")),
    ],
)
def test_a_slip_in_the_system_file_names_line_word_and_nearest(
    shop: Shop, good: str, bad: str, told: tuple[str, ...]
) -> None:
    text = (shop.folder / "crashcart.toml").read_text(encoding="utf-8")
    shop.write("crashcart.toml", text.replace(good, bad))

    ran = shop.run()

    assert ran.code == 2
    assert ran.err.startswith("error[system-file]: ")
    for word in told:
        assert word in ran.err
    assert "Traceback" not in ran.err


def test_a_secret_written_out_is_refused_and_not_repeated(shop: Shop) -> None:
    text = (shop.folder / "crashcart.toml").read_text(encoding="utf-8")
    shop.write("crashcart.toml", text + 'key = "sk-planted-0123456789abcdef"\n')

    ran = shop.run()

    assert ran.code == 2
    assert "sk-planted" not in ran.err + ran.out


def test_a_target_that_is_down_is_seen_not_unseen(shop: Shop) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    text = (shop.folder / "crashcart.toml").read_text(encoding="utf-8")
    shop.write("crashcart.toml", text.replace(shop.url, f"http://127.0.0.1:{port}"))

    ran = shop.run()

    assert ran.code == 1
    assert "tcp shop: refused" in ran.out


def test_a_look_that_hangs_ends_at_its_deadline_and_the_others_answer(shop: Shop, silent_port: int) -> None:
    text = (shop.folder / "crashcart.toml").read_text(encoding="utf-8")
    shop.write("crashcart.toml", text.replace(shop.url, f"http://127.0.0.1:{silent_port}"))
    shop.log(*BROKEN)

    ran = shop.run("--budget", "20")

    assert ran.code == 1
    assert "the warehouse refuses us" in ran.out


def test_the_budget_ends_the_looking_and_not_the_answer(shop: Shop, silent_port: int) -> None:
    text = (shop.folder / "crashcart.toml").read_text(encoding="utf-8")
    shop.write("crashcart.toml", text.replace(shop.url, f"http://127.0.0.1:{silent_port}"))
    shop.log(*BROKEN)

    ran = shop.run("diagnose", "--budget", "0.3", "--json", "--save", "case.json")

    document = json.loads(ran.out)
    assert document["stop"] == "budget"
    assert any("0." in finding["saw"] or "budget" in finding["saw"] for finding in document["unseen"])
    assert shop.run("replay", "case.json", "--json").out == ran.out


def test_ctrl_c_tells_what_is_known(shop: Shop, silent_port: int, interrupt: Interrupt) -> None:
    text = (shop.folder / "crashcart.toml").read_text(encoding="utf-8")
    shop.write("crashcart.toml", text.replace(shop.url, f"http://127.0.0.1:{silent_port}"))
    shop.log(*BROKEN)
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    with socket.create_server(("127.0.0.1", 0)) as server:
        shop.write("crashcart.toml", text.replace(shop.url, f"http://127.0.0.1:{server.getsockname()[1]}"))
        process = shop.start("diagnose", "--save", "case.json")
        accepted, _ = server.accept()  # the look is under way now
        interrupt(process)
        out, err = process.communicate(timeout=20)
        accepted.close()
    listener.close()

    assert "You stopped me" in out
    assert "Traceback" not in err
    assert (shop.folder / "case.json").exists()


def test_a_binary_log_is_no_reason_to_stop(shop: Shop) -> None:
    (shop.folder / "shop.log").write_bytes(bytes(range(256)) * 2000)
    shop.log(*BROKEN)

    ran = shop.run()

    assert "the warehouse refuses us" in ran.out


def test_a_missing_log_is_told_and_is_not_an_absence_of_errors(shop: Shop) -> None:
    (shop.folder / "shop.log").unlink()

    ran = shop.run("diagnose")

    assert "no such file" in ran.out.lower() or "shop.log" in ran.out


def test_text_from_logs_never_acts_on_the_terminal(shop: Shop) -> None:
    shop.log("ERROR order \x1b[2J\x1b]0;owned\x07 failed", "ERROR warehouse said 403 \x1b[31mred\u202e\x9b31m")
    shop.run()

    ran = shop.run("why")

    assert "warehouse" in ran.out
    for acting in ("\x1b", "\x07", "\u202e", "\x9b"):
        assert acting not in ran.out


def test_an_unknown_command_gets_the_nearest(shop: Shop) -> None:
    ran = shop.run("diagnos")

    assert ran.code == 2
    assert "crashcart diagnose" in ran.err


def test_without_a_system_file_it_says_where_it_looked(shop: Shop) -> None:
    (shop.folder / "crashcart.toml").unlink()

    ran = shop.run()

    assert ran.code == 2
    assert "crashcart.toml" in ran.err


def test_a_state_folder_that_cannot_be_written_does_not_stop_a_diagnosis(shop: Shop) -> None:
    shop.write("state", "a file where the folder should be")

    ran = shop.run()

    assert "Nothing wrong that I can see." in ran.out
    assert "note:" in ran.err


@pytest.mark.parametrize("text", ["", "{}", '{"case_format": 99}', "\x00\xff", '{"case_format": 1, "engine": 3}'])
def test_what_is_no_case_is_refused_with_a_reason(shop: Shop, text: str) -> None:
    shop.write("case.json", text)

    ran = shop.run("replay", "case.json")

    assert ran.code == 2
    assert ran.err.startswith("error[case]: ")
    assert "Traceback" not in ran.err
