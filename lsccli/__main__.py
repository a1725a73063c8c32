"""`python -m lsccli` is `lsc`."""

from lsccli.cli import main

main()
