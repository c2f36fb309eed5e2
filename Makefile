# Everything is one command from a bare clone; see `make help`.

# What a user gives is text: made so before all else, whatever commands it spells. `=` can be no
# variable of theirs, so it can be the loop's.
override given := $(strip \
  $(foreach =,$(.VARIABLES),$(if $(filter command,$(origin $(=))),$(=))))
$(foreach =,$(given),$(eval override $$(=) := $$(value $$(=))))

override SETUP := Sources/Setup
override TOOLS := .build/release
override SWIFT := bash $(SETUP)/swift.sh
override EXPERIMENTS := $(sort $(notdir $(wildcard Experiments/exp*)))
override EXPERIMENT_TARGETS := $(EXPERIMENTS:exp%=exp-%)
.DEFAULT_GOAL := help

# A variable that a goal does not know is refused before any work, and so is one of its own that is
# set in the environment: see check.sh. targets.txt says which target knows which variables; in it,
# too, are those that count in either place, such as AIS_CACHE.
override quoted = '$(subst ','\'',$1)'
override refusal := $(shell sh $(SETUP)/check.sh $(call quoted,$(or $(MAKECMDGOALS),help)) \
  $(call quoted,$(given)) $(call quoted,$(foreach =,$(given),$(if $(value $(=)),,$(=)))))
ifneq ($(refusal),)
$(error ais: $(refusal))
endif
override wrong := $(foreach =,$(filter RESUME FORCE SUITE,$(given)),$(if \
  $(filter $($(=)),$(filter 0 1 no yes,$($(=)))),,$(=)=$($(=))))
ifneq ($(wrong),)
$(error ais: $(firstword $(wrong)): expected 1 or 0, yes or no)
endif
ifneq ($(and $(filter DEVICE,$(given)),$(filter-out cpu cuda,$(DEVICE))),)
$(error ais: DEVICE=$(DEVICE): expected cpu or cuda)
endif

# Values reach tools through the environment, none as words of a command: run.sh makes options of them.
export $(given)
export AIS_GIVEN := $(given)

# With -q make ends with a tool's status 1 as it does with 0 and 2, and says nothing of it; `+` runs
# recipes all the same. A user's own -n, -q and -t run nothing. Tools must not hear of make's options.
override options := $(filter-out --%,$(firstword -$(MAKEFLAGS)))
ifeq ($(findstring n,$(options))$(findstring q,$(options))$(findstring t,$(options)),)
MAKEFLAGS += -q
override run := +@
else
override run := @
endif
MAKEFLAGS += --no-print-directory
unexport MAKEFLAGS MFLAGS MAKEOVERRIDES

# Data files that lie beside the clone are used unless the user says otherwise.
ifeq ($(origin AIS_DATA),undefined)
ifneq ($(wildcard ../shared/data/*.jsonl),)
export AIS_DATA := $(CURDIR)/../shared/data
endif
endif

.PHONY: help setup toolchain packages model build data test lint clean report diff bench bench-peers \
  $(EXPERIMENT_TARGETS)

help:
	$(run)sh $(SETUP)/help.sh

# The compiler of kernels is fetched before a run only if the device is there.
override required = $(if $(filter exp-% bench bench-peers,$(MAKECMDGOALS)), \
  $(TOOLS)/ais devices --require="$$DEVICE" &&)

setup: packages model build
	$(run)$(if $(filter DEVICE,$(given)),$(required) sh $(SETUP)/cuda.sh "$$DEVICE",:)

toolchain:
	$(run)sh $(SETUP)/toolchain.sh

packages: toolchain
	$(run)sh $(SETUP)/packages.sh

model: packages
	$(run)sh $(SETUP)/model.sh $(if $(filter MODEL,$(given)),"$$MODEL")

build: packages
	$(run)bash $(SETUP)/build.sh

data: build
	$(run)sh $(SETUP)/data.sh $(TOOLS)/ais $(if $(filter SUITE,$(given)),"$$SUITE")

$(EXPERIMENT_TARGETS): exp-%: setup
	$(run)sh $(SETUP)/run.sh $(TOOLS)/exp$*

# The flag keeps tests on the very objects of the release build, instead of compiling all again.
# Python's packages let it open what AIS wrote; without them those tests say that they are skipped.
test: setup
	$(run)AIS_PYTHON=$$(sh $(SETUP)/python_peers.sh) \
	  $(SWIFT) test -c release --disable-testable-imports

bench: setup
	$(run)sh $(SETUP)/run.sh $(TOOLS)/bench

# The other engines' Python lives in the cache: `sh Sources/Setup/bench_peers.sh --remove` deletes it.
# On a GPU the user's own Python serves.
override on_gpu := $(if $(filter DEVICE,$(given)),$(filter cuda,$(DEVICE)))
bench-peers: setup
	$(run)python=$$(sh $(SETUP)/bench_peers.sh $(if $(on_gpu),--gpu)) && \
	  AIS_BENCH_PYTHON=$$python sh $(SETUP)/run.sh $(TOOLS)/bench --peers

report: build
	$(run)$(TOOLS)/ais results report $(if $(filter OUT,$(given)),-- "$$OUT")

diff: build
	$(run)$(TOOLS)/ais results diff -- "$$A" "$$B"

lint: toolchain
	$(run)$(SWIFT) format lint --strict --recursive --configuration .swift-format \
	  Sources Experiments Tests Package.swift

clean:
	$(run)rm -rf .build
