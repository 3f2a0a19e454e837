"""Lists of readers, read in: from files of other tools and of our own."""
