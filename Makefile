# Everything is one command from a bare clone; see `make help`.

SHELL := /bin/bash
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory

SETUP := Sources/Setup
TOOLS := .build/release
SWIFT := sh $(SETUP)/swift.sh
EXPERIMENTS := $(sort $(notdir $(wildcard Experiments/exp*)))
EXPERIMENT_TARGETS := $(EXPERIMENTS:exp%=exp-%)

# Data files that lie beside the clone are used unless the user says otherwise.
ifeq ($(origin AIS_DATA),undefined)
ifneq ($(wildcard ../shared/data),)
export AIS_DATA := $(CURDIR)/../shared/data
endif
endif

# VARIABLE:flag, for every variable an experiment may take. An unset variable emits no flag, so
# defaults live only in Swift, and an experiment answers for itself the flags it does not have.
OPTIONS := MODEL:model DTYPE:dtype THREADS:threads N:n SEED:seed MODE:mode ALPHA:alpha \
  K_SKIP:k-skip GROUPS:groups BUDGET:budget THRESHOLD:threshold LAYERS:layers CONFIDENCE:confidence \
  NEIGHBORS:neighbors PIVOT:pivot SYNTHETIC:synthetic PROTOCOL:protocol SHOTS:shots BATCH:batch \
  PAIRS:pairs FIT_TOKENS:fit-tokens QUESTIONS:questions FORMATS:formats TOKENS:tokens ROUTER:router \
  READOUT:readout SHARD:shard THRESHOLDS:thresholds LABELS:labels BALANCE:balance MIN_LAYERS:min-layers \
  KV_FILL:kv-fill DATA:data OUT:out

# $(call quoted,NAME): the variable's value as one word for the shell, whatever is in it.
quoted = '$(subst ','\'',$(value $1))'
# $(call opt,NAME:flag): --flag='value' where the user gave NAME on make's command line.
opt = $(call opt_,$(word 1,$(subst :, ,$1)),$(word 2,$(subst :, ,$1)))
opt_ = $(if $(filter command,$(origin $1)),$(if $(value $1),--$2=$(call quoted,$1)))
# $(call given,NAME): 'value' where the user gave NAME on make's command line.
given = $(if $(filter command,$(origin $1)),$(call quoted,$1))
FLAGS = $(foreach option,$(OPTIONS),$(call opt,$(option))) $(if $(filter 0 no,$(RESUME)),--no-resume)

.PHONY: help setup toolchain packages model build data test lint clean report diff bench bench-peers \
  $(EXPERIMENT_TARGETS)

help: ## this text, and every experiment with its variables and defaults
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1	\2/p' Makefile | expand -t 16
	@echo '  make exp-NNN  run experiment NNN; writes Results/expNNN.md and Results/expNNN/*.h5'
	@bash $(SETUP)/help.sh $(EXPERIMENTS)

setup: packages model build ## packages, default model, release build; the tools land in .build/release

toolchain:
	@sh $(SETUP)/toolchain.sh

packages: toolchain
	@sh $(SETUP)/packages.sh

model: packages ## fetches and checks the default model, or MODEL=name, or MODEL=owner/name from the hub
	@sh $(SETUP)/model.sh $(if $(filter command,$(origin MODEL)),$(if $(value MODEL),$(call quoted,MODEL)))

build: packages
	@$(SWIFT) build -c release

data: build ## downloads dolly-15k and MMLU into the cache, with checksums and resume
	@$(TOOLS)/ais data

$(EXPERIMENT_TARGETS): exp-%: setup
	@$(TOOLS)/exp$* $(FLAGS)

# Reached only by a number that is no experiment.
exp-%: FORCE
	@echo "ais: there is no experiment $*; there are: $(EXPERIMENTS:exp%=%)" >&2; exit 2
FORCE:

# The flag keeps tests on the very objects of the release build, instead of compiling all again.
# Python's packages let it open what AIS wrote; without them those tests say that they are skipped.
test: setup ## the whole test suite
	@AIS_PYTHON=$$(sh $(SETUP)/python_peers.sh) \
	  $(SWIFT) test -c release --disable-testable-imports

# Without FORMATS each is measured.
bench: setup ## the engine against this machine's own measured ceilings, by format, length, batch and depth
	@$(TOOLS)/bench $(FLAGS)

# The other engines' Python lives in the cache: `sh Sources/Setup/bench_peers.sh --remove` deletes it.
bench-peers: setup ## the engine beside transformers and llama.cpp, in turns, on the same tokens
	@python=$$(sh $(SETUP)/bench_peers.sh) && AIS_BENCH_PYTHON=$$python $(TOOLS)/bench --peers $(FLAGS)

report: build ## every Results page and picture again, from the result files; or those in OUT=folder
	@$(TOOLS)/ais results report $(call given,OUT)

diff: build ## what moved between two result files, A=file and B=file, and whether beyond noise
	@$(TOOLS)/ais results diff $(call given,A) $(call given,B)

lint: toolchain ## format and lint, nothing changed
	@$(SWIFT) format lint --strict --recursive --configuration .swift-format \
	  Sources Experiments Tests Package.swift

clean: ## removes what was built, and nothing else
	@rm -rf .build
