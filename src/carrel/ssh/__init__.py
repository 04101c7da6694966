"""What both ends of our SSH connections share."""
