"""The catalogue: normalises the publishers' files into the factor pack, and reads the pack back."""
