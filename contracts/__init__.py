"""What services say to each other: topics as data, event models, and the shapes that requests and answers share. Only grows."""
