"""Channel models: one file each, with its options, error rates and capacity."""
