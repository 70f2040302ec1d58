.DEFAULT_GOAL := help
PERSON ?= alice
MINUTES ?= 10
BASE_URL ?= http://localhost:4000

.PHONY: help
help: ## show this list
	@awk -F ':.*## ' '/^[a-z0-9-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

.PHONY: run
run: ## run everything on this machine
	@exec node dev/stack/src/run.js

.PHONY: check
check: ## check what needs no server: formatting, linters, types, unit tests
	@exec node dev/stack/src/check.js

.PHONY: test
test: ## check and test everything, beside a running `make run`
	@PORT_OFFSET=$${PORT_OFFSET:-20} exec node dev/stack/src/suite.js

.PHONY: chaos
chaos: ## break everything again and again under load, for MINUTES=10
	@exec node dev/stack/src/suite.js $(MINUTES)

.PHONY: token
token: ## print an access token of PERSON=alice while `make run` runs
	@exec node dev/logto/src/token.js $(PERSON)

.PHONY: types
types: ## write the React app's types of the API from the Go code
	@GOWORK=off go build -C dev/.encore -o ../../.data/bin/standin ./cmd/standin
	@.data/bin/standin types > frontend/src/features/api/types.gen.ts

.PHONY: e2e
e2e: ## test the HTTP surface of the backend at BASE_URL=http://localhost:4000
	@cd e2e && BASE_URL=$(BASE_URL) go test -count=1 ./http

.PHONY: screenshots
screenshots: ## take the picture in the README while `make run` runs
	@cd frontend && npm run --silent build
	@exec node e2e/browser/src/screenshots.js

.PHONY: bench
bench: ## measure speed side by side with other libraries and with Express
	@exec node bench/run.js

.PHONY: rename
rename: ## give the application your own name: NAME=acme MODULE=github.com/acme/app
	@exec node dev/stack/src/rename.js '$(NAME)' '$(MODULE)'

.PHONY: remove
remove: ## remove an example or an extra, the folder WHAT=…, with all that belongs to it
	@exec node dev/stack/src/remove.js $(WHAT)

.PHONY: clean
clean: ## remove everything that was installed, built or stored
	@exec node dev/stack/src/clean.js
