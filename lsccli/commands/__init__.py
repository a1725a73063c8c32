"""One file per command: read options, call core, print."""
