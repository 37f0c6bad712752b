"""Before and after -> findings: every entry was its maker's right, every file says what its ledger says.

Pure; the command line, CI and the server all ask here.
"""
