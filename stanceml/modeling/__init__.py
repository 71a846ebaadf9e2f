"""`X`, `y` and groups in; fitted pipelines, reports and sealed folders out."""
