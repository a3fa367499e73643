# Needs Python >= 3.11 (with its venv module) and make; everything else is installed from the hashed
# lock files into .venv. Every step leaves a stamp named after the content of what it installed, so a
# second `make` does nothing, and a changed lock installs again.

SHELL := /bin/sh
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.SUFFIXES:

VENV := .venv
BIN := $(VENV)/bin
# The libraries that read exports, which pin what the harness needs in other versions.
READERS := .venv-readers
PY := $(BIN)/python
# One variable for whoever wants another interpreter: make demo PYTHON=/opt/python3.13/bin/python3
PYTHON ?=
# Extra arguments for the test runner: make test PYTEST_ARGS="-k verdict -x"
PYTEST_ARGS ?=
# Two test processes: the suite is made for two cores. PYTEST_WORKERS=0 runs them in this process.
PYTEST_WORKERS ?= 2
# Options of the classroom's server: make classroom CLASSROOM_ARGS="--language en"
CLASSROOM_ARGS ?=
# The published data sets, which no repository may hold, and what is made of them.
REAL_DATA ?= ../shared/data
REAL_RUNS ?= results/real-data
HANNA_CRITERIA ?= coherence
# What else `make check` runs once the code passes lint, types and import contracts.
DOCS_CHECK ?= $(PY) -m pytest -q -n 0 tests/test_docs.py
# CPU minutes that `make fuzz` gives to each target.
FUZZ_CPU_MINUTES ?= 10
# `make lock` takes no release younger than this many days: a poisoned one is usually found sooner.
LOCK_AGE_DAYS ?= 7

PIP := $(PY) -m pip --disable-pip-version-check
PIP_LOCKED := $(PIP) install --quiet --require-hashes --only-binary :all:
PIP_SELF := $(PIP) install --quiet --no-deps --no-build-isolation --editable .

# The folder is part of every key: a copied or moved .venv is noticed and repaired.
key = $(shell { echo "$(CURDIR)"; cat $(1); } | cksum | tr ' ' '-')
STAMPS := $(VENV)/.stamps
VENV_STAMP := $(STAMPS)/venv-$(call key,/dev/null)
BUILD_STAMP := $(STAMPS)/build-$(call key,requirements-build.lock)
RUNTIME_STAMP := $(STAMPS)/runtime-$(call key,requirements.lock)
DEV_STAMP := $(STAMPS)/dev-$(call key,requirements-dev.lock)
LOCAL_STAMP := $(STAMPS)/local-$(call key,requirements-local.lock)
CLASSROOM_STAMP := $(STAMPS)/classroom-$(call key,requirements-classroom.lock)
SCALE_STAMP := $(STAMPS)/scale-$(call key,requirements-scale.lock)
PRIVACY_STAMP := $(STAMPS)/privacy-$(call key,requirements-privacy.lock)
READERS_STAMP := $(READERS)/.stamp-$(call key,requirements-readers.lock)
SELF_STAMP := $(STAMPS)/self-$(call key,pyproject.toml harness/__init__.py)

.PHONY: help demo classroom test test-slow fuzz local-if-possible ray-if-possible privacy-if-possible readers readers-if-possible browser browser-if-possible postgres postgres-if-possible real-data check format bench notebook lock install dev local clean

help: ## this list
	@grep -E '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## /\t/' | expand -t 14

# --- for everyone ----------------------------------------------------------------------------------

demo: install ## replay the recorded judges and write a report
	$(BIN)/harness demo

install: $(RUNTIME_STAMP) $(SELF_STAMP) ## .venv with the package and exactly the locked versions

classroom: install $(CLASSROOM_STAMP) ## serve a lesson: a class grades on phones or paper (CLASSROOM_ARGS="--port 8000")
	$(BIN)/harness classroom serve $(CLASSROOM_ARGS)

local: install $(LOCAL_STAMP) ## the same, with the runtime for small local judges

# --- for developers --------------------------------------------------------------------------------

dev: $(DEV_STAMP) $(SELF_STAMP) ## .venv with the tools for tests and checks

test: dev ## the quick tests
	$(PY) -m pytest -q -n $(PYTEST_WORKERS) -m "not slow" $(PYTEST_ARGS)

test-slow: dev local-if-possible ray-if-possible privacy-if-possible readers-if-possible browser-if-possible postgres-if-possible ## simulations, faults, fuzzing, browser, whole builds
	$(PY) -m pytest -q -n $(PYTEST_WORKERS) -m slow $(PYTEST_ARGS)

