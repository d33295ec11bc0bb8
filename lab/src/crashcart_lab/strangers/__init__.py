"""Services that nobody here wrote: installed from public packages, run with real parts, broken by outside means."""
