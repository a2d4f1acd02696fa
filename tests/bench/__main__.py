"""`make bench`: results as ratios within one run, since machines differ and are noisy."""

from . import hit_path

if __name__ == "__main__":
    hit_path.run()
