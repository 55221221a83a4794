"""The Home Office's tables of the National Referral Mechanism and the duty to notify: read, checked, kept."""
