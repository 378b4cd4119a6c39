# Two commands carry the house: `make demo` and `make test`. Both work from nothing but Python and make.
PYTHON ?= python3
BIN := .venv/bin
SCHOOLS ?= 24
PORT ?= 8000

.PHONY: demo test deep check setup bare lock clean

setup:
	@$(PYTHON) infra/setup/bootstrap.py

demo: setup  ## the demo city from nothing, then serves it in the foreground
	@exec $(BIN)/afterbell demo --schools $(SCHOOLS) --port $(PORT)

check: setup  ## lint, types, import contracts
	@bash infra/setup/check.sh

test: check  ## everything
	@$(BIN)/python infra/setup/browser.py
	@$(BIN)/python -m pytest -n auto

deep: setup  ## every part of every sweep at once (tests/breadth.py): hours
	@$(BIN)/python infra/setup/browser.py
	@AFTERBELL_DEEP=1 $(BIN)/python -m pytest -n auto

bare:  ## proves both on bare Debians in chroots (debootstrap, root); else says what it proved instead
	@$(PYTHON) infra/setup/bare.py

lock: setup  ## compile requirements.lock and package-lock.json anew
	@$(BIN)/uv pip compile --system-certs --no-config --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header --quiet --extra dev pyproject.toml -o requirements.lock

clean:  ## remove what set-up made; keeps the data under .afterbell
	@rm -rf .venv node_modules staticfiles
