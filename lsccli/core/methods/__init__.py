"""One file per family of methods; a method is a function of a caption's words, or a search."""
