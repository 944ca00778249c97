"""The reference agent: `python -m runtime_adapters.agent`.

Stand-alone on purpose: standard library, `cryptography` and the adapter contract, nothing else of ours. It pulls the
signed desired state of its runtime, writes each approved release into a folder, runs a reload command, and tells
what it did and how the work goes. It keeps working from its last good state while nobody answers.
"""
