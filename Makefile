# What each target does is done by programs that explain themselves: python3 -m lab.setup --help
#
# Variables, on the command line or in the environment: PORT, HOST, LAB_DATA (where the lab lives),
# LAB_TEST_DATA (where the tests build and run; never a lab's folder).

PYTHON := /usr/bin/python3 -B
LAB_TEST_DATA ?= /var/lib/docker-run-kubectl-apply-test
TEST := LAB_DATA="$(LAB_TEST_DATA)" $(PYTHON) -m lab.setup
TEST_PYTHON := LAB_DATA="$(LAB_TEST_DATA)" "$(LAB_TEST_DATA)/current/venv-dev/bin/python"

.PHONY: up down doctor tools-archive test test-vm check bench screenshots

up:
	@$(PYTHON) -m lab.setup up

down:
	@$(PYTHON) -m lab.setup down

doctor:
	@$(PYTHON) -m lab.setup doctor $(if $(JSON),--json)

tools-archive:
	@$(PYTHON) -m lab.setup tools-archive

test:
	@$(TEST) prepare --dev
	@$(TEST) test

test-vm:
	@$(TEST) prepare --dev
	@LAB_VM_TESTS="$(or $(LAB_VM_TESTS),all)" $(TEST_PYTHON) -m pytest tests/vm

check:
	@$(TEST) prepare venv-dev
	@$(TEST) check

bench:
	@$(TEST) prepare --dev
	@$(TEST_PYTHON) -m bench

screenshots:
	@$(TEST) prepare --dev
	@$(TEST_PYTHON) -m tests.browser.screenshots
