"""The audit: whether every row that went in can be accounted for at every hop, from the log and the books."""

from lacuna_runtime.audit.audit import audit
from lacuna_runtime.audit.verdict import AuditReport, Hop

__all__ = ["AuditReport", "Hop", "audit"]
