"""Decoders: how Bob reads a packet; one file each."""
