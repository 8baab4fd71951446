# Two commands are all there is to know: `make demo` and `make test`. `make help` lists the others.
PYTHON ?= python3
VENV   := .venv
PIP    := $(VENV)/bin/python -m pip install --quiet --disable-pip-version-check -c constraints.txt
BELEG  := BELEG_CACHE=.beleg/cache $(VENV)/bin/beleg --library .beleg/library

# An LLM that the demo is to pull, to where `make clean` finds it, and let write: `make demo WRITER=qwen2.5-coder-1.5b`.
WRITER   ?= none
WRITING  := BELEG_MODELS=.beleg/models $(BELEG)
QUESTION := "How many North Korean troops are in Kursk?"

# llama.cpp without AMX: compilers lose the configuration of its tiles, and the first sentence that is read ends
# the process. Where these flags are unknown (other processors, older compilers) there is no AMX to leave out.
NO_AMX := -mno-amx-tile -mno-amx-int8 -mno-amx-bf16
KNOWN  := $(shell uname -m | grep -qx -e x86_64 -e amd64 && echo 'int i;' | $(CC) $(NO_AMX) -fsyntax-only -x c - 2>/dev/null && echo yes)
BUILD  := $(if $(KNOWN),CFLAGS="$(CFLAGS) $(NO_AMX)" CXXFLAGS="$(CXXFLAGS) $(NO_AMX)")

.PHONY: help demo test test-llms check lint eval stress clean

# An LLM that cannot be had here, or not be run, is told in a line and no failure: the answer stands above it.
demo: $(VENV)/installed  ## install, index the seed articles, ask a question, print the cited answer
	@$(BELEG) index seeds/
	@$(BELEG) ask --mode quote $(QUESTION)
ifneq ($(WRITER),none)
	@$(WRITING) models pull --quiet $(WRITER) && printf '\nWritten by %s, and checked:\n' $(WRITER) && \
		$(WRITING) ask --mode compose --llm $(WRITER) $(QUESTION) || true
endif
	@echo && $(VENV)/bin/beleg models offer

help:  ## this list
	@sed -n 's/^\([a-z-]*\):.*## /\1\t/p' Makefile | expand -t 10

eval: $(VENV)/installed  ## how good the answers to the seeds' questions are
	@$(BELEG) index seeds/
	@$(BELEG) eval seeds/questions.jsonl -o .beleg/eval.jsonl --html .beleg/eval.html

check: lint  ## for while you write: the linters, and all tests that take no model, process or screen (under a minute)
	$(VENV)/bin/python -m pytest -n 2 -m "not stress and not slow"

test: lint  ## what has to pass: the linters and the whole suite (20 minutes on two cores)
	$(VENV)/bin/python -m pytest -n 2 --dist worksteal

test-llms: $(VENV)/installed-test  ## what the LLMs that write do for real: pulls two (1.6 GB, kept), some 5 minutes
	BELEG_TEST_MODELS=$(CURDIR)/.beleg/models $(VENV)/bin/python -m pytest -m pulled tests/pulled_models

# BELEG_STRESS_ROUNDS, _CASES, _QUESTIONS, _SEED and others make it shorter or other: see tests/benchmarks/ROBUSTNESS.md.
# The models are prepared once, as for the demo.
stress: $(VENV)/installed-test  ## kill, fill, lock, fuzz and soak for some hours; figures go to .beleg/stress
	BELEG_TEST_CACHE=$(CURDIR)/.beleg/cache $(VENV)/bin/python -m pytest -m stress -s tests

lint: $(VENV)/installed-test  ## ruff, mypy, and the contracts of packages
	$(VENV)/bin/ruff check
	$(VENV)/bin/ruff format --check
	$(VENV)/bin/mypy
	$(VENV)/bin/lint-imports

# torch first: a machine that offers a build of just this version, for CPUs say, gives that one.
$(VENV)/installed: pyproject.toml constraints.txt
	test -x $(VENV)/bin/python || $(PYTHON) -m venv $(VENV)
	$(PIP) torch==2.13.0
	@echo "installing; llama-cpp-python is compiled once, which takes some minutes"
	$(BUILD) $(PIP) --editable .
	$(VENV)/bin/python -c 'import llama_cpp as l, sys; sys.exit("AMX_INT8 = 1" in l.llama_print_system_info().decode())' || \
		$(BUILD) $(PIP) --force-reinstall --no-deps --no-cache-dir --no-binary llama-cpp-python llama-cpp-python
	@touch $@

$(VENV)/installed-test: $(VENV)/installed
	$(PIP) --editable '.[test]'
	@touch $@

clean:  ## remove what was installed, prepared and measured
	rm -rf $(VENV) .beleg build *.egg-info
