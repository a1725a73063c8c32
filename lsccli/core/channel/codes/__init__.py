"""Channel codes: one file each, or one for a family."""
