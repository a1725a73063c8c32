"""The kinds of files that `lsc report --out` writes; a new module here adds one."""
