"""What comes back: bounces, complaints, and what they do to a reader."""
