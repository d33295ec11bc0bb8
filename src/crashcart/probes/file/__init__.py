"""Looks at a file from outside: is it there, how old, who may write it?"""
