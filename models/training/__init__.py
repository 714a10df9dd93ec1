"""Trains next-track rankers from exported examples and writes them as bundles."""
