# Everything is done by programs that explain themselves: python3 -m lab.setup --help

PYTHON := /usr/bin/python3 -B
LAB_TEST_DATA ?= /var/lib/docker-run-kubectl-apply-test

.PHONY: up down doctor

up:
	@$(PYTHON) -m lab.setup up

down:
	@$(PYTHON) -m lab.setup down

doctor:
	@$(PYTHON) -m lab.setup doctor $(if $(JSON),--json)
