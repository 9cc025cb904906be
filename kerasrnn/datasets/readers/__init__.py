"""How files are read: rows and columns, images, times, and what is guessed of them."""
