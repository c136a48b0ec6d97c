# Everything a user or developer calls. `make demo` and `make test` need Python 3.11 or newer and make, nothing else.
PYTHON ?= python3
VENV   ?= .venv
BIN    := $(VENV)/bin
PIP    := $(BIN)/pip install --quiet --disable-pip-version-check

.PHONY: help demo cel apprise parquet test lint types contracts tests format bench clients long equal oracle soak day chaos live noise kills screenshots kafka lock clean
.DEFAULT_GOAL := help

help: ## Show what there is
	@awk -F':.*## ' '/^[a-z]+:.*## /{printf "  make %-11s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

demo: $(VENV)/.run ## Play a morning on EDGAR through the whole service
	@$(BIN)/filingbell demo $(ARGS)

cel: $(VENV)/.run ## Add what expressions in rules (`when:`) need, 50 MB
	@$(PIP) --require-hashes -r requirements/cel.lock

parquet: $(VENV)/.run ## Add what `history export` needs for Parquet, 170 MB
	@$(PIP) --require-hashes -r requirements/parquet.lock

apprise: $(VENV)/.run ## Add what channels of the type apprise need, 25 MB
	@$(PIP) --require-hashes -r requirements/apprise.lock

test: lint types contracts tests ## Lint, types, import contracts and all tests

lint: $(VENV)/.dev ## Style
	@$(BIN)/ruff format --check --quiet . || { echo "run 'make format'"; exit 1; }
	@$(BIN)/ruff check --quiet .

types: $(VENV)/.dev ## Types (mypy, strict)
	@$(BIN)/mypy

contracts: $(VENV)/.dev ## Who may import whom
	@$(BIN)/lint-imports --no-logo

tests: $(VENV)/.dev ## The tests alone, a process a core and one more
	@$(BIN)/python -m pytest -q --numprocesses auto --maxprocesses 4 --dist worksteal $(ARGS)

format: $(VENV)/.dev ## Put the code in shape
	@$(BIN)/ruff check --fix --quiet . ; $(BIN)/ruff format .

bench: $(VENV)/.dev ## Parse rate, latency, filings a second, what storing costs (STORED=1000000), pages
	@$(BIN)/python -m bench.parse
	@$(BIN)/python -m bench.latency
	@$(BIN)/python -m bench.pipeline
	@$(BIN)/python -m bench.rules
	@$(BIN)/python -m bench.fan_out
	@$(BIN)/python -m bench.deliveries
	@$(BIN)/python -m bench.channels
	@$(BIN)/python -m bench.streams
	@$(BIN)/python -m bench.growth $(STORED)
	@$(BIN)/python -m bench.pages
	@$(BIN)/python -m bench.history
	@$(BIN)/python -m bench.backtest
	@$(BIN)/python -m bench.past
	@$(BIN)/python -m bench.burst
	@$(BIN)/python -m bench.kafka
	@$(BIN)/python -m bench.compression
	@$(BIN)/python -m bench.commands

clients: $(VENV)/.dev ## Run the consumers of docs/topics.md as they are printed, in fresh environments
	@$(BIN)/python -m pytest -q --durations=5 tests/clients/examples.py

long: $(VENV)/.dev ## The tests that take longer than a test should, likewise
	@$(BIN)/python -m pytest -q --numprocesses auto --maxprocesses 4 --dist worksteal -m long $(ARGS)

equal: $(VENV)/.dev ## Compare the index of rules with a scan of all, on a million rule sets and filings (PAIRS=1000000 SEED=1)
	@$(BIN)/python -m tests.matcher.equal $(or $(PAIRS),1000000) $(or $(SEED),1)

oracle: $(VENV)/.dev ## Compare facts of the past with another calculation on generated filings (FILINGS=100000)
	@ORACLE=$(or $(FILINGS),100000) $(BIN)/python -m pytest -q -m long tests/matcher/test_oracle.py

soak: $(VENV)/.dev ## Kill the service and `apply` again and again, longer than `make test` does
	@FILINGBELL_TEST_KILLS=40 FILINGBELL_TEST_APPLY_KILLS=50 $(BIN)/python -m pytest -q -s -m "" tests/whole/test_kill.py tests/control/test_kill_apply.py

