# Every target makes or refreshes .venv first; CONTRIBUTING.md says what each is for.
PYTHON ?= python3
BIN := .venv/bin
BOOTSTRAP := @$(PYTHON) config/runtime/bootstrap.py
UV = $(or $(shell command -v uv 2>/dev/null),$(BIN)/uv)
COMPILE = $(UV) pip compile --quiet --universal --python-version 3.11 --only-binary :all: --generate-hashes \
	--no-annotate --custom-compile-command "make lock" pyproject.toml

.PHONY: help run test test-fast check check-lint check-format check-templates check-types check-deploy environment \
	format shell demo-reset bench lock upgrade clean

help: ## Say what there is
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## /\t/' | expand -t 14

run: ## Start the demo: database, broker, mail sink, web, worker, beat
	$(BOOTSTRAP) demo
	@exec $(BIN)/python -m config.runtime.demo --with-parent run

# Two processes, and those tests of a whole demo in one of them (tests/browser): it is started once.
test: ## Run every test, browser tests included, on two processes
	$(BOOTSTRAP) dev
	@$(BIN)/python -m config.runtime.browser install
	@$(BIN)/python -m config.runtime.html_checker install
	@$(BIN)/python -m pytest -n 2 --dist loadgroup $(ARGS)

test-fast: ## Run the tests that need no browser and build no environment, on two processes
	$(BOOTSTRAP) dev
	@$(BIN)/python -m pytest -n 2 -m "not browser and not bare" $(ARGS)

check: check-lint check-format check-templates check-types check-deploy ## Lint, format, templates, types, migrations, deployment settings

check-lint check-format check-templates check-types check-deploy: environment

environment:
	$(BOOTSTRAP) dev

check-lint:
	$(BIN)/ruff check .

check-format:
	$(BIN)/ruff format --check .

check-templates:
	find templates -name '*.html' -print0 | xargs -0 $(BIN)/djade --check --target-version 5.2

check-types:
	$(BIN)/mypy

check-deploy:
	$(BIN)/python -m config.runtime.deploycheck

format: ## Put the code into its format and repair what can be repaired
	$(BOOTSTRAP) dev
	-$(BIN)/ruff check --fix .
	$(BIN)/ruff format .
	-find templates -name '*.html' -print0 | xargs -0 $(BIN)/djade --target-version 5.2

shell: ## Open Django's shell on the demo's data
	$(BOOTSTRAP) demo
	@$(BIN)/python -m config.runtime.demo manage shell

demo-reset: ## Throw the demo's data away
	$(BOOTSTRAP) demo
	@$(BIN)/python -m config.runtime.demo reset

bench: ## Measure against the limit app (docs/performance.md)
	$(BOOTSTRAP) dev
	@$(BIN)/python -m bench $(ARGS)

lock: ## Write requirements/*.txt from pyproject.toml, keeping the versions that still fit
	$(COMPILE) --group dev --output-file requirements/dev.txt $(ARGS)
	$(COMPILE) --group demo --constraint requirements/dev.txt --output-file requirements/demo.txt
	$(COMPILE) --constraint requirements/dev.txt --output-file requirements/run.txt

upgrade: ## Lock the newest versions that pyproject.toml allows
	$(MAKE) lock ARGS=--upgrade

clean: ## Remove the virtual environment and caches (not the demo's data)
	rm -rf .venv .pytest_cache .ruff_cache .mypy_cache .hypothesis
