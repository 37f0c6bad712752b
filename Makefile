# make demo: install into .venv and watch a story go the whole way. make test: everything that must pass.
PYTHON ?= $(shell for p in python3 python3.11 python3.12 python3.13 python3.14; do \
	$$p -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$p && break; done)
VENV := .venv
BIN := $(VENV)/bin

.PHONY: help demo test proofs histories lint types layers pytest format docs bench bench-checkers damage fuzz mutants lines clean

help:
	@echo "make demo    install into $(VENV) and run story demo"
	@echo "make test    install, then ruff, mypy, import-linter and pytest"
	@echo "make proofs  the flows, attacks and pushes of whole newsrooms, which take longer; CI runs them too"
	@echo "make histories  a thousand random histories and newsrooms, of which make proofs runs a few"
	@echo "make format  put the code into shape"
	@echo "make docs    write docs/rules.md and every pinned screen anew"
	@echo "make bench   speed, as ratios side by side; bench-checkers against other checkers (npm, hugo)"
	@echo "make damage  what the rules on damaged text find in real documents"
	@echo "make fuzz    ten minutes of any bytes as stories and ledgers"
	@echo "make lines   how many lines of code there are, room by room"
	@echo "make mutants  single faults put into the code, and which of them no test sees; some forty minutes"
	@echo "make clean   remove $(VENV)"

demo: $(VENV)/.installed
	$(BIN)/story demo

test: lint types layers pytest

proofs: $(VENV)/.installed-dev
	$(BIN)/pytest -m slow

histories: $(VENV)/.installed-dev
	$(BIN)/pytest -m slow tests/histories --seeds 1000

lint: $(VENV)/.installed-dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(VENV)/.installed-dev
	$(BIN)/mypy

layers: $(VENV)/.installed-dev
	$(BIN)/lint-imports

pytest: $(VENV)/.installed-dev
	$(BIN)/pytest

format: $(VENV)/.installed-dev
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

docs: $(VENV)/.installed-dev
	$(BIN)/pytest --golden tests/test_golden.py

bench-checkers: $(VENV)/.installed-dev
	$(BIN)/python benchmarks/checkers.py

damage: $(VENV)/.installed-dev
	$(BIN)/python benchmarks/damage.py

lines: $(VENV)/.installed-dev
	$(BIN)/python tests/count_lines.py

fuzz: .venv-fuzz/.installed
	.venv-fuzz/bin/python tests/fuzz/fuzz_check.py -max_total_time=400
	.venv-fuzz/bin/python tests/fuzz/fuzz_ledger.py -max_total_time=200

.venv-fuzz/.installed: $(VENV)/.made pyproject.toml
	$(BIN)/python -m venv .venv-fuzz
	.venv-fuzz/bin/python -m pip install --quiet --disable-pip-version-check --editable . atheris
	@touch $@

mutants: $(VENV)/.installed-dev
	$(BIN)/python tests/mutation/mutate.py

bench: $(VENV)/.installed-dev
	$(BIN)/python benchmarks/run.py

$(VENV)/.made:
	@test -n "$(PYTHON)" || { echo "No Python 3.11 or newer with venv was found; install it, or say make PYTHON=..."; exit 1; }
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check "pip>=25.1"
	@touch $@

$(VENV)/.installed: $(VENV)/.made pyproject.toml
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable .
	@touch $@

$(VENV)/.installed-dev: $(VENV)/.installed
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --group dev
	@touch $@

clean:
	rm -rf $(VENV)
