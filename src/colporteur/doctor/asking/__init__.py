"""What the doctor looks at: each module asks one thing and hands back what it found, unjudged."""
