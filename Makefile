# How the storybook bundle is made. Every trainer resumes where it stopped; LSC_TRAIN holds banks and checkpoints.
# Scenes are drawn with the font of the package fonts-noto-color-emoji (Debian, Ubuntu).
#
# A rehearsal, seven to eight minutes of computing, that leaves the bundle as it is (distillation listens to the
# Bob who ships):
#     make rehearsal
PYTHON ?= python
LSC_TRAIN ?= $(HOME)/lsc-train
LSC_BUNDLE ?= lsccli/bundle/storybook
export LSC_TRAIN LSC_BUNDLE
SHARE ?= 1
SCENES ?= 120000
HELD ?= 3000
COUNT ?= 300
JUDGED ?= 1000
LARGE ?= $(JUDGED)
CURVE ?= 60
minutes = --minutes $(shell awk 'BEGIN { print $(1) * $(SHARE) }') --threads 1

RESULTS ?= $(HOME)/lsc-results
IMAGES ?= 100
SEARCHED ?= 24
CHOOSERS = order random Alice bothAtt:contribute bothAtt:combination bothcrossatt \
	$(addprefix partBob:,most least both) $(addprefix partBob_clipTX:,most least both) \
	$(addprefix prompttune:,nouns nounsverbs heads heads_partBob heads_random heads_skd)

.PHONY: mutants bundle rehearsal further banks receiver language evaluate examples results noise

bundle: banks language receiver examples evaluate

rehearsal:
	$(MAKE) bundle SHARE=0.002 SCENES=2000 HELD=500 COUNT=10 JUDGED=10 LARGE=4 CURVE=1 \
		LSC_TRAIN=/tmp/lsc-rehearsal/train LSC_BUNDLE=/tmp/lsc-rehearsal/bundle

banks: $(LSC_TRAIN)/bank/pictures.npy $(LSC_TRAIN)/bank-held/pictures.npy

$(LSC_TRAIN)/bank/pictures.npy:
	$(PYTHON) -m training.bank $(LSC_TRAIN)/bank --count $(SCENES) --seed 1

$(LSC_TRAIN)/bank-held/pictures.npy:
	$(PYTHON) -m training.bank $(LSC_TRAIN)/bank-held --count $(HELD) --seed 2 --split held_out

# Minutes are of one core with AVX-512 that is left alone; without AVX-512 a minute holds far fewer samples.
# --threads 2 on a quiet machine is faster.
receiver: banks
	$(PYTHON) -m training.classifier $(call minutes,10)
	$(PYTHON) -m training.autoencoder $(call minutes,9)
	$(PYTHON) -m training.receiver $(call minutes,78)
	$(PYTHON) -m training.receiver --export

# Takes the shipped receiver further, until it is stopped; `--cool MINUTES` finishes a copy.
further: banks
	$(PYTHON) -m training.further

# The text tower comes first: the receiver is conditioned on it.
language: banks
	$(PYTHON) -m training.text_tower --minutes $(shell awk 'BEGIN { print 14 * $(SHARE) }') --batch 128
	$(PYTHON) -m training.vision $(call minutes,17)
	$(PYTHON) -m training.captioner alice $(call minutes,7.5) --freeze-vision
	$(PYTHON) -m training.captioner alice --export --count $(COUNT)
	$(PYTHON) -m training.captioner bob $(call minutes,9) --freeze-vision
	$(PYTHON) -m training.captioner bob --export --count $(COUNT)
	$(PYTHON) -m training.matcher $(call minutes,8) --freeze-vision
	$(PYTHON) -m training.matcher --export --count $(COUNT)
	$(PYTHON) -m training.matcher --plain $(call minutes,8)
	$(PYTHON) -m training.matcher --plain --export --count $(COUNT)
	$(PYTHON) -m training.clip $(call minutes,5)
	$(PYTHON) -m training.clip --export --count $(COUNT)
	$(PYTHON) -m training.distil --listen $(shell awk 'BEGIN { print 4 * $(SHARE) }') $(call minutes,5)
	$(PYTHON) -m training.distil --export --count $(COUNT)

examples:
	$(PYTHON) -m training.examples