# The runtime of the local judges has no build for every platform; without it their tests are skipped.
local-if-possible: dev
	@$(MAKE) --no-print-directory $(LOCAL_STAMP) || echo "no local judges here: their tests will be skipped" >&2

# spaCy and what it needs are 140 MB for the tests of one option.
privacy-if-possible: dev
	@$(MAKE) --no-print-directory $(PRIVACY_STAMP) || echo "no search for personal data here: its tests will be skipped" >&2

readers: $(READERS_STAMP) ## .venv-readers (1.1 GB): the libraries that exports are written for, for tests

readers-if-possible:
	@$(MAKE) --no-print-directory $(READERS_STAMP) || echo "no readers of exports here: their tests will be skipped" >&2

# Ray is 280 MB for the tests of one page, and has no build for every Python: not in the tools for everyone.
ray-if-possible: dev
	@$(MAKE) --no-print-directory $(SCALE_STAMP) || echo "no Ray here: its tests will be skipped" >&2

# Pages are looked at in the distribution's Chromium; without it those tests are skipped.
browser: ## install the distribution's Chromium (Debian, Ubuntu; needs root)
	apt-get update -qq && apt-get install -y -qq --no-install-recommends chromium fonts-dejavu-core

postgres: ## install the distribution's PostgreSQL, for tests of shared stores (Debian, Ubuntu; needs root)
	apt-get update -qq && apt-get install -y -qq --no-install-recommends postgresql

postgres-if-possible:
	@command -v initdb >/dev/null || ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1 \
	  || $(MAKE) --no-print-directory postgres \
	  || echo "no PostgreSQL here: the tests of shared stores in a database will be skipped" >&2

browser-if-possible:
	@command -v chromium >/dev/null || command -v google-chrome >/dev/null || $(MAKE) --no-print-directory browser \
	  || echo "no Chromium here: the tests of the pages will be skipped" >&2

# One run folder and one report per set; the second time, the same files give the same runs.
real-data: install ## read the published sets in REAL_DATA and report on each (minutes)
	@test -d "$(REAL_DATA)" || { \
	  echo "make real-data needs the published data sets in $(REAL_DATA): put them there, or name their folder:" >&2; \
	  echo "  make real-data REAL_DATA=/path/to/data   (sub-folders prd_vicuna80, llmbar, pandalm, llmfao, hanna)" >&2; \
	  exit 1; }
	@set -eu; \
	report() { run="$(REAL_RUNS)/$$1"; shift; echo "== $$run" >&2; \
	  $(BIN)/harness import "$$@" -o "$$run" && $(BIN)/harness report "$$run" --language en; }; \
	report prd prd "$(REAL_DATA)/prd_vicuna80"; \
	report llmbar llmbar "$(REAL_DATA)/llmbar"; \
	report pandalm pandalm "$(REAL_DATA)/pandalm"; \
	report pandalm-rankings pandalm "$(REAL_DATA)/pandalm" --option view=rankings; \
	report llmfao llmfao "$(REAL_DATA)/llmfao"; \
	for criterion in $(HANNA_CRITERIA); do \
	  report "hanna-$$criterion" hanna "$(REAL_DATA)/hanna" --option "criterion=$$criterion"; \
	done

check: dev ## lint, format, types, import contracts, docs
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(PY) -m mypy
	$(BIN)/lint-imports
	$(DOCS_CHECK)

format: dev ## let ruff format and fix what it can
	$(BIN)/ruff check --fix-only .
	$(BIN)/ruff format .

# atheris has wheels for Linux only, so it is no part of the locked tools; corpus and findings lie in .fuzz.
fuzz: dev ## fuzz every parser and file reader, ten CPU minutes each
	@$(PY) -c 'import atheris' 2>/dev/null || { echo "make fuzz needs atheris: $(PIP) install 'atheris>=3,<4'" >&2; exit 1; }
	@for target in $$($(PY) -c 'from tests.fuzz.targets import TARGETS; print(*TARGETS)'); do \
	  $(PY) -m tests.fuzz.drive $$target --cpu-minutes $(FUZZ_CPU_MINUTES) || exit 1; \
	done

bench: dev ## measure; the figures go into docs/performance.md
	$(PY) -m pytest -q -n 0 --benchmark-enable --benchmark-only tests/benchmarks $(PYTEST_ARGS)

# One resolution for everything; the smaller locks are parts of it.
UV_COMPILE = "$$uv" pip compile --quiet --universal --python-version 3.11 --generate-hashes \
	--no-emit-index-url --no-emit-find-links --no-annotate --custom-compile-command "make lock" \
	--exclude-newer "$$cutoff" --upgrade
