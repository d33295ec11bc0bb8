"""Looks at ports: does anything accept a connection?"""
