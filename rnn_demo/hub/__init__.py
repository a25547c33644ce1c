"""The Hugging Face Hub: push what you trained, load what others trained, publish a demo.

In reading order:
    address      user/name[@revision], nothing else
    credential   who acts, and with which token; the token never shows itself
    trouble      everything that can go wrong, a sentence for each
    snippet, picture, card, merge   what the model card is made of
    client       runs an errand in a child process, inside a deadline
    errand, remote, explain         that child: the only code that talks to the Hub
    push, pull, space, autosave     what a person can do

This file stays empty of imports, so that the child starts without PyTorch.
"""
