# The only commands to learn. Each sets up what it needs; nothing but Python 3.11 and make must be there.
.DEFAULT_GOAL := help
.PHONY: help rehearse test check format bench docs lock clean

PYTHON ?= python3.11
VENV := .venv
BIN := $(VENV)/bin
ORG ?= example

help: ## show this list
	@awk -F':.*## ' '/^[a-z]+:.*## / { printf "make %-10s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

rehearse: $(VENV)/ready ## apply an organisation to emulated accounts and GitHub, and attack it (ORG=example)
	@$(BIN)/breakglass rehearse --org stacks/$(ORG).yaml

# A file stays on one core, for its tests share what it sets up. Files go out in the order of their names:
# xdist's own, most tests first, keeps the files of few but long tests for the end, where one core waits.
# Eight at most: each takes half a GiB, and the longest file a tenth of the time.
test: $(VENV)/ready ## run every test, on eight cores at most
	@$(BIN)/python -m pytest -n logical --maxprocesses 8 --dist loadfile --no-loadscope-reorder

check: $(VENV)/ready ## format, lint, types, import contracts, docstrings
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports
	@$(BIN)/interrogate --quiet components/breakglass

format: $(VENV)/ready ## put the code into its format
	@$(BIN)/ruff format .
	@$(BIN)/ruff check --fix .

bench: $(VENV)/ready ## measure: seconds, peak memory, growth, ratios
	@$(BIN)/python -m tests.bench

docs: $(VENV)/ready ## write the generated reference, schema and pictures anew
	@$(BIN)/python -m breakglass.reference
	@$(BIN)/python -m tests.fidelity

# The interpreter that PYTHON names if it is there, python3 otherwise; pyproject.toml refuses less than 3.11.
$(VENV)/ready: requirements/dev.txt pyproject.toml
	@echo "setting up $(VENV) (some minutes the first time) ..."
	@$$(command -v $(PYTHON) || echo python3) -m venv --clear $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/dev.txt
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

lock: ## pin the requirements anew (needs uv)
	uv pip compile -q --python-version 3.11 --generate-hashes --no-emit-index-url --no-emit-find-links --no-header --no-annotate requirements/dev.in -o requirements/dev.txt
	for set in use rehearsal differential; do uv pip compile -q --python-version 3.11 --generate-hashes --no-emit-index-url --no-emit-find-links --no-header --no-annotate -c requirements/dev.txt requirements/$$set.in -o requirements/$$set.txt; done

clean: ## remove what the other commands made
	rm -rf $(VENV) build dist out .mypy_cache .pytest_cache .ruff_cache
