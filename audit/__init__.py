"""The evaluators' instrument: checklists, visits and findings. It uses the registry's verbs; the registry never
uses it.
"""
