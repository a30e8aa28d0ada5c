# `make up` sets up and runs the main job; `make test` passes the tests. `make help` lists the rest.
SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory
STACK ?= dev
BASE ?= main
PYTHON := .venv/bin/python
PATHS := __main__.py clients config components images ops diff providers protocol offline bench setup tests

.PHONY: help
help: ## list the targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /  make \1\t/' | expand -t 20

.PHONY: venv
venv:
	@setup/venv.sh

.PHONY: docker
docker: venv
	@setup/docker.sh $(STACK)

.PHONY: pulumi
pulumi: venv
	@setup/pulumi.sh

.PHONY: base
base: docker
	@bin/fate images base --host "$$($(PYTHON) -m setup.engine $(STACK))"

.PHONY: setup
setup: ## install what is missing: environment, Docker engine, Pulumi, base image
	@$(MAKE) -j2 pulumi base

.PHONY: up
up: setup ## bring up the stack (STACK=dev) and run FATE jobs on it
	@. setup/activate && fate repair --stack $(STACK) --if-interrupted
	@setup/stack.sh $(STACK)
	@. setup/activate && pulumi up --stack $(STACK) --yes --skip-preview --refresh=false
	@setup/unsalted.sh $(STACK)
	@. setup/activate && fate doctor --stack $(STACK) --if-changed

.PHONY: doctor
doctor: venv ## ask whether the federation works (STACK=dev), with real jobs
	@. setup/activate && fate doctor --stack $(STACK)

.PHONY: repair
repair: venv ## after a killed run, or what Pulumi cannot see (STACK=dev): put the stack right again
	@. setup/activate && fate repair --stack $(STACK)

.PHONY: down
down: ## take the stack away; its data volumes stay
	@. setup/activate && pulumi destroy --stack $(STACK) --yes --skip-preview
	@. setup/activate && $(PYTHON) -m setup.kept $(STACK)

.PHONY: cluster
cluster: venv ## a one-node Kubernetes on this machine, for tests and trials (root, Debian, Go)
	@setup/cluster.sh
	@$(PYTHON) -m offline.cluster up

.PHONY: cluster-down
cluster-down: venv ## take that Kubernetes away, with the data of its volumes
	@$(PYTHON) -m offline.cluster down

.PHONY: helm
helm: venv ## helm (Go), which renders charts where there is no official Kubernetes plugin
	@setup/helm.sh

.PHONY: preview
preview: venv ## what the changes since main (BASE=main) do to every stack, without an engine or a secret
	@bin/fate preview --base $(BASE) --head worktree

.PHONY: check
check: venv ## lint, types, import directions
	@.venv/bin/ruff check $(PATHS)
	@.venv/bin/ruff format --check $(PATHS)
	@.venv/bin/mypy $(PATHS)
	@.venv/bin/lint-imports

.PHONY: quick
quick: venv ## the tests that need neither an engine nor a cluster nor Pulumi (about four minutes)
	@$(PYTHON) -m pytest tests/unit tests/declared tests/harbor tests/security/test_workflows.py --numprocesses auto --quiet

.PHONY: test
test: export WITH_SSHD = yes
test: setup ## everything that this machine can run
	@setup/test.sh

.PHONY: bench
bench: setup ## speed, size and memory, beside what a user would have instead
	@[ ! -e .local/cluster/kubeconfig ] || setup/helm.sh || true
	@. setup/activate && $(PYTHON) -m bench

.PHONY: lock
lock: venv ## lock the Python requirements anew
	@.venv/bin/uv pip compile --quiet --generate-hashes --no-header requirements.in -o requirements.txt
	@.venv/bin/uv pip compile --quiet --generate-hashes --no-header requirements-dev.in -o requirements-dev.txt

.PHONY: clean
clean: ## remove the virtual environment and the checkout's binaries; state and secrets stay
	@rm -rf .venv .local/bin .local/checkov .local/mermaid .local/workflow-linters .local/pulumi-home .mypy_cache .ruff_cache .pytest_cache .hypothesis
