"""Known ways to fail, one small file each, all of the same shape: words, match, SIGNATURE."""
