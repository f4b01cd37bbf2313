# Every target makes .venv in this checkout first, if it is missing or older than the lock it is made from.
PYTHON ?= python3
BIN := .venv/bin
PIP_INSTALL := $(BIN)/python -m pip install --quiet --disable-pip-version-check
LOCKED_INSTALL := $(PIP_INSTALL) --require-hashes --no-build-isolation --use-pep517
LOCK := uv pip compile --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
	--no-annotate --custom-compile-command "make lock" --quiet

.PHONY: chat test slow dist package check docs format lock floors figures contract look pictures

CASES ?= 100
WORKERS ?= $(shell expr $$(getconf _NPROCESSORS_ONLN) + 1)
SHARED ?= ../shared
EVAL := $(BIN)/python -m eval
FIGURES := build/figures
SETS := single_topic_rag dragonball mtrag_un rgb ramdocs scifact squad2_sample500
FLOORS := correct=0.53 hit_at_5=0.92 evidence_cited=0.62 refused_answerable=0.15 answered_unanswerable=0.95 words=40 locator_exact=1

chat: .venv/run  ## open the chat over the sample folder
	$(BIN)/citewise chat samples

# One thread for small matrix products, as every command has it (ui/cli.py). One worker more than cores, because a quarter
# of the time is spent waiting for servers and browsers; in the order of conftest, long files first.
TESTS := OPENBLAS_NUM_THREADS=1 $(BIN)/python -m pytest -n $(WORKERS) --dist loadfile --no-loadscope-reorder
test: .venv/dev  ## the tests, but for the slow ones
	$(TESTS) -m "not slow"

slow: .venv/dev  ## the tests that are left out of `make test`; CI runs both
	$(TESTS) -m slow

dist: .venv/run  ## a wheel and a source archive, in dist/
	$(BIN)/python -m hatchling build -d dist

package: .venv/dev  ## wheel and sdist, installed and used as their users do; a minute
	PACKAGE_PYTHON=$(PYTHON) $(BIN)/python -m pytest tests/package.py

check: .venv/dev  ## style, format, types and the Containerfile
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/hadolint Containerfile

docs: .venv/dev  ## the pages of docs/ as a site, in build/site; fails on a broken link
	$(BIN)/python -m docs.generate
	$(BIN)/properdocs build

contract: .venv/dev  ## the server against its own OpenAPI document: thousands of cases, a few minutes
	$(BIN)/python tests/contract.py $(CASES)

look: .venv/dev  ## how fast the page is, and whether it keeps two people apart; a few minutes
	$(BIN)/python tests/look.py

pictures: .venv/dev  ## the pictures of the page in docs/
	$(BIN)/python tests/pictures.py

floors: .venv/dev  ## the bundled questions over the sample folder; fails below what was measured, less a margin
	$(EVAL) run --fresh --workers 2 --out build/floors.jsonl --junit build/floors.xml $(FLOORS:%=--min %)

figures: .venv/dev  ## every figure of docs/results.md that this machine can show; an hour or two
	$(EVAL) run --fresh --out $(FIGURES)/samples.jsonl
	@if [ -d "$(SHARED)/gold" ]; then \
		$(EVAL) run --fresh --gold "$(SHARED)/gold/dev.jsonl" --folder "$(SHARED)/corpus" --out $(FIGURES)/news.jsonl; \
		for name in $(SETS); do \
			$(EVAL) bench $$name --fresh --data "$(SHARED)/data" --work $(FIGURES)/work --out $(FIGURES)/$$name.jsonl || exit 1; done; \
		$(EVAL) alterations --gold "$(SHARED)/gold/dev.jsonl" --folder "$(SHARED)/corpus"; \
		$(EVAL) disagreements --data "$(SHARED)/data" --work $(FIGURES)/work; \
		$(EVAL) followups --data "$(SHARED)/data" --work $(FIGURES)/work; \
	else echo "There are no sets at $(SHARED): skipped"; fi
	$(EVAL) report --page $(FIGURES)/*.jsonl --out $(FIGURES)/results.md
	$(EVAL) alterations --folder samples
	$(EVAL) speed
	$(EVAL) load

format: .venv/dev
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

lock:  ## renew the locks (needs uv)
	$(LOCK) pyproject.toml --upgrade --group build --group lint --extra dev -o requirements/dev.txt
	$(LOCK) pyproject.toml --constraints requirements/dev.txt -o requirements/run.txt
	$(LOCK) --group build --constraints requirements/dev.txt -o requirements/build.txt

.venv/run: pyproject.toml requirements/build.txt requirements/run.txt
	@$(PYTHON) -c 'import sys; sys.exit("Citewise needs Python 3.11 or newer; try: make PYTHON=python3.12" if sys.version_info < (3, 11) else 0)'
	@echo "Installing Citewise into .venv (0.9 GB): a minute or two, once."
	$(PYTHON) -m venv .venv
	$(PIP_INSTALL) --require-hashes -r requirements/build.txt
	$(LOCKED_INSTALL) -r requirements/run.txt
	$(PIP_INSTALL) --no-deps --no-build-isolation -e .
	@touch $@

.venv/dev: .venv/run requirements/dev.txt
	$(LOCKED_INSTALL) -r requirements/dev.txt
	@touch $@
