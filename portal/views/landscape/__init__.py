"""The landscape: one list, one page and one form for each kind of thing, made from a description of the kind."""
