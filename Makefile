# Two commands do all the set-up: `make demo` and `make test`. Each makes .venv from pinned requirements first.
.PHONY: demo test lab-digest check score score-short bench pins docs clean
SHELL := /bin/bash
BIN := .venv/bin

demo:  ## break a real service, and watch its cause being named (FAULT=name for a certain one)
	@tools/setup.sh run
	@$(BIN)/crashcart-lab demo $(FAULT)

test:  ## all tests
	@tools/setup.sh dev
	@$(BIN)/python -m pytest -n 2 --dist worksteal -q $(ARGS)

lab-digest:  ## the digest service: its tests with real parts, and pictures of its page in a real browser
	@tools/setup.sh dev
	@DIGEST_SCREENSHOTS=$(CURDIR)/.lab-digest $(BIN)/python -m pytest -n 2 --dist worksteal -q lab/tests -k "digest or page or pdf or crawl or guard or webhook or upkeep or summarise" $(ARGS)
	@echo "pictures of the page: .lab-digest; to use it yourself: .venv/bin/crashcart-lab up"

check:  ## style, types, import contracts, shipped guides, generated pages
	@tools/setup.sh dev
	@tools/check.sh

score:  ## every fault of digest, diagnosed from outside, with all controls (BUDGET=60min HEALTHY=100 SEEDS=commit); goes on where it stopped
	@tools/setup.sh dev
	@$(BIN)/python -m pytest -n 2 --dist worksteal -q lab/tests/test_faults.py --all-faults
	@$(BIN)/crashcart-lab score --seeds $(or $(SEEDS),commit) --healthy $(or $(HEALTHY),100) --budget $(or $(BUDGET),60min) $(ARGS)
	@echo "the page: .lab-score/score.html"

score-short:  ## six faults drawn by the commit, one seed each
	@tools/setup.sh dev
	@$(BIN)/crashcart-lab score --short $(ARGS)

bench:  ## speed and memory, compared with peers; writes nothing by itself
	@tools/setup.sh dev
	@$(BIN)/python -m bench

docs:  ## write the generated reference pages
	@tools/setup.sh dev
	@$(BIN)/python tools/write_docs.py
	@$(BIN)/python tools/write_problems.py

pins:  ## renew the hash-pinned requirement files
	@tools/pins.sh

clean:
	rm -rf .venv .lab .lab-digest .lab-score .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
