# The project's verbs. `make help` lists them; CI calls the same ones.

PYTHON ?= python3
BIN := .venv/bin

PORT ?= 8000

# One worker more than there are processors: many tests wait for processes and servers of their own.
WORKERS ?= $(shell echo $$(( $$(getconf _NPROCESSORS_ONLN) + 1 )))

.DEFAULT_GOAL := help
.PHONY: help run test coverage lint bench faults soak fuzz audit looks docs pictures reference lock clean

help: ## List the verbs
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | awk -F':.*## ' '{printf "  make %-9s %s\n", $$1, $$2}'

run: .venv/run ## Set up, then run everything on the sample publication
	@COLPORTEUR_PORT=$(PORT) $(BIN)/colporteur up --sample

test: .venv/dev programs ## Lint, types, contracts, every test; sets up all they need
	@$(MAKE) --no-print-directory lint
	$(BIN)/python -m pytest --numprocesses $(WORKERS) --dist worksteal

coverage: .venv/dev programs ## Every test, traced: which lines none of them runs
	$(BIN)/python -m coverage erase
	$(BIN)/python -m pytest --numprocesses auto --dist worksteal --cov --cov-report=term

lint: .venv/dev ## Style, types and the layers of the house
	$(BIN)/ruff format --check
	$(BIN)/ruff check
	$(BIN)/mypy
	$(BIN)/lint-imports

bench: .venv/dev rivals ## Our figures beside the rivals', in one run
	PATH="$$PATH:/usr/sbin" $(BIN)/python -m bench $(SECTIONS)

faults: .venv/dev shifting ## Kill, cut off and stop everything while editions go out (an hour)
	$(BIN)/python -m bench.faults $(SCENARIOS)

soak: .venv/dev ## Ten minutes of everything at once on a grown installation; bench/soak.md
	$(BIN)/python -m bench.soak

fuzz: .venv/dev ## Give made-up bytes to all that reads strangers' (ten minutes)
	$(BIN)/python -m bench.fuzzing $(TARGETS)

audit: .venv/dev ## Ask whether a dependency has a known weakness
	$(BIN)/python .ci/audit

looks: .venv/dev browser ## Pictures of pages and mails, in looks/
	$(BIN)/python -m bench.looks

docs: .venv/dev ## The documentation as a site, in site/
	@$(BIN)/python -m docs.making

pictures: .venv/dev browser ## Take the pictures of docs/images/ anew
	$(BIN)/python -m pytest -q tests/end_to_end/test_newsroom_walk.py --pictures docs/images

reference: .venv/dev ## Write docs/reference/ anew from the code
	@$(BIN)/python -m docs.making reference

lock: ## Write requirements/*.txt anew from pyproject.toml (needs uv)
	uv pip compile -q pyproject.toml --universal --python-version 3.11 --generate-hashes --no-header -o requirements/run.txt
	uv pip compile -q pyproject.toml --group dev --universal --python-version 3.11 --generate-hashes --no-header -c requirements/run.txt -o requirements/dev.txt
	echo uv | uv pip compile -q - --universal --python-version 3.11 --generate-hashes --no-header --no-annotate -o requirements/uv.txt
	uv pip compile -q --group docs --universal --python-version 3.11 --generate-hashes --no-header -c requirements/dev.txt -o requirements/docs.txt
	uv pip compile -q --group build --universal --python-version 3.11 --generate-hashes --no-header -c requirements/dev.txt -o requirements/build.txt

clean: ## Remove what was built or fetched; data in var/ stays
	rm -rf .venv .programs dist looks site .coverage* .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	find . -name __pycache__ -not -path './.git/*' -prune -exec rm -rf {} +

# What is not Python comes from Debian, when it is not there.
CHROMIUM := 'chromium|chromium-browser=chromium,fonts-noto-core'

.PHONY: browser programs rivals shifting
browser:
	@.ci/install-debian $(CHROMIUM)

programs:
	@.ci/install-debian $(CHROMIUM) newsboat=newsboat r2e=rss2email spamassassin=spamassassin tidy=tidy dovecot=dovecot-imapd nginx=nginx

rivals:
	@.ci/install-debian nginx=nginx wrk=wrk taskset=util-linux
	@.ci/fetch-debian usr/sbin/smtp-sink=postfix

shifting: # what sets a database's clock back
	@.ci/fetch-debian 'usr/lib/*/faketime/libfaketime.so.1=libfaketime'

# Two marks say what .venv holds: what running needs, and what developing needs.
.venv/run: requirements/run.txt requirements/build.txt pyproject.toml
	@.ci/make-venv run build
	@touch $@

.venv/dev: requirements/run.txt requirements/dev.txt requirements/docs.txt requirements/build.txt pyproject.toml
	@.ci/make-venv dev docs build
	@touch $@ .venv/run
