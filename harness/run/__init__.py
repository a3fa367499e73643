"""Plan -> prompt -> judge -> verdict -> store: the only loop over calls."""
