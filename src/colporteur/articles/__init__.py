"""Articles: read from files, cleaned, recognised, numbered, kept with their versions."""
