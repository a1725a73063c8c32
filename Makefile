# How the storybook bundle is made. Every trainer resumes where it stopped; LSC_TRAIN holds banks and checkpoints.
PYTHON ?= python
LSC_TRAIN ?= $(HOME)/lsc-train
export LSC_TRAIN

.PHONY: bundle banks receiver language evaluate examples

bundle: banks language receiver examples evaluate

banks: $(LSC_TRAIN)/bank/pictures.npy $(LSC_TRAIN)/bank-held/pictures.npy

$(LSC_TRAIN)/bank/pictures.npy:
	$(PYTHON) -m training.bank $(LSC_TRAIN)/bank --count 120000 --seed 1

$(LSC_TRAIN)/bank-held/pictures.npy:
	$(PYTHON) -m training.bank $(LSC_TRAIN)/bank-held --count 3000 --seed 2 --split held_out

# Minutes are of one core that is left alone; --threads 2 on a quiet machine is faster.
receiver: banks
	$(PYTHON) -m training.classifier --minutes 10 --threads 1
	$(PYTHON) -m training.autoencoder --minutes 9 --threads 1
	$(PYTHON) -m training.receiver --minutes 78 --threads 1
	$(PYTHON) -m training.receiver --export

# The text tower comes first: the receiver is conditioned on it.
language: banks
	$(PYTHON) -m training.text_tower --minutes 14 --batch 128
	$(PYTHON) -m training.vision --minutes 17 --threads 1
	$(PYTHON) -m training.captioner alice --minutes 7.5 --threads 1 --freeze-vision
	$(PYTHON) -m training.captioner alice --export
	$(PYTHON) -m training.captioner bob --minutes 9 --threads 1 --freeze-vision
	$(PYTHON) -m training.captioner bob --export
	$(PYTHON) -m training.matcher --minutes 8 --threads 1 --freeze-vision
	$(PYTHON) -m training.matcher --export
	$(PYTHON) -m training.clip --minutes 5 --threads 1
	$(PYTHON) -m training.clip --export
	$(PYTHON) -m training.distil --listen 4 --minutes 5 --threads 1
	$(PYTHON) -m training.distil --export

examples:
	$(PYTHON) -m training.examples

evaluate:
	$(PYTHON) -m training.evaluate
