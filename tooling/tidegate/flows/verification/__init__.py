"""The parts of `verify`: what a proposal says that it is, and what the verbs write instead."""
