"""All that enters the sandbox: what runs student code, and the form of what goes in and out.

The judge uses that form, too: `requests`, `wire`, `families` and `limits`. Nothing here imports
anything of the judge's side.
"""
