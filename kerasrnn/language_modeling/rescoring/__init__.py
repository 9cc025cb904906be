"""What a recogniser heard, ordered anew: n-best lists, lattices and word errors."""
