"""Looks at a port of this machine: who listens there?"""
