"""One file per metric: how close is Bob's image to Alice's."""
