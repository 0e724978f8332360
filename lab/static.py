"""Static files under hashed names, imports between JavaScript modules included."""

from __future__ import annotations

from whitenoise.storage import CompressedManifestStaticFilesStorage


class Static(CompressedManifestStaticFilesStorage):
    """WhiteNoise's storage, told to rewrite `import … from "./x.js"` too."""

    support_js_module_import_aggregation = True
