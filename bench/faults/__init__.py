"""``make faults``: real processes are killed, cut off and restarted while an edition goes out."""
