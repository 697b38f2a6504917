"""Search, written: the index, which is derived and can always be made anew."""
