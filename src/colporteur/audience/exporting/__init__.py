"""Lists of readers, written out: as ours, or as other tools take them."""
