"""The benchmarks that `make bench` runs, each beside its own floor taken in the same run."""
