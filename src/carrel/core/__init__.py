"""What a workspace is and what should happen next: pure, no I/O, no clock, no framework."""
