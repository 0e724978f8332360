"""Images that the lab's own registry lacks, fetched from another and kept: a pull-through cache."""
