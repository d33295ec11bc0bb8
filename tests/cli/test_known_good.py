"""What changed? From the recording of a sweep to the answer."""

from __future__ import annotations

import json
from pathlib import Path

from crashcart import app, config

# A cause that rests on what changed, and a setting that can change.
CAUSE = """
### Cause: the settings were changed {#changed} (common)

**Evidence**
- always: somebody changed a setting `changes {self} => settings > 0`
"""


def test_a_known_good_sweep_tells_what_changed_since(shop) -> None:
    shop.write("crashcart.toml", (shop.folder / "crashcart.toml").read_text() + 'env_file = ".env"\n')
    shop.write("shop.md", (shop.folder / "shop.md").read_text() + CAUSE)
    shop.write(".env", "MODE=dev\n")
    shop.log("ERROR order 17 failed")

    before = changes_of(shop.run("diagnose", "--save", "before.json"), shop.folder / "before.json")
    shop.log("INFO order 18 done")
    kept = shop.run("check", "--save", "--force")
    shop.write(".env", "MODE=prod\n")
    after = changes_of(shop.run("diagnose", "--save", "after.json"), shop.folder / "after.json")

    assert "crashcart check --save" in before["unseen"]
    assert kept.code == 0, kept.err
    assert (after["fields"]["settings"], after["fields"]["what"]) == (1, "setting MODE changed")


def changes_of(ran, path: Path) -> dict:
    assert path.exists(), ran.err
    observations = json.loads(path.read_text())["observations"]
    return next(entry for entry in observations if entry["look"] == "changes {shop}")


def test_the_known_good_sweep_lies_beside_the_system_file_or_where_it_says(shop) -> None:
    path = shop.folder / "crashcart.toml"
    text = path.read_text()

    default = config.load(path, app.catalogue()).system.targets["shop"].known_good
    path.write_text(text.replace("[targets", 'known_good = "kept/good.json"\n\n[targets', 1))
    named = config.load(path, app.catalogue()).system.targets["shop"].known_good

    assert (default, named) == (str(shop.folder / "known-good.json"), str(shop.folder / "kept" / "good.json"))
