"""What the doctor makes of what was found: pure rules, each finding with its cure."""
