"""One file per captioner: an image turned into words."""