day: $(VENV)/.dev ## Whole trading days on EDGAR, sixty times as fast, with everything going wrong (SEEDS=20; 17 minutes each)
	@$(BIN)/python -m tests.day --seeds $(or $(SEEDS),20) --at-once $(or $(AT_ONCE),4)

chaos: $(VENV)/.dev ## Kill, stop, cut off and restart everything, on real Kafka and PostgreSQL (SEEDS=10 FILINGS=20000)
	@$(BIN)/python -m tests.chaos --seeds $(or $(SEEDS),10) --filings $(or $(FILINGS),20000)

noise: $(VENV)/.dev ## Random quiet hours, digests, bounds and silences over both changes of clocks (CHANNELS=10000 SEED=1; 20 minutes)
	@$(BIN)/python -m tests.noise --channels $(or $(CHANNELS),10000) --seed $(or $(SEED),1)

kills: $(VENV)/.dev ## Kill the sender with -9 between every two of its steps, and compare receivers and tables, on each database (SEEDS=200; half an hour)
	@$(BIN)/python -m tests.killing --seeds $(or $(SEEDS),200)

live: $(VENV)/.dev ## Change rules all the time while filings come, embedded and on Kafka and PostgreSQL (FILINGS=5000 CHANGES=200)
	@$(BIN)/python -m tests.live --filings $(or $(FILINGS),5000) --changes $(or $(CHANGES),200)

screenshots: $(VENV)/.dev ## Make the pictures of docs/pages.md anew (needs Chromium)
	@$(BIN)/python -m tests.pictures

kafka: $(VENV)/.dev ## Start the broker that the tests use, on port 9092, until Ctrl-C
	@$(BIN)/python -m tests.servers

lock: $(VENV)/.dev ## Resolve the dependencies anew (needs uv)
	uv pip compile --universal --python-version 3.11 --generate-hashes --no-annotate --no-emit-index-url \
	  --no-emit-find-links --custom-compile-command 'make lock' -q --upgrade \
	  --group pyproject.toml:build pyproject.toml -o requirements/run.lock
	uv pip compile --universal --python-version 3.11 --generate-hashes --no-annotate --no-emit-index-url \
	  --no-emit-find-links --custom-compile-command 'make lock' -q --upgrade \
	  --group pyproject.toml:build --group pyproject.toml:dev -c requirements/run.lock pyproject.toml \
	  -o requirements/dev.lock
	echo 'cel-expr-python>=0.1.3' | uv pip compile --universal --python-version 3.11 --generate-hashes --no-annotate \
	  --no-emit-index-url --no-emit-find-links --custom-compile-command 'make lock' -q --upgrade \
	  -c requirements/dev.lock - -o requirements/cel.lock
	echo 'apprise>=2.3' | uv pip compile --universal --python-version 3.11 --generate-hashes --no-annotate \
	  --no-emit-index-url --no-emit-find-links --custom-compile-command 'make lock' -q --upgrade \
	  -c requirements/dev.lock - -o requirements/apprise.lock
	echo 'pyarrow>=21' | uv pip compile --universal --python-version 3.11 --generate-hashes --no-annotate \
	  --no-emit-index-url --no-emit-find-links --custom-compile-command 'make lock' -q --upgrade \
	  -c requirements/dev.lock - -o requirements/parquet.lock

clean: ## Remove the environment and every cache
	rm -rf $(VENV) .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis build dist *.egg-info

$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
	  echo "filingbell needs Python 3.11 or newer; $(PYTHON) is `$(PYTHON) -V`. Try: make PYTHON=python3.11"; exit 1; }
	@echo "creating the environment in $(VENV) ..."
	@$(PYTHON) -m venv $(VENV)

$(VENV)/.run: $(VENV)/bin/python requirements/run.lock pyproject.toml
	@echo "installing what filingbell runs on ..."
	@$(PIP) --require-hashes -r requirements/run.lock
	@$(PIP) --no-deps --no-build-isolation --editable .
	@touch $@

$(VENV)/.dev: $(VENV)/.run requirements/dev.lock
	@echo "installing what its tests need ..."
	@$(PIP) --require-hashes -r requirements/dev.lock
	@touch $@