notebook: dev ## run docs/notebook.ipynb anew, in place
	cd docs && "$(CURDIR)/$(BIN)/jupyter" execute --inplace --NotebookClient.record_timing=False notebook.ipynb

lock: ## resolve the lock files anew (needs uv; shows nothing of where packages come from)
	@set -eu; \
	uv=$$(command -v $(BIN)/uv || command -v uv) || { echo "make lock needs uv: $(PY) -m pip install uv" >&2; exit 1; }; \
	cutoff=$$($(PY) -c 'import datetime as d; print(d.date.today() - d.timedelta(days=$(LOCK_AGE_DAYS)))'); \
	all=$$(mktemp); trap 'rm -f "$$all"' EXIT; \
	$(UV_COMPILE) --all-extras --group build pyproject.toml -o "$$all"; \
	sed -i.bak '/--hash=/d; s/ \\$$//' "$$all"; rm -f "$$all.bak"; \
	$(UV_COMPILE) --constraint "$$all" --extra dev --extra parquet --group build pyproject.toml -o requirements-dev.lock; \
	$(UV_COMPILE) --constraint "$$all" pyproject.toml -o requirements.lock; \
	$(UV_COMPILE) --constraint "$$all" --group build -o requirements-build.lock; \
	$(UV_COMPILE) --constraint "$$all" --extra local pyproject.toml -o requirements-local.lock; \
	$(UV_COMPILE) --constraint "$$all" --extra classroom --extra postgres pyproject.toml -o requirements-classroom.lock; \
	$(UV_COMPILE) --constraint "$$all" --extra ray --extra postgres pyproject.toml -o requirements-scale.lock; \
	$(UV_COMPILE) --constraint "$$all" --extra privacy pyproject.toml -o requirements-privacy.lock; \
	printf "torch ; python_version < '3'\n" > "$$all"; \
	$(UV_COMPILE) --override "$$all" --group readers -o requirements-readers.lock; \
	echo "locked, nothing younger than $$cutoff"

clean: ## remove .venv, builds and caches; recordings and working stores stay
	rm -rf $(VENV) $(READERS) dist build .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis .benchmarks
	find harness tests -name __pycache__ -type d -prune -exec rm -rf {} +

# --- how .venv comes about -------------------------------------------------------------------------

$(VENV_STAMP):
	@set -eu; \
	for candidate in $(PYTHON) python3.11 python3.12 python3.13 python3.14 python3 python; do \
	  if "$$candidate" -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1; then \
	    found="$$candidate"; break; \
	  fi; \
	done; \
	if [ -z "$${found:-}" ]; then \
	  echo "No Python 3.11 or newer with its venv and ensurepip modules was found." >&2; \
	  echo "Install it (on Debian and Ubuntu: python3 and python3-venv), or name one: make demo PYTHON=/path/to/python3" >&2; \
	  exit 1; \
	fi; \
	if ! $(PY) -c 'import sys, pip; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1; then \
	  echo "creating $(VENV) with $$found"; "$$found" -m venv --clear $(VENV); \
	fi; \
	mkdir -p $(STAMPS); touch $@

$(BUILD_STAMP): | $(VENV_STAMP)
	$(PIP_LOCKED) -r requirements-build.lock
	@touch $@

$(RUNTIME_STAMP): | $(VENV_STAMP)
	$(PIP_LOCKED) -r requirements.lock
	@touch $@

$(DEV_STAMP): | $(VENV_STAMP)
	$(PIP_LOCKED) -r requirements-dev.lock
	@touch $@

$(LOCAL_STAMP): | $(VENV_STAMP)
	$(PIP_LOCKED) -r requirements-local.lock
	@touch $@

$(CLASSROOM_STAMP): | $(VENV_STAMP)
	$(PIP_LOCKED) -r requirements-classroom.lock
	@touch $@

$(SCALE_STAMP): | $(VENV_STAMP)
	$(PIP_LOCKED) -r requirements-scale.lock
	@touch $@

$(PRIVACY_STAMP): | $(VENV_STAMP)
	$(PIP_LOCKED) -r requirements-privacy.lock
	@touch $@

# Without dependencies: the lock is whole but for torch, which it leaves out.
$(READERS_STAMP): | $(VENV_STAMP)
	$(PY) -m venv --clear $(READERS)
	$(READERS)/bin/python -m pip --disable-pip-version-check install --quiet --require-hashes --only-binary :all: \
	  --no-deps -r requirements-readers.lock
	@touch $@

# After the others: installing the package must not be what pulls a dependency in.
$(SELF_STAMP): $(BUILD_STAMP)
	$(PIP_SELF)
	@touch $@