evaluate:
	$(PYTHON) -m training.evaluate --count $(JUDGED) --large $(LARGE) --curve $(CURVE)

# The first tables of docs/results.md, on the fresh scenes (training.recipe): pictures, runs, reports, tables.
# What was drawn is kept in $(RESULTS), so that an interrupted run goes on. All of it took 92 minutes (30,466 pictures) on
# one thread of two busy cores without AMX, 53 of them computing.
results noise: LSC = LSC_DB=sqlite:///$(RESULTS)/lsc.sqlite $(PYTHON) -m lsccli --dtype bfloat16
results: RUN = $(LSC) run $(RESULTS)/fresh --limit $(IMAGES)
results: REPORT = $(LSC) --json report --compare --data $(RESULTS)/fresh --limit $(IMAGES)
results:
	$(PYTHON) -m training.recipe draw $(RESULTS)/fresh
	$(RUN) $(addprefix --method ,$(CHOOSERS))
	$(RUN) --method order --method random --method prompttune:heads --method Alice --reorder free
	$(LSC) --models examples/untaught-matcher.toml run $(RESULTS)/fresh --limit $(IMAGES) --method Alice --method bothcrossatt
	$(RUN) --method order --method random --captioner clip
	$(RUN) --method order --method random --captioner skd
	$(LSC) run $(RESULTS)/fresh --limit $(SEARCHED) --method order --method allBob --method allBob_clipTX
	$(REPORT) > $(RESULTS)/order.json
	$(REPORT) --baseline random > $(RESULTS)/random.json
	$(REPORT) --baseline prompttune:heads > $(RESULTS)/heads.json
	$(REPORT) --by words > $(RESULTS)/words.json
	$(REPORT) --limit 12 > $(RESULTS)/twelve.json
	$(REPORT) --limit $(SEARCHED) > $(RESULTS)/searched.json
	$(PYTHON) -m benchmarks.tables methods $(addprefix $(RESULTS)/,order.json random.json heads.json)
	$(PYTHON) -m benchmarks.tables axes $(RESULTS)/order.json $(RESULTS)/words.json
	$(PYTHON) -m benchmarks.tables axes $(RESULTS)/order.json $(RESULTS)/twelve.json
	$(PYTHON) -m benchmarks.tables methods $(RESULTS)/searched.json

# The table on noise of docs/results.md, in the same store: caption order over QPSK and AWGN, each scheme over the range
# in which it goes from nothing to everything.
noise: RUN = $(LSC) run $(RESULTS)/fresh --limit $(SEARCHED) --method order --channel awgn --modulation qpsk
noise:
	$(PYTHON) -m training.recipe draw $(RESULTS)/fresh
	$(RUN) --ebn0-db=1:10:3
	$(RUN) --ebn0-db=1:10:3 --scc longer
	$(RUN) --ebn0-db=1:10:3 --framing coded
	$(RUN) --ebn0-db=0:4:2 --code ldpc5g
	$(RUN) --ebn0-db=-2:10:4 --source-code lm
	$(RUN) --ebn0-db=-9:3:3 --decoder vocabulary
	$(RUN) --ebn0-db=-9:3:3 --decoder vocabulary --framing fixed
	$(RUN) --ebn0-db=-9:3:3 --decoder vocabulary --scc longer
	$(RUN) --ebn0-db=-9:3:3 --decoder vocabulary --scc distance
	$(RUN) --ebn0-db=-9:3:3 --decoder language
	$(RUN) --ebn0-db=-9:0:3 --decoder vocabulary --code ldpc5g
	$(LSC) --json report --compare --channel awgn --data $(RESULTS)/fresh --limit $(SEARCHED) > $(RESULTS)/noisy.json
	$(PYTHON) -m benchmarks.tables energy $(RESULTS)/noisy.json --figure docs/energy.png

# Which changes of the code no test notices. Hours on one core for all; MUTANTS names a part, such as
# 'lsccli.core.report.inference.*'. Needs the extra `mutants`.
MUTANTS ?=
mutants:
	$(PYTHON) -m mutmut run --max-children 1 $(MUTANTS)
	$(PYTHON) -m mutmut results
	$(PYTHON) -m mutmut export-cicd-stats
	cat mutants/mutmut-cicd-stats.json
