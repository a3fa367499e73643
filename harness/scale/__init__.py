"""The same plan on many machines: planned once into a shared store, asked by workers, collected as a run."""
