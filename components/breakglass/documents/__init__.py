"""Policy documents as values: plain arguments in, a document out. Nothing here knows Pulumi.

Rules that hold for every document: no ``NotPrincipal`` (what AWS makes of it is unsettled), full
ARNs with account ids in every exception, and a Sid for every statement, so that a verdict can name
it.
"""

from breakglass.documents.statement import Document, Statement, document

__all__ = ["Document", "Statement", "document"]
