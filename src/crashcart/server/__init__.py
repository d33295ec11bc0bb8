"""`crashcart hook`: a small receiver that diagnoses what others' alerts are about, and posts the report."""
