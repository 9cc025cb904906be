"""Videos of a user's own: folders of images, animated GIFs, arrays, and tables of their labels."""
