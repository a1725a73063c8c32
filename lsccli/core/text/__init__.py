"""Words, their alignment with other tokenisations, heads, and attention between words."""
