"""Looks at a name: does it resolve, how fast, and to what?"""
