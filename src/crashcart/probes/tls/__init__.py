"""Looks at a secure connection: is the certificate good, for that name, and for how long?"""
